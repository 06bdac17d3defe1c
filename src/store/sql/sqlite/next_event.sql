UPDATE runs SET last_event = last_event + 1 WHERE id = ?1 RETURNING last_event;

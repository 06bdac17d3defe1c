SELECT number, body FROM run_events WHERE run = ?1 AND number > ?2 ORDER BY number LIMIT ?3;

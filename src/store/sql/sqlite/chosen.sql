UPDATE runs SET selection = ?2, requested_by = ?3, session_uuid = ?4 WHERE id = ?1;

UPDATE runs SET requested_by = ?2, projects = ?3, calls = ?4 WHERE id = ?1;

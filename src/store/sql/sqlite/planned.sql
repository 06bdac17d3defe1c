UPDATE runs SET requested_by = ?2, projects = ?3, calls = ?4, barred = ?5 WHERE id = ?1;

INSERT INTO run_events (run, number, at, phase, body) VALUES (?1, ?2, ?3, ?4, ?5);

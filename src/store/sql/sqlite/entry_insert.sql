INSERT INTO light_entries (entry, run) VALUES (?1, ?2);

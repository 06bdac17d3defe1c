INSERT INTO signatures (action, signature, run) VALUES (?1, ?2, ?3);

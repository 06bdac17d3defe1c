INSERT INTO leases (project, run, until) VALUES (?1, ?2, ?3)
ON CONFLICT (project) DO UPDATE SET run = excluded.run, until = excluded.until
WHERE leases.run = excluded.run OR leases.until <= ?4;

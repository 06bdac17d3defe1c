INSERT INTO light_entries (entry, run) VALUES (?1, ?2) ON CONFLICT DO NOTHING;

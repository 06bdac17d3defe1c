INSERT INTO plans (run, plan, memory) VALUES (?1, ?2, ?3)
ON CONFLICT (run) DO UPDATE SET plan = excluded.plan, memory = excluded.memory;

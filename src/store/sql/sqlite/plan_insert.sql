INSERT INTO plans (run, plan, memory, kept) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (run) DO UPDATE SET plan = excluded.plan, memory = excluded.memory, kept = excluded.kept;

DELETE FROM run_events WHERE run = ?1 AND phase = ?2;

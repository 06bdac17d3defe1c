-- The owner keeps its work where the run only goes on (queued → planning); elsewhere somebody new takes over.
UPDATE runs
SET state = ?3,
    entered_at = ?4,
    finished_at = CASE WHEN ?5 THEN ?4 END,
    owner = CASE WHEN ?3 = 'planning' THEN owner END,
    beat_at = CASE WHEN ?3 = 'planning' THEN ?4 END
WHERE id = ?1 AND state = ?2;

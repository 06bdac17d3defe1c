SELECT id FROM runs
WHERE state = ?1 AND CASE WHEN owner IS NULL THEN entered_at ELSE beat_at END <= ?2
ORDER BY entered_at;

UPDATE runs SET owner = ?2, beat_at = ?4
WHERE id = ?1
    AND state IN ('queued', 'applying')
    AND (owner IS NULL OR beat_at <= ?3);

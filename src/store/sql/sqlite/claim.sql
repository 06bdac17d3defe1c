UPDATE runs SET owner = ?2, beat_at = ?4
WHERE id = ?1
    AND state = ?5
    AND (owner IS NULL OR beat_at <= ?3);

SELECT kept FROM plans WHERE run = ?1 AND kept IS NOT NULL;

SELECT operation, outcome, message FROM outcomes WHERE run = ?1 ORDER BY rowid;

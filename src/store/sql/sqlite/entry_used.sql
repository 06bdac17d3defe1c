SELECT 1 FROM light_entries WHERE entry = ?1;

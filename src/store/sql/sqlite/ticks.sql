UPDATE runs SET ticks = ?2 WHERE id = ?1;

SELECT run FROM signatures WHERE action = ?1 AND signature = ?2;

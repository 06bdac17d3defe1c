SELECT memory FROM plans WHERE run = ?1;

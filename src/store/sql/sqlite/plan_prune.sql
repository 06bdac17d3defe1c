UPDATE plans SET plan = ?2, kept = NULL WHERE run = ?1;

UPDATE plans SET plan = kept, kept = NULL WHERE run = ?1 AND kept IS NOT NULL;

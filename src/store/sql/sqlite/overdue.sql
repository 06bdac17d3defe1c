SELECT id FROM runs WHERE state = 'planned' AND expires_at <= ?1;

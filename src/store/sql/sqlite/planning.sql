SELECT count(*) FROM runs WHERE state IN ('queued', 'planning');

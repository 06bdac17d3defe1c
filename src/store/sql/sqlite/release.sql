DELETE FROM leases WHERE project = ?1 AND run = ?2;

SELECT runs.*, plans.plan FROM runs LEFT JOIN plans ON plans.run = runs.id WHERE runs.view = ?1;

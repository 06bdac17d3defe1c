-- What stays of a plan when its run has ended, where that is less than the plan: plans of users are about people.
ALTER TABLE plans ADD COLUMN kept TEXT;

-- ?2 is a JSON array of outcome rows. `WHERE true` keeps SQLite from reading ON as a join's.
INSERT INTO outcomes (run, operation, outcome, message)
SELECT ?1, value ->> 'id', value ->> 'outcome', value ->> 'message' FROM json_each(?2)
WHERE true
ON CONFLICT (run, operation) DO UPDATE SET outcome = excluded.outcome, message = excluded.message;

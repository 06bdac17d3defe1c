SELECT value ->> 'id' AS operation
FROM plans, json_each(plans.plan, '$.operations')
WHERE plans.run = ?1
ORDER BY key;

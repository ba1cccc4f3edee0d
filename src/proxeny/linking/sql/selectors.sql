-- Selectors that may link: named twice or more other than as a victim's.
-- From `mention`: mention (its number), kind, value, report.
SELECT kind, value, MIN(mention) AS selector
FROM mention
GROUP BY kind, value
HAVING COUNT(*) > 1

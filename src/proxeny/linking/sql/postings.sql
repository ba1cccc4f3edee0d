-- Who holds what: each report once for each selector, unless it names it as a
-- victim's too; `named` is how many selectors the report names in all. From `known`:
-- kind, value, report and is_victims; `mention` (those that are no victim's),
-- `selector`, `report` and, for narratives, `shingle`: selector (below zero, as no
-- number of a mention is) and report. Kinds are numbers from here on.
WITH held AS (
  SELECT s.selector, k.report
  FROM known AS k
  INNER JOIN selector AS s ON s.kind = k.kind AND s.value = k.value
  GROUP BY s.selector, k.report
  HAVING MAX(CASE WHEN k.is_victims THEN 1 ELSE 0 END) = 0
  UNION ALL
  SELECT selector, report
  FROM shingle
),
counted AS (
  SELECT selector, CAST(COUNT(*) AS INTEGER) AS holders
  FROM held
  GROUP BY selector
  HAVING COUNT(*) BETWEEN 2 AND :most
),
bearing AS (
  SELECT report, CAST(COUNT(*) AS INTEGER) AS named
  FROM mention
  GROUP BY report
),
kinds AS (
  SELECT c.selector, c.holders, CAST(:kind AS TINYINT) AS kind
  FROM counted AS c
  LEFT JOIN selector AS s ON s.selector = c.selector
)
SELECT
  k.selector, k.kind, k.holders, h.report, r.hour, r.offence, r.country,
  COALESCE(b.named, 0) AS named
FROM held AS h
INNER JOIN kinds AS k ON k.selector = h.selector
INNER JOIN report AS r ON r.report = h.report
LEFT JOIN bearing AS b ON b.report = h.report

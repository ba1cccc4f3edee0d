-- Who holds what: each report once for each selector, unless it names it as a
-- victim's too; `named` is how many selectors the report names in all. From `mention`, `victim` (kind, value, report), `selector`, `report`
-- and, for narratives, `shingle`: selector (below zero, as no number of a mention is)
-- and report.
WITH barred AS (
  SELECT s.selector, v.report
  FROM victim AS v
  INNER JOIN selector AS s ON s.kind = v.kind AND s.value = v.value
),
named AS (
  SELECT DISTINCT s.selector, m.report
  FROM mention AS m
  INNER JOIN selector AS s ON s.kind = m.kind AND s.value = m.value
),
held AS (
  SELECT n.selector, n.report
  FROM named AS n
  LEFT JOIN barred AS b ON b.selector = n.selector AND b.report = n.report
  WHERE b.report IS NULL
  UNION ALL
  SELECT selector, report
  FROM shingle
),
counted AS (
  SELECT selector, COUNT(*) AS holders
  FROM held
  GROUP BY selector
  HAVING COUNT(*) BETWEEN 2 AND :most
),
bearing AS (
  SELECT report, COUNT(*) AS named
  FROM mention
  GROUP BY report
),
kinds AS (
  SELECT c.selector, c.holders, COALESCE(s.kind, 'text') AS kind
  FROM counted AS c
  LEFT JOIN selector AS s ON s.selector = c.selector
)
SELECT
  k.selector, k.kind, k.holders, h.report, r.hour, r.offence, r.country,
  CAST(COALESCE(b.named, 0) AS INTEGER) AS named
FROM held AS h
INNER JOIN kinds AS k ON k.selector = h.selector
INNER JOIN report AS r ON r.report = h.report
LEFT JOIN bearing AS b ON b.report = h.report

-- What speaks for and against each pair: one row for each selector that it shares, and
-- one for all of its shingles. From `compared`: `pair` with phrases and text_bits.
-- Means over the other pairs of a selector leave the pair itself out; what they are
-- made of are whole numbers, so that every engine adds up the same.
WITH shared AS (
  SELECT
    a, b,
    SUM(CASE WHEN kind = 'text' THEN 0 ELSE 1 END) AS selectors,
    SUM(CASE WHEN kind = 'text' THEN 1 ELSE 0 END) AS shingles,
    MIN(CASE WHEN kind = 'text' THEN selector END) AS first_shingle
  FROM compared
  GROUP BY a, b
),
joined AS (
  SELECT
    c.selector, c.kind, c.holders, c.a, c.b, c.hours, c.same_offence, c.same_country,
    c.phrases, c.text_bits, s.first_shingle, s.shingles,
    -- Who names nothing else can't share anything else: that speaks for nothing.
    CASE
      WHEN c.kind = 'text' AND c.named > 0 THEN LEAST(s.selectors, 3)
      WHEN c.kind <> 'text' AND c.named > 1 THEN LEAST(s.selectors - 1, 3)
    END AS others,
    :gap_level AS gap_level
  FROM compared AS c
  INNER JOIN shared AS s ON s.a = c.a AND s.b = c.b
),
company AS (
  SELECT
    selector,
    COUNT(*) AS pairs,
    SUM(same_offence) AS same_offence,
    COUNT(same_offence) AS known_offence,
    SUM(same_country) AS same_country,
    COUNT(same_country) AS known_country,
    SUM(gap_level) AS gap_level,
    COUNT(gap_level) AS known_gap,
    SUM(text_bits) AS text_bits,
    COUNT(text_bits) AS known_text,
    SUM(others) AS others,
    COUNT(others) AS known_others
  FROM joined
  GROUP BY selector
)
SELECT
  j.a, j.b, j.selector, j.kind, j.holders, j.hours, j.same_offence, j.same_country,
  j.others, j.shingles, j.phrases, j.text_bits, j.gap_level,
  c.pairs - 1 AS company,
  COALESCE(c.same_offence, 0) - COALESCE(j.same_offence, 0) AS company_offence,
  c.known_offence - CASE WHEN j.same_offence IS NULL THEN 0 ELSE 1 END AS known_offence,
  COALESCE(c.same_country, 0) - COALESCE(j.same_country, 0) AS company_country,
  c.known_country - CASE WHEN j.same_country IS NULL THEN 0 ELSE 1 END AS known_country,
  COALESCE(c.gap_level, 0) - COALESCE(j.gap_level, 0) AS company_gap,
  c.known_gap - CASE WHEN j.gap_level IS NULL THEN 0 ELSE 1 END AS known_gap,
  COALESCE(c.text_bits, 0) - COALESCE(j.text_bits, 0) AS company_text,
  c.known_text - CASE WHEN j.text_bits IS NULL THEN 0 ELSE 1 END AS known_text,
  COALESCE(c.others, 0) - COALESCE(j.others, 0) AS company_others,
  c.known_others - CASE WHEN j.others IS NULL THEN 0 ELSE 1 END AS known_others
FROM joined AS j
INNER JOIN company AS c ON c.selector = j.selector
WHERE j.kind <> 'text' OR j.selector = j.first_shingle

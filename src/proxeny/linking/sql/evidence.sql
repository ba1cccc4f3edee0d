-- What speaks for and against each pair: one row for each selector that it shares, and
-- one for all of its shingles. From `compared`: `pair` with phrases, text_bits, and
-- `recurs`: false only where no other selector made this pair. Means over the other
-- pairs of a selector leave the pair itself out; what they are made of are whole
-- numbers, so that every engine adds up the same. Columns are as narrow as they can be:
-- tens of millions of rows pass here.
WITH shared AS (
  SELECT
    a, b,
    CAST(SUM(CASE WHEN kind = :text THEN 0 ELSE 1 END) AS SMALLINT) AS selectors,
    CAST(SUM(CASE WHEN kind = :text THEN 1 ELSE 0 END) AS SMALLINT) AS shingles,
    MIN(CASE WHEN kind = :text THEN selector END) AS first_shingle
  FROM compared
  WHERE recurs
  GROUP BY a, b
  HAVING COUNT(*) > 1
),
counted AS (
  SELECT
    c.selector, c.kind, c.holders, c.a, c.b, c.hours, c.same_offence, c.same_country,
    c.named, c.phrases, c.text_bits,
    COALESCE(s.selectors, CASE WHEN c.kind = :text THEN 0 ELSE 1 END) AS selectors,
    COALESCE(s.shingles, CASE WHEN c.kind = :text THEN 1 ELSE 0 END) AS shingles,
    COALESCE(s.first_shingle, c.selector) = c.selector AS is_first_shingle
  FROM compared AS c
  LEFT JOIN shared AS s ON s.a = c.a AND s.b = c.b
),
joined AS (
  SELECT
    selector, kind, holders, a, b, hours, same_offence, same_country, phrases,
    text_bits, is_first_shingle,
    CAST(shingles AS SMALLINT) AS shingles,
    -- Who names nothing else can't share anything else: that speaks for nothing.
    CAST(
      CASE
        WHEN kind = :text AND named > 0 THEN LEAST(selectors, :most_others)
        WHEN kind <> :text AND named > 1 THEN LEAST(selectors - 1, :most_others)
      END AS TINYINT
    ) AS others,
    CAST(:gap_level AS TINYINT) AS gap_level
  FROM counted
),
-- A selector with two holders has one pair: no other pair keeps it company.
company AS (
  SELECT
    selector,
    CAST(COUNT(*) AS INTEGER) AS pairs,
    CAST(SUM(same_offence) AS INTEGER) AS same_offence,
    CAST(COUNT(same_offence) AS INTEGER) AS known_offence,
    CAST(SUM(same_country) AS INTEGER) AS same_country,
    CAST(COUNT(same_country) AS INTEGER) AS known_country,
    CAST(SUM(gap_level) AS INTEGER) AS gap_level,
    CAST(COUNT(gap_level) AS INTEGER) AS known_gap,
    CAST(SUM(text_bits) AS INTEGER) AS text_bits,
    CAST(COUNT(text_bits) AS INTEGER) AS known_text,
    CAST(SUM(others) AS INTEGER) AS others,
    CAST(COUNT(others) AS INTEGER) AS known_others
  FROM joined
  WHERE holders > 2
  GROUP BY selector
)
SELECT
  j.a, j.b, j.selector, j.kind, j.holders, j.hours, j.same_offence, j.same_country,
  j.others, j.shingles, j.phrases, j.text_bits, j.gap_level,
  COALESCE(c.pairs - 1, 0) AS company,
  COALESCE(c.same_offence - COALESCE(j.same_offence, 0), 0) AS company_offence,
  COALESCE(c.known_offence - CASE WHEN j.same_offence IS NULL THEN 0 ELSE 1 END, 0) AS known_offence,
  COALESCE(c.same_country - COALESCE(j.same_country, 0), 0) AS company_country,
  COALESCE(c.known_country - CASE WHEN j.same_country IS NULL THEN 0 ELSE 1 END, 0) AS known_country,
  COALESCE(c.gap_level - COALESCE(j.gap_level, 0), 0) AS company_gap,
  COALESCE(c.known_gap - CASE WHEN j.gap_level IS NULL THEN 0 ELSE 1 END, 0) AS known_gap,
  COALESCE(c.text_bits - COALESCE(j.text_bits, 0), 0) AS company_text,
  COALESCE(c.known_text - CASE WHEN j.text_bits IS NULL THEN 0 ELSE 1 END, 0) AS known_text,
  COALESCE(c.others - COALESCE(j.others, 0), 0) AS company_others,
  COALESCE(c.known_others - CASE WHEN j.others IS NULL THEN 0 ELSE 1 END, 0) AS known_others
FROM joined AS j
LEFT JOIN company AS c ON c.selector = j.selector
WHERE j.kind <> :text OR j.is_first_shingle

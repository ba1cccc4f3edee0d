-- The evidence as bits by what it speaks of, and their sum. Weak evidence is left out:
-- the guard would not look at it.
WITH featured AS (
  SELECT
    a, b, selector, kind, holders, hours, phrases, same_offence, same_country,
    :features
  FROM (:evidence) AS evidence
),
weighed AS (
  SELECT
    a, b, selector, kind, holders, hours, phrases, same_offence, same_country,
    :terms
  FROM featured
)
SELECT
  a, b, selector, kind, holders, hours, phrases, same_offence, same_country,
  :short,
  :sum AS bits
FROM weighed
WHERE :sum >= :floor

-- Reports that follow each other in time among the holders of a selector: each with
-- the next two. That is linear in the mentions, where all pairs would be quadratic.
WITH ordered AS (
  SELECT
    selector, kind, holders, report, hour, offence, country, named,
    LEAD(report, 1) OVER by_time AS report_1,
    LEAD(hour, 1) OVER by_time AS hour_1,
    LEAD(offence, 1) OVER by_time AS offence_1,
    LEAD(country, 1) OVER by_time AS country_1,
    LEAD(named, 1) OVER by_time AS named_1,
    LEAD(report, 2) OVER by_time AS report_2,
    LEAD(hour, 2) OVER by_time AS hour_2,
    LEAD(offence, 2) OVER by_time AS offence_2,
    LEAD(country, 2) OVER by_time AS country_2,
    LEAD(named, 2) OVER by_time AS named_2
  FROM posting
  WINDOW by_time AS (PARTITION BY selector ORDER BY hour, report)
),
followed AS (
  SELECT
    selector, kind, holders, report, report_1 AS other, hour_1 - hour AS hours,
    offence, offence_1 AS other_offence, country, country_1 AS other_country,
    LEAST(named, named_1) AS named
  FROM ordered
  WHERE NOT report_1 IS NULL
  UNION ALL
  SELECT
    selector, kind, holders, report, report_2 AS other, hour_2 - hour AS hours,
    offence, offence_2 AS other_offence, country, country_2 AS other_country,
    LEAST(named, named_2) AS named
  FROM ordered
  WHERE NOT report_2 IS NULL
)
SELECT
  selector, kind, holders,
  LEAST(report, other) AS a,
  GREATEST(report, other) AS b,
  hours,
  CAST(
    CASE WHEN offence = other_offence THEN 1 WHEN offence <> other_offence THEN 0 END
    AS TINYINT
  ) AS same_offence,
  CAST(
    CASE WHEN country = other_country THEN 1 WHEN country <> other_country THEN 0 END
    AS TINYINT
  ) AS same_country,
  named
FROM followed

SELECT (CAST(EXTRACT(year
FROM `t1`.`calendar_date`) AS BIGINT) * 10000) + (CAST(EXTRACT(month
FROM `t1`.`calendar_date`) AS BIGINT) * 100) + CAST(EXTRACT(day
FROM `t1`.`calendar_date`) AS BIGINT) AS `date_key`,
`t1`.`calendar_date`,
CAST(EXTRACT(year
FROM `t1`.`calendar_date`) AS BIGINT) AS `year`,
CAST(FLOOR((CAST(EXTRACT(month
FROM `t1`.`calendar_date`) AS BIGINT) + 2) / (3)) AS BIGINT) AS `quarter`,
CAST(EXTRACT(month
FROM `t1`.`calendar_date`) AS BIGINT) AS `month`,
CASE CAST(EXTRACT(month
FROM `t1`.`calendar_date`) AS BIGINT) WHEN 1 THEN 'January' WHEN 2 THEN 'February' WHEN 3 THEN 'March' WHEN 4 THEN 'April' WHEN 5 THEN 'May' WHEN 6 THEN 'June' WHEN 7 THEN 'July' WHEN 8 THEN 'August' WHEN 9 THEN 'September' WHEN 10 THEN 'October' WHEN 11 THEN 'November' WHEN 12 THEN 'December' ELSE NULL END AS `month_name`, MAKE_DATE(EXTRACT(year
FROM `t1`.`calendar_date`), EXTRACT(month
FROM `t1`.`calendar_date`), 1) AS `month_start_date`,
CAST(CAST(MAKE_DATE(CAST(EXTRACT(year
FROM `t1`.`calendar_date`) AS BIGINT) + CAST(FLOOR((CAST(EXTRACT(month
FROM `t1`.`calendar_date`) AS BIGINT)) / (12)) AS BIGINT), (CAST(EXTRACT(month
FROM `t1`.`calendar_date`) AS BIGINT) % 12) + 1, 1) + CAST(CONCAT(-1, ' days') AS INTERVAL) AS TIMESTAMP) AS DATE) AS `month_end_date`,
CAST(EXTRACT(day
FROM `t1`.`calendar_date`) AS BIGINT) AS `day_of_month`, DATEDIFF(DAY, MAKE_DATE(CAST(EXTRACT(year
FROM `t1`.`calendar_date`) AS BIGINT), 1, 1),
`t1`.`calendar_date`) + 1 AS `day_of_year`,
CAST(EXTRACT(year
FROM CAST(CAST(`t1`.`calendar_date` + CAST(CONCAT(4 - (((((DATEDIFF(DAY, MAKE_DATE(1970, 1, 1),
`t1`.`calendar_date`) + 3) % 7) + 7) % 7) + 1), ' days') AS INTERVAL) AS TIMESTAMP) AS DATE)) AS BIGINT) AS `iso_year`,
CAST(FLOOR((CAST(CAST(DAYOFYEAR(CAST(CAST(`t1`.`calendar_date` + CAST(CONCAT(4 - (((((DATEDIFF(DAY, MAKE_DATE(1970, 1, 1),
`t1`.`calendar_date`) + 3) % 7) + 7) % 7) + 1), ' days') AS INTERVAL) AS TIMESTAMP) AS DATE)) AS INT) AS BIGINT) - 1) / (7)) AS BIGINT) + 1 AS `iso_week`, ((((DATEDIFF(DAY, MAKE_DATE(1970, 1, 1),
`t1`.`calendar_date`) + 3) % 7) + 7) % 7) + 1 AS `weekday`,
CASE ((((DATEDIFF(DAY, MAKE_DATE(1970, 1, 1),
`t1`.`calendar_date`) + 3) % 7) + 7) % 7) + 1 WHEN 1 THEN 'Monday' WHEN 2 THEN 'Tuesday' WHEN 3 THEN 'Wednesday' WHEN 4 THEN 'Thursday' WHEN 5 THEN 'Friday' WHEN 6 THEN 'Saturday' WHEN 7 THEN 'Sunday' ELSE NULL END AS `weekday_name`, (((((DATEDIFF(DAY, MAKE_DATE(1970, 1, 1),
`t1`.`calendar_date`) + 3) % 7) + 7) % 7) + 1) >= 6 AS `is_weekend`,
`t1`.`calendar_date` = CAST(CAST(MAKE_DATE(CAST(EXTRACT(year
FROM `t1`.`calendar_date`) AS BIGINT) + CAST(FLOOR((CAST(EXTRACT(month
FROM `t1`.`calendar_date`) AS BIGINT)) / (12)) AS BIGINT), (CAST(EXTRACT(month
FROM `t1`.`calendar_date`) AS BIGINT) % 12) + 1, 1) + CAST(CONCAT(-1, ' days') AS INTERVAL) AS TIMESTAMP) AS DATE) AS `is_month_end`,
CAST(EXTRACT(year
FROM `t1`.`calendar_date`) AS BIGINT) AS `fiscal_year`,
CAST(FLOOR(((((CAST(EXTRACT(month
FROM `t1`.`calendar_date`) AS BIGINT) - 1) + 12) % 12) + 1 + 2) / (3)) AS BIGINT) AS `fiscal_quarter`, (((CAST(EXTRACT(month
FROM `t1`.`calendar_date`) AS BIGINT) - 1) + 12) % 12) + 1 AS `fiscal_month`
FROM (SELECT CAST(CAST(MAKE_DATE(2021, 1, 1) + CAST(CONCAT(CAST(`t0`.`number` AS BIGINT), ' days') AS INTERVAL) AS TIMESTAMP) AS DATE) AS `calendar_date`
FROM (SELECT EXPLODE(IF((1 <> 0) AND (SIGN(1) = SIGN(2922 - 0)), IF(ELEMENT_AT(SEQUENCE(0, 2922, 1), SIZE(SEQUENCE(0, 2922, 1))) = 2922, SLICE(SEQUENCE(0, 2922, 1), 1, SIZE(SEQUENCE(0, 2922, 1)) - 1), SEQUENCE(0, 2922, 1)), ARRAY())) AS `number`) AS `t0`) AS `t1`

SELECT (CAST(EXTRACT(year
FROM `t1`.`calendar_date`) AS INT64) * 10000) + (CAST(EXTRACT(month
FROM `t1`.`calendar_date`) AS INT64) * 100) + CAST(EXTRACT(day
FROM `t1`.`calendar_date`) AS INT64) AS `date_key`,
`t1`.`calendar_date`,
CAST(EXTRACT(year
FROM `t1`.`calendar_date`) AS INT64) AS `year`,
CAST(FLOOR(ieee_divide(CAST(EXTRACT(month
FROM `t1`.`calendar_date`) AS INT64) + 2, 3)) AS INT64) AS `quarter`,
CAST(EXTRACT(month
FROM `t1`.`calendar_date`) AS INT64) AS `month`,
CASE CAST(EXTRACT(month
FROM `t1`.`calendar_date`) AS INT64) WHEN 1 THEN 'January' WHEN 2 THEN 'February' WHEN 3 THEN 'March' WHEN 4 THEN 'April' WHEN 5 THEN 'May' WHEN 6 THEN 'June' WHEN 7 THEN 'July' WHEN 8 THEN 'August' WHEN 9 THEN 'September' WHEN 10 THEN 'October' WHEN 11 THEN 'November' WHEN 12 THEN 'December' ELSE NULL END AS `month_name`, DATE(EXTRACT(year
FROM `t1`.`calendar_date`), EXTRACT(month
FROM `t1`.`calendar_date`), 1) AS `month_start_date`,
CAST(CAST(DATE_ADD(DATE(CAST(EXTRACT(year
FROM `t1`.`calendar_date`) AS INT64) + CAST(FLOOR(ieee_divide(CAST(EXTRACT(month
FROM `t1`.`calendar_date`) AS INT64), 12)) AS INT64), (MOD(CAST(EXTRACT(month
FROM `t1`.`calendar_date`) AS INT64), 12)) + 1, 1), INTERVAL -1 DAY) AS DATETIME) AS DATE) AS `month_end_date`,
CAST(EXTRACT(day
FROM `t1`.`calendar_date`) AS INT64) AS `day_of_month`, DATE_DIFF(`t1`.`calendar_date`, DATE(CAST(EXTRACT(year
FROM `t1`.`calendar_date`) AS INT64), 1, 1), DAY) + 1 AS `day_of_year`,
CAST(EXTRACT(year
FROM CAST(CAST(DATE_ADD(`t1`.`calendar_date`, INTERVAL (4 - ((MOD((MOD(DATE_DIFF(`t1`.`calendar_date`, DATE(1970, 1, 1), DAY) + 3, 7)) + 7, 7)) + 1)) DAY) AS DATETIME) AS DATE)) AS INT64) AS `iso_year`,
CAST(FLOOR(ieee_divide(CAST(EXTRACT(dayofyear
FROM CAST(CAST(DATE_ADD(`t1`.`calendar_date`, INTERVAL (4 - ((MOD((MOD(DATE_DIFF(`t1`.`calendar_date`, DATE(1970, 1, 1), DAY) + 3, 7)) + 7, 7)) + 1)) DAY) AS DATETIME) AS DATE)) AS INT64) - 1, 7)) AS INT64) + 1 AS `iso_week`, (MOD((MOD(DATE_DIFF(`t1`.`calendar_date`, DATE(1970, 1, 1), DAY) + 3, 7)) + 7, 7)) + 1 AS `weekday`,
CASE (MOD((MOD(DATE_DIFF(`t1`.`calendar_date`, DATE(1970, 1, 1), DAY) + 3, 7)) + 7, 7)) + 1 WHEN 1 THEN 'Monday' WHEN 2 THEN 'Tuesday' WHEN 3 THEN 'Wednesday' WHEN 4 THEN 'Thursday' WHEN 5 THEN 'Friday' WHEN 6 THEN 'Saturday' WHEN 7 THEN 'Sunday' ELSE NULL END AS `weekday_name`, ((MOD((MOD(DATE_DIFF(`t1`.`calendar_date`, DATE(1970, 1, 1), DAY) + 3, 7)) + 7, 7)) + 1) >= 6 AS `is_weekend`,
`t1`.`calendar_date` = CAST(CAST(DATE_ADD(DATE(CAST(EXTRACT(year
FROM `t1`.`calendar_date`) AS INT64) + CAST(FLOOR(ieee_divide(CAST(EXTRACT(month
FROM `t1`.`calendar_date`) AS INT64), 12)) AS INT64), (MOD(CAST(EXTRACT(month
FROM `t1`.`calendar_date`) AS INT64), 12)) + 1, 1), INTERVAL -1 DAY) AS DATETIME) AS DATE) AS `is_month_end`,
CAST(EXTRACT(year
FROM `t1`.`calendar_date`) AS INT64) AS `fiscal_year`,
CAST(FLOOR(ieee_divide((MOD((CAST(EXTRACT(month
FROM `t1`.`calendar_date`) AS INT64) - 1) + 12, 12)) + 1 + 2, 3)) AS INT64) AS `fiscal_quarter`, (MOD((CAST(EXTRACT(month
FROM `t1`.`calendar_date`) AS INT64) - 1) + 12, 12)) + 1 AS `fiscal_month`
FROM (SELECT CAST(CAST(DATE_ADD(DATE(2021, 1, 1), INTERVAL (CAST(`t0`.`number` AS INT64)) DAY) AS DATETIME) AS DATE) AS `calendar_date`
FROM (SELECT `element_of_array` AS `number`
FROM UNNEST(GENERATE_ARRAY(0, 2922 - 1)) AS `element_of_array`) AS `t0`) AS `t1`

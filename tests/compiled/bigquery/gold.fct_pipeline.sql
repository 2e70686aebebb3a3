WITH `t5` AS (SELECT `t2`.`source_account`,
`t2`.`opportunity_id`,
`t2`.`is_closed`,
`t2`.`is_won`,
`t2`.`close_date`,
`t2`.`days_to_close`,
CAST(`t2`.`customer_id` AS STRING) AS `customer_id`,
COALESCE(`t2`.`salesforce_account_id`, 'none') AS `salesforce_account_id`,
COALESCE(`t2`.`currency`, 'xxx') AS `currency`,
CAST(CAST(CAST(ROUND(CAST(IF(ABS(`t2`.`amount`) <= 90000000000,
`t2`.`amount`,
CAST(NULL AS NUMERIC)) AS BIGNUMERIC), 2) AS NUMERIC) AS NUMERIC) * CAST('100.00' AS NUMERIC) AS INT64) AS `cents`
FROM (SELECT *
FROM `fct_opportunity` AS `t0`
WHERE NOT (`t0`.`is_deleted`)) AS `t2`), `t12` AS (SELECT `t10`.`source_account`,
`t10`.`salesforce_account_id`,
`t10`.`customer_id`,
`t10`.`currency`,
`t10`.`month_start_date`, COUNTIF(`t10`.`is_won`) AS `won_count`, SUM(IF(`t10`.`is_won`,
`t10`.`cents`, NULL)) AS `won_cents`, COUNTIF(NOT (`t10`.`is_won`)) AS `lost_count`, SUM(IF(NOT (`t10`.`is_won`),
`t10`.`cents`, NULL)) AS `lost_cents`, COUNTIF(`t10`.`cents` IS NULL) AS `decided_unvalued_count`, COUNT(`t10`.`days_to_close`) AS `timed_count`, SUM(`t10`.`days_to_close`) AS `total_days_to_close`
FROM (SELECT `t8`.`source_account`,
`t8`.`opportunity_id`,
`t8`.`is_closed`,
`t8`.`is_won`,
`t8`.`close_date`,
`t8`.`days_to_close`,
`t8`.`customer_id`,
`t8`.`salesforce_account_id`,
`t8`.`currency`,
`t8`.`cents`, DATE(EXTRACT(year
FROM `t8`.`close_date`), EXTRACT(month
FROM `t8`.`close_date`), 1) AS `month_start_date`
FROM (SELECT *
FROM `t5` AS `t6`
WHERE `t6`.`is_closed` AND `t6`.`close_date` >= DATE(2025, 7, 1) AND `t6`.`close_date` <= DATE(2026, 7, 4)) AS `t8`) AS `t10`
GROUP BY 1, 2, 3, 4, 5), `t24` AS (SELECT `t23`.`source_account`,
`t23`.`salesforce_account_id`,
`t23`.`customer_id`,
`t23`.`currency`,
`t23`.`month_start_date`, COUNT(*) AS `open_count`, SUM(`t23`.`cents`) AS `open_cents`, SUM(`t23`.`weighted_cents`) AS `weighted_cents`, COUNTIF(`t23`.`changed_date` > `t23`.`end_date`) AS `open_assumed_count`, COUNTIF(`t23`.`cents` IS NULL) AS `open_unvalued_count`, COUNTIF(`t23`.`weighted_cents` IS NULL) AS `open_unweighted_count`
FROM (SELECT `t22`.`source_account`,
`t22`.`opportunity_id`,
`t22`.`from_date`,
`t22`.`to_date`,
`t22`.`changed_date`,
`t22`.`currency`,
`t22`.`cents`,
`t22`.`share`,
`t22`.`was_closed`,
`t22`.`closing_date`,
`t22`.`customer_id`,
`t22`.`salesforce_account_id`,
`t22`.`is_closed`,
`t22`.`close_date`,
`t22`.`_first`,
`t22`.`_last`,
`t22`.`month`,
`t22`.`month_start_date`,
`t22`.`end_date`, IF(ABS(`t22`.`cents`) <= 9000000000000, IF(`t22`.`cents` < 0, -(CAST(ROUND(ieee_divide((IF(ABS(`t22`.`cents`) <= 9000000000000, ABS(`t22`.`cents`), 0) * CAST(ROUND(`t22`.`share` * 1000000, 0) AS INT64)) - (MOD(IF(ABS(`t22`.`cents`) <= 9000000000000, ABS(`t22`.`cents`), 0) * CAST(ROUND(`t22`.`share` * 1000000, 0) AS INT64), 1000000)), 1000000), 0) AS INT64) + CAST(ROUND(ieee_divide(((IF(ABS(`t22`.`cents`) <= 9000000000000, ABS(`t22`.`cents`), 0) * CAST(ROUND(`t22`.`share` * 1000000, 0) AS INT64)) - (MOD(IF(ABS(`t22`.`cents`) <= 9000000000000, ABS(`t22`.`cents`), 0) * CAST(ROUND(`t22`.`share` * 1000000, 0) AS INT64), 1000000))) - (CAST(ROUND(ieee_divide((IF(ABS(`t22`.`cents`) <= 9000000000000, ABS(`t22`.`cents`), 0) * CAST(ROUND(`t22`.`share` * 1000000, 0) AS INT64)) - (MOD(IF(ABS(`t22`.`cents`) <= 9000000000000, ABS(`t22`.`cents`), 0) * CAST(ROUND(`t22`.`share` * 1000000, 0) AS INT64), 1000000)), 1000000), 0) AS INT64) * 1000000), 1000000), 0) AS INT64) + CAST(((MOD(IF(ABS(`t22`.`cents`) <= 9000000000000, ABS(`t22`.`cents`), 0) * CAST(ROUND(`t22`.`share` * 1000000, 0) AS INT64), 1000000)) * 2) >= 1000000 AS INT64)),
CAST(ROUND(ieee_divide((IF(ABS(`t22`.`cents`) <= 9000000000000, ABS(`t22`.`cents`), 0) * CAST(ROUND(`t22`.`share` * 1000000, 0) AS INT64)) - (MOD(IF(ABS(`t22`.`cents`) <= 9000000000000, ABS(`t22`.`cents`), 0) * CAST(ROUND(`t22`.`share` * 1000000, 0) AS INT64), 1000000)), 1000000), 0) AS INT64) + CAST(ROUND(ieee_divide(((IF(ABS(`t22`.`cents`) <= 9000000000000, ABS(`t22`.`cents`), 0) * CAST(ROUND(`t22`.`share` * 1000000, 0) AS INT64)) - (MOD(IF(ABS(`t22`.`cents`) <= 9000000000000, ABS(`t22`.`cents`), 0) * CAST(ROUND(`t22`.`share` * 1000000, 0) AS INT64), 1000000))) - (CAST(ROUND(ieee_divide((IF(ABS(`t22`.`cents`) <= 9000000000000, ABS(`t22`.`cents`), 0) * CAST(ROUND(`t22`.`share` * 1000000, 0) AS INT64)) - (MOD(IF(ABS(`t22`.`cents`) <= 9000000000000, ABS(`t22`.`cents`), 0) * CAST(ROUND(`t22`.`share` * 1000000, 0) AS INT64), 1000000)), 1000000), 0) AS INT64) * 1000000), 1000000), 0) AS INT64) + CAST(((MOD(IF(ABS(`t22`.`cents`) <= 9000000000000, ABS(`t22`.`cents`), 0) * CAST(ROUND(`t22`.`share` * 1000000, 0) AS INT64), 1000000)) * 2) >= 1000000 AS INT64)),
CAST(NULL AS INT64)) AS `weighted_cents`
FROM (SELECT *
FROM (SELECT `t20`.`source_account`,
`t20`.`opportunity_id`,
`t20`.`from_date`,
`t20`.`to_date`,
`t20`.`changed_date`,
`t20`.`currency`,
`t20`.`cents`,
`t20`.`share`,
`t20`.`was_closed`,
`t20`.`closing_date`,
`t20`.`customer_id`,
`t20`.`salesforce_account_id`,
`t20`.`is_closed`,
`t20`.`close_date`,
`t20`.`_first`,
`t20`.`_last`,
`t20`.`month`,
`t20`.`month_start_date`, LEAST(COALESCE(CAST(CAST(DATE_ADD(DATE(CAST(CAST(FLOOR(ieee_divide(((((CAST(EXTRACT(year
FROM `t20`.`month_start_date`) AS INT64) * 12) + CAST(EXTRACT(month
FROM `t20`.`month_start_date`) AS INT64)) - 1) + 1) - (MOD((((CAST(EXTRACT(year
FROM `t20`.`month_start_date`) AS INT64) * 12) + CAST(EXTRACT(month
FROM `t20`.`month_start_date`) AS INT64)) - 1) + 1, 12)), 12)) AS INT64) AS INT64),
CAST((MOD((((CAST(EXTRACT(year
FROM `t20`.`month_start_date`) AS INT64) * 12) + CAST(EXTRACT(month
FROM `t20`.`month_start_date`) AS INT64)) - 1) + 1, 12)) + 1 AS INT64), 1), INTERVAL -1 DAY) AS DATETIME) AS DATE), DATE(2026, 7, 4)),
COALESCE(DATE(2026, 7, 4),
CAST(CAST(DATE_ADD(DATE(CAST(CAST(FLOOR(ieee_divide(((((CAST(EXTRACT(year
FROM `t20`.`month_start_date`) AS INT64) * 12) + CAST(EXTRACT(month
FROM `t20`.`month_start_date`) AS INT64)) - 1) + 1) - (MOD((((CAST(EXTRACT(year
FROM `t20`.`month_start_date`) AS INT64) * 12) + CAST(EXTRACT(month
FROM `t20`.`month_start_date`) AS INT64)) - 1) + 1, 12)), 12)) AS INT64) AS INT64),
CAST((MOD((((CAST(EXTRACT(year
FROM `t20`.`month_start_date`) AS INT64) * 12) + CAST(EXTRACT(month
FROM `t20`.`month_start_date`) AS INT64)) - 1) + 1, 12)) + 1 AS INT64), 1), INTERVAL -1 DAY) AS DATETIME) AS DATE))) AS `end_date`
FROM (SELECT `t19`.`source_account`,
`t19`.`opportunity_id`,
`t19`.`from_date`,
`t19`.`to_date`,
`t19`.`changed_date`,
`t19`.`currency`,
`t19`.`cents`,
`t19`.`share`,
`t19`.`was_closed`,
`t19`.`closing_date`,
`t19`.`customer_id`,
`t19`.`salesforce_account_id`,
`t19`.`is_closed`,
`t19`.`close_date`,
`t19`.`_first`,
`t19`.`_last`,
`t19`.`month`, DATE(CAST(CAST(FLOOR(ieee_divide(`t19`.`month` - (MOD(`t19`.`month`, 12)), 12)) AS INT64) AS INT64),
CAST((MOD(`t19`.`month`, 12)) + 1 AS INT64), 1) AS `month_start_date`
FROM (SELECT `t18`.`source_account`,
`t18`.`opportunity_id`,
`t18`.`from_date`,
`t18`.`to_date`,
`t18`.`changed_date`,
`t18`.`currency`,
`t18`.`cents`,
`t18`.`share`,
`t18`.`was_closed`,
`t18`.`closing_date`,
`t18`.`customer_id`,
`t18`.`salesforce_account_id`,
`t18`.`is_closed`,
`t18`.`close_date`,
`t18`.`_first`,
`t18`.`_last`, `element_of_array` AS `month`
FROM (SELECT *
FROM (SELECT `t11`.`source_account`,
`t11`.`opportunity_id`,
`t11`.`from_date`,
`t11`.`to_date`,
`t11`.`changed_date`,
`t11`.`currency`,
`t11`.`cents`,
`t11`.`share`,
`t11`.`was_closed`,
`t11`.`closing_date`,
`t11`.`customer_id`,
`t11`.`salesforce_account_id`,
`t11`.`is_closed`,
`t11`.`close_date`, GREATEST(COALESCE(((CAST(EXTRACT(year
FROM `t11`.`from_date`) AS INT64) * 12) + CAST(EXTRACT(month
FROM `t11`.`from_date`) AS INT64)) - 1, 24306),
COALESCE(24306, ((CAST(EXTRACT(year
FROM `t11`.`from_date`) AS INT64) * 12) + CAST(EXTRACT(month
FROM `t11`.`from_date`) AS INT64)) - 1)) AS `_first`, LEAST(COALESCE(((CAST(EXTRACT(year
FROM COALESCE(`t11`.`to_date`, DATE(2026, 7, 4))) AS INT64) * 12) + CAST(EXTRACT(month
FROM COALESCE(`t11`.`to_date`, DATE(2026, 7, 4))) AS INT64)) - 1, 24318),
COALESCE(24318, ((CAST(EXTRACT(year
FROM COALESCE(`t11`.`to_date`, DATE(2026, 7, 4))) AS INT64) * 12) + CAST(EXTRACT(month
FROM COALESCE(`t11`.`to_date`, DATE(2026, 7, 4))) AS INT64)) - 1)) AS `_last`
FROM (SELECT `t4`.`source_account`,
`t4`.`opportunity_id`,
`t4`.`from_date`,
`t4`.`to_date`,
`t4`.`changed_date`,
`t4`.`currency`,
`t4`.`cents`,
`t4`.`share`,
`t4`.`was_closed`,
`t4`.`closing_date`,
`t9`.`customer_id`,
`t9`.`salesforce_account_id`,
`t9`.`is_closed`,
`t9`.`close_date`
FROM (SELECT `t1`.`source_account`,
`t1`.`opportunity_id`, DATE(`t1`.`valid_from`) AS `from_date`, DATE(`t1`.`valid_to`) AS `to_date`, DATE(`t1`.`changed_at`) AS `changed_date`,
COALESCE(`t1`.`currency`, 'xxx') AS `currency`,
CAST(CAST(CAST(ROUND(CAST(IF(ABS(`t1`.`amount`) <= 90000000000,
`t1`.`amount`,
CAST(NULL AS NUMERIC)) AS BIGNUMERIC), 2) AS NUMERIC) AS NUMERIC) * CAST('100.00' AS NUMERIC) AS INT64) AS `cents`, IF(`t1`.`is_closed`,
CAST(NULL AS FLOAT64),
`t1`.`probability_share`) AS `share`,
`t1`.`is_closed` AS `was_closed`,
`t1`.`close_date` AS `closing_date`
FROM `fct_opportunity_history` AS `t1`) AS `t4`
INNER JOIN (SELECT `t6`.`source_account`,
`t6`.`opportunity_id`,
`t6`.`customer_id`,
`t6`.`salesforce_account_id`,
`t6`.`is_closed`,
`t6`.`close_date`
FROM `t5` AS `t6`) AS `t9` ON `t4`.`source_account` = `t9`.`source_account` AND `t4`.`opportunity_id` = `t9`.`opportunity_id`) AS `t11`) AS `t16`
WHERE `t16`.`_first` <= `t16`.`_last`) AS `t18`
CROSS JOIN UNNEST(GENERATE_ARRAY(`t18`.`_first`, (`t18`.`_last` + 1) - 1)) AS `element_of_array`) AS `t19`) AS `t20`) AS `t21`
WHERE `t21`.`from_date` <= `t21`.`end_date` AND ((`t21`.`to_date` IS NULL) OR (`t21`.`to_date` > `t21`.`end_date`)) AND NOT (`t21`.`was_closed` AND ((`t21`.`closing_date` IS NULL) OR (`t21`.`closing_date` <= `t21`.`end_date`))) AND NOT (`t21`.`is_closed` AND ((`t21`.`close_date` IS NULL) OR (`t21`.`close_date` <= `t21`.`end_date`)))) AS `t22`) AS `t23`
GROUP BY 1, 2, 3, 4, 5)
SELECT `t41`.`source_account`,
`t41`.`salesforce_account_id`,
`t41`.`customer_id`,
`t41`.`month_start_date`,
`t41`.`currency`,
`t41`.`open_count`,
CAST(CAST(CAST(CAST(ROUND(ieee_divide(`t41`.`open_cents` - (MOD(`t41`.`open_cents`, 100)), 100), 0) AS INT64) AS NUMERIC) + CAST(CAST(MOD(`t41`.`open_cents`, 100) AS NUMERIC) * CAST('0.01' AS NUMERIC) AS NUMERIC) AS NUMERIC) AS NUMERIC) AS `open_amount`,
CAST(CAST(CAST(CAST(ROUND(ieee_divide(`t41`.`weighted_cents` - (MOD(`t41`.`weighted_cents`, 100)), 100), 0) AS INT64) AS NUMERIC) + CAST(CAST(MOD(`t41`.`weighted_cents`, 100) AS NUMERIC) * CAST('0.01' AS NUMERIC) AS NUMERIC) AS NUMERIC) AS NUMERIC) AS `weighted_amount`,
`t41`.`open_assumed_count`,
`t41`.`open_unvalued_count`,
`t41`.`open_unweighted_count`,
`t41`.`won_count`,
CAST(CAST(CAST(CAST(ROUND(ieee_divide(`t41`.`won_cents` - (MOD(`t41`.`won_cents`, 100)), 100), 0) AS INT64) AS NUMERIC) + CAST(CAST(MOD(`t41`.`won_cents`, 100) AS NUMERIC) * CAST('0.01' AS NUMERIC) AS NUMERIC) AS NUMERIC) AS NUMERIC) AS `won_amount`,
`t41`.`lost_count`,
CAST(CAST(CAST(CAST(ROUND(ieee_divide(`t41`.`lost_cents` - (MOD(`t41`.`lost_cents`, 100)), 100), 0) AS INT64) AS NUMERIC) + CAST(CAST(MOD(`t41`.`lost_cents`, 100) AS NUMERIC) * CAST('0.01' AS NUMERIC) AS NUMERIC) AS NUMERIC) AS NUMERIC) AS `lost_amount`,
`t41`.`decided_unvalued_count`, ieee_divide(CAST(`t41`.`won_count` AS FLOAT64),
CAST(NULLIF(`t41`.`won_count` + `t41`.`lost_count`, 0) AS FLOAT64)) AS `win_rate_share`, IF((`t41`.`won_cents` >= 0) AND (`t41`.`lost_cents` >= 0), ieee_divide(CAST(`t41`.`won_cents` AS FLOAT64),
CAST(NULLIF(`t41`.`won_cents` + `t41`.`lost_cents`, 0) AS FLOAT64)),
CAST(NULL AS FLOAT64)) AS `win_rate_amount_share`, ieee_divide(CAST(`t41`.`total_days_to_close` AS FLOAT64),
CAST(NULLIF(`t41`.`timed_count`, 0) AS FLOAT64)) AS `mean_days_to_close`,
`t41`.`total_days_to_close`,
`t41`.`timed_count`
FROM (SELECT `t40`.`source_account`,
`t40`.`salesforce_account_id`,
`t40`.`customer_id`,
`t40`.`currency`,
`t40`.`month_start_date`,
COALESCE(`t40`.`open_count`, 0) AS `open_count`,
COALESCE(`t40`.`open_cents`, 0) AS `open_cents`,
COALESCE(`t40`.`weighted_cents`, 0) AS `weighted_cents`,
COALESCE(`t40`.`open_assumed_count`, 0) AS `open_assumed_count`,
COALESCE(`t40`.`open_unvalued_count`, 0) AS `open_unvalued_count`,
COALESCE(`t40`.`open_unweighted_count`, 0) AS `open_unweighted_count`,
COALESCE(`t40`.`won_count`, 0) AS `won_count`,
COALESCE(`t40`.`won_cents`, 0) AS `won_cents`,
COALESCE(`t40`.`lost_count`, 0) AS `lost_count`,
COALESCE(`t40`.`lost_cents`, 0) AS `lost_cents`,
COALESCE(`t40`.`decided_unvalued_count`, 0) AS `decided_unvalued_count`,
COALESCE(`t40`.`timed_count`, 0) AS `timed_count`,
COALESCE(`t40`.`total_days_to_close`, 0) AS `total_days_to_close`
FROM (SELECT `t39`.* EXCEPT (`currency_right`, `customer_id_right`, `month_start_date_right`, `salesforce_account_id_right`, `source_account_right`)
FROM (SELECT `t38`.`source_account`,
`t38`.`salesforce_account_id`,
`t38`.`customer_id`,
`t38`.`currency`,
`t38`.`month_start_date`,
`t38`.`open_count`,
`t38`.`open_cents`,
`t38`.`weighted_cents`,
`t38`.`open_assumed_count`,
`t38`.`open_unvalued_count`,
`t38`.`open_unweighted_count`,
`t14`.`source_account` AS `source_account_right`,
`t14`.`salesforce_account_id` AS `salesforce_account_id_right`,
`t14`.`customer_id` AS `customer_id_right`,
`t14`.`currency` AS `currency_right`,
`t14`.`month_start_date` AS `month_start_date_right`,
`t14`.`won_count`,
`t14`.`won_cents`,
`t14`.`lost_count`,
`t14`.`lost_cents`,
`t14`.`decided_unvalued_count`,
`t14`.`timed_count`,
`t14`.`total_days_to_close`
FROM (SELECT `t36`.`source_account`,
`t36`.`salesforce_account_id`,
`t36`.`customer_id`,
`t36`.`currency`,
`t36`.`month_start_date`,
`t36`.`open_count`,
`t36`.`open_cents`,
`t36`.`weighted_cents`,
`t36`.`open_assumed_count`,
`t36`.`open_unvalued_count`,
`t36`.`open_unweighted_count`
FROM (SELECT `t35`.`source_account`,
`t35`.`salesforce_account_id`,
`t35`.`customer_id`,
`t35`.`currency`,
`t35`.`month_start_date`,
`t26`.`source_account` AS `source_account_right`,
`t26`.`salesforce_account_id` AS `salesforce_account_id_right`,
`t26`.`customer_id` AS `customer_id_right`,
`t26`.`currency` AS `currency_right`,
`t26`.`month_start_date` AS `month_start_date_right`,
`t26`.`open_count`,
`t26`.`open_cents`,
`t26`.`weighted_cents`,
`t26`.`open_assumed_count`,
`t26`.`open_unvalued_count`,
`t26`.`open_unweighted_count`
FROM (SELECT `t33`.`source_account`,
`t33`.`salesforce_account_id`,
`t33`.`customer_id`,
`t33`.`currency`, DATE(CAST(CAST(FLOOR(ieee_divide(`t33`.`month` - (MOD(`t33`.`month`, 12)), 12)) AS INT64) AS INT64),
CAST((MOD(`t33`.`month`, 12)) + 1 AS INT64), 1) AS `month_start_date`
FROM (SELECT `t32`.`source_account`,
`t32`.`salesforce_account_id`,
`t32`.`customer_id`,
`t32`.`currency`,
`t32`.`first_date`,
`t32`.`_first`,
`t32`.`_last`, `element_of_array` AS `month`
FROM (SELECT `t31`.`source_account`,
`t31`.`salesforce_account_id`,
`t31`.`customer_id`,
`t31`.`currency`,
`t31`.`first_date`, ((CAST(EXTRACT(year
FROM `t31`.`first_date`) AS INT64) * 12) + CAST(EXTRACT(month
FROM `t31`.`first_date`) AS INT64)) - 1 AS `_first`, 24318 AS `_last`
FROM (SELECT `t30`.`source_account`,
`t30`.`salesforce_account_id`,
`t30`.`customer_id`,
`t30`.`currency`, MIN(`t30`.`first_date`) AS `first_date`
FROM (SELECT *
FROM (SELECT *
FROM (SELECT `t27`.`source_account`,
`t27`.`salesforce_account_id`,
`t27`.`customer_id`,
`t27`.`currency`,
`t27`.`month_start_date` AS `first_date`
FROM (SELECT *
FROM `t24` AS `t25`) AS `t27`) AS `t28`
UNION ALL
SELECT *
FROM (SELECT `t15`.`source_account`,
`t15`.`salesforce_account_id`,
`t15`.`customer_id`,
`t15`.`currency`,
`t15`.`month_start_date` AS `first_date`
FROM (SELECT CAST(`t13`.`source_account` AS STRING) AS `source_account`,
`t13`.`salesforce_account_id`,
`t13`.`customer_id`,
`t13`.`currency`,
`t13`.`month_start_date`,
`t13`.`won_count`,
`t13`.`won_cents`,
`t13`.`lost_count`,
`t13`.`lost_cents`,
`t13`.`decided_unvalued_count`,
`t13`.`timed_count`,
`t13`.`total_days_to_close`
FROM `t12` AS `t13`) AS `t15`) AS `t17`) AS `t29`
WHERE `t29`.`first_date` <= DATE(2026, 7, 4)) AS `t30`
GROUP BY 1, 2, 3, 4) AS `t31`) AS `t32`
CROSS JOIN UNNEST(GENERATE_ARRAY(`t32`.`_first`, (`t32`.`_last` + 1) - 1)) AS `element_of_array`) AS `t33`) AS `t35`
LEFT OUTER JOIN `t24` AS `t26` ON `t35`.`source_account` = `t26`.`source_account` AND `t35`.`salesforce_account_id` = `t26`.`salesforce_account_id` AND `t35`.`customer_id` = `t26`.`customer_id` AND `t35`.`currency` = `t26`.`currency` AND `t35`.`month_start_date` = `t26`.`month_start_date`) AS `t36`) AS `t38`
LEFT OUTER JOIN `t12` AS `t14` ON `t38`.`source_account` = `t14`.`source_account` AND `t38`.`salesforce_account_id` = `t14`.`salesforce_account_id` AND `t38`.`customer_id` = `t14`.`customer_id` AND `t38`.`currency` = `t14`.`currency` AND `t38`.`month_start_date` = `t14`.`month_start_date`) AS `t39`) AS `t40`) AS `t41`

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
WHERE NOT (`t0`.`is_deleted`)) AS `t2`), `t13` AS (SELECT `t12`.`source_account`,
`t12`.`salesforce_account_id`,
`t12`.`customer_id`,
`t12`.`currency`,
`t12`.`month_start_date`, COUNTIF(`t12`.`is_won`) AS `won_count`, SUM(IF(`t12`.`is_won`,
`t12`.`cents`, NULL)) AS `won_cents`, COUNTIF(NOT (`t12`.`is_won`)) AS `lost_count`, SUM(IF(NOT (`t12`.`is_won`),
`t12`.`cents`, NULL)) AS `lost_cents`, COUNTIF(`t12`.`cents` IS NULL) AS `decided_unvalued_count`, COUNT(`t12`.`days_to_close`) AS `timed_count`, SUM(`t12`.`days_to_close`) AS `total_days_to_close`
FROM (SELECT *
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
WHERE `t6`.`is_closed` AND `t6`.`close_date` >= DATE(2025, 7, 1)) AS `t8`) AS `t10`
WHERE `t10`.`month_start_date` <= DATE(2026, 7, 4)) AS `t12`
GROUP BY 1, 2, 3, 4, 5), `t25` AS (SELECT `t24`.`source_account`,
`t24`.`salesforce_account_id`,
`t24`.`customer_id`,
`t24`.`currency`,
`t24`.`month_start_date`, COUNT(*) AS `open_count`, SUM(`t24`.`cents`) AS `open_cents`, SUM(`t24`.`weighted_cents`) AS `weighted_cents`, COUNTIF(`t24`.`changed_date` > `t24`.`end_date`) AS `open_assumed_count`, COUNTIF(`t24`.`cents` IS NULL) AS `open_unvalued_count`, COUNTIF(`t24`.`weighted_cents` IS NULL) AS `open_unweighted_count`
FROM (SELECT `t23`.`source_account`,
`t23`.`opportunity_id`,
`t23`.`from_date`,
`t23`.`to_date`,
`t23`.`changed_date`,
`t23`.`currency`,
`t23`.`cents`,
`t23`.`share`,
`t23`.`was_closed`,
`t23`.`closing_date`,
`t23`.`customer_id`,
`t23`.`salesforce_account_id`,
`t23`.`is_closed`,
`t23`.`close_date`,
`t23`.`_first`,
`t23`.`_last`,
`t23`.`month`,
`t23`.`month_start_date`,
`t23`.`end_date`, IF(ABS(`t23`.`cents`) <= 9000000000000, IF(`t23`.`cents` < 0, -(CAST(ROUND(ieee_divide((IF(ABS(`t23`.`cents`) <= 9000000000000, ABS(`t23`.`cents`), 0) * CAST(ROUND(`t23`.`share` * 1000000, 0) AS INT64)) - (MOD(IF(ABS(`t23`.`cents`) <= 9000000000000, ABS(`t23`.`cents`), 0) * CAST(ROUND(`t23`.`share` * 1000000, 0) AS INT64), 1000000)), 1000000), 0) AS INT64) + CAST(ROUND(ieee_divide(((IF(ABS(`t23`.`cents`) <= 9000000000000, ABS(`t23`.`cents`), 0) * CAST(ROUND(`t23`.`share` * 1000000, 0) AS INT64)) - (MOD(IF(ABS(`t23`.`cents`) <= 9000000000000, ABS(`t23`.`cents`), 0) * CAST(ROUND(`t23`.`share` * 1000000, 0) AS INT64), 1000000))) - (CAST(ROUND(ieee_divide((IF(ABS(`t23`.`cents`) <= 9000000000000, ABS(`t23`.`cents`), 0) * CAST(ROUND(`t23`.`share` * 1000000, 0) AS INT64)) - (MOD(IF(ABS(`t23`.`cents`) <= 9000000000000, ABS(`t23`.`cents`), 0) * CAST(ROUND(`t23`.`share` * 1000000, 0) AS INT64), 1000000)), 1000000), 0) AS INT64) * 1000000), 1000000), 0) AS INT64) + CAST(((MOD(IF(ABS(`t23`.`cents`) <= 9000000000000, ABS(`t23`.`cents`), 0) * CAST(ROUND(`t23`.`share` * 1000000, 0) AS INT64), 1000000)) * 2) >= 1000000 AS INT64)),
CAST(ROUND(ieee_divide((IF(ABS(`t23`.`cents`) <= 9000000000000, ABS(`t23`.`cents`), 0) * CAST(ROUND(`t23`.`share` * 1000000, 0) AS INT64)) - (MOD(IF(ABS(`t23`.`cents`) <= 9000000000000, ABS(`t23`.`cents`), 0) * CAST(ROUND(`t23`.`share` * 1000000, 0) AS INT64), 1000000)), 1000000), 0) AS INT64) + CAST(ROUND(ieee_divide(((IF(ABS(`t23`.`cents`) <= 9000000000000, ABS(`t23`.`cents`), 0) * CAST(ROUND(`t23`.`share` * 1000000, 0) AS INT64)) - (MOD(IF(ABS(`t23`.`cents`) <= 9000000000000, ABS(`t23`.`cents`), 0) * CAST(ROUND(`t23`.`share` * 1000000, 0) AS INT64), 1000000))) - (CAST(ROUND(ieee_divide((IF(ABS(`t23`.`cents`) <= 9000000000000, ABS(`t23`.`cents`), 0) * CAST(ROUND(`t23`.`share` * 1000000, 0) AS INT64)) - (MOD(IF(ABS(`t23`.`cents`) <= 9000000000000, ABS(`t23`.`cents`), 0) * CAST(ROUND(`t23`.`share` * 1000000, 0) AS INT64), 1000000)), 1000000), 0) AS INT64) * 1000000), 1000000), 0) AS INT64) + CAST(((MOD(IF(ABS(`t23`.`cents`) <= 9000000000000, ABS(`t23`.`cents`), 0) * CAST(ROUND(`t23`.`share` * 1000000, 0) AS INT64), 1000000)) * 2) >= 1000000 AS INT64)),
CAST(NULL AS INT64)) AS `weighted_cents`
FROM (SELECT *
FROM (SELECT `t21`.`source_account`,
`t21`.`opportunity_id`,
`t21`.`from_date`,
`t21`.`to_date`,
`t21`.`changed_date`,
`t21`.`currency`,
`t21`.`cents`,
`t21`.`share`,
`t21`.`was_closed`,
`t21`.`closing_date`,
`t21`.`customer_id`,
`t21`.`salesforce_account_id`,
`t21`.`is_closed`,
`t21`.`close_date`,
`t21`.`_first`,
`t21`.`_last`,
`t21`.`month`,
`t21`.`month_start_date`, LEAST(COALESCE(CAST(CAST(DATE_ADD(DATE(CAST(CAST(FLOOR(ieee_divide(((((CAST(EXTRACT(year
FROM `t21`.`month_start_date`) AS INT64) * 12) + CAST(EXTRACT(month
FROM `t21`.`month_start_date`) AS INT64)) - 1) + 1) - (MOD((((CAST(EXTRACT(year
FROM `t21`.`month_start_date`) AS INT64) * 12) + CAST(EXTRACT(month
FROM `t21`.`month_start_date`) AS INT64)) - 1) + 1, 12)), 12)) AS INT64) AS INT64),
CAST((MOD((((CAST(EXTRACT(year
FROM `t21`.`month_start_date`) AS INT64) * 12) + CAST(EXTRACT(month
FROM `t21`.`month_start_date`) AS INT64)) - 1) + 1, 12)) + 1 AS INT64), 1), INTERVAL -1 DAY) AS DATETIME) AS DATE), DATE(2026, 7, 4)),
COALESCE(DATE(2026, 7, 4),
CAST(CAST(DATE_ADD(DATE(CAST(CAST(FLOOR(ieee_divide(((((CAST(EXTRACT(year
FROM `t21`.`month_start_date`) AS INT64) * 12) + CAST(EXTRACT(month
FROM `t21`.`month_start_date`) AS INT64)) - 1) + 1) - (MOD((((CAST(EXTRACT(year
FROM `t21`.`month_start_date`) AS INT64) * 12) + CAST(EXTRACT(month
FROM `t21`.`month_start_date`) AS INT64)) - 1) + 1, 12)), 12)) AS INT64) AS INT64),
CAST((MOD((((CAST(EXTRACT(year
FROM `t21`.`month_start_date`) AS INT64) * 12) + CAST(EXTRACT(month
FROM `t21`.`month_start_date`) AS INT64)) - 1) + 1, 12)) + 1 AS INT64), 1), INTERVAL -1 DAY) AS DATETIME) AS DATE))) AS `end_date`
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
`t20`.`month`, DATE(CAST(CAST(FLOOR(ieee_divide(`t20`.`month` - (MOD(`t20`.`month`, 12)), 12)) AS INT64) AS INT64),
CAST((MOD(`t20`.`month`, 12)) + 1 AS INT64), 1) AS `month_start_date`
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
CROSS JOIN UNNEST(GENERATE_ARRAY(`t18`.`_first`, (`t18`.`_last` + 1) - 1)) AS `element_of_array`) AS `t20`) AS `t21`) AS `t22`
WHERE `t22`.`from_date` <= `t22`.`end_date` AND ((`t22`.`to_date` IS NULL) OR (`t22`.`to_date` > `t22`.`end_date`)) AND NOT ((`t22`.`was_closed` AND ((`t22`.`closing_date` IS NULL) OR (`t22`.`closing_date` <= `t22`.`end_date`))) OR (`t22`.`was_closed` AND (`t22`.`changed_date` <= `t22`.`end_date`))) AND NOT (`t22`.`is_closed` AND ((`t22`.`close_date` IS NULL) OR (`t22`.`close_date` <= `t22`.`end_date`)))) AS `t23`) AS `t24`
GROUP BY 1, 2, 3, 4, 5)
SELECT `t42`.`source_account`,
`t42`.`salesforce_account_id`,
`t42`.`customer_id`,
`t42`.`month_start_date`,
`t42`.`currency`,
`t42`.`open_count`,
CAST(CAST(CAST(CAST(ROUND(ieee_divide(`t42`.`open_cents` - (MOD(`t42`.`open_cents`, 100)), 100), 0) AS INT64) AS NUMERIC) + CAST(CAST(MOD(`t42`.`open_cents`, 100) AS NUMERIC) * CAST('0.01' AS NUMERIC) AS NUMERIC) AS NUMERIC) AS NUMERIC) AS `open_amount`,
CAST(CAST(CAST(CAST(ROUND(ieee_divide(`t42`.`weighted_cents` - (MOD(`t42`.`weighted_cents`, 100)), 100), 0) AS INT64) AS NUMERIC) + CAST(CAST(MOD(`t42`.`weighted_cents`, 100) AS NUMERIC) * CAST('0.01' AS NUMERIC) AS NUMERIC) AS NUMERIC) AS NUMERIC) AS `weighted_amount`,
`t42`.`open_assumed_count`,
`t42`.`open_unvalued_count`,
`t42`.`open_unweighted_count`,
`t42`.`won_count`,
CAST(CAST(CAST(CAST(ROUND(ieee_divide(`t42`.`won_cents` - (MOD(`t42`.`won_cents`, 100)), 100), 0) AS INT64) AS NUMERIC) + CAST(CAST(MOD(`t42`.`won_cents`, 100) AS NUMERIC) * CAST('0.01' AS NUMERIC) AS NUMERIC) AS NUMERIC) AS NUMERIC) AS `won_amount`,
`t42`.`lost_count`,
CAST(CAST(CAST(CAST(ROUND(ieee_divide(`t42`.`lost_cents` - (MOD(`t42`.`lost_cents`, 100)), 100), 0) AS INT64) AS NUMERIC) + CAST(CAST(MOD(`t42`.`lost_cents`, 100) AS NUMERIC) * CAST('0.01' AS NUMERIC) AS NUMERIC) AS NUMERIC) AS NUMERIC) AS `lost_amount`,
`t42`.`decided_unvalued_count`, ieee_divide(CAST(`t42`.`won_count` AS FLOAT64),
CAST(NULLIF(`t42`.`won_count` + `t42`.`lost_count`, 0) AS FLOAT64)) AS `win_rate_share`, IF((`t42`.`won_cents` >= 0) AND (`t42`.`lost_cents` >= 0), ieee_divide(CAST(`t42`.`won_cents` AS FLOAT64),
CAST(NULLIF(`t42`.`won_cents` + `t42`.`lost_cents`, 0) AS FLOAT64)),
CAST(NULL AS FLOAT64)) AS `win_rate_amount_share`, ieee_divide(CAST(`t42`.`total_days_to_close` AS FLOAT64),
CAST(NULLIF(`t42`.`timed_count`, 0) AS FLOAT64)) AS `mean_days_to_close`,
`t42`.`total_days_to_close`,
`t42`.`timed_count`
FROM (SELECT `t41`.`source_account`,
`t41`.`salesforce_account_id`,
`t41`.`customer_id`,
`t41`.`currency`,
`t41`.`month_start_date`,
COALESCE(`t41`.`open_count`, 0) AS `open_count`,
COALESCE(`t41`.`open_cents`, 0) AS `open_cents`,
COALESCE(`t41`.`weighted_cents`, 0) AS `weighted_cents`,
COALESCE(`t41`.`open_assumed_count`, 0) AS `open_assumed_count`,
COALESCE(`t41`.`open_unvalued_count`, 0) AS `open_unvalued_count`,
COALESCE(`t41`.`open_unweighted_count`, 0) AS `open_unweighted_count`,
COALESCE(`t41`.`won_count`, 0) AS `won_count`,
COALESCE(`t41`.`won_cents`, 0) AS `won_cents`,
COALESCE(`t41`.`lost_count`, 0) AS `lost_count`,
COALESCE(`t41`.`lost_cents`, 0) AS `lost_cents`,
COALESCE(`t41`.`decided_unvalued_count`, 0) AS `decided_unvalued_count`,
COALESCE(`t41`.`timed_count`, 0) AS `timed_count`,
COALESCE(`t41`.`total_days_to_close`, 0) AS `total_days_to_close`
FROM (SELECT `t40`.* EXCEPT (`currency_right`, `customer_id_right`, `month_start_date_right`, `salesforce_account_id_right`, `source_account_right`)
FROM (SELECT `t39`.`source_account`,
`t39`.`salesforce_account_id`,
`t39`.`customer_id`,
`t39`.`currency`,
`t39`.`month_start_date`,
`t39`.`open_count`,
`t39`.`open_cents`,
`t39`.`weighted_cents`,
`t39`.`open_assumed_count`,
`t39`.`open_unvalued_count`,
`t39`.`open_unweighted_count`,
`t15`.`source_account` AS `source_account_right`,
`t15`.`salesforce_account_id` AS `salesforce_account_id_right`,
`t15`.`customer_id` AS `customer_id_right`,
`t15`.`currency` AS `currency_right`,
`t15`.`month_start_date` AS `month_start_date_right`,
`t15`.`won_count`,
`t15`.`won_cents`,
`t15`.`lost_count`,
`t15`.`lost_cents`,
`t15`.`decided_unvalued_count`,
`t15`.`timed_count`,
`t15`.`total_days_to_close`
FROM (SELECT `t37`.`source_account`,
`t37`.`salesforce_account_id`,
`t37`.`customer_id`,
`t37`.`currency`,
`t37`.`month_start_date`,
`t37`.`open_count`,
`t37`.`open_cents`,
`t37`.`weighted_cents`,
`t37`.`open_assumed_count`,
`t37`.`open_unvalued_count`,
`t37`.`open_unweighted_count`
FROM (SELECT `t36`.`source_account`,
`t36`.`salesforce_account_id`,
`t36`.`customer_id`,
`t36`.`currency`,
`t36`.`month_start_date`,
`t27`.`source_account` AS `source_account_right`,
`t27`.`salesforce_account_id` AS `salesforce_account_id_right`,
`t27`.`customer_id` AS `customer_id_right`,
`t27`.`currency` AS `currency_right`,
`t27`.`month_start_date` AS `month_start_date_right`,
`t27`.`open_count`,
`t27`.`open_cents`,
`t27`.`weighted_cents`,
`t27`.`open_assumed_count`,
`t27`.`open_unvalued_count`,
`t27`.`open_unweighted_count`
FROM (SELECT `t34`.`source_account`,
`t34`.`salesforce_account_id`,
`t34`.`customer_id`,
`t34`.`currency`, DATE(CAST(CAST(FLOOR(ieee_divide(`t34`.`month` - (MOD(`t34`.`month`, 12)), 12)) AS INT64) AS INT64),
CAST((MOD(`t34`.`month`, 12)) + 1 AS INT64), 1) AS `month_start_date`
FROM (SELECT `t33`.`source_account`,
`t33`.`salesforce_account_id`,
`t33`.`customer_id`,
`t33`.`currency`,
`t33`.`first_date`,
`t33`.`_first`,
`t33`.`_last`, `element_of_array` AS `month`
FROM (SELECT `t32`.`source_account`,
`t32`.`salesforce_account_id`,
`t32`.`customer_id`,
`t32`.`currency`,
`t32`.`first_date`, ((CAST(EXTRACT(year
FROM `t32`.`first_date`) AS INT64) * 12) + CAST(EXTRACT(month
FROM `t32`.`first_date`) AS INT64)) - 1 AS `_first`, 24318 AS `_last`
FROM (SELECT `t31`.`source_account`,
`t31`.`salesforce_account_id`,
`t31`.`customer_id`,
`t31`.`currency`, MIN(`t31`.`first_date`) AS `first_date`
FROM (SELECT *
FROM (SELECT *
FROM (SELECT `t28`.`source_account`,
`t28`.`salesforce_account_id`,
`t28`.`customer_id`,
`t28`.`currency`,
`t28`.`month_start_date` AS `first_date`
FROM (SELECT *
FROM `t25` AS `t26`) AS `t28`) AS `t29`
UNION ALL
SELECT *
FROM (SELECT `t17`.`source_account`,
`t17`.`salesforce_account_id`,
`t17`.`customer_id`,
`t17`.`currency`,
`t17`.`month_start_date` AS `first_date`
FROM (SELECT CAST(`t14`.`source_account` AS STRING) AS `source_account`,
`t14`.`salesforce_account_id`,
`t14`.`customer_id`,
`t14`.`currency`,
`t14`.`month_start_date`,
`t14`.`won_count`,
`t14`.`won_cents`,
`t14`.`lost_count`,
`t14`.`lost_cents`,
`t14`.`decided_unvalued_count`,
`t14`.`timed_count`,
`t14`.`total_days_to_close`
FROM `t13` AS `t14`) AS `t17`) AS `t19`) AS `t30`
WHERE `t30`.`first_date` <= DATE(2026, 7, 4)) AS `t31`
GROUP BY 1, 2, 3, 4) AS `t32`) AS `t33`
CROSS JOIN UNNEST(GENERATE_ARRAY(`t33`.`_first`, (`t33`.`_last` + 1) - 1)) AS `element_of_array`) AS `t34`) AS `t36`
LEFT OUTER JOIN `t25` AS `t27` ON `t36`.`source_account` = `t27`.`source_account` AND `t36`.`salesforce_account_id` = `t27`.`salesforce_account_id` AND `t36`.`customer_id` = `t27`.`customer_id` AND `t36`.`currency` = `t27`.`currency` AND `t36`.`month_start_date` = `t27`.`month_start_date`) AS `t37`) AS `t39`
LEFT OUTER JOIN `t13` AS `t15` ON `t39`.`source_account` = `t15`.`source_account` AND `t39`.`salesforce_account_id` = `t15`.`salesforce_account_id` AND `t39`.`customer_id` = `t15`.`customer_id` AND `t39`.`currency` = `t15`.`currency` AND `t39`.`month_start_date` = `t15`.`month_start_date`) AS `t40`) AS `t41`) AS `t42`

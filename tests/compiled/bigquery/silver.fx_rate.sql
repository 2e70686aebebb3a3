WITH `t2` AS (SELECT *
FROM (SELECT `t0`.`date`,
`t0`.`currency`,
CAST(CAST(CAST(ROUND(CAST(`t0`.`units_per_eur` AS BIGNUMERIC), 6) AS NUMERIC) AS NUMERIC) * CAST('1000000.000000' AS NUMERIC) AS INT64) AS `units`
FROM `fx_rates` AS `t0`) AS `t1`
WHERE `t1`.`units` > 0)
SELECT CAST(CAST(DATE_ADD(`t12`.`published_date`, INTERVAL `t12`.`age` DAY) AS DATETIME) AS DATE) AS `rate_date`,
`t12`.`currency`,
CAST(CAST(CAST(ROUND(ieee_divide(`t12`.`rate_e12` - (MOD(`t12`.`rate_e12`, 1000000000000)), 1000000000000), 0) AS INT64) AS BIGNUMERIC) + CAST(CAST(MOD(`t12`.`rate_e12`, 1000000000000) AS NUMERIC) * CAST('1E-12' AS BIGNUMERIC) AS BIGNUMERIC) AS BIGNUMERIC) AS `rate`,
`t12`.`rate_e12`,
`t12`.`published_date`
FROM (SELECT *
FROM (SELECT `t10`.`currency`,
`t10`.`published_date`,
`t10`.`rate_e12`,
`t10`.`next_date`,
`t10`.`valid_days`, `element_of_array` AS `age`
FROM (SELECT `t9`.`currency`,
`t9`.`published_date`,
`t9`.`rate_e12`,
`t9`.`next_date`,
COALESCE(DATE_DIFF(`t9`.`next_date`,
`t9`.`published_date`, DAY), 8) AS `valid_days`
FROM (SELECT `t8`.`currency`,
`t8`.`published_date`,
`t8`.`rate_e12`, LEAD(`t8`.`published_date`) OVER (PARTITION BY `t8`.`currency` ORDER BY `t8`.`published_date` ASC NULLS LAST) AS `next_date`
FROM (SELECT `t4`.`currency`,
`t4`.`date` AS `published_date`, ((((((CAST(ROUND(ieee_divide(`t7`.`reporting_units` - (MOD(`t7`.`reporting_units`, NULLIF(`t4`.`units`, 0))), NULLIF(`t4`.`units`, 0)), 0) AS INT64) + CAST(ROUND(ieee_divide((`t7`.`reporting_units` - (MOD(`t7`.`reporting_units`, NULLIF(`t4`.`units`, 0)))) - (CAST(ROUND(ieee_divide(`t7`.`reporting_units` - (MOD(`t7`.`reporting_units`, NULLIF(`t4`.`units`, 0))), NULLIF(`t4`.`units`, 0)), 0) AS INT64) * NULLIF(`t4`.`units`, 0)), NULLIF(`t4`.`units`, 0)), 0) AS INT64)) * 10000) + (CAST(ROUND(ieee_divide(((MOD(`t7`.`reporting_units`,
`t4`.`units`)) * 10000) - (MOD((MOD(`t7`.`reporting_units`,
`t4`.`units`)) * 10000, NULLIF(`t4`.`units`, 0))), NULLIF(`t4`.`units`, 0)), 0) AS INT64) + CAST(ROUND(ieee_divide((((MOD(`t7`.`reporting_units`,
`t4`.`units`)) * 10000) - (MOD((MOD(`t7`.`reporting_units`,
`t4`.`units`)) * 10000, NULLIF(`t4`.`units`, 0)))) - (CAST(ROUND(ieee_divide(((MOD(`t7`.`reporting_units`,
`t4`.`units`)) * 10000) - (MOD((MOD(`t7`.`reporting_units`,
`t4`.`units`)) * 10000, NULLIF(`t4`.`units`, 0))), NULLIF(`t4`.`units`, 0)), 0) AS INT64) * NULLIF(`t4`.`units`, 0)), NULLIF(`t4`.`units`, 0)), 0) AS INT64))) * 10000) + (CAST(ROUND(ieee_divide(((MOD((MOD(`t7`.`reporting_units`,
`t4`.`units`)) * 10000,
`t4`.`units`)) * 10000) - (MOD((MOD((MOD(`t7`.`reporting_units`,
`t4`.`units`)) * 10000,
`t4`.`units`)) * 10000, NULLIF(`t4`.`units`, 0))), NULLIF(`t4`.`units`, 0)), 0) AS INT64) + CAST(ROUND(ieee_divide((((MOD((MOD(`t7`.`reporting_units`,
`t4`.`units`)) * 10000,
`t4`.`units`)) * 10000) - (MOD((MOD((MOD(`t7`.`reporting_units`,
`t4`.`units`)) * 10000,
`t4`.`units`)) * 10000, NULLIF(`t4`.`units`, 0)))) - (CAST(ROUND(ieee_divide(((MOD((MOD(`t7`.`reporting_units`,
`t4`.`units`)) * 10000,
`t4`.`units`)) * 10000) - (MOD((MOD((MOD(`t7`.`reporting_units`,
`t4`.`units`)) * 10000,
`t4`.`units`)) * 10000, NULLIF(`t4`.`units`, 0))), NULLIF(`t4`.`units`, 0)), 0) AS INT64) * NULLIF(`t4`.`units`, 0)), NULLIF(`t4`.`units`, 0)), 0) AS INT64))) * 10000) + (CAST(ROUND(ieee_divide(((MOD((MOD((MOD(`t7`.`reporting_units`,
`t4`.`units`)) * 10000,
`t4`.`units`)) * 10000,
`t4`.`units`)) * 10000) - (MOD((MOD((MOD((MOD(`t7`.`reporting_units`,
`t4`.`units`)) * 10000,
`t4`.`units`)) * 10000,
`t4`.`units`)) * 10000, NULLIF(`t4`.`units`, 0))), NULLIF(`t4`.`units`, 0)), 0) AS INT64) + CAST(ROUND(ieee_divide((((MOD((MOD((MOD(`t7`.`reporting_units`,
`t4`.`units`)) * 10000,
`t4`.`units`)) * 10000,
`t4`.`units`)) * 10000) - (MOD((MOD((MOD((MOD(`t7`.`reporting_units`,
`t4`.`units`)) * 10000,
`t4`.`units`)) * 10000,
`t4`.`units`)) * 10000, NULLIF(`t4`.`units`, 0)))) - (CAST(ROUND(ieee_divide(((MOD((MOD((MOD(`t7`.`reporting_units`,
`t4`.`units`)) * 10000,
`t4`.`units`)) * 10000,
`t4`.`units`)) * 10000) - (MOD((MOD((MOD((MOD(`t7`.`reporting_units`,
`t4`.`units`)) * 10000,
`t4`.`units`)) * 10000,
`t4`.`units`)) * 10000, NULLIF(`t4`.`units`, 0))), NULLIF(`t4`.`units`, 0)), 0) AS INT64) * NULLIF(`t4`.`units`, 0)), NULLIF(`t4`.`units`, 0)), 0) AS INT64)) + CAST(((MOD((MOD((MOD((MOD(`t7`.`reporting_units`,
`t4`.`units`)) * 10000,
`t4`.`units`)) * 10000,
`t4`.`units`)) * 10000,
`t4`.`units`)) * 2) >= `t4`.`units` AS INT64) AS `rate_e12`
FROM `t2` AS `t4`
INNER JOIN (SELECT `t5`.`date`,
`t5`.`units` AS `reporting_units`
FROM (SELECT *
FROM `t2` AS `t3`
WHERE `t3`.`currency` = 'usd') AS `t5`) AS `t7` ON `t4`.`date` = `t7`.`date`) AS `t8`) AS `t9`) AS `t10`
CROSS JOIN UNNEST(GENERATE_ARRAY(0, 8 - 1)) AS `element_of_array`) AS `t11`
WHERE `t11`.`age` < `t11`.`valid_days`) AS `t12`

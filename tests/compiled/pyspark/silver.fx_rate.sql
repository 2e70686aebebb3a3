WITH `t2` AS (SELECT *
FROM (SELECT `t0`.`date`,
`t0`.`currency`,
CAST(CAST(CAST(ROUND(CAST(`t0`.`units_per_eur` AS DECIMAL(38, 12)), 6) AS DECIMAL(38, 6)) AS DECIMAL(19, 6)) * CAST('1000000.000000' AS DECIMAL(19, 6)) AS BIGINT) AS `units`
FROM `fx_rates` AS `t0`) AS `t1`
WHERE `t1`.`units` > 0)
SELECT CAST(CAST(`t12`.`published_date` + CAST(CONCAT(`t12`.`age`, ' days') AS INTERVAL) AS TIMESTAMP) AS DATE) AS `rate_date`,
`t12`.`currency`,
CAST(CAST(CAST(ROUND((`t12`.`rate_e12` - (`t12`.`rate_e12` % 1000000000000)) / 1000000000000, 0) AS BIGINT) AS DECIMAL(32, 12)) + CAST(CAST(`t12`.`rate_e12` % 1000000000000 AS DECIMAL(18, 0)) * CAST('1E-12' AS DECIMAL(18, 12)) AS DECIMAL(32, 12)) AS DECIMAL(38, 12)) AS `rate`,
`t12`.`rate_e12`,
`t12`.`published_date`
FROM (SELECT *
FROM (SELECT `t10`.`currency`,
`t10`.`published_date`,
`t10`.`rate_e12`,
`t10`.`next_date`,
`t10`.`valid_days`, EXPLODE(IF((1 <> 0) AND (SIGN(1) = SIGN(8 - 0)), IF(ELEMENT_AT(SEQUENCE(0, 8, 1), SIZE(SEQUENCE(0, 8, 1))) = 8, SLICE(SEQUENCE(0, 8, 1), 1, SIZE(SEQUENCE(0, 8, 1)) - 1), SEQUENCE(0, 8, 1)), ARRAY())) AS `age`
FROM (SELECT `t9`.`currency`,
`t9`.`published_date`,
`t9`.`rate_e12`,
`t9`.`next_date`,
COALESCE(DATEDIFF(DAY,
`t9`.`published_date`,
`t9`.`next_date`), 8) AS `valid_days`
FROM (SELECT `t8`.`currency`,
`t8`.`published_date`,
`t8`.`rate_e12`, LEAD(`t8`.`published_date`) OVER (PARTITION BY `t8`.`currency` ORDER BY `t8`.`published_date` ASC NULLS LAST) AS `next_date`
FROM (SELECT `t4`.`currency`,
`t4`.`date` AS `published_date`, ((((((CAST(ROUND((`t7`.`reporting_units` - (`t7`.`reporting_units` % NULLIF(`t4`.`units`, 0))) / NULLIF(`t4`.`units`, 0), 0) AS BIGINT) + CAST(ROUND(((`t7`.`reporting_units` - (`t7`.`reporting_units` % NULLIF(`t4`.`units`, 0))) - (CAST(ROUND((`t7`.`reporting_units` - (`t7`.`reporting_units` % NULLIF(`t4`.`units`, 0))) / NULLIF(`t4`.`units`, 0), 0) AS BIGINT) * NULLIF(`t4`.`units`, 0))) / NULLIF(`t4`.`units`, 0), 0) AS BIGINT)) * 10000) + (CAST(ROUND((((`t7`.`reporting_units` % `t4`.`units`) * 10000) - (((`t7`.`reporting_units` % `t4`.`units`) * 10000) % NULLIF(`t4`.`units`, 0))) / NULLIF(`t4`.`units`, 0), 0) AS BIGINT) + CAST(ROUND(((((`t7`.`reporting_units` % `t4`.`units`) * 10000) - (((`t7`.`reporting_units` % `t4`.`units`) * 10000) % NULLIF(`t4`.`units`, 0))) - (CAST(ROUND((((`t7`.`reporting_units` % `t4`.`units`) * 10000) - (((`t7`.`reporting_units` % `t4`.`units`) * 10000) % NULLIF(`t4`.`units`, 0))) / NULLIF(`t4`.`units`, 0), 0) AS BIGINT) * NULLIF(`t4`.`units`, 0))) / NULLIF(`t4`.`units`, 0), 0) AS BIGINT))) * 10000) + (CAST(ROUND((((((`t7`.`reporting_units` % `t4`.`units`) * 10000) % `t4`.`units`) * 10000) - (((((`t7`.`reporting_units` % `t4`.`units`) * 10000) % `t4`.`units`) * 10000) % NULLIF(`t4`.`units`, 0))) / NULLIF(`t4`.`units`, 0), 0) AS BIGINT) + CAST(ROUND(((((((`t7`.`reporting_units` % `t4`.`units`) * 10000) % `t4`.`units`) * 10000) - (((((`t7`.`reporting_units` % `t4`.`units`) * 10000) % `t4`.`units`) * 10000) % NULLIF(`t4`.`units`, 0))) - (CAST(ROUND((((((`t7`.`reporting_units` % `t4`.`units`) * 10000) % `t4`.`units`) * 10000) - (((((`t7`.`reporting_units` % `t4`.`units`) * 10000) % `t4`.`units`) * 10000) % NULLIF(`t4`.`units`, 0))) / NULLIF(`t4`.`units`, 0), 0) AS BIGINT) * NULLIF(`t4`.`units`, 0))) / NULLIF(`t4`.`units`, 0), 0) AS BIGINT))) * 10000) + (CAST(ROUND((((((((`t7`.`reporting_units` % `t4`.`units`) * 10000) % `t4`.`units`) * 10000) % `t4`.`units`) * 10000) - (((((((`t7`.`reporting_units` % `t4`.`units`) * 10000) % `t4`.`units`) * 10000) % `t4`.`units`) * 10000) % NULLIF(`t4`.`units`, 0))) / NULLIF(`t4`.`units`, 0), 0) AS BIGINT) + CAST(ROUND(((((((((`t7`.`reporting_units` % `t4`.`units`) * 10000) % `t4`.`units`) * 10000) % `t4`.`units`) * 10000) - (((((((`t7`.`reporting_units` % `t4`.`units`) * 10000) % `t4`.`units`) * 10000) % `t4`.`units`) * 10000) % NULLIF(`t4`.`units`, 0))) - (CAST(ROUND((((((((`t7`.`reporting_units` % `t4`.`units`) * 10000) % `t4`.`units`) * 10000) % `t4`.`units`) * 10000) - (((((((`t7`.`reporting_units` % `t4`.`units`) * 10000) % `t4`.`units`) * 10000) % `t4`.`units`) * 10000) % NULLIF(`t4`.`units`, 0))) / NULLIF(`t4`.`units`, 0), 0) AS BIGINT) * NULLIF(`t4`.`units`, 0))) / NULLIF(`t4`.`units`, 0), 0) AS BIGINT)) + CAST(((((((((`t7`.`reporting_units` % `t4`.`units`) * 10000) % `t4`.`units`) * 10000) % `t4`.`units`) * 10000) % `t4`.`units`) * 2) >= `t4`.`units` AS BIGINT) AS `rate_e12`
FROM `t2` AS `t4`
INNER JOIN (SELECT `t5`.`date`,
`t5`.`units` AS `reporting_units`
FROM (SELECT *
FROM `t2` AS `t3`
WHERE `t3`.`currency` = 'usd') AS `t5`) AS `t7` ON `t4`.`date` = `t7`.`date`) AS `t8`) AS `t9`) AS `t10`) AS `t11`
WHERE `t11`.`age` < `t11`.`valid_days`) AS `t12`

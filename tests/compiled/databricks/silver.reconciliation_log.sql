WITH `t4` AS (SELECT *
FROM `dim_customer` AS `t0`
WHERE NOT (`t0`.`is_unknown`))
SELECT MAKE_DATE(2026, 7, 4) AS `load_date`, 'salesforce' AS `left_source_system`, 'stripe' AS `right_source_system`,
`t20`.`matched_count`,
`t20`.`left_unmatched_count`,
`t20`.`right_unmatched_count`,
`t20`.`reviewed_count`,
`t20`.`metadata_id_count`,
`t20`.`email_count`,
`t20`.`email_name_count`,
`t20`.`email_near_name_count`,
`t20`.`domain_name_count`,
`t20`.`name_phone_count`,
`t20`.`name_address_count`,
`t27`.`confidence_min`,
`t27`.`confidence_median`,
`t27`.`confidence_p5`,
`t27`.`estimated_precision`,
`t29`.`denominator`,
`t29`.`numerator`, TRY_DIVIDE(CAST(`t29`.`numerator` AS DOUBLE),
CAST(NULLIF(`t29`.`denominator`, 0) AS DOUBLE)) AS `match_rate`, 0.98 AS `threshold`, 0.99 AS `precision_threshold`, 0.95 AS `confidence_threshold`, IF(`t29`.`denominator` = 0,
CAST(NULL AS BOOLEAN), (TRY_DIVIDE(CAST(`t29`.`numerator` AS DOUBLE),
CAST(NULLIF(`t29`.`denominator`, 0) AS DOUBLE)) >= 0.98) AND COALESCE(`t27`.`estimated_precision` >= 0.99, FALSE)) AS `passed`
FROM (SELECT COALESCE(SUM(CAST(COALESCE(`t8`.`is_matched`, FALSE) AS BIGINT)), 0) AS `matched_count`,
COALESCE(SUM(CAST(COALESCE(`t8`.`has_salesforce` AND NOT (`t8`.`has_stripe`), FALSE) AS BIGINT)), 0) AS `left_unmatched_count`,
COALESCE(SUM(CAST(COALESCE(`t8`.`has_stripe` AND NOT (`t8`.`has_salesforce`), FALSE) AS BIGINT)), 0) AS `right_unmatched_count`,
COALESCE(SUM(CAST(COALESCE(`t8`.`match_rule` = 'reviewed', FALSE) AS BIGINT)), 0) AS `reviewed_count`,
COALESCE(SUM(CAST(COALESCE(`t8`.`match_rule` = 'metadata_id', FALSE) AS BIGINT)), 0) AS `metadata_id_count`,
COALESCE(SUM(CAST(COALESCE(`t8`.`match_rule` = 'email', FALSE) AS BIGINT)), 0) AS `email_count`,
COALESCE(SUM(CAST(COALESCE(`t8`.`match_rule` = 'email_name', FALSE) AS BIGINT)), 0) AS `email_name_count`,
COALESCE(SUM(CAST(COALESCE(`t8`.`match_rule` = 'email_near_name', FALSE) AS BIGINT)), 0) AS `email_near_name_count`,
COALESCE(SUM(CAST(COALESCE(`t8`.`match_rule` = 'domain_name', FALSE) AS BIGINT)), 0) AS `domain_name_count`,
COALESCE(SUM(CAST(COALESCE(`t8`.`match_rule` = 'name_phone', FALSE) AS BIGINT)), 0) AS `name_phone_count`,
COALESCE(SUM(CAST(COALESCE(`t8`.`match_rule` = 'name_address', FALSE) AS BIGINT)), 0) AS `name_address_count`
FROM `t4` AS `t8`) AS `t20`
CROSS JOIN (SELECT TRY_DIVIDE(MIN(`t21`.`micro`), 1000000.0) AS `confidence_min`, TRY_DIVIDE(MAX(IF(`t21`.`position` = CAST(FLOOR((`t21`.`total` - 1) / (2)) AS BIGINT),
`t21`.`micro`,
CAST(NULL AS BIGINT))), 1000000.0) AS `confidence_median`, TRY_DIVIDE(MAX(IF(`t21`.`position` = (CAST(FLOOR(((`t21`.`total` * 5) + 99) / (100)) AS BIGINT) - 1),
`t21`.`micro`,
CAST(NULL AS BIGINT))), 1000000.0) AS `confidence_p5`, TRY_DIVIDE(CAST(SUM(`t21`.`micro`) AS DOUBLE),
CAST(NULLIF(COUNT(*) * 1000000, 0) AS DOUBLE)) AS `estimated_precision`
FROM (SELECT CAST(ROUND(`t13`.`reconciliation_confidence` * 1000000, 0) AS BIGINT) AS `micro`, ROW_NUMBER() OVER (ORDER BY CAST(ROUND(`t13`.`reconciliation_confidence` * 1000000, 0) AS BIGINT) ASC NULLS LAST,
`t13`.`customer_id` ASC NULLS LAST) - 1 AS `position`, COUNT(*) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS `total`
FROM (SELECT *
FROM `t4` AS `t8`
WHERE `t8`.`is_matched`) AS `t13`) AS `t21`) AS `t27`
CROSS JOIN (SELECT COUNT(*) AS `denominator`,
COALESCE(SUM(CAST(`t26`.`is_matched` AND (`t26`.`reconciliation_confidence` >= 0.95) AS BIGINT)), 0) AS `numerator`
FROM (SELECT `t24`.`source_account`,
`t24`.`source_id`,
`t14`.`customer_id`,
`t15`.`is_matched`,
`t15`.`reconciliation_confidence`
FROM (SELECT `t22`.`source_account`,
`t22`.`source_id`
FROM (SELECT *
FROM (SELECT `t9`.`source_account`,
`t9`.`source_id`,
`t9`.`is_billable`,
`t17`.`source_account` AS `source_account_right`,
`t17`.`source_id` AS `source_id_right`
FROM (SELECT `t2`.`source_account`,
`t2`.`record_id` AS `source_id`,
COALESCE(`t2`.`Is_Billable__c`, FALSE) AS `is_billable`
FROM `salesforce_accounts` AS `t2`) AS `t9`
LEFT OUTER JOIN (SELECT DISTINCT *
FROM (SELECT `t7`.`source_account`,
`t7`.`AccountId` AS `source_id`
FROM (SELECT *
FROM `salesforce_opportunities` AS `t3`
WHERE COALESCE(`t3`.`IsWon`, FALSE) AND NOT (`t3`.`is_deleted`)) AS `t7`) AS `t11`) AS `t17` ON `t9`.`source_account` = `t17`.`source_account` AND `t9`.`source_id` = `t17`.`source_id`) AS `t19`
WHERE `t19`.`is_billable` OR (`t19`.`source_id_right` IS NOT NULL)) AS `t22`) AS `t24`
INNER JOIN (SELECT `t5`.`source_account`,
`t5`.`source_id`,
`t5`.`customer_id`
FROM (SELECT *
FROM `customer_identity` AS `t1`
WHERE `t1`.`source_system` = 'salesforce' AND NOT (`t1`.`is_deleted`) AND `t1`.`master_id` IS NULL) AS `t5`) AS `t14` ON `t24`.`source_account` = `t14`.`source_account` AND `t24`.`source_id` = `t14`.`source_id`
INNER JOIN (SELECT `t8`.`customer_id`,
`t8`.`is_matched`,
`t8`.`reconciliation_confidence`
FROM `t4` AS `t8`) AS `t15` ON `t14`.`customer_id` = `t15`.`customer_id`) AS `t26`) AS `t29`

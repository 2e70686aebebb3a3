WITH `t10` AS (SELECT *
FROM `fct_credit_note` AS `t5`
WHERE `t5`.`is_issued`), `t13` AS (SELECT *
FROM `fct_invoice` AS `t4`
WHERE `t4`.`status` = 'paid'), `t37` AS (SELECT `t36`.`customer_id`,
`t36`.`fact_date`,
`t36`.`currency`,
`t36`.`measure`,
`t36`.`amount_minor`, MAKE_DATE(EXTRACT(year
FROM `t36`.`fact_date`), EXTRACT(month
FROM `t36`.`fact_date`), 1) AS `month_start_date`
FROM (SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT CAST(`t16`.`customer_id` AS STRING) AS `customer_id`,
`t16`.`paid_date` AS `fact_date`,
CAST(`t16`.`currency` AS STRING) AS `currency`, 'out_of_band' AS `measure`,
CAST(`t16`.`out_of_band_amount_minor` AS BIGINT) AS `amount_minor`
FROM `t13` AS `t16`) AS `t24`
UNION ALL
SELECT *
FROM (SELECT CAST(`t16`.`customer_id` AS STRING) AS `customer_id`,
`t16`.`paid_date` AS `fact_date`,
CAST(`t16`.`currency` AS STRING) AS `currency`, 'discount' AS `measure`,
CAST(`t16`.`discount_amount_minor` AS BIGINT) AS `amount_minor`
FROM `t13` AS `t16`) AS `t25`) AS `t29`
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT CAST(`t8`.`customer_id` AS STRING) AS `customer_id`,
CAST(`t8`.`refund_date` AS DATE) AS `fact_date`,
CAST(`t8`.`currency` AS STRING) AS `currency`, 'refund' AS `measure`,
CAST(`t8`.`amount_minor` AS BIGINT) AS `amount_minor`
FROM (SELECT *
FROM `fct_refund` AS `t1`
WHERE `t1`.`is_succeeded`) AS `t8`) AS `t17`
UNION ALL
SELECT *
FROM (SELECT CAST(`t9`.`customer_id` AS STRING) AS `customer_id`,
`t9`.`closed_date` AS `fact_date`,
CAST(`t9`.`currency` AS STRING) AS `currency`, 'dispute_lost' AS `measure`,
CAST(`t9`.`amount_minor` AS BIGINT) AS `amount_minor`
FROM (SELECT *
FROM `fct_dispute` AS `t2`
WHERE `t2`.`is_lost`) AS `t9`) AS `t18`) AS `t19`) AS `t32`
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT CAST(`t14`.`customer_id` AS STRING) AS `customer_id`,
CAST(`t14`.`credit_note_date` AS DATE) AS `fact_date`,
CAST(`t14`.`currency` AS STRING) AS `currency`, 'credit_note' AS `measure`,
CAST(`t14`.`total_amount_minor` AS BIGINT) AS `amount_minor`
FROM `t10` AS `t14`) AS `t21`
UNION ALL
SELECT *
FROM (SELECT CAST(`t14`.`customer_id` AS STRING) AS `customer_id`,
CAST(`t14`.`credit_note_date` AS DATE) AS `fact_date`,
CAST(`t14`.`currency` AS STRING) AS `currency`, 'credit_note_out_of_band' AS `measure`,
CAST(`t14`.`out_of_band_amount_minor` AS BIGINT) AS `amount_minor`
FROM `t10` AS `t14`) AS `t22`) AS `t28`
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT CAST(`t12`.`customer_id` AS STRING) AS `customer_id`,
CAST(`t12`.`created_date` AS DATE) AS `fact_date`,
CAST(`t12`.`currency` AS STRING) AS `currency`, 'payment' AS `measure`,
CAST(`t12`.`amount_minor` AS BIGINT) AS `amount_minor`
FROM (SELECT *
FROM `fct_payment_transaction` AS `t3`
WHERE `t3`.`payment_status` IN ('disputed', 'paid', 'refunded')) AS `t12`) AS `t20`
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT CAST(`t16`.`customer_id` AS STRING) AS `customer_id`,
`t16`.`paid_date` AS `fact_date`,
CAST(`t16`.`currency` AS STRING) AS `currency`, 'revenue' AS `measure`,
CAST(`t16`.`paid_amount_minor` AS BIGINT) AS `amount_minor`
FROM `t13` AS `t16`) AS `t26`
UNION ALL
SELECT *
FROM (SELECT CAST(`t16`.`customer_id` AS STRING) AS `customer_id`,
`t16`.`paid_date` AS `fact_date`,
CAST(`t16`.`currency` AS STRING) AS `currency`, 'tax' AS `measure`,
CAST(`t16`.`tax_amount_minor` AS BIGINT) AS `amount_minor`
FROM `t13` AS `t16`) AS `t27`) AS `t30`) AS `t33`) AS `t34`) AS `t35`
WHERE `t35`.`fact_date` >= MAKE_DATE(2025, 7, 1) AND `t35`.`fact_date` <= MAKE_DATE(2026, 7, 4)) AS `t36`)
SELECT `t51`.`customer_id`,
`t51`.`month_start_date`,
`t51`.`currency`,
CAST(CAST(CAST(ROUND(((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`revenue_minor`, 0)) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) - ((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`revenue_minor`, 0)) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`revenue_minor`, 0)) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) % 100000000 AS DECIMAL(18, 0)) * CAST('1E-8' AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS `revenue_amount`,
CAST(CAST(CAST(ROUND(((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`tax_minor`, 0)) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) - ((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`tax_minor`, 0)) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`tax_minor`, 0)) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) % 100000000 AS DECIMAL(18, 0)) * CAST('1E-8' AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS `tax_amount`,
CAST(CAST(CAST(ROUND(((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`out_of_band_minor`, 0)) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) - ((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`out_of_band_minor`, 0)) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`out_of_band_minor`, 0)) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) % 100000000 AS DECIMAL(18, 0)) * CAST('1E-8' AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS `out_of_band_amount`,
CAST(CAST(CAST(ROUND(((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`discount_minor`, 0)) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) - ((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`discount_minor`, 0)) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`discount_minor`, 0)) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) % 100000000 AS DECIMAL(18, 0)) * CAST('1E-8' AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS `discount_amount`,
CAST(CAST(CAST(ROUND(((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`refund_minor`, 0)) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) - ((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`refund_minor`, 0)) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`refund_minor`, 0)) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) % 100000000 AS DECIMAL(18, 0)) * CAST('1E-8' AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS `refund_amount`,
CAST(CAST(CAST(ROUND(((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`dispute_lost_minor`, 0)) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) - ((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`dispute_lost_minor`, 0)) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`dispute_lost_minor`, 0)) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) % 100000000 AS DECIMAL(18, 0)) * CAST('1E-8' AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS `dispute_lost_amount`,
CAST(CAST(CAST(ROUND(((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`credit_note_minor`, 0)) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) - ((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`credit_note_minor`, 0)) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`credit_note_minor`, 0)) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) % 100000000 AS DECIMAL(18, 0)) * CAST('1E-8' AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS `credit_note_amount`,
CAST(CAST(CAST(ROUND(((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`credit_note_out_of_band_minor`, 0)) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) - ((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`credit_note_out_of_band_minor`, 0)) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`credit_note_out_of_band_minor`, 0)) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) % 100000000 AS DECIMAL(18, 0)) * CAST('1E-8' AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS `credit_note_out_of_band_amount`,
CAST(CAST(CAST(ROUND((((((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`revenue_minor`, 0)) - IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`refund_minor`, 0))) - IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`dispute_lost_minor`, 0))) - IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`credit_note_out_of_band_minor`, 0))) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) - (((((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`revenue_minor`, 0)) - IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`refund_minor`, 0))) - IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`dispute_lost_minor`, 0))) - IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`credit_note_out_of_band_minor`, 0))) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST(((((IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`revenue_minor`, 0)) - IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`refund_minor`, 0))) - IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`dispute_lost_minor`, 0))) - IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`credit_note_out_of_band_minor`, 0))) * CASE WHEN `t51`.`exponent` = 0 THEN 100000000 WHEN `t51`.`exponent` = 1 THEN 10000000 WHEN `t51`.`exponent` = 2 THEN 1000000 WHEN `t51`.`exponent` = 3 THEN 100000 WHEN `t51`.`exponent` = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END) % 100000000 AS DECIMAL(18, 0)) * CAST('1E-8' AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS `net_revenue_amount`, IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`revenue_minor`, 0)) AS `revenue_amount_minor`, IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`invoice_count`, 0)) AS `invoice_count`, IF(`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1),
CAST(NULL AS BIGINT),
COALESCE(`t42`.`payment_count`, 0)) AS `payment_count`,
`t51`.`month_start_date` < MAKE_DATE(2025, 7, 1) AS `is_before_history`
FROM (SELECT `t49`.`customer_id`,
`t49`.`currency`,
`t49`.`month_start_date`,
`t49`.`exponent`
FROM (SELECT `t48`.`customer_id`,
`t48`.`currency`,
`t48`.`month_start_date`,
`t11`.`_code`,
`t11`.`exponent`
FROM (SELECT `t46`.`customer_id`,
`t46`.`currency`, MAKE_DATE(CAST(CAST(FLOOR((`t46`.`month` - (`t46`.`month` % 12)) / (12)) AS BIGINT) AS INT),
CAST((`t46`.`month` % 12) + 1 AS INT), 1) AS `month_start_date`
FROM (SELECT `t45`.`customer_id`,
`t45`.`currency`,
`t45`.`first_date`,
`t45`.`_first`,
`t45`.`_last`, EXPLODE(IF((1 <> 0) AND (SIGN(1) = SIGN((`t45`.`_last` + 1) - `t45`.`_first`)), IF(ELEMENT_AT(SEQUENCE(`t45`.`_first`,
`t45`.`_last` + 1, 1), SIZE(SEQUENCE(`t45`.`_first`,
`t45`.`_last` + 1, 1))) = (`t45`.`_last` + 1), SLICE(SEQUENCE(`t45`.`_first`,
`t45`.`_last` + 1, 1), 1, SIZE(SEQUENCE(`t45`.`_first`,
`t45`.`_last` + 1, 1)) - 1), SEQUENCE(`t45`.`_first`,
`t45`.`_last` + 1, 1)), ARRAY())) AS `month`
FROM (SELECT `t44`.`customer_id`,
`t44`.`currency`,
`t44`.`first_date`, ((CAST(EXTRACT(year
FROM `t44`.`first_date`) AS BIGINT) * 12) + CAST(EXTRACT(month
FROM `t44`.`first_date`) AS BIGINT)) - 1 AS `_first`, 24318 AS `_last`
FROM (SELECT `t43`.`customer_id`,
`t43`.`currency`, MIN(`t43`.`first_date`) AS `first_date`
FROM (SELECT *
FROM (SELECT *
FROM (SELECT `t23`.`customer_id`,
`t23`.`currency`,
`t23`.`start_date` AS `first_date`
FROM (SELECT CAST(`t15`.`source_system` AS STRING) AS `source_system`,
CAST(`t15`.`source_account` AS STRING) AS `source_account`,
CAST(`t15`.`record_id` AS STRING) AS `record_id`,
CAST(`t15`.`payload_hash` AS STRING) AS `payload_hash`,
CAST(`t15`.`date_loaded` AS DATE) AS `date_loaded`,
CAST(`t15`.`subscription_id` AS STRING) AS `subscription_id`,
`t15`.`stripe_customer_id`,
CAST(`t15`.`customer_id` AS STRING) AS `customer_id`,
`t15`.`unknown_customer_reason`,
CAST(`t15`.`status` AS STRING) AS `status`,
`t15`.`currency`,
`t15`.`collection_method`,
`t15`.`pause_behavior`,
CAST(`t15`.`started_at` AS TIMESTAMP) AS `started_at`,
CAST(`t15`.`start_date` AS DATE) AS `start_date`,
`t15`.`created_at`,
`t15`.`trial_start_at`,
`t15`.`trial_end_at`,
`t15`.`current_period_start_at`,
`t15`.`current_period_end_at`,
`t15`.`cancel_at`,
CAST(`t15`.`is_cancel_at_period_end` AS BOOLEAN) AS `is_cancel_at_period_end`,
`t15`.`canceled_at`,
`t15`.`ended_at`,
`t15`.`cancellation_reason`,
CAST(`t15`.`is_deleted` AS BOOLEAN) AS `is_deleted`
FROM (SELECT *
FROM `dim_subscription` AS `t6`
WHERE `t6`.`currency` IS NOT NULL) AS `t15`) AS `t23`) AS `t31`
UNION ALL
SELECT *
FROM (SELECT `t38`.`customer_id`,
`t38`.`currency`,
`t38`.`fact_date` AS `first_date`
FROM `t37` AS `t38`) AS `t39`) AS `t40`
WHERE `t40`.`first_date` <= MAKE_DATE(2026, 7, 4)) AS `t43`
GROUP BY 1, 2) AS `t44`) AS `t45`) AS `t46`) AS `t48`
LEFT OUTER JOIN (SELECT `t0`.`currency` AS `_code`,
`t0`.`minor_unit_exponent` AS `exponent`
FROM `currency` AS `t0`) AS `t11` ON `t48`.`currency` = `t11`.`_code`) AS `t49`) AS `t51`
LEFT OUTER JOIN (SELECT `t38`.`customer_id`,
`t38`.`month_start_date`,
`t38`.`currency`,
COALESCE(SUM(IF(`t38`.`measure` = 'revenue',
`t38`.`amount_minor`, NULL)), 0) AS `revenue_minor`,
COALESCE(SUM(IF(`t38`.`measure` = 'tax',
`t38`.`amount_minor`, NULL)), 0) AS `tax_minor`,
COALESCE(SUM(IF(`t38`.`measure` = 'out_of_band',
`t38`.`amount_minor`, NULL)), 0) AS `out_of_band_minor`,
COALESCE(SUM(IF(`t38`.`measure` = 'discount',
`t38`.`amount_minor`, NULL)), 0) AS `discount_minor`,
COALESCE(SUM(IF(`t38`.`measure` = 'refund',
`t38`.`amount_minor`, NULL)), 0) AS `refund_minor`,
COALESCE(SUM(IF(`t38`.`measure` = 'dispute_lost',
`t38`.`amount_minor`, NULL)), 0) AS `dispute_lost_minor`,
COALESCE(SUM(IF(`t38`.`measure` = 'credit_note',
`t38`.`amount_minor`, NULL)), 0) AS `credit_note_minor`,
COALESCE(SUM(IF(`t38`.`measure` = 'credit_note_out_of_band',
`t38`.`amount_minor`, NULL)), 0) AS `credit_note_out_of_band_minor`, SUM(CAST(`t38`.`measure` = 'revenue' AS BIGINT)) AS `invoice_count`, SUM(CAST(`t38`.`measure` = 'payment' AS BIGINT)) AS `payment_count`
FROM `t37` AS `t38`
GROUP BY 1, 2, 3) AS `t42` ON `t51`.`customer_id` = `t42`.`customer_id` AND `t51`.`month_start_date` = `t42`.`month_start_date` AND `t51`.`currency` = `t42`.`currency`

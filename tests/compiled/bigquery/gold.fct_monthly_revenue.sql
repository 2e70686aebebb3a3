WITH `t13` AS (SELECT *
FROM `fct_credit_note` AS `t8`
WHERE `t8`.`is_issued`), `t14` AS (SELECT CAST(`t0`.`source_system` AS STRING) AS `source_system`,
CAST(`t0`.`source_account` AS STRING) AS `source_account`,
CAST(`t0`.`record_id` AS STRING) AS `record_id`,
CAST(`t0`.`payload_hash` AS STRING) AS `payload_hash`,
CAST(`t0`.`date_loaded` AS DATE) AS `date_loaded`,
CAST(`t0`.`subscription_id` AS STRING) AS `subscription_id`,
`t0`.`stripe_customer_id`,
CAST(`t0`.`customer_id` AS STRING) AS `customer_id`,
`t0`.`unknown_customer_reason`,
CAST(`t0`.`status` AS STRING) AS `status`,
`t0`.`currency`,
`t0`.`collection_method`,
`t0`.`pause_behavior`,
CAST(`t0`.`started_at` AS TIMESTAMP) AS `started_at`,
CAST(`t0`.`start_date` AS DATE) AS `start_date`,
`t0`.`created_at`,
`t0`.`trial_start_at`,
`t0`.`trial_end_at`,
`t0`.`current_period_start_at`,
`t0`.`current_period_end_at`,
`t0`.`cancel_at`,
CAST(`t0`.`is_cancel_at_period_end` AS BOOL) AS `is_cancel_at_period_end`,
`t0`.`canceled_at`,
`t0`.`ended_at`,
`t0`.`cancellation_reason`,
CAST(`t0`.`is_deleted` AS BOOL) AS `is_deleted`
FROM `dim_subscription` AS `t0`), `t18` AS (SELECT *
FROM `fct_invoice` AS `t7`
WHERE `t7`.`status` = 'paid'), `t35` AS (SELECT `t20`.`customer_id`, DATE(EXTRACT(year
FROM `t20`.`start_date`), EXTRACT(month
FROM `t20`.`start_date`), 1) AS `month_start_date`, NOT (`t20`.`status` IN ('incomplete', 'incomplete_expired')) AS `is_new`
FROM `t14` AS `t20`), `t53` AS (SELECT `t49`.`customer_id`,
`t49`.`fact_date`,
`t49`.`currency`,
`t49`.`measure`,
`t49`.`amount_minor`, DATE(EXTRACT(year
FROM `t49`.`fact_date`), EXTRACT(month
FROM `t49`.`fact_date`), 1) AS `month_start_date`
FROM (SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT CAST(`t22`.`customer_id` AS STRING) AS `customer_id`,
`t22`.`paid_date` AS `fact_date`,
CAST(`t22`.`currency` AS STRING) AS `currency`, 'out_of_band' AS `measure`,
CAST(`t22`.`out_of_band_amount_minor` AS INT64) AS `amount_minor`
FROM `t18` AS `t22`) AS `t30`
UNION ALL
SELECT *
FROM (SELECT CAST(`t22`.`customer_id` AS STRING) AS `customer_id`,
`t22`.`paid_date` AS `fact_date`,
CAST(`t22`.`currency` AS STRING) AS `currency`, 'discount' AS `measure`,
CAST(`t22`.`discount_amount_minor` AS INT64) AS `amount_minor`
FROM `t18` AS `t22`) AS `t31`) AS `t37`
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT CAST(`t11`.`customer_id` AS STRING) AS `customer_id`,
CAST(`t11`.`refund_date` AS DATE) AS `fact_date`,
CAST(`t11`.`currency` AS STRING) AS `currency`, 'refund' AS `measure`,
CAST(`t11`.`amount_minor` AS INT64) AS `amount_minor`
FROM (SELECT *
FROM `fct_refund` AS `t4`
WHERE `t4`.`is_succeeded`) AS `t11`) AS `t23`
UNION ALL
SELECT *
FROM (SELECT CAST(`t12`.`customer_id` AS STRING) AS `customer_id`,
`t12`.`closed_date` AS `fact_date`,
CAST(`t12`.`currency` AS STRING) AS `currency`, 'dispute_lost' AS `measure`,
CAST(`t12`.`amount_minor` AS INT64) AS `amount_minor`
FROM (SELECT *
FROM `fct_dispute` AS `t5`
WHERE `t5`.`is_lost`) AS `t12`) AS `t24`) AS `t26`) AS `t41`
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT CAST(`t19`.`customer_id` AS STRING) AS `customer_id`,
CAST(`t19`.`credit_note_date` AS DATE) AS `fact_date`,
CAST(`t19`.`currency` AS STRING) AS `currency`, 'credit_note' AS `measure`,
CAST(`t19`.`total_amount_minor` AS INT64) AS `amount_minor`
FROM `t13` AS `t19`) AS `t28`
UNION ALL
SELECT *
FROM (SELECT CAST(`t19`.`customer_id` AS STRING) AS `customer_id`,
CAST(`t19`.`credit_note_date` AS DATE) AS `fact_date`,
CAST(`t19`.`currency` AS STRING) AS `currency`, 'credit_note_out_of_band' AS `measure`,
CAST(`t19`.`out_of_band_amount_minor` AS INT64) AS `amount_minor`
FROM `t13` AS `t19`) AS `t29`) AS `t34`
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT CAST(`t17`.`customer_id` AS STRING) AS `customer_id`,
CAST(`t17`.`created_date` AS DATE) AS `fact_date`,
CAST(`t17`.`currency` AS STRING) AS `currency`, 'payment' AS `measure`,
CAST(`t17`.`amount_minor` AS INT64) AS `amount_minor`
FROM (SELECT *
FROM `fct_payment_transaction` AS `t6`
WHERE `t6`.`payment_status` IN ('disputed', 'paid', 'refunded')) AS `t17`) AS `t27`
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT CAST(`t22`.`customer_id` AS STRING) AS `customer_id`,
`t22`.`paid_date` AS `fact_date`,
CAST(`t22`.`currency` AS STRING) AS `currency`, 'revenue' AS `measure`,
CAST(`t22`.`paid_amount_minor` AS INT64) AS `amount_minor`
FROM `t18` AS `t22`) AS `t32`
UNION ALL
SELECT *
FROM (SELECT CAST(`t22`.`customer_id` AS STRING) AS `customer_id`,
`t22`.`paid_date` AS `fact_date`,
CAST(`t22`.`currency` AS STRING) AS `currency`, 'tax' AS `measure`,
CAST(`t22`.`tax_amount_minor` AS INT64) AS `amount_minor`
FROM `t18` AS `t22`) AS `t33`) AS `t38`) AS `t42`) AS `t43`) AS `t45`
WHERE `t45`.`fact_date` >= DATE(2025, 7, 1) AND `t45`.`fact_date` <= DATE(2026, 7, 4)) AS `t49`)
SELECT `t83`.`customer_id`,
`t83`.`month_start_date`,
CAST(CAST(CAST(ROUND(ieee_divide(IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`revenue_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`revenue_e8`, 0)) - (MOD(IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`revenue_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`revenue_e8`, 0)), 100000000)), 100000000), 0) AS INT64) AS NUMERIC) + CAST(CAST(MOD(IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`revenue_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`revenue_e8`, 0)), 100000000) AS NUMERIC) * CAST('1E-8' AS NUMERIC) AS NUMERIC) AS NUMERIC) AS `revenue_amount`,
CAST(CAST(CAST(ROUND(ieee_divide(IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`tax_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`tax_e8`, 0)) - (MOD(IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`tax_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`tax_e8`, 0)), 100000000)), 100000000), 0) AS INT64) AS NUMERIC) + CAST(CAST(MOD(IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`tax_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`tax_e8`, 0)), 100000000) AS NUMERIC) * CAST('1E-8' AS NUMERIC) AS NUMERIC) AS NUMERIC) AS `tax_amount`,
CAST(CAST(CAST(ROUND(ieee_divide(IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`out_of_band_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`out_of_band_e8`, 0)) - (MOD(IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`out_of_band_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`out_of_band_e8`, 0)), 100000000)), 100000000), 0) AS INT64) AS NUMERIC) + CAST(CAST(MOD(IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`out_of_band_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`out_of_band_e8`, 0)), 100000000) AS NUMERIC) * CAST('1E-8' AS NUMERIC) AS NUMERIC) AS NUMERIC) AS `out_of_band_amount`,
CAST(CAST(CAST(ROUND(ieee_divide(IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`discount_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`discount_e8`, 0)) - (MOD(IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`discount_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`discount_e8`, 0)), 100000000)), 100000000), 0) AS INT64) AS NUMERIC) + CAST(CAST(MOD(IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`discount_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`discount_e8`, 0)), 100000000) AS NUMERIC) * CAST('1E-8' AS NUMERIC) AS NUMERIC) AS NUMERIC) AS `discount_amount`,
CAST(CAST(CAST(ROUND(ieee_divide(IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`refund_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`refund_e8`, 0)) - (MOD(IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`refund_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`refund_e8`, 0)), 100000000)), 100000000), 0) AS INT64) AS NUMERIC) + CAST(CAST(MOD(IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`refund_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`refund_e8`, 0)), 100000000) AS NUMERIC) * CAST('1E-8' AS NUMERIC) AS NUMERIC) AS NUMERIC) AS `refund_amount`,
CAST(CAST(CAST(ROUND(ieee_divide(IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`dispute_lost_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`dispute_lost_e8`, 0)) - (MOD(IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`dispute_lost_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`dispute_lost_e8`, 0)), 100000000)), 100000000), 0) AS INT64) AS NUMERIC) + CAST(CAST(MOD(IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`dispute_lost_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`dispute_lost_e8`, 0)), 100000000) AS NUMERIC) * CAST('1E-8' AS NUMERIC) AS NUMERIC) AS NUMERIC) AS `dispute_lost_amount`,
CAST(CAST(CAST(ROUND(ieee_divide(IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`credit_note_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`credit_note_e8`, 0)) - (MOD(IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`credit_note_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`credit_note_e8`, 0)), 100000000)), 100000000), 0) AS INT64) AS NUMERIC) + CAST(CAST(MOD(IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`credit_note_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`credit_note_e8`, 0)), 100000000) AS NUMERIC) * CAST('1E-8' AS NUMERIC) AS NUMERIC) AS NUMERIC) AS `credit_note_amount`,
CAST(CAST(CAST(ROUND(ieee_divide(IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`credit_note_out_of_band_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`credit_note_out_of_band_e8`, 0)) - (MOD(IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`credit_note_out_of_band_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`credit_note_out_of_band_e8`, 0)), 100000000)), 100000000), 0) AS INT64) AS NUMERIC) + CAST(CAST(MOD(IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`credit_note_out_of_band_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`credit_note_out_of_band_e8`, 0)), 100000000) AS NUMERIC) * CAST('1E-8' AS NUMERIC) AS NUMERIC) AS NUMERIC) AS `credit_note_out_of_band_amount`,
CAST(CAST(CAST(ROUND(ieee_divide((((IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`revenue_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`revenue_e8`, 0)) - IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`refund_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`refund_e8`, 0))) - IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`dispute_lost_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`dispute_lost_e8`, 0))) - IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`credit_note_out_of_band_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`credit_note_out_of_band_e8`, 0))) - (MOD(((IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`revenue_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`revenue_e8`, 0)) - IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`refund_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`refund_e8`, 0))) - IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`dispute_lost_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`dispute_lost_e8`, 0))) - IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`credit_note_out_of_band_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`credit_note_out_of_band_e8`, 0)), 100000000)), 100000000), 0) AS INT64) AS NUMERIC) + CAST(CAST(MOD(((IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`revenue_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`revenue_e8`, 0)) - IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`refund_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`refund_e8`, 0))) - IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`dispute_lost_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`dispute_lost_e8`, 0))) - IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`credit_note_out_of_band_missing`, 0) > 0),
CAST(NULL AS INT64),
COALESCE(`t83`.`credit_note_out_of_band_e8`, 0)), 100000000) AS NUMERIC) * CAST('1E-8' AS NUMERIC) AS NUMERIC) AS NUMERIC) AS `net_revenue_amount`, IF(`t83`.`month_start_date` < DATE(2025, 7, 1),
CAST(NULL AS INT64),
COALESCE(`t83`.`invoice_count`, 0)) AS `invoice_count`, IF(`t83`.`month_start_date` < DATE(2025, 7, 1),
CAST(NULL AS INT64),
COALESCE(`t83`.`payment_count`, 0)) AS `payment_count`, IF(`t83`.`month_start_date` < DATE(2025, 7, 1),
CAST(NULL AS STRING),
CASE WHEN COALESCE(`t83`.`state_rank`, IF(COALESCE(`t83`.`first_month` <= `t83`.`month_start_date`, FALSE), 6, 7)) = 0 THEN 'active' WHEN COALESCE(`t83`.`state_rank`, IF(COALESCE(`t83`.`first_month` <= `t83`.`month_start_date`, FALSE), 6, 7)) = 1 THEN 'past_due' WHEN COALESCE(`t83`.`state_rank`, IF(COALESCE(`t83`.`first_month` <= `t83`.`month_start_date`, FALSE), 6, 7)) = 2 THEN 'trialing' WHEN COALESCE(`t83`.`state_rank`, IF(COALESCE(`t83`.`first_month` <= `t83`.`month_start_date`, FALSE), 6, 7)) = 3 THEN 'paused' WHEN COALESCE(`t83`.`state_rank`, IF(COALESCE(`t83`.`first_month` <= `t83`.`month_start_date`, FALSE), 6, 7)) = 4 THEN 'unpaid' WHEN COALESCE(`t83`.`state_rank`, IF(COALESCE(`t83`.`first_month` <= `t83`.`month_start_date`, FALSE), 6, 7)) = 5 THEN 'incomplete' WHEN COALESCE(`t83`.`state_rank`, IF(COALESCE(`t83`.`first_month` <= `t83`.`month_start_date`, FALSE), 6, 7)) = 6 THEN 'canceled' WHEN COALESCE(`t83`.`state_rank`, IF(COALESCE(`t83`.`first_month` <= `t83`.`month_start_date`, FALSE), 6, 7)) = 7 THEN 'none' ELSE CAST(NULL AS STRING) END) AS `subscription_state`, IF((`t83`.`month_start_date` < DATE(2025, 7, 1)) OR (COALESCE(`t83`.`rate_missing_count`, 0) > 0),
CAST(NULL AS NUMERIC),
COALESCE(`t83`.`mrr_amount`, 0)) AS `mrr_amount`, IF(`t83`.`month_start_date` < DATE(2025, 7, 1),
CAST(NULL AS BOOL),
COALESCE(`t83`.`unknown_count`, 0) = 0) AS `is_mrr_complete`,
COALESCE(`t83`.`is_new`, FALSE) AND NOT (`t83`.`month_start_date` < DATE(2025, 7, 1)) AS `is_new_subscription`,
COALESCE(`t83`.`reconstructed_count`, 0) > 0 AS `is_reconstructed`, (COALESCE(`t83`.`rate_missing_count`, 0) > 0) OR (COALESCE(`t83`.`revenue_missing`, 0) > 0) OR (COALESCE(`t83`.`tax_missing`, 0) > 0) OR (COALESCE(`t83`.`out_of_band_missing`, 0) > 0) OR (COALESCE(`t83`.`discount_missing`, 0) > 0) OR (COALESCE(`t83`.`refund_missing`, 0) > 0) OR (COALESCE(`t83`.`dispute_lost_missing`, 0) > 0) OR (COALESCE(`t83`.`credit_note_missing`, 0) > 0) OR (COALESCE(`t83`.`credit_note_out_of_band_missing`, 0) > 0) AS `is_rate_missing`,
`t83`.`month_start_date` < DATE(2025, 7, 1) AS `is_before_history`
FROM (SELECT `t82`.* EXCEPT (`customer_id_right`)
FROM (SELECT `t81`.`customer_id`,
`t81`.`month_start_date`,
`t81`.`revenue_e8`,
`t81`.`tax_e8`,
`t81`.`out_of_band_e8`,
`t81`.`discount_e8`,
`t81`.`refund_e8`,
`t81`.`dispute_lost_e8`,
`t81`.`credit_note_e8`,
`t81`.`credit_note_out_of_band_e8`,
`t81`.`revenue_missing`,
`t81`.`tax_missing`,
`t81`.`out_of_band_missing`,
`t81`.`discount_missing`,
`t81`.`refund_missing`,
`t81`.`dispute_lost_missing`,
`t81`.`credit_note_missing`,
`t81`.`credit_note_out_of_band_missing`,
`t81`.`invoice_count`,
`t81`.`payment_count`,
`t81`.`mrr_amount`,
`t81`.`state_rank`,
`t81`.`unknown_count`,
`t81`.`rate_missing_count`,
`t81`.`reconstructed_count`,
`t81`.`is_new`,
`t47`.`customer_id` AS `customer_id_right`,
`t47`.`first_month`
FROM (SELECT `t79`.* EXCEPT (`customer_id_right`, `month_start_date_right`)
FROM (SELECT `t78`.`customer_id`,
`t78`.`month_start_date`,
`t78`.`revenue_e8`,
`t78`.`tax_e8`,
`t78`.`out_of_band_e8`,
`t78`.`discount_e8`,
`t78`.`refund_e8`,
`t78`.`dispute_lost_e8`,
`t78`.`credit_note_e8`,
`t78`.`credit_note_out_of_band_e8`,
`t78`.`revenue_missing`,
`t78`.`tax_missing`,
`t78`.`out_of_band_missing`,
`t78`.`discount_missing`,
`t78`.`refund_missing`,
`t78`.`dispute_lost_missing`,
`t78`.`credit_note_missing`,
`t78`.`credit_note_out_of_band_missing`,
`t78`.`invoice_count`,
`t78`.`payment_count`,
`t78`.`mrr_amount`,
`t78`.`state_rank`,
`t78`.`unknown_count`,
`t78`.`rate_missing_count`,
`t78`.`reconstructed_count`,
`t52`.`customer_id` AS `customer_id_right`,
`t52`.`month_start_date` AS `month_start_date_right`,
`t52`.`is_new`
FROM (SELECT `t76`.* EXCEPT (`customer_id_right`, `month_start_date_right`)
FROM (SELECT `t75`.`customer_id`,
`t75`.`month_start_date`,
`t75`.`revenue_e8`,
`t75`.`tax_e8`,
`t75`.`out_of_band_e8`,
`t75`.`discount_e8`,
`t75`.`refund_e8`,
`t75`.`dispute_lost_e8`,
`t75`.`credit_note_e8`,
`t75`.`credit_note_out_of_band_e8`,
`t75`.`revenue_missing`,
`t75`.`tax_missing`,
`t75`.`out_of_band_missing`,
`t75`.`discount_missing`,
`t75`.`refund_missing`,
`t75`.`dispute_lost_missing`,
`t75`.`credit_note_missing`,
`t75`.`credit_note_out_of_band_missing`,
`t75`.`invoice_count`,
`t75`.`payment_count`,
`t40`.`customer_id` AS `customer_id_right`,
`t40`.`month_start_date` AS `month_start_date_right`,
`t40`.`mrr_amount`,
`t40`.`state_rank`,
`t40`.`unknown_count`,
`t40`.`rate_missing_count`,
`t40`.`reconstructed_count`
FROM (SELECT `t73`.* EXCEPT (`customer_id_right`, `month_start_date_right`)
FROM (SELECT `t69`.`customer_id`,
`t69`.`month_start_date`,
`t72`.`customer_id` AS `customer_id_right`,
`t72`.`month_start_date` AS `month_start_date_right`,
`t72`.`revenue_e8`,
`t72`.`tax_e8`,
`t72`.`out_of_band_e8`,
`t72`.`discount_e8`,
`t72`.`refund_e8`,
`t72`.`dispute_lost_e8`,
`t72`.`credit_note_e8`,
`t72`.`credit_note_out_of_band_e8`,
`t72`.`revenue_missing`,
`t72`.`tax_missing`,
`t72`.`out_of_band_missing`,
`t72`.`discount_missing`,
`t72`.`refund_missing`,
`t72`.`dispute_lost_missing`,
`t72`.`credit_note_missing`,
`t72`.`credit_note_out_of_band_missing`,
`t72`.`invoice_count`,
`t72`.`payment_count`
FROM (SELECT `t67`.`customer_id`, DATE(CAST(CAST(FLOOR(ieee_divide(`t67`.`month` - (MOD(`t67`.`month`, 12)), 12)) AS INT64) AS INT64),
CAST((MOD(`t67`.`month`, 12)) + 1 AS INT64), 1) AS `month_start_date`
FROM (SELECT `t65`.`customer_id`,
`t65`.`first_date`,
`t65`.`_first`,
`t65`.`_last`, `element_of_array` AS `month`
FROM (SELECT `t62`.`customer_id`,
`t62`.`first_date`, ((CAST(EXTRACT(year
FROM `t62`.`first_date`) AS INT64) * 12) + CAST(EXTRACT(month
FROM `t62`.`first_date`) AS INT64)) - 1 AS `_first`, 24318 AS `_last`
FROM (SELECT `t59`.`customer_id`, MIN(`t59`.`first_date`) AS `first_date`
FROM (SELECT *
FROM (SELECT *
FROM (SELECT `t54`.`customer_id`,
`t54`.`fact_date` AS `first_date`
FROM `t53` AS `t54`) AS `t56`
UNION ALL
SELECT *
FROM (SELECT `t20`.`customer_id`,
`t20`.`start_date` AS `first_date`
FROM `t14` AS `t20`) AS `t25`) AS `t57`
WHERE `t57`.`first_date` <= DATE(2026, 7, 4)) AS `t59`
GROUP BY 1) AS `t62`) AS `t65`
CROSS JOIN UNNEST(GENERATE_ARRAY(`t65`.`_first`, (`t65`.`_last` + 1) - 1)) AS `element_of_array`) AS `t67`) AS `t69`
LEFT OUTER JOIN (SELECT `t70`.`customer_id`,
`t70`.`month_start_date`,
COALESCE(SUM(IF(`t70`.`measure` = 'revenue',
`t70`.`value_e8`, NULL)), 0) AS `revenue_e8`,
COALESCE(SUM(IF(`t70`.`measure` = 'tax',
`t70`.`value_e8`, NULL)), 0) AS `tax_e8`,
COALESCE(SUM(IF(`t70`.`measure` = 'out_of_band',
`t70`.`value_e8`, NULL)), 0) AS `out_of_band_e8`,
COALESCE(SUM(IF(`t70`.`measure` = 'discount',
`t70`.`value_e8`, NULL)), 0) AS `discount_e8`,
COALESCE(SUM(IF(`t70`.`measure` = 'refund',
`t70`.`value_e8`, NULL)), 0) AS `refund_e8`,
COALESCE(SUM(IF(`t70`.`measure` = 'dispute_lost',
`t70`.`value_e8`, NULL)), 0) AS `dispute_lost_e8`,
COALESCE(SUM(IF(`t70`.`measure` = 'credit_note',
`t70`.`value_e8`, NULL)), 0) AS `credit_note_e8`,
COALESCE(SUM(IF(`t70`.`measure` = 'credit_note_out_of_band',
`t70`.`value_e8`, NULL)), 0) AS `credit_note_out_of_band_e8`, COUNTIF((`t70`.`measure` = 'revenue') AND (`t70`.`value_e8` IS NULL)) AS `revenue_missing`, COUNTIF((`t70`.`measure` = 'tax') AND (`t70`.`value_e8` IS NULL)) AS `tax_missing`, COUNTIF((`t70`.`measure` = 'out_of_band') AND (`t70`.`value_e8` IS NULL)) AS `out_of_band_missing`, COUNTIF((`t70`.`measure` = 'discount') AND (`t70`.`value_e8` IS NULL)) AS `discount_missing`, COUNTIF((`t70`.`measure` = 'refund') AND (`t70`.`value_e8` IS NULL)) AS `refund_missing`, COUNTIF((`t70`.`measure` = 'dispute_lost') AND (`t70`.`value_e8` IS NULL)) AS `dispute_lost_missing`, COUNTIF((`t70`.`measure` = 'credit_note') AND (`t70`.`value_e8` IS NULL)) AS `credit_note_missing`, COUNTIF((`t70`.`measure` = 'credit_note_out_of_band') AND (`t70`.`value_e8` IS NULL)) AS `credit_note_out_of_band_missing`, COUNTIF(`t70`.`measure` = 'revenue') AS `invoice_count`, COUNTIF(`t70`.`measure` = 'payment') AS `payment_count`
FROM (SELECT `t66`.`customer_id`,
`t66`.`fact_date`,
`t66`.`currency`,
`t66`.`measure`,
`t66`.`amount_minor`,
`t66`.`month_start_date`,
`t66`.`exponent`,
`t66`.`rate_e12`, IF(`t66`.`amount_minor` = 0, 0,
CASE WHEN `t66`.`exponent` = 0 THEN (`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64) * 100) + (CAST(ROUND(ieee_divide((`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000))) - (MOD(`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000)), 10000)), 10000), 0) AS INT64) + CAST(ROUND(ieee_divide(((`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000))) - (MOD(`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000)), 10000))) - (CAST(ROUND(ieee_divide((`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000))) - (MOD(`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000)), 10000)), 10000), 0) AS INT64) * 10000), 10000), 0) AS INT64) + CAST(((MOD(`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000)), 10000)) * 2) >= 10000 AS INT64)) WHEN `t66`.`exponent` = 1 THEN (`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64) * 10) + (CAST(ROUND(ieee_divide((`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000))) - (MOD(`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000)), 100000)), 100000), 0) AS INT64) + CAST(ROUND(ieee_divide(((`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000))) - (MOD(`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000)), 100000))) - (CAST(ROUND(ieee_divide((`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000))) - (MOD(`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000)), 100000)), 100000), 0) AS INT64) * 100000), 100000), 0) AS INT64) + CAST(((MOD(`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000)), 100000)) * 2) >= 100000 AS INT64)) WHEN `t66`.`exponent` = 2 THEN (`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64) * 1) + (CAST(ROUND(ieee_divide((`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000))) - (MOD(`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000)), 1000000)), 1000000), 0) AS INT64) + CAST(ROUND(ieee_divide(((`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000))) - (MOD(`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000)), 1000000))) - (CAST(ROUND(ieee_divide((`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000))) - (MOD(`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000)), 1000000)), 1000000), 0) AS INT64) * 1000000), 1000000), 0) AS INT64) + CAST(((MOD(`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000)), 1000000)) * 2) >= 1000000 AS INT64)) WHEN `t66`.`exponent` = 3 THEN CAST(ROUND(ieee_divide((`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64)) - (MOD(`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64), 10)), 10), 0) AS INT64) + CAST(ROUND(ieee_divide(((`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64)) - (MOD(`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64), 10))) - (CAST(ROUND(ieee_divide((`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64)) - (MOD(`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64), 10)), 10), 0) AS INT64) * 10), 10), 0) AS INT64) + (CAST(ROUND(ieee_divide((((MOD(`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64), 10)) * 1000000) + (`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000)))) - (MOD(((MOD(`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64), 10)) * 1000000) + (`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000))), 10000000)), 10000000), 0) AS INT64) + CAST(ROUND(ieee_divide(((((MOD(`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64), 10)) * 1000000) + (`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000)))) - (MOD(((MOD(`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64), 10)) * 1000000) + (`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000))), 10000000))) - (CAST(ROUND(ieee_divide((((MOD(`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64), 10)) * 1000000) + (`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000)))) - (MOD(((MOD(`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64), 10)) * 1000000) + (`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000))), 10000000)), 10000000), 0) AS INT64) * 10000000), 10000000), 0) AS INT64) + CAST(((MOD(((MOD(`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64), 10)) * 1000000) + (`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000))), 10000000)) * 2) >= 10000000 AS INT64)) WHEN `t66`.`exponent` = 4 THEN CAST(ROUND(ieee_divide((`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64)) - (MOD(`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64), 100)), 100), 0) AS INT64) + CAST(ROUND(ieee_divide(((`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64)) - (MOD(`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64), 100))) - (CAST(ROUND(ieee_divide((`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64)) - (MOD(`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64), 100)), 100), 0) AS INT64) * 100), 100), 0) AS INT64) + (CAST(ROUND(ieee_divide((((MOD(`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64), 100)) * 1000000) + (`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000)))) - (MOD(((MOD(`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64), 100)) * 1000000) + (`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000))), 100000000)), 100000000), 0) AS INT64) + CAST(ROUND(ieee_divide(((((MOD(`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64), 100)) * 1000000) + (`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000)))) - (MOD(((MOD(`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64), 100)) * 1000000) + (`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000))), 100000000))) - (CAST(ROUND(ieee_divide((((MOD(`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64), 100)) * 1000000) + (`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000)))) - (MOD(((MOD(`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64), 100)) * 1000000) + (`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000))), 100000000)), 100000000), 0) AS INT64) * 100000000), 100000000), 0) AS INT64) + CAST(((MOD(((MOD(`t66`.`amount_minor` * CAST(ROUND(ieee_divide(`t66`.`rate_e12` - (MOD(`t66`.`rate_e12`, 1000000)), 1000000), 0) AS INT64), 100)) * 1000000) + (`t66`.`amount_minor` * (MOD(`t66`.`rate_e12`, 1000000))), 100000000)) * 2) >= 100000000 AS INT64)) ELSE CAST(NULL AS INT64) END) AS `value_e8`
FROM (SELECT `t64`.* EXCEPT (`_code`, `_day`, `_rate_e12`)
FROM (SELECT `t63`.`customer_id`,
`t63`.`fact_date`,
`t63`.`currency`,
`t63`.`measure`,
`t63`.`amount_minor`,
`t63`.`month_start_date`,
`t63`.`exponent`,
`t63`.`_day`,
`t63`.`_code`,
`t63`.`_rate_e12`, IF(`t63`.`currency` = 'usd', 1000000000000,
`t63`.`_rate_e12`) AS `rate_e12`
FROM (SELECT `t61`.`customer_id`,
`t61`.`fact_date`,
`t61`.`currency`,
`t61`.`measure`,
`t61`.`amount_minor`,
`t61`.`month_start_date`,
`t61`.`exponent`,
`t15`.`_day`,
`t15`.`_code`,
`t15`.`_rate_e12`
FROM (SELECT `t58`.* EXCEPT (`_code`)
FROM (SELECT `t55`.`customer_id`,
`t55`.`fact_date`,
`t55`.`currency`,
`t55`.`measure`,
`t55`.`amount_minor`,
`t55`.`month_start_date`,
`t16`.`_code`,
`t16`.`exponent`
FROM `t53` AS `t55`
LEFT OUTER JOIN (SELECT `t3`.`currency` AS `_code`,
`t3`.`minor_unit_exponent` AS `exponent`
FROM `currency` AS `t3`) AS `t16` ON `t55`.`currency` = `t16`.`_code`) AS `t58`) AS `t61`
LEFT OUTER JOIN (SELECT `t2`.`rate_date` AS `_day`,
`t2`.`currency` AS `_code`,
`t2`.`rate_e12` AS `_rate_e12`
FROM `fx_rate` AS `t2`) AS `t15` ON `t61`.`fact_date` = `t15`.`_day` AND `t61`.`currency` = `t15`.`_code`) AS `t63`) AS `t64`) AS `t66`) AS `t70`
GROUP BY 1, 2) AS `t72` ON `t69`.`customer_id` = `t72`.`customer_id` AND `t69`.`month_start_date` = `t72`.`month_start_date`) AS `t73`) AS `t75`
LEFT OUTER JOIN (SELECT `t21`.`customer_id`,
`t21`.`month_start_date`,
COALESCE(SUM(`t21`.`mrr_reporting_amount`), 0) AS `mrr_amount`, MIN(`t21`.`rank`) AS `state_rank`, COUNTIF(`t21`.`mrr_amount` IS NULL) AS `unknown_count`, COUNTIF(`t21`.`is_rate_missing`) AS `rate_missing_count`, COUNTIF(`t21`.`is_reconstructed`) AS `reconstructed_count`
FROM (SELECT `t1`.`month_start_date`,
`t1`.`source_account`,
`t1`.`subscription_id`,
`t1`.`subscription_item_id`,
`t1`.`customer_id`,
`t1`.`measured_date`,
`t1`.`status`,
`t1`.`is_on_subscription`,
`t1`.`price_id`,
`t1`.`product_id`,
`t1`.`quantity`,
`t1`.`unit_amount_minor`,
`t1`.`billing_interval`,
`t1`.`billing_interval_count`,
`t1`.`currency`,
`t1`.`discount_factor`,
`t1`.`fixed_discount_minor`,
`t1`.`mrr_basis`,
`t1`.`mrr_amount`,
`t1`.`mrr_reporting_amount`,
`t1`.`is_rate_missing`,
`t1`.`has_unknown_discount`,
`t1`.`is_reconstructed`,
CASE WHEN `t1`.`status` = 'active' THEN 0 WHEN `t1`.`status` = 'past_due' THEN 1 WHEN `t1`.`status` = 'trialing' THEN 2 WHEN `t1`.`status` = 'paused' THEN 3 WHEN `t1`.`status` = 'unpaid' THEN 4 WHEN `t1`.`status` = 'incomplete' THEN 5 WHEN `t1`.`status` = 'canceled' THEN 6 WHEN `t1`.`status` = 'none' THEN 7 ELSE 6 END AS `rank`
FROM `fct_mrr` AS `t1`) AS `t21`
GROUP BY 1, 2) AS `t40` ON `t75`.`customer_id` = `t40`.`customer_id` AND `t75`.`month_start_date` = `t40`.`month_start_date`) AS `t76`) AS `t78`
LEFT OUTER JOIN (SELECT `t50`.`customer_id`,
`t50`.`month_start_date`, TRUE AS `is_new`
FROM (SELECT DISTINCT *
FROM (SELECT `t44`.`customer_id`,
`t44`.`month_start_date`
FROM (SELECT *
FROM `t35` AS `t39`
WHERE `t39`.`is_new`) AS `t44`) AS `t48`) AS `t50`) AS `t52` ON `t78`.`customer_id` = `t52`.`customer_id` AND `t78`.`month_start_date` = `t52`.`month_start_date`) AS `t79`) AS `t81`
LEFT OUTER JOIN (SELECT `t39`.`customer_id`, MIN(`t39`.`month_start_date`) AS `first_month`
FROM `t35` AS `t39`
GROUP BY 1) AS `t47` ON `t81`.`customer_id` = `t47`.`customer_id`) AS `t82`) AS `t83`

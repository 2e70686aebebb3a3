SELECT `t4`.`source_system`,
`t4`.`source_account`,
`t4`.`record_id`,
`t4`.`payload_hash`,
`t4`.`date_loaded`,
`t4`.`id` AS `balance_transaction_id`,
`t4`.`type` AS `transaction_type`,
`t4`.`reporting_category`,
`t4`.`source` AS `source_id`,
COALESCE(`t10`.`source_type`, 'other') AS `source_type`,
COALESCE(`t10`.`customer_id`, '00000000-0000-0000-0000-000000000000') AS `customer_id`, IF(`t10`.`customer_id` IS NULL, 'no_customer_on_record',
`t10`.`unknown_customer_reason`) AS `unknown_customer_reason`, LOWER(`t4`.`currency`) AS `currency`,
`t4`.`amount` AS `amount_minor`,
COALESCE(`t4`.`fee`, 0) AS `fee_amount_minor`,
COALESCE(`t4`.`net`,
`t4`.`amount`) AS `net_amount_minor`,
`t4`.`exchange_rate`, IF((`t10`.`source_type` = 'dispute') AND (`t4`.`amount` > 0), -(`t10`.`source_amount_minor`),
`t10`.`source_amount_minor`) AS `source_amount_minor`,
`t10`.`source_currency`,
`t4`.`created` AS `created_at`,
`t4`.`available_on` AS `available_at`
FROM `stripe_balance_transactions` AS `t4`
LEFT OUTER JOIN (SELECT *
FROM (SELECT `t1`.`customer_id`,
`t1`.`unknown_customer_reason`,
`t1`.`source_account` AS `_account`,
`t1`.`dispute_id` AS `_id`, 'dispute' AS `source_type`,
`t1`.`amount_minor` * -1 AS `source_amount_minor`,
`t1`.`currency` AS `source_currency`
FROM `fct_dispute` AS `t1`) AS `t5`
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT `t2`.`customer_id`,
`t2`.`unknown_customer_reason`,
`t2`.`source_account` AS `_account`,
`t2`.`charge_id` AS `_id`, 'charge' AS `source_type`,
`t2`.`amount_minor` * 1 AS `source_amount_minor`,
`t2`.`currency` AS `source_currency`
FROM `fct_payment_transaction` AS `t2`) AS `t6`
UNION ALL
SELECT *
FROM (SELECT `t3`.`customer_id`,
`t3`.`unknown_customer_reason`,
`t3`.`source_account` AS `_account`,
`t3`.`refund_id` AS `_id`, 'refund' AS `source_type`,
`t3`.`amount_minor` * -1 AS `source_amount_minor`,
`t3`.`currency` AS `source_currency`
FROM `fct_refund` AS `t3`) AS `t7`) AS `t8`) AS `t10` ON `t4`.`source_account` = `t10`.`_account` AND `t4`.`source` = `t10`.`_id`

WITH "t18" AS (SELECT *
FROM "fct_opportunity" AS "t3"
WHERE NOT ("t3"."is_closed") AND NOT ("t3"."is_deleted")), "shared_2" AS (SELECT "t6"."currency" AS "_code",
"t6"."minor_unit_exponent" AS "exponent"
FROM "currency" AS "t6"), "open_pipeline" AS (SELECT CAST("t21"."customer_id" AS TEXT) AS "customer_id", 'pipeline' AS "kind",
"t21"."currency",
CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT) AS "minor", 2 AS "exponent"
FROM "t18" AS "t21"), "open_unpaid" AS (SELECT "t47"."customer_id", 'unpaid' AS "kind",
"t47"."currency",
"t47"."remaining_amount_minor" AS "minor",
"t47"."exponent"
FROM (SELECT *
FROM (SELECT "t39".* EXCLUDE ("_code")
FROM (SELECT "t10"."source_system",
"t10"."source_account",
"t10"."record_id",
"t10"."payload_hash",
"t10"."date_loaded",
"t10"."invoice_id",
"t10"."invoice_number",
"t10"."stripe_customer_id",
"t10"."customer_id",
"t10"."unknown_customer_reason",
"t10"."subscription_id",
"t10"."status",
"t10"."billing_reason",
"t10"."collection_method",
"t10"."currency",
"t10"."subtotal_amount_minor",
"t10"."discount_amount_minor",
"t10"."tax_amount_minor",
"t10"."total_amount_minor",
"t10"."due_amount_minor",
"t10"."paid_amount_minor",
"t10"."remaining_amount_minor",
"t10"."out_of_band_amount_minor",
"t10"."is_paid_out_of_band",
"t10"."attempt_count",
"t10"."created_at",
"t10"."finalized_at",
"t10"."due_at",
"t10"."paid_at",
"t10"."paid_date",
"t10"."voided_at",
"t10"."uncollectible_at",
"t10"."period_start_at",
"t10"."period_end_at",
"t10"."is_deleted",
"t27"."_code",
"t27"."exponent"
FROM "fct_invoice" AS "t10"
LEFT OUTER JOIN "shared_2" AS "t27" ON "t10"."currency" = "t27"."_code") AS "t39") AS "t40"
WHERE "t40"."status" = 'open' AND "t40"."remaining_amount_minor" > 0) AS "t47"), "open_weighted" AS (SELECT CAST("t21"."customer_id" AS TEXT) AS "customer_id", 'weighted' AS "kind",
"t21"."currency",
CASE WHEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) <= 9000000000000 THEN CASE WHEN CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT) < 0 THEN -(CAST(ROUND(((CASE WHEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) <= 9000000000000 THEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) ELSE 0 END * CAST(ROUND("t21"."probability_share" * 1000000, 0) AS BIGINT)) - ((CASE WHEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) <= 9000000000000 THEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) ELSE 0 END * CAST(ROUND("t21"."probability_share" * 1000000, 0) AS BIGINT)) % 1000000)) / 1000000, 0) AS BIGINT) + CAST(ROUND((((CASE WHEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) <= 9000000000000 THEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) ELSE 0 END * CAST(ROUND("t21"."probability_share" * 1000000, 0) AS BIGINT)) - ((CASE WHEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) <= 9000000000000 THEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) ELSE 0 END * CAST(ROUND("t21"."probability_share" * 1000000, 0) AS BIGINT)) % 1000000)) - (CAST(ROUND(((CASE WHEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) <= 9000000000000 THEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) ELSE 0 END * CAST(ROUND("t21"."probability_share" * 1000000, 0) AS BIGINT)) - ((CASE WHEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) <= 9000000000000 THEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) ELSE 0 END * CAST(ROUND("t21"."probability_share" * 1000000, 0) AS BIGINT)) % 1000000)) / 1000000, 0) AS BIGINT) * 1000000)) / 1000000, 0) AS BIGINT) + CAST((((CASE WHEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) <= 9000000000000 THEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) ELSE 0 END * CAST(ROUND("t21"."probability_share" * 1000000, 0) AS BIGINT)) % 1000000) * 2) >= 1000000 AS BIGINT)) ELSE CAST(ROUND(((CASE WHEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) <= 9000000000000 THEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) ELSE 0 END * CAST(ROUND("t21"."probability_share" * 1000000, 0) AS BIGINT)) - ((CASE WHEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) <= 9000000000000 THEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) ELSE 0 END * CAST(ROUND("t21"."probability_share" * 1000000, 0) AS BIGINT)) % 1000000)) / 1000000, 0) AS BIGINT) + CAST(ROUND((((CASE WHEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) <= 9000000000000 THEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) ELSE 0 END * CAST(ROUND("t21"."probability_share" * 1000000, 0) AS BIGINT)) - ((CASE WHEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) <= 9000000000000 THEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) ELSE 0 END * CAST(ROUND("t21"."probability_share" * 1000000, 0) AS BIGINT)) % 1000000)) - (CAST(ROUND(((CASE WHEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) <= 9000000000000 THEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) ELSE 0 END * CAST(ROUND("t21"."probability_share" * 1000000, 0) AS BIGINT)) - ((CASE WHEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) <= 9000000000000 THEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) ELSE 0 END * CAST(ROUND("t21"."probability_share" * 1000000, 0) AS BIGINT)) % 1000000)) / 1000000, 0) AS BIGINT) * 1000000)) / 1000000, 0) AS BIGINT) + CAST((((CASE WHEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) <= 9000000000000 THEN ABS(CAST(CAST(CAST(ROUND(CAST("t21"."amount" AS DECIMAL(38, 12)), 2) AS DECIMAL(38, 2)) AS DECIMAL(19, 2)) * CAST(100.00 AS DECIMAL(19, 2)) AS BIGINT)) ELSE 0 END * CAST(ROUND("t21"."probability_share" * 1000000, 0) AS BIGINT)) % 1000000) * 2) >= 1000000 AS BIGINT) END ELSE CAST(NULL AS BIGINT) END AS "minor", 2 AS "exponent"
FROM "t18" AS "t21"), "open_balance" AS (SELECT "t62"."customer_id", 'balance' AS "kind",
"t62"."currency",
"t62"."balance" AS "minor",
"t62"."exponent"
FROM (SELECT *
FROM (SELECT "t58".* EXCLUDE ("_code")
FROM (SELECT "t56"."customer_id",
"t56"."balance",
"t56"."currency",
"t27"."_code",
"t27"."exponent"
FROM (SELECT "t52"."customer_id",
"t52"."balance", LOWER(NULLIF(TRIM("t52"."currency", ' 	
'), '')) AS "currency"
FROM (SELECT "t51".* EXCLUDE ("_account", "_found", "_source_id")
FROM (SELECT "t41"."record_id",
"t41"."source_system",
"t41"."source_account",
"t41"."entity",
"t41"."date_loaded",
"t41"."first_date_loaded",
"t41"."extracted_at",
"t41"."batch_id",
"t41"."api_version",
"t41"."payload_hash",
"t41"."source_updated_at",
"t41"."is_deleted",
"t41"."id",
"t41"."object",
"t41"."address",
"t41"."balance",
"t41"."business_name",
"t41"."created",
"t41"."currency",
"t41"."default_currency",
"t41"."default_source",
"t41"."delinquent",
"t41"."description",
"t41"."discount",
"t41"."email",
"t41"."individual_name",
"t41"."invoice_prefix",
"t41"."livemode",
"t41"."metadata",
"t41"."name",
"t41"."phone",
"t41"."preferred_locales",
"t41"."shipping",
"t41"."tax_exempt",
"t41"."deleted",
"t41"."_account",
"t41"."_source_id",
"t41"."_found",
COALESCE("t41"."_found", '00000000-0000-0000-0000-000000000000') AS "customer_id",
CASE WHEN "t41"."record_id" IS NULL THEN 'no_customer_on_record' WHEN ("t41"."_found" IS NULL) AND FALSE THEN 'customer_quarantined' WHEN "t41"."_found" IS NULL THEN 'customer_not_stored' ELSE CAST(NULL AS TEXT) END AS "unknown_customer_reason"
FROM (SELECT "t28"."record_id",
"t28"."source_system",
"t28"."source_account",
"t28"."entity",
"t28"."date_loaded",
"t28"."first_date_loaded",
"t28"."extracted_at",
"t28"."batch_id",
"t28"."api_version",
"t28"."payload_hash",
"t28"."source_updated_at",
"t28"."is_deleted",
"t28"."id",
"t28"."object",
"t28"."address",
"t28"."balance",
"t28"."business_name",
"t28"."created",
"t28"."currency",
"t28"."default_currency",
"t28"."default_source",
"t28"."delinquent",
"t28"."description",
"t28"."discount",
"t28"."email",
"t28"."individual_name",
"t28"."invoice_prefix",
"t28"."livemode",
"t28"."metadata",
"t28"."name",
"t28"."phone",
"t28"."preferred_locales",
"t28"."shipping",
"t28"."tax_exempt",
"t28"."deleted",
"t32"."_account",
"t32"."_source_id",
"t32"."_found"
FROM (SELECT *
FROM "stripe_customers" AS "t7"
WHERE NOT ("t7"."is_deleted") AND NOT (COALESCE("t7"."deleted", FALSE))) AS "t28"
LEFT OUTER JOIN (SELECT "t20"."source_account" AS "_account",
"t20"."source_id" AS "_source_id",
"t20"."customer_id" AS "_found"
FROM (SELECT *
FROM "customer_identity" AS "t8"
WHERE "t8"."source_system" = 'stripe') AS "t20") AS "t32" ON "t28"."source_account" = "t32"."_account" AND "t28"."record_id" = "t32"."_source_id") AS "t41") AS "t51") AS "t52") AS "t56"
LEFT OUTER JOIN "shared_2" AS "t27" ON "t56"."currency" = "t27"."_code") AS "t58") AS "t59"
WHERE "t59"."balance" <> 0) AS "t62"), "shared_1" AS (SELECT "t73".* EXCLUDE ("_code", "_day", "_rate_e12")
FROM (SELECT "t72"."customer_id",
"t72"."kind",
"t72"."currency",
"t72"."size",
"t72"."is_negative",
"t72"."has_size",
"t72"."exponent",
"t72"."day",
"t72"."_day",
"t72"."_code",
"t72"."_rate_e12",
CASE WHEN "t72"."currency" = 'usd' THEN 1000000000000 ELSE "t72"."_rate_e12" END AS "rate_e12"
FROM (SELECT "t71"."customer_id",
"t71"."kind",
"t71"."currency",
"t71"."size",
"t71"."is_negative",
"t71"."has_size",
"t71"."exponent",
"t71"."day",
"t19"."_day",
"t19"."_code",
"t19"."_rate_e12"
FROM (SELECT "t69"."customer_id",
"t69"."kind",
"t69"."currency",
"t69"."size",
"t69"."is_negative",
"t69"."has_size",
"t69"."exponent", MAKE_DATE(2026, 7, 4) AS "day"
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t45"."customer_id",
"t45"."kind",
"t45"."currency",
CASE WHEN ABS("t45"."minor") <= 9000000000000 THEN ABS("t45"."minor") ELSE CAST(NULL AS BIGINT) END AS "size", (CASE WHEN ABS("t45"."minor") <= 9000000000000 THEN ABS("t45"."minor") ELSE CAST(NULL AS BIGINT) END IS NOT NULL) AND ("t45"."minor" < 0) AS "is_negative",
CASE WHEN ABS("t45"."minor") <= 9000000000000 THEN ABS("t45"."minor") ELSE CAST(NULL AS BIGINT) END IS NOT NULL AS "has_size",
"t45"."exponent"
FROM "open_pipeline" AS "t45") AS "t54"
UNION ALL
SELECT *
FROM (SELECT "t61"."customer_id",
"t61"."kind",
"t61"."currency",
CASE WHEN ABS("t61"."minor") <= 9000000000000 THEN ABS("t61"."minor") ELSE CAST(NULL AS BIGINT) END AS "size", (CASE WHEN ABS("t61"."minor") <= 9000000000000 THEN ABS("t61"."minor") ELSE CAST(NULL AS BIGINT) END IS NOT NULL) AND ("t61"."minor" < 0) AS "is_negative",
CASE WHEN ABS("t61"."minor") <= 9000000000000 THEN ABS("t61"."minor") ELSE CAST(NULL AS BIGINT) END IS NOT NULL AS "has_size",
"t61"."exponent"
FROM "open_weighted" AS "t61") AS "t65") AS "t66"
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT "t53"."customer_id",
"t53"."kind",
"t53"."currency",
CASE WHEN ABS("t53"."minor") <= 9000000000000 THEN ABS("t53"."minor") ELSE CAST(NULL AS BIGINT) END AS "size", (CASE WHEN ABS("t53"."minor") <= 9000000000000 THEN ABS("t53"."minor") ELSE CAST(NULL AS BIGINT) END IS NOT NULL) AND ("t53"."minor" < 0) AS "is_negative",
CASE WHEN ABS("t53"."minor") <= 9000000000000 THEN ABS("t53"."minor") ELSE CAST(NULL AS BIGINT) END IS NOT NULL AS "has_size",
"t53"."exponent"
FROM "open_unpaid" AS "t53") AS "t57"
UNION ALL
SELECT *
FROM (SELECT "t64"."customer_id",
"t64"."kind",
"t64"."currency",
CASE WHEN ABS("t64"."minor") <= 9000000000000 THEN ABS("t64"."minor") ELSE CAST(NULL AS BIGINT) END AS "size", (CASE WHEN ABS("t64"."minor") <= 9000000000000 THEN ABS("t64"."minor") ELSE CAST(NULL AS BIGINT) END IS NOT NULL) AND ("t64"."minor" < 0) AS "is_negative",
CASE WHEN ABS("t64"."minor") <= 9000000000000 THEN ABS("t64"."minor") ELSE CAST(NULL AS BIGINT) END IS NOT NULL AS "has_size",
"t64"."exponent"
FROM "open_balance" AS "t64") AS "t67") AS "t68") AS "t69") AS "t71"
LEFT OUTER JOIN (SELECT "t5"."rate_date" AS "_day",
"t5"."currency" AS "_code",
"t5"."rate_e12" AS "_rate_e12"
FROM "fx_rate" AS "t5") AS "t19" ON "t71"."day" = "t19"."_day" AND "t71"."currency" = "t19"."_code") AS "t72") AS "t73")
SELECT "t86"."customer_id",
"t86"."display_name",
"t86"."name",
"t86"."industry",
"t86"."account_type",
"t86"."country",
"t86"."state",
"t86"."owner_id",
"t86"."owner_name",
"t86"."status",
"t86"."is_unknown",
"t86"."is_person",
"t86"."is_deleted",
"t86"."has_salesforce",
"t86"."has_stripe",
"t86"."is_matched",
"t86"."reconciliation_confidence",
"t86"."match_rule",
"t86"."salesforce_account_id",
"t86"."stripe_customer_id",
COALESCE("t86"."salesforce_account_count",
CAST(0 AS BIGINT)) AS "salesforce_account_count",
COALESCE("t86"."stripe_customer_count",
CAST(0 AS BIGINT)) AS "stripe_customer_count",
COALESCE("t86"."stripe_status", 'none') AS "stripe_status",
CASE WHEN COALESCE("t86"."has_unknown_mrr", FALSE) THEN CAST(NULL AS DECIMAL(38, 8)) ELSE COALESCE("t86"."running_mrr_amount",
CAST(0 AS DECIMAL(38, 8))) END AS "mrr_amount", NOT (COALESCE("t86"."has_partial_mrr", FALSE)) AS "is_mrr_complete",
COALESCE("t86"."revenue_amount",
CAST(0 AS DECIMAL(38, 8))) AS "revenue_amount",
COALESCE("t86"."net_revenue_amount",
CAST(0 AS DECIMAL(38, 8))) AS "net_revenue_amount",
COALESCE("t86"."is_rate_missing", FALSE) AS "is_rate_missing",
COALESCE("t86"."open_opportunity_count",
CAST(0 AS BIGINT)) AS "open_opportunity_count",
CAST(CAST(CAST(ROUND((COALESCE("t86"."open_pipeline_e8", 0) - (COALESCE("t86"."open_pipeline_e8", 0) % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST(COALESCE("t86"."open_pipeline_e8", 0) % 100000000 AS DECIMAL(18, 0)) * CAST(1E-8 AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "open_pipeline_amount",
CAST(CAST(CAST(ROUND((COALESCE("t86"."weighted_pipeline_e8", 0) - (COALESCE("t86"."weighted_pipeline_e8", 0) % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST(COALESCE("t86"."weighted_pipeline_e8", 0) % 100000000 AS DECIMAL(18, 0)) * CAST(1E-8 AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "weighted_pipeline_amount",
COALESCE("t86"."unconverted_opportunity_count",
CAST(0 AS BIGINT)) AS "unconverted_opportunity_count",
COALESCE("t86"."unpaid_invoice_count",
CAST(0 AS BIGINT)) AS "unpaid_invoice_count",
CAST(CAST(CAST(ROUND((COALESCE("t86"."unpaid_e8", 0) - (COALESCE("t86"."unpaid_e8", 0) % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST(COALESCE("t86"."unpaid_e8", 0) % 100000000 AS DECIMAL(18, 0)) * CAST(1E-8 AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "unpaid_amount",
COALESCE("t86"."unconverted_invoice_count",
CAST(0 AS BIGINT)) AS "unconverted_invoice_count",
CAST(CAST(CAST(ROUND((COALESCE("t86"."balance_e8", 0) - (COALESCE("t86"."balance_e8", 0) % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST(COALESCE("t86"."balance_e8", 0) % 100000000 AS DECIMAL(18, 0)) * CAST(1E-8 AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "balance_amount",
COALESCE("t86"."unconverted_balance_count",
CAST(0 AS BIGINT)) AS "unconverted_balance_count",
"t86"."first_activity_date",
"t86"."last_activity_date"
FROM (SELECT "t85".* EXCLUDE ("customer_id_right")
FROM (SELECT "t84"."customer_id",
"t84"."display_name",
"t84"."name",
"t84"."name_source_system",
"t84"."name_source_id",
"t84"."name_known_at",
"t84"."industry",
"t84"."industry_source_system",
"t84"."industry_source_id",
"t84"."industry_known_at",
"t84"."account_type",
"t84"."account_type_source_system",
"t84"."account_type_source_id",
"t84"."account_type_known_at",
"t84"."country",
"t84"."state",
"t84"."country_source_system",
"t84"."country_source_id",
"t84"."country_known_at",
"t84"."owner_id",
"t84"."owner_name",
"t84"."owner_id_source_system",
"t84"."owner_id_source_id",
"t84"."owner_id_known_at",
"t84"."status",
"t84"."is_unknown",
"t84"."is_person",
"t84"."is_deleted",
"t84"."has_salesforce",
"t84"."has_stripe",
"t84"."is_matched",
"t84"."reconciliation_confidence",
"t84"."match_rule",
"t84"."salesforce_account_count",
"t84"."stripe_customer_count",
"t84"."salesforce_account_id",
"t84"."stripe_customer_id",
"t84"."email_token",
"t84"."email_token_source_system",
"t84"."email_token_source_id",
"t84"."email_token_known_at",
"t84"."phone_token",
"t84"."phone_token_source_system",
"t84"."phone_token_source_id",
"t84"."phone_token_known_at",
"t84"."created_at",
"t84"."revenue_amount",
"t84"."net_revenue_amount",
"t84"."running_mrr_amount",
"t84"."has_unknown_mrr",
"t84"."has_partial_mrr",
"t84"."is_rate_missing",
"t84"."stripe_status",
"t84"."open_opportunity_count",
"t84"."open_pipeline_e8",
"t84"."weighted_pipeline_e8",
"t84"."unconverted_opportunity_count",
"t84"."unpaid_invoice_count",
"t84"."unpaid_e8",
"t84"."unconverted_invoice_count",
"t84"."balance_e8",
"t84"."unconverted_balance_count",
"t44"."customer_id" AS "customer_id_right",
"t44"."first_activity_date",
"t44"."last_activity_date"
FROM (SELECT "t82".* EXCLUDE ("customer_id_right")
FROM (SELECT "t49"."customer_id",
"t49"."display_name",
"t49"."name",
"t49"."name_source_system",
"t49"."name_source_id",
"t49"."name_known_at",
"t49"."industry",
"t49"."industry_source_system",
"t49"."industry_source_id",
"t49"."industry_known_at",
"t49"."account_type",
"t49"."account_type_source_system",
"t49"."account_type_source_id",
"t49"."account_type_known_at",
"t49"."country",
"t49"."state",
"t49"."country_source_system",
"t49"."country_source_id",
"t49"."country_known_at",
"t49"."owner_id",
"t49"."owner_name",
"t49"."owner_id_source_system",
"t49"."owner_id_source_id",
"t49"."owner_id_known_at",
"t49"."status",
"t49"."is_unknown",
"t49"."is_person",
"t49"."is_deleted",
"t49"."has_salesforce",
"t49"."has_stripe",
"t49"."is_matched",
"t49"."reconciliation_confidence",
"t49"."match_rule",
"t49"."salesforce_account_count",
"t49"."stripe_customer_count",
"t49"."salesforce_account_id",
"t49"."stripe_customer_id",
"t49"."email_token",
"t49"."email_token_source_system",
"t49"."email_token_source_id",
"t49"."email_token_known_at",
"t49"."phone_token",
"t49"."phone_token_source_system",
"t49"."phone_token_source_id",
"t49"."phone_token_known_at",
"t49"."created_at",
"t49"."revenue_amount",
"t49"."net_revenue_amount",
"t49"."running_mrr_amount",
"t49"."has_unknown_mrr",
"t49"."has_partial_mrr",
"t49"."is_rate_missing",
"t49"."stripe_status",
"t81"."customer_id" AS "customer_id_right",
"t81"."open_opportunity_count",
"t81"."open_pipeline_e8",
"t81"."weighted_pipeline_e8",
"t81"."unconverted_opportunity_count",
"t81"."unpaid_invoice_count",
"t81"."unpaid_e8",
"t81"."unconverted_invoice_count",
"t81"."balance_e8",
"t81"."unconverted_balance_count"
FROM (SELECT "t46".* EXCLUDE ("customer_id_right")
FROM (SELECT "t9"."customer_id",
"t9"."display_name",
"t9"."name",
"t9"."name_source_system",
"t9"."name_source_id",
"t9"."name_known_at",
"t9"."industry",
"t9"."industry_source_system",
"t9"."industry_source_id",
"t9"."industry_known_at",
"t9"."account_type",
"t9"."account_type_source_system",
"t9"."account_type_source_id",
"t9"."account_type_known_at",
"t9"."country",
"t9"."state",
"t9"."country_source_system",
"t9"."country_source_id",
"t9"."country_known_at",
"t9"."owner_id",
"t9"."owner_name",
"t9"."owner_id_source_system",
"t9"."owner_id_source_id",
"t9"."owner_id_known_at",
"t9"."status",
"t9"."is_unknown",
"t9"."is_person",
"t9"."is_deleted",
"t9"."has_salesforce",
"t9"."has_stripe",
"t9"."is_matched",
"t9"."reconciliation_confidence",
"t9"."match_rule",
"t9"."salesforce_account_count",
"t9"."stripe_customer_count",
"t9"."salesforce_account_id",
"t9"."stripe_customer_id",
"t9"."email_token",
"t9"."email_token_source_system",
"t9"."email_token_source_id",
"t9"."email_token_known_at",
"t9"."phone_token",
"t9"."phone_token_source_system",
"t9"."phone_token_source_id",
"t9"."phone_token_known_at",
"t9"."created_at",
"t38"."customer_id" AS "customer_id_right",
"t38"."revenue_amount",
"t38"."net_revenue_amount",
"t38"."running_mrr_amount",
"t38"."has_unknown_mrr",
"t38"."has_partial_mrr",
"t38"."is_rate_missing",
"t38"."stripe_status"
FROM "dim_customer" AS "t9"
LEFT OUTER JOIN (SELECT "t4"."customer_id", SUM("t4"."revenue_amount") AS "revenue_amount", SUM("t4"."net_revenue_amount") AS "net_revenue_amount", SUM("t4"."mrr_amount") FILTER(WHERE "t4"."month_start_date" = MAKE_DATE(EXTRACT(year
FROM MAKE_DATE(2026, 7, 4)), EXTRACT(month
FROM MAKE_DATE(2026, 7, 4)), 1)) AS "running_mrr_amount", MAX(CAST(("t4"."month_start_date" = MAKE_DATE(EXTRACT(year
FROM MAKE_DATE(2026, 7, 4)), EXTRACT(month
FROM MAKE_DATE(2026, 7, 4)), 1)) AND ("t4"."mrr_amount" IS NULL) AS BIGINT)) = 1 AS "has_unknown_mrr", MAX(CAST(("t4"."month_start_date" = MAKE_DATE(EXTRACT(year
FROM MAKE_DATE(2026, 7, 4)), EXTRACT(month
FROM MAKE_DATE(2026, 7, 4)), 1)) AND NOT ("t4"."is_mrr_complete") AS BIGINT)) = 1 AS "has_partial_mrr", MAX(CAST(COALESCE("t4"."is_rate_missing", FALSE) AS BIGINT)) = 1 AS "is_rate_missing", MAX(CASE WHEN "t4"."month_start_date" = MAKE_DATE(EXTRACT(year
FROM MAKE_DATE(2026, 7, 4)), EXTRACT(month
FROM MAKE_DATE(2026, 7, 4)), 1) THEN "t4"."subscription_state" ELSE CAST(NULL AS TEXT) END) AS "stripe_status"
FROM "fct_monthly_revenue" AS "t4"
GROUP BY 1) AS "t38" ON "t9"."customer_id" = "t38"."customer_id") AS "t46") AS "t49"
LEFT OUTER JOIN (SELECT "t79"."customer_id", SUM("t79"."open_count") FILTER(WHERE "t79"."kind" = 'pipeline') AS "open_opportunity_count",
COALESCE(SUM("t79"."open_e8") FILTER(WHERE ("t79"."kind" = 'pipeline') AND NOT ("t79"."is_negative")), 0) - COALESCE(SUM("t79"."open_e8") FILTER(WHERE ("t79"."kind" = 'pipeline') AND "t79"."is_negative"), 0) AS "open_pipeline_e8",
COALESCE(SUM("t79"."open_e8") FILTER(WHERE ("t79"."kind" = 'weighted') AND NOT ("t79"."is_negative")), 0) - COALESCE(SUM("t79"."open_e8") FILTER(WHERE ("t79"."kind" = 'weighted') AND "t79"."is_negative"), 0) AS "weighted_pipeline_e8", SUM("t79"."unconverted_count") FILTER(WHERE "t79"."kind" = 'pipeline') AS "unconverted_opportunity_count", SUM("t79"."open_count") FILTER(WHERE "t79"."kind" = 'unpaid') AS "unpaid_invoice_count",
COALESCE(SUM("t79"."open_e8") FILTER(WHERE ("t79"."kind" = 'unpaid') AND NOT ("t79"."is_negative")), 0) - COALESCE(SUM("t79"."open_e8") FILTER(WHERE ("t79"."kind" = 'unpaid') AND "t79"."is_negative"), 0) AS "unpaid_e8", SUM("t79"."unconverted_count") FILTER(WHERE "t79"."kind" = 'unpaid') AS "unconverted_invoice_count",
COALESCE(SUM("t79"."open_e8") FILTER(WHERE ("t79"."kind" = 'balance') AND NOT ("t79"."is_negative")), 0) - COALESCE(SUM("t79"."open_e8") FILTER(WHERE ("t79"."kind" = 'balance') AND "t79"."is_negative"), 0) AS "balance_e8", SUM("t79"."unconverted_count") FILTER(WHERE "t79"."kind" = 'balance') AS "unconverted_balance_count"
FROM (SELECT "t78"."customer_id",
"t78"."kind",
"t78"."is_negative",
"t78"."open_count",
CASE WHEN "t78"."exponent" = 0 THEN ("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT) * 100) + (CAST(ROUND((("t78"."safe" * ("t78"."rate_e12" % 1000000)) - (("t78"."safe" * ("t78"."rate_e12" % 1000000)) % 10000)) / 10000, 0) AS BIGINT) + CAST(ROUND(((("t78"."safe" * ("t78"."rate_e12" % 1000000)) - (("t78"."safe" * ("t78"."rate_e12" % 1000000)) % 10000)) - (CAST(ROUND((("t78"."safe" * ("t78"."rate_e12" % 1000000)) - (("t78"."safe" * ("t78"."rate_e12" % 1000000)) % 10000)) / 10000, 0) AS BIGINT) * 10000)) / 10000, 0) AS BIGINT) + CAST(((("t78"."safe" * ("t78"."rate_e12" % 1000000)) % 10000) * 2) >= 10000 AS BIGINT)) WHEN "t78"."exponent" = 1 THEN ("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT) * 10) + (CAST(ROUND((("t78"."safe" * ("t78"."rate_e12" % 1000000)) - (("t78"."safe" * ("t78"."rate_e12" % 1000000)) % 100000)) / 100000, 0) AS BIGINT) + CAST(ROUND(((("t78"."safe" * ("t78"."rate_e12" % 1000000)) - (("t78"."safe" * ("t78"."rate_e12" % 1000000)) % 100000)) - (CAST(ROUND((("t78"."safe" * ("t78"."rate_e12" % 1000000)) - (("t78"."safe" * ("t78"."rate_e12" % 1000000)) % 100000)) / 100000, 0) AS BIGINT) * 100000)) / 100000, 0) AS BIGINT) + CAST(((("t78"."safe" * ("t78"."rate_e12" % 1000000)) % 100000) * 2) >= 100000 AS BIGINT)) WHEN "t78"."exponent" = 2 THEN ("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT) * 1) + (CAST(ROUND((("t78"."safe" * ("t78"."rate_e12" % 1000000)) - (("t78"."safe" * ("t78"."rate_e12" % 1000000)) % 1000000)) / 1000000, 0) AS BIGINT) + CAST(ROUND(((("t78"."safe" * ("t78"."rate_e12" % 1000000)) - (("t78"."safe" * ("t78"."rate_e12" % 1000000)) % 1000000)) - (CAST(ROUND((("t78"."safe" * ("t78"."rate_e12" % 1000000)) - (("t78"."safe" * ("t78"."rate_e12" % 1000000)) % 1000000)) / 1000000, 0) AS BIGINT) * 1000000)) / 1000000, 0) AS BIGINT) + CAST(((("t78"."safe" * ("t78"."rate_e12" % 1000000)) % 1000000) * 2) >= 1000000 AS BIGINT)) WHEN "t78"."exponent" = 3 THEN CAST(ROUND((("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) - (("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) % 10)) / 10, 0) AS BIGINT) + CAST(ROUND(((("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) - (("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) % 10)) - (CAST(ROUND((("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) - (("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) % 10)) / 10, 0) AS BIGINT) * 10)) / 10, 0) AS BIGINT) + (CAST(ROUND(((((("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) % 10) * 1000000) + ("t78"."safe" * ("t78"."rate_e12" % 1000000))) - ((((("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) % 10) * 1000000) + ("t78"."safe" * ("t78"."rate_e12" % 1000000))) % 10000000)) / 10000000, 0) AS BIGINT) + CAST(ROUND((((((("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) % 10) * 1000000) + ("t78"."safe" * ("t78"."rate_e12" % 1000000))) - ((((("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) % 10) * 1000000) + ("t78"."safe" * ("t78"."rate_e12" % 1000000))) % 10000000)) - (CAST(ROUND(((((("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) % 10) * 1000000) + ("t78"."safe" * ("t78"."rate_e12" % 1000000))) - ((((("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) % 10) * 1000000) + ("t78"."safe" * ("t78"."rate_e12" % 1000000))) % 10000000)) / 10000000, 0) AS BIGINT) * 10000000)) / 10000000, 0) AS BIGINT) + CAST((((((("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) % 10) * 1000000) + ("t78"."safe" * ("t78"."rate_e12" % 1000000))) % 10000000) * 2) >= 10000000 AS BIGINT)) WHEN "t78"."exponent" = 4 THEN CAST(ROUND((("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) - (("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) % 100)) / 100, 0) AS BIGINT) + CAST(ROUND(((("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) - (("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) % 100)) - (CAST(ROUND((("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) - (("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) % 100)) / 100, 0) AS BIGINT) * 100)) / 100, 0) AS BIGINT) + (CAST(ROUND(((((("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) % 100) * 1000000) + ("t78"."safe" * ("t78"."rate_e12" % 1000000))) - ((((("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) % 100) * 1000000) + ("t78"."safe" * ("t78"."rate_e12" % 1000000))) % 100000000)) / 100000000, 0) AS BIGINT) + CAST(ROUND((((((("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) % 100) * 1000000) + ("t78"."safe" * ("t78"."rate_e12" % 1000000))) - ((((("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) % 100) * 1000000) + ("t78"."safe" * ("t78"."rate_e12" % 1000000))) % 100000000)) - (CAST(ROUND(((((("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) % 100) * 1000000) + ("t78"."safe" * ("t78"."rate_e12" % 1000000))) - ((((("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) % 100) * 1000000) + ("t78"."safe" * ("t78"."rate_e12" % 1000000))) % 100000000)) / 100000000, 0) AS BIGINT) * 100000000)) / 100000000, 0) AS BIGINT) + CAST((((((("t78"."safe" * CAST(ROUND(("t78"."rate_e12" - ("t78"."rate_e12" % 1000000)) / 1000000, 0) AS BIGINT)) % 100) * 1000000) + ("t78"."safe" * ("t78"."rate_e12" % 1000000))) % 100000000) * 2) >= 100000000 AS BIGINT)) ELSE CAST(NULL AS BIGINT) END AS "open_e8",
CASE WHEN "t78"."fits" THEN 0 ELSE "t78"."open_count" END AS "unconverted_count"
FROM (SELECT DISTINCT *
FROM (SELECT "t76"."customer_id",
"t76"."kind",
"t76"."is_negative",
"t76"."has_size",
"t76"."exponent",
"t76"."rate_e12",
"t76"."largest",
"t76"."open_count",
"t76"."total",
COALESCE(("t76"."exponent" IS NOT NULL) AND ("t76"."total" <= 9000000000000) AND ("t76"."total" <= "t76"."largest"), FALSE) AS "fits",
CASE WHEN COALESCE(("t76"."exponent" IS NOT NULL) AND ("t76"."total" <= 9000000000000) AND ("t76"."total" <= "t76"."largest"), FALSE) THEN "t76"."total" ELSE 0 END AS "safe"
FROM (SELECT "t75"."customer_id",
"t75"."kind",
"t75"."is_negative",
"t75"."has_size",
"t75"."exponent",
"t75"."rate_e12",
CAST(LEAST(CASE WHEN "t75"."exponent" = 0 THEN 1 WHEN "t75"."exponent" = 1 THEN 10 WHEN "t75"."exponent" = 2 THEN 100 WHEN "t75"."exponent" = 3 THEN 1000 WHEN "t75"."exponent" = 4 THEN 10000 ELSE CAST(NULL AS BIGINT) END * 20000000000, 9000000000000) AS DOUBLE) / ("t75"."rate_e12" / 1000000000000) AS "largest", COUNT(*) AS "open_count", SUM("t75"."size") AS "total"
FROM "shared_1" AS "t75"
GROUP BY 1, 2, 3, 4, 5, 6, 7) AS "t76") AS "t77") AS "t78") AS "t79"
GROUP BY 1) AS "t81" ON "t49"."customer_id" = "t81"."customer_id") AS "t82") AS "t84"
LEFT OUTER JOIN (SELECT "t37"."customer_id", MIN("t37"."day") AS "first_activity_date", MAX("t37"."day") AS "last_activity_date"
FROM (SELECT *
FROM (SELECT *
FROM (SELECT CAST("t16"."customer_id" AS TEXT) AS "customer_id",
"t16"."day"
FROM (SELECT "t1"."customer_id",
CAST("t1"."created_at" AS DATE) AS "day"
FROM "fct_invoice" AS "t1") AS "t16") AS "t30"
UNION ALL
SELECT *
FROM (SELECT CAST("t11"."customer_id" AS TEXT) AS "customer_id",
"t11"."day"
FROM (SELECT "t1"."customer_id",
"t1"."paid_date" AS "day"
FROM "fct_invoice" AS "t1") AS "t11") AS "t24") AS "t33"
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT CAST("t12"."customer_id" AS TEXT) AS "customer_id",
CAST("t12"."day" AS DATE) AS "day"
FROM (SELECT "t2"."customer_id",
"t2"."created_date" AS "day"
FROM "fct_payment_transaction" AS "t2") AS "t12") AS "t25"
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT CAST("t13"."customer_id" AS TEXT) AS "customer_id",
"t13"."day"
FROM (SELECT "t3"."customer_id",
"t3"."created_date" AS "day"
FROM "fct_opportunity" AS "t3") AS "t13") AS "t26"
UNION ALL
SELECT *
FROM (SELECT CAST("t17"."customer_id" AS TEXT) AS "customer_id",
"t17"."day"
FROM (SELECT "t3"."customer_id",
CAST("t3"."updated_at" AS DATE) AS "day"
FROM "fct_opportunity" AS "t3") AS "t17") AS "t31") AS "t34") AS "t35") AS "t37"
GROUP BY 1) AS "t44" ON "t84"."customer_id" = "t44"."customer_id") AS "t85") AS "t86"

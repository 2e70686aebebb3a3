WITH "shared_1" AS (SELECT "t2"."rate_date" AS "_day",
"t2"."currency" AS "_code",
"t2"."rate_e12" AS "_rate_e12"
FROM "fx_rate" AS "t2"), "t13" AS (SELECT CAST("t8"."month_start_date" AS DATE) AS "month_start_date",
CAST("t8"."currency" AS TEXT) AS "currency",
CAST("t8"."customer_id" AS TEXT) AS "customer_id",
"t8"."movement_type",
CAST("t8"."is_mrr_complete" AS BOOLEAN) AS "is_mrr_complete",
CAST("t8"."is_opening_known" AS BOOLEAN) AS "is_opening_known",
"t8"."own_e8",
"t8"."reporting_e8",
"t8"."no_fx_e8",
"t8"."fx_e8",
"t8"."has_rates",
"t8"."is_rated"
FROM (SELECT "t0"."month_start_date",
"t0"."currency",
"t0"."customer_id",
"t0"."movement_type",
"t0"."is_mrr_complete",
"t0"."is_opening_known",
CAST(CAST(CAST(ROUND(CAST("t0"."movement_amount" AS DECIMAL(38, 12)), 8) AS DECIMAL(38, 8)) AS DECIMAL(19, 8)) * CAST(100000000.00000000 AS DECIMAL(19, 8)) AS BIGINT) AS "own_e8",
CAST(CAST(CAST(ROUND(CAST("t0"."movement_reporting_amount" AS DECIMAL(38, 12)), 8) AS DECIMAL(38, 8)) AS DECIMAL(19, 8)) * CAST(100000000.00000000 AS DECIMAL(19, 8)) AS BIGINT) AS "reporting_e8", 0 AS "no_fx_e8",
CAST(CAST(CAST(ROUND(CAST("t0"."fx_amount" AS DECIMAL(38, 12)), 8) AS DECIMAL(38, 8)) AS DECIMAL(19, 8)) * CAST(100000000.00000000 AS DECIMAL(19, 8)) AS BIGINT) AS "fx_e8", TRUE AS "has_rates", NOT ("t0"."is_rate_missing") AS "is_rated"
FROM "fct_mrr_movement" AS "t0") AS "t8"), "t14" AS (SELECT CAST("t9"."source_account" AS TEXT) AS "source_account",
CAST("t9"."subscription_id" AS TEXT) AS "subscription_id",
CAST("t9"."month_start_date" AS DATE) AS "month_start_date",
"t9"."currency",
"t9"."mrr_e8"
FROM (SELECT "t1"."source_account",
"t1"."subscription_id",
"t1"."month_start_date",
COALESCE("t1"."currency", 'xxx') AS "currency",
CAST(CAST(CAST(ROUND(CAST("t1"."mrr_amount" AS DECIMAL(38, 12)), 8) AS DECIMAL(38, 8)) AS DECIMAL(19, 8)) * CAST(100000000.00000000 AS DECIMAL(19, 8)) AS BIGINT) AS "mrr_e8"
FROM "fct_mrr" AS "t1") AS "t9"), "t15" AS (SELECT CAST("t10"."month_start_date" AS DATE) AS "month_start_date",
"t10"."currency",
"t10"."is_computed",
"t10"."own_e8",
"t10"."reporting_e8"
FROM (SELECT "t1"."month_start_date",
COALESCE("t1"."currency", 'xxx') AS "currency",
"t1"."mrr_amount" IS NOT NULL AS "is_computed",
CAST(CAST(CAST(ROUND(CAST("t1"."mrr_amount" AS DECIMAL(38, 12)), 8) AS DECIMAL(38, 8)) AS DECIMAL(19, 8)) * CAST(100000000.00000000 AS DECIMAL(19, 8)) AS BIGINT) AS "own_e8",
CAST(CAST(CAST(ROUND(CAST("t1"."mrr_reporting_amount" AS DECIMAL(38, 12)), 8) AS DECIMAL(38, 8)) AS DECIMAL(19, 8)) * CAST(100000000.00000000 AS DECIMAL(19, 8)) AS BIGINT) AS "reporting_e8"
FROM "fct_mrr" AS "t1") AS "t10"), "t19" AS (SELECT CAST("t11"."month_start_date" AS DATE) AS "month_start_date",
CAST("t11"."currency" AS TEXT) AS "currency",
CAST("t11"."customer_id" AS TEXT) AS "customer_id",
"t11"."mrr_e8",
"t11"."own_e8",
"t11"."reporting_e8"
FROM (SELECT "t4"."month_start_date",
"t4"."currency",
"t4"."customer_id",
CAST(CAST(CAST(ROUND(CAST("t4"."closing_mrr_amount" AS DECIMAL(38, 12)), 8) AS DECIMAL(38, 8)) AS DECIMAL(19, 8)) * CAST(100000000.00000000 AS DECIMAL(19, 8)) AS BIGINT) AS "mrr_e8",
CAST(CAST(CAST(ROUND(CAST("t4"."closing_mrr_amount" AS DECIMAL(38, 12)), 8) AS DECIMAL(38, 8)) AS DECIMAL(19, 8)) * CAST(100000000.00000000 AS DECIMAL(19, 8)) AS BIGINT) AS "own_e8",
CAST(CAST(CAST(ROUND(CAST("t4"."closing_mrr_reporting_amount" AS DECIMAL(38, 12)), 8) AS DECIMAL(38, 8)) AS DECIMAL(19, 8)) * CAST(100000000.00000000 AS DECIMAL(19, 8)) AS BIGINT) AS "reporting_e8"
FROM (SELECT *
FROM "fct_mrr_movement" AS "t0"
WHERE "t0"."customer_id" <> '00000000-0000-0000-0000-000000000000') AS "t4") AS "t11"), "t20" AS (SELECT CAST("t12"."customer_id" AS TEXT) AS "customer_id",
CAST("t12"."currency" AS TEXT) AS "currency",
CAST("t12"."month_start_date" AS DATE) AS "month_start_date",
"t12"."mrr_e8"
FROM (SELECT *
FROM (SELECT "t0"."customer_id",
"t0"."currency",
"t0"."month_start_date",
CAST(CAST(CAST(ROUND(CAST("t0"."closing_mrr_amount" AS DECIMAL(38, 12)), 8) AS DECIMAL(38, 8)) AS DECIMAL(19, 8)) * CAST(100000000.00000000 AS DECIMAL(19, 8)) AS BIGINT) AS "mrr_e8"
FROM "fct_mrr_movement" AS "t0") AS "t7"
WHERE "t7"."customer_id" <> '00000000-0000-0000-0000-000000000000') AS "t12"), "t63" AS (SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t17"."source_account",
"t17"."subscription_id", MAKE_DATE(CAST(CAST(FLOOR((((((CAST(EXTRACT(year
FROM "t17"."month_start_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t17"."month_start_date") AS BIGINT)) - 1) + 1) - (((((CAST(EXTRACT(year
FROM "t17"."month_start_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t17"."month_start_date") AS BIGINT)) - 1) + 1) % 12)) / (12)) AS BIGINT) AS INT),
CAST((((((CAST(EXTRACT(year
FROM "t17"."month_start_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t17"."month_start_date") AS BIGINT)) - 1) + 1) % 12) + 1 AS INT), 1) AS "month_start_date",
"t17"."currency",
"t17"."mrr_e8", TRUE AS "is_start",
"t17"."month_start_date" AS "period_date"
FROM "t14" AS "t17") AS "t34") AS "t39"
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t17"."source_account",
"t17"."subscription_id",
"t17"."month_start_date",
"t17"."currency",
"t17"."mrr_e8", FALSE AS "is_start", MAKE_DATE(CAST(CAST(FLOOR((((((CAST(EXTRACT(year
FROM "t17"."month_start_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t17"."month_start_date") AS BIGINT)) - 1) - 1) - (((((CAST(EXTRACT(year
FROM "t17"."month_start_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t17"."month_start_date") AS BIGINT)) - 1) - 1) % 12)) / (12)) AS BIGINT) AS INT),
CAST((((((CAST(EXTRACT(year
FROM "t17"."month_start_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t17"."month_start_date") AS BIGINT)) - 1) - 1) % 12) + 1 AS INT), 1) AS "period_date"
FROM "t14" AS "t17") AS "t35") AS "t40") AS "t48") AS "t55"
WHERE "t55"."month_start_date" <= MAKE_DATE(2026, 7, 4)) AS "t61"), "t64" AS (SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT MAKE_DATE(CAST(CAST(FLOOR((((((CAST(EXTRACT(year
FROM "t18"."month_start_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t18"."month_start_date") AS BIGINT)) - 1) + 1) - (((((CAST(EXTRACT(year
FROM "t18"."month_start_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t18"."month_start_date") AS BIGINT)) - 1) + 1) % 12)) / (12)) AS BIGINT) AS INT),
CAST((((((CAST(EXTRACT(year
FROM "t18"."month_start_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t18"."month_start_date") AS BIGINT)) - 1) + 1) % 12) + 1 AS INT), 1) AS "month_start_date",
"t18"."currency",
"t18"."is_computed",
"t18"."own_e8",
"t18"."reporting_e8", TRUE AS "is_start",
"t18"."month_start_date" AS "period_date"
FROM "t15" AS "t18") AS "t36") AS "t41"
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t18"."month_start_date",
"t18"."currency",
"t18"."is_computed",
"t18"."own_e8",
"t18"."reporting_e8", FALSE AS "is_start", MAKE_DATE(CAST(CAST(FLOOR((((((CAST(EXTRACT(year
FROM "t18"."month_start_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t18"."month_start_date") AS BIGINT)) - 1) - 1) - (((((CAST(EXTRACT(year
FROM "t18"."month_start_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t18"."month_start_date") AS BIGINT)) - 1) - 1) % 12)) / (12)) AS BIGINT) AS INT),
CAST((((((CAST(EXTRACT(year
FROM "t18"."month_start_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t18"."month_start_date") AS BIGINT)) - 1) - 1) % 12) + 1 AS INT), 1) AS "period_date"
FROM "t15" AS "t18") AS "t37") AS "t42") AS "t49") AS "t56"
WHERE "t56"."month_start_date" <= MAKE_DATE(2026, 7, 4)) AS "t62"), "t115" AS (SELECT *
FROM (SELECT "t111"."customer_id",
"t111"."currency",
"t111"."month_start_date",
"t111"."mrr_e8",
"t111"."is_start",
"t111"."period_date",
"t111"."rate_date",
"t111"."rate_e12",
CASE WHEN "t111"."mrr_e8" = 0 THEN 0 ELSE "t111"."_converted_e8" END AS "_converted_e8",
"t111"."mrr_e8" AS "_own_e8"
FROM (SELECT "t109"."customer_id",
"t109"."currency",
"t109"."month_start_date",
"t109"."mrr_e8",
"t109"."is_start",
"t109"."period_date",
"t109"."rate_date",
"t109"."rate_e12",
"t109"."_converted_e8"
FROM (SELECT "t107"."customer_id",
"t107"."currency",
"t107"."month_start_date",
"t107"."mrr_e8",
"t107"."is_start",
"t107"."period_date",
"t107"."rate_date",
"t107"."rate_e12",
"t107"."_a0",
"t107"."_r0",
"t107"."_a1",
"t107"."_r1",
"t107"."_left",
"t107"."_right",
"t107"."_small",
"t107"."_whole",
"t107"."_rest",
"t107"."_whole" + (CAST(ROUND(("t107"."_rest" - ("t107"."_rest" % 1000000000000)) / 1000000000000, 0) AS BIGINT) + CAST(ROUND((("t107"."_rest" - ("t107"."_rest" % 1000000000000)) - (CAST(ROUND(("t107"."_rest" - ("t107"."_rest" % 1000000000000)) / 1000000000000, 0) AS BIGINT) * 1000000000000)) / 1000000000000, 0) AS BIGINT) + CAST((("t107"."_rest" % 1000000000000) * 2) >= 1000000000000 AS BIGINT)) AS "_converted_e8"
FROM (SELECT "t105"."customer_id",
"t105"."currency",
"t105"."month_start_date",
"t105"."mrr_e8",
"t105"."is_start",
"t105"."period_date",
"t105"."rate_date",
"t105"."rate_e12",
"t105"."_a0",
"t105"."_r0",
"t105"."_a1",
"t105"."_r1",
"t105"."_left",
"t105"."_right",
"t105"."_small", ("t105"."_a1" * "t105"."_r1") + (CAST(ROUND(("t105"."_left" - ("t105"."_left" % 1000000)) / 1000000, 0) AS BIGINT) + CAST(ROUND((("t105"."_left" - ("t105"."_left" % 1000000)) - (CAST(ROUND(("t105"."_left" - ("t105"."_left" % 1000000)) / 1000000, 0) AS BIGINT) * 1000000)) / 1000000, 0) AS BIGINT)) + (CAST(ROUND(("t105"."_right" - ("t105"."_right" % 1000000)) / 1000000, 0) AS BIGINT) + CAST(ROUND((("t105"."_right" - ("t105"."_right" % 1000000)) - (CAST(ROUND(("t105"."_right" - ("t105"."_right" % 1000000)) / 1000000, 0) AS BIGINT) * 1000000)) / 1000000, 0) AS BIGINT)) AS "_whole", ((("t105"."_left" % 1000000) + ("t105"."_right" % 1000000)) * 1000000) + "t105"."_small" AS "_rest"
FROM (SELECT "t103"."customer_id",
"t103"."currency",
"t103"."month_start_date",
"t103"."mrr_e8",
"t103"."is_start",
"t103"."period_date",
"t103"."rate_date",
"t103"."rate_e12",
"t103"."_a0",
"t103"."_r0",
"t103"."_a1",
"t103"."_r1",
"t103"."_a1" * "t103"."_r0" AS "_left",
"t103"."_a0" * "t103"."_r1" AS "_right",
"t103"."_a0" * "t103"."_r0" AS "_small"
FROM (SELECT "t101"."customer_id",
"t101"."currency",
"t101"."month_start_date",
"t101"."mrr_e8",
"t101"."is_start",
"t101"."period_date",
"t101"."rate_date",
"t101"."rate_e12",
"t101"."_a0",
"t101"."_r0",
CAST(ROUND(("t101"."mrr_e8" - "t101"."_a0") / 1000000, 0) AS BIGINT) AS "_a1",
CAST(ROUND(("t101"."rate_e12" - "t101"."_r0") / 1000000, 0) AS BIGINT) AS "_r1"
FROM (SELECT "t99"."customer_id",
"t99"."currency",
"t99"."month_start_date",
"t99"."mrr_e8",
"t99"."is_start",
"t99"."period_date",
"t99"."rate_date",
"t99"."rate_e12",
"t99"."mrr_e8" % 1000000 AS "_a0",
"t99"."rate_e12" % 1000000 AS "_r0"
FROM (SELECT "t97".* EXCLUDE ("_code", "_day", "_rate_e12")
FROM (SELECT "t92"."customer_id",
"t92"."currency",
"t92"."month_start_date",
"t92"."mrr_e8",
"t92"."is_start",
"t92"."period_date",
"t92"."rate_date",
"t92"."_day",
"t92"."_code",
"t92"."_rate_e12",
CASE WHEN "t92"."currency" = 'usd' THEN 1000000000000 ELSE "t92"."_rate_e12" END AS "rate_e12"
FROM (SELECT "t86"."customer_id",
"t86"."currency",
"t86"."month_start_date",
"t86"."mrr_e8",
"t86"."is_start",
"t86"."period_date",
"t86"."rate_date",
"t6"."_day",
"t6"."_code",
"t6"."_rate_e12"
FROM (SELECT "t65"."customer_id",
"t65"."currency",
"t65"."month_start_date",
"t65"."mrr_e8",
"t65"."is_start",
"t65"."period_date", LEAST(CAST(CAST(MAKE_DATE(CAST(CAST(FLOOR((((((CAST(EXTRACT(year
FROM "t65"."period_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t65"."period_date") AS BIGINT)) - 1) + 1) - (((((CAST(EXTRACT(year
FROM "t65"."period_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t65"."period_date") AS BIGINT)) - 1) + 1) % 12)) / (12)) AS BIGINT) AS INT),
CAST((((((CAST(EXTRACT(year
FROM "t65"."period_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t65"."period_date") AS BIGINT)) - 1) + 1) % 12) + 1 AS INT), 1) + TO_DAYS(-1) AS TIMESTAMP) AS DATE), MAKE_DATE(2026, 7, 4)) AS "rate_date"
FROM (SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t24"."customer_id",
"t24"."currency", MAKE_DATE(CAST(CAST(FLOOR((((((CAST(EXTRACT(year
FROM "t24"."month_start_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t24"."month_start_date") AS BIGINT)) - 1) + 12) - (((((CAST(EXTRACT(year
FROM "t24"."month_start_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t24"."month_start_date") AS BIGINT)) - 1) + 12) % 12)) / (12)) AS BIGINT) AS INT),
CAST((((((CAST(EXTRACT(year
FROM "t24"."month_start_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t24"."month_start_date") AS BIGINT)) - 1) + 12) % 12) + 1 AS INT), 1) AS "month_start_date",
"t24"."mrr_e8", TRUE AS "is_start",
"t24"."month_start_date" AS "period_date"
FROM "t20" AS "t24") AS "t44") AS "t51"
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t24"."customer_id",
"t24"."currency",
"t24"."month_start_date",
"t24"."mrr_e8", FALSE AS "is_start", MAKE_DATE(CAST(CAST(FLOOR((((((CAST(EXTRACT(year
FROM "t24"."month_start_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t24"."month_start_date") AS BIGINT)) - 1) - 12) - (((((CAST(EXTRACT(year
FROM "t24"."month_start_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t24"."month_start_date") AS BIGINT)) - 1) - 12) % 12)) / (12)) AS BIGINT) AS INT),
CAST((((((CAST(EXTRACT(year
FROM "t24"."month_start_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t24"."month_start_date") AS BIGINT)) - 1) - 12) % 12) + 1 AS INT), 1) AS "period_date"
FROM "t20" AS "t24") AS "t45") AS "t52") AS "t57") AS "t59"
WHERE "t59"."month_start_date" <= MAKE_DATE(2026, 7, 4)) AS "t65") AS "t86"
LEFT OUTER JOIN "shared_1" AS "t6" ON "t86"."rate_date" = "t6"."_day" AND "t86"."currency" = "t6"."_code") AS "t92") AS "t97") AS "t99") AS "t101") AS "t103") AS "t105") AS "t107") AS "t109") AS "t111") AS "t113"), "t116" AS (SELECT *
FROM (SELECT "t112"."customer_id",
"t112"."currency",
"t112"."month_start_date",
"t112"."mrr_e8",
"t112"."is_start",
"t112"."period_date",
"t112"."rate_date",
"t112"."rate_e12",
CASE WHEN "t112"."mrr_e8" = 0 THEN 0 ELSE "t112"."_converted_e8" END AS "_converted_e8",
"t112"."mrr_e8" AS "_own_e8"
FROM (SELECT "t110"."customer_id",
"t110"."currency",
"t110"."month_start_date",
"t110"."mrr_e8",
"t110"."is_start",
"t110"."period_date",
"t110"."rate_date",
"t110"."rate_e12",
"t110"."_converted_e8"
FROM (SELECT "t108"."customer_id",
"t108"."currency",
"t108"."month_start_date",
"t108"."mrr_e8",
"t108"."is_start",
"t108"."period_date",
"t108"."rate_date",
"t108"."rate_e12",
"t108"."_a0",
"t108"."_r0",
"t108"."_a1",
"t108"."_r1",
"t108"."_left",
"t108"."_right",
"t108"."_small",
"t108"."_whole",
"t108"."_rest",
"t108"."_whole" + (CAST(ROUND(("t108"."_rest" - ("t108"."_rest" % 1000000000000)) / 1000000000000, 0) AS BIGINT) + CAST(ROUND((("t108"."_rest" - ("t108"."_rest" % 1000000000000)) - (CAST(ROUND(("t108"."_rest" - ("t108"."_rest" % 1000000000000)) / 1000000000000, 0) AS BIGINT) * 1000000000000)) / 1000000000000, 0) AS BIGINT) + CAST((("t108"."_rest" % 1000000000000) * 2) >= 1000000000000 AS BIGINT)) AS "_converted_e8"
FROM (SELECT "t106"."customer_id",
"t106"."currency",
"t106"."month_start_date",
"t106"."mrr_e8",
"t106"."is_start",
"t106"."period_date",
"t106"."rate_date",
"t106"."rate_e12",
"t106"."_a0",
"t106"."_r0",
"t106"."_a1",
"t106"."_r1",
"t106"."_left",
"t106"."_right",
"t106"."_small", ("t106"."_a1" * "t106"."_r1") + (CAST(ROUND(("t106"."_left" - ("t106"."_left" % 1000000)) / 1000000, 0) AS BIGINT) + CAST(ROUND((("t106"."_left" - ("t106"."_left" % 1000000)) - (CAST(ROUND(("t106"."_left" - ("t106"."_left" % 1000000)) / 1000000, 0) AS BIGINT) * 1000000)) / 1000000, 0) AS BIGINT)) + (CAST(ROUND(("t106"."_right" - ("t106"."_right" % 1000000)) / 1000000, 0) AS BIGINT) + CAST(ROUND((("t106"."_right" - ("t106"."_right" % 1000000)) - (CAST(ROUND(("t106"."_right" - ("t106"."_right" % 1000000)) / 1000000, 0) AS BIGINT) * 1000000)) / 1000000, 0) AS BIGINT)) AS "_whole", ((("t106"."_left" % 1000000) + ("t106"."_right" % 1000000)) * 1000000) + "t106"."_small" AS "_rest"
FROM (SELECT "t104"."customer_id",
"t104"."currency",
"t104"."month_start_date",
"t104"."mrr_e8",
"t104"."is_start",
"t104"."period_date",
"t104"."rate_date",
"t104"."rate_e12",
"t104"."_a0",
"t104"."_r0",
"t104"."_a1",
"t104"."_r1",
"t104"."_a1" * "t104"."_r0" AS "_left",
"t104"."_a0" * "t104"."_r1" AS "_right",
"t104"."_a0" * "t104"."_r0" AS "_small"
FROM (SELECT "t102"."customer_id",
"t102"."currency",
"t102"."month_start_date",
"t102"."mrr_e8",
"t102"."is_start",
"t102"."period_date",
"t102"."rate_date",
"t102"."rate_e12",
"t102"."_a0",
"t102"."_r0",
CAST(ROUND(("t102"."mrr_e8" - "t102"."_a0") / 1000000, 0) AS BIGINT) AS "_a1",
CAST(ROUND(("t102"."rate_e12" - "t102"."_r0") / 1000000, 0) AS BIGINT) AS "_r1"
FROM (SELECT "t100"."customer_id",
"t100"."currency",
"t100"."month_start_date",
"t100"."mrr_e8",
"t100"."is_start",
"t100"."period_date",
"t100"."rate_date",
"t100"."rate_e12",
"t100"."mrr_e8" % 1000000 AS "_a0",
"t100"."rate_e12" % 1000000 AS "_r0"
FROM (SELECT "t98".* EXCLUDE ("_code", "_day", "_rate_e12")
FROM (SELECT "t93"."customer_id",
"t93"."currency",
"t93"."month_start_date",
"t93"."mrr_e8",
"t93"."is_start",
"t93"."period_date",
"t93"."rate_date",
"t93"."_day",
"t93"."_code",
"t93"."_rate_e12",
CASE WHEN "t93"."currency" = 'usd' THEN 1000000000000 ELSE "t93"."_rate_e12" END AS "rate_e12"
FROM (SELECT "t87"."customer_id",
"t87"."currency",
"t87"."month_start_date",
"t87"."mrr_e8",
"t87"."is_start",
"t87"."period_date",
"t87"."rate_date",
"t6"."_day",
"t6"."_code",
"t6"."_rate_e12"
FROM (SELECT "t66"."customer_id",
"t66"."currency",
"t66"."month_start_date",
"t66"."mrr_e8",
"t66"."is_start",
"t66"."period_date", LEAST(CAST(CAST(MAKE_DATE(CAST(CAST(FLOOR((((((CAST(EXTRACT(year
FROM "t66"."period_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t66"."period_date") AS BIGINT)) - 1) + 1) - (((((CAST(EXTRACT(year
FROM "t66"."period_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t66"."period_date") AS BIGINT)) - 1) + 1) % 12)) / (12)) AS BIGINT) AS INT),
CAST((((((CAST(EXTRACT(year
FROM "t66"."period_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t66"."period_date") AS BIGINT)) - 1) + 1) % 12) + 1 AS INT), 1) + TO_DAYS(-1) AS TIMESTAMP) AS DATE), MAKE_DATE(2026, 7, 4)) AS "rate_date"
FROM (SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t24"."customer_id",
"t24"."currency", MAKE_DATE(CAST(CAST(FLOOR((((((CAST(EXTRACT(year
FROM "t24"."month_start_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t24"."month_start_date") AS BIGINT)) - 1) + 1) - (((((CAST(EXTRACT(year
FROM "t24"."month_start_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t24"."month_start_date") AS BIGINT)) - 1) + 1) % 12)) / (12)) AS BIGINT) AS INT),
CAST((((((CAST(EXTRACT(year
FROM "t24"."month_start_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t24"."month_start_date") AS BIGINT)) - 1) + 1) % 12) + 1 AS INT), 1) AS "month_start_date",
"t24"."mrr_e8", TRUE AS "is_start",
"t24"."month_start_date" AS "period_date"
FROM "t20" AS "t24") AS "t46") AS "t53"
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t24"."customer_id",
"t24"."currency",
"t24"."month_start_date",
"t24"."mrr_e8", FALSE AS "is_start", MAKE_DATE(CAST(CAST(FLOOR((((((CAST(EXTRACT(year
FROM "t24"."month_start_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t24"."month_start_date") AS BIGINT)) - 1) - 1) - (((((CAST(EXTRACT(year
FROM "t24"."month_start_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t24"."month_start_date") AS BIGINT)) - 1) - 1) % 12)) / (12)) AS BIGINT) AS INT),
CAST((((((CAST(EXTRACT(year
FROM "t24"."month_start_date") AS BIGINT) * 12) + CAST(EXTRACT(month
FROM "t24"."month_start_date") AS BIGINT)) - 1) - 1) % 12) + 1 AS INT), 1) AS "period_date"
FROM "t20" AS "t24") AS "t47") AS "t54") AS "t58") AS "t60"
WHERE "t60"."month_start_date" <= MAKE_DATE(2026, 7, 4)) AS "t66") AS "t87"
LEFT OUTER JOIN "shared_1" AS "t6" ON "t87"."rate_date" = "t6"."_day" AND "t87"."currency" = "t6"."_code") AS "t93") AS "t98") AS "t100") AS "t102") AS "t104") AS "t106") AS "t108") AS "t110") AS "t112") AS "t114")
SELECT "t151"."month_start_date",
"t151"."is_total",
"t151"."currency",
CAST(CAST(CAST(ROUND(("t151"."mrr_e8" - ("t151"."mrr_e8" % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST("t151"."mrr_e8" % 100000000 AS DECIMAL(18, 0)) * CAST(1E-8 AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "mrr_amount",
CAST(CAST(CAST(ROUND((("t151"."mrr_e8" * 12) - (("t151"."mrr_e8" * 12) % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST(("t151"."mrr_e8" * 12) % 100000000 AS DECIMAL(18, 0)) * CAST(1E-8 AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "arr_amount",
CAST(CAST(CAST(ROUND(("t151"."opening_e8" - ("t151"."opening_e8" % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST("t151"."opening_e8" % 100000000 AS DECIMAL(18, 0)) * CAST(1E-8 AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "opening_mrr_amount",
CAST(CAST(CAST(ROUND(("t151"."new_e8" - ("t151"."new_e8" % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST("t151"."new_e8" % 100000000 AS DECIMAL(18, 0)) * CAST(1E-8 AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "new_amount",
CAST(CAST(CAST(ROUND(("t151"."reactivation_e8" - ("t151"."reactivation_e8" % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST("t151"."reactivation_e8" % 100000000 AS DECIMAL(18, 0)) * CAST(1E-8 AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "reactivation_amount",
CAST(CAST(CAST(ROUND(("t151"."expansion_e8" - ("t151"."expansion_e8" % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST("t151"."expansion_e8" % 100000000 AS DECIMAL(18, 0)) * CAST(1E-8 AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "expansion_amount",
CAST(CAST(CAST(ROUND((-("t151"."contraction_e8") - (-("t151"."contraction_e8") % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST(-("t151"."contraction_e8") % 100000000 AS DECIMAL(18, 0)) * CAST(1E-8 AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "contraction_amount",
CAST(CAST(CAST(ROUND((-("t151"."churn_e8") - (-("t151"."churn_e8") % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST(-("t151"."churn_e8") % 100000000 AS DECIMAL(18, 0)) * CAST(1E-8 AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "churn_amount",
CAST(CAST(CAST(ROUND(((("t151"."new_e8" + "t151"."reactivation_e8" + "t151"."expansion_e8") - -("t151"."contraction_e8" + "t151"."churn_e8")) - ((("t151"."new_e8" + "t151"."reactivation_e8" + "t151"."expansion_e8") - -("t151"."contraction_e8" + "t151"."churn_e8")) % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST((("t151"."new_e8" + "t151"."reactivation_e8" + "t151"."expansion_e8") - -("t151"."contraction_e8" + "t151"."churn_e8")) % 100000000 AS DECIMAL(18, 0)) * CAST(1E-8 AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "net_new_amount",
CAST(CAST(CAST(ROUND(("t151"."fx_e8" - ("t151"."fx_e8" % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST("t151"."fx_e8" % 100000000 AS DECIMAL(18, 0)) * CAST(1E-8 AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "fx_amount",
CAST(CAST(CAST(ROUND((((("t151"."mrr_e8" - "t151"."opening_e8") - (("t151"."new_e8" + "t151"."reactivation_e8" + "t151"."expansion_e8") - -("t151"."contraction_e8" + "t151"."churn_e8"))) - "t151"."fx_e8") - (((("t151"."mrr_e8" - "t151"."opening_e8") - (("t151"."new_e8" + "t151"."reactivation_e8" + "t151"."expansion_e8") - -("t151"."contraction_e8" + "t151"."churn_e8"))) - "t151"."fx_e8") % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST(((("t151"."mrr_e8" - "t151"."opening_e8") - (("t151"."new_e8" + "t151"."reactivation_e8" + "t151"."expansion_e8") - -("t151"."contraction_e8" + "t151"."churn_e8"))) - "t151"."fx_e8") % 100000000 AS DECIMAL(18, 0)) * CAST(1E-8 AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "untold_amount",
CASE WHEN "t151"."cohort_e8" > 0 THEN CAST("t151"."now_e8" AS DOUBLE) / CAST(NULLIF("t151"."cohort_e8", 0) AS DOUBLE) ELSE CAST(NULL AS DOUBLE) END AS "nrr_ratio",
CASE WHEN "t151"."cohort_e8" > 0 THEN CAST("t151"."kept_e8" AS DOUBLE) / CAST(NULLIF("t151"."cohort_e8", 0) AS DOUBLE) ELSE CAST(NULL AS DOUBLE) END AS "grr_ratio",
CASE WHEN "t151"."year_cohort_e8" > 0 THEN CAST("t151"."year_now_e8" AS DOUBLE) / CAST(NULLIF("t151"."year_cohort_e8", 0) AS DOUBLE) ELSE CAST(NULL AS DOUBLE) END AS "nrr_12_months_ratio",
CASE WHEN "t151"."year_cohort_e8" > 0 THEN CAST("t151"."year_kept_e8" AS DOUBLE) / CAST(NULLIF("t151"."year_cohort_e8", 0) AS DOUBLE) ELSE CAST(NULL AS DOUBLE) END AS "grr_12_months_ratio",
"t151"."customer_count",
"t151"."opening_customer_count",
"t151"."churned_customer_count",
CASE WHEN "t151"."opening_customer_count" > 0 THEN CAST("t151"."churned_customer_count" AS DOUBLE) / CAST(NULLIF("t151"."opening_customer_count", 0) AS DOUBLE) ELSE CAST(NULL AS DOUBLE) END AS "logo_churn_ratio",
"t151"."subscription_count",
"t151"."opening_subscription_count",
"t151"."churned_subscription_count",
CASE WHEN "t151"."opening_subscription_count" > 0 THEN CAST("t151"."churned_subscription_count" AS DOUBLE) / CAST(NULLIF("t151"."opening_subscription_count", 0) AS DOUBLE) ELSE CAST(NULL AS DOUBLE) END AS "subscription_churn_ratio",
CAST(CAST(CAST(ROUND(((CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) - (CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t151"."paying_e8" % NULLIF("t151"."customer_count", 0)) * 2) >= NULLIF("t151"."customer_count", 0) AS BIGINT)) - ((CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) - (CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t151"."paying_e8" % NULLIF("t151"."customer_count", 0)) * 2) >= NULLIF("t151"."customer_count", 0) AS BIGINT)) % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST((CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) - (CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t151"."paying_e8" % NULLIF("t151"."customer_count", 0)) * 2) >= NULLIF("t151"."customer_count", 0) AS BIGINT)) % 100000000 AS DECIMAL(18, 0)) * CAST(1E-8 AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "arpa_amount",
CAST(CAST(CAST(ROUND(((CAST(ROUND((((CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) - (CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t151"."paying_e8" % NULLIF("t151"."customer_count", 0)) * 2) >= NULLIF("t151"."customer_count", 0) AS BIGINT)) * "t151"."opening_customer_count") - (((CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) - (CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t151"."paying_e8" % NULLIF("t151"."customer_count", 0)) * 2) >= NULLIF("t151"."customer_count", 0) AS BIGINT)) * "t151"."opening_customer_count") % NULLIF(NULLIF("t151"."churned_customer_count", 0), 0))) / NULLIF(NULLIF("t151"."churned_customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND(((((CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) - (CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t151"."paying_e8" % NULLIF("t151"."customer_count", 0)) * 2) >= NULLIF("t151"."customer_count", 0) AS BIGINT)) * "t151"."opening_customer_count") - (((CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) - (CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t151"."paying_e8" % NULLIF("t151"."customer_count", 0)) * 2) >= NULLIF("t151"."customer_count", 0) AS BIGINT)) * "t151"."opening_customer_count") % NULLIF(NULLIF("t151"."churned_customer_count", 0), 0))) - (CAST(ROUND((((CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) - (CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t151"."paying_e8" % NULLIF("t151"."customer_count", 0)) * 2) >= NULLIF("t151"."customer_count", 0) AS BIGINT)) * "t151"."opening_customer_count") - (((CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) - (CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t151"."paying_e8" % NULLIF("t151"."customer_count", 0)) * 2) >= NULLIF("t151"."customer_count", 0) AS BIGINT)) * "t151"."opening_customer_count") % NULLIF(NULLIF("t151"."churned_customer_count", 0), 0))) / NULLIF(NULLIF("t151"."churned_customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."churned_customer_count", 0), 0))) / NULLIF(NULLIF("t151"."churned_customer_count", 0), 0), 0) AS BIGINT) + CAST(((((CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) - (CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t151"."paying_e8" % NULLIF("t151"."customer_count", 0)) * 2) >= NULLIF("t151"."customer_count", 0) AS BIGINT)) * "t151"."opening_customer_count") % NULLIF("t151"."churned_customer_count", 0)) * 2) >= NULLIF("t151"."churned_customer_count", 0) AS BIGINT)) - ((CAST(ROUND((((CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) - (CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t151"."paying_e8" % NULLIF("t151"."customer_count", 0)) * 2) >= NULLIF("t151"."customer_count", 0) AS BIGINT)) * "t151"."opening_customer_count") - (((CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) - (CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t151"."paying_e8" % NULLIF("t151"."customer_count", 0)) * 2) >= NULLIF("t151"."customer_count", 0) AS BIGINT)) * "t151"."opening_customer_count") % NULLIF(NULLIF("t151"."churned_customer_count", 0), 0))) / NULLIF(NULLIF("t151"."churned_customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND(((((CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) - (CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t151"."paying_e8" % NULLIF("t151"."customer_count", 0)) * 2) >= NULLIF("t151"."customer_count", 0) AS BIGINT)) * "t151"."opening_customer_count") - (((CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) - (CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t151"."paying_e8" % NULLIF("t151"."customer_count", 0)) * 2) >= NULLIF("t151"."customer_count", 0) AS BIGINT)) * "t151"."opening_customer_count") % NULLIF(NULLIF("t151"."churned_customer_count", 0), 0))) - (CAST(ROUND((((CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) - (CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t151"."paying_e8" % NULLIF("t151"."customer_count", 0)) * 2) >= NULLIF("t151"."customer_count", 0) AS BIGINT)) * "t151"."opening_customer_count") - (((CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) - (CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t151"."paying_e8" % NULLIF("t151"."customer_count", 0)) * 2) >= NULLIF("t151"."customer_count", 0) AS BIGINT)) * "t151"."opening_customer_count") % NULLIF(NULLIF("t151"."churned_customer_count", 0), 0))) / NULLIF(NULLIF("t151"."churned_customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."churned_customer_count", 0), 0))) / NULLIF(NULLIF("t151"."churned_customer_count", 0), 0), 0) AS BIGINT) + CAST(((((CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) - (CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t151"."paying_e8" % NULLIF("t151"."customer_count", 0)) * 2) >= NULLIF("t151"."customer_count", 0) AS BIGINT)) * "t151"."opening_customer_count") % NULLIF("t151"."churned_customer_count", 0)) * 2) >= NULLIF("t151"."churned_customer_count", 0) AS BIGINT)) % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST((CAST(ROUND((((CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) - (CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t151"."paying_e8" % NULLIF("t151"."customer_count", 0)) * 2) >= NULLIF("t151"."customer_count", 0) AS BIGINT)) * "t151"."opening_customer_count") - (((CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) - (CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t151"."paying_e8" % NULLIF("t151"."customer_count", 0)) * 2) >= NULLIF("t151"."customer_count", 0) AS BIGINT)) * "t151"."opening_customer_count") % NULLIF(NULLIF("t151"."churned_customer_count", 0), 0))) / NULLIF(NULLIF("t151"."churned_customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND(((((CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) - (CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t151"."paying_e8" % NULLIF("t151"."customer_count", 0)) * 2) >= NULLIF("t151"."customer_count", 0) AS BIGINT)) * "t151"."opening_customer_count") - (((CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) - (CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t151"."paying_e8" % NULLIF("t151"."customer_count", 0)) * 2) >= NULLIF("t151"."customer_count", 0) AS BIGINT)) * "t151"."opening_customer_count") % NULLIF(NULLIF("t151"."churned_customer_count", 0), 0))) - (CAST(ROUND((((CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) - (CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t151"."paying_e8" % NULLIF("t151"."customer_count", 0)) * 2) >= NULLIF("t151"."customer_count", 0) AS BIGINT)) * "t151"."opening_customer_count") - (((CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) - (CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t151"."paying_e8" % NULLIF("t151"."customer_count", 0)) * 2) >= NULLIF("t151"."customer_count", 0) AS BIGINT)) * "t151"."opening_customer_count") % NULLIF(NULLIF("t151"."churned_customer_count", 0), 0))) / NULLIF(NULLIF("t151"."churned_customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."churned_customer_count", 0), 0))) / NULLIF(NULLIF("t151"."churned_customer_count", 0), 0), 0) AS BIGINT) + CAST(((((CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) - (CAST(ROUND(("t151"."paying_e8" - ("t151"."paying_e8" % NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t151"."customer_count", 0), 0))) / NULLIF(NULLIF("t151"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t151"."paying_e8" % NULLIF("t151"."customer_count", 0)) * 2) >= NULLIF("t151"."customer_count", 0) AS BIGINT)) * "t151"."opening_customer_count") % NULLIF("t151"."churned_customer_count", 0)) * 2) >= NULLIF("t151"."churned_customer_count", 0) AS BIGINT)) % 100000000 AS DECIMAL(18, 0)) * CAST(1E-8 AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "ltv_amount",
CASE WHEN -("t151"."contraction_e8" + "t151"."churn_e8") > 0 THEN CAST("t151"."new_e8" + "t151"."reactivation_e8" + "t151"."expansion_e8" AS DOUBLE) / CAST(NULLIF(-("t151"."contraction_e8" + "t151"."churn_e8"), 0) AS DOUBLE) ELSE CAST(NULL AS DOUBLE) END AS "quick_ratio",
"t151"."incomplete_customer_count",
"t151"."is_mrr_complete",
"t151"."is_opening_known",
"t151"."is_rate_missing"
FROM (SELECT "t150"."is_total",
"t150"."currency",
"t150"."month_start_date",
"t150"."mrr_e8",
CASE WHEN COALESCE("t150"."unopened_count", 0) = 0 THEN "t150"."opening_e8" ELSE CAST(NULL AS BIGINT) END AS "opening_e8",
"t150"."item_count",
CASE WHEN COALESCE("t150"."unopened_count", 0) = 0 THEN CASE WHEN "t150"."unrated_count" IS NOT NULL THEN "t150"."new_e8" ELSE 0 END ELSE CAST(NULL AS BIGINT) END AS "new_e8",
CASE WHEN COALESCE("t150"."unopened_count", 0) = 0 THEN CASE WHEN "t150"."unrated_count" IS NOT NULL THEN "t150"."reactivation_e8" ELSE 0 END ELSE CAST(NULL AS BIGINT) END AS "reactivation_e8",
CASE WHEN COALESCE("t150"."unopened_count", 0) = 0 THEN CASE WHEN "t150"."unrated_count" IS NOT NULL THEN "t150"."expansion_e8" ELSE 0 END ELSE CAST(NULL AS BIGINT) END AS "expansion_e8",
CASE WHEN COALESCE("t150"."unopened_count", 0) = 0 THEN CASE WHEN "t150"."unrated_count" IS NOT NULL THEN "t150"."contraction_e8" ELSE 0 END ELSE CAST(NULL AS BIGINT) END AS "contraction_e8",
CASE WHEN COALESCE("t150"."unopened_count", 0) = 0 THEN CASE WHEN "t150"."unrated_count" IS NOT NULL THEN "t150"."churn_e8" ELSE 0 END ELSE CAST(NULL AS BIGINT) END AS "churn_e8",
CASE WHEN COALESCE("t150"."unopened_count", 0) = 0 THEN CASE WHEN "t150"."unrated_count" IS NOT NULL THEN "t150"."fx_e8" ELSE 0 END ELSE CAST(NULL AS BIGINT) END AS "fx_e8",
"t150"."unrated_count",
"t150"."unopened_count",
"t150"."incomplete_count",
COALESCE("t150"."incomplete_customer_count", 0) AS "incomplete_customer_count",
"t150"."cohort_count",
"t150"."churned_count",
"t150"."cohort_e8",
"t150"."kept_e8",
"t150"."now_e8",
"t150"."year_cohort_count",
"t150"."year_cohort_e8",
"t150"."year_kept_e8",
"t150"."year_now_e8",
COALESCE("t150"."customer_count", 0) AS "customer_count",
"t150"."paying_e8",
COALESCE("t150"."subscription_count", 0) AS "subscription_count",
CASE WHEN COALESCE("t150"."unopened_count", 0) = 0 THEN COALESCE("t150"."opening_subscription_count", 0) ELSE CAST(NULL AS BIGINT) END AS "opening_subscription_count",
CASE WHEN COALESCE("t150"."unopened_count", 0) = 0 THEN COALESCE("t150"."churned_subscription_count", 0) ELSE CAST(NULL AS BIGINT) END AS "churned_subscription_count",
CASE WHEN COALESCE("t150"."unopened_count", 0) = 0 THEN COALESCE("t150"."cohort_count", 0) ELSE CAST(NULL AS BIGINT) END AS "opening_customer_count",
CASE WHEN COALESCE("t150"."unopened_count", 0) = 0 THEN COALESCE("t150"."churned_count", 0) ELSE CAST(NULL AS BIGINT) END AS "churned_customer_count",
COALESCE("t150"."unopened_count", 0) = 0 AS "is_opening_known",
COALESCE("t150"."incomplete_count", 0) = 0 AS "is_mrr_complete", (COALESCE("t150"."unrated_count", 0) > 0) OR ("t150"."mrr_e8" IS NULL) OR ("t150"."opening_e8" IS NULL) OR ((("t150"."churned_count" IS NOT NULL) AND ("t150"."cohort_e8" IS NULL)) OR (("t150"."year_cohort_count" IS NOT NULL) AND ("t150"."year_cohort_e8" IS NULL))) AS "is_rate_missing"
FROM (SELECT "t149".* EXCLUDE ("currency_right", "is_total_right", "month_start_date_right")
FROM (SELECT "t148"."is_total",
"t148"."currency",
"t148"."month_start_date",
"t148"."mrr_e8",
"t148"."opening_e8",
"t148"."item_count",
"t148"."new_e8",
"t148"."reactivation_e8",
"t148"."expansion_e8",
"t148"."contraction_e8",
"t148"."churn_e8",
"t148"."fx_e8",
"t148"."unrated_count",
"t148"."unopened_count",
"t148"."incomplete_count",
"t148"."incomplete_customer_count",
"t148"."cohort_count",
"t148"."churned_count",
"t148"."cohort_e8",
"t148"."kept_e8",
"t148"."now_e8",
"t148"."year_cohort_count",
"t148"."year_cohort_e8",
"t148"."year_kept_e8",
"t148"."year_now_e8",
"t148"."customer_count",
"t148"."paying_e8",
"t90"."is_total" AS "is_total_right",
"t90"."currency" AS "currency_right",
"t90"."month_start_date" AS "month_start_date_right",
"t90"."subscription_count",
"t90"."opening_subscription_count",
"t90"."churned_subscription_count"
FROM (SELECT "t146".* EXCLUDE ("currency_right", "is_total_right", "month_start_date_right")
FROM (SELECT "t145"."is_total",
"t145"."currency",
"t145"."month_start_date",
"t145"."mrr_e8",
"t145"."opening_e8",
"t145"."item_count",
"t145"."new_e8",
"t145"."reactivation_e8",
"t145"."expansion_e8",
"t145"."contraction_e8",
"t145"."churn_e8",
"t145"."fx_e8",
"t145"."unrated_count",
"t145"."unopened_count",
"t145"."incomplete_count",
"t145"."incomplete_customer_count",
"t145"."cohort_count",
"t145"."churned_count",
"t145"."cohort_e8",
"t145"."kept_e8",
"t145"."now_e8",
"t145"."year_cohort_count",
"t145"."year_cohort_e8",
"t145"."year_kept_e8",
"t145"."year_now_e8",
"t74"."is_total" AS "is_total_right",
"t74"."currency" AS "currency_right",
"t74"."month_start_date" AS "month_start_date_right",
"t74"."customer_count",
"t74"."paying_e8"
FROM (SELECT "t143".* EXCLUDE ("currency_right", "is_total_right", "month_start_date_right")
FROM (SELECT "t142"."is_total",
"t142"."currency",
"t142"."month_start_date",
"t142"."mrr_e8",
"t142"."opening_e8",
"t142"."item_count",
"t142"."new_e8",
"t142"."reactivation_e8",
"t142"."expansion_e8",
"t142"."contraction_e8",
"t142"."churn_e8",
"t142"."fx_e8",
"t142"."unrated_count",
"t142"."unopened_count",
"t142"."incomplete_count",
"t142"."incomplete_customer_count",
"t142"."cohort_count",
"t142"."churned_count",
"t142"."cohort_e8",
"t142"."kept_e8",
"t142"."now_e8",
"t139"."is_total" AS "is_total_right",
"t139"."currency" AS "currency_right",
"t139"."month_start_date" AS "month_start_date_right",
"t139"."year_cohort_count",
"t139"."year_cohort_e8",
"t139"."year_kept_e8",
"t139"."year_now_e8"
FROM (SELECT "t140".* EXCLUDE ("currency_right", "is_total_right", "month_start_date_right")
FROM (SELECT "t96"."is_total",
"t96"."currency",
"t96"."month_start_date",
"t96"."mrr_e8",
"t96"."opening_e8",
"t96"."item_count",
"t96"."new_e8",
"t96"."reactivation_e8",
"t96"."expansion_e8",
"t96"."contraction_e8",
"t96"."churn_e8",
"t96"."fx_e8",
"t96"."unrated_count",
"t96"."unopened_count",
"t96"."incomplete_count",
"t96"."incomplete_customer_count",
"t137"."is_total" AS "is_total_right",
"t137"."currency" AS "currency_right",
"t137"."month_start_date" AS "month_start_date_right",
"t137"."cohort_count",
"t137"."churned_count",
"t137"."cohort_e8",
"t137"."kept_e8",
"t137"."now_e8"
FROM (SELECT "t94".* EXCLUDE ("currency_right", "is_total_right", "month_start_date_right")
FROM (SELECT "t91"."is_total",
"t91"."currency",
"t91"."month_start_date",
"t91"."mrr_e8",
"t91"."opening_e8",
"t91"."item_count",
"t38"."is_total" AS "is_total_right",
"t38"."currency" AS "currency_right",
"t38"."month_start_date" AS "month_start_date_right",
"t38"."new_e8",
"t38"."reactivation_e8",
"t38"."expansion_e8",
"t38"."contraction_e8",
"t38"."churn_e8",
"t38"."fx_e8",
"t38"."unrated_count",
"t38"."unopened_count",
"t38"."incomplete_count",
"t38"."incomplete_customer_count"
FROM (SELECT *
FROM (SELECT "t80"."is_total",
"t80"."currency",
"t80"."month_start_date",
CASE WHEN COALESCE(SUM(CAST("t80"."value_e8" IS NULL AS BIGINT)) FILTER(WHERE NOT ("t80"."is_start") AND "t80"."is_computed"), 0) > 0 THEN CAST(NULL AS BIGINT) ELSE COALESCE(SUM("t80"."value_e8") FILTER(WHERE NOT ("t80"."is_start") AND "t80"."is_computed"), 0) END AS "mrr_e8",
CASE WHEN COALESCE(SUM(CAST("t80"."value_e8" IS NULL AS BIGINT)) FILTER(WHERE "t80"."is_start" AND "t80"."is_computed"), 0) > 0 THEN CAST(NULL AS BIGINT) ELSE COALESCE(SUM("t80"."value_e8") FILTER(WHERE "t80"."is_start" AND "t80"."is_computed"), 0) END AS "opening_e8", COUNT(*) FILTER(WHERE NOT ("t80"."is_start")) AS "item_count"
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t68"."month_start_date",
"t68"."is_computed",
"t68"."is_start",
"t68"."period_date", FALSE AS "is_total",
"t68"."currency",
"t68"."own_e8" AS "value_e8"
FROM "t64" AS "t68") AS "t72") AS "t77"
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT "t68"."month_start_date",
"t68"."is_computed",
"t68"."is_start",
"t68"."period_date", TRUE AS "is_total", 'usd' AS "currency",
"t68"."reporting_e8" AS "value_e8"
FROM "t64" AS "t68") AS "t73") AS "t78") AS "t80"
GROUP BY 1, 2, 3) AS "t83"
WHERE ("t83"."item_count" > 0) OR ("t83"."opening_e8" > 0) OR ("t83"."opening_e8" IS NULL)) AS "t91"
LEFT OUTER JOIN (SELECT "t29"."is_total",
"t29"."currency",
"t29"."month_start_date",
CASE WHEN COALESCE(SUM(CAST("t29"."value_e8" IS NULL AS BIGINT)) FILTER(WHERE "t29"."movement_type" = 'new'), 0) > 0 THEN CAST(NULL AS BIGINT) ELSE COALESCE(SUM("t29"."value_e8") FILTER(WHERE "t29"."movement_type" = 'new'), 0) END AS "new_e8",
CASE WHEN COALESCE(SUM(CAST("t29"."value_e8" IS NULL AS BIGINT)) FILTER(WHERE "t29"."movement_type" = 'reactivation'), 0) > 0 THEN CAST(NULL AS BIGINT) ELSE COALESCE(SUM("t29"."value_e8") FILTER(WHERE "t29"."movement_type" = 'reactivation'), 0) END AS "reactivation_e8",
CASE WHEN COALESCE(SUM(CAST("t29"."value_e8" IS NULL AS BIGINT)) FILTER(WHERE "t29"."movement_type" = 'expansion'), 0) > 0 THEN CAST(NULL AS BIGINT) ELSE COALESCE(SUM("t29"."value_e8") FILTER(WHERE "t29"."movement_type" = 'expansion'), 0) END AS "expansion_e8",
CASE WHEN COALESCE(SUM(CAST("t29"."value_e8" IS NULL AS BIGINT)) FILTER(WHERE "t29"."movement_type" = 'contraction'), 0) > 0 THEN CAST(NULL AS BIGINT) ELSE COALESCE(SUM("t29"."value_e8") FILTER(WHERE "t29"."movement_type" = 'contraction'), 0) END AS "contraction_e8",
CASE WHEN COALESCE(SUM(CAST("t29"."value_e8" IS NULL AS BIGINT)) FILTER(WHERE "t29"."movement_type" = 'churn'), 0) > 0 THEN CAST(NULL AS BIGINT) ELSE COALESCE(SUM("t29"."value_e8") FILTER(WHERE "t29"."movement_type" = 'churn'), 0) END AS "churn_e8",
CASE WHEN COUNT(*) FILTER(WHERE NOT ("t29"."is_known")) > 0 THEN CAST(NULL AS BIGINT) ELSE COALESCE(SUM("t29"."rate_effect_e8"), 0) END AS "fx_e8", COUNT(*) FILTER(WHERE NOT ("t29"."is_known")) AS "unrated_count", COUNT(*) FILTER(WHERE NOT ("t29"."is_opening_known")) AS "unopened_count", COUNT(*) FILTER(WHERE NOT ("t29"."is_mrr_complete")) AS "incomplete_count", COUNT(DISTINCT "t29"."customer_id") FILTER(WHERE NOT ("t29"."is_mrr_complete") AND ("t29"."customer_id" <> '00000000-0000-0000-0000-000000000000')) AS "incomplete_customer_count"
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t16"."month_start_date",
"t16"."customer_id",
"t16"."movement_type",
"t16"."is_mrr_complete",
"t16"."is_opening_known", FALSE AS "is_total",
"t16"."currency",
"t16"."own_e8" AS "value_e8",
"t16"."no_fx_e8" AS "rate_effect_e8",
"t16"."has_rates" AS "is_known"
FROM "t13" AS "t16") AS "t21") AS "t25"
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT "t16"."month_start_date",
"t16"."customer_id",
"t16"."movement_type",
"t16"."is_mrr_complete",
"t16"."is_opening_known", TRUE AS "is_total", 'usd' AS "currency",
"t16"."reporting_e8" AS "value_e8",
"t16"."fx_e8" AS "rate_effect_e8",
"t16"."is_rated" AS "is_known"
FROM "t13" AS "t16") AS "t22") AS "t26") AS "t29"
GROUP BY 1, 2, 3) AS "t38" ON "t91"."is_total" = "t38"."is_total" AND "t91"."currency" = "t38"."currency" AND "t91"."month_start_date" = "t38"."month_start_date") AS "t94") AS "t96"
LEFT OUTER JOIN (SELECT "t134"."is_total",
"t134"."currency",
"t134"."month_start_date", COUNT(*) AS "cohort_count", COUNT(*) FILTER(WHERE NOT ("t134"."has_end")) AS "churned_count",
CASE WHEN COALESCE(SUM(CAST("t134"."cohort_e8" IS NULL AS BIGINT)), 0) > 0 THEN CAST(NULL AS BIGINT) ELSE COALESCE(SUM("t134"."cohort_e8"), 0) END AS "cohort_e8",
CASE WHEN COALESCE(SUM(CAST("t134"."kept_e8" IS NULL AS BIGINT)), 0) > 0 THEN CAST(NULL AS BIGINT) ELSE COALESCE(SUM("t134"."kept_e8"), 0) END AS "kept_e8",
CASE WHEN COALESCE(SUM(CAST("t134"."now_e8" IS NULL AS BIGINT)), 0) > 0 THEN CAST(NULL AS BIGINT) ELSE COALESCE(SUM("t134"."now_e8"), 0) END AS "now_e8"
FROM (SELECT "t132"."is_total",
"t132"."currency",
"t132"."month_start_date",
"t132"."customer_id",
"t132"."start_e8",
"t132"."end_e8",
"t132"."has_start",
"t132"."has_end",
"t132"."is_computed",
CASE WHEN ("t132"."start_e8" IS NULL) OR ("t132"."end_e8" IS NULL) THEN CAST(NULL AS BIGINT) ELSE "t132"."start_e8" END AS "cohort_e8",
CASE WHEN ("t132"."start_e8" IS NULL) OR ("t132"."end_e8" IS NULL) THEN CAST(NULL AS BIGINT) ELSE "t132"."end_e8" END AS "now_e8",
CASE WHEN ("t132"."start_e8" IS NULL) OR ("t132"."end_e8" IS NULL) THEN CAST(NULL AS BIGINT) ELSE LEAST("t132"."start_e8",
"t132"."end_e8") END AS "kept_e8"
FROM (SELECT *
FROM (SELECT "t128"."is_total",
"t128"."currency",
"t128"."month_start_date",
"t128"."customer_id",
CASE WHEN COALESCE(SUM(CAST("t128"."value_e8" IS NULL AS BIGINT)) FILTER(WHERE "t128"."is_start"), 0) > 0 THEN CAST(NULL AS BIGINT) ELSE COALESCE(SUM("t128"."value_e8") FILTER(WHERE "t128"."is_start"), 0) END AS "start_e8",
CASE WHEN COALESCE(SUM(CAST("t128"."value_e8" IS NULL AS BIGINT)) FILTER(WHERE NOT ("t128"."is_start")), 0) > 0 THEN CAST(NULL AS BIGINT) ELSE COALESCE(SUM("t128"."value_e8") FILTER(WHERE NOT ("t128"."is_start")), 0) END AS "end_e8", COUNT(*) FILTER(WHERE "t128"."is_start" AND ("t128"."mrr_e8" > 0)) > 0 AS "has_start", COUNT(*) FILTER(WHERE NOT ("t128"."is_start") AND ("t128"."mrr_e8" > 0)) > 0 AS "has_end", COUNT(*) FILTER(WHERE "t128"."mrr_e8" IS NULL) = 0 AS "is_computed"
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t118"."customer_id",
"t118"."month_start_date",
"t118"."mrr_e8",
"t118"."is_start",
"t118"."period_date",
"t118"."rate_date",
"t118"."rate_e12", FALSE AS "is_total",
"t118"."currency",
"t118"."_own_e8" AS "value_e8"
FROM "t116" AS "t118") AS "t121") AS "t125"
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT "t118"."customer_id",
"t118"."month_start_date",
"t118"."mrr_e8",
"t118"."is_start",
"t118"."period_date",
"t118"."rate_date",
"t118"."rate_e12", TRUE AS "is_total", 'usd' AS "currency",
"t118"."_converted_e8" AS "value_e8"
FROM "t116" AS "t118") AS "t122") AS "t126") AS "t128"
GROUP BY 1, 2, 3, 4) AS "t130"
WHERE "t130"."has_start" AND "t130"."is_computed") AS "t132") AS "t134"
GROUP BY 1, 2, 3) AS "t137" ON "t96"."is_total" = "t137"."is_total" AND "t96"."currency" = "t137"."currency" AND "t96"."month_start_date" = "t137"."month_start_date") AS "t140") AS "t142"
LEFT OUTER JOIN (SELECT "t135"."is_total",
"t135"."currency",
"t135"."month_start_date",
"t135"."cohort_count" AS "year_cohort_count",
"t135"."cohort_e8" AS "year_cohort_e8",
"t135"."kept_e8" AS "year_kept_e8",
"t135"."now_e8" AS "year_now_e8"
FROM (SELECT "t133"."is_total",
"t133"."currency",
"t133"."month_start_date", COUNT(*) AS "cohort_count", COUNT(*) FILTER(WHERE NOT ("t133"."has_end")) AS "churned_count",
CASE WHEN COALESCE(SUM(CAST("t133"."cohort_e8" IS NULL AS BIGINT)), 0) > 0 THEN CAST(NULL AS BIGINT) ELSE COALESCE(SUM("t133"."cohort_e8"), 0) END AS "cohort_e8",
CASE WHEN COALESCE(SUM(CAST("t133"."kept_e8" IS NULL AS BIGINT)), 0) > 0 THEN CAST(NULL AS BIGINT) ELSE COALESCE(SUM("t133"."kept_e8"), 0) END AS "kept_e8",
CASE WHEN COALESCE(SUM(CAST("t133"."now_e8" IS NULL AS BIGINT)), 0) > 0 THEN CAST(NULL AS BIGINT) ELSE COALESCE(SUM("t133"."now_e8"), 0) END AS "now_e8"
FROM (SELECT "t131"."is_total",
"t131"."currency",
"t131"."month_start_date",
"t131"."customer_id",
"t131"."start_e8",
"t131"."end_e8",
"t131"."has_start",
"t131"."has_end",
"t131"."is_computed",
CASE WHEN ("t131"."start_e8" IS NULL) OR ("t131"."end_e8" IS NULL) THEN CAST(NULL AS BIGINT) ELSE "t131"."start_e8" END AS "cohort_e8",
CASE WHEN ("t131"."start_e8" IS NULL) OR ("t131"."end_e8" IS NULL) THEN CAST(NULL AS BIGINT) ELSE "t131"."end_e8" END AS "now_e8",
CASE WHEN ("t131"."start_e8" IS NULL) OR ("t131"."end_e8" IS NULL) THEN CAST(NULL AS BIGINT) ELSE LEAST("t131"."start_e8",
"t131"."end_e8") END AS "kept_e8"
FROM (SELECT *
FROM (SELECT "t127"."is_total",
"t127"."currency",
"t127"."month_start_date",
"t127"."customer_id",
CASE WHEN COALESCE(SUM(CAST("t127"."value_e8" IS NULL AS BIGINT)) FILTER(WHERE "t127"."is_start"), 0) > 0 THEN CAST(NULL AS BIGINT) ELSE COALESCE(SUM("t127"."value_e8") FILTER(WHERE "t127"."is_start"), 0) END AS "start_e8",
CASE WHEN COALESCE(SUM(CAST("t127"."value_e8" IS NULL AS BIGINT)) FILTER(WHERE NOT ("t127"."is_start")), 0) > 0 THEN CAST(NULL AS BIGINT) ELSE COALESCE(SUM("t127"."value_e8") FILTER(WHERE NOT ("t127"."is_start")), 0) END AS "end_e8", COUNT(*) FILTER(WHERE "t127"."is_start" AND ("t127"."mrr_e8" > 0)) > 0 AS "has_start", COUNT(*) FILTER(WHERE NOT ("t127"."is_start") AND ("t127"."mrr_e8" > 0)) > 0 AS "has_end", COUNT(*) FILTER(WHERE "t127"."mrr_e8" IS NULL) = 0 AS "is_computed"
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t117"."customer_id",
"t117"."month_start_date",
"t117"."mrr_e8",
"t117"."is_start",
"t117"."period_date",
"t117"."rate_date",
"t117"."rate_e12", FALSE AS "is_total",
"t117"."currency",
"t117"."_own_e8" AS "value_e8"
FROM "t115" AS "t117") AS "t119") AS "t123"
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT "t117"."customer_id",
"t117"."month_start_date",
"t117"."mrr_e8",
"t117"."is_start",
"t117"."period_date",
"t117"."rate_date",
"t117"."rate_e12", TRUE AS "is_total", 'usd' AS "currency",
"t117"."_converted_e8" AS "value_e8"
FROM "t115" AS "t117") AS "t120") AS "t124") AS "t127"
GROUP BY 1, 2, 3, 4) AS "t129"
WHERE "t129"."has_start" AND "t129"."is_computed") AS "t131") AS "t133"
GROUP BY 1, 2, 3) AS "t135") AS "t139" ON "t142"."is_total" = "t139"."is_total" AND "t142"."currency" = "t139"."currency" AND "t142"."month_start_date" = "t139"."month_start_date") AS "t143") AS "t145"
LEFT OUTER JOIN (SELECT "t50"."is_total",
"t50"."currency",
"t50"."month_start_date", COUNT(*) AS "customer_count",
CASE WHEN COALESCE(SUM(CAST("t50"."value_e8" IS NULL AS BIGINT)), 0) > 0 THEN CAST(NULL AS BIGINT) ELSE COALESCE(SUM("t50"."value_e8"), 0) END AS "paying_e8"
FROM (SELECT *
FROM (SELECT "t32"."is_total",
"t32"."currency",
"t32"."month_start_date",
"t32"."customer_id",
CASE WHEN COALESCE(SUM(CAST("t32"."value_e8" IS NULL AS BIGINT)), 0) > 0 THEN CAST(NULL AS BIGINT) ELSE COALESCE(SUM("t32"."value_e8"), 0) END AS "value_e8", COUNT(*) FILTER(WHERE "t32"."mrr_e8" > 0) > 0 AS "has_mrr", COUNT(*) FILTER(WHERE "t32"."mrr_e8" IS NULL) = 0 AS "is_computed"
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t23"."month_start_date",
"t23"."customer_id",
"t23"."mrr_e8", FALSE AS "is_total",
"t23"."currency",
"t23"."own_e8" AS "value_e8"
FROM "t19" AS "t23") AS "t27") AS "t30"
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT "t23"."month_start_date",
"t23"."customer_id",
"t23"."mrr_e8", TRUE AS "is_total", 'usd' AS "currency",
"t23"."reporting_e8" AS "value_e8"
FROM "t19" AS "t23") AS "t28") AS "t31") AS "t32"
GROUP BY 1, 2, 3, 4) AS "t43"
WHERE "t43"."has_mrr" AND "t43"."is_computed") AS "t50"
GROUP BY 1, 2, 3) AS "t74" ON "t145"."is_total" = "t74"."is_total" AND "t145"."currency" = "t74"."currency" AND "t145"."month_start_date" = "t74"."month_start_date") AS "t146") AS "t148"
LEFT OUTER JOIN (SELECT "t82"."is_total",
"t82"."currency",
"t82"."month_start_date", COUNT(*) FILTER(WHERE "t82"."has_end") AS "subscription_count", COUNT(*) FILTER(WHERE "t82"."has_start") AS "opening_subscription_count", COUNT(*) FILTER(WHERE "t82"."has_start" AND NOT ("t82"."has_end")) AS "churned_subscription_count"
FROM (SELECT *
FROM (SELECT "t79"."is_total",
"t79"."currency",
"t79"."month_start_date",
"t79"."source_account",
"t79"."subscription_id", COUNT(*) FILTER(WHERE "t79"."is_start" AND ("t79"."mrr_e8" > 0)) > 0 AS "has_start", COUNT(*) FILTER(WHERE NOT ("t79"."is_start") AND ("t79"."mrr_e8" > 0)) > 0 AS "has_end", COUNT(*) FILTER(WHERE "t79"."mrr_e8" IS NULL) = 0 AS "is_computed"
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t67"."source_account",
"t67"."subscription_id",
"t67"."month_start_date",
"t67"."mrr_e8",
"t67"."is_start",
"t67"."period_date", FALSE AS "is_total",
"t67"."currency"
FROM "t63" AS "t67") AS "t71") AS "t76"
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT "t67"."source_account",
"t67"."subscription_id",
"t67"."month_start_date",
"t67"."mrr_e8",
"t67"."is_start",
"t67"."period_date", TRUE AS "is_total", 'usd' AS "currency"
FROM "t63" AS "t67") AS "t70") AS "t75") AS "t79"
GROUP BY 1, 2, 3, 4, 5) AS "t81"
WHERE "t81"."is_computed") AS "t82"
GROUP BY 1, 2, 3) AS "t90" ON "t148"."is_total" = "t90"."is_total" AND "t148"."currency" = "t90"."currency" AND "t148"."month_start_date" = "t90"."month_start_date") AS "t149") AS "t150") AS "t151"

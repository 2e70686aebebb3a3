WITH "t12" AS (SELECT CAST("t7"."month_start_date" AS DATE) AS "month_start_date",
CAST("t7"."currency" AS VARCHAR) AS "currency",
CAST("t7"."customer_id" AS VARCHAR) AS "customer_id",
"t7"."movement_type",
CAST("t7"."is_mrr_complete" AS BOOLEAN) AS "is_mrr_complete",
CAST("t7"."is_opening_known" AS BOOLEAN) AS "is_opening_known",
"t7"."own_e8",
"t7"."reporting_e8",
"t7"."no_fx_e8",
"t7"."fx_e8",
"t7"."has_rates",
"t7"."is_rated"
FROM (SELECT "t0"."month_start_date",
"t0"."currency",
"t0"."customer_id",
"t0"."movement_type",
"t0"."is_mrr_complete",
"t0"."is_opening_known",
CAST(CAST(CAST(ROUND(CAST("t0"."movement_amount" AS DECIMAL(38, 12)), 8) AS DECIMAL(38, 8)) AS DECIMAL(19, 8)) * CAST('100000000.00000000' AS DECIMAL(19, 8)) AS BIGINT) AS "own_e8",
CAST(CAST(CAST(ROUND(CAST("t0"."movement_reporting_amount" AS DECIMAL(38, 12)), 8) AS DECIMAL(38, 8)) AS DECIMAL(19, 8)) * CAST('100000000.00000000' AS DECIMAL(19, 8)) AS BIGINT) AS "reporting_e8", 0 AS "no_fx_e8",
CAST(CAST(CAST(ROUND(CAST("t0"."fx_amount" AS DECIMAL(38, 12)), 8) AS DECIMAL(38, 8)) AS DECIMAL(19, 8)) * CAST('100000000.00000000' AS DECIMAL(19, 8)) AS BIGINT) AS "fx_e8", TRUE AS "has_rates", NOT ("t0"."is_rate_missing") AS "is_rated"
FROM "fct_mrr_movement" AS "t0") AS "t7"), "t13" AS (SELECT CAST("t8"."source_account" AS VARCHAR) AS "source_account",
CAST("t8"."subscription_id" AS VARCHAR) AS "subscription_id",
CAST("t8"."month_start_date" AS DATE) AS "month_start_date",
"t8"."currency",
"t8"."mrr_e8"
FROM (SELECT "t1"."source_account",
"t1"."subscription_id",
"t1"."month_start_date",
COALESCE("t1"."currency", 'xxx') AS "currency",
CAST(CAST(CAST(ROUND(CAST("t1"."mrr_amount" AS DECIMAL(38, 12)), 8) AS DECIMAL(38, 8)) AS DECIMAL(19, 8)) * CAST('100000000.00000000' AS DECIMAL(19, 8)) AS BIGINT) AS "mrr_e8"
FROM "fct_mrr" AS "t1") AS "t8"), "t14" AS (SELECT CAST("t9"."month_start_date" AS DATE) AS "month_start_date",
"t9"."currency",
"t9"."is_computed",
"t9"."own_e8",
"t9"."reporting_e8"
FROM (SELECT "t1"."month_start_date",
COALESCE("t1"."currency", 'xxx') AS "currency",
"t1"."mrr_amount" IS NOT NULL AS "is_computed",
CAST(CAST(CAST(ROUND(CAST("t1"."mrr_amount" AS DECIMAL(38, 12)), 8) AS DECIMAL(38, 8)) AS DECIMAL(19, 8)) * CAST('100000000.00000000' AS DECIMAL(19, 8)) AS BIGINT) AS "own_e8",
CAST(CAST(CAST(ROUND(CAST("t1"."mrr_reporting_amount" AS DECIMAL(38, 12)), 8) AS DECIMAL(38, 8)) AS DECIMAL(19, 8)) * CAST('100000000.00000000' AS DECIMAL(19, 8)) AS BIGINT) AS "reporting_e8"
FROM "fct_mrr" AS "t1") AS "t9"), "t18" AS (SELECT CAST("t10"."month_start_date" AS DATE) AS "month_start_date",
CAST("t10"."currency" AS VARCHAR) AS "currency",
CAST("t10"."customer_id" AS VARCHAR) AS "customer_id",
"t10"."mrr_e8",
"t10"."own_e8",
"t10"."reporting_e8"
FROM (SELECT "t4"."month_start_date",
"t4"."currency",
"t4"."customer_id",
CAST(CAST(CAST(ROUND(CAST("t4"."closing_mrr_amount" AS DECIMAL(38, 12)), 8) AS DECIMAL(38, 8)) AS DECIMAL(19, 8)) * CAST('100000000.00000000' AS DECIMAL(19, 8)) AS BIGINT) AS "mrr_e8",
CAST(CAST(CAST(ROUND(CAST("t4"."closing_mrr_amount" AS DECIMAL(38, 12)), 8) AS DECIMAL(38, 8)) AS DECIMAL(19, 8)) * CAST('100000000.00000000' AS DECIMAL(19, 8)) AS BIGINT) AS "own_e8",
CAST(CAST(CAST(ROUND(CAST("t4"."closing_mrr_reporting_amount" AS DECIMAL(38, 12)), 8) AS DECIMAL(38, 8)) AS DECIMAL(19, 8)) * CAST('100000000.00000000' AS DECIMAL(19, 8)) AS BIGINT) AS "reporting_e8"
FROM (SELECT *
FROM "fct_mrr_movement" AS "t0"
WHERE "t0"."customer_id" <> '00000000-0000-0000-0000-000000000000') AS "t4") AS "t10"), "t19" AS (SELECT CAST("t11"."customer_id" AS VARCHAR) AS "customer_id",
CAST("t11"."currency" AS VARCHAR) AS "currency",
CAST("t11"."month_start_date" AS DATE) AS "month_start_date",
"t11"."mrr_e8"
FROM (SELECT *
FROM (SELECT "t0"."customer_id",
"t0"."currency",
"t0"."month_start_date",
CAST(CAST(CAST(ROUND(CAST("t0"."closing_mrr_amount" AS DECIMAL(38, 12)), 8) AS DECIMAL(38, 8)) AS DECIMAL(19, 8)) * CAST('100000000.00000000' AS DECIMAL(19, 8)) AS BIGINT) AS "mrr_e8"
FROM "fct_mrr_movement" AS "t0") AS "t6"
WHERE "t6"."customer_id" <> '00000000-0000-0000-0000-000000000000') AS "t11"), "t62" AS (SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t16"."source_account",
"t16"."subscription_id", DATE_FROM_PARTS(CAST(CAST(FLOOR((((((CAST(DATE_PART(year,
"t16"."month_start_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t16"."month_start_date") AS BIGINT)) - 1) + 1) - (((((CAST(DATE_PART(year,
"t16"."month_start_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t16"."month_start_date") AS BIGINT)) - 1) + 1) % 12)) / (12)) AS BIGINT) AS INT),
CAST((((((CAST(DATE_PART(year,
"t16"."month_start_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t16"."month_start_date") AS BIGINT)) - 1) + 1) % 12) + 1 AS INT), 1) AS "month_start_date",
"t16"."currency",
"t16"."mrr_e8", TRUE AS "is_start",
"t16"."month_start_date" AS "period_date"
FROM "t13" AS "t16") AS "t33") AS "t38"
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t16"."source_account",
"t16"."subscription_id",
"t16"."month_start_date",
"t16"."currency",
"t16"."mrr_e8", FALSE AS "is_start", DATE_FROM_PARTS(CAST(CAST(FLOOR((((((CAST(DATE_PART(year,
"t16"."month_start_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t16"."month_start_date") AS BIGINT)) - 1) - 1) - (((((CAST(DATE_PART(year,
"t16"."month_start_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t16"."month_start_date") AS BIGINT)) - 1) - 1) % 12)) / (12)) AS BIGINT) AS INT),
CAST((((((CAST(DATE_PART(year,
"t16"."month_start_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t16"."month_start_date") AS BIGINT)) - 1) - 1) % 12) + 1 AS INT), 1) AS "period_date"
FROM "t13" AS "t16") AS "t34") AS "t39") AS "t47") AS "t54"
WHERE "t54"."month_start_date" <= DATE_FROM_PARTS(2026, 7, 4)) AS "t60"), "t63" AS (SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT DATE_FROM_PARTS(CAST(CAST(FLOOR((((((CAST(DATE_PART(year,
"t17"."month_start_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t17"."month_start_date") AS BIGINT)) - 1) + 1) - (((((CAST(DATE_PART(year,
"t17"."month_start_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t17"."month_start_date") AS BIGINT)) - 1) + 1) % 12)) / (12)) AS BIGINT) AS INT),
CAST((((((CAST(DATE_PART(year,
"t17"."month_start_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t17"."month_start_date") AS BIGINT)) - 1) + 1) % 12) + 1 AS INT), 1) AS "month_start_date",
"t17"."currency",
"t17"."is_computed",
"t17"."own_e8",
"t17"."reporting_e8", TRUE AS "is_start",
"t17"."month_start_date" AS "period_date"
FROM "t14" AS "t17") AS "t35") AS "t40"
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t17"."month_start_date",
"t17"."currency",
"t17"."is_computed",
"t17"."own_e8",
"t17"."reporting_e8", FALSE AS "is_start", DATE_FROM_PARTS(CAST(CAST(FLOOR((((((CAST(DATE_PART(year,
"t17"."month_start_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t17"."month_start_date") AS BIGINT)) - 1) - 1) - (((((CAST(DATE_PART(year,
"t17"."month_start_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t17"."month_start_date") AS BIGINT)) - 1) - 1) % 12)) / (12)) AS BIGINT) AS INT),
CAST((((((CAST(DATE_PART(year,
"t17"."month_start_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t17"."month_start_date") AS BIGINT)) - 1) - 1) % 12) + 1 AS INT), 1) AS "period_date"
FROM "t14" AS "t17") AS "t36") AS "t41") AS "t48") AS "t55"
WHERE "t55"."month_start_date" <= DATE_FROM_PARTS(2026, 7, 4)) AS "t61"), "t105" AS (SELECT *
FROM (SELECT "t103"."customer_id",
"t103"."currency",
"t103"."month_start_date",
"t103"."mrr_e8",
"t103"."is_start",
"t103"."period_date",
"t103"."months",
"t103"."rate_date",
"t103"."own_e8",
"t103"."rate_e12",
"t103"."_converted_e8", IFF("t103"."mrr_e8" = 0, 0,
"t103"."_converted_e8") AS "converted_e8"
FROM (SELECT "t102"."customer_id",
"t102"."currency",
"t102"."month_start_date",
"t102"."mrr_e8",
"t102"."is_start",
"t102"."period_date",
"t102"."months",
"t102"."rate_date",
"t102"."own_e8",
"t102"."rate_e12",
"t102"."_converted_e8"
FROM (SELECT "t101"."customer_id",
"t101"."currency",
"t101"."month_start_date",
"t101"."mrr_e8",
"t101"."is_start",
"t101"."period_date",
"t101"."months",
"t101"."rate_date",
"t101"."own_e8",
"t101"."rate_e12",
"t101"."_a0",
"t101"."_r0",
"t101"."_a1",
"t101"."_r1",
"t101"."_left",
"t101"."_right",
"t101"."_small",
"t101"."_whole",
"t101"."_rest",
"t101"."_whole" + (CAST(ROUND(("t101"."_rest" - ("t101"."_rest" % 1000000000000)) / 1000000000000, 0) AS BIGINT) + CAST(ROUND((("t101"."_rest" - ("t101"."_rest" % 1000000000000)) - (CAST(ROUND(("t101"."_rest" - ("t101"."_rest" % 1000000000000)) / 1000000000000, 0) AS BIGINT) * 1000000000000)) / 1000000000000, 0) AS BIGINT) + CAST((("t101"."_rest" % 1000000000000) * 2) >= 1000000000000 AS BIGINT)) AS "_converted_e8"
FROM (SELECT "t100"."customer_id",
"t100"."currency",
"t100"."month_start_date",
"t100"."mrr_e8",
"t100"."is_start",
"t100"."period_date",
"t100"."months",
"t100"."rate_date",
"t100"."own_e8",
"t100"."rate_e12",
"t100"."_a0",
"t100"."_r0",
"t100"."_a1",
"t100"."_r1",
"t100"."_left",
"t100"."_right",
"t100"."_small", ("t100"."_a1" * "t100"."_r1") + (CAST(ROUND(("t100"."_left" - ("t100"."_left" % 1000000)) / 1000000, 0) AS BIGINT) + CAST(ROUND((("t100"."_left" - ("t100"."_left" % 1000000)) - (CAST(ROUND(("t100"."_left" - ("t100"."_left" % 1000000)) / 1000000, 0) AS BIGINT) * 1000000)) / 1000000, 0) AS BIGINT)) + (CAST(ROUND(("t100"."_right" - ("t100"."_right" % 1000000)) / 1000000, 0) AS BIGINT) + CAST(ROUND((("t100"."_right" - ("t100"."_right" % 1000000)) - (CAST(ROUND(("t100"."_right" - ("t100"."_right" % 1000000)) / 1000000, 0) AS BIGINT) * 1000000)) / 1000000, 0) AS BIGINT)) AS "_whole", ((("t100"."_left" % 1000000) + ("t100"."_right" % 1000000)) * 1000000) + "t100"."_small" AS "_rest"
FROM (SELECT "t99"."customer_id",
"t99"."currency",
"t99"."month_start_date",
"t99"."mrr_e8",
"t99"."is_start",
"t99"."period_date",
"t99"."months",
"t99"."rate_date",
"t99"."own_e8",
"t99"."rate_e12",
"t99"."_a0",
"t99"."_r0",
"t99"."_a1",
"t99"."_r1",
"t99"."_a1" * "t99"."_r0" AS "_left",
"t99"."_a0" * "t99"."_r1" AS "_right",
"t99"."_a0" * "t99"."_r0" AS "_small"
FROM (SELECT "t98"."customer_id",
"t98"."currency",
"t98"."month_start_date",
"t98"."mrr_e8",
"t98"."is_start",
"t98"."period_date",
"t98"."months",
"t98"."rate_date",
"t98"."own_e8",
"t98"."rate_e12",
"t98"."_a0",
"t98"."_r0",
CAST(ROUND(("t98"."mrr_e8" - "t98"."_a0") / 1000000, 0) AS BIGINT) AS "_a1",
CAST(ROUND(("t98"."rate_e12" - "t98"."_r0") / 1000000, 0) AS BIGINT) AS "_r1"
FROM (SELECT "t97"."customer_id",
"t97"."currency",
"t97"."month_start_date",
"t97"."mrr_e8",
"t97"."is_start",
"t97"."period_date",
"t97"."months",
"t97"."rate_date",
"t97"."own_e8",
"t97"."rate_e12",
"t97"."mrr_e8" % 1000000 AS "_a0",
"t97"."rate_e12" % 1000000 AS "_r0"
FROM (SELECT "t96".* EXCLUDE ("_code", "_day", "_rate_e12")
FROM (SELECT "t94"."customer_id",
"t94"."currency",
"t94"."month_start_date",
"t94"."mrr_e8",
"t94"."is_start",
"t94"."period_date",
"t94"."months",
"t94"."rate_date",
"t94"."own_e8",
"t94"."_day",
"t94"."_code",
"t94"."_rate_e12", IFF("t94"."currency" = 'usd', 1000000000000,
"t94"."_rate_e12") AS "rate_e12"
FROM (SELECT "t91"."customer_id",
"t91"."currency",
"t91"."month_start_date",
"t91"."mrr_e8",
"t91"."is_start",
"t91"."period_date",
"t91"."months",
"t91"."rate_date",
"t91"."own_e8",
"t5"."_day",
"t5"."_code",
"t5"."_rate_e12"
FROM (SELECT "t76"."customer_id",
"t76"."currency",
"t76"."month_start_date",
"t76"."mrr_e8",
"t76"."is_start",
"t76"."period_date",
"t76"."months", LEAST(CAST(CAST(DATEADD(DAY, -1, DATE_FROM_PARTS(CAST(CAST(FLOOR((((((CAST(DATE_PART(year,
"t76"."period_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t76"."period_date") AS BIGINT)) - 1) + 1) - (((((CAST(DATE_PART(year,
"t76"."period_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t76"."period_date") AS BIGINT)) - 1) + 1) % 12)) / (12)) AS BIGINT) AS INT),
CAST((((((CAST(DATE_PART(year,
"t76"."period_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t76"."period_date") AS BIGINT)) - 1) + 1) % 12) + 1 AS INT), 1)) AS TIMESTAMP) AS DATE), DATE_FROM_PARTS(2026, 7, 4)) AS "rate_date",
"t76"."mrr_e8" AS "own_e8"
FROM (SELECT *
FROM (SELECT "t64"."customer_id",
"t64"."currency",
"t64"."month_start_date",
"t64"."mrr_e8",
"t64"."is_start",
"t64"."period_date", 1 AS "months"
FROM (SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t23"."customer_id",
"t23"."currency", DATE_FROM_PARTS(CAST(CAST(FLOOR((((((CAST(DATE_PART(year,
"t23"."month_start_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t23"."month_start_date") AS BIGINT)) - 1) + 1) - (((((CAST(DATE_PART(year,
"t23"."month_start_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t23"."month_start_date") AS BIGINT)) - 1) + 1) % 12)) / (12)) AS BIGINT) AS INT),
CAST((((((CAST(DATE_PART(year,
"t23"."month_start_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t23"."month_start_date") AS BIGINT)) - 1) + 1) % 12) + 1 AS INT), 1) AS "month_start_date",
"t23"."mrr_e8", TRUE AS "is_start",
"t23"."month_start_date" AS "period_date"
FROM "t19" AS "t23") AS "t43") AS "t50"
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t23"."customer_id",
"t23"."currency",
"t23"."month_start_date",
"t23"."mrr_e8", FALSE AS "is_start", DATE_FROM_PARTS(CAST(CAST(FLOOR((((((CAST(DATE_PART(year,
"t23"."month_start_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t23"."month_start_date") AS BIGINT)) - 1) - 1) - (((((CAST(DATE_PART(year,
"t23"."month_start_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t23"."month_start_date") AS BIGINT)) - 1) - 1) % 12)) / (12)) AS BIGINT) AS INT),
CAST((((((CAST(DATE_PART(year,
"t23"."month_start_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t23"."month_start_date") AS BIGINT)) - 1) - 1) % 12) + 1 AS INT), 1) AS "period_date"
FROM "t19" AS "t23") AS "t45") AS "t52") AS "t56") AS "t58"
WHERE "t58"."month_start_date" <= DATE_FROM_PARTS(2026, 7, 4)) AS "t64") AS "t69"
UNION ALL
SELECT *
FROM (SELECT "t65"."customer_id",
"t65"."currency",
"t65"."month_start_date",
"t65"."mrr_e8",
"t65"."is_start",
"t65"."period_date", 12 AS "months"
FROM (SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t23"."customer_id",
"t23"."currency", DATE_FROM_PARTS(CAST(CAST(FLOOR((((((CAST(DATE_PART(year,
"t23"."month_start_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t23"."month_start_date") AS BIGINT)) - 1) + 12) - (((((CAST(DATE_PART(year,
"t23"."month_start_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t23"."month_start_date") AS BIGINT)) - 1) + 12) % 12)) / (12)) AS BIGINT) AS INT),
CAST((((((CAST(DATE_PART(year,
"t23"."month_start_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t23"."month_start_date") AS BIGINT)) - 1) + 12) % 12) + 1 AS INT), 1) AS "month_start_date",
"t23"."mrr_e8", TRUE AS "is_start",
"t23"."month_start_date" AS "period_date"
FROM "t19" AS "t23") AS "t44") AS "t51"
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t23"."customer_id",
"t23"."currency",
"t23"."month_start_date",
"t23"."mrr_e8", FALSE AS "is_start", DATE_FROM_PARTS(CAST(CAST(FLOOR((((((CAST(DATE_PART(year,
"t23"."month_start_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t23"."month_start_date") AS BIGINT)) - 1) - 12) - (((((CAST(DATE_PART(year,
"t23"."month_start_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t23"."month_start_date") AS BIGINT)) - 1) - 12) % 12)) / (12)) AS BIGINT) AS INT),
CAST((((((CAST(DATE_PART(year,
"t23"."month_start_date") AS BIGINT) * 12) + CAST(DATE_PART(month,
"t23"."month_start_date") AS BIGINT)) - 1) - 12) % 12) + 1 AS INT), 1) AS "period_date"
FROM "t19" AS "t23") AS "t46") AS "t53") AS "t57") AS "t59"
WHERE "t59"."month_start_date" <= DATE_FROM_PARTS(2026, 7, 4)) AS "t65") AS "t70") AS "t76") AS "t91"
LEFT OUTER JOIN (SELECT "t2"."rate_date" AS "_day",
"t2"."currency" AS "_code",
"t2"."rate_e12" AS "_rate_e12"
FROM "fx_rate" AS "t2") AS "t5" ON "t91"."rate_date" = "t5"."_day" AND "t91"."currency" = "t5"."_code") AS "t94") AS "t96") AS "t97") AS "t98") AS "t99") AS "t100") AS "t101") AS "t102") AS "t103") AS "t104")
SELECT "t125"."month_start_date",
"t125"."is_total",
"t125"."currency",
CAST(CAST(CAST(ROUND(("t125"."mrr_e8" - ("t125"."mrr_e8" % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST("t125"."mrr_e8" % 100000000 AS DECIMAL(18, 0)) * CAST('1E-8' AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "mrr_amount",
CAST(CAST(CAST(ROUND((("t125"."mrr_e8" * 12) - (("t125"."mrr_e8" * 12) % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST(("t125"."mrr_e8" * 12) % 100000000 AS DECIMAL(18, 0)) * CAST('1E-8' AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "arr_amount",
CAST(CAST(CAST(ROUND(("t125"."opening_e8" - ("t125"."opening_e8" % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST("t125"."opening_e8" % 100000000 AS DECIMAL(18, 0)) * CAST('1E-8' AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "opening_mrr_amount",
CAST(CAST(CAST(ROUND(("t125"."new_e8" - ("t125"."new_e8" % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST("t125"."new_e8" % 100000000 AS DECIMAL(18, 0)) * CAST('1E-8' AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "new_amount",
CAST(CAST(CAST(ROUND(("t125"."reactivation_e8" - ("t125"."reactivation_e8" % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST("t125"."reactivation_e8" % 100000000 AS DECIMAL(18, 0)) * CAST('1E-8' AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "reactivation_amount",
CAST(CAST(CAST(ROUND(("t125"."expansion_e8" - ("t125"."expansion_e8" % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST("t125"."expansion_e8" % 100000000 AS DECIMAL(18, 0)) * CAST('1E-8' AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "expansion_amount",
CAST(CAST(CAST(ROUND((-("t125"."contraction_e8") - (-("t125"."contraction_e8") % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST(-("t125"."contraction_e8") % 100000000 AS DECIMAL(18, 0)) * CAST('1E-8' AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "contraction_amount",
CAST(CAST(CAST(ROUND((-("t125"."churn_e8") - (-("t125"."churn_e8") % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST(-("t125"."churn_e8") % 100000000 AS DECIMAL(18, 0)) * CAST('1E-8' AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "churn_amount",
CAST(CAST(CAST(ROUND(((("t125"."new_e8" + "t125"."reactivation_e8" + "t125"."expansion_e8") - -("t125"."contraction_e8" + "t125"."churn_e8")) - ((("t125"."new_e8" + "t125"."reactivation_e8" + "t125"."expansion_e8") - -("t125"."contraction_e8" + "t125"."churn_e8")) % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST((("t125"."new_e8" + "t125"."reactivation_e8" + "t125"."expansion_e8") - -("t125"."contraction_e8" + "t125"."churn_e8")) % 100000000 AS DECIMAL(18, 0)) * CAST('1E-8' AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "net_new_amount",
CAST(CAST(CAST(ROUND(("t125"."fx_e8" - ("t125"."fx_e8" % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST("t125"."fx_e8" % 100000000 AS DECIMAL(18, 0)) * CAST('1E-8' AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "fx_amount",
CAST(CAST(CAST(ROUND((((("t125"."mrr_e8" - "t125"."opening_e8") - (("t125"."new_e8" + "t125"."reactivation_e8" + "t125"."expansion_e8") - -("t125"."contraction_e8" + "t125"."churn_e8"))) - "t125"."fx_e8") - (((("t125"."mrr_e8" - "t125"."opening_e8") - (("t125"."new_e8" + "t125"."reactivation_e8" + "t125"."expansion_e8") - -("t125"."contraction_e8" + "t125"."churn_e8"))) - "t125"."fx_e8") % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST(((("t125"."mrr_e8" - "t125"."opening_e8") - (("t125"."new_e8" + "t125"."reactivation_e8" + "t125"."expansion_e8") - -("t125"."contraction_e8" + "t125"."churn_e8"))) - "t125"."fx_e8") % 100000000 AS DECIMAL(18, 0)) * CAST('1E-8' AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "untold_amount", IFF("t125"."month_cohort_e8" > 0,
CAST("t125"."month_now_e8" AS DOUBLE) / CAST(NULLIF("t125"."month_cohort_e8", 0) AS DOUBLE),
CAST(NULL AS DOUBLE)) AS "nrr_ratio", IFF("t125"."month_cohort_e8" > 0,
CAST("t125"."month_kept_e8" AS DOUBLE) / CAST(NULLIF("t125"."month_cohort_e8", 0) AS DOUBLE),
CAST(NULL AS DOUBLE)) AS "grr_ratio", IFF("t125"."year_cohort_e8" > 0,
CAST("t125"."year_now_e8" AS DOUBLE) / CAST(NULLIF("t125"."year_cohort_e8", 0) AS DOUBLE),
CAST(NULL AS DOUBLE)) AS "nrr_12_months_ratio", IFF("t125"."year_cohort_e8" > 0,
CAST("t125"."year_kept_e8" AS DOUBLE) / CAST(NULLIF("t125"."year_cohort_e8", 0) AS DOUBLE),
CAST(NULL AS DOUBLE)) AS "grr_12_months_ratio",
"t125"."customer_count",
"t125"."opening_customer_count",
"t125"."churned_customer_count", IFF("t125"."opening_customer_count" > 0,
CAST("t125"."churned_customer_count" AS DOUBLE) / CAST(NULLIF("t125"."opening_customer_count", 0) AS DOUBLE),
CAST(NULL AS DOUBLE)) AS "logo_churn_ratio",
"t125"."subscription_count",
"t125"."opening_subscription_count",
"t125"."churned_subscription_count", IFF("t125"."opening_subscription_count" > 0,
CAST("t125"."churned_subscription_count" AS DOUBLE) / CAST(NULLIF("t125"."opening_subscription_count", 0) AS DOUBLE),
CAST(NULL AS DOUBLE)) AS "subscription_churn_ratio",
CAST(CAST(CAST(ROUND(((CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) - (CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t125"."paying_e8" % NULLIF("t125"."customer_count", 0)) * 2) >= NULLIF("t125"."customer_count", 0) AS BIGINT)) - ((CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) - (CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t125"."paying_e8" % NULLIF("t125"."customer_count", 0)) * 2) >= NULLIF("t125"."customer_count", 0) AS BIGINT)) % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST((CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) - (CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t125"."paying_e8" % NULLIF("t125"."customer_count", 0)) * 2) >= NULLIF("t125"."customer_count", 0) AS BIGINT)) % 100000000 AS DECIMAL(18, 0)) * CAST('1E-8' AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "arpa_amount",
CAST(CAST(CAST(ROUND(((CAST(ROUND((((CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) - (CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t125"."paying_e8" % NULLIF("t125"."customer_count", 0)) * 2) >= NULLIF("t125"."customer_count", 0) AS BIGINT)) * "t125"."opening_customer_count") - (((CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) - (CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t125"."paying_e8" % NULLIF("t125"."customer_count", 0)) * 2) >= NULLIF("t125"."customer_count", 0) AS BIGINT)) * "t125"."opening_customer_count") % NULLIF(NULLIF("t125"."churned_customer_count", 0), 0))) / NULLIF(NULLIF("t125"."churned_customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND(((((CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) - (CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t125"."paying_e8" % NULLIF("t125"."customer_count", 0)) * 2) >= NULLIF("t125"."customer_count", 0) AS BIGINT)) * "t125"."opening_customer_count") - (((CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) - (CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t125"."paying_e8" % NULLIF("t125"."customer_count", 0)) * 2) >= NULLIF("t125"."customer_count", 0) AS BIGINT)) * "t125"."opening_customer_count") % NULLIF(NULLIF("t125"."churned_customer_count", 0), 0))) - (CAST(ROUND((((CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) - (CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t125"."paying_e8" % NULLIF("t125"."customer_count", 0)) * 2) >= NULLIF("t125"."customer_count", 0) AS BIGINT)) * "t125"."opening_customer_count") - (((CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) - (CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t125"."paying_e8" % NULLIF("t125"."customer_count", 0)) * 2) >= NULLIF("t125"."customer_count", 0) AS BIGINT)) * "t125"."opening_customer_count") % NULLIF(NULLIF("t125"."churned_customer_count", 0), 0))) / NULLIF(NULLIF("t125"."churned_customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."churned_customer_count", 0), 0))) / NULLIF(NULLIF("t125"."churned_customer_count", 0), 0), 0) AS BIGINT) + CAST(((((CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) - (CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t125"."paying_e8" % NULLIF("t125"."customer_count", 0)) * 2) >= NULLIF("t125"."customer_count", 0) AS BIGINT)) * "t125"."opening_customer_count") % NULLIF("t125"."churned_customer_count", 0)) * 2) >= NULLIF("t125"."churned_customer_count", 0) AS BIGINT)) - ((CAST(ROUND((((CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) - (CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t125"."paying_e8" % NULLIF("t125"."customer_count", 0)) * 2) >= NULLIF("t125"."customer_count", 0) AS BIGINT)) * "t125"."opening_customer_count") - (((CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) - (CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t125"."paying_e8" % NULLIF("t125"."customer_count", 0)) * 2) >= NULLIF("t125"."customer_count", 0) AS BIGINT)) * "t125"."opening_customer_count") % NULLIF(NULLIF("t125"."churned_customer_count", 0), 0))) / NULLIF(NULLIF("t125"."churned_customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND(((((CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) - (CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t125"."paying_e8" % NULLIF("t125"."customer_count", 0)) * 2) >= NULLIF("t125"."customer_count", 0) AS BIGINT)) * "t125"."opening_customer_count") - (((CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) - (CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t125"."paying_e8" % NULLIF("t125"."customer_count", 0)) * 2) >= NULLIF("t125"."customer_count", 0) AS BIGINT)) * "t125"."opening_customer_count") % NULLIF(NULLIF("t125"."churned_customer_count", 0), 0))) - (CAST(ROUND((((CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) - (CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t125"."paying_e8" % NULLIF("t125"."customer_count", 0)) * 2) >= NULLIF("t125"."customer_count", 0) AS BIGINT)) * "t125"."opening_customer_count") - (((CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) - (CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t125"."paying_e8" % NULLIF("t125"."customer_count", 0)) * 2) >= NULLIF("t125"."customer_count", 0) AS BIGINT)) * "t125"."opening_customer_count") % NULLIF(NULLIF("t125"."churned_customer_count", 0), 0))) / NULLIF(NULLIF("t125"."churned_customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."churned_customer_count", 0), 0))) / NULLIF(NULLIF("t125"."churned_customer_count", 0), 0), 0) AS BIGINT) + CAST(((((CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) - (CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t125"."paying_e8" % NULLIF("t125"."customer_count", 0)) * 2) >= NULLIF("t125"."customer_count", 0) AS BIGINT)) * "t125"."opening_customer_count") % NULLIF("t125"."churned_customer_count", 0)) * 2) >= NULLIF("t125"."churned_customer_count", 0) AS BIGINT)) % 100000000)) / 100000000, 0) AS BIGINT) AS DECIMAL(28, 8)) + CAST(CAST((CAST(ROUND((((CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) - (CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t125"."paying_e8" % NULLIF("t125"."customer_count", 0)) * 2) >= NULLIF("t125"."customer_count", 0) AS BIGINT)) * "t125"."opening_customer_count") - (((CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) - (CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t125"."paying_e8" % NULLIF("t125"."customer_count", 0)) * 2) >= NULLIF("t125"."customer_count", 0) AS BIGINT)) * "t125"."opening_customer_count") % NULLIF(NULLIF("t125"."churned_customer_count", 0), 0))) / NULLIF(NULLIF("t125"."churned_customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND(((((CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) - (CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t125"."paying_e8" % NULLIF("t125"."customer_count", 0)) * 2) >= NULLIF("t125"."customer_count", 0) AS BIGINT)) * "t125"."opening_customer_count") - (((CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) - (CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t125"."paying_e8" % NULLIF("t125"."customer_count", 0)) * 2) >= NULLIF("t125"."customer_count", 0) AS BIGINT)) * "t125"."opening_customer_count") % NULLIF(NULLIF("t125"."churned_customer_count", 0), 0))) - (CAST(ROUND((((CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) - (CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t125"."paying_e8" % NULLIF("t125"."customer_count", 0)) * 2) >= NULLIF("t125"."customer_count", 0) AS BIGINT)) * "t125"."opening_customer_count") - (((CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) - (CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t125"."paying_e8" % NULLIF("t125"."customer_count", 0)) * 2) >= NULLIF("t125"."customer_count", 0) AS BIGINT)) * "t125"."opening_customer_count") % NULLIF(NULLIF("t125"."churned_customer_count", 0), 0))) / NULLIF(NULLIF("t125"."churned_customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."churned_customer_count", 0), 0))) / NULLIF(NULLIF("t125"."churned_customer_count", 0), 0), 0) AS BIGINT) + CAST(((((CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST(ROUND((("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) - (CAST(ROUND(("t125"."paying_e8" - ("t125"."paying_e8" % NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) * NULLIF(NULLIF("t125"."customer_count", 0), 0))) / NULLIF(NULLIF("t125"."customer_count", 0), 0), 0) AS BIGINT) + CAST((("t125"."paying_e8" % NULLIF("t125"."customer_count", 0)) * 2) >= NULLIF("t125"."customer_count", 0) AS BIGINT)) * "t125"."opening_customer_count") % NULLIF("t125"."churned_customer_count", 0)) * 2) >= NULLIF("t125"."churned_customer_count", 0) AS BIGINT)) % 100000000 AS DECIMAL(18, 0)) * CAST('1E-8' AS DECIMAL(18, 8)) AS DECIMAL(28, 8)) AS DECIMAL(38, 8)) AS "ltv_amount", IFF(-("t125"."contraction_e8" + "t125"."churn_e8") > 0,
CAST("t125"."new_e8" + "t125"."reactivation_e8" + "t125"."expansion_e8" AS DOUBLE) / CAST(NULLIF(-("t125"."contraction_e8" + "t125"."churn_e8"), 0) AS DOUBLE),
CAST(NULL AS DOUBLE)) AS "quick_ratio",
"t125"."incomplete_customer_count",
"t125"."is_mrr_complete",
"t125"."is_opening_known",
"t125"."is_rate_missing"
FROM (SELECT "t124"."is_total",
"t124"."currency",
"t124"."month_start_date",
"t124"."mrr_e8", IFF(COALESCE("t124"."unopened_count", 0) = 0,
"t124"."opening_e8",
CAST(NULL AS BIGINT)) AS "opening_e8",
"t124"."item_count", IFF(COALESCE("t124"."unopened_count", 0) = 0, IFF("t124"."unrated_count" IS NOT NULL,
"t124"."new_e8", 0),
CAST(NULL AS BIGINT)) AS "new_e8", IFF(COALESCE("t124"."unopened_count", 0) = 0, IFF("t124"."unrated_count" IS NOT NULL,
"t124"."reactivation_e8", 0),
CAST(NULL AS BIGINT)) AS "reactivation_e8", IFF(COALESCE("t124"."unopened_count", 0) = 0, IFF("t124"."unrated_count" IS NOT NULL,
"t124"."expansion_e8", 0),
CAST(NULL AS BIGINT)) AS "expansion_e8", IFF(COALESCE("t124"."unopened_count", 0) = 0, IFF("t124"."unrated_count" IS NOT NULL,
"t124"."contraction_e8", 0),
CAST(NULL AS BIGINT)) AS "contraction_e8", IFF(COALESCE("t124"."unopened_count", 0) = 0, IFF("t124"."unrated_count" IS NOT NULL,
"t124"."churn_e8", 0),
CAST(NULL AS BIGINT)) AS "churn_e8", IFF(COALESCE("t124"."unopened_count", 0) = 0, IFF("t124"."unrated_count" IS NOT NULL,
"t124"."fx_e8", 0),
CAST(NULL AS BIGINT)) AS "fx_e8",
"t124"."unrated_count",
"t124"."unopened_count",
"t124"."incomplete_count",
COALESCE("t124"."incomplete_customer_count", 0) AS "incomplete_customer_count",
"t124"."month_cohort_count",
"t124"."year_cohort_count",
"t124"."month_churned_count",
"t124"."year_churned_count",
"t124"."month_cohort_e8",
"t124"."month_kept_e8",
"t124"."month_now_e8",
"t124"."year_cohort_e8",
"t124"."year_kept_e8",
"t124"."year_now_e8",
COALESCE("t124"."customer_count", 0) AS "customer_count",
"t124"."paying_e8",
COALESCE("t124"."subscription_count", 0) AS "subscription_count", IFF(COALESCE("t124"."unopened_count", 0) = 0,
COALESCE("t124"."opening_subscription_count", 0),
CAST(NULL AS BIGINT)) AS "opening_subscription_count", IFF(COALESCE("t124"."unopened_count", 0) = 0,
COALESCE("t124"."churned_subscription_count", 0),
CAST(NULL AS BIGINT)) AS "churned_subscription_count", IFF(COALESCE("t124"."unopened_count", 0) = 0,
COALESCE("t124"."month_cohort_count", 0),
CAST(NULL AS BIGINT)) AS "opening_customer_count", IFF(COALESCE("t124"."unopened_count", 0) = 0,
COALESCE("t124"."month_churned_count", 0),
CAST(NULL AS BIGINT)) AS "churned_customer_count",
COALESCE("t124"."unopened_count", 0) = 0 AS "is_opening_known",
COALESCE("t124"."incomplete_count", 0) = 0 AS "is_mrr_complete", (COALESCE("t124"."unrated_count", 0) > 0) OR ("t124"."mrr_e8" IS NULL) OR ("t124"."opening_e8" IS NULL) OR (("t124"."month_cohort_count" IS NOT NULL) AND (("t124"."month_cohort_e8" IS NULL) OR ("t124"."year_cohort_e8" IS NULL))) AS "is_rate_missing"
FROM (SELECT "t123".* EXCLUDE ("currency_right", "is_total_right", "month_start_date_right")
FROM (SELECT "t122"."is_total",
"t122"."currency",
"t122"."month_start_date",
"t122"."mrr_e8",
"t122"."opening_e8",
"t122"."item_count",
"t122"."new_e8",
"t122"."reactivation_e8",
"t122"."expansion_e8",
"t122"."contraction_e8",
"t122"."churn_e8",
"t122"."fx_e8",
"t122"."unrated_count",
"t122"."unopened_count",
"t122"."incomplete_count",
"t122"."incomplete_customer_count",
"t122"."month_cohort_count",
"t122"."year_cohort_count",
"t122"."month_churned_count",
"t122"."year_churned_count",
"t122"."month_cohort_e8",
"t122"."month_kept_e8",
"t122"."month_now_e8",
"t122"."year_cohort_e8",
"t122"."year_kept_e8",
"t122"."year_now_e8",
"t122"."customer_count",
"t122"."paying_e8",
"t88"."is_total" AS "is_total_right",
"t88"."currency" AS "currency_right",
"t88"."month_start_date" AS "month_start_date_right",
"t88"."subscription_count",
"t88"."opening_subscription_count",
"t88"."churned_subscription_count"
FROM (SELECT "t120".* EXCLUDE ("currency_right", "is_total_right", "month_start_date_right")
FROM (SELECT "t119"."is_total",
"t119"."currency",
"t119"."month_start_date",
"t119"."mrr_e8",
"t119"."opening_e8",
"t119"."item_count",
"t119"."new_e8",
"t119"."reactivation_e8",
"t119"."expansion_e8",
"t119"."contraction_e8",
"t119"."churn_e8",
"t119"."fx_e8",
"t119"."unrated_count",
"t119"."unopened_count",
"t119"."incomplete_count",
"t119"."incomplete_customer_count",
"t119"."month_cohort_count",
"t119"."year_cohort_count",
"t119"."month_churned_count",
"t119"."year_churned_count",
"t119"."month_cohort_e8",
"t119"."month_kept_e8",
"t119"."month_now_e8",
"t119"."year_cohort_e8",
"t119"."year_kept_e8",
"t119"."year_now_e8",
"t75"."is_total" AS "is_total_right",
"t75"."currency" AS "currency_right",
"t75"."month_start_date" AS "month_start_date_right",
"t75"."customer_count",
"t75"."paying_e8"
FROM (SELECT "t117".* EXCLUDE ("currency_right", "is_total_right", "month_start_date_right")
FROM (SELECT "t95"."is_total",
"t95"."currency",
"t95"."month_start_date",
"t95"."mrr_e8",
"t95"."opening_e8",
"t95"."item_count",
"t95"."new_e8",
"t95"."reactivation_e8",
"t95"."expansion_e8",
"t95"."contraction_e8",
"t95"."churn_e8",
"t95"."fx_e8",
"t95"."unrated_count",
"t95"."unopened_count",
"t95"."incomplete_count",
"t95"."incomplete_customer_count",
"t116"."is_total" AS "is_total_right",
"t116"."currency" AS "currency_right",
"t116"."month_start_date" AS "month_start_date_right",
"t116"."month_cohort_count",
"t116"."year_cohort_count",
"t116"."month_churned_count",
"t116"."year_churned_count",
"t116"."month_cohort_e8",
"t116"."month_kept_e8",
"t116"."month_now_e8",
"t116"."year_cohort_e8",
"t116"."year_kept_e8",
"t116"."year_now_e8"
FROM (SELECT "t92".* EXCLUDE ("currency_right", "is_total_right", "month_start_date_right")
FROM (SELECT "t89"."is_total",
"t89"."currency",
"t89"."month_start_date",
"t89"."mrr_e8",
"t89"."opening_e8",
"t89"."item_count",
"t37"."is_total" AS "is_total_right",
"t37"."currency" AS "currency_right",
"t37"."month_start_date" AS "month_start_date_right",
"t37"."new_e8",
"t37"."reactivation_e8",
"t37"."expansion_e8",
"t37"."contraction_e8",
"t37"."churn_e8",
"t37"."fx_e8",
"t37"."unrated_count",
"t37"."unopened_count",
"t37"."incomplete_count",
"t37"."incomplete_customer_count"
FROM (SELECT *
FROM (SELECT "t82"."is_total",
"t82"."currency",
"t82"."month_start_date", IFF(COALESCE(SUM(IFF(NOT ("t82"."is_start") AND "t82"."is_computed",
CAST("t82"."value_e8" IS NULL AS BIGINT), NULL)), 0) > 0,
CAST(NULL AS BIGINT),
COALESCE(SUM(IFF(NOT ("t82"."is_start") AND "t82"."is_computed",
"t82"."value_e8", NULL)), 0)) AS "mrr_e8", IFF(COALESCE(SUM(IFF("t82"."is_start" AND "t82"."is_computed",
CAST("t82"."value_e8" IS NULL AS BIGINT), NULL)), 0) > 0,
CAST(NULL AS BIGINT),
COALESCE(SUM(IFF("t82"."is_start" AND "t82"."is_computed",
"t82"."value_e8", NULL)), 0)) AS "opening_e8", COUNT_IF(NOT ("t82"."is_start")) AS "item_count"
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t67"."month_start_date",
"t67"."is_computed",
"t67"."is_start",
"t67"."period_date", FALSE AS "is_total",
"t67"."currency",
"t67"."own_e8" AS "value_e8"
FROM "t63" AS "t67") AS "t73") AS "t79"
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT "t67"."month_start_date",
"t67"."is_computed",
"t67"."is_start",
"t67"."period_date", TRUE AS "is_total", 'usd' AS "currency",
"t67"."reporting_e8" AS "value_e8"
FROM "t63" AS "t67") AS "t74") AS "t80") AS "t82"
GROUP BY 1, 2, 3) AS "t85"
WHERE ("t85"."item_count" > 0) OR ("t85"."opening_e8" > 0) OR ("t85"."opening_e8" IS NULL)) AS "t89"
LEFT OUTER JOIN (SELECT "t28"."is_total",
"t28"."currency",
"t28"."month_start_date", IFF(COALESCE(SUM(IFF("t28"."movement_type" = 'new',
CAST("t28"."value_e8" IS NULL AS BIGINT), NULL)), 0) > 0,
CAST(NULL AS BIGINT),
COALESCE(SUM(IFF("t28"."movement_type" = 'new',
"t28"."value_e8", NULL)), 0)) AS "new_e8", IFF(COALESCE(SUM(IFF("t28"."movement_type" = 'reactivation',
CAST("t28"."value_e8" IS NULL AS BIGINT), NULL)), 0) > 0,
CAST(NULL AS BIGINT),
COALESCE(SUM(IFF("t28"."movement_type" = 'reactivation',
"t28"."value_e8", NULL)), 0)) AS "reactivation_e8", IFF(COALESCE(SUM(IFF("t28"."movement_type" = 'expansion',
CAST("t28"."value_e8" IS NULL AS BIGINT), NULL)), 0) > 0,
CAST(NULL AS BIGINT),
COALESCE(SUM(IFF("t28"."movement_type" = 'expansion',
"t28"."value_e8", NULL)), 0)) AS "expansion_e8", IFF(COALESCE(SUM(IFF("t28"."movement_type" = 'contraction',
CAST("t28"."value_e8" IS NULL AS BIGINT), NULL)), 0) > 0,
CAST(NULL AS BIGINT),
COALESCE(SUM(IFF("t28"."movement_type" = 'contraction',
"t28"."value_e8", NULL)), 0)) AS "contraction_e8", IFF(COALESCE(SUM(IFF("t28"."movement_type" = 'churn',
CAST("t28"."value_e8" IS NULL AS BIGINT), NULL)), 0) > 0,
CAST(NULL AS BIGINT),
COALESCE(SUM(IFF("t28"."movement_type" = 'churn',
"t28"."value_e8", NULL)), 0)) AS "churn_e8", IFF(COUNT_IF(NOT ("t28"."is_known")) > 0,
CAST(NULL AS BIGINT),
COALESCE(SUM("t28"."rate_effect_e8"), 0)) AS "fx_e8", COUNT_IF(NOT ("t28"."is_known")) AS "unrated_count", COUNT_IF(NOT ("t28"."is_opening_known")) AS "unopened_count", COUNT_IF(NOT ("t28"."is_mrr_complete")) AS "incomplete_count", COUNT(DISTINCT IFF(NOT ("t28"."is_mrr_complete") AND ("t28"."customer_id" <> '00000000-0000-0000-0000-000000000000'),
"t28"."customer_id", NULL)) AS "incomplete_customer_count"
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t15"."month_start_date",
"t15"."customer_id",
"t15"."movement_type",
"t15"."is_mrr_complete",
"t15"."is_opening_known", FALSE AS "is_total",
"t15"."currency",
"t15"."own_e8" AS "value_e8",
"t15"."no_fx_e8" AS "rate_effect_e8",
"t15"."has_rates" AS "is_known"
FROM "t12" AS "t15") AS "t20") AS "t24"
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT "t15"."month_start_date",
"t15"."customer_id",
"t15"."movement_type",
"t15"."is_mrr_complete",
"t15"."is_opening_known", TRUE AS "is_total", 'usd' AS "currency",
"t15"."reporting_e8" AS "value_e8",
"t15"."fx_e8" AS "rate_effect_e8",
"t15"."is_rated" AS "is_known"
FROM "t12" AS "t15") AS "t21") AS "t25") AS "t28"
GROUP BY 1, 2, 3) AS "t37" ON "t89"."is_total" = "t37"."is_total" AND "t89"."currency" = "t37"."currency" AND "t89"."month_start_date" = "t37"."month_start_date") AS "t92") AS "t95"
LEFT OUTER JOIN (SELECT "t114"."is_total",
"t114"."currency",
"t114"."month_start_date", COUNT_IF("t114"."months" = 1) AS "month_cohort_count", COUNT_IF("t114"."months" = 12) AS "year_cohort_count", COUNT_IF(("t114"."months" = 1) AND NOT ("t114"."has_end")) AS "month_churned_count", COUNT_IF(("t114"."months" = 12) AND NOT ("t114"."has_end")) AS "year_churned_count", IFF(COALESCE(SUM(IFF("t114"."months" = 1,
CAST("t114"."cohort_e8" IS NULL AS BIGINT), NULL)), 0) > 0,
CAST(NULL AS BIGINT),
COALESCE(SUM(IFF("t114"."months" = 1,
"t114"."cohort_e8", NULL)), 0)) AS "month_cohort_e8", IFF(COALESCE(SUM(IFF("t114"."months" = 1,
CAST("t114"."kept_e8" IS NULL AS BIGINT), NULL)), 0) > 0,
CAST(NULL AS BIGINT),
COALESCE(SUM(IFF("t114"."months" = 1,
"t114"."kept_e8", NULL)), 0)) AS "month_kept_e8", IFF(COALESCE(SUM(IFF("t114"."months" = 1,
CAST("t114"."now_e8" IS NULL AS BIGINT), NULL)), 0) > 0,
CAST(NULL AS BIGINT),
COALESCE(SUM(IFF("t114"."months" = 1,
"t114"."now_e8", NULL)), 0)) AS "month_now_e8", IFF(COALESCE(SUM(IFF("t114"."months" = 12,
CAST("t114"."cohort_e8" IS NULL AS BIGINT), NULL)), 0) > 0,
CAST(NULL AS BIGINT),
COALESCE(SUM(IFF("t114"."months" = 12,
"t114"."cohort_e8", NULL)), 0)) AS "year_cohort_e8", IFF(COALESCE(SUM(IFF("t114"."months" = 12,
CAST("t114"."kept_e8" IS NULL AS BIGINT), NULL)), 0) > 0,
CAST(NULL AS BIGINT),
COALESCE(SUM(IFF("t114"."months" = 12,
"t114"."kept_e8", NULL)), 0)) AS "year_kept_e8", IFF(COALESCE(SUM(IFF("t114"."months" = 12,
CAST("t114"."now_e8" IS NULL AS BIGINT), NULL)), 0) > 0,
CAST(NULL AS BIGINT),
COALESCE(SUM(IFF("t114"."months" = 12,
"t114"."now_e8", NULL)), 0)) AS "year_now_e8"
FROM (SELECT "t113"."is_total",
"t113"."currency",
"t113"."month_start_date",
"t113"."months",
"t113"."customer_id",
"t113"."start_e8",
"t113"."end_e8",
"t113"."has_start",
"t113"."has_end",
"t113"."is_computed", IFF(("t113"."start_e8" IS NOT NULL) AND ("t113"."end_e8" IS NOT NULL),
"t113"."start_e8",
CAST(NULL AS BIGINT)) AS "cohort_e8", IFF(("t113"."start_e8" IS NOT NULL) AND ("t113"."end_e8" IS NOT NULL),
"t113"."end_e8",
CAST(NULL AS BIGINT)) AS "now_e8", IFF(("t113"."start_e8" IS NOT NULL) AND ("t113"."end_e8" IS NOT NULL), LEAST("t113"."start_e8",
"t113"."end_e8"),
CAST(NULL AS BIGINT)) AS "kept_e8"
FROM (SELECT *
FROM (SELECT "t111"."is_total",
"t111"."currency",
"t111"."month_start_date",
"t111"."months",
"t111"."customer_id", IFF(COALESCE(SUM(IFF("t111"."is_start",
CAST("t111"."value_e8" IS NULL AS BIGINT), NULL)), 0) > 0,
CAST(NULL AS BIGINT),
COALESCE(SUM(IFF("t111"."is_start",
"t111"."value_e8", NULL)), 0)) AS "start_e8", IFF(COALESCE(SUM(IFF(NOT ("t111"."is_start"),
CAST("t111"."value_e8" IS NULL AS BIGINT), NULL)), 0) > 0,
CAST(NULL AS BIGINT),
COALESCE(SUM(IFF(NOT ("t111"."is_start"),
"t111"."value_e8", NULL)), 0)) AS "end_e8", COUNT_IF("t111"."is_start" AND ("t111"."mrr_e8" > 0)) > 0 AS "has_start", COUNT_IF(NOT ("t111"."is_start") AND ("t111"."mrr_e8" > 0)) > 0 AS "has_end", COUNT_IF("t111"."mrr_e8" IS NULL) = 0 AS "is_computed"
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t106"."customer_id",
"t106"."month_start_date",
"t106"."mrr_e8",
"t106"."is_start",
"t106"."period_date",
"t106"."months",
"t106"."rate_date",
"t106"."rate_e12",
"t106"."_converted_e8", FALSE AS "is_total",
"t106"."currency",
"t106"."own_e8" AS "value_e8"
FROM "t105" AS "t106") AS "t107") AS "t109"
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT "t106"."customer_id",
"t106"."month_start_date",
"t106"."mrr_e8",
"t106"."is_start",
"t106"."period_date",
"t106"."months",
"t106"."rate_date",
"t106"."rate_e12",
"t106"."_converted_e8", TRUE AS "is_total", 'usd' AS "currency",
"t106"."converted_e8" AS "value_e8"
FROM "t105" AS "t106") AS "t108") AS "t110") AS "t111"
GROUP BY 1, 2, 3, 4, 5) AS "t112"
WHERE "t112"."has_start" AND "t112"."is_computed") AS "t113") AS "t114"
GROUP BY 1, 2, 3) AS "t116" ON "t95"."is_total" = "t116"."is_total" AND "t95"."currency" = "t116"."currency" AND "t95"."month_start_date" = "t116"."month_start_date") AS "t117") AS "t119"
LEFT OUTER JOIN (SELECT "t49"."is_total",
"t49"."currency",
"t49"."month_start_date", COUNT(*) AS "customer_count", IFF(COALESCE(SUM(CAST("t49"."value_e8" IS NULL AS BIGINT)), 0) > 0,
CAST(NULL AS BIGINT),
COALESCE(SUM("t49"."value_e8"), 0)) AS "paying_e8"
FROM (SELECT *
FROM (SELECT "t31"."is_total",
"t31"."currency",
"t31"."month_start_date",
"t31"."customer_id", IFF(COALESCE(SUM(CAST("t31"."value_e8" IS NULL AS BIGINT)), 0) > 0,
CAST(NULL AS BIGINT),
COALESCE(SUM("t31"."value_e8"), 0)) AS "value_e8", COUNT_IF("t31"."mrr_e8" > 0) > 0 AS "has_mrr", COUNT_IF("t31"."mrr_e8" IS NULL) = 0 AS "is_computed"
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t22"."month_start_date",
"t22"."customer_id",
"t22"."mrr_e8", FALSE AS "is_total",
"t22"."currency",
"t22"."own_e8" AS "value_e8"
FROM "t18" AS "t22") AS "t26") AS "t29"
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT "t22"."month_start_date",
"t22"."customer_id",
"t22"."mrr_e8", TRUE AS "is_total", 'usd' AS "currency",
"t22"."reporting_e8" AS "value_e8"
FROM "t18" AS "t22") AS "t27") AS "t30") AS "t31"
GROUP BY 1, 2, 3, 4) AS "t42"
WHERE "t42"."has_mrr" AND "t42"."is_computed") AS "t49"
GROUP BY 1, 2, 3) AS "t75" ON "t119"."is_total" = "t75"."is_total" AND "t119"."currency" = "t75"."currency" AND "t119"."month_start_date" = "t75"."month_start_date") AS "t120") AS "t122"
LEFT OUTER JOIN (SELECT "t84"."is_total",
"t84"."currency",
"t84"."month_start_date", COUNT_IF("t84"."has_end") AS "subscription_count", COUNT_IF("t84"."has_start") AS "opening_subscription_count", COUNT_IF("t84"."has_start" AND NOT ("t84"."has_end")) AS "churned_subscription_count"
FROM (SELECT *
FROM (SELECT "t81"."is_total",
"t81"."currency",
"t81"."month_start_date",
"t81"."source_account",
"t81"."subscription_id", COUNT_IF("t81"."is_start" AND ("t81"."mrr_e8" > 0)) > 0 AS "has_start", COUNT_IF(NOT ("t81"."is_start") AND ("t81"."mrr_e8" > 0)) > 0 AS "has_end", COUNT_IF("t81"."mrr_e8" IS NULL) = 0 AS "is_computed"
FROM (SELECT *
FROM (SELECT *
FROM (SELECT "t66"."source_account",
"t66"."subscription_id",
"t66"."month_start_date",
"t66"."mrr_e8",
"t66"."is_start",
"t66"."period_date", FALSE AS "is_total",
"t66"."currency"
FROM "t62" AS "t66") AS "t72") AS "t78"
UNION ALL
SELECT *
FROM (SELECT *
FROM (SELECT "t66"."source_account",
"t66"."subscription_id",
"t66"."month_start_date",
"t66"."mrr_e8",
"t66"."is_start",
"t66"."period_date", TRUE AS "is_total", 'usd' AS "currency"
FROM "t62" AS "t66") AS "t71") AS "t77") AS "t81"
GROUP BY 1, 2, 3, 4, 5) AS "t83"
WHERE "t83"."is_computed") AS "t84"
GROUP BY 1, 2, 3) AS "t88" ON "t122"."is_total" = "t88"."is_total" AND "t122"."currency" = "t88"."currency" AND "t122"."month_start_date" = "t88"."month_start_date") AS "t123") AS "t124") AS "t125"

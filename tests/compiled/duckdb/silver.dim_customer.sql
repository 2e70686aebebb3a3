SELECT *
FROM (SELECT "t30"."customer_id",
COALESCE("t30"."name",
"t30"."stripe_customer_id",
"t30"."salesforce_account_id") AS "display_name",
"t30"."name",
"t30"."name_source_id",
"t30"."industry",
"t30"."industry_source_id",
"t30"."account_type",
"t30"."account_type_source_id",
"t30"."country",
"t30"."state",
"t30"."country_source_id",
"t30"."owner_id",
"t30"."owner_name",
"t30"."owner_id_source_id",
CASE WHEN "t30"."is_deleted" THEN 'deleted' ELSE 'active' END AS "status", FALSE AS "is_unknown",
"t30"."is_person",
"t30"."is_deleted",
"t30"."salesforce_account_count" > 0 AS "has_salesforce",
"t30"."stripe_customer_count" > 0 AS "has_stripe", ("t30"."salesforce_account_count" > 0) AND ("t30"."stripe_customer_count" > 0) AS "is_matched",
COALESCE(CASE WHEN ("t30"."salesforce_account_count" > 0) AND ("t30"."stripe_customer_count" > 0) THEN "t26"."probability" ELSE 0.0 END, 0.0) AS "reconciliation_confidence",
CASE WHEN ("t30"."salesforce_account_count" > 0) AND ("t30"."stripe_customer_count" > 0) THEN "t26"."rule" ELSE CAST(NULL AS TEXT) END AS "match_rule",
"t30"."salesforce_account_count",
"t30"."stripe_customer_count",
"t30"."salesforce_account_id",
"t30"."stripe_customer_id",
"t30"."email_token",
"t30"."phone_token",
"t30"."created_at"
FROM (SELECT "t28"."customer_id", MAX(CASE WHEN "t28"."rank" = "t28"."best_name" THEN "t28"."name" ELSE CAST(NULL AS TEXT) END) AS "name", MAX(CASE WHEN "t28"."rank" = "t28"."best_industry" THEN "t28"."industry" ELSE CAST(NULL AS TEXT) END) AS "industry", MAX(CASE WHEN "t28"."rank" = "t28"."best_account_type" THEN "t28"."account_type" ELSE CAST(NULL AS TEXT) END) AS "account_type", MAX(CASE WHEN "t28"."rank" = "t28"."best_country" THEN "t28"."country" ELSE CAST(NULL AS TEXT) END) AS "country", MAX(CASE WHEN "t28"."rank" = "t28"."best_country" THEN "t28"."state" ELSE CAST(NULL AS TEXT) END) AS "state", MAX(CASE WHEN "t28"."rank" = "t28"."best_owner_id" THEN "t28"."owner_id" ELSE CAST(NULL AS TEXT) END) AS "owner_id", MAX(CASE WHEN "t28"."rank" = "t28"."best_owner_id" THEN "t28"."owner_name" ELSE CAST(NULL AS TEXT) END) AS "owner_name", MAX(CASE WHEN "t28"."rank" = "t28"."best_email_token" THEN "t28"."email_token" ELSE CAST(NULL AS TEXT) END) AS "email_token", MAX(CASE WHEN "t28"."rank" = "t28"."best_phone_token" THEN "t28"."phone_token" ELSE CAST(NULL AS TEXT) END) AS "phone_token", MAX(CASE WHEN "t28"."rank" = "t28"."best_name" THEN "t28"."source_id" ELSE CAST(NULL AS TEXT) END) AS "name_source_id", MAX(CASE WHEN "t28"."rank" = "t28"."best_industry" THEN "t28"."source_id" ELSE CAST(NULL AS TEXT) END) AS "industry_source_id", MAX(CASE WHEN "t28"."rank" = "t28"."best_account_type" THEN "t28"."source_id" ELSE CAST(NULL AS TEXT) END) AS "account_type_source_id", MAX(CASE WHEN "t28"."rank" = "t28"."best_country" THEN "t28"."source_id" ELSE CAST(NULL AS TEXT) END) AS "country_source_id", MAX(CASE WHEN "t28"."rank" = "t28"."best_owner_id" THEN "t28"."source_id" ELSE CAST(NULL AS TEXT) END) AS "owner_id_source_id", MAX(CASE WHEN "t28"."rank" = "t28"."best_salesforce" THEN "t28"."source_id" ELSE CAST(NULL AS TEXT) END) AS "salesforce_account_id", MAX(CASE WHEN "t28"."rank" = "t28"."best_stripe" THEN "t28"."source_id" ELSE CAST(NULL AS TEXT) END) AS "stripe_customer_id", SUM(CAST("t28"."source_system" = 'salesforce' AS BIGINT)) AS "salesforce_account_count", SUM(CAST(NOT ("t28"."source_system" = 'salesforce') AS BIGINT)) AS "stripe_customer_count", MAX(CAST("t28"."is_person" AS BIGINT)) = 1 AS "is_person", MIN(CAST("t28"."is_deleted" AS BIGINT)) = 1 AS "is_deleted", MIN("t28"."created_at") AS "created_at"
FROM (SELECT "t27"."source_system",
"t27"."source_account",
"t27"."source_id",
"t27"."customer_id",
"t27"."is_person",
"t27"."is_deleted",
"t27"."is_merged",
"t27"."created_at",
"t27"."email_token",
"t27"."phone_token",
"t27"."name",
"t27"."industry",
"t27"."account_type",
"t27"."country",
"t27"."state",
"t27"."owner_id",
"t27"."owner_name",
"t27"."rank", MIN(CASE WHEN "t27"."name" IS NOT NULL THEN "t27"."rank" ELSE CAST(NULL AS BIGINT) END) OVER (PARTITION BY "t27"."customer_id" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "best_name", MIN(CASE WHEN "t27"."industry" IS NOT NULL THEN "t27"."rank" ELSE CAST(NULL AS BIGINT) END) OVER (PARTITION BY "t27"."customer_id" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "best_industry", MIN(CASE WHEN "t27"."account_type" IS NOT NULL THEN "t27"."rank" ELSE CAST(NULL AS BIGINT) END) OVER (PARTITION BY "t27"."customer_id" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "best_account_type", MIN(CASE WHEN "t27"."country" IS NOT NULL THEN "t27"."rank" ELSE CAST(NULL AS BIGINT) END) OVER (PARTITION BY "t27"."customer_id" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "best_country", MIN(CASE WHEN "t27"."owner_id" IS NOT NULL THEN "t27"."rank" ELSE CAST(NULL AS BIGINT) END) OVER (PARTITION BY "t27"."customer_id" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "best_owner_id", MIN(CASE WHEN "t27"."email_token" IS NOT NULL THEN "t27"."rank" ELSE CAST(NULL AS BIGINT) END) OVER (PARTITION BY "t27"."customer_id" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "best_email_token", MIN(CASE WHEN "t27"."phone_token" IS NOT NULL THEN "t27"."rank" ELSE CAST(NULL AS BIGINT) END) OVER (PARTITION BY "t27"."customer_id" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "best_phone_token", MIN(CASE WHEN "t27"."source_system" = 'salesforce' THEN "t27"."rank" ELSE CAST(NULL AS BIGINT) END) OVER (PARTITION BY "t27"."customer_id" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "best_salesforce", MIN(CASE WHEN "t27"."source_system" = 'stripe' THEN "t27"."rank" ELSE CAST(NULL AS BIGINT) END) OVER (PARTITION BY "t27"."customer_id" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "best_stripe"
FROM (SELECT "t23"."source_system",
"t23"."source_account",
"t23"."source_id",
"t23"."customer_id",
"t23"."is_person",
"t23"."is_deleted",
"t23"."is_merged",
"t23"."created_at",
"t23"."email_token",
"t23"."phone_token",
"t23"."name",
"t23"."industry",
"t23"."account_type",
"t23"."country",
"t23"."state",
"t23"."owner_id",
"t23"."owner_name", ROW_NUMBER() OVER (PARTITION BY "t23"."customer_id" ORDER BY "t23"."is_deleted" ASC,
"t23"."is_merged" ASC,
"t23"."source_system" ASC,
"t23"."created_at" IS NULL ASC,
"t23"."created_at" ASC,
"t23"."source_account" ASC,
"t23"."source_id" ASC ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) - 1 AS "rank"
FROM (SELECT "t21".* EXCLUDE ("source_account_right", "source_id_right", "source_system_right")
FROM (SELECT "t16"."source_system",
"t16"."source_account",
"t16"."source_id",
"t16"."customer_id",
"t16"."is_person",
"t16"."is_deleted",
"t16"."is_merged",
"t14"."created_at",
"t14"."email_token",
"t14"."phone_token",
"t20"."source_system" AS "source_system_right",
"t20"."source_account" AS "source_account_right",
"t20"."source_id" AS "source_id_right",
"t20"."name",
"t20"."industry",
"t20"."account_type",
"t20"."country",
"t20"."state",
"t20"."owner_id",
"t20"."owner_name"
FROM (SELECT "t0"."source_system",
"t0"."source_account",
"t0"."source_id",
"t0"."customer_id",
"t0"."is_person",
"t0"."is_deleted",
"t0"."master_id" IS NOT NULL AS "is_merged"
FROM "customer_identity" AS "t0") AS "t16"
INNER JOIN (SELECT "t2"."source_system",
"t2"."source_account",
"t2"."source_id",
"t2"."created_at",
"t2"."email_token",
"t2"."phone_token"
FROM "identity_record" AS "t2") AS "t14" ON "t16"."source_system" = "t14"."source_system" AND "t16"."source_account" = "t14"."source_account" AND "t16"."source_id" = "t14"."source_id"
LEFT OUTER JOIN (SELECT "t5"."source_system",
"t5"."source_account",
"t5"."record_id" AS "source_id", NULLIF(CASE WHEN NOT (COALESCE("t5"."IsPersonAccount", FALSE)) THEN TRIM("t5"."Name", ' 	
') ELSE CAST(NULL AS TEXT) END, '') AS "name", NULLIF(TRIM("t5"."Industry", ' 	
'), '') AS "industry", NULLIF(TRIM("t5"."Type", ' 	
'), '') AS "account_type", NULLIF(TRIM("t5"."BillingCountry", ' 	
'), '') AS "country", NULLIF(TRIM("t5"."BillingState", ' 	
'), '') AS "state",
"t5"."OwnerId" AS "owner_id",
"t15"."owner_name"
FROM "salesforce_accounts" AS "t5"
LEFT OUTER JOIN (SELECT "t4"."source_account" AS "owner_account",
"t4"."record_id" AS "owner",
"t4"."Name" AS "owner_name"
FROM "salesforce_users" AS "t4") AS "t15" ON "t5"."source_account" = "t15"."owner_account" AND "t5"."OwnerId" = "t15"."owner") AS "t20" ON "t16"."source_system" = "t20"."source_system" AND "t16"."source_account" = "t20"."source_account" AND "t16"."source_id" = "t20"."source_id") AS "t21") AS "t23") AS "t27") AS "t28"
GROUP BY 1) AS "t30"
LEFT OUTER JOIN (SELECT "t24"."linked_id",
"t24"."probability",
"t24"."rule"
FROM (SELECT *
FROM (SELECT "t19"."left_source_system",
"t19"."left_source_account",
"t19"."left_source_id",
"t19"."right_source_system",
"t19"."right_source_account",
"t19"."right_source_id",
"t19"."merge_weight",
"t19"."id_weight",
"t19"."email_weight",
"t19"."domain_weight",
"t19"."name_weight",
"t19"."phone_weight",
"t19"."address_weight",
"t19"."prior_weight",
"t19"."weight",
"t19"."merge_level",
"t19"."id_level",
"t19"."email_level",
"t19"."domain_level",
"t19"."name_level",
"t19"."phone_level",
"t19"."address_level",
"t19"."rule",
"t19"."probability",
"t19"."model_id",
"t19"."decision",
"t19"."reason",
"t19"."source_system",
"t19"."source_account",
"t19"."source_id",
"t19"."linked_id", ROW_NUMBER() OVER (PARTITION BY "t19"."linked_id" ORDER BY "t19"."probability" DESC,
"t19"."weight" DESC,
"t19"."left_source_account" ASC,
"t19"."left_source_id" ASC,
"t19"."right_source_account" ASC,
"t19"."right_source_id" ASC ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) - 1 AS "link_rank"
FROM (SELECT "t17"."left_source_system",
"t17"."left_source_account",
"t17"."left_source_id",
"t17"."right_source_system",
"t17"."right_source_account",
"t17"."right_source_id",
"t17"."merge_weight",
"t17"."id_weight",
"t17"."email_weight",
"t17"."domain_weight",
"t17"."name_weight",
"t17"."phone_weight",
"t17"."address_weight",
"t17"."prior_weight",
"t17"."weight",
"t17"."merge_level",
"t17"."id_level",
"t17"."email_level",
"t17"."domain_level",
"t17"."name_level",
"t17"."phone_level",
"t17"."address_level",
"t17"."rule",
"t17"."probability",
"t17"."model_id",
"t17"."decision",
"t17"."reason",
"t11"."source_system",
"t11"."source_account",
"t11"."source_id",
"t11"."linked_id"
FROM (SELECT *
FROM "identity_pair" AS "t1"
WHERE "t1"."decision" = 'accepted' AND "t1"."left_source_system" <> "t1"."right_source_system") AS "t17"
INNER JOIN (SELECT "t0"."source_system",
"t0"."source_account",
"t0"."source_id",
"t0"."customer_id" AS "linked_id"
FROM "customer_identity" AS "t0") AS "t11" ON "t17"."right_source_system" = "t11"."source_system" AND "t17"."right_source_account" = "t11"."source_account" AND "t17"."right_source_id" = "t11"."source_id") AS "t19") AS "t22"
WHERE "t22"."link_rank" = 0) AS "t24") AS "t26" ON "t30"."customer_id" = "t26"."linked_id") AS "t31"
UNION ALL
SELECT *
FROM (SELECT '00000000-0000-0000-0000-000000000000' AS "customer_id", 'Unknown' AS "display_name",
CAST(NULL AS TEXT) AS "name",
CAST(NULL AS TEXT) AS "name_source_id",
CAST(NULL AS TEXT) AS "industry",
CAST(NULL AS TEXT) AS "industry_source_id",
CAST(NULL AS TEXT) AS "account_type",
CAST(NULL AS TEXT) AS "account_type_source_id",
CAST(NULL AS TEXT) AS "country",
CAST(NULL AS TEXT) AS "state",
CAST(NULL AS TEXT) AS "country_source_id",
CAST(NULL AS TEXT) AS "owner_id",
CAST(NULL AS TEXT) AS "owner_name",
CAST(NULL AS TEXT) AS "owner_id_source_id", 'unknown' AS "status", TRUE AS "is_unknown", FALSE AS "is_person", FALSE AS "is_deleted", FALSE AS "has_salesforce", FALSE AS "has_stripe", FALSE AS "is_matched", 0.0 AS "reconciliation_confidence",
CAST(NULL AS TEXT) AS "match_rule",
CAST(0 AS BIGINT) AS "salesforce_account_count",
CAST(0 AS BIGINT) AS "stripe_customer_count",
CAST(NULL AS TEXT) AS "salesforce_account_id",
CAST(NULL AS TEXT) AS "stripe_customer_id",
CAST(NULL AS TEXT) AS "email_token",
CAST(NULL AS TEXT) AS "phone_token",
CAST(NULL AS TIMESTAMPTZ) AS "created_at"
FROM (SELECT COUNT(*) AS "record_count"
FROM "customer_identity" AS "t0") AS "t6") AS "t10"

SELECT "t30"."source_system",
"t30"."source_account",
"t30"."record_id",
"t30"."payload_hash",
"t30"."date_loaded",
"t30"."customer_id",
"t30"."valid_from",
"t30"."valid_to",
"t30"."is_current",
"t30"."owner_id",
"t6"."owner_name",
"t30"."industry",
"t30"."account_type",
"t30"."country",
"t30"."state",
"t30"."status"
FROM (SELECT "t28"."source_system",
"t28"."source_account",
"t28"."record_id",
"t28"."payload_hash",
"t28"."date_loaded",
"t28"."source_updated_at",
"t28"."created_at",
"t28"."owner_id",
"t28"."industry",
"t28"."account_type",
"t28"."country",
"t28"."state",
"t28"."status",
"t28"."customer_id",
"t28"."changed_at",
"t28"."holds_from" AS "valid_from",
"t28"."valid_to",
"t28"."valid_to" IS NULL AS "is_current"
FROM (SELECT *
FROM (SELECT "t26"."source_system",
"t26"."source_account",
"t26"."record_id",
"t26"."payload_hash",
"t26"."date_loaded",
"t26"."source_updated_at",
"t26"."is_deleted",
"t26"."created_at",
"t26"."owner_id",
"t26"."industry",
"t26"."account_type",
"t26"."country",
"t26"."state",
"t26"."status",
"t26"."customer_id",
"t26"."changed_at",
"t26"."holds_from", LEAD("t26"."holds_from") OVER (PARTITION BY "t26"."customer_id" ORDER BY "t26"."holds_from" ASC) AS "valid_to"
FROM (SELECT "t25".* EXCLUDE ("_is_change")
FROM (SELECT *
FROM (SELECT "t23"."source_system",
"t23"."source_account",
"t23"."record_id",
"t23"."payload_hash",
"t23"."date_loaded",
"t23"."source_updated_at",
"t23"."is_deleted",
"t23"."created_at",
"t23"."owner_id",
"t23"."industry",
"t23"."account_type",
"t23"."country",
"t23"."state",
"t23"."status",
"t23"."customer_id",
"t23"."changed_at",
"t23"."holds_from", ((ROW_NUMBER() OVER (PARTITION BY "t23"."customer_id" ORDER BY "t23"."holds_from" ASC) - 1) = 0) OR (NOT ("t23"."is_deleted") AND (LAG("t23"."is_deleted") OVER (PARTITION BY "t23"."customer_id" ORDER BY "t23"."holds_from" ASC) OR (NOT ("t23"."owner_id" IS NOT DISTINCT
FROM LAG("t23"."owner_id") OVER (PARTITION BY "t23"."customer_id" ORDER BY "t23"."holds_from" ASC)) OR NOT ("t23"."industry" IS NOT DISTINCT
FROM LAG("t23"."industry") OVER (PARTITION BY "t23"."customer_id" ORDER BY "t23"."holds_from" ASC)) OR NOT ("t23"."account_type" IS NOT DISTINCT
FROM LAG("t23"."account_type") OVER (PARTITION BY "t23"."customer_id" ORDER BY "t23"."holds_from" ASC)) OR NOT ("t23"."country" IS NOT DISTINCT
FROM LAG("t23"."country") OVER (PARTITION BY "t23"."customer_id" ORDER BY "t23"."holds_from" ASC)) OR NOT ("t23"."state" IS NOT DISTINCT
FROM LAG("t23"."state") OVER (PARTITION BY "t23"."customer_id" ORDER BY "t23"."holds_from" ASC)) OR NOT ("t23"."status" IS NOT DISTINCT
FROM LAG("t23"."status") OVER (PARTITION BY "t23"."customer_id" ORDER BY "t23"."holds_from" ASC))))) OR ("t23"."is_deleted" AND NOT (LAG("t23"."is_deleted") OVER (PARTITION BY "t23"."customer_id" ORDER BY "t23"."holds_from" ASC))) AS "_is_change"
FROM (SELECT "t22".* EXCLUDE ("_rank")
FROM (SELECT *
FROM (SELECT "t20"."source_system",
"t20"."source_account",
"t20"."record_id",
"t20"."payload_hash",
"t20"."date_loaded",
"t20"."source_updated_at",
"t20"."is_deleted",
"t20"."created_at",
"t20"."owner_id",
"t20"."industry",
"t20"."account_type",
"t20"."country",
"t20"."state",
"t20"."status",
"t20"."customer_id",
"t20"."changed_at",
"t20"."holds_from", ROW_NUMBER() OVER (PARTITION BY "t20"."customer_id",
"t20"."holds_from" ORDER BY "t20"."date_loaded" DESC NULLS LAST,
"t20"."payload_hash" DESC NULLS LAST,
"t20"."is_deleted" DESC NULLS LAST) - 1 AS "_rank"
FROM (SELECT "t19"."source_system",
"t19"."source_account",
"t19"."record_id",
"t19"."payload_hash",
"t19"."date_loaded",
"t19"."source_updated_at",
"t19"."is_deleted",
"t19"."created_at",
"t19"."owner_id",
"t19"."industry",
"t19"."account_type",
"t19"."country",
"t19"."state",
"t19"."status",
"t19"."customer_id",
"t19"."changed_at", IFF((((ROW_NUMBER() OVER (PARTITION BY "t19"."customer_id" ORDER BY "t19"."changed_at" ASC,
"t19"."date_loaded" ASC,
"t19"."payload_hash" ASC,
"t19"."is_deleted" ASC) - 1) = 0) OR ("t19"."changed_at" < "t19"."created_at")) AND ("t19"."created_at" IS NOT NULL),
"t19"."created_at",
"t19"."changed_at") AS "holds_from"
FROM (SELECT "t18"."source_system",
"t18"."source_account",
"t18"."record_id",
"t18"."payload_hash",
"t18"."date_loaded",
"t18"."source_updated_at",
"t18"."is_deleted",
"t18"."created_at",
"t18"."owner_id",
"t18"."industry",
"t18"."account_type",
"t18"."country",
"t18"."state",
"t18"."status",
"t18"."customer_id",
COALESCE("t18"."source_updated_at",
CAST(TO_TIMESTAMP(DATEDIFF(DAY, DATE_FROM_PARTS(1970, 1, 1),
"t18"."date_loaded") * 86400, 0) AS TIMESTAMPTZ(6))) AS "changed_at"
FROM (SELECT "t13"."source_system",
"t13"."source_account",
"t13"."record_id",
"t13"."payload_hash",
"t13"."date_loaded",
"t13"."source_updated_at",
"t13"."is_deleted",
"t13"."created_at",
"t13"."owner_id",
"t13"."industry",
"t13"."account_type",
"t13"."country",
"t13"."state",
"t13"."status",
"t17"."customer_id"
FROM (SELECT *
FROM (SELECT "t1"."source_system",
"t1"."source_account",
"t1"."record_id",
"t1"."payload_hash",
"t1"."date_loaded",
"t1"."source_updated_at",
"t1"."is_deleted" OR COALESCE("t1"."IsDeleted", FALSE) AS "is_deleted",
"t1"."CreatedDate" AS "created_at",
"t1"."OwnerId" AS "owner_id", NULLIF(TRIM("t1"."Industry", ' \t\n\r\f'), '') AS "industry", NULLIF(TRIM("t1"."Type", ' \t\n\r\f'), '') AS "account_type", NULLIF(TRIM("t1"."BillingCountry", ' \t\n\r\f'), '') AS "country", NULLIF(TRIM("t1"."BillingState", ' \t\n\r\f'), '') AS "state", 'active' AS "status"
FROM "salesforce_accounts_versions" AS "t1") AS "t9"
UNION ALL
SELECT *
FROM (SELECT "t2"."source_system",
"t2"."source_account",
"t2"."record_id",
"t2"."payload_hash",
"t2"."date_loaded",
"t2"."source_updated_at",
"t2"."is_deleted" OR COALESCE("t2"."deleted", FALSE) AS "is_deleted",
"t2"."created" AS "created_at",
CAST(NULL AS VARCHAR) AS "owner_id",
CAST(NULL AS VARCHAR) AS "industry",
CAST(NULL AS VARCHAR) AS "account_type",
CAST(NULL AS VARCHAR) AS "country",
CAST(NULL AS VARCHAR) AS "state", 'active' AS "status"
FROM "stripe_customers_versions" AS "t2") AS "t10") AS "t13"
INNER JOIN (SELECT "t15"."customer_id",
"t15"."source_system",
"t15"."source_id",
"t11"."source_account"
FROM (SELECT "t7"."customer_id", IFF("t7"."salesforce_account_id" IS NOT NULL, 'salesforce', 'stripe') AS "source_system",
COALESCE("t7"."salesforce_account_id",
"t7"."stripe_customer_id") AS "source_id"
FROM (SELECT *
FROM "dim_customer" AS "t3"
WHERE NOT ("t3"."is_unknown")) AS "t7") AS "t15"
INNER JOIN (SELECT "t4"."customer_id",
"t4"."source_system",
"t4"."source_id", MIN("t4"."source_account") AS "source_account"
FROM "customer_identity" AS "t4"
GROUP BY 1, 2, 3) AS "t11" ON "t15"."customer_id" = "t11"."customer_id" AND "t15"."source_system" = "t11"."source_system" AND "t15"."source_id" = "t11"."source_id") AS "t17" ON "t13"."source_system" = "t17"."source_system" AND "t13"."source_account" = "t17"."source_account" AND "t13"."record_id" = "t17"."source_id") AS "t18") AS "t19") AS "t20") AS "t21"
WHERE "t21"."_rank" = 0) AS "t22") AS "t23") AS "t24"
WHERE "t24"."_is_change") AS "t25") AS "t26") AS "t27"
WHERE NOT ("t27"."is_deleted")) AS "t28") AS "t30"
LEFT OUTER JOIN (SELECT "t0"."source_account" AS "_account",
"t0"."record_id" AS "_owner",
"t0"."Name" AS "owner_name"
FROM "salesforce_users" AS "t0") AS "t6" ON "t30"."source_account" = "t6"."_account" AND "t30"."owner_id" = "t6"."_owner"

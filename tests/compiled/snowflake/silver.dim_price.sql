SELECT "t2"."source_system",
"t2"."source_account",
"t2"."record_id",
"t2"."payload_hash",
"t2"."date_loaded",
"t2"."id" AS "price_id",
"t2"."product" AS "product_id", TRIM("t4"."product_name", ' \t\n\r\f') AS "product_name",
"t2"."type" AS "price_type", LOWER("t2"."currency") AS "currency",
"t2"."unit_amount" AS "unit_amount_minor",
"t2"."unit_amount_decimal",
CAST(GET("t2"."recurring", 'interval') AS VARCHAR) AS "billing_interval", IFF(CAST(GET("t2"."recurring", 'interval') AS VARCHAR) IS NOT NULL,
COALESCE(CAST(GET("t2"."recurring", 'interval_count') AS BIGINT), 1),
CAST(NULL AS BIGINT)) AS "billing_interval_count",
CAST(GET("t2"."recurring", 'usage_type') AS VARCHAR) AS "usage_type",
"t2"."billing_scheme",
"t2"."tiers_mode",
COALESCE(ARRAY_SIZE("t2"."tiers"), 0) AS "tier_count",
CAST(GET("t2"."transform_quantity", 'divide_by') AS BIGINT) AS "transform_divide_by",
"t2"."active" AS "is_active",
"t2"."created" AS "created_at",
"t2"."is_deleted"
FROM "stripe_prices" AS "t2"
LEFT OUTER JOIN (SELECT "t1"."source_account" AS "_account",
"t1"."id" AS "_product",
"t1"."name" AS "product_name"
FROM "stripe_products" AS "t1") AS "t4" ON "t2"."source_account" = "t4"."_account" AND "t2"."product" = "t4"."_product"

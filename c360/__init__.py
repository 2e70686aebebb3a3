"""c360: a Customer 360 lakehouse. `c360.read("gold.fct_monthly_revenue")` opens a released table."""

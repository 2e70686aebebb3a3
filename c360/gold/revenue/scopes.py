"""The two kinds of rows of metrics_monthly: each currency by itself, and all of them in the reporting currency."""

import ibis
import ibis.expr.types as ir

from c360.expressions.lineage import nullable

SCOPE = ["is_total", "currency"]
SCOPE_MONTH = [*SCOPE, "month_start_date"]


def in_both_scopes(rows: ir.Table, reporting_currency: str, *, own: dict[str, str], total: dict[str, str]) -> ir.Table:
    """Every row twice: once in its `currency`, once (`is_total`) in the reporting currency.

    Args:
        rows: Rows with `currency`.
        reporting_currency: Lower-case ISO 4217 code.
        own: New column -> column with what it is in the row's currency. All other columns stay.
        total: The same columns -> the column with what it is in the reporting currency.
    """
    known = nullable(rows)
    used = {*own.values(), *total.values(), "currency"}
    rest = [name for name in known.columns if name not in used]

    def scoped(currency: ir.StringValue, names: dict[str, str], *, is_total: bool) -> ir.Table:
        values = {new: known[name] for new, name in names.items()}
        return known.select(*rest, is_total=ibis.literal(is_total), currency=currency.cast("string"), **values)

    return nullable(scoped(known.currency, own, is_total=False)).union(
        nullable(scoped(ibis.literal(reporting_currency), {name: total[name] for name in own}, is_total=True))
    )


def ratio(part: ir.IntegerValue, whole: ir.IntegerValue) -> ir.FloatingValue:
    """Part ÷ whole; null unless the whole is more than 0."""
    return ibis.ifelse(whole > 0, part.cast("float64") / whole.nullif(0).cast("float64"), ibis.null("float64"))

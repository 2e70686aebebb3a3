"""Values of flags, codes and texts brought into one form."""

import ibis
import ibis.expr.types as ir


def is_true(flag: ir.BooleanValue) -> ir.BooleanValue:
    """The flag; one that is not set counts as no."""
    return flag.fill_null(ibis.literal(value=False))


def cleaned(text: ir.StringValue) -> ir.StringValue:
    """Text without spaces around it; null where nothing is left. Case and accents stay."""
    return text.strip().nullif("")


def code(text: ir.StringValue) -> ir.StringValue:
    """A code (currency, country) in lower case, without spaces around it; null where nothing is left."""
    return cleaned(text).lower()

"""Learns the weights of who is who from a lake's own candidate pairs, without labels."""

import ibis
import ibis.expr.types as ir

from c360.errors import SelectionError
from c360.identity.evidence import FIELDS
from c360.identity.model import Model
from c360.identity.patterns import Pattern, learn
from c360.identity.rules import REVIEWED
from c360.lake import Lake
from c360.readers import released
from c360.silver.identity.identity_pair import ACCEPTED

PAIRS = "silver.identity_pair"


def train(lake: Lake) -> Model:
    """The model of the newest release's pairs. The engine counts patterns of agreement; only the counts come here.

    Raises:
        ReleaseError: Nothing has been released.
        SelectionError: There is no pair to learn from.
    """
    entry = released(lake.engine)
    if PAIRS not in entry.tables:
        raise SelectionError(f"The release has no table {PAIRS}.", hint="`c360 run` builds it.")
    counted = lake.execute(pattern_counts(lake.engine.read(PAIRS, entry.tables[PAIRS].version)))
    if not counted:
        raise SelectionError("The newest release has no candidate pairs.", hint="Train when two sources are loaded.")
    return learn([Pattern(tuple(row[f"{name}_level"] for name in FIELDS), row["pairs"], row["reviewed"]) for row in counted])


def pattern_counts(pairs: ir.Table) -> ir.Table:
    """How many pairs agree alike: one row per combination of levels and decision of people (null: none)."""
    decision = ibis.ifelse(pairs.rule == REVIEWED, pairs.decision == ACCEPTED, ibis.null("boolean"))
    decided = pairs.mutate(reviewed=decision)
    return decided.group_by([f"{name}_level" for name in FIELDS] + ["reviewed"]).agg(pairs=decided.count())

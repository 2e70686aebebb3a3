"""What people decided about pairs of records. People write this table; no build does."""

import ibis.expr.types as ir

from c360.contract import Contract, Instant, Text, field, row_check

MUST_LINK = "must_link"
CANNOT_LINK = "cannot_link"
WITHDRAWN = "withdrawn"
"""Takes back what was decided about a pair before: the model decides it again."""
DECISIONS = (CANNOT_LINK, MUST_LINK, WITHDRAWN)


class IdentityReview(Contract):
    """One row per decision; of several about one pair (in either order of its sides) the newest counts."""

    left_source_system: Text = field("System of one record.", pii="enum", isin=("salesforce", "stripe"))
    left_source_account: Text = field("Organisation or account of one record.", pii="id")
    left_source_id: Text = field("Id of one record: a Salesforce account or a Stripe customer.", pii="id")
    right_source_system: Text = field("System of the other record.", pii="enum", isin=("salesforce", "stripe"))
    right_source_account: Text = field("Organisation or account of the other record.", pii="id")
    right_source_id: Text = field("Id of the other record.", pii="id")
    decision: Text = field("Whether they are one customer; `withdrawn`: the model decides again.", pii="enum", isin=DECISIONS)
    author: Text = field("Who decided.", pii="staff")
    reason: Text = field("Why, in words without personal data.", nullable=True, pii="text")
    decided_at: Instant = field("When it was decided (UTC).")

    class Config:
        unique = [
            "left_source_system",
            "left_source_account",
            "left_source_id",
            "right_source_system",
            "right_source_account",
            "right_source_id",
            "decided_at",
        ]

    @row_check("a record is reviewed against itself")
    def two_records(cls, row: ir.Table) -> ir.BooleanValue:
        is_same_place = (row.left_source_system == row.right_source_system) & (
            row.left_source_account == row.right_source_account
        )
        return ~(is_same_place & (row.left_source_id == row.right_source_id))

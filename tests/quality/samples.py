"""A small contract with every kind of rule, and rows for it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import ibis.expr.types as ir

from c360.contract import Contract, Instant, Integer, Money, Share, Text, field, row_check


class Sample(Contract):
    """One row per thing."""

    thing_id: Text = field("The thing.", pii="id", matches=r"x_[0-9]+")
    part: Integer = field("Part of the thing.")
    count: Integer = field("How many.", ge=0, le=10, nullable=True, expectation="BE-002")
    status: Text = field("Where it stands.", nullable=True, isin=("open", "closed"), pii="enum")
    limit_amount: Money = field("Limit.", nullable=True)
    share: Share = field("Share.", nullable=True)
    note: Text = field("Free text.", nullable=True, pii="text")
    email: Text = field("E-mail.", nullable=True, pii="personal")
    seen_at: Instant = field("When it was seen.")
    record_id: Text = field("Bronze record.", nullable=True, pii="id")

    class Config:
        unique = ["thing_id", "part"]

    @row_check("count must not pass limit_amount", expectation="GE-002")
    def within_limit(cls, row: ir.Table) -> ir.BooleanValue:
        return row["count"] <= row.limit_amount


NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def good(**changes: Any) -> dict[str, Any]:
    """A row that keeps every rule, with changes."""
    row = {"thing_id": "x_1", "part": 1, "count": 1, "status": "open", "limit_amount": Decimal(5), "seen_at": NOON}
    return {**row, "share": 0.5, "note": "n", "email": "a@b.example", "record_id": "r_1", **changes}

"""Which record an attribute of a customer comes from: rules as data, and where every value came from.

Values that mean something only together (a state and its country) are one group: they come from one record, or are null.
"""

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

SALESFORCE, STRIPE = "salesforce", "stripe"


@dataclass(frozen=True)
class Group:
    """Columns that survive in lock-step.

    Attributes:
        columns: All of one record. The first names the group, and decides: of a record that lacks it, none is taken.
        sources: Systems that may give them, the first one before the others.
    """

    columns: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def name(self) -> str:
        """What the provenance columns begin with."""
        return self.columns[0]


SURVIVORSHIP = (
    Group(("name",), (SALESFORCE,)),  # names of Stripe customers may be names of persons
    Group(("industry",), (SALESFORCE,)),
    Group(("account_type",), (SALESFORCE,)),
    Group(("country", "state"), (SALESFORCE, STRIPE)),
    Group(("owner_id", "owner_name"), (SALESFORCE,)),
    Group(("email_token",), (SALESFORCE, STRIPE)),
    Group(("phone_token",), (SALESFORCE, STRIPE)),
)
"""Every attribute of `dim_customer` that several records may have. Another rule is another entry."""

PROVENANCE = ("source_system", "source_id", "known_at")
"""What is told of each group's record, in columns `<group>_<what>`; `known_at` is when that version of the record was made."""

_LATER = 10**12
"""More than a customer has records: a worse standing outweighs any age."""


def survivors(members: ir.Table) -> ir.Table:
    """One row per `customer_id`: each group's values and their provenance, and its best record of each system.

    The best record is a live one before a deleted one, one that survived a merge before one that lost it, the source that the
    group prefers before others, and the oldest.

    Args:
        members: One row per source record: `customer_id`, `source_system`, `source_account`, `source_id`, `is_person`,
            `is_deleted`, `is_merged`, `created_at`, `known_at`, and the columns of all groups.
    """
    placed = _placed(members)
    values = {
        target: _of_best(placed, group.name, column)
        for group in SURVIVORSHIP
        for target, column in [*((c, c) for c in group.columns), *((f"{group.name}_{what}", what) for what in PROVENANCE)]
    }
    is_salesforce = placed.source_system == SALESFORCE
    return placed.group_by("customer_id").agg(
        **values,
        salesforce_account_id=_of_best(placed, SALESFORCE, "source_id"),
        stripe_customer_id=_of_best(placed, STRIPE, "source_id"),
        salesforce_account_count=is_salesforce.cast("int64").sum(),
        stripe_customer_count=(~is_salesforce).cast("int64").sum(),
        is_person=placed.is_person.cast("int64").max() == 1,
        is_deleted=placed.is_deleted.cast("int64").min() == 1,
        created_at=placed.created_at.min(),
    )


def _placed(members: ir.Table) -> ir.Table:
    """`place_<group>`: a record's place among those of its customer that have the group, the least is best, null without it."""
    oldest_first = ibis.window(
        group_by="customer_id",
        order_by=[
            members.created_at.isnull(),
            members.created_at,
            members.source_system,
            members.source_account,
            members.source_id,
        ],
    )
    standing = members.is_deleted.cast("int64") * 2 + members.is_merged.cast("int64")
    aged = members.mutate(age=ibis.row_number().over(oldest_first), standing=standing)
    places = {
        **{group.name: _place(aged, group.sources, aged[group.name].notnull()) for group in SURVIVORSHIP},
        **{system: _place(aged, (system,), ibis.literal(value=True)) for system in (SALESFORCE, STRIPE)},
    }
    placed = aged.mutate(**{f"place_{name}": place for name, place in places.items()})
    whole = ibis.window(group_by="customer_id")
    return placed.mutate(**{f"best_{name}": placed[f"place_{name}"].min().over(whole) for name in places})


def _place(members: ir.Table, sources: tuple[str, ...], has_it: ir.BooleanValue) -> ir.IntegerValue:
    of_source = [
        (has_it & (members.source_system == system), (members.standing * len(sources) + position) * _LATER + members.age)
        for position, system in enumerate(sources)
    ]
    return ibis.cases(*of_source, else_=ibis.null("int64"))


def _of_best(placed: ir.Table, name: str, column: str) -> ir.Value:
    """The column of the record whose place is the best; null places equal none."""
    is_best = placed[f"place_{name}"] == placed[f"best_{name}"]
    return ibis.ifelse(is_best, placed[column], ibis.null(placed[column].type())).max()

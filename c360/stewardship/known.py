"""What the lake knows of the records and decisions of a file."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from c360.contract import ibis_schema
from c360.identity.block import member
from c360.lake import Lake
from c360.quality.privacy import vault_values
from c360.readers import released
from c360.silver.identity.identity_review import IdentityReview
from c360.stewardship.decision_file import Given
from c360.stewardship.decisions import Decision, of_row

NAME = "identity_review"
TABLE = f"silver.{NAME}"
_KEY = ["source_system", "source_account", "source_id"]
_RECORDS = ibis.schema({"source_system": "string", "source_id": "string"})
_TEXTS = ibis.schema({"value": "string"})


@dataclass(frozen=True)
class Known:
    """What the lake knows of a file's rows.

    Attributes:
        accounts: System -> the organisations or accounts the newest release has records of.
        records: The file's records the newest release has, in whichever account, as texts of `block.member`.
        decisions: All decisions of the lake.
        personal: Reasons of the file, in lower case, that are a value of the vault: a name, an address.
    """

    accounts: Mapping[str, Collection[str]]
    records: Collection[str]
    decisions: Sequence[Decision] = ()
    personal: Collection[str] = field(default_factory=frozenset)


def known_of(lake: Lake, given: Sequence[Given]) -> Known:
    """What the newest release knows of the rows.

    Raises:
        ReleaseError: Nothing has been released, so that no record is known.
    """
    entry = released(lake.engine)
    identity = lake.engine.read("silver.customer_identity", entry.tables["silver.customer_identity"].version)
    vault = lake.engine.read("vault.identity_record", entry.tables["vault.identity_record"].version)
    accounts: dict[str, set[str]] = {}
    for row in lake.execute(identity.select("source_system", "source_account").distinct()):
        accounts.setdefault(row["source_system"], set()).add(row["source_account"])
    return Known(accounts, _records(lake, identity, given), stored(lake), _personal(lake, vault, given))


def stored(lake: Lake) -> list[Decision]:
    """Every decision of the lake; none in a lake without any."""
    if lake.engine.head(TABLE) is None:
        return []
    return [of_row(row) for row in lake.execute(lake.engine.read(TABLE).select(*ibis_schema(IdentityReview)))]


def _records(lake: Lake, identity: ir.Table, given: Sequence[Given]) -> set[str]:
    named = {(record.system, record.source_id) for row in given for record in (row.left, row.right)}
    wanted = _table(lake, [dict(zip(_RECORDS.names, name, strict=True)) for name in sorted(named)], _RECORDS)
    found = identity.semi_join(wanted, list(_RECORDS.names)).select(*_KEY)
    return {member(*(row[name] for name in _KEY)) for row in lake.execute(found)}


def _personal(lake: Lake, vault: ir.Table, given: Sequence[Given]) -> set[str]:
    reasons = sorted({row.reason.lower() for row in given if row.reason})
    if not reasons:
        return set()
    wanted = _table(lake, [{"value": reason} for reason in reasons], _TEXTS)
    return {row["value"] for row in lake.execute(vault_values(vault).semi_join(wanted, "value").select("value"))}


def _table(lake: Lake, rows: Sequence[Mapping[str, str]], schema: ibis.Schema) -> ir.Table:
    return lake.engine.from_arrow(pa.Table.from_pylist(list(rows), schema.to_pyarrow()), schema)

"""The state of `quarantine.<table>`: rows that broke their contract, with every reason, until they no longer do."""

from collections.abc import Callable, Mapping
from datetime import date

import ibis
import ibis.expr.types as ir

from c360.catalog import Merge
from c360.contract import Contract, Day, Integer, Text, columns_of_class, field, ibis_schema, key, row_rules
from c360.engines.base import Engine, Written
from c360.errors import ContractError
from c360.quality.conditions import any_of, is_false, stacked
from c360.quality.evaluate import REASONS
from c360.quality.json_text import json_list, json_object

LAYER = "quarantine"
WITHHELD = "(withheld)"
Rows = Callable[[ir.Table], ir.Table]


class Quarantine(Contract):
    """One row per bad row of one table: its key, every reason, where it came from and since when. No personal data.

    A row stays when it is mended: `resolved_load_date` says when. `occurrence` numbers rows of one key (1, 2, …),
    because a duplicated or incomplete key is itself a reason to be here.
    """

    row_key: Text = field("Key columns as a JSON object; values that broke their own rule are withheld.", pii="text")
    occurrence: Integer = field("1, 2, … among the bad rows of one key, in the order of their content.", ge=1)
    reasons: Text = field("JSON list of every rule the row broke, sorted; never values.", pii="text")
    source_system: Text = field("Source of the bronze version; null where there is none.", nullable=True, pii="enum")
    source_account: Text = field("Account of the bronze version; null where there is none.", nullable=True, pii="id")
    record_id: Text = field("Record of the bronze version; null where there is none.", nullable=True, pii="id")
    payload_hash: Text = field("Hash of the bronze version; null where there is none.", nullable=True, pii="id")
    date_loaded: Day = field("Load date of the bronze version; null where the table has none.", nullable=True)
    row_json: Text = field("The row's columns as a JSON object, personal and free-text columns left out.", pii="text")
    scope_key: Text = field("Value of the table's `local_to` column; null where it has none.", nullable=True, pii="id")
    first_run_id: Text = field("Run that first found the row.", pii="id")
    first_load_date: Day = field("Load date of that run.")
    last_load_date: Day = field("Newest load date whose build found the row bad.")
    resolved_load_date: Day = field("Load date whose build no longer found it; null while it is bad.", nullable=True)

    class Config:
        """The key the runner merges on."""

        unique = ["row_key", "occurrence"]


SCHEMA = ibis_schema(Quarantine)
KEY = key(Quarantine)


def table_name(table: str) -> str:
    """`quarantine.<table>` of a table or bronze entity, whose name may carry its layer."""
    return f"{LAYER}.{table.rsplit('.', 1)[-1]}"


def bad_rows(
    bad: ir.Table, contract: type[Contract], *, run_id: str, load_date: date, scope_column: str | None = None
) -> ir.Table:
    """The bad rows of one build (from `split`) in quarantine's schema.

    Args:
        bad: Rows with `_reasons`.
        contract: The contract they broke.
        run_id: This run.
        load_date: This run's load date.
        scope_column: Column of the table's `local_to`, if it has one.
    """
    personal = set(columns_of_class(contract, "personal"))
    free_text = set(columns_of_class(contract, "text"))
    shown = {name: _withheld(bad, contract, name) for name in ibis_schema(contract) if name not in personal}
    keyed = bad.select(
        row_key=json_object({name: shown[name] for name in key(contract) if name not in personal}),
        reasons=bad[REASONS],
        **_lineage(bad),
        row_json=json_object({name: value for name, value in shown.items() if name not in free_text}),
        scope_key=shown[scope_column].cast("string") if scope_column else _null(ibis.dtype("string")),
    )
    return _state(keyed, run_id, load_date)


def bad_records(problems: ir.Table, source_system: str, *, run_id: str, load_date: date) -> ir.Table:
    """Versions of one load that cannot be read (`Engine.bronze_problems`) in quarantine's schema.

    One row per stored version, so that stored = accepted + deleted + quarantined can be counted per load. What a load looks at
    again is `of_load(loaded)`.
    """
    known = problems.mutate(source_system=ibis.literal(source_system), date_loaded=ibis.literal(load_date))
    names = ("date_loaded", "payload_hash", "record_id")
    keyed = known.select(
        row_key=json_object({name: known[name] for name in names}),
        reasons=json_list(known.reasons),
        **_lineage(known),
        row_json=ibis.literal("{}"),
        scope_key=_null(ibis.dtype("string")),
    )
    return _state(keyed, run_id, load_date)


def of_load(loaded: ir.Table) -> Rows:
    """Of `bad_records` rows those a load speaks of: of its own versions, and of older ones of the records it has versions of.

    Args:
        loaded: The load's versions: `record_id`, `date_loaded`.
    """
    known = loaded.select("record_id", _loaded="date_loaded").distinct()
    return lambda state: state.semi_join(known, [state.record_id == known.record_id, state.date_loaded <= known["_loaded"]])


def next_state(
    previous: ir.Table | None,
    now: ir.Table,
    *,
    load_date: date,
    looked_at: Rows | None = None,
) -> ir.Table:
    """The whole new state of a quarantine table. Rows never disappear; what is bad no longer gets `resolved_load_date`.

    Args:
        previous: The stored state; None on the first run.
        now: Rows this build found bad (`bad_rows`, `bad_records`).
        load_date: This run's load date.
        looked_at: Of stored rows those this build looked at again; None: all.
    """
    if previous is None:
        return now
    before = previous.select(
        *KEY,
        before_run_id=previous.first_run_id,
        before_load_date=previous.first_load_date,
        before_resolved=previous.resolved_load_date,
    )
    joined = now.left_join(before, list(KEY))
    is_mended_later = (joined.before_resolved > ibis.literal(load_date)).fill_null(False)  # an older load is looked at again
    still_bad = joined.mutate(
        first_run_id=ibis.coalesce(joined.before_run_id, joined.first_run_id),
        first_load_date=ibis.coalesce(joined.before_load_date, joined.first_load_date),
        resolved_load_date=ibis.ifelse(is_mended_later, joined.before_resolved, joined.resolved_load_date),
    ).select(*SCHEMA)
    gone = previous.anti_join(now, list(KEY))
    mended = looked_at(gone) if looked_at else gone
    left = gone.anti_join(mended, list(KEY)).select(*SCHEMA)
    resolved = ibis.coalesce(mended.resolved_load_date, ibis.literal(load_date))
    return stacked(still_bad, left, mended.mutate(resolved_load_date=resolved).select(*SCHEMA))


def write(
    engine: Engine,
    name: str,
    bad: ir.Table,
    contract: type[Contract],
    *,
    run_id: str,
    load_date: date,
    scope_column: str | None = None,
) -> Written | None:
    """Brings `quarantine.<name>` up to date with the bad rows of one build (see `bad_rows` and `next_state`)."""
    found = bad_rows(bad, contract, run_id=run_id, load_date=load_date, scope_column=scope_column)
    return store(engine, name, engine.materialise(found, SCHEMA), run_id=run_id, load_date=load_date)


def write_records(
    engine: Engine, name: str, problems: ir.Table, loaded: ir.Table, source_system: str, *, run_id: str, load_date: date
) -> Written | None:
    """Brings `quarantine.<name>` of a bronze entity up to date with the unreadable versions of one load.

    A version is bad until the record has a newer one, also a tombstone; `loaded` are the load's versions (see `of_load`).
    """
    now = engine.materialise(bad_records(problems, source_system, run_id=run_id, load_date=load_date), SCHEMA)
    return store(engine, name, now, run_id=run_id, load_date=load_date, looked_at=of_load(loaded))


def store(
    engine: Engine,
    name: str,
    now: ir.Table,
    *,
    run_id: str,
    load_date: date,
    looked_at: Rows | None = None,
) -> Written | None:
    """Merges the bad rows of now into `quarantine.<name>`; nothing is committed (None) when there never were any."""
    full_name = table_name(name)
    previous = engine.read(full_name) if engine.head(full_name) else None
    if previous is None and not engine.arrow(now.limit(1)).num_rows:
        return None
    state = next_state(previous, now, load_date=load_date, looked_at=looked_at)
    return engine.write(full_name, state, SCHEMA, KEY, Merge(), {"table": full_name, "run_id": run_id})


def is_open(state: ir.Table) -> ir.BooleanValue:
    """Whether a row of a quarantine table is still bad."""
    return state.resolved_load_date.isnull()


def records_of(*quarantines: ir.Table) -> ir.Table:
    """Distinct `record_id` of the rows that are bad now in any of these quarantine tables."""
    parts = [quarantine.filter(is_open(quarantine)).select("record_id") for quarantine in quarantines]
    return stacked(*parts).filter(ibis._.record_id.notnull()).distinct()


def open_keys(quarantine: ir.Table, *columns: str) -> ir.Table:
    """Distinct values of text and date key columns (as text) of the rows that are bad now."""
    bad = quarantine.filter(is_open(quarantine))
    return bad.select(**{c: bad.row_key.re_extract(f'"{c}":"([^"]*)"', 1) for c in columns}).distinct()


def empty(like: ir.Table) -> ir.Table:
    """A quarantine table of no rows, on the engine of `like`; stands in where nothing was ever quarantined."""
    return like.limit(0).select(**{name: _null(dtype) for name, dtype in SCHEMA.items()})


def _state(keyed: ir.Table, run_id: str, load_date: date) -> ir.Table:
    # Nulls sort differently on each engine, hence the empty string.
    order = [keyed[name].fill_null("") for name in ("record_id", "payload_hash", "reasons", "row_json")]
    window = ibis.window(group_by=keyed.row_key, order_by=order)
    state = keyed.mutate(
        occurrence=ibis.row_number().over(window) + 1,
        first_run_id=ibis.literal(run_id),
        first_load_date=ibis.literal(load_date),
        last_load_date=ibis.literal(load_date),
        resolved_load_date=_null(ibis.dtype("date")),
    )
    return state.select(**{name: state[name].cast(dtype) for name, dtype in SCHEMA.items()})


def _lineage(rows: ir.Table) -> Mapping[str, ir.Value]:
    names = ("source_system", "source_account", "record_id", "payload_hash", "date_loaded")
    return {name: rows[name] if name in rows.columns else _null(SCHEMA[name]) for name in names}


def _null(dtype: ibis.DataType) -> ir.Value:
    return ibis.null(dtype.copy(nullable=True))


def _withheld(rows: ir.Table, contract: type[Contract], name: str) -> ir.Value:
    """The column; texts that broke their own rule or look like an e-mail could be anything and are withheld."""
    if name not in rows.columns:
        raise ContractError(f"The bad rows lack the column {name!r} of {contract.__name__}.")
    value = rows[name]
    if not value.type().is_string():
        return value
    rules = [rule for rule in row_rules(contract) if rule.column == name]
    suspicious = [value.contains("@"), *(is_false(rule.holds(rows)) for rule in rules)]
    is_withheld = value.notnull() & any_of(suspicious)
    return ibis.ifelse(is_withheld, WITHHELD, value)

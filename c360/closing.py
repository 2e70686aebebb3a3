"""Closing a month: the published values of its metrics are kept, so that later changes of the facts can be told from them."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa

from c360.build import fingerprint_now
from c360.errors import ReleaseError, SelectionError, listing
from c360.gold.closing.metrics import METRICS, live_values
from c360.lake import Lake, stored_name
from c360.manifest import read_manifest
from c360.readers import released
from c360.release import Entry

TABLE = "closed_month"
_TICK = timedelta(microseconds=1)
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Closed:
    """One row of `closed_month`; see its contract."""

    month_start_date: date
    metric: str
    currency: str
    closed_at: datetime
    value: Decimal | None
    missing_count: int
    release_id: str
    load_date: date


@dataclass(frozen=True)
class Compared:
    """A figure of a closed month's newest closing beside that of the newest release; null: unknown, or there is none."""

    month_start_date: date
    metric: str
    currency: str
    closed_at: datetime
    release_id: str
    closed_value: Decimal | None
    live_value: Decimal | None
    difference_value: Decimal | None


def parse_month(text: str) -> date:
    """First day of a month given as YYYY-MM.

    Raises:
        SelectionError: The text is no month.
    """
    found = _MONTH.fullmatch(text.strip())
    if found is None:
        raise SelectionError(f"{text!r} is no month.", hint="Write it as YYYY-MM, e.g. 2026-05.")
    return date(int(found[1]), int(found[2]), 1)


def over_at(month: date, zone: str) -> datetime:
    """The instant (UTC) a month is over in an IANA zone."""
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return datetime.combine(following, time(), ZoneInfo(zone)).astimezone(UTC)


def close(lake: Lake, month: date, *, again: bool = False) -> list[Closed]:
    """Keeps the values the newest release has of a month. The caller holds the lake's lease.

    Args:
        lake: The open lake.
        month: First day of the month.
        again: Close a closed month once more; the rows of the closings before stay.

    Raises:
        ReleaseError: Nothing is released, or the release was built with other code or settings than today's.
        SelectionError: The release does not contain the whole month, or the month is closed already.
    """
    entry = released(lake.engine)
    _refuse_unfinished(lake, entry, month)
    _refuse_other_code(lake, entry)
    newest = max((row.closed_at for row in closings(lake) if row.month_start_date == month), default=None)
    if newest and not again:
        raise SelectionError(
            f"{month:%Y-%m} was closed on {newest:%Y-%m-%d %H:%M} UTC.",
            hint="`c360 close --again` closes it once more and keeps the values of then as history.",
        )
    live = _live(lake, entry, [month])
    if not live:
        raise SelectionError(
            f"Release {entry.release_id} has no figures of {month:%Y-%m}.", hint="No customer had begun by then."
        )
    now = lake.settings.clock()
    closed_at = max(now, newest + _TICK) if newest else now  # a clock that stands still must not write over a closing
    rows = [Closed(closed_at=closed_at, release_id=entry.release_id, load_date=entry.load_date, **row) for row in live]
    _write(lake, rows)
    return rows


def closings(lake: Lake) -> list[Closed]:
    """All closings, in order of month, metric, currency and time."""
    if lake.engine.head(stored_name(TABLE)) is None:
        return []
    found = lake.engine.arrow(lake.engine.read(stored_name(TABLE))).to_pylist()
    rows = [Closed(**row) for row in found]
    return sorted(rows, key=lambda row: (row.month_start_date, row.metric, row.currency, row.closed_at))


def compared(lake: Lake) -> list[Compared]:
    """Every figure of the newest closing of each closed month, beside the newest release's.

    Raises:
        ReleaseError: Nothing is released.
    """
    entry, every = released(lake.engine), closings(lake)
    newest: dict[date, datetime] = {}
    for row in every:
        newest[row.month_start_date] = max(row.closed_at, newest.get(row.month_start_date, row.closed_at))
    figures = _live(lake, entry, list(newest)) if newest else []
    live = {(row["month_start_date"], row["metric"], row["currency"]): row["value"] for row in figures}
    return [
        _beside(row, live.get((row.month_start_date, row.metric, row.currency)))
        for row in every
        if row.closed_at == newest[row.month_start_date]
    ]


def _beside(row: Closed, live: Decimal | None) -> Compared:
    difference = None if row.value is None or live is None else live - row.value
    figure = (row.month_start_date, row.metric, row.currency)
    return Compared(*figure, row.closed_at, row.release_id, row.value, live, difference)


def _refuse_unfinished(lake: Lake, entry: Entry, month: date) -> None:
    """A load that began before the month was over in the reporting zone lacks its last hours, whatever its date says."""
    history_from = lake.params(entry.load_date).history_from
    if month < history_from:
        raise SelectionError(
            f"{month:%Y-%m} is not whole in the lake, whose history begins on {history_from}.",
            hint="Months from the first whole one on can be closed.",
        )
    ends_at = over_at(month, lake.settings.reporting_zone)
    loads = [row.cutoff_at for row in read_manifest(lake.engine) if row.load_date == entry.load_date and row.is_complete]
    begun_at = min(loads, default=datetime.combine(entry.load_date, time(), UTC))
    if begun_at < ends_at:
        raise SelectionError(
            f"Release {entry.release_id} does not contain all of {month:%Y-%m}: its load began at {begun_at:%Y-%m-%d %H:%M} UTC.",
            hint=f"Close it once a load that began after {ends_at:%Y-%m-%d %H:%M} UTC is released (`c360 release list`).",
        )


def _refuse_other_code(lake: Lake, entry: Entry) -> None:
    """Else values in one reporting currency could be kept as those of another."""
    params = lake.params(entry.load_date)
    nodes = [lake.catalog[table] for table in sorted({metric.table for metric in METRICS})]
    other = [
        node.full_name
        for node in nodes
        if node.full_name not in entry.tables
        or fingerprint_now(lake, node, params, entry.tables) != entry.tables[node.full_name].fingerprint
    ]
    if other:
        raise ReleaseError(
            f"Release {entry.release_id} was built with other code or settings than today's ({listing(other, 5)}).",
            hint="`c360 build` brings it up to date; then close the month.",
        )


def _live(lake: Lake, entry: Entry, months: Sequence[date]) -> list[dict[str, Any]]:
    tables = {metric.table: lake.input(metric.table, entry.load_date, entry.tables) for metric in METRICS}
    schema = ibis.schema({"month_start_date": "date"})
    wanted = lake.engine.from_arrow(pa.table({"month_start_date": pa.array(months, pa.date32())}), schema)
    values = live_values(METRICS, tables, wanted, lake.settings.reporting_currency)
    return lake.execute(values.order_by("month_start_date", "metric", "currency"))


def _write(lake: Lake, rows: Sequence[Closed]) -> None:
    head = lake.engine.head(stored_name(TABLE))
    plain = [asdict(row) for row in rows]
    content_id = hashlib.sha256(f"{head.content_id if head else ''}{plain}".encode()).hexdigest()
    lake.write_peoples_table(TABLE, pa.Table.from_pylist(plain, schema=lake.schema(TABLE).to_pyarrow()), content_id)

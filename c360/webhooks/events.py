"""`bronze.stripe_webhook_events`: what Stripe delivered, as received; and which of it was handled."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

import ibis
import ibis.expr.types as ir
import orjson
import pyarrow as pa

from c360.engines.base import Engine
from c360.errors import LeaseError

TABLE = "bronze.stripe_webhook_events"
HANDLED_TABLE = "bronze.stripe_webhook_handled"
_NO_DAY = date(1970, 1, 1)
_SCHEMA = ibis.schema(
    {
        "event_id": "string",
        "event_type": "string",
        "livemode": "boolean",
        "api_version": "string",
        "created_at": "timestamp('UTC', 6)",
        "received_at": "timestamp('UTC', 6)",
        "received_date": "date",
        "payload": "string",
    }
)
_HANDLED = ibis.schema({"event_id": "string", "load_date": "date", "handled_at": "timestamp('UTC', 6)"})


@dataclass(frozen=True)
class Delivered:
    """One event as delivered. Grain of the table: a delivery; an id may occur twice, which readers bear.

    Attributes:
        api_version: The version the payload is in, which is the endpoint's and may differ from the one we ask with.
        created_at: When it happened at Stripe (UTC).
        received_at: When it was delivered here (UTC); `received_date` is its day.
        payload: The body exactly as received.
    """

    event_id: str
    event_type: str
    livemode: bool
    api_version: str | None
    created_at: datetime
    received_at: datetime
    received_date: date
    payload: str


def read_event(body: bytes, now: datetime) -> Delivered | None:
    """The event of a body received at `now` (aware); None where it holds none (a thin event, something else)."""
    try:
        found = orjson.loads(body)
        if found["object"] != "event" or not isinstance(found["data"]["object"], Mapping):
            return None
        return Delivered(
            event_id=_text(found["id"]),
            event_type=_text(found["type"]),
            livemode=bool(found["livemode"]),
            api_version=found.get("api_version") and _text(found["api_version"]),
            created_at=datetime.fromtimestamp(found["created"], tz=UTC),
            received_at=now,
            received_date=now.astimezone(UTC).date(),
            payload=body.decode(),
        )
    except (ValueError, KeyError, TypeError, OverflowError, OSError):  # orjson's errors are ValueErrors
        return None


def ensure_table(engine: Engine) -> None:
    """Makes the table, which appends alone would make with statistics: payloads must not reach Delta's log.

    The partition it is made with holds no row ever, so a server that comes second takes nothing away.

    Raises:
        LakeError: The lake cannot be written.
    """
    if engine.head(TABLE) is not None:
        return
    none = pa.Table.from_pylist([], schema=_SCHEMA.to_pyarrow()).to_reader()
    try:
        engine.replace(TABLE, none, {"received_date": _NO_DAY}, {})
    except LeaseError:
        if engine.head(TABLE) is None:
            raise


def store(engine: Engine, events: Sequence[Delivered], *, after: int | None = None) -> int:
    """Adds events in one commit and returns its version; when it returns they are there.

    Args:
        engine: Where bronze is.
        events: What to add.
        after: The version of the commit before, if the caller made it. Finding it means listing the log, which takes longer than
            the commit once there are many.

    Raises:
        LakeError: The lake cannot be written.
        LeaseError: Others committed all the time.
    """
    rows = pa.Table.from_pylist([asdict(event) for event in events], schema=_SCHEMA.to_pyarrow())
    if after is not None:
        with suppress(LeaseError):  # another server, or small files were joined
            return engine.append(TABLE, rows, expected_version=after)
    return engine.append(TABLE, rows)


def stored_ids(engine: Engine, since: date) -> list[str]:
    """Ids of the events received since a day (UTC), oldest first."""
    if engine.head(TABLE) is None:
        return []
    events = engine.read(TABLE)
    recent = events.filter(events.received_date >= ibis.literal(since))
    return list(engine.arrow(recent.select("event_id", "received_at").order_by("received_at"))["event_id"].to_pylist())


def pending(engine: Engine, limit: int) -> list[tuple[str, dict[str, Any]]]:
    """(id, body) of events not handled yet, the oldest first, each once."""
    if engine.head(TABLE) is None:
        return []
    left = _not_handled(engine)
    rows = engine.arrow(left.order_by("received_at", "event_id").select("event_id", "payload").limit(limit))
    bodies = dict(zip(rows["event_id"].to_pylist(), rows["payload"].to_pylist(), strict=True))
    return [(event_id, orjson.loads(payload)) for event_id, payload in bodies.items()]


def note_handled(engine: Engine, event_ids: Iterable[str], load_date: date, now: datetime) -> None:
    """Remembers events as handled, in one commit; last of all, so that a crash before it repeats the work."""
    rows = [{"event_id": i, "load_date": load_date, "handled_at": now} for i in sorted(event_ids)]
    if rows:
        engine.append(HANDLED_TABLE, pa.Table.from_pylist(rows, schema=_HANDLED.to_pyarrow()))


def tidy(engine: Engine) -> None:
    """Joins the small files deliveries come in; while they come one after the other it is left for another time."""
    for table in (TABLE, HANDLED_TABLE):
        with suppress(LeaseError):
            engine.tidy(table)


@dataclass(frozen=True)
class Received:
    """What there is of deliveries: when the newest came (UTC), and how many events wait to be handled."""

    newest_at: datetime
    waiting_count: int


def received(engine: Engine) -> Received | None:
    """The state of the deliveries; None when there are none."""
    if engine.head(TABLE) is None:
        return None
    events, left = engine.read(TABLE), _not_handled(engine)
    newest = engine.arrow(events.aggregate(at=events.received_at.max()))["at"][0].as_py()
    waiting = engine.arrow(left.aggregate(count=left.event_id.nunique()))["count"][0].as_py()
    return None if newest is None else Received(newest, waiting)


def _not_handled(engine: Engine) -> ir.Table:
    events = engine.read(TABLE)
    return events if engine.head(HANDLED_TABLE) is None else events.anti_join(engine.read(HANDLED_TABLE), "event_id")


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value

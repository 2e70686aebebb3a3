"""What `c360.read` does: a released table as an Ibis table, for notebooks and programs."""

import atexit
from contextlib import ExitStack
from functools import cache

import ibis.expr.types as ir

from c360 import release
from c360.catalog import LAYERS
from c360.engines import open_engine
from c360.engines.base import Engine
from c360.errors import ReleaseError, SelectionError, listing
from c360.lake import PEOPLES_TABLES, stored_name
from c360.release import Entry
from c360.settings import Settings, current
from c360.storage import Storage

PRIVATE_LAYERS = ("vault",)


def read_released(table: str, lake: str | None = None) -> ir.Table:
    """See `c360.read`."""
    settings = Settings.load(lake=lake) if lake else current()
    engine = _session(settings.engine, settings.lake, settings.storage())
    entry = released(engine)
    written = next((name for name in map(stored_name, PEOPLES_TABLES) if table in (name, name.split(".", 1)[1])), None)
    if written is not None and engine.head(written) is not None:
        return engine.read(written)
    name = _full_name(table, entry)
    return engine.read(name, entry.tables[name].version)


def released(engine: Engine) -> Entry:
    """The release readers see.

    Raises:
        ReleaseError: Nothing has been released yet.
    """
    entry = release.current(release.entries(engine))
    if entry is None:
        raise ReleaseError(
            "Nothing has been released yet.", hint="`c360 run` makes the first release, `c360 demo` a made-up one."
        )
    return entry


def _full_name(table: str, entry: Entry) -> str:
    """`layer.name` in the release."""
    readable = sorted(name for name in entry.tables if name.split(".")[0] not in PRIVATE_LAYERS)
    found = [name for name in readable if table in (name, name.split(".", 1)[1])]
    if found:
        return found[0]
    if table.split(".")[0] in PRIVATE_LAYERS or f"vault.{table}" in entry.tables:
        hint = "`c360 why ID --reveal` shows what an identity rests on."
        raise SelectionError(f"{table!r} is in the vault, which holds personal data and is not read this way.", hint=hint)
    layers = ", ".join(layer for layer in LAYERS if layer not in PRIVATE_LAYERS)
    hint = f"Released tables ({layers}): {listing(readable, 60)}."
    raise SelectionError(f"The release has no table {table!r}.", hint=hint)


@cache
def _session(engine: str, lake: str, storage: Storage) -> Engine:
    """One open session per lake and process: lazy tables need it for as long as they live."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(open_engine(engine, lake, storage))

"""What `c360 doctor` looks at, from the ground up: versions, settings, secret, lake, engine, sources."""

import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from tempfile import TemporaryDirectory
from typing import Literal

import ibis
import pyarrow as pa
from packaging.requirements import Requirement

from c360.demo.home import refuse_real_accounts
from c360.engines import IN_WAREHOUSE, open_engine
from c360.errors import C360Error
from c360.lake import nodes_of
from c360.lake_files import probe
from c360.manifest import read_manifest
from c360.release import current, entries
from c360.settings import Settings
from c360.storage import is_named

SUPPORTED = ((3, 11), (3, 14))
PROBE_TABLE = "_doctor"


@dataclass(frozen=True)
class Finding:
    """One line of the examination; `remedy` says how to mend a failure."""

    subject: str
    status: Literal["ok", "fail"]
    message: str
    remedy: str = ""


def examine(load_settings: Callable[[], Settings]) -> list[Finding]:
    """Everything that can be checked, in order; what depends on a failed line is left out."""
    findings = [_python(), _libraries()]
    settings, finding = _settings(load_settings)
    findings.append(finding)
    if settings is None:
        return findings
    findings += [_secret(settings), _tables(settings)]
    findings += list(_lake(settings))
    findings += list(_sources(settings))
    return findings


def _python() -> Finding:
    found = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    if SUPPORTED[0] <= sys.version_info[:2] < SUPPORTED[1]:
        return Finding("python", "ok", found)
    return Finding("python", "fail", found, "c360 needs Python 3.11, 3.12 or 3.13.")


def _libraries() -> Finding:
    """Installed versions against the bounds c360 declares."""
    wanted = [Requirement(text) for text in requires("c360") or []]
    wrong = [_misfit(one) for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})]
    misfits = [text for text in wrong if text]
    if misfits:
        return Finding("libraries", "fail", "; ".join(misfits), "Install the locked set: `make demo` or `make test` does.")
    shown = ", ".join(f"{name} {version(name)}" for name in ("ibis-framework", "duckdb", "deltalake", "pyarrow", "prefect"))
    return Finding("libraries", "ok", shown)


def _misfit(wanted: Requirement) -> str:
    try:
        found = version(wanted.name)
    except PackageNotFoundError:
        return f"{wanted.name} is missing"
    return "" if wanted.specifier.contains(found, prereleases=True) else f"{wanted.name} {found} is not {wanted.specifier}"


def _settings(load: Callable[[], Settings]) -> tuple[Settings | None, Finding]:
    try:
        settings = load()
    except C360Error as error:
        return None, Finding("settings", "fail", error.message, error.hint)
    return settings, Finding(
        "settings", "ok", f"lake {settings.lake}, engine {settings.engine}, clock {settings.clock():%Y-%m-%d %H:%M} UTC"
    )


def _secret(settings: Settings) -> Finding:
    return _tried("token secret", lambda: f"{len(settings.token_key())} bytes, key id {settings.token_key_id}")


def _tables(settings: Settings) -> Finding:
    def count() -> str:
        catalog, registry = nodes_of(settings)
        return f"{len(catalog.nodes)} tables, {len(registry.entities)} entities of {len(registry.modules)} sources"

    return _tried("catalog", count)


def _lake(settings: Settings) -> Iterator[Finding]:
    """A file in the lake, tables of the engine in a place of their own, and what the lake holds."""

    def writable() -> str:
        probe(settings.files_root(), settings.storage())
        return f"{settings.files_root()} can be written"

    def tables() -> str:
        if settings.engine in IN_WAREHOUSE:
            return _in_warehouse(settings)
        with TemporaryDirectory() as folder, open_engine(settings.engine, _trial_lake(settings, folder)) as engine:
            engine.append(PROBE_TABLE, pa.table({"number": [1]}))
            rows = engine.read(PROBE_TABLE)
            engine.arrow(rows.aggregate(count=rows.count()))
        return f"{settings.engine} writes and reads Delta tables"

    def content() -> str:
        refuse_real_accounts(settings)
        with open_engine(settings.engine, settings.lake, settings.storage()) as engine:
            loads = {row.load_date for row in read_manifest(engine)}
            newest = current(entries(engine))
            for name, state in newest.tables.items() if newest else ():
                engine.arrow(engine.read(name, state.version).count().as_table())  # reads the end of every data file
        return f"{len(loads)} loads, newest release {newest.release_id if newest else 'none yet'}"

    yield _tried("lake", writable)
    yield _tried("engine", tables)
    yield _tried("content", content)


def _trial_lake(settings: Settings, folder: str) -> str:
    """Where a table is tried: a folder, or the lake of names itself, whose rights are what may be wrong."""
    return settings.lake if is_named(settings.lake) else folder


def _in_warehouse(settings: Settings) -> str:
    """A load job and a query on a table of the session, which is dropped at its end."""
    with open_engine(settings.engine, settings.lake, settings.storage()) as engine:
        rows = engine.from_arrow(pa.table({"number": [1]}), ibis.schema({"number": "int64"}))
        engine.arrow(rows.aggregate(count=rows.count()))
    return f"{settings.engine} loads and reads tables"


def _sources(settings: Settings) -> Iterator[Finding]:
    _, registry = nodes_of(settings)
    for name in sorted(registry.modules):

        def check(name: str = name) -> str:
            found = [source.check() for source in registry.open(name, settings)]
            return "; ".join(", ".join(f"{key.replace('_', ' ')} {value}" for key, value in one.items()) for one in found)

        yield _tried(name, check)


def _tried(subject: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(subject, "ok", check())
    except C360Error as error:
        return Finding(subject, "fail", error.message, error.hint)

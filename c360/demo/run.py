"""What `c360 demo` does: a made-up company, two daily loads through the official clients, and the proof that gold is right."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from time import monotonic
from typing import Any

from c360 import release, run
from c360.batch import as_batch_process
from c360.demo import compare
from c360.demo.company import DEFAULT_LOAD_DATES, Company, generate
from c360.demo.home import MARK, DemoSettings, home, marker, own_settings, rates_file, secret_file
from c360.demo.identity import Dirt
from c360.demo.server import DemoServer, serve
from c360.engines import IN_WAREHOUSE
from c360.env_file import ensure_secret
from c360.errors import LakeError, QualityError, SettingsError
from c360.lake import Lake, open_lake
from c360.lake_files import write_text
from c360.manifest import TABLE as MANIFEST
from c360.manifest import read_manifest
from c360.progress import Event, silent
from c360.report.facts import gather
from c360.report.report import write_report
from c360.settings import using
from c360.storage import is_url

EXPORT_TIME = time(22, 0)
"""UTC time of day at which a load starts (the specification's schedule)."""
IDENTITY = "silver.customer_identity"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """What the user asked for. A lake holds one made-up company and refuses another."""

    lake: str = "./lake"
    accounts: int = 2000
    seed: int = 360
    dirt: Dirt = "default"
    engine: str = "duckdb"
    opened_with: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Settings `s3_…` of a lake at a URL, `bigquery_…` of one in a warehouse."""

    @property
    def company(self) -> dict[str, Any]:
        """What makes the company."""
        return {"accounts": self.accounts, "seed": self.seed, "dirt": self.dirt}


@dataclass
class Result:
    """What the demo shows at its end; plain data, kept beside the lake for the next run of the command."""

    layers: list[dict[str, Any]] = field(default_factory=list)
    ties: list[dict[str, Any]] = field(default_factory=list)
    match: dict[str, Any] = field(default_factory=dict)
    identity: dict[str, Any] = field(default_factory=dict)
    mrr: list[dict[str, Any]] = field(default_factory=list)
    report: str = ""
    seconds: float = 0.0
    is_noop: bool = False

    @property
    def holds(self) -> bool:
        """Whether gold equals the ledger in every figure."""
        return bool(self.ties) and all(not tie["differences"] for tie in self.ties)


@contextmanager
def no_watch(_: date) -> Iterator[Callable[[Event], None]]:
    """Shows nothing."""
    yield silent


def run_demo(wanted: Wanted, *, say: Say, watch: Callable[[date], Any] = no_watch) -> Result:
    """Runs the demo, or finds that everything is done already.

    Args:
        wanted: Lake and company.
        say: Takes a line for the user.
        watch: Load date -> context manager that gives a listener for the events of that day.

    Raises:
        SettingsError: The lake holds something else.
        C360Error: Whatever stopped a load or build.
    """
    started = monotonic()
    _claim(wanted)
    settings = _settings(wanted)
    open_days = _open_days(settings)
    stored = {} if open_days else _stored(wanted)
    if stored:
        return Result(**{**stored, "is_noop": True, "seconds": monotonic() - started})
    _result_file(wanted).unlink(missing_ok=True)  # of what was released before: nothing vouches for the lake until the end
    company = _release(settings, wanted, open_days, say, watch) if open_days else _made_up(wanted, say)
    result = _proof(settings, company)
    result.seconds = monotonic() - started
    _store(wanted, result)
    return result


def _release(
    settings: DemoSettings, wanted: Wanted, open_days: Sequence[date], say: Say, watch: Callable[[date], Any]
) -> Company:
    """Loads the open days from the company's servers and releases them."""
    from flows import local  # Prefect starts only when there is something to do

    say("Starting Prefect (its first start ever takes about 20 s) …")
    with local.local_prefect() as await_prefect:
        company = _made_up(wanted, say)
        company.write_fx_rates(rates_file(wanted.lake))
        as_batch_process()  # again: now with the company among what lives until the end
        say("Starting its Stripe and Salesforce on this machine …")
        with serve(company, now=_clock(open_days[0])) as server:
            await_prefect()
            try:
                _load_days(settings, server, open_days, watch)
            except QualityError:
                say(_accuracy(settings, company))
                raise
    return company


def _made_up(wanted: Wanted, say: Say) -> Company:
    say(f"Making up a company with {wanted.accounts:,} accounts (seed {wanted.seed}, {wanted.dirt} dirt) …")
    return generate(accounts=wanted.accounts, seed=wanted.seed, dirt=wanted.dirt, load_dates=DEFAULT_LOAD_DATES)


def _settings(wanted: Wanted) -> DemoSettings:
    """Everything the demo needs; a secret is made with the lake and stays in it."""
    own = own_settings(wanted.lake)
    if "token_secret" not in own:
        own["token_secret"] = ensure_secret(secret_file(wanted.lake))
    return DemoSettings.load(
        lake=wanted.lake, engine=wanted.engine, now=_clock(DEFAULT_LOAD_DATES[-1]), **wanted.opened_with, **own
    )


def _of_server(settings: DemoSettings, server: DemoServer, load_date: date) -> DemoSettings:
    credentials = server.salesforce_credentials
    kept = {name: getattr(settings, name) for name in settings.model_fields_set - {"now"}}
    return DemoSettings.load(
        **kept,
        now=_clock(load_date),
        stripe_url=server.stripe_url,
        stripe_api_key=server.stripe_api_key,
        stripe_livemode=False,
        stripe_requests_per_second=10_000.0,
        salesforce_url=server.salesforce_url,
        salesforce_requests_per_second=10_000.0,
        salesforce_client_id=credentials.client_id,
        salesforce_client_secret=credentials.client_secret,
        salesforce_username=credentials.username,
        salesforce_password=credentials.password,
    )


def _clock(load_date: date) -> datetime:
    return datetime.combine(load_date, EXPORT_TIME, UTC)


def _claim(wanted: Wanted) -> None:
    """Marks the lake as this company's; a lake of another company, or of real accounts, is left alone."""
    mark = marker(wanted.lake)
    if mark.exists():
        other = json.loads(mark.read_text())
        if other != wanted.company:
            names = ", ".join(f"{name} {value}" for name, value in other.items())
            raise SettingsError(
                f"{wanted.lake} holds another demo company ({names}).", hint="Give --lake another path, or delete this one."
            )
        return
    if _holds_another_lake(wanted):
        raise SettingsError(f"{wanted.lake} holds a lake that is not the demo's.", hint="Give --lake another path.")
    try:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(json.dumps(wanted.company))
    except OSError as error:
        raise LakeError(
            f"{wanted.lake} cannot be written.", hint="Check its permissions, or give --lake another path."
        ) from error


def _holds_another_lake(wanted: Wanted) -> bool:
    """Whether there is a lake, and not this demo's (whose secret and rates are here); marks a bucket as the demo's."""
    if not is_url(wanted.lake) and (Path(wanted.lake) / "bronze").exists():
        return True
    if not is_url(wanted.lake) and wanted.engine not in IN_WAREHOUSE:
        return False
    settings = DemoSettings.load(lake=wanted.lake, engine=wanted.engine, **wanted.opened_with)
    with open_lake(settings) as lake:
        if lake.engine.head(MANIFEST) is not None:
            return True
    write_text(settings.files_root(), settings.storage(), MARK, json.dumps(wanted.company))
    return False


def _open_days(settings: DemoSettings) -> list[date]:
    """The load dates that still have something to do; a day behind the newest release is history."""
    with open_lake(settings) as lake:
        newest = release.current(release.entries(lake.engine))
        ahead = [day for day in DEFAULT_LOAD_DATES if newest is None or day >= newest.load_date]
        return [day for day in ahead if not run.is_up_to_date(lake, day)]


def _load_days(settings: DemoSettings, server: DemoServer, days: Sequence[date], watch: Callable[[date], Any]) -> None:
    from flows import local
    from flows.daily import daily

    for day in days:
        server.set_now(_clock(day))
        with using(_of_server(settings, server, day)), watch(day) as listener:
            local.tell(listener)
            daily(load_date=day)


def _proof(settings: DemoSettings, company: Company) -> Result:
    """Everything from the lake and the company, so that it can be made again after a crash."""
    with open_lake(settings) as lake:
        ledger = company.ledger(DEFAULT_LOAD_DATES[-1])
        ties = compare.ties(lake, ledger)
        return Result(
            layers=[row for day in DEFAULT_LOAD_DATES for row in layer_rows(day, recorded(lake, day))],
            ties=[asdict(tie) for tie in ties],
            match=asdict(compare.match(lake, compare.at_release(lake, IDENTITY), company.truth)),
            identity=_match_rate(lake),
            mrr=[asdict(gap) for gap in compare.mrr_gap(ledger)],
            report=write_report(lake),
        )


def _accuracy(settings: DemoSettings, company: Company) -> str:
    """What was matched, right or wrong, in a build that was not released."""
    with open_lake(settings) as lake:
        if lake.engine.head(IDENTITY) is None:
            return "Nothing was matched yet."
        found = compare.match(lake, lake.engine.read(IDENTITY), company.truth)
    return (
        f"Matched, but not released: precision {found.precision:.2%} of {found.found_pairs:,} pairs, "
        f"recall {found.recall:.2%} of {found.true_pairs:,} true pairs."
    )


def recorded(lake: Lake, day: date) -> dict[str, Any]:
    """What manifest and release log keep of a day: its loads, the builds of its newest candidate and release, the checks."""
    newest = {entry.stage: entry for entry in release.entries(lake.engine) if entry.load_date == day and entry.builds}
    return {
        "manifest": [asdict(row) for row in read_manifest(lake.engine) if row.load_date == day],
        "builds": [build for entry in newest.values() for build in entry.builds],
        "checks": newest["gold"].checks if "gold" in newest else [],
    }


def layer_rows(day: date, outcome: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row per layer of a day: tables, rows in and out, quarantined rows, checks, seconds."""
    manifest, builds, checks = outcome["manifest"], outcome["builds"], outcome["checks"]
    bronze = {
        "date": str(day),
        "layer": "bronze",
        "tables": len(manifest),
        "rows_in": sum(row["received_count"] for row in manifest),
        "rows_out": sum(row["stored_count"] for row in manifest),
        "quarantined": 0,
        **_check_counts(checks, "ingest", "bronze"),
        "seconds": sum(row["seconds"] for row in manifest),
    }
    return [bronze, *(_layer_row(day, layer, builds, checks) for layer in ("vault", "silver", "gold"))]


def _layer_row(day: date, layer: str, builds: Sequence[Mapping[str, Any]], checks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    own = [build for build in builds if build["table"].startswith(f"{layer}.")]
    return {
        "date": str(day),
        "layer": layer,
        "tables": len(own),
        "rows_in": sum(build["rows_in"] for build in own),
        "rows_out": sum(build["state"]["rows"] for build in own),
        "quarantined": sum(build["state"]["quarantined"] for build in own),
        **_check_counts(checks, layer, layer),
        "seconds": sum(build["seconds"] for build in own),
    }


def _check_counts(checks: Sequence[Mapping[str, Any]], stage: str, layer: str) -> dict[str, int]:
    """Checks of a layer's tables; those of no table count for the stage that ran them."""
    own = [c for c in checks if c["table_name"].startswith(f"{layer}.") or ("." not in c["table_name"] and c["stage"] == stage)]
    return {
        "checks_passed": sum(1 for check in own if check["result"] == "passed"),
        "checks_failed": sum(1 for check in own if check["result"] == "failed"),
    }


def _match_rate(lake: Lake) -> dict[str, Any]:
    """The same figures as the report's."""
    wanted = ("match_rate", "numerator", "denominator", "estimated_precision")
    return next(({name: row[name] for name in wanted} for row in gather(lake).matches), {})


def _stored(wanted: Wanted) -> dict[str, Any]:
    path = _result_file(wanted)
    stored: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return stored


def _store(wanted: Wanted, result: Result) -> None:
    """All of it or nothing, for half a file would be read by the next run."""
    path = _result_file(wanted)
    half = path.with_suffix(".half")
    half.write_text(json.dumps(asdict(result), default=str))
    half.replace(path)


def _result_file(wanted: Wanted) -> Path:
    return home(wanted.lake) / "result.json"

"""How old what the lake holds is: per source and entity, held against the hours of settings."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from c360.errors import SettingsError, listing
from c360.manifest import ManifestRow
from c360.settings import Settings, variable
from c360.sources.base import Entity

WARN_HOURS, ERROR_HOURS = 26.0, 50.0
"""Of a source without hours of its own: a daily load that is two hours late, and one that was missed."""
Status = Literal["ok", "warn", "error", "never"]
_HOUR_SECONDS = 3600
_OTHERS = ""


@dataclass(frozen=True)
class Age:
    """Grain: one entity of one source account.

    Attributes:
        as_of: Cut-off of the newest complete load (UTC): the lake knows the source as it was then; None without one.
        age_hours: Hours since.
        warn_hours: Age that warns when it is exceeded; `error_hours` fails.
        status: `never` was never loaded to its end.
    """

    source_system: str
    source_account: str | None
    entity: str
    as_of: datetime | None
    age_hours: float | None
    warn_hours: float
    error_hours: float
    status: Status


def ages(rows: Iterable[ManifestRow], entities: Collection[Entity], settings: Settings, now: datetime) -> list[Age]:
    """The age of every entity at `now` (UTC), by account and name; of one that was never loaded without an account.

    Raises:
        SettingsError: Hours are set for a source that does not exist.
    """
    _refuse_unknown(entities, settings)
    newest: dict[tuple[str, str], ManifestRow] = {}
    for row in sorted((row for row in rows if row.is_complete), key=lambda row: row.load_date):
        newest[row.source_account, row.entity] = row
    loaded = [_age(row.source_system, row.source_account, row.entity, row.cutoff_at, settings, now) for row in newest.values()]
    missing = [e for e in entities if e.name not in {row.entity for row in newest.values()}]
    never = [_age(entity.source_system, None, entity.name, None, settings, now) for entity in missing]
    return sorted([*loaded, *never], key=lambda age: (age.source_system, age.source_account or "", age.entity))


def is_too_old(found: Sequence[Age]) -> bool:
    """Whether an entity is older than the hours that fail."""
    return any(age.status == "error" for age in found)


def hours_between(earlier: datetime, now: datetime) -> float:
    """Hours from one instant to another, to a hundredth; never negative."""
    return round(max((now - earlier).total_seconds(), 0.0) / _HOUR_SECONDS, 2)


def _age(system: str, account: str | None, entity: str, as_of: datetime | None, settings: Settings, now: datetime) -> Age:
    warn = _limit(settings.freshness_warn_hours, system, WARN_HOURS)
    error = _limit(settings.freshness_error_hours, system, ERROR_HOURS)
    hours = None if as_of is None else hours_between(as_of, now)
    return Age(system, account, entity, as_of, hours, warn, error, _status(hours, warn, error))


def _status(hours: float | None, warn: float, error: float) -> Status:
    if hours is None:
        return "never"
    if hours > error:
        return "error"
    return "warn" if hours > warn else "ok"


def _limit(given: Mapping[str, float], system: str, default: float) -> float:
    return given.get(system, given.get(_OTHERS, default))


def _refuse_unknown(entities: Collection[Entity], settings: Settings) -> None:
    systems = {entity.source_system for entity in entities}
    for name in ("freshness_warn_hours", "freshness_error_hours"):
        unknown = getattr(settings, name).keys() - systems - {_OTHERS}
        if unknown:
            raise SettingsError(
                f"{variable(name)} names {listing(unknown)}, which is no source.", hint=f"Sources: {listing(systems)}."
            )

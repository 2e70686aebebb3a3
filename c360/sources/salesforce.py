"""Salesforce by simple-salesforce: explicit fields, deleted records included, counted against the source's own total."""

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from threading import Lock
from typing import Any

import orjson

from c360.errors import SourceError
from c360.settings import Settings, variable
from c360.sources import salesforce_bulk as bulk
from c360.sources import salesforce_lists as lists
from c360.sources.base import Entity, Evidence, Record, Window
from c360.sources.http import one_ahead
from c360.sources.salesforce_client import Json, SalesforceClient
from c360.sources.salesforce_entities import entities
from c360.sources.salesforce_fields import Selection, check_named, select
from c360.sources.salesforce_soql import DELETED, ID, STAMP, both, instant

ENTITIES: list[Entity] = entities()


def configured(settings: Settings) -> list[Entity]:
    """The entities with the organisation's own names of custom fields."""
    return entities(settings.salesforce_account_email_field, settings.salesforce_account_billable_field)


OVERLAP = timedelta(minutes=20)
"""Lists of changes begin this long before the last load: records are stamped when saved, and seen when that is committed."""
LISTED_WHOLE = frozenset({"Organization"})
"""Objects of so few records that asking for their changes saves nothing."""
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_FEW_REQUESTS = 10  # of a short list beside its pages: described, counted, records fetched by id


def open_source(settings: Settings) -> "SalesforceSource":
    """The Salesforce organisation the settings name; logs in on first use."""
    return SalesforceSource(settings)


def id18(record_id: str) -> str:
    """A Salesforce id of 15 (case-sensitive) or 18 characters as 18; anything else as it is."""
    if len(record_id) != 15 or not ID.fullmatch(record_id):
        return record_id
    thirds = (record_id[i : i + 5] for i in (0, 5, 10))
    return record_id + "".join(_CHECKSUM[sum(c.isupper() << n for n, c in enumerate(third))] for third in thirds)


class SalesforceSource:
    """One Salesforce organisation. Implements `c360.sources.base.Source`."""

    system = "salesforce"

    def __init__(self, settings: Settings, client: SalesforceClient | None = None) -> None:
        self._settings = settings
        self._client = client or SalesforceClient(settings)
        self.api_version = settings.salesforce_api_version
        self.lists_at_once = settings.salesforce_lists_at_once
        self._selections: dict[str, Selection] = {}
        self._promised = 0  # requests of lists under way
        self._lock = Lock()

    @cached_property
    def account(self) -> str:
        """The organisation's id, 18 characters."""
        named = self._client.organisation()
        return id18(named or self._client.query("SELECT Id FROM Organization", "Organization")["records"][0]["Id"])

    def entities(self) -> list[Entity]:
        """See `Source.entities`."""
        return configured(self._settings)

    def extract(self, entity: Entity, window: Window, evidence: Evidence) -> Iterator[list[Record]]:
        """See `Source.extract`. Lists what changed where the window allows it and the object tells.

        An interrupted list begins anew (`Window.after` is not used): a job's results have no order in which to go on.

        Raises:
            SourceError: Also when the records received are not as many as Salesforce's own total, or when the day's allowance of
                requests would not suffice.
        """
        client = self._client.counting()
        limits = self._checked_limits(client)
        selection = self._select(entity, client)
        since = None if window.is_full or entity.api_object in LISTED_WHOLE or not selection.has_stamp else window.since
        evidence.is_full_listing = since is None
        condition = _condition(entity, selection, window, since)
        counted = lists.count(client, entity.api_object, condition)
        received = 0
        with closing(self._pages(client, selection, condition, counted, limits, evidence)) as pages:
            for page in one_ahead(pages):
                received += len(page)
                yield [_record(entity, body) for body in page]
        evidence.request_count += client.request_count
        self._prove(client, entity, condition, counted, received, evidence)

    def fetch(self, entity: Entity, record_ids: list[str]) -> list[Record]:
        """See `Source.fetch`."""
        wanted = sorted({id18(i) for i in record_ids if ID.fullmatch(i)})
        return [_record(entity, body) for body in lists.by_id(self._client, self._select(entity, self._client), wanted)]

    def check(self) -> dict[str, Any]:
        """See `Source.check`: logs in, and describes every object, which proves the user's rights."""
        left = _left(self._checked_limits(self._client))
        readable = [entity.name for entity in self.entities() if self._select(entity, self._client)]
        return {"account": self.account, "api_version": self.api_version, "readable": readable, "requests_left": left}

    def _pages(
        self, client: SalesforceClient, selection: Selection, condition: str, counted: int, limits: Json, evidence: Evidence
    ) -> Generator[list[Json]]:
        settings = self._settings
        is_bulk = counted > settings.salesforce_bulk_above and _left(limits, "DailyBulkV2QueryJobs") > 0
        if is_bulk:
            needed = bulk.estimated_requests(counted, settings.salesforce_bulk_page_size)
        else:
            needed = _FEW_REQUESTS + len(selection.parts) * -(-counted // settings.salesforce_page_size)
        with self._allowed(selection.api_object, needed, _left(limits)):
            if is_bulk:
                page_size = settings.salesforce_bulk_page_size
                yield from bulk.pages(client, selection, condition, evidence, page_size=page_size)
            else:
                yield from lists.pages(client, selection, condition, evidence)

    def _prove(
        self, client: SalesforceClient, entity: Entity, condition: str, counted: int, received: int, evidence: Evidence
    ) -> None:
        """Fewer records than were counted first are right only if so many changed since: Salesforce then counts fewer now."""
        total = evidence.expected_count or 0
        if received == total < counted:
            total = max(total, lists.count(client, entity.api_object, condition))
        if received != total:
            raise SourceError(
                f"Salesforce counts {total} {entity.api_object} records, but gave {received}.",
                hint="Run again.",
            )

    def _checked_limits(self, client: SalesforceClient) -> Json:
        limits = client.limits()
        if _left(limits) < self._settings.salesforce_minimum_requests_left:
            raise SourceError(
                f"Salesforce allows only {_left(limits)} more requests today.",
                hint=f"Run tomorrow, or lower {variable('salesforce_minimum_requests_left')}.",
            )
        return limits

    @contextmanager
    def _allowed(self, subject: str, needed: int, left: int) -> Iterator[None]:
        """Takes requests of today's allowance for the body, unless other lists under way and the reserve leave too few."""
        reserve = self._settings.salesforce_minimum_requests_left
        with self._lock:
            if left - self._promised - needed < reserve:
                others = f" (other lists under way need about {self._promised})" if self._promised else ""
                raise SourceError(
                    f"Reading {subject} takes about {needed} requests, but Salesforce allows only {left} more today{others}, "
                    f"of which {reserve} are to be left.",
                    hint=f"Run tomorrow, raise {variable('salesforce_bulk_page_size')}, or lower "
                    f"{variable('salesforce_minimum_requests_left')}.",
                )
            self._promised += needed
        try:
            yield
        finally:
            with self._lock:
                self._promised -= needed

    def _select(self, entity: Entity, client: SalesforceClient) -> Selection:
        if entity.name not in self._selections:
            check_named(self._settings, self.entities())
            self._selections[entity.name] = select(entity, client.describe(entity.api_object), self._settings)
        return self._selections[entity.name]


def _condition(entity: Entity, selection: Selection, window: Window, since: datetime | None) -> str:
    if not selection.has_stamp:
        return ""
    upper = f"{STAMP} <= {instant(window.cutoff)}"
    floors = [since - OVERLAP] if since else []
    if entity.is_historical:
        floors.append(window.history_from)
    return both(upper, f"{STAMP} >= {instant(max(floors))}" if floors else "")


def _left(limits: Json, allowance: str = "DailyApiRequests") -> int:
    return int(limits.get(allowance, {}).get("Remaining", 0))


def _record(entity: Entity, body: Json) -> Record:
    stamp = body.get(entity.updated_at) if entity.updated_at else None
    return Record(
        record_id=id18(body["Id"]),
        payload=orjson.dumps(body).decode(),
        updated_at=datetime.fromisoformat(stamp).astimezone(UTC) if stamp else None,
        is_deleted=body.get(DELETED) is True,
        body=body,
    )

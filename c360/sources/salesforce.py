"""Salesforce by simple-salesforce: explicit fields, deleted records included, counted against the source's own total."""

import logging
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import orjson
import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceError,
    SalesforceExpiredSession,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from c360.errors import SourceError, listing
from c360.settings import Settings, variable
from c360.sources.base import Entity, Evidence, Record, Window
from c360.sources.http import Throttle, one_ahead
from c360.sources.salesforce_entities import EMAIL_COLUMN, REQUIRED_FIELDS, entities
from c360.sources.salesforce_login import connect

ENTITIES: list[Entity] = entities()


def configured(settings: Settings) -> list[Entity]:
    """The entities with the organisation's own names of custom fields."""
    return entities(settings.salesforce_account_email_field, settings.salesforce_account_billable_field)


_log = logging.getLogger(__name__)
_COMPOUND_TYPES = frozenset({"address", "location", "base64"})  # their parts are fields of their own; files are no records
_SELECT_LIMIT = 12_000  # characters: the query travels in the address, of which servers take 16 kB
_IDS_PER_QUERY = 100
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_INVALID_FIELD = "INVALID_FIELD"
_NO_ALLOWANCE = "REQUEST_LIMIT_EXCEEDED"

Json = dict[str, Any]


def open_source(settings: Settings) -> "SalesforceSource":
    """The Salesforce organisation the settings name; logs in on first use."""
    return SalesforceSource(settings)


def id18(record_id: str) -> str:
    """A Salesforce id of 15 (case-sensitive) or 18 characters as 18; anything else as it is."""
    if len(record_id) != 15 or not _ID.fullmatch(record_id):
        return record_id
    thirds = (record_id[i : i + 5] for i in (0, 5, 10))
    return record_id + "".join(_CHECKSUM[sum(c.isupper() << n for n, c in enumerate(third))] for third in thirds)


class SalesforceSource:
    """One Salesforce organisation. Implements `c360.sources.base.Source`."""

    system = "salesforce"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.api_version = settings.salesforce_api_version
        self._throttle = Throttle(settings.salesforce_requests_per_second)
        self._fields: dict[str, list[str]] = {}

    @cached_property
    def account(self) -> str:
        """The organisation's id, 18 characters."""
        organisation = self._login[1]
        if not organisation:
            organisation = self._query("SELECT Id FROM Organization", "Organization")["records"][0]["Id"]
        return id18(organisation)

    def entities(self) -> list[Entity]:
        """See `Source.entities`."""
        return configured(self._settings)

    def extract(self, entity: Entity, window: Window, evidence: Evidence) -> Iterator[list[Record]]:
        """See `Source.extract`.

        Raises:
            SourceError: Also when the records received are not as many as the query's own total.
        """
        self._check_allowance()
        fields = self._select(entity)
        condition = f"SystemModstamp <= {_literal(window.cutoff)}"
        if entity.is_historical:
            condition += f" AND {entity.window_field} >= {_literal(window.history_from)}"
        received = 0
        for page in one_ahead(self._pages(_soql(entity, fields, condition), entity, evidence)):
            received += len(page)
            yield [_record(entity, body) for body in page]
        if received != evidence.expected_count:
            raise SourceError(
                f"Salesforce counts {evidence.expected_count} {entity.api_object} records, but gave {received}.",
                hint="Run again.",
            )

    def fetch(self, entity: Entity, record_ids: list[str]) -> list[Record]:
        """See `Source.fetch`."""
        fields = self._select(entity)
        wanted = sorted({id18(i) for i in record_ids if _ID.fullmatch(i)})
        found: list[Record] = []
        for start in range(0, len(wanted), _IDS_PER_QUERY):
            ids = ",".join(f"'{i}'" for i in wanted[start : start + _IDS_PER_QUERY])
            for page in self._pages(_soql(entity, fields, f"Id IN ({ids})"), entity, Evidence()):
                found.extend(_record(entity, body) for body in page)
        return found

    def check(self) -> dict[str, Any]:
        """See `Source.check`: logs in, and describes every object, which proves the user's rights."""
        left = self._check_allowance()
        readable = [entity.name for entity in self.entities() if self._select(entity)]
        return {"account": self.account, "api_version": self.api_version, "readable": readable, "requests_left": left}

    @cached_property
    def _login(self) -> tuple[Salesforce, str]:
        return connect(self._settings)

    def _check_allowance(self) -> int:
        limits = self._call(lambda client: client.limits(), "limits")
        left = int(limits.get("DailyApiRequests", {}).get("Remaining", 0))
        if left < self._settings.salesforce_minimum_requests_left:
            raise SourceError(
                f"Salesforce allows only {left} more requests today.",
                hint=f"Run tomorrow, or lower {variable('salesforce_minimum_requests_left')}.",
            )
        return left

    def _select(self, entity: Entity) -> list[str]:
        if entity.name not in self._fields:
            described = self._call(lambda client: getattr(client, entity.api_object).describe(), entity.api_object)
            offered = {f["name"] for f in described["fields"] if f["type"] not in _COMPOUND_TYPES}
            self._fields[entity.name] = _chosen(entity, offered)
        return self._fields[entity.name]

    def _pages(self, soql: str, entity: Entity, evidence: Evidence) -> Iterator[list[Json]]:
        page = self._query(soql, entity.api_object)
        evidence.expected_count = int(page["totalSize"])
        while True:
            evidence.request_count += 1
            evidence.page_count += 1
            rows = page["records"]
            if rows:
                evidence.first_cursor = evidence.first_cursor or rows[0]["Id"]
                evidence.last_cursor = rows[-1]["Id"]
                yield rows
            if page["done"]:
                return
            page = self._more(page["nextRecordsUrl"], entity.api_object)

    def _query(self, soql: str, subject: str) -> Json:
        headers = {"Sforce-Query-Options": f"batchSize={self._settings.salesforce_page_size}"}
        return self._call(lambda client: client.query(soql, include_deleted=True, headers=headers), subject)

    def _more(self, url: str, subject: str) -> Json:
        return self._call(lambda client: client.query_more(url, identifier_is_url=True, include_deleted=True), subject)

    def _call(self, request: Callable[[Salesforce], Any], subject: str) -> Json:
        self._throttle.wait()
        try:
            answer: Json = request(self._login[0])
        except SalesforceError as error:
            raise _source_error(error, subject) from error
        except requests.RequestException as error:
            hint = f"Check the network and {variable('salesforce_url')}."
            raise SourceError(f"Salesforce stopped answering while {subject} was read.", hint=hint) from error
        return answer


def _chosen(entity: Entity, offered: set[str]) -> list[str]:
    """Fields to ask for: those the schema names first, then all others while the query stays short enough.

    Raises:
        SourceError: A field that tables need is not offered.
    """
    missing = REQUIRED_FIELDS[entity.api_object] - offered
    if missing:
        raise SourceError(
            f"Salesforce's {entity.api_object} no longer shows {listing(missing)}.",
            hint="Give the user read access to the field (field-level security), or restore it.",
        )
    declared = {entity.aliases.get(column, column) for column in entity.schema}
    email = entity.aliases.get(EMAIL_COLUMN, EMAIL_COLUMN)
    if email in declared - offered:
        _log.info("Account has no field %s; billing e-mails come from contacts only.", email)
    chosen = sorted(declared & offered)
    size = sum(len(name) + 1 for name in chosen)
    for name in sorted(offered - declared):
        size += len(name) + 1
        if size > _SELECT_LIMIT:
            break
        chosen.append(name)
    return chosen


def _soql(entity: Entity, fields: list[str], condition: str) -> str:
    return " ".join(("SELECT", ",".join(fields), "FROM", entity.api_object, "WHERE", condition))


def _literal(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _record(entity: Entity, body: Json) -> Record:
    plain = {name: value for name, value in body.items() if name != "attributes"}
    stamp = plain.get(entity.updated_at) if entity.updated_at else None
    return Record(
        record_id=id18(plain["Id"]),
        payload=orjson.dumps(plain).decode(),
        updated_at=datetime.fromisoformat(stamp).astimezone(UTC) if stamp else None,
        is_deleted=plain.get("IsDeleted") is True,
        body=plain,
    )


def _source_error(error: SalesforceError, subject: str) -> SourceError:
    """One sentence per kind of failure. Salesforce's own text is left out: it repeats the query and may hold personal data."""
    code = _error_code(error.content)
    status = f"HTTP {error.status}, {code}" if code else f"HTTP {error.status}"
    if isinstance(error, SalesforceExpiredSession):
        return SourceError(
            f"Salesforce's session expired or was revoked ({status}).", hint="Run again; check the user's session policy."
        )
    if code == _NO_ALLOWANCE:
        return SourceError("Salesforce's daily allowance of requests is used up.", hint="Run again tomorrow, or raise it.")
    if isinstance(error, SalesforceResourceNotFound | SalesforceRefusedRequest) or code == "INVALID_TYPE":
        return SourceError(
            f"The Salesforce user may not read {subject} ({status}).",
            hint="Give its profile or permission set read access to it.",
        )
    if code == _INVALID_FIELD:
        return SourceError(f"Salesforce refuses a field of {subject} ({status}).", hint="Check the user's field-level security.")
    return SourceError(
        f"Salesforce could not answer for {subject} ({status}).", hint="Run again later; what is complete is kept."
    )


def _error_code(content: Any) -> str:
    first = content[0] if isinstance(content, list) and content else content
    return str(first.get("errorCode", "")) if isinstance(first, dict) else ""

"""Stripe by the official client: lists paged to their end, nested lists too; records by id; one sentence per error."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
import stripe

from c360.errors import SourceError
from c360.settings import Settings, variable
from c360.sources.base import Entity, Evidence, Record, Window
from c360.sources.http import Retries, Throttle, one_ahead, refuse_skew
from c360.sources.stripe_entities import LISTINGS, STRIPE_ENTITIES, Listing

ENTITIES: list[Entity] = STRIPE_ENTITIES
API_VERSION = "2026-10-28.endive"
_OK, _NOT_FOUND, _CONFLICT, _TOO_MANY, _SERVER_FAULT = 200, 404, 409, 429, 500
_EARLIER_SECONDS = 365 * 86_400  # terms, dunning and payments outside of Stripe rarely take longer
_ENDPOINTS_AT_ONCE = 4
_EVENTS_KEPT = timedelta(days=29)
_KEY_HINT = f"Set {variable('stripe_api_key')} to a restricted key that may read the exported objects."

Json = dict[str, Any]


def open_source(settings: Settings) -> "StripeSource":
    """The Stripe account the settings name first; connects on first use.

    Raises:
        SettingsError: No API key is set.
    """
    return StripeSource(settings, settings.required("stripe_api_key"), settings.stripe_account)


def open_further(settings: Settings) -> "list[StripeSource]":
    """The other accounts, in the order of their keys."""
    keys = settings.stripe_further_api_keys.get_secret_value().split(",")
    return [StripeSource(settings, key.strip()) for key in keys if key.strip()]


class StripeSource:
    """One Stripe account. Implements `c360.sources.base.Source`.

    Args:
        settings: How it is asked.
        key: Its API key.
        account: Its id; asked of the API when empty.
    """

    system = "stripe"
    api_version = API_VERSION

    def __init__(self, settings: Settings, key: str, account: str = "") -> None:
        self._settings = settings
        self.lists_at_once = settings.stripe_lists_at_once
        self._account = account
        self._client = stripe.StripeClient(
            key,
            base_addresses={"api": settings.stripe_url},
            max_network_retries=0,  # the client does not repeat what the limit refused, nor half an answer
            stripe_version=API_VERSION,
        )
        self._retries = Retries(settings.stripe_max_retries)
        of_account = settings.stripe_account_requests_per_second or _ENDPOINTS_AT_ONCE * settings.stripe_requests_per_second
        self._throttle = Throttle(of_account)
        self._throttles: dict[str, Throttle] = {}

    @cached_property
    def account(self) -> str:
        """The account's id: the setting, else what the API answers."""
        try:
            answer = self._answer("/v1/account", {})
            found = str(_body(answer)["id"])
        except SourceError:
            if self._account:  # a restricted key need not be allowed to ask
                return self._account
            raise
        if self._account not in ("", found):
            hint = f"Use a key of {self._account}, or correct {variable('stripe_account')}."
            raise SourceError(f"The Stripe key is of the account {found}, not of {self._account}.", hint=hint)
        refuse_skew(answer.headers.get("Date"), "Stripe")
        return found

    def entities(self) -> list[Entity]:
        """See `Source.entities`."""
        return ENTITIES

    def extract(self, entity: Entity, window: Window, evidence: Evidence) -> Iterator[list[Record]]:
        """See `Source.extract`.

        The first load also takes invoices made up to a year before the history and paid inside it: they are its revenue, and
        no record inside the window needs to name them. Later loads learn of such payments from events.

        A list of changes holds what was created lately; what else changed is named by events and fetched by id.
        """
        listing = LISTINGS[entity.name]
        evidence.is_full_listing = window.is_full
        begin = _epoch(window.history_from)
        # Without events of the whole time since the load before, nothing names them.
        is_untold = window.since is None or window.cutoff - window.since > _EVENTS_KEPT
        with_earlier = entity.name == "stripe_invoices" and is_untold
        params = self._params(entity, listing, window, earlier=_EARLIER_SECONDS if with_earlier else 0)
        before: dict[str, Json] = {}
        kept = skipped = 0
        nested = Evidence()  # apart, because pages are counted in another thread
        for page in one_ahead(self._pages(listing.path, params, evidence, after=window.after)):
            fresh = {body["id"]: body for body in page}
            repeated = [i for i, body in fresh.items() if before.get(i) == body]
            evidence.duplicate_count += len(page) - len(fresh) + len(repeated)
            mine = [b for i, b in fresh.items() if i not in repeated and self._is_mine(b)]
            kept += len(mine)
            skipped += sum(not self._is_mine(body) for body in page)
            before = dict(fresh)
            wanted = (b for b in mine if not with_earlier or b.get("created", begin) >= begin or _paid_at(b) >= begin)
            yield [self._record(entity, self._completed(body, listing, nested)) for body in wanted]
        evidence.nested_list_count += nested.nested_list_count
        evidence.request_count += nested.request_count
        if skipped and not kept:
            raise _wrong_mode(entity, livemode=self._settings.stripe_livemode)

    def fetch(self, entity: Entity, record_ids: list[str]) -> list[Record]:
        """See `Source.fetch`. Unknown ids are left out, and deleted ones where no table needs to know that they were there."""
        listing = LISTINGS[entity.name]
        evidence = Evidence()
        bodies = (self._find(f"{listing.path}/{record_id}", listing) for record_id in record_ids)
        found = (body for body in bodies if body is not None and (listing.keeps_deleted or not body.get("deleted")))
        return [self._record(entity, self._completed(body, listing, evidence)) for body in found if self._is_mine(body)]

    def check(self) -> dict[str, Any]:
        """See `Source.check`: asks for one record of each list, which proves the key's rights."""
        for listing in LISTINGS.values():
            self._get(listing.path, {"limit": 1})
        return {"account": self.account, "api_version": API_VERSION, "readable": [e.name for e in ENTITIES]}

    def _params(self, entity: Entity, listing: Listing, window: Window, *, earlier: int) -> Json:
        created = {"lte": _epoch(window.cutoff)}
        if entity.is_historical:
            created["gte"] = _epoch(window.history_from) - earlier
        if window.since is not None and not window.is_full:
            created["gte"] = max(created.get("gte", 0), _epoch(window.since - timedelta(days=listing.trailing_days)))
        params: Json = {"limit": self._settings.stripe_page_size, "created": created, **dict(listing.params)}
        if listing.expand:
            params["expand"] = [f"data.{path}" for path in listing.expand]
        return params

    def _pages(self, path: str, params: Json, evidence: Evidence, *, after: str | None = None) -> Iterator[list[Json]]:
        """Pages from behind the record `after`. A cursor whose record was deleted meanwhile is replaced by one before it."""
        cursors = [after] if after else []
        while True:
            page = self._page(path, params, cursors)
            evidence.request_count += 1
            evidence.page_count += 1
            rows = page["data"]
            if page.get("has_more") and (not rows or [rows[-1]["id"]] == cursors[-1:]):
                raise SourceError(f"Stripe's list {path} promises more but its cursor stands still.", hint="Run again later.")
            if rows:
                cursors = [row["id"] for row in rows]
                evidence.first_cursor = evidence.first_cursor or cursors[0]
                evidence.last_cursor = cursors[-1]
                yield rows
            if not page.get("has_more"):
                return

    def _page(self, path: str, params: Json, cursors: list[str]) -> Json:
        """The page behind the last of `cursors` the API still knows, else the first page: what comes twice is taken once."""
        for cursor in reversed(cursors):
            try:
                return self._list(path, {**params, "starting_after": cursor})
            except _CursorGoneError:
                continue
        return self._list(path, params)

    def _list(self, path: str, params: Json) -> Json:
        page = self._get(path, params)
        if not isinstance(page, dict) or not isinstance(page.get("data"), list) or not isinstance(page.get("has_more"), bool):
            raise SourceError(f"Stripe's answer for {path} is no list.", hint=f"Check {variable('stripe_url')}.")
        return page

    def _completed(self, body: Json, listing: Listing, evidence: Evidence) -> Json:
        for path in listing.nested:
            nested = body.get(path)
            if not isinstance(nested, dict) or "data" not in nested:
                continue
            evidence.nested_list_count += 1
            if nested.get("has_more"):
                self._complete(nested, evidence)
        return body

    def _complete(self, nested: Json, evidence: Evidence) -> None:
        parts = urlsplit(nested["url"])
        params: Json = {**dict(parse_qsl(parts.query)), "limit": self._settings.stripe_page_size}
        rest = Evidence()
        data = list(nested["data"])
        known = {part["id"] for part in data}
        for page in self._pages(parts.path, params, rest, after=data[-1]["id"] if data else None):
            data.extend(part for part in page if part["id"] not in known)
            known.update(part["id"] for part in page)
        evidence.request_count += rest.request_count
        total = nested.get("total_count")
        if total is not None and total != len(data):
            raise SourceError(f"Stripe's list {parts.path} says it has {total} entries, but gave {len(data)}.", hint="Run again.")
        nested.update(data=data, has_more=False)

    def _is_mine(self, body: Json) -> bool:
        return body.get("livemode", self._settings.stripe_livemode) == self._settings.stripe_livemode

    def _record(self, entity: Entity, body: Json) -> Record:
        updated = body.get(entity.updated_at) if entity.updated_at else None
        at = None if updated is None else datetime.fromtimestamp(updated, tz=UTC)
        is_deleted = bool(body.get("deleted"))
        return Record(body["id"], orjson.dumps(body).decode(), at, is_deleted=is_deleted, body=body)

    def _find(self, path: str, listing: Listing) -> Json | None:
        try:
            return self._get(path, {"expand": list(listing.expand)} if listing.expand else {})
        except _NotFoundError:
            return None

    def _get(self, path: str, params: Json) -> Json:
        return _body(self._answer(path, params))

    def _answer(self, path: str, params: Json) -> stripe.StripeResponse:
        endpoint = "/".join(path.split("/")[:3])
        throttle = self._throttles.setdefault(endpoint, Throttle(self._settings.stripe_requests_per_second))

        def ask() -> stripe.StripeResponse:
            throttle.wait()
            self._throttle.wait()
            return self._client.raw_request("get", path, **params)

        try:
            return self._retries.call(ask, _passing)
        except stripe.StripeError as error:
            raise _source_error(error, path, self._settings.stripe_url) from None  # its text may repeat personal data


class _NotFoundError(SourceError):
    """The API knows no such record."""


class _CursorGoneError(SourceError):
    """The API knows no longer the record a list is to go on behind."""


def _body(answer: stripe.StripeResponse) -> Json:
    found: Any = answer.data  # parsed JSON, which the client declares an object
    return found


def _passing(error: Exception) -> float | None:
    """Seconds the API asks to wait, if a request may be repeated: limits, faults of server or network, half an answer."""
    if not isinstance(error, stripe.StripeError):
        return None
    is_damaged = type(error) is stripe.APIError and error.http_status == _OK
    is_busy = (error.http_status or 0) >= _SERVER_FAULT or error.http_status in (_CONFLICT, _TOO_MANY)
    if not (is_damaged or is_busy or isinstance(error, stripe.APIConnectionError)):
        return None
    asked = str((error.headers or {}).get("retry-after", ""))
    return float(asked) if asked.isdigit() else 0.0


def _paid_at(invoice: Json) -> int:
    return (invoice.get("status_transitions") or {}).get("paid_at") or 0


def _epoch(instant: datetime) -> int:
    return int(instant.timestamp())


def _wrong_mode(entity: Entity, *, livemode: bool) -> SourceError:
    found, wanted = ("test", "live") if livemode else ("live", "test")
    return SourceError(
        f"Stripe's {entity.api_object} list holds {found} records only, but {wanted} records were asked for.",
        hint=f"Use a {wanted} key, or change {variable('stripe_livemode')}.",
    )


def _source_error(error: stripe.StripeError, path: str, url: str) -> SourceError:
    """One sentence per kind of failure. Stripe's own message is left out: it may repeat keys and personal data."""
    status = f"HTTP {error.http_status}" if error.http_status else "no answer"
    code = f", {error.code}" if error.code else ""
    if isinstance(error, stripe.AuthenticationError):
        return SourceError(f"Stripe refused the API key ({status}).", hint=_KEY_HINT)
    if isinstance(error, stripe.PermissionError):
        return SourceError(f"The Stripe key may not read {path} ({status}).", hint="Give the restricted key read access to it.")
    if isinstance(error, stripe.RateLimitError):
        hint = f"Lower {variable('stripe_requests_per_second')}, or run when less else uses the account."
        return SourceError(f"Stripe answered too many requests for {path} ({status}).", hint=hint)
    if isinstance(error, stripe.APIConnectionError):
        return SourceError(f"Stripe is not reachable at {url}.", hint=f"Check the network and {variable('stripe_url')}.")
    if getattr(error, "param", None) == "starting_after" and error.code == "resource_missing":
        return _CursorGoneError(f"Stripe lost the cursor of {path} ({status}{code}).", hint="Run again.")
    if error.http_status == _NOT_FOUND:
        return _NotFoundError(f"Stripe knows no {path} ({status}{code}).", hint=f"Check {variable('stripe_url')}.")
    if isinstance(error, stripe.InvalidRequestError):
        hint = f"c360 asks for API version {API_VERSION}; check that {variable('stripe_url')} speaks it."
        return SourceError(f"Stripe refused how {path} was asked ({status}{code}, parameter {error.param}).", hint=hint)
    return SourceError(f"Stripe could not answer {path} ({status}{code}).", hint="Run again later; what is complete is kept.")

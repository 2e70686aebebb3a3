"""The one place that asks Salesforce: slows down, repeats what failed in passing, logs in again, counts requests."""

from collections.abc import Callable
from copy import copy
from threading import Lock
from typing import Any, Self, TypeVar

import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceError, SalesforceExpiredSession

from c360.errors import SourceError
from c360.settings import Settings, variable
from c360.sources.http import Retries, Throttle, pause
from c360.sources.salesforce_errors import DamagedAnswerError, PassingError, seconds_asked, source_error
from c360.sources.salesforce_login import connect

T = TypeVar("T")
Json = dict[str, Any]

TIMEOUT_SECONDS = 60.0
"""For each part of an answer."""


class _Session:
    """One login that all threads share."""

    def __init__(self, connect: Callable[[], tuple[Salesforce, str]]) -> None:
        self._connect = connect
        self._lock = Lock()
        self._connection: tuple[Salesforce, str] | None = None

    def get(self, expired: Salesforce | None = None) -> tuple[Salesforce, str]:
        """The client and the organisation's id; logs in first, or anew unless another thread did since `expired` was got."""
        with self._lock:
            if self._connection is None or self._connection[0] is expired:
                self._connection = None
                self._connection = self._connect()
            return self._connection


class SalesforceClient:
    """One organisation's API; logs in on first use. Every request goes through `call`.

    Attributes:
        request_count: Requests made by this object; see `counting`.
    """

    def __init__(
        self, settings: Settings, *, sleep: Callable[[float], None] = pause, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        self._settings = settings
        self._retries = Retries(settings.salesforce_max_retries, sleep)
        self._throttle = Throttle(settings.salesforce_requests_per_second, sleep=sleep)
        self._timeout_seconds = timeout_seconds
        self._session = _Session(self._login)
        self.sleep = sleep
        self.request_count = 0

    def counting(self) -> Self:
        """The same client with a count of its own, for one thread among others."""
        counting = copy(self)
        counting.request_count = 0
        return counting

    def organisation(self) -> str:
        """The organisation's id as the login says it (15 or 18 characters); empty where it does not."""
        return self._session.get()[1]

    def query(self, soql: str, subject: str) -> Json:
        """The first page of a query, deleted records included."""
        headers = {"Sforce-Query-Options": f"batchSize={self._settings.salesforce_page_size}"}
        return self.call(lambda api: _page(api.query(soql, include_deleted=True, headers=headers)), subject)

    def more(self, url: str, subject: str) -> Json:
        """The page at a `nextRecordsUrl`.

        Raises:
            ExpiredLocatorError: Salesforce no longer knows it.
        """
        return self.call(lambda api: _page(api.query_more(url, identifier_is_url=True)), subject)

    def describe(self, name: str) -> list[Json]:
        """The fields of an object that the user may read."""
        return self.call(lambda api: _part(getattr(api, name).describe(), "fields"), name)

    def limits(self) -> Json:
        """The organisation's allowances of today, and what is left of them."""
        return self.call(lambda api: _object(api.limits()), "limits")

    def call(self, request: Callable[[Salesforce], T], subject: str) -> T:
        """Does a request, again where that may help; an expired session is logged in anew, once for a request.

        Raises:
            SourceError: It failed for good; names `subject`.
        """
        try:
            api, _ = self._session.get()
            try:
                return self._repeated(lambda: request(api))
            except SalesforceExpiredSession:
                renewed, _ = self._session.get(expired=api)
                return self._repeated(lambda: request(renewed))
        except (SalesforceError, requests.RequestException) as error:
            raise source_error(error, subject) from error

    def _login(self) -> tuple[Salesforce, str]:
        try:
            return self._repeated(lambda: connect(self._settings, self._timeout_seconds))
        except PassingError as error:
            raise source_error(error, "the login") from error
        except requests.RequestException as error:
            url = self._settings.salesforce_url
            hint = f"Check the network and {variable('salesforce_url')}."
            raise SourceError(f"Salesforce is not reachable at {url}.", hint=hint) from error

    def _repeated(self, attempt: Callable[[], T]) -> T:
        def ask() -> T:
            self._throttle.wait()
            self.request_count += 1
            return attempt()

        return self._retries.call(ask, seconds_asked)


def _page(answer: Any) -> Json:
    page = _object(answer)
    if not isinstance(page.get("records"), list) or "totalSize" not in page or "done" not in page:
        raise DamagedAnswerError
    return page


def _part(answer: Any, name: str) -> list[Json]:
    part = _object(answer).get(name)
    if not isinstance(part, list):
        raise DamagedAnswerError
    return part


def _object(answer: Any) -> Json:
    if not isinstance(answer, dict):
        raise DamagedAnswerError
    return answer

"""What can go wrong with Salesforce, as one sentence each. Its own texts are left out: they repeat queries and personal data."""

from typing import Any

import requests
from simple_salesforce.exceptions import (
    SalesforceError,
    SalesforceExpiredSession,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from c360.errors import SourceError
from c360.settings import variable

_NO_ALLOWANCE = "REQUEST_LIMIT_EXCEEDED"
_EXPLAINED = (400, 403)  # always as JSON
_EXPIRED_LOCATOR = "INVALID_QUERY_LOCATOR"
_LATER = "Run again later; what is complete is kept."


class DamagedAnswerError(requests.RequestException):
    """An answer that arrived, but not whole."""


class PassingError(requests.RequestException):
    """An answer that another attempt may better: too many requests, a server's fault.

    Attributes:
        status: HTTP status.
        content: The parsed answer, None where it is no JSON.
        retry_after_seconds: How long the server asks to wait; None where it does not say.
    """

    def __init__(self, status: int, content: Any, retry_after_seconds: float | None) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.content = content
        self.retry_after_seconds = retry_after_seconds


class ExpiredLocatorError(SourceError):
    """The place in a query's results is forgotten; the query can go on after the last record received."""


_PASSING = (
    DamagedAnswerError,
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.JSONDecodeError,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)


def seconds_asked(error: Exception) -> float | None:
    """Seconds Salesforce asks to wait, if another attempt may succeed: overload, lost connections, time-outs, half answers.

    0 where it does not say; None where repeating is of no use.
    """
    if isinstance(error, PassingError):
        return max(error.retry_after_seconds or 0.0, 0.0)
    if isinstance(error, SalesforceError):
        is_crowded = error_code(error.content) == _NO_ALLOWANCE and "Concurrent" in str(error.content)  # not the day's allowance
        is_passing = is_crowded or (error.status in _EXPLAINED and isinstance(error.content, str))  # half an explanation
    else:
        is_passing = isinstance(error, _PASSING) and not isinstance(error, requests.exceptions.SSLError)
    return 0.0 if is_passing else None


def source_error(error: Exception, subject: str) -> SourceError:
    """The sentence for a failure that is final; `subject` is what was read."""
    if isinstance(error, PassingError):
        return _could_not_answer(subject, _status(error.status, error.content))
    if isinstance(error, DamagedAnswerError | requests.exceptions.JSONDecodeError):
        return SourceError(f"Salesforce's answers for {subject} arrive damaged.", hint=_LATER)
    if not isinstance(error, SalesforceError):
        hint = f"Check the network and {variable('salesforce_url')}."
        return SourceError(f"Salesforce stopped answering while {subject} was read.", hint=hint)
    code, status = error_code(error.content), _status(error.status, error.content)
    if isinstance(error, SalesforceExpiredSession):
        hint = "Run again; check the user's session policy."
        return SourceError(f"Salesforce's session expired or was revoked, right after a login ({status}).", hint=hint)
    if code == _NO_ALLOWANCE:
        return SourceError("Salesforce's daily allowance of requests is used up.", hint="Run again tomorrow, or raise it.")
    if code == _EXPIRED_LOCATOR:
        return ExpiredLocatorError(f"Salesforce forgot the results of a query of {subject} ({status}).", hint=_LATER)
    if isinstance(error, SalesforceResourceNotFound | SalesforceRefusedRequest) or code == "INVALID_TYPE":
        hint = "Give its profile or permission set read access to it."
        return SourceError(f"The Salesforce user may not read {subject} ({status}).", hint=hint)
    if code == "INVALID_FIELD":
        hint = "Check the user's field-level security."
        return SourceError(f"Salesforce refuses a field of {subject} ({status}).", hint=hint)
    return _could_not_answer(subject, status)


def error_code(content: Any) -> str:
    """Salesforce's `errorCode` in an answer; empty where there is none."""
    first = content[0] if isinstance(content, list) and content else content
    return str(first.get("errorCode", "")) if isinstance(first, dict) else ""


def _status(status: int, content: Any) -> str:
    code = error_code(content)
    return f"HTTP {status}, {code}" if code else f"HTTP {status}"


def _could_not_answer(subject: str, status: str) -> SourceError:
    return SourceError(f"Salesforce could not answer for {subject} ({status}).", hint=_LATER)

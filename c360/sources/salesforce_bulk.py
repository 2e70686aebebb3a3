"""Long lists by Bulk API 2.0: one job, its results page by page, each value as a query would have given it.

simple-salesforce's own loop over a job can neither go on at the last locator nor delete the job (an answer without content), so
its session is used.
"""

import csv
import io
import logging
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from simple_salesforce import Salesforce
from simple_salesforce.util import exception_handler

from c360.errors import SourceError
from c360.settings import variable
from c360.sources.base import Evidence
from c360.sources.salesforce_client import Json, SalesforceClient
from c360.sources.salesforce_errors import DamagedAnswerError
from c360.sources.salesforce_fields import Selection
from c360.sources.salesforce_soql import KEY, soql

LONGEST_JOB_SECONDS = 4 * 3600
_FIRST_POLL_SECONDS = 0.25
_LONGEST_POLL_SECONDS = 30.0
_JOBS = "jobs/query"
_OVER = frozenset({"JobComplete", "Failed", "Aborted"})
_BATCH = 2_000
_END = "null"
_WHOLE = frozenset({"int", "long"})
_DECIMAL = frozenset({"double", "currency", "percent"})

_log = logging.getLogger(__name__)


def estimated_requests(rows: int, page_size: int) -> int:
    """About how many requests a job takes: made, asked about, read, deleted."""
    return 20 + -(-rows // page_size)


def pages(
    client: SalesforceClient, selection: Selection, condition: str, evidence: Evidence, *, page_size: int
) -> Iterator[list[Json]]:
    """Records that meet a condition, in no order; the job is deleted at the end. The evidence's total is the job's own.

    Raises:
        SourceError: The job failed, or takes longer than `LONGEST_JOB_SECONDS`.
    """
    job = _start(client, soql(selection.types, selection.api_object, condition), selection.api_object)
    try:
        evidence.expected_count = int(_finished(client, job, selection.api_object)["numberRecordsProcessed"])
        for rows in _results(client, job, selection, page_size):
            evidence.page_count += 1
            for start in range(0, len(rows), _BATCH):
                batch = rows[start : start + _BATCH]
                evidence.first_cursor = evidence.first_cursor or batch[0][KEY]
                evidence.last_cursor = batch[-1][KEY]
                yield batch
    finally:
        _delete(client, job, selection.api_object)


def typed(value: str, kind: str) -> Any:
    """A text of a CSV file as the JSON of a query has it, by the field's described type; no text is null."""
    if not value:
        return None
    if kind == "boolean":
        return value == "true"
    if kind in _WHOLE:
        return int(value)
    if kind in _DECIMAL:
        return float(value)
    if kind == "datetime" and value.endswith("Z"):
        return value.removesuffix("Z") + "+0000"
    return value


def _start(client: SalesforceClient, query: str, subject: str) -> str:
    """Makes the job. An attempt whose answer is lost leaves a job behind, which Salesforce deletes after seven days."""
    body = {"operation": "queryAll", "query": query, "columnDelimiter": "COMMA", "lineEnding": "LF"}
    return client.call(lambda api: str(_job(api.restful(_JOBS, method="POST", json=body))["id"]), subject)


def _finished(client: SalesforceClient, job: str, subject: str) -> Json:
    pause, waited = _FIRST_POLL_SECONDS, 0.0
    while True:
        state = client.call(lambda api: _job(api.restful(f"{_JOBS}/{job}")), subject)
        if state["state"] == "JobComplete":
            return state
        if state["state"] in _OVER:  # its message repeats the query
            message = f"Salesforce's bulk job for {subject} ended as {state['state']}."
            hint = f"Run again; with {variable('salesforce_bulk_above')} very large, queries are used."
            raise SourceError(message, hint=hint)
        if waited > LONGEST_JOB_SECONDS:
            raise SourceError(f"Salesforce's bulk job for {subject} has not ended in four hours.", hint="Run again later.")
        client.sleep(pause)
        waited += pause
        pause = min(2 * pause, _LONGEST_POLL_SECONDS)


def _results(client: SalesforceClient, job: str, selection: Selection, page_size: int) -> Iterator[list[Json]]:
    """Pages of results. A page that fails is asked for again at its own locator, so nothing is lost or read twice."""
    locator, asked = "", set[str]()
    while True:
        read = partial(_page, job=job, locator=locator, types=selection.types, page_size=page_size)
        rows, locator = client.call(read, selection.api_object)
        yield rows
        if locator == _END:
            return
        if not locator or locator in asked:
            message = f"Salesforce's bulk results for {selection.api_object} promise more but stand still."
            raise SourceError(message, hint="Run again later.")
        asked.add(locator)


def _page(api: Salesforce, job: str, locator: str, types: Mapping[str, str], page_size: int) -> tuple[list[Json], str]:
    params = {"maxRecords": str(page_size), **({"locator": locator} if locator else {})}
    headers = {**api.headers, "Accept": "text/csv"}
    response = api.session.get(f"{api.base_url}{_JOBS}/{job}/results", params=params, headers=headers)
    if not response.ok:
        exception_handler(response, name=_JOBS)
    rows = _rows(response.content, list(types), is_first=not locator)
    if str(len(rows)) != response.headers.get("Sforce-NumberOfRecords"):
        raise DamagedAnswerError
    return [_record(row, types) for row in rows], response.headers.get("Sforce-Locator", _END)


def _rows(content: bytes, columns: list[str], *, is_first: bool) -> list[list[str]]:
    """The rows of a page without the header, which the first must have. Texts keep their own line ends.

    Raises:
        DamagedAnswerError: The file is cut off, or has other columns.
    """
    try:
        rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DamagedAnswerError from error
    has_header = rows[:1] == [columns]
    if (is_first and not has_header) or any(len(row) != len(columns) for row in rows) or (rows and content[-1:] != b"\n"):
        raise DamagedAnswerError
    return rows[1:] if has_header else rows


def _record(row: list[str], types: Mapping[str, str]) -> Json:
    record = {}
    for (name, kind), value in zip(types.items(), row, strict=True):
        try:
            record[name] = typed(value, kind)
        except ValueError:  # whose text holds the value
            message = f"Salesforce's bulk results have a value in {name} that is no {kind}."
            raise SourceError(message, hint=f"Set {variable('salesforce_bulk_above')} very large, to use queries.") from None
    return record


def _delete(client: SalesforceClient, job: str, subject: str) -> None:
    """Deletes the job, stopping it first where it runs. That it stays is no reason to fail: it goes after seven days."""
    try:
        state = client.call(lambda api: _job(api.restful(f"{_JOBS}/{job}"))["state"], subject)
        if state not in _OVER:
            client.call(lambda api: api.restful(f"{_JOBS}/{job}", method="PATCH", json={"state": "Aborted"}), subject)
        client.call(lambda api: api.restful(f"{_JOBS}/{job}", method="DELETE"), subject)
    except SourceError as error:
        _log.warning("A bulk job for %s could not be deleted. %s", subject, error)


def _job(answer: Any) -> Json:
    if not isinstance(answer, dict) or "id" not in answer or "state" not in answer:
        raise DamagedAnswerError
    return answer

"""Query jobs of Salesforce's Bulk API 2.0: made, asked about, read as CSV by locators, stopped, deleted."""

import csv
import io
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

import orjson
from starlette.requests import Request
from starlette.responses import Response

from c360.demo.records import Body
from c360.demo.soql import Query, SoqlError, parse

LONGEST_PAGE = 50_000
OPTIONS = {"columnDelimiter": "COMMA", "lineEnding": "LF", "contentType": "CSV"}
Rows = Callable[[Query, bool], list[Body]]
"""The rows of a query; with deleted ones where the flag is set."""


@dataclass(slots=True)
class Job:
    """A job and its rows; `polls_left` answers say that it is in progress."""

    id: str
    operation: str
    query: Query
    rows: list[Body]
    polls_left: int
    state: str = "UploadComplete"


@dataclass(slots=True)
class QueryJobs:
    """The endpoints under `jobs/query`.

    Attributes:
        rows: Finds what a query asks for.
        polls: How many answers say that a job is in progress before one says that it is complete.
        failing: New jobs end as failed.
    """

    rows: Rows
    polls: int = 1
    failing: bool = False
    jobs: dict[str, Job] = field(default_factory=dict)
    made: int = 0

    def create(self, body: bytes, content_type: str) -> Response:
        """A new job. Only queries; what Bulk API 2.0 does not know is refused."""
        if not content_type.startswith("application/json"):
            raise SoqlError("INVALIDREQUEST", "the content type is not application/json")
        try:
            wanted = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise SoqlError("JSON_PARSER_ERROR", "the body is no JSON") from error
        if unknown := wanted.keys() - {"operation", "query", *OPTIONS}:
            raise SoqlError("JSON_PARSER_ERROR", f"unrecognized field {min(unknown)}")
        if wanted.get("operation") not in {"query", "queryAll"} or any(wanted.get(k, v) != v for k, v in OPTIONS.items()):
            raise SoqlError("INVALIDJOB", "unsupported operation or format")
        query = parse(wanted.get("query", ""))
        if query.is_count:
            raise SoqlError("API_ERROR", "aggregate functions are not supported")
        rows = self.rows(query, wanted["operation"] == "queryAll")[::-1]  # in no order one could rely on
        self.made += 1
        job = Job(f"750Dn{self.made:010d}AAA", wanted["operation"], query, rows, self.polls)
        self.jobs[job.id] = job
        return _json(_shown(job))

    def one(self, request: Request, body: bytes) -> Response:
        """What a job is up to (GET), stopping it (PATCH), deleting it (DELETE)."""
        job = self._job(request)
        if request.method == "DELETE":
            if job.state in {"UploadComplete", "InProgress"}:
                raise SoqlError("INVALIDJOBSTATE", "a job that runs cannot be deleted")
            del self.jobs[job.id]
            return Response(status_code=HTTPStatus.NO_CONTENT)
        if request.method == "PATCH":
            if orjson.loads(body) != {"state": "Aborted"} or job.state not in {"UploadComplete", "InProgress"}:
                raise SoqlError("INVALIDJOBSTATE", "only a job that runs can be aborted")
            job.state = "Aborted"
        elif job.state in {"UploadComplete", "InProgress"}:
            done = "Failed" if self.failing else "JobComplete"
            job.state = "InProgress" if job.polls_left else done
            job.polls_left = max(job.polls_left - 1, 0)
        return _json(_shown(job))

    def results(self, request: Request) -> Response:
        """A page of a complete job's rows as CSV with a header, and the locator of the next page, `null` at the end."""
        job = self._job(request)
        if job.state != "JobComplete":
            raise SoqlError("INVALIDJOBSTATE", "the job is not complete")
        if "text/csv" not in request.headers.get("accept", "*/*"):
            raise SoqlError("INVALIDREQUEST", "results are text/csv")
        asked = request.query_params.get("maxRecords", "")
        size = min(int(asked), LONGEST_PAGE) if asked.isdigit() and int(asked) else LONGEST_PAGE
        start = self._start(job, request.query_params.get("locator"))
        page, end = job.rows[start : start + size], start + size
        headers = {"Sforce-NumberOfRecords": str(len(page)), "Sforce-Locator": _locator(end) if end < len(job.rows) else "null"}
        return Response(_csv(job.query.fields, page), headers=headers, media_type="text/csv")

    def _start(self, job: Job, locator: str | None) -> int:
        starts = {_locator(start): start for start in range(1, len(job.rows))}
        if locator is not None and locator not in starts:
            raise SoqlError("INVALIDLOCATOR", "invalid locator")
        return starts[locator] if locator else 0

    def _job(self, request: Request) -> Job:
        job = self.jobs.get(request.path_params["job"])
        if job is None:
            raise SoqlError("NOT_FOUND", "The requested resource does not exist", HTTPStatus.NOT_FOUND)
        return job


def _shown(job: Job) -> Body:
    shown: Body = {"id": job.id, "operation": job.operation, "object": job.query.table, "state": job.state, **OPTIONS}
    if job.state == "JobComplete":
        shown["numberRecordsProcessed"] = len(job.rows)
    if job.state == "Failed":
        shown["errorMessage"] = "InvalidBatch : the query was too complicated"
    return shown


def _locator(start: int) -> str:
    return b64encode(f"row {start}".encode()).decode().rstrip("=")


def _csv(fields: tuple[str, ...], rows: list[Body]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(fields)
    writer.writerows([_text(row[name]) for name in fields] for row in rows)
    return text.getvalue().encode()


def _text(value: object) -> str:
    """A value as Bulk API 2.0 writes it: nothing for null, datetimes with Z."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return (
        text.removesuffix("+0000") + "Z" if len(text) == len("2026-06-14T10:00:00.000+0000") and text.endswith("+0000") else text
    )


def _json(body: object) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")

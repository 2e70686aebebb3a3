"""Salesforce's REST API over records: token, query, queryAll, query jobs, describe, limits, errors. Reading only."""

import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import jwt
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from c360.demo.records import Body, Record
from c360.demo.salesforce_jobs import QueryJobs
from c360.demo.soql import Query, SoqlError, instant, parse

PAGE_SIZE = 2000
DAILY_LIMIT = 100_000
DAILY_JOBS = 10_000
OPEN_QUERIES = 10
LONGEST_ADDRESS = 16_000  # characters
LONGEST_JWT_SECONDS = 5 * 60
DATETIMES = frozenset({"CreatedDate", "LastModifiedDate", "SystemModstamp"})
TYPES = {
    "Amount": "currency",
    "AnnualRevenue": "currency",
    "Probability": "percent",
    "CloseDate": "date",
    "Website": "url",
    "NumberOfEmployees": "int",
}
TYPES |= {"Phone": "phone", "MobilePhone": "phone", "FiscalYearStartMonth": "int", "Description": "textarea", "Id": "id"}
TYPES |= dict.fromkeys(("Industry", "Type", "StageName", "CurrencyIsoCode", "ForecastCategoryName", "LeadSource"), "picklist")
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SESSION_INVALID = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the demo's Salesforce accepts. Made up; opens nothing but the loopback server."""

    username: str = "integration@brightwater.example"
    password: str = "demo-password"  # noqa: S105 - see above
    client_id: str = "c360-demo-client"
    client_secret: str = "c360-demo-secret"  # noqa: S105
    access_token: str = "00DDn0000000001!c360.demo.token"  # noqa: S105
    public_key: str = ""
    """PEM; the certificate of the connected app, for logins by JWT."""


@dataclass(slots=True)
class SalesforceApi:
    """The endpoints. `now` in epoch seconds UTC; `open_queries` are the results a client may still page through.

    `logins` counts the sessions that were ended: a token of an earlier one is refused.
    """

    records: dict[str, dict[str, Record]]
    now: int
    credentials: Credentials = field(default_factory=Credentials)
    page_size: int = PAGE_SIZE
    url: str = ""
    request_count: int = 0
    daily_limit: int = DAILY_LIMIT
    daily_jobs: int = DAILY_JOBS
    logins: int = 0
    jobs: QueryJobs = field(init=False)
    open_queries: dict[str, tuple[Query, list[Body], int]] = field(default_factory=dict)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.jobs = QueryJobs(lambda query, with_deleted: self._rows(query, with_deleted=with_deleted))

    @property
    def access_token(self) -> str:
        """The token of the present session."""
        return self.credentials.access_token + (f".{self.logins}" if self.logins else "")

    def expire_session(self) -> None:
        """Ends the session; clients have to log in again."""
        self.logins += 1

    def routes(self) -> list[Route]:
        """All routes."""
        data = "/services/data/v{version}"
        return [
            Route("/services/oauth2/token", self.token, methods=["POST"]),
            Route("/services/data/", self._guarded(self._versions)),
            Route("/services/data", self._guarded(self._versions)),
            *(Route(f"{data}/{name}{end}", self._guarded(self._query)) for name in ("query", "queryAll") for end in ("", "/")),
            *(Route(f"{data}/{name}/{{locator}}", self._guarded(self._more)) for name in ("query", "queryAll")),
            Route(f"{data}/jobs/query", self._guarded(self._new_job), methods=["POST"]),
            Route(f"{data}/jobs/query/{{job}}", self._guarded(self._one_job), methods=["GET", "PATCH", "DELETE"]),
            Route(f"{data}/jobs/query/{{job}}/results", self._guarded(self.jobs.results)),
            *(Route(f"{data}/limits{end}", self._guarded(self._limits)) for end in ("", "/")),
            *(Route(f"{data}/sobjects{end}", self._guarded(self._objects)) for end in ("", "/")),
            *(Route(f"{data}/sobjects/{{name}}/describe{end}", self._guarded(self._describe)) for end in ("", "/")),
            Route(f"{data}/sobjects/{{name}}/{{identifier}}", self._guarded(self._record)),
        ]

    def move(self, now: int) -> None:
        """The world at another instant."""
        self.now = now
        self.open_queries.clear()

    async def token(self, request: Request) -> Response:
        """OAuth 2.0: grant types `password`, `client_credentials`, JWT bearer."""
        form = {key: values[0] for key, values in parse_qs((await request.body()).decode()).items()}
        wanted = self.credentials
        grant = form.get("grant_type", "")
        if grant not in {"password", "client_credentials", JWT_GRANT}:
            return _json({"error": "unsupported_grant_type", "error_description": "grant type not supported"}, 400)
        if grant == JWT_GRANT:
            if not self._is_signed(form.get("assertion", "")):
                return _json({"error": "invalid_grant", "error_description": "invalid assertion"}, 400)
        else:
            if (form.get("client_id"), form.get("client_secret")) != (wanted.client_id, wanted.client_secret):
                return _json({"error": "invalid_client", "error_description": "invalid client credentials"}, 401)
            if grant == "password" and (form.get("username"), form.get("password")) != (wanted.username, wanted.password):
                return _json({"error": "invalid_grant", "error_description": "authentication failure"}, 400)
        answer = {"access_token": self.access_token, "instance_url": self.url, "token_type": "Bearer"}
        organization, user = (next(iter(self.records[table])) for table in ("Organization", "User"))
        answer |= {"id": f"{self.url}/id/{organization}/{user}", "issued_at": str(self.now * 1000), "signature": "demo"}
        return _json(answer)

    def _is_signed(self, assertion: str) -> bool:
        """Whether it says, signed with the app's key, that the app speaks for the user, for the next minutes only."""
        wanted = self.credentials
        try:
            claims = jwt.decode(
                assertion,
                wanted.public_key,
                algorithms=["RS256"],
                audience=self.url,
                issuer=wanted.client_id,
                options={"require": ["iss", "sub", "aud", "exp"], "verify_exp": False},
            )
        except (ValueError, TypeError, jwt.PyJWTError):
            return False
        return claims["sub"] == wanted.username and 0 < claims["exp"] - self.now <= LONGEST_JWT_SECONDS

    def _guarded(self, endpoint: Callable[[Request], Response | Awaitable[Response]]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            self.request_count += 1
            if request.headers.get("authorization") != f"Bearer {self.access_token}":
                return _json(SESSION_INVALID, 401)
            if self.request_count > self.daily_limit:
                return _json([{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}], 403)
            if len(str(request.url)) > LONGEST_ADDRESS:
                return Response("URI Too Long", 414)
            try:
                answer = endpoint(request)
                response = answer if isinstance(answer, Response) else await answer
            except SoqlError as error:
                response = _json([{"message": str(error), "errorCode": error.code}], error.status)
            response.headers["Sforce-Limit-Info"] = f"api-usage={self.request_count}/{self.daily_limit}"
            return response

        return answer

    def _versions(self, _request: Request) -> Response:
        return _json([{"label": "Summer '26", "url": "/services/data/v59.0", "version": "59.0"}])

    def _query(self, request: Request) -> Response:
        query = parse(request.query_params.get("q", ""))
        rows = self._rows(query, with_deleted="/queryAll" in request.url.path)
        if query.is_count:
            return _json({"totalSize": len(rows), "done": True, "records": []})
        locator = f"01gDn{next(self.numbers):010d}AAA"
        self.open_queries[locator] = query, rows, min(self.page_size, _batch_size(request))
        while len(self.open_queries) > OPEN_QUERIES:  # the oldest is forgotten
            del self.open_queries[next(iter(self.open_queries))]
        return _json(self._page(request, locator, 0))

    def _more(self, request: Request) -> Response:
        locator, _, start = request.path_params["locator"].partition("-")
        if locator not in self.open_queries or not start.isdigit():
            raise SoqlError("INVALID_QUERY_LOCATOR", "invalid query locator")
        return _json(self._page(request, locator, int(start)))

    async def _new_job(self, request: Request) -> Response:
        return self.jobs.create(await request.body(), request.headers.get("content-type", ""))

    async def _one_job(self, request: Request) -> Response:
        return self.jobs.one(request, await request.body())

    def _page(self, request: Request, locator: str, start: int) -> Body:
        query, rows, size = self.open_queries[locator]
        version, end = request.path_params["version"], start + size
        page: Body = {"totalSize": len(rows), "done": end >= len(rows)}
        if not page["done"]:
            page["nextRecordsUrl"] = f"/services/data/v{version}/query/{locator}-{end}"
        page["records"] = [_record(query.table, {name: row[name] for name in query.fields}, version) for row in rows[start:end]]
        return page

    def _rows(self, query: Query, *, with_deleted: bool) -> list[Body]:
        fields = self._fields(query.table)
        for name in (*query.fields, *query.used):
            if name not in fields:
                message = f"No such column '{name}' on entity '{query.table}'. If you are attempting to use a custom field, "
                raise SoqlError("INVALID_FIELD", message + "be sure to append the '__c' after the custom field name.")
        states = (record.state_at(self.now) for record in self.records[query.table].values())
        rows = [row for row in states if row and (with_deleted or not row.get("IsDeleted")) and query.condition(row)]
        for name, descending in reversed(query.order or (("Id", False),)):
            rows.sort(key=lambda row, name=name: _sort_key(row[name]), reverse=descending)  # type: ignore[misc]
        return rows if query.limit is None else rows[: query.limit]

    def _fields(self, table: str) -> list[str]:
        if table not in self.records:
            message = f"sObject type '{table}' is not supported."
            raise SoqlError("INVALID_TYPE", message)
        first = next(iter(self.records[table].values()))
        return list(first.versions[0][1] or {})

    def _describe(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self.records:
            return _json([{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}], 404)
        fields = [_field(field_name) for field_name in self._fields(name)]
        return _json({"name": name, "label": name, "queryable": True, "custom": False, "fields": fields})

    def _objects(self, _request: Request) -> Response:
        found = [{"name": name, "label": name, "queryable": True} for name in self.records]
        return _json({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": found})

    def _record(self, request: Request) -> Response:
        name, identifier = request.path_params["name"], request.path_params["identifier"]
        record = self.records.get(name, {}).get(identifier)
        state = record.state_at(self.now) if record else None
        if state is None or state.get("IsDeleted"):
            return _json([{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}], 404)
        return _json(_record(name, state, request.path_params["version"]))

    def _limits(self, _request: Request) -> Response:
        left = {"Max": self.daily_limit, "Remaining": max(self.daily_limit - self.request_count, 0)}
        return _json(
            {
                "DailyApiRequests": left,
                "DailyBulkV2QueryJobs": {"Max": self.daily_jobs, "Remaining": self.daily_jobs - self.jobs.made},
            }
        )


def _batch_size(request: Request) -> int:
    """What the client asks for in `Sforce-Query-Options: batchSize=500`."""
    name, _, value = request.headers.get("sforce-query-options", "").partition("=")
    return max(1, int(value)) if name.strip() == "batchSize" and value.strip().isdigit() else PAGE_SIZE


def _json(body: object, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


def _record(table: str, row: Body, version: str) -> Body:
    url = f"/services/data/v{version}/sobjects/{table}/{row.get('Id', '')}"
    return {"attributes": {"type": table, "url": url}, **row}


def _sort_key(value: Any) -> tuple[bool, Any]:
    """Nulls first, as Salesforce sorts."""
    if isinstance(value, str) and value.endswith("+0000"):
        return True, instant(value).isoformat()
    return value is not None, value if value is not None else ""


def _field(name: str) -> Body:
    kind = TYPES.get(name, "string")
    if name in DATETIMES:
        kind = "datetime"
    elif name.startswith("Is") or name == "UsesStartDateAsFiscalYearName":
        kind = "boolean"
    elif name.endswith("Id") and name != "Id":
        kind = "reference"
    elif "Email" in name:
        kind = "email"
    return {"name": name, "label": name, "type": kind, "custom": name.endswith("__c"), "nillable": name != "Id"}

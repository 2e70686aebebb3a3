"""Stripe extraction over the wire, by the official client against a scripted API."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from c360.errors import SettingsError, SourceError
from c360.settings import Settings
from c360.sources.base import Entity, Evidence, Window
from c360.sources.registry import discover
from c360.sources.stripe import API_VERSION, StripeSource, open_source
from tests.sources.conftest import Answer, Query, Script, ScriptedApi

Serve = Callable[[Script], ScriptedApi]
ENTITIES = discover().entities
CUTOFF, HISTORY = datetime(2026, 11, 20, 22, tzinfo=UTC), datetime(2025, 11, 1, tzinfo=UTC)
WINDOW = Window(CUTOFF, HISTORY)


def source(api: ScriptedApi, **more: Any) -> StripeSource:
    given = {"stripe_api_key": "rk_live_x", "stripe_url": api.url, "stripe_max_retries": 0, "stripe_requests_per_second": 1000}
    return open_source(Settings(_env_file=None, **{**given, **more}))


def extracted(stripe: StripeSource, name: str, evidence: Evidence | None = None) -> list[dict[str, Any]]:
    pages = stripe.extract(ENTITIES[name], WINDOW, evidence or Evidence())
    return [orjson.loads(record.payload) for page in pages for record in page]


def listed(rows: list[dict[str, Any]], query: Query, size: int = 2) -> Answer:
    ids = [row["id"] for row in rows]
    start = ids.index(query["starting_after"]) + 1 if "starting_after" in query else 0
    return 200, {"object": "list", "data": rows[start : start + size], "has_more": start + size < len(rows)}


def test_lists_are_paged_to_their_end_inside_the_window(scripted: Serve) -> None:
    charges = [{"id": f"ch_{n}", "object": "charge", "livemode": True, "amount": n, "rate": 0.1} for n in range(5)]
    api = scripted(lambda path, query: listed(charges, query))
    evidence = Evidence()
    assert extracted(source(api), "stripe_charges", evidence) == charges
    assert (evidence.page_count, evidence.request_count, evidence.duplicate_count) == (3, 3, 0)
    assert (evidence.first_cursor, evidence.last_cursor) == ("ch_0", "ch_4")
    path, query = api.requests[0]
    assert path == "/v1/charges"
    assert query == {
        "limit": "100",
        "created[lte]": str(int(CUTOFF.timestamp())),
        "created[gte]": str(int(HISTORY.timestamp())),
    }


def test_subscriptions_of_every_status_and_age_are_asked_for_expanded(scripted: Serve) -> None:
    api = scripted(lambda path, query: listed([], query))
    assert extracted(source(api), "stripe_subscriptions") == []
    query = api.requests[0][1]
    assert query["status"] == "all"
    assert "created[gte]" not in query
    expanded = [value for name, value in query.items() if name.startswith("expand")]
    assert expanded == ["data.discounts", "data.discounts.source.coupon", "data.items.data.discounts"]


def test_nested_lists_are_completed(scripted: Serve) -> None:
    lines = [{"id": f"il_{n}"} for n in range(7)]
    nested = {"object": "list", "data": lines[:2], "has_more": True, "url": "/v1/invoices/in_1/lines", "total_count": 7}
    payments = {"object": "list", "data": [], "has_more": False, "url": "/v1/invoice_payments?invoice=in_1"}

    def script(path: str, query: Query) -> Answer:
        if path == "/v1/invoices":
            return listed([{"id": "in_1", "livemode": True, "lines": nested, "payments": payments}], query)
        if path == "/v1/invoice_payments":
            return listed([], query)
        assert path == "/v1/invoices/in_1/lines"
        return listed(lines, query)

    evidence = Evidence()
    invoice = extracted(source(scripted(script)), "stripe_invoices", evidence)[0]
    assert invoice["lines"] == {**nested, "data": lines, "has_more": False}
    assert (evidence.nested_list_count, evidence.page_count, evidence.request_count) == (2, 1, 4)


def test_older_invoices_that_were_paid_inside_the_history_are_its_revenue(scripted: Serve) -> None:
    start = int(WINDOW.history_from.timestamp())

    def invoice(record_id: str, created: int, paid_at: int | None) -> dict[str, Any]:
        return {"id": record_id, "created": created, "livemode": True, "status_transitions": {"paid_at": paid_at}}

    def script(path: str, query: Query) -> Answer:
        assert path == "/v1/invoices"
        assert int(query["created[gte]"]) <= start - 365 * 86_400
        before = start - 1
        late, old, odd = invoice("in_late", before, start), invoice("in_old", before, before), invoice("in_odd", before, None)
        return listed([invoice("in_new", start, None), late, old, odd], query)

    found = extracted(source(scripted(script)), "stripe_invoices")
    assert [invoice["id"] for invoice in found] == ["in_new", "in_late"]


def test_a_nested_list_shorter_than_promised_is_an_error(scripted: Serve) -> None:
    nested = {"data": [{"id": "il_0"}], "has_more": True, "url": "/v1/invoices/in_1/lines", "total_count": 3}

    def script(path: str, query: Query) -> Answer:
        if path == "/v1/invoices":
            return listed([{"id": "in_1", "livemode": True, "lines": nested}], query)
        return 200, {"data": [{"id": "il_1"}], "has_more": False}

    with pytest.raises(SourceError, match="says it has 3 entries, but gave 2"):
        extracted(source(scripted(script)), "stripe_invoices")


def test_a_record_on_two_pages_is_taken_once(scripted: Serve) -> None:
    pages = {None: ["a", "b"], "b": ["b", "c"], "c": ["d"]}

    def script(path: str, query: Query) -> Answer:
        cursor = query.get("starting_after")
        return 200, {"data": [{"id": i, "livemode": True} for i in pages[cursor]], "has_more": cursor != "c"}

    evidence = Evidence()
    assert [r["id"] for r in extracted(source(scripted(script)), "stripe_customers", evidence)] == ["a", "b", "c", "d"]
    assert evidence.duplicate_count == 1


def test_a_cursor_that_stands_still_is_an_error(scripted: Serve) -> None:
    api = scripted(lambda path, query: (200, {"data": [{"id": "a", "livemode": True}], "has_more": True}))
    with pytest.raises(SourceError, match="cursor stands still"):
        extracted(source(api), "stripe_customers")


def test_livemode_filters_and_a_list_of_the_other_mode_only_is_an_error(scripted: Serve) -> None:
    rows = [{"id": "a", "livemode": False}, {"id": "b", "livemode": True}, {"id": "c"}]
    api = scripted(lambda path, query: listed(rows, query))
    assert [r["id"] for r in extracted(source(api), "stripe_customers")] == ["b", "c"]
    assert [r["id"] for r in extracted(source(api, stripe_livemode=False), "stripe_customers")] == ["a", "c"]
    rows[:] = rows[:1]
    with pytest.raises(SourceError, match="holds test records only"):
        extracted(source(api), "stripe_customers")


def test_of_deleted_records_asked_for_by_id_only_customers_are_kept(scripted: Serve) -> None:
    answers = {
        "cus_1": (200, {"id": "cus_1", "livemode": True}),
        "cus_2": (200, {"id": "cus_2", "deleted": True}),
        "cus_3": (404, {"error": {"code": "resource_missing", "message": "x"}}),
        "prod_1": (200, {"id": "prod_1", "deleted": True}),
    }
    stripe = source(scripted(lambda path, query: answers[path.rsplit("/", 1)[1]]))
    found = stripe.fetch(ENTITIES["stripe_customers"], ["cus_1", "cus_2", "cus_3"])
    assert [(record.record_id, record.is_deleted) for record in found] == [("cus_1", False), ("cus_2", True)]
    assert stripe.fetch(ENTITIES["stripe_products"], ["prod_1"]) == []


def test_the_account_and_the_version_are_recorded(scripted: Serve) -> None:
    api = scripted(lambda path, query: (200, {"id": "acct_1"}))
    stripe = source(api)
    assert (stripe.account, stripe.api_version) == ("acct_1", API_VERSION)
    assert stripe.account == "acct_1"
    assert [path for path, _ in api.requests] == ["/v1/account"]


def test_products_know_when_they_changed(scripted: Serve) -> None:
    api = scripted(lambda path, query: listed([{"id": "prod_1", "livemode": True, "updated": 1_700_000_000}], query))
    page = next(iter(source(api).extract(ENTITIES["stripe_products"], WINDOW, Evidence())))
    assert page[0].updated_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "message", "hint"),
    [
        (401, "refused the API key", "C360_STRIPE_API_KEY"),
        (403, "may not read /v1/charges", "read access"),
        (429, "too many requests", "C360_STRIPE_REQUESTS_PER_SECOND"),
        (404, "knows no /v1/charges", "C360_STRIPE_URL"),
        (500, "could not answer /v1/charges", "Run again later"),
    ],
)
def test_each_error_is_one_sentence_without_the_answer_text(scripted: Serve, status: int, message: str, hint: str) -> None:
    api = scripted(lambda path, query: (status, {"error": {"message": "jane@example.com", "code": "some_code"}}))
    with pytest.raises(SourceError) as caught:
        extracted(source(api), "stripe_charges")
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert "jane" not in str(caught.value)


def test_an_api_that_is_down_is_an_error_not_an_empty_list() -> None:
    api = ScriptedApi("http://127.0.0.1:9", lambda path, query: (500, {}))
    with pytest.raises(SourceError, match="not reachable"):
        extracted(source(api), "stripe_charges")


def test_a_missing_key_names_the_variable() -> None:
    with pytest.raises(SettingsError, match="C360_STRIPE_API_KEY is not set"):
        open_source(Settings(_env_file=None))


@pytest.mark.parametrize("entity", [e for e in ENTITIES.values() if e.source_system == "stripe"], ids=lambda e: e.name)
def test_references_name_entities(entity: Entity) -> None:
    assert {r.entity for r in entity.references} <= set(ENTITIES)


def test_a_cursor_that_was_deleted_is_replaced_by_one_before_it(scripted: Serve) -> None:
    rows = [{"id": f"cus_{n}", "livemode": True} for n in range(6)]

    def script(path: str, query: Query) -> Answer:
        if query.get("starting_after") in ("cus_1", "cus_2"):
            error = {"type": "invalid_request_error", "code": "resource_missing", "param": "starting_after", "message": "No such"}
            return 400, {"error": error}
        return listed(rows, query, size=3)

    api = scripted(script)
    assert {row["id"] for row in extracted(source(api), "stripe_customers")} == {row["id"] for row in rows}
    assert [query.get("starting_after") for _, query in api.requests] == [None, "cus_2", "cus_1", "cus_0", "cus_3"]


def test_several_accounts_are_several_sources(scripted: Serve) -> None:
    accounts = iter(["acct_0", "acct_1", "acct_0", "acct_0"])
    api = scripted(lambda path, query: (200, {"id": next(accounts), "object": "account"}))
    given = {"stripe_url": api.url, "stripe_requests_per_second": 1000, "stripe_max_retries": 0}
    several = Settings(_env_file=None, **given, stripe_api_key="a", stripe_account="acct_0", stripe_further_api_keys=" b,")
    assert [one.account for one in discover().open("stripe", several)] == ["acct_0", "acct_1"]
    with pytest.raises(SettingsError, match=r"Two keys of stripe are of one account"):
        discover().open("stripe", several)


def test_a_key_of_another_account_is_refused(scripted: Serve) -> None:
    api = scripted(lambda path, query: (200, {"id": "acct_b", "object": "account"}))
    with pytest.raises(SourceError, match=r"is of the account acct_b, not of acct_a"):
        assert source(api, stripe_account="acct_a").account
    deaf = scripted(lambda path, query: (403, {"error": {"type": "invalid_request_error", "message": "no"}}))
    assert source(deaf, stripe_account="acct_a").account == "acct_a"


def test_after_longer_than_events_are_kept_earlier_invoices_are_asked_for_again(scripted: Serve) -> None:
    api = scripted(lambda path, query: listed([], query))
    for days, is_untold in ((29, False), (30, True)):
        window = Window(CUTOFF, HISTORY, since=CUTOFF - timedelta(days=days))
        assert list(source(api).extract(ENTITIES["stripe_invoices"], window, Evidence())) == []
        reaches_back = int(api.requests[-1][1]["created[gte]"]) < int(HISTORY.timestamp())
        assert reaches_back == is_untold


def test_a_list_that_does_not_say_whether_it_ends_is_an_error(scripted: Serve) -> None:
    api = scripted(lambda path, query: (200, {"object": "list", "data": []}))
    with pytest.raises(SourceError, match="is no list"):
        extracted(source(api), "stripe_charges")


@pytest.mark.parametrize(("fast_seconds", "side"), [(1_500, "behind"), (-1_500, "ahead of")])
def test_a_clock_that_is_wrong_is_refused(scripted: Serve, fast_seconds: float, side: str) -> None:
    api = scripted(lambda path, query: (200, {"id": "acct_b", "object": "account"}))
    api.fast_seconds = fast_seconds / 5
    assert source(api).account == "acct_b"
    api.fast_seconds = fast_seconds
    with pytest.raises(SourceError, match=rf"clock is 2[45] minutes {side} Stripe's"):
        assert source(api).account

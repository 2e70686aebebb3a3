"""What events, versions, lines and dates show of a subscription's past (docs/decisions/0001)."""

from datetime import date

import pytest
from ibis.backends.duckdb import Backend

from tests.billing import FIRST_LOAD, Pipeline, Row, at, coupon, event, invoice, line, record, state, version

ITEM = ("si_1", "p10", 1)
SECOND_LOAD = date(2026, 7, 9)


@pytest.fixture
def stripe(backend: Backend) -> Pipeline:
    return Pipeline(backend)


def test_each_event_is_a_change_with_the_state_before_and_after(stripe: Pipeline) -> None:
    start = state("2026-06-10", ITEM)
    rows = stripe.events(
        [version(state("2026-06-10", ("si_1", "p20", 3)))],
        [
            event("2026-06-10", start, "created"),
            event("2026-06-12", state("2026-06-10", ("si_1", "p20", 1))),
            event("2026-06-14", state("2026-06-10", ("si_1", "p20", 3))),
        ],
    )
    assert [(r["event_type"], r["price_id_before"], r["price_id"], r["quantity_before"], r["quantity"]) for r in rows] == [
        ("created", None, "p10", None, 1),
        ("price_changed", "p10", "p20", 1, 1),
        ("quantity_changed", "p20", "p20", 1, 3),
    ]
    assert {(r["evidence"], r["is_reconstructed"], r["customer_id"]) for r in rows} == {("event", False, "c-1")}
    assert [r["record_id"] for r in rows] == ["evt_2026-06-10", "evt_2026-06-12", "evt_2026-06-14"]


def test_a_life_in_statuses(stripe: Pipeline) -> None:
    states = [
        ("2026-06-03", "trialing", {"trial_start": at("2026-06-03"), "trial_end": at("2026-06-10")}, "created"),
        ("2026-06-10", "active", {}, "updated"),
        ("2026-06-11", "active", {"pause_collection": {"behavior": "void"}}, "updated"),
        ("2026-06-12", "active", {}, "updated"),
        ("2026-06-13", "past_due", {}, "updated"),
        ("2026-06-14", "paused", {}, "paused"),
        ("2026-06-15", "active", {}, "resumed"),
        ("2026-06-16", "canceled", {"ended_at": at("2026-06-16")}, "deleted"),
    ]
    events = [event(day, state("2026-06-03", ITEM, status=s, **f), kind) for day, s, f, kind in states]
    found = stripe.changes([version(state("2026-06-03", ITEM, status="canceled", ended_at=at("2026-06-16")))], events)
    assert [kind for _, kind, _ in found] == [
        "created",
        "trial_ended",
        "paused",
        "resumed",
        "status_changed",
        "paused",
        "resumed",
        "canceled",
    ]


def test_events_of_one_second_keep_their_order_by_kind(stripe: Pipeline) -> None:
    events = [
        event("2026-06-10", state("2026-06-10", ITEM), n="a"),
        event("2026-06-10", state("2026-06-10", ITEM, status="incomplete"), "created", n="b"),
    ]
    rows = stripe.events([version(state("2026-06-10", ITEM))], events)
    assert [(r["event_sequence"], r["event_type"], r["status"]) for r in rows] == [
        (0, "created", "incomplete"),
        (1, "activated", "active"),
    ]


def test_subscription_events_fan_out_to_items_that_come_and_go(stripe: Pipeline) -> None:
    two = state("2026-06-10", ITEM, ("si_2", "p20", 1))
    events = [
        event("2026-06-10", state("2026-06-10", ITEM), "created"),
        event("2026-06-12", two),
        event("2026-06-14", state("2026-06-10", ("si_2", "p20", 1))),
        event("2026-06-16", state("2026-06-10", ("si_2", "p20", 1), status="past_due")),
    ]
    assert stripe.changes([version(state("2026-06-10", ("si_2", "p20", 1), status="past_due"))], events) == [
        ("2026-06-10", "created", "si_1"),
        ("2026-06-14", "item_removed", "si_1"),
        ("2026-06-16", "status_changed", "si_1"),
        ("2026-06-12", "item_added", "si_2"),
        ("2026-06-16", "status_changed", "si_2"),
    ]


def test_the_first_version_without_events_holds_from_thirty_days_before(stripe: Pipeline) -> None:
    assert stripe.changes([version(state("2025-01-01", ITEM))]) == [
        ("2025-01-01", "created", "si_1"),
        ("2026-06-01", "observed", "si_1"),
    ]


def test_a_later_version_that_differs_counts_from_its_extraction(stripe: Pipeline) -> None:
    later = version(state("2026-06-20", ("si_1", "p20", 1)), loaded=SECOND_LOAD)
    found = stripe.events([version(state("2026-06-20", ITEM)), later], as_of="2026-07-09")
    assert [(str(r["event_at"])[:16], r["event_type"], r["evidence"]) for r in found] == [
        ("2026-06-20 00:00", "created", "version"),
        ("2026-07-09 22:00", "price_changed", "version"),
    ]


def test_invoice_lines_tell_price_and_quantity_before_the_first_snapshot(stripe: Pipeline) -> None:
    invoices = [
        invoice("in_1", "2026-02-01", line("il_1", ("2026-02-01", "2026-03-01"), "p10", 2)),
        invoice("in_2", "2026-03-01", line("il_2", ("2026-03-01", "2026-04-01"), "p20", 1)),
        invoice("in_3", "2026-03-02", line("il_3", ("2026-03-15", "2026-04-01"), "p99", 1), status="draft"),
        invoice("in_4", "2026-03-20", line("il_4", ("2026-03-20", "2026-04-01"), "p10", 5, amount=-400)),
    ]
    rows = stripe.events([version(state("2026-01-05", ("si_1", "p20", 1)))], (), invoices)
    assert [(str(r["event_at"])[:10], r["event_type"], r["price_id"], r["quantity"], r["evidence"]) for r in rows] == [
        ("2026-01-05", "created", "p10", 2, "invoice_line"),
        ("2026-03-01", "price_changed", "p20", 1, "invoice_line"),
        ("2026-06-01", "observed", "p20", 1, "version"),
    ]
    assert [r["record_id"] for r in rows] == ["in_1", "in_2", "sub_1"]
    assert [r["is_reconstructed"] for r in rows] == [True, True, False]


def test_of_lines_with_one_start_the_later_invoice_wins_then_the_greater_line(stripe: Pipeline) -> None:
    period = ("2026-02-01", "2026-03-01")
    invoices = [
        invoice("in_1", "2026-02-01", line("il_9", period, "p10", 1)),
        invoice("in_2", "2026-02-02", line("il_1", period, "p20", 1), line("il_2", period, "p20", 7)),
    ]
    rows = stripe.events([version(state("2026-02-01", ("si_1", "p20", 1)))], (), invoices)
    assert (rows[0]["price_id"], rows[0]["quantity"]) == ("p20", 7)


def _billed(n: int, start: str, *, off: int | None = None, is_proration: bool = False) -> Row:
    """An invoice of one line from `start` on, with a forever discount of `off` percent of its own."""
    named = [{"amount": 1, "discount": f"di_{n}"}] if off else []
    one = line(f"il_{n}", (start, "2026-06-01"), f"p{n}", n, proration=is_proration, discount_amounts=named)
    return invoice(f"in_{n}", start, one, discounts=[coupon(f"di_{n}", percent_off=off)] if off else [])


@pytest.mark.parametrize(
    ("invoices", "factors"),
    [
        ([_billed(1, "2026-02-01", off=50), _billed(2, "2026-03-01", is_proration=True)], [50, 50]),
        ([_billed(1, "2026-02-01", off=50), _billed(2, "2026-02-01", is_proration=True)], [50]),
        ([_billed(1, "2026-02-01", is_proration=True), _billed(2, "2026-03-01", off=20)], [80, 80]),
        (
            [_billed(1, "2026-02-01", off=50), _billed(2, "2026-03-01"), _billed(3, "2026-04-01", is_proration=True)],
            [50, 100, 100],
        ),
        ([_billed(1, "2026-02-01", off=10, is_proration=True)], [90]),
    ],
    ids=["newest before", "same start", "first after", "newest of several", "own without any"],
)
def test_a_proration_tells_price_and_quantity_and_the_nearest_regular_line_the_discounts(
    stripe: Pipeline, invoices: list[Row], factors: list[int]
) -> None:
    rows = stripe.events([version(state("2026-02-01", ITEM))], (), invoices)
    rebuilt = [r for r in rows if r["is_reconstructed"]]
    assert [r["percent_factor_e8"] // 1_000_000 for r in rebuilt] == factors
    assert (rebuilt[-1]["price_id"], rebuilt[-1]["quantity"]) == (f"p{len(invoices)}", len(invoices))


def test_dates_tell_trial_and_end_before_the_first_snapshot(stripe: Pipeline) -> None:
    ended = state("2026-01-05", ITEM, status="canceled", ended_at=at("2026-03-10"))
    ended |= {"trial_start": at("2026-01-05"), "trial_end": at("2026-01-19")}
    assert stripe.changes([version(ended)]) == [
        ("2026-01-05", "created", "si_1"),
        ("2026-01-19", "trial_ended", "si_1"),
        ("2026-03-10", "canceled", "si_1"),
        ("2026-06-01", "observed", "si_1"),
    ]


def test_a_subscription_first_seen_expired_was_incomplete_all_its_life(stripe: Pipeline) -> None:
    rows = stripe.events([version(state("2026-01-05", ITEM, status="incomplete_expired"))])
    assert [r["status"] for r in rows] == ["incomplete", "incomplete_expired"]


def test_an_item_only_invoices_remember_ends_where_it_was_credited(stripe: Pipeline) -> None:
    invoices = [
        invoice("in_1", "2026-02-01", line("il_1", ("2026-02-01", "2026-03-01"), "p10", 1, item="si_old")),
        invoice("in_2", "2026-03-01", line("il_2", ("2026-02-20", "2026-03-01"), "p10", 1, -300, item="si_old")),
    ]
    assert [c for c in stripe.changes([version(state("2026-02-01", ITEM))], (), invoices) if c[2] == "si_old"] == [
        ("2026-02-01", "created", "si_old"),
        ("2026-02-20", "item_removed", "si_old"),
    ]


def test_percents_multiply_and_a_coupon_that_ran_out_no_longer_counts(stripe: Pipeline) -> None:
    discounts = [
        coupon("di_1", percent_off=50),
        coupon("di_2", end="2026-06-20", percent_off=20, duration="repeating"),
        coupon("di_3", percent_off=10, duration="once"),
    ]
    rows = stripe.events([version(state("2026-06-10", ITEM, discounts=discounts))])
    assert [(r["event_type"], r["percent_factor_e8"], r["evidence"]) for r in rows] == [
        ("created", 40_000_000, "version"),
        ("discount_changed", 50_000_000, "dates"),
    ]


def test_a_discount_named_by_an_event_is_described_by_another_snapshot(stripe: Pipeline) -> None:
    described = state("2026-06-10", ITEM, discounts=[coupon("di_1", percent_off=25)])
    named = state("2026-06-10", ITEM, discounts=[{"id": "di_1"}])
    rows = stripe.events([version(described)], [event("2026-06-10", named, "created")])
    assert [(r["percent_factor_e8"], r["has_unknown_discount"]) for r in rows] == [(75_000_000, False)]


def test_a_discount_named_by_an_event_is_described_by_an_invoice(stripe: Pipeline) -> None:
    named = event("2026-06-20", state("2026-06-10", ITEM, discounts=[{"id": "di_1"}]))
    gone = version(state("2026-06-10", ITEM))
    billed = invoice("in_1", "2026-06-10", discounts=[coupon("di_1", percent_off=25)])
    rows = stripe.events([gone], [named], [billed])
    assert [(r["percent_factor_e8"], r["has_unknown_discount"]) for r in rows][-2] == (75_000_000, False)


def test_a_discount_is_not_described_by_records_of_another_customer(stripe: Pipeline) -> None:
    named = version(state("2026-06-10", ITEM, discounts=[{"id": "di_1"}]))
    billed = invoice("in_1", "2026-06-10", customer="cus_2", discounts=[coupon("di_1", percent_off=25)])
    assert [r["has_unknown_discount"] for r in stripe.events([named], (), [billed])] == [True]


def test_a_discount_nobody_describes_is_left_out_and_marked(stripe: Pipeline) -> None:
    named = state("2026-06-10", ITEM, discounts=[{"id": "di_1"}])
    rows = stripe.events([version(named)])
    assert [(r["percent_factor_e8"], r["has_unknown_discount"]) for r in rows] == [(100_000_000, True)]


@pytest.mark.parametrize(
    ("own", "unknown"),
    [
        ([coupon("di_1", percent_off=25)], [True]),
        ([coupon("di_1", amount_off=500, currency="usd")], [True]),
        ([{"id": "di_1"}], [True]),
        ([coupon("di_1", end="2026-06-20", percent_off=25, duration="repeating")], [True, False]),
        ([coupon("di_1", percent_off=25, duration="once")], [False]),
        ([], [False]),
    ],
    ids=["percent", "amount", "named", "ran out", "once", "none"],
)
def test_a_lasting_discount_of_an_item_is_not_applied_but_marked(stripe: Pipeline, own: list[Row], unknown: list[bool]) -> None:
    discounted = state("2026-06-10", ITEM)
    discounted["items"]["data"][0]["discounts"] = own
    rows = stripe.events([version(discounted)])
    assert [r["has_unknown_discount"] for r in rows] == unknown
    assert {(r["percent_factor_e8"], r["fixed_discount_minor"]) for r in rows} == {(100_000_000, 0)}


def test_a_discount_of_an_item_leaves_those_of_its_subscription(stripe: Pipeline) -> None:
    discounted = state("2026-06-10", ITEM, discounts=[coupon("di_2", percent_off=20)])
    discounted["items"]["data"][0]["discounts"] = [coupon("di_1", percent_off=25)]
    [row] = stripe.events([version(discounted)])
    assert (row["percent_factor_e8"], row["has_unknown_discount"]) == (80_000_000, True)


def test_the_old_single_discount_and_plan_are_read_too(stripe: Pipeline) -> None:
    old = state("2026-06-10", status="active", discounts=None)
    old["items"] = {"data": [{"id": "si_1", "plan": {"id": "plan_1"}, "quantity": 2, "created": at("2026-06-10")}]}
    old["discount"] = {"start": at("2026-06-10"), "coupon": {"id": "X", "percent_off": 20, "duration": "forever"}}
    [row] = stripe.events([version(old)])
    assert (row["price_id"], row["quantity"], row["percent_factor_e8"]) == ("plan_1", 2, 80_000_000)


def test_what_happened_after_the_load_date_is_not_told(stripe: Pipeline) -> None:
    discounts = [coupon("di_1", end="2026-07-20", percent_off=20, duration="repeating")]
    versions = [version(state("2026-06-10", ITEM, discounts=discounts))]
    assert len(stripe.changes(versions, as_of="2026-07-19")) == 1
    assert len(stripe.changes(versions, as_of="2026-07-20")) == 2


def test_events_seen_long_after_they_happened_are_late_but_not_in_the_first_load(stripe: Pipeline) -> None:
    versions = [version(state("2026-06-10", ITEM))]
    events = [
        event("2026-06-10", state("2026-06-10", ITEM), "created", loaded=FIRST_LOAD),
        event("2026-07-02", state("2026-06-10", ("si_1", "p10", 2)), loaded=SECOND_LOAD),
        event("2026-07-08", state("2026-06-10", ("si_1", "p10", 3)), loaded=SECOND_LOAD),
    ]
    rows = stripe.events(versions, events, as_of="2026-07-09")
    assert [r["is_late_arriving"] for r in rows] == [False, True, False]


def test_an_event_of_an_unknown_customer_keeps_a_reason(stripe: Pipeline) -> None:
    [row] = stripe.events([version(state("2026-06-10", ITEM, customer="cus_2"))])
    assert row["unknown_customer_reason"] == "customer_not_stored"


def test_a_vanished_subscription_is_canceled(stripe: Pipeline) -> None:
    gone = version(state("2026-06-20", ITEM), loaded=SECOND_LOAD) | {"is_deleted": True}
    found = stripe.changes([version(state("2026-06-20", ITEM)), gone], as_of="2026-07-09")
    assert found[-1] == ("2026-07-09", "canceled", "si_1")


def test_other_events_do_not_count(stripe: Pipeline) -> None:
    other = record("stripe_events", "evt_x", type="invoice.paid", created=at("2026-06-12"), data={"object": {"id": "sub_1"}})
    assert len(stripe.changes([version(state("2026-06-10", ITEM))], [other])) == 1

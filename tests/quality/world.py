"""A company of a few rows on which every expectation passes, and one change per expectation that makes it fail alone."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import ibis

from c360.expressions.customers import UNKNOWN_CUSTOMER_ID
from c360.manifest import MANIFEST_SCHEMA
from c360.params import RunParams
from c360.quality.expectation import QUARANTINE_PREFIX
from c360.quality.quarantine import SCHEMA as QUARANTINE_SCHEMA
from tests.inputs import schema_of

Rows = dict[str, list[dict[str, Any]]]
Change = Callable[[Rows], None]

AS_OF = date(2026, 3, 5)
PARAMS = RunParams(as_of=AS_OF, history_from=date(2026, 1, 1), first_load_date=date(2026, 3, 4))
PAID_AT = datetime(2026, 2, 10, tzinfo=UTC)
MONTHS = [(date(2026, 1, 1), date(2026, 1, 31)), (date(2026, 2, 1), date(2026, 2, 28)), (date(2026, 3, 1), date(2026, 3, 31))]
STRIPE = {"source_system": "stripe", "source_account": "acct_1"}
SALESFORCE = {"source_system": "salesforce", "source_account": "org_1"}


def schema(name: str) -> ibis.Schema:
    """Schema of any input of an expectation."""
    if name == "load_manifest":
        return MANIFEST_SCHEMA
    return QUARANTINE_SCHEMA if name.startswith(QUARANTINE_PREFIX) else schema_of(name)


def world() -> Rows:
    """Fresh rows; columns no expectation reads are left out (null)."""
    rows: Rows = {
        "load_manifest": [_load(entity) for entity in ("stripe_customers", "stripe_invoices")],
        "salesforce_accounts": [{**SALESFORCE, "record_id": "001_1"}],
        "stripe_customers": [{**STRIPE, "record_id": "cus_1"}],
        "identity_record": [_person("customer", email="a@b.example"), _person("contact")],
        "customer_identity": [
            {**SALESFORCE, "record_id": "001_1", "source_id": "001_1", "customer_id": "c_1"},
            {**STRIPE, "record_id": "cus_1", "source_id": "cus_1", "customer_id": "c_1"},
        ],
        "dim_customer": [{"customer_id": "c_1"}, {"customer_id": UNKNOWN_CUSTOMER_ID}],
        "dim_customer_account": [{"customer_id": "c_1"}, {"customer_id": UNKNOWN_CUSTOMER_ID}],
        "reconciliation_log": [_reconciled(date(2026, 3, 4), numerator=1), _reconciled(AS_OF)],
        "dim_date": [{"month_start_date": a, "month_end_date": b} for a, b in MONTHS],
        "currency": [{"currency": "usd", "minor_unit_exponent": 2}, {"currency": "jpy", "minor_unit_exponent": 0}],
        "dim_subscription": [_subscription("sub_1", "active"), _subscription("sub_2", "incomplete", customer_id="c_2")],
        "fct_subscription_event": [{**STRIPE, "subscription_id": "sub_1"}],
        "fct_subscription_health": [{"source_account": "acct_1", "subscription_id": "sub_1"}],
        "fct_invoice": [_invoice("in_1", 1050, "usd"), _invoice("in_2", 300, "jpy"), _invoice("in_3", 7, "usd", "open")],
        "fct_payment_transaction": [_payment("ch_1", "in_1", "sub_1"), _payment("ch_2", None, None)],
        "fct_balance_transaction": [_balance("charge"), _balance("payout", source_type="other", amount_minor=-5)],
        "fct_opportunity": [_deal(n) for n in range(100)],
        "fct_monthly_revenue": [_month(start) for start, _ in MONTHS],
        "fct_monthly_revenue_by_currency": [_paid("usd", "10.50"), _paid("jpy", "300")],
        "fct_mrr": [_item(start, mrr, rate) for (start, _), mrr, rate in zip(MONTHS, (10, 25, 0), (2, 3, 3), strict=True)],
        "fct_mrr_movement": [
            _moved(0, None, 10, None, (None, 20, None, None), is_opening_known=False),
            _moved(1, 10, 25, "expansion", (20, 75, 45, 10)),
            _moved(2, 25, 0, "churn", (75, 0, -75, 0)),
        ],
    }
    return rows


def _load(entity: str, load_date: date = AS_OF, before: int = 100, after: int = 100) -> dict[str, Any]:
    counts = {"live_count_before": before, "live_count_after": after}
    return {**STRIPE, "entity": entity, "load_date": load_date, "is_complete": True, **counts}


def _person(entity: str, **values: Any) -> dict[str, Any]:
    return {**STRIPE, "source_entity": entity, "source_id": "s", "is_deleted": False, **values}


def _reconciled(load_date: date, numerator: int = 100) -> dict[str, Any]:
    rates = {"match_rate": numerator / 100, "estimated_precision": 0.995, "confidence_median": 0.99}
    return {"load_date": load_date, "denominator": 100, "numerator": numerator, "matched_count": 100, **rates}


def _subscription(subscription_id: str, status: str, customer_id: str = "c_1") -> dict[str, Any]:
    ids = {**STRIPE, "subscription_id": subscription_id, "customer_id": customer_id}
    return {**ids, "status": status, "start_date": date(2025, 12, 5)}


def _invoice(invoice_id: str, minor: int, currency: str, status: str = "paid") -> dict[str, Any]:
    is_paid = status == "paid"
    return {
        **STRIPE,
        "invoice_id": invoice_id,
        "subscription_id": "sub_1",
        "billing_reason": "subscription_cycle",
        "status": status,
        "currency": currency,
        "paid_amount_minor": minor if is_paid else 0,
        "remaining_amount_minor": 0 if is_paid else minor,
        "paid_date": PAID_AT.date() if is_paid else None,
        "created_at": PAID_AT,
    }


def _payment(charge_id: str, invoice_id: str | None, subscription_id: str | None) -> dict[str, Any]:
    ids = {**STRIPE, "charge_id": charge_id, "invoice_id": invoice_id, "subscription_id": subscription_id}
    return {**ids, "first_date_loaded": AS_OF, "is_late_arriving": False}


def _balance(kind: str, **values: Any) -> dict[str, Any]:
    return {
        **STRIPE,
        "balance_transaction_id": f"txn_{kind}",
        "transaction_type": kind,
        "source_type": kind,
        "amount_minor": 1103,
        "currency": "eur",
        "source_amount_minor": 1050,
        "source_currency": "usd",
        "exchange_rate": Decimal("1.05"),
        **values,
    }


def _deal(number: int) -> dict[str, Any]:
    ids = {**SALESFORCE, "opportunity_id": f"006_{number}", "salesforce_account_id": "001_1", "is_deleted": False}
    return {**ids, "amount": Decimal(1), "close_date": AS_OF}


def _month(start: date, customer_id: str = "c_1", mrr: str = "100") -> dict[str, Any]:
    return {"customer_id": customer_id, "month_start_date": start, "mrr_amount": Decimal(mrr)}


def _paid(currency: str, amount: str) -> dict[str, Any]:
    ids = {"customer_id": "c_1", "month_start_date": date(2026, 2, 1), "currency": currency}
    minor = int(Decimal(amount) * (1 if currency == "jpy" else 100))
    return {**ids, "revenue_amount": Decimal(amount), "revenue_amount_minor": minor}


def _item(start: date, mrr: int | None, rate: int | None, currency: str = "eur", item: str = "si_1") -> dict[str, Any]:
    reporting = None if mrr is None else 0 if mrr == 0 else rate and mrr * rate
    ids = {"customer_id": "c_1", "subscription_item_id": item, "currency": currency, "month_start_date": start}
    return {**ids, "mrr_amount": _money(mrr), "mrr_reporting_amount": _money(reporting)}


def _moved(
    position: int, opening: int | None, closing: int | None, kind: str | None, reporting: tuple[int | None, ...], **values: Any
) -> dict[str, Any]:
    """A movement of c_1 in a month; `reporting` is opening, closing, movement and FX in the reporting currency."""
    names = ("opening_mrr_reporting", "closing_mrr_reporting", "movement_reporting", "fx")
    change = None if opening is None or closing is None else closing - opening
    amounts = {"opening_mrr": opening, "closing_mrr": closing, "movement": change, **dict(zip(names, reporting, strict=True))}
    marks = {"is_opening_known": True, "is_mrr_complete": True, "is_rate_missing": False}
    ids = {"customer_id": "c_1", "currency": "eur", "month_start_date": MONTHS[position][0], "movement_type": kind}
    return {**ids, **{f"{name}_amount": _money(value) for name, value in amounts.items()}, **marks, **values}


def _money(number: float | None) -> Decimal | None:
    return None if number is None else Decimal(str(number))


def _set(table: str, position: int, **values: Any) -> Change:
    return lambda rows: rows[table][position].update(values)


def _add(table: str, *more: dict[str, Any]) -> Change:
    return lambda rows: rows[table].extend(more)


def _drop(table: str, position: int) -> Change:
    def drop(rows: Rows) -> None:
        del rows[table][position]

    return drop


def _all(*changes: Change) -> Change:
    def change(rows: Rows) -> None:
        for one in changes:
            one(rows)

    return change


def quarantined(table: str, **values: Any) -> Change:
    """Puts one open row into a quarantine table."""

    def put(rows: Rows) -> None:
        rows.setdefault(f"{QUARANTINE_PREFIX}{table}", []).append({"row_key": "{}", "row_json": "{}", **values})

    return put


CHANGES: dict[str, dict[str, Change]] = {
    "BE-001 largest_gone_share": {
        "eleven of a hundred are gone": _set("load_manifest", 0, live_count_after=89),
    },
    "BE-003 failing_share": {
        "nothing to match by": _set("identity_record", 0, email=None),
    },
    "BE-004 failing_share": {
        "an entity of yesterday is not loaded": _add("load_manifest", _load("stripe_charges", date(2026, 3, 4))),
        "a load is incomplete": _set("load_manifest", 1, is_complete=False),
    },
    "BE-101 failing_share": {
        "two of a hundred lack something": _all(
            _set("fct_opportunity", 0, amount=None),
            _set("fct_opportunity", 1, close_date=None),
        ),
    },
    "SE-001 match_rate": {
        "three are not matched": _set("reconciliation_log", 1, numerator=97, match_rate=0.97),
    },
    "SE-001 estimated_precision": {
        "links are weak": _set("reconciliation_log", 1, estimated_precision=0.98),
    },
    "SE-102 median_confidence": {
        "half is weak": _set("reconciliation_log", 1, confidence_median=0.9),
    },
    "SE-003 failing_share": {
        "no such invoice": _set("fct_payment_transaction", 0, invoice_id="in_9"),
        "not the invoice's subscription": _set("fct_payment_transaction", 0, subscription_id=None),
    },
    "SE-005 failing_share": {
        "it names no subscription": _add("fct_invoice", {**_invoice("in_4", 0, "usd"), "subscription_id": None}),
        "nobody has that subscription": _add("fct_invoice", {**_invoice("in_4", 0, "usd"), "subscription_id": "sub_9"}),
    },
    "SE-101 failing_share": {
        "half is late": _set("fct_payment_transaction", 0, is_late_arriving=True),
    },
    "GE-001 failing_share": {
        "a month is missing": _drop("fct_monthly_revenue", 0),
        "a customer is missing": _set("dim_subscription", 1, status="canceled"),
    },
    "GE-101 failing_share": {
        "grows by a quarter and a bit": _set("fct_monthly_revenue", 1, mrr_amount=Decimal("125.00000001")),
        "is gone": _set("fct_monthly_revenue", 1, mrr_amount=Decimal(0)),
    },
    "GE-102 failing_share": {
        "open for long": _set("fct_invoice", 2, created_at=datetime(2025, 12, 1, tzinfo=UTC)),
    },
    "GE-004 failing_share": {
        "no rate": _set("fct_monthly_revenue", 1, is_rate_missing=True),
    },
    "CL-001 failing_share silver.customer_identity": {
        "a record is nowhere": _add("salesforce_accounts", {**SALESFORCE, "record_id": "001_2"}),
        "a record is placed twice": quarantined("customer_identity", **STRIPE, record_id="cus_1"),
    },
    "CL-001 failing_share silver.dim_customer": {
        "a customer without row": _set("customer_identity", 0, customer_id="c_3"),
    },
    "CL-002 failing_share": {
        "a customer without account": _drop("dim_customer_account", 1),
    },
    "CL-003 failing_share": {
        "one cent": _set("fct_monthly_revenue_by_currency", 0, revenue_amount=Decimal("10.49")),
        "only the minor units": _set("fct_monthly_revenue_by_currency", 0, revenue_amount_minor=1049),
        "unknown instead of paid": _set("fct_monthly_revenue_by_currency", 0, revenue_amount=None, revenue_amount_minor=None),
        "a fraction of a cent": _set("fct_monthly_revenue_by_currency", 0, revenue_amount=Decimal("10.50000001")),
        "another month": _set("fct_monthly_revenue_by_currency", 0, month_start_date=date(2026, 1, 1)),
        "money from nowhere": _add("fct_monthly_revenue_by_currency", _paid("eur", "1")),
        "money that is gone": _drop("fct_monthly_revenue_by_currency", 1),
        "a currency nobody knows": _add("fct_invoice", _invoice("in_4", 1, "xxx")),
    },
    "CL-003 quarantined_invoices": {
        "a paid invoice": quarantined(
            "fct_invoice", record_id="in_8", row_json='{"currency":"usd","paid_amount_minor":500,"status":"paid"}'
        ),
    },
    "CL-004 failing_share": {
        "no event": _set("fct_subscription_event", 0, subscription_id="sub_9"),
    },
    "CL-005 failing_share": {
        "a movement is a cent off": _set("fct_mrr_movement", 1, movement_amount=Decimal("14.99")),
        "a movement is off in the reporting currency": _set(
            "fct_mrr_movement", 1, movement_reporting_amount=Decimal("45.00000001")
        ),
        "what rates did is left out": _set("fct_mrr_movement", 1, fx_amount=None),
        "what changed has no type": _set("fct_mrr_movement", 1, movement_type=None),
        "a fall to 0 is left out": _drop("fct_mrr_movement", 2),
        "a movement is there twice": _add("fct_mrr_movement", _moved(2, 0, 0, None, (0, 0, 0, 0))),
        "MRR that no item has": _add("fct_mrr_movement", _moved(1, 0, 5, "new", (0, 15, 15, 0)) | {"currency": "jpy"}),
        "an item that no movement knows": _add("fct_mrr", _item(MONTHS[1][0], 1, 1, "usd")),
        "an item that cannot be computed counts as 0": _add("fct_mrr", _item(MONTHS[1][0], None, 1, item="si_2")),
        "the law holds, but not of MRR": _set(
            "fct_mrr_movement", 1, opening_mrr_amount=Decimal(11), closing_mrr_amount=Decimal(26)
        ),
        "an opening of the history that is not known": _set(
            "fct_mrr_movement", 1, **_moved(1, None, 25, None, (None, 75, None, None), is_opening_known=False)
        ),
        "incomplete without reason": _set("fct_mrr_movement", 1, is_mrr_complete=False),
        "without a rate, which fct_mrr has": _set("fct_mrr_movement", 1, is_rate_missing=True, movement_reporting_amount=None),
    },
    "CL-006 failing_share": {
        "one cent": _set("fct_balance_transaction", 0, amount_minor=1102),
        "another currency without rate": _set(
            "fct_balance_transaction", 0, exchange_rate=None, amount_minor=1050, source_amount_minor=1050
        ),
        "a dispute that is not stored": _set(
            "fct_balance_transaction", 1, transaction_type="adjustment", reporting_category="dispute", source_amount_minor=None
        ),
        "no source": _set("fct_balance_transaction", 0, source_type="other", source_amount_minor=None),
    },
}
"""`<check id> <measure>` (and the table, where an id has two) -> what happens -> the change."""

HARMLESS: dict[str, Change] = {
    "five of a hundred are gone": _set("load_manifest", 0, live_count_after=95),
    "ten of ten are gone": _set("load_manifest", 0, live_count_before=10, live_count_after=0),
    "tomorrow is not loaded": _add("load_manifest", _load("stripe_prices", date(2026, 3, 6))),
    "one deal of a hundred lacks its amount": _set("fct_opportunity", 0, amount=None),
    "the invoice is in quarantine": _all(
        _set("fct_payment_transaction", 0, invoice_id="in_8", subscription_id=None),
        quarantined("fct_invoice", record_id="in_8"),
    ),
    "the invoice could not be read": _all(
        _set("fct_payment_transaction", 0, invoice_id="in_8", subscription_id=None),
        quarantined("stripe_invoices", record_id="in_8"),
    ),
    "the subscription is in quarantine": _all(
        _set("fct_invoice", 0, subscription_id="sub_8"),
        _set("fct_payment_transaction", 0, subscription_id="sub_8"),
        quarantined("dim_subscription", record_id="sub_8"),
    ),
    "the month is in quarantine": _all(
        _drop("fct_monthly_revenue", 0),
        quarantined("fct_monthly_revenue", row_key='{"customer_id":"c_1","month_start_date":"2026-01-01"}'),
    ),
    "the account is in quarantine": _all(
        _drop("customer_identity", 1),
        quarantined("customer_identity", **STRIPE, record_id="cus_1"),
    ),
    "the event is in quarantine": _all(
        _drop("fct_subscription_event", 0),
        quarantined("fct_subscription_event", row_key='{"source_account":"acct_1","subscription_id":"sub_1"}'),
    ),
    "no rate in the month": _set("fct_monthly_revenue", 1, mrr_amount=None),
    "before the history nothing is known": _add(
        "fct_monthly_revenue_by_currency",
        {"customer_id": "c_1", "month_start_date": date(2025, 12, 1), "currency": "usd"},
    ),
    "an item that cannot be computed is marked": _all(
        _add("fct_mrr", _item(MONTHS[1][0], None, None, item="si_2")),
        _set("fct_mrr_movement", 1, **_moved(1, 10, None, None, (20, None, None, None), is_mrr_complete=False)),
        _set("fct_mrr_movement", 2, **_moved(2, None, 0, None, (None, 0, None, None), is_mrr_complete=False)),
    ),
    "an item without a rate is marked": _all(
        _set("fct_mrr", 1, mrr_reporting_amount=None),
        _set("fct_mrr_movement", 1, **_moved(1, 10, 25, "expansion", (20, None, None, None), is_rate_missing=True)),
        _set("fct_mrr_movement", 2, **_moved(2, 25, 0, "churn", (None, 0, -75, None), is_rate_missing=True)),
    ),
    "items of another currency at 0 need no movement": _all(
        _add("fct_mrr", _item(MONTHS[0][0], 0, 1, "usd", "si_2"), _item(MONTHS[1][0], 0, 1, "usd", "si_2")),
    ),
    "grows by a quarter": _set("fct_monthly_revenue", 1, mrr_amount=Decimal(125)),
    "ended before the history": _add(
        "dim_subscription",
        {**_subscription("sub_3", "canceled", "c_3"), "ended_at": datetime(2025, 12, 31, 23, tzinfo=UTC)},
    ),
}
"""What must not fail anything."""

"""Blocking keys: what two records must share to be compared at all. The engine joins on them; nothing compares all with all."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

KINDS = ("address", "domain", "email", "id", "master", "name", "near", "phone")
"""What a key may be made of; `near` keys are shared by e-mails that differ in one place."""

COMPARED_WITHIN: dict[str, tuple[str, ...]] = {
    "salesforce": ("address", "master", "phone"),
    "stripe": ("address", "domain", "email", "id", "name", "near", "phone"),
}
"""System -> kinds that propose pairs of two of its own records. Two Salesforce accounts on one domain may be parent and
subsidiary, so only a merge, or one name at one place, speaks for a duplicate."""

KEYS = pa.schema(
    [
        pa.field("member", pa.string(), nullable=False),
        pa.field("system", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("value", pa.string(), nullable=False),
        ("email", pa.string()),
        ("email_class", pa.string()),
        ("person_name", pa.string()),
    ]
)

_SEPARATOR = "|"
_LEAST_NAME_LENGTH = 3


def member(system: str, account: str, record_id: str) -> str:
    """One text for a record's three-part key; its order puts Salesforce before Stripe, so that left is Salesforce."""
    return _SEPARATOR.join((system, account, record_id))


def parts(member_text: str) -> tuple[str, str, str]:
    """System, account and id of a `member` text."""
    system, account, record_id = member_text.split(_SEPARATOR, 2)
    return system, account, record_id


def keys(batch: pa.RecordBatch) -> pa.RecordBatch:
    """All blocking keys of records of `identity_record`; a contact's keys are its account's."""
    rows = [row for record in batch.to_pylist() for row in _rows(record)]
    return pa.RecordBatch.from_pylist(rows, schema=KEYS)


def _rows(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if record["source_entity"] == "contact" and record["member_id"] == record["source_id"]:
        return  # a contact of no account speaks for nobody
    common = {
        "member": member(record["source_system"], record["source_account"], record["member_id"]),
        "system": record["source_system"],
        "email": record["email_key"],
        "email_class": record["email_class"],
        "person_name": record["name_normal"] if record["is_person"] else None,
    }
    for kind, value in _values(record):
        if value is not None:
            yield {**common, "kind": kind, "value": value}


def _values(record: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    yield "email", record["email_key"]
    yield "domain", record["domain"]
    yield "phone", record["phone_key"]
    yield "address", record["address_key"]
    if record["source_entity"] != "contact":
        core = (record["name_core"] or "").replace(" ", "")
        yield "name", core if len(core) >= _LEAST_NAME_LENGTH else None
        yield "master", record["master_id"]
    if record["source_entity"] == "account":
        yield "id", record["source_id"]
        yield "master", record["source_id"]
    if record["source_entity"] == "customer":
        yield "id", record["metadata_account_id"]
    for value in sorted(_one_deleted(record["email_key"] or "")):
        yield "near", value


def _one_deleted(address: str) -> set[str]:
    """The text and all texts with one character less: two texts one change or swap apart share one of them."""
    return {address[:i] + address[i + 1 :] for i in range(len(address))} | ({address} if address else set())

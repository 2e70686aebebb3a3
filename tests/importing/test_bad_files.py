"""Each bad input has its sentence, with the file and the place; nothing of a record but its id is in it."""

import gzip
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from c360.errors import SourceError
from c360.sources import file_names, file_values, salesforce, stripe
from c360.sources.base import Evidence, Record, Window
from c360.sources.files import FileSource

CUTOFF = datetime(2026, 6, 14, 22, tzinfo=UTC)
OLD = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp())
ANNA = {"id": "cus_1", "object": "customer", "created": OLD, "livemode": True, "name": "Anna Nym"}
BERT = {**ANNA, "id": "cus_2", "name": "Bert Nym"}
INVOICE = {
    "id": "in_1",
    "object": "invoice",
    "created": OLD,
    "livemode": True,
    "lines": {"object": "list", "data": [], "has_more": False},
}
STAMP = "2026-06-01T10:00:00.000+0000"
USER = {"Id": "005000000000001AAA", "Name": "Anna Nym", "Email": "a@nym.example", "IsActive": True, "SystemModstamp": STAMP}
HEADER = b"Id,Name,Email,IsActive\n"


def read(folder: Path, system: str = "stripe", *, livemode: bool = True) -> tuple[list[Record], FileSource, Evidence]:
    declared = {"stripe": stripe.ENTITIES, "salesforce": salesforce.ENTITIES}[system]
    source = FileSource(system, "account", file_names.find(folder, declared), declared, livemode)
    evidence = Evidence()
    batches = [b for e in declared if e.name in source.found.files for b in source.extract(e, Window(CUTOFF, CUTOFF), evidence)]
    return [record for batch in batches for record in batch], source, evidence


def lines(*bodies: Any) -> bytes:
    return b"\n".join(map(orjson.dumps, bodies)) + b"\n"


def page(*bodies: Any, has_more: bool = False) -> dict[str, Any]:
    return {"object": "list", "data": list(bodies), "has_more": has_more}


def answer(total: int, *bodies: Any, **more: Any) -> dict[str, Any]:
    return {"totalSize": total, "records": list(bodies), **more}


BAD_STRIPE: list[tuple[str, bytes, str]] = [
    ("customers.jsonl", lines(ANNA)[:-20], "customers.jsonl, line 1: not JSON, or cut off"),
    ("customers.jsonl", lines(ANNA) + b"{broken\n" + lines(BERT), "customers.jsonl, line 2: not JSON, or cut off"),
    ("customers.jsonl", lines(ANNA, [BERT]), "customers.jsonl, line 2: not a JSON object."),
    ("customers.jsonl", lines(ANNA, {"object": "customer"}), "customers.jsonl, line 2: a record without id."),
    ("customers.jsonl", lines(ANNA, {**BERT, "id": 7}), "customers.jsonl, line 2: a record without id."),
    ("customers.jsonl", lines(ANNA, INVOICE), "customers.jsonl, line 2: an object called invoice among the stripe_customers."),
    ("customers.jsonl", lines({"id": "cus_1"}), "customers.jsonl, line 1: an object that does not say what it is among"),
    ("customers.jsonl", lines({**ANNA, "created": "soon"}), "customers.jsonl, line 1: created is no instant."),
    ("customers.jsonl", lines({**ANNA, "created": OLD * 2}), "cus_1 is of 2082-01-09, after the load date 2026-06-14."),
    ("customers.jsonl", lines(ANNA, {**ANNA, "name": "B"}), "line 2: cus_1 was in these files before with other content"),
    ("customers.jsonl", b"", "customers.jsonl is empty."),
    ("customers.jsonl", lines({**ANNA, "livemode": False}), "The files of stripe_customers hold test records only, but live"),
    ("customers.jsonl", "{\"id\": \"cus_\xfc\"}".encode("latin-1"), "customers.jsonl is not UTF-8."),
    ("customers.jsonl.gz", gzip.compress(lines(ANNA, BERT))[:-12], "customers.jsonl.gz is cut off or damaged"),
    ("customers.jsonl.gz", lines(ANNA), "customers.jsonl.gz is cut off or damaged"),
    ("customers.json", orjson.dumps([ANNA, BERT])[:-1], "customers.json, line 1 (character"),
    ("customers.json", orjson.dumps([ANNA, BERT])[:-9], "the file ends inside this record; it is cut off."),
    ("customers.json", orjson.dumps([ANNA, BERT])[:-1], "the file ends inside an array; it is cut off."),
    ("customers.json", b"[\n" + orjson.dumps(ANNA) + b",\n]", "customers.json, line 3 (character"),
    ("customers.json", b'[\n{"id": "cus_1",\n "name": oops, "x": "a long rest"}]', "line 3 (character 28): not JSON"),
    ("customers.json", b'{"id": oops}', "customers.json, line 1 (character 8): not JSON (Expecting value)."),
    ("customers.json", b'{"id": ' + b"[" * 100_000, "customers.json, line 1 (character 1): nested too deeply."),
    ("customers.json", b"[1, 2]", "customers.json, line 1 (character 2): expected a record."),
    ("customers.json", b'{"id": "cus_1", "object": "customer", "n": NaN}', "customers.json, line 1 (character 1): not JSON"),
    ("customers.json", b" \n", "customers.json is empty."),
    ("customers.json", lines(page(ANNA, has_more=True)), "the list goes on after cus_1 (has_more), and no page follows."),
    ("customers.json", lines({"object": "list"}), "a list answer without its records (data)."),
    ("customers.json", lines(page(ANNA, {"a": 1})), "customers.json, line 1 (character 1), record 2: a record without id."),
    ("customers.json", lines({"error": {"type": "api_error"}}), "a record without id."),
    ("invoices.json", lines({**INVOICE, "lines": page(has_more=True)}), "in_1 has more lines than the file holds (has_more)."),
    ("customers.csv", b"id,name\ncus_1,Anna\n", "customers.csv, line 2: CSV holds no whole records of Stripe."),
]  # fmt: skip
BAD_SALESFORCE: list[tuple[str, bytes, str]] = [
    ("User.json", lines(answer(2, USER)), "the query counts 2 records (totalSize), but its answers hold 1."),
    ("User.json", lines(answer(1, USER, done=False)), "the query counts 1 records (totalSize), but its answers hold 1."),
    ("User.json", lines(answer(2, USER, done=True)), "the query counts 2 records (totalSize), but its answers hold 1."),
    ("User.json", lines(answer(3, USER, done=False), answer(2, USER)), "the query counts 3 records"),
    ("User.json", lines([{"errorCode": "INVALID_SESSION_ID"}]), "a record without Id."),
    ("User.json", lines({**USER, "attributes": {"type": "Contact"}}), "a record that is no User, by its type or its id."),
    ("User.csv", HEADER + b"003000000000001AAA,Anna,,true\n", "line 2: a record that is no User, by its type or its id."),
    ("User.csv", HEADER + b"005000000000001AAA,Anna,true\n", "User.csv, line 2: 3 fields where the header has 4."),
    ("User.csv", HEADER + b'005000000000001AAA,"Anna\nNym,,tr', "User.csv, line 2: not CSV, or cut off inside this row."),
    ("User.csv", b"Id,Name\n005000000000001AAA,Anna\n", "User.csv lacks Email, IsActive of User."),
    ("User.csv", b"Id,Name,NAME\n", "User.csv, line 1: a column has no name, or two have the same."),
    ("User.csv", b"Name\nAnna\n", "User.csv, line 2: a record without Id."),
    ("User.csv", b"Id,Name,Email,IsActive,SystemModstamp\n005000000000001,A,,1,soon\n", "line 2: SystemModstamp is"),
    ("User.csv", b"", "User.csv is empty."),
]  # fmt: skip


@pytest.mark.parametrize(("file", "data", "sentence"), BAD_STRIPE)
def test_a_bad_file_of_stripe(tmp_path: Path, file: str, data: bytes, sentence: str) -> None:
    (tmp_path / file).write_bytes(data)
    with pytest.raises(SourceError) as caught:
        read(tmp_path)
    assert sentence in caught.value.message
    assert caught.value.hint
    assert "Nym" not in str(caught.value)


@pytest.mark.parametrize(("file", "data", "sentence"), BAD_SALESFORCE)
def test_a_bad_file_of_salesforce(tmp_path: Path, file: str, data: bytes, sentence: str) -> None:
    (tmp_path / file).write_bytes(data)
    with pytest.raises(SourceError) as caught:
        read(tmp_path, "salesforce")
    assert sentence in caught.value.message
    assert caught.value.hint
    assert "Nym" not in str(caught.value)


def test_a_value_that_does_not_end_is_not_read_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_values, "LONGEST_VALUE", 2 * 2**20)
    (tmp_path / "customers.json").write_bytes(b'{"id": "' + b"a" * 5 * 2**20)
    with pytest.raises(SourceError, match="a value of more than 2 Mi characters, or one that does not end"):
        read(tmp_path)
    (tmp_path / "customers.json").rename(tmp_path / "customers.jsonl")
    with pytest.raises(SourceError, match="line 1: a value of more than 2 Mi characters"):
        read(tmp_path)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """8 MB of records; what is held is a chunk, read on, and a value."""
    for name, separator, ends in (("customers.json", b",", (b"[", b"]")), ("customers.jsonl", b"\n", (b"", b""))):
        bodies = separator.join(orjson.dumps({**ANNA, "id": f"cus_{n}", "note": "x" * 4000}) for n in range(2000))
        (tmp_path / name).write_bytes(ends[0] + bodies + ends[1])
        tracemalloc.start()
        count = sum(1 for _ in file_values.objects(tmp_path / name, name))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert count == 2000
        assert most < 5 * 2**20


def test_pages_follow_one_another_over_files_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for number, is_last in ((2, False), (10, True), (1, False)):
        body = {**ANNA, "id": f"cus_{number}"}
        (tmp_path / f"customers-{number}.json").write_bytes(lines(page(body, has_more=not is_last)))
    records, _, evidence = read(tmp_path)
    assert [record.record_id for record in records] == ["cus_1", "cus_2", "cus_10"]
    assert (evidence.page_count, evidence.is_full_listing) == (3, False)


def test_values_are_found_wherever_chunks_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bodies = [{**ANNA, "id": f"cus_{n}", "name": 'é"\\u{[' * n, "nested": [{"a": [n, -1.5e3]}]} for n in range(30)]
    (tmp_path / "customers.json").write_bytes(orjson.dumps(bodies, option=orjson.OPT_INDENT_2))
    whole = [record.payload for record in read(tmp_path)[0]]
    monkeypatch.setattr(file_values, "_CHUNK", 7)
    assert [record.payload for record in read(tmp_path)[0]] == whole == [orjson.dumps(body).decode() for body in bodies]


def test_records_of_the_other_mode_are_left_out_and_counted(tmp_path: Path) -> None:
    (tmp_path / "customers.jsonl").write_bytes(lines(ANNA, {**BERT, "livemode": False}))
    records, source, _ = read(tmp_path)
    assert [record.record_id for record in records] == ["cus_1"]
    assert source.seen["stripe_customers"].skipped_count == 1


def test_what_is_left_of_a_deleted_record_is_kept_where_a_table_needs_it(tmp_path: Path) -> None:
    stubs = {name: {"id": f"{name}_1", "object": name, "deleted": True} for name in ("customer", "product")}
    for name, stub in stubs.items():
        (tmp_path / f"{name}s.jsonl").write_bytes(lines(stub))
    records, source, _ = read(tmp_path)
    assert {r.record_id: (r.is_deleted, bool(r.payload)) for r in records} == {
        "customer_1": (True, True),
        "product_1": (True, False),
    }
    source.stored = lambda entity: frozenset({"customer_1"})
    customers = next(e for e in source.declared if e.api_object == "customer")
    again = [r for batch in source.extract(customers, Window(CUTOFF, CUTOFF), Evidence()) for r in batch]
    assert [(r.is_deleted, r.payload) for r in again] == [(True, "")]  # what is stored says more


def test_files_are_found_by_many_names_and_others_are_named(tmp_path: Path) -> None:
    for name in ("Balance-Transactions_2026.01.json", "stripe_customers.JSONL.gz", "charge.ndjson", "notes.txt", "coupons.jsonl"):
        (tmp_path / name).touch()
    for folder in ("invoices", "misc"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "part 1.json").touch()
    (tmp_path / ".DS_Store").touch()
    found = file_names.find(tmp_path, stripe.ENTITIES)
    assert {name: [found.name(path) for path in paths] for name, paths in found.files.items()} == {
        "stripe_balance_transactions": ["Balance-Transactions_2026.01.json"],
        "stripe_customers": ["stripe_customers.JSONL.gz"],
        "stripe_charges": ["charge.ndjson"],
        "stripe_invoices": ["invoices/part 1.json"],
    }
    assert found.others == ["coupons.jsonl", "misc/part 1.json", "notes.txt"]
    with pytest.raises(SourceError, match="is no folder"):
        file_names.find(tmp_path / "nowhere", stripe.ENTITIES)


def test_csv_is_typed_by_the_schema(tmp_path: Path) -> None:
    header = (
        "ID,STAGENAME,Amount,ISCLOSED,FiscalYear,CloseDate,SYSTEMMODSTAMP,Zone__c,AccountId,IsWon,Probability,OwnerId,CreatedDate"
    )
    rows = [
        "x,Won,1200.50,1,2026,2026-06-01T00:00:00.000Z,2026-06-01 10:00:00,7,001000000000001,true,,,2026-06-01T12:00:00.000+0200",
        "x,,1234567890123456.78,maybe,many,soon,2026-06-01T10:00:00.123Z,,,false,x,,",
    ]
    ids = ("006000000000001", "006000000000002AAA")
    text = "\r\n".join([header, *(row.replace("x", record_id, 1) for row, record_id in zip(rows, ids, strict=True))])
    (tmp_path / "Opportunity.csv").write_text(text, encoding="utf-8-sig")
    first, second = (record.body for record in read(tmp_path, "salesforce")[0])
    assert first == {
        "Id": salesforce.id18(ids[0]), "StageName": "Won", "Amount": 1200.5, "IsClosed": True, "FiscalYear": 2026,
        "CloseDate": "2026-06-01", "SystemModstamp": STAMP, "Zone__c": "7", "AccountId": salesforce.id18("001000000000001"),
        "IsWon": True, "Probability": None, "OwnerId": None, "CreatedDate": STAMP,
    }  # fmt: skip
    assert second is not None
    kept = {name: second[name] for name in ("Amount", "IsClosed", "FiscalYear", "CloseDate", "SystemModstamp", "Probability")}
    assert kept == {
        "Amount": "1234567890123456.78", "IsClosed": "maybe", "FiscalYear": "many", "CloseDate": "soon",
        "SystemModstamp": "2026-06-01T10:00:00.123+0000", "Probability": "x",
    }  # fmt: skip

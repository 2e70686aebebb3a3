"""The demo company's records as files of every format the import reads, made from its store and not by its server."""

import csv
import gzip
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from c360.demo.company import Company
from c360.demo.stripe_objects import render
from c360.demo.stripe_store import StripeStore
from c360.sources import salesforce
from c360.sources.stripe_entities import LISTINGS

Body = dict[str, Any]
Records = dict[str, list[Body]]
PAGE = 40


def stripe_records(company: Company, at: datetime) -> Records:
    """Every object as it is at an instant, lists inside it whole, with what a load asks to be expanded; deleted customers too."""
    now = int(at.timestamp())
    store = StripeStore(company.world.book.records, company.world.book.events, now)
    found: Records = {}
    for name, listing in LISTINGS.items():
        kind = name.removeprefix("stripe_")
        if kind == "events":
            bodies = [store.render_event(stub) for stub in store.visible_events()]
        else:
            states = (record.state_at(now) or {} for record in store.visible(kind))
            bodies = [render(kind, state, store.get, nested_limit=None) for state in states]
        for body in bodies:
            for path in listing.expand:
                store.expand(body, path)
        found[name] = orjson.loads(orjson.dumps(bodies))
    gone = (store.get("customers", identifier) for identifier in store.records["customers"])
    found["stripe_customers"] += [body for body in gone if body and body.get("deleted")]
    return found


def salesforce_records(company: Company, at: datetime) -> Records:
    """Every object with all its fields, deleted ones too, with `attributes` as the REST API writes them."""
    now = int(at.timestamp())
    found: Records = {}
    for entity in salesforce.ENTITIES:
        states = (record.state_at(now) for record in company.world.salesforce.records[entity.api_object].values())
        attributes = {"type": entity.api_object, "url": "/services/data/v64.0/sobjects/x"}
        found[entity.name] = [{"attributes": attributes, **state} for state in states if state]
    return found


def as_lines(folder: Path, name: str, bodies: list[Body]) -> None:
    (folder / f"{name}.jsonl").write_bytes(b"\n".join(map(orjson.dumps, bodies)) + b"\n")


def as_windows_lines(folder: Path, name: str, bodies: list[Body]) -> None:
    (folder / f"{name}.ndjson").write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(map(orjson.dumps, bodies)))


def as_array(folder: Path, name: str, bodies: list[Body]) -> None:
    (folder / f"{name}.json").write_bytes(orjson.dumps(bodies, option=orjson.OPT_INDENT_2))


def as_zipped_parts(folder: Path, name: str, bodies: list[Body]) -> None:
    """Twelve files, so that the tenth comes after the second by its number only; every record of one stands in another, too."""
    size = len(bodies) // 12 + 1
    for number in range(12):
        part = bodies[number * size : (number + 1) * size]
        (folder / f"{name}-{number + 1}.jsonl.gz").write_bytes(gzip.compress(b"\n".join(map(orjson.dumps, [*part, *bodies[:1]]))))


def as_stripe_pages(folder: Path, name: str, bodies: list[Body]) -> None:
    """List answers one after the other, in two files of a folder."""
    pages = [orjson.dumps(page) for page in _pages(name, bodies)]
    (folder / name).mkdir()
    half = len(pages) // 2
    for number, part in enumerate(filter(None, (pages[:half], pages[half:])), start=9):
        (folder / name / f"page-{number}.json").write_bytes(b"\n".join(part))


def as_query_answers(folder: Path, name: str, bodies: list[Body]) -> None:
    """Query answers one after the other, pretty-printed."""
    starts = range(0, len(bodies), PAGE) or [0]
    answers = [
        {"totalSize": len(bodies), "done": start + PAGE >= len(bodies), "records": bodies[start : start + PAGE]}
        for start in starts
    ]
    text = b"\n".join(orjson.dumps(answer, option=orjson.OPT_INDENT_2) for answer in answers)
    (folder / f"{name}.json.gz").write_bytes(gzip.compress(text))


def as_csv(folder: Path, name: str, bodies: list[Body]) -> None:
    """As Data Loader writes it: names in capitals, every field quoted, nothing for null."""
    names = [field for field in bodies[0] if field != "attributes"]
    with (folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow([field if field.endswith("__c") else field.upper() for field in names])
        writer.writerows([_text(body[field]) for field in names] for body in bodies)


def write(folder: Path, records: Mapping[str, list[Body]], form: Callable[[Path, str, list[Body]], None]) -> Path:
    """A folder with a file per entity; of no records an empty array, for an empty file says nothing."""
    folder.mkdir()
    for name, bodies in records.items():
        (form if bodies else as_array)(folder, name, bodies)
    return folder


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _pages(name: str, bodies: list[Body]) -> Iterator[Body]:
    for start in range(0, len(bodies), PAGE) or [0]:
        has_more = start + PAGE < len(bodies)
        yield {"object": "list", "data": bodies[start : start + PAGE], "has_more": has_more, "url": f"/v1/{name}"}

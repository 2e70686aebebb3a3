"""Lists by queries, in the order of ids: they go on where they stopped, and wide records are put together from parts."""

from collections.abc import Iterator, Sequence

from c360.errors import SourceError
from c360.sources.base import Evidence
from c360.sources.salesforce_client import Json, SalesforceClient
from c360.sources.salesforce_errors import ExpiredLocatorError
from c360.sources.salesforce_fields import Selection
from c360.sources.salesforce_soql import KEY, STAMP, both, soql, text_id

IDS_PER_QUERY = 100
_ROUNDS = 10
"""How often a record that changes while its parts are read is read again, before that is an error."""


def count(client: SalesforceClient, api_object: str, condition: str) -> int:
    """How many records Salesforce itself counts, deleted ones included."""
    return int(client.query(soql(["COUNT()"], api_object, condition), api_object)["totalSize"])


def pages(client: SalesforceClient, selection: Selection, condition: str, evidence: Evidence) -> Iterator[list[Json]]:
    """Records that meet a condition, as Salesforce shows them; holds one page at a time.

    Raises:
        SourceError: A record comes twice, or keeps changing while its parts are read.
    """
    low, wiped = "", 0
    for page in _read(client, selection.api_object, selection.parts[0], condition, evidence):
        high = page[-1][KEY]
        between = both(condition, _after(low), f"{KEY} <= {text_id(high)}")
        whole = _completed(client, selection, page, between)
        wiped += len(page) - len(whole)  # while they were read
        low = high
        yield whole
    evidence.expected_count = (evidence.expected_count or 0) - wiped


def by_id(client: SalesforceClient, selection: Selection, ids: Sequence[str]) -> list[Json]:
    """Records by id, all parts together; ids Salesforce does not know are left out.

    Raises:
        SourceError: A record keeps changing while its parts are read.
    """
    found: dict[str, Json] = {}
    wanted = list(ids)
    for _ in range(_ROUNDS):
        torn: list[str] = []
        for start in range(0, len(wanted), IDS_PER_QUERY):
            some = wanted[start : start + IDS_PER_QUERY]
            condition = f"{KEY} IN ({','.join(map(text_id, some))})"
            parts = [_rows(client, selection.api_object, fields, condition) for fields in selection.parts]
            here = dict.fromkeys(i for rows in parts for i in rows)
            found |= {i: _joined(selection, [rows[i] for rows in parts]) for i in here if _is_whole(i, parts)}
            torn += [i for i in here if not _is_whole(i, parts)]
        if not torn:
            return list(found.values())
        wanted = torn
    message = f"{len(wanted)} records of {selection.api_object} keep changing while they are read."
    raise SourceError(message, hint="Run again when less is written.")


def _completed(client: SalesforceClient, selection: Selection, page: list[Json], condition: str) -> list[Json]:
    """A page of first parts with their other parts; what changed in between is read again as a whole."""
    _, *others = selection.parts
    if not others:
        return page
    parts = [{row[KEY]: row for row in page}, *(_rows(client, selection.api_object, o, condition) for o in others)]
    whole = {i: _joined(selection, [rows[i] for rows in parts]) for i in parts[0] if _is_whole(i, parts)}
    whole |= {row[KEY]: row for row in by_id(client, selection, [i for i in parts[0] if i not in whole])}
    return [whole[i] for i in parts[0] if i in whole]


def _is_whole(record_id: str, parts: Sequence[dict[str, Json]]) -> bool:
    rows = [rows.get(record_id) for rows in parts]
    return None not in rows and len({row.get(STAMP) for row in rows if row}) == 1


def _joined(selection: Selection, rows: Sequence[Json]) -> Json:
    merged = {name: value for row in rows for name, value in row.items()}
    return {name: merged[name] for name in selection.types if name in merged}


def _rows(client: SalesforceClient, api_object: str, fields: Sequence[str], condition: str) -> dict[str, Json]:
    pages = _read(client, api_object, fields, condition, Evidence())
    return {row[KEY]: row for page in pages for row in page}


def _read(
    client: SalesforceClient, api_object: str, fields: Sequence[str], condition: str, evidence: Evidence
) -> Iterator[list[Json]]:
    """Pages of a query in the order of ids; fills the evidence's total, pages and cursors.

    Salesforce forgets the results of a query after a while. The query is then asked again for what comes after the last id
    received, and the total is what was received before plus what Salesforce counts now.
    """

    def ask(after: str) -> str:
        return soql(fields, api_object, both(condition, _after(after)), is_ordered=True)

    received, last = 0, ""
    page = client.query(ask(last), api_object)
    evidence.expected_count = int(page["totalSize"])
    while True:
        rows = page["records"]
        evidence.page_count += 1
        if rows:
            _refuse_repeated(api_object, rows, last)
            evidence.first_cursor = evidence.first_cursor or rows[0][KEY]
            received, last = received + len(rows), rows[-1][KEY]
            evidence.last_cursor = last
            yield [{name: value for name, value in row.items() if name != "attributes"} for row in rows]
        if page["done"]:
            return
        try:
            page = client.more(page["nextRecordsUrl"], api_object)
        except ExpiredLocatorError:
            page = client.query(ask(last), api_object)
            evidence.expected_count = received + int(page["totalSize"])


def _refuse_repeated(api_object: str, rows: Sequence[Json], last: str) -> None:
    ids = {row[KEY] for row in rows}
    if len(ids) < len(rows) or last in ids:
        raise SourceError(f"Salesforce gave records of {api_object} twice in one list.", hint="Run again.")


def _after(record_id: str) -> str:
    return f"{KEY} > {text_id(record_id)}" if record_id else ""

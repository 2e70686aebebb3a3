"""A source that reads files a user has instead of asking an API. What the files do not hold is counted, never made up."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from c360.sources.base import Entity, Evidence, Record, Window
from c360.sources.file_names import Found
from c360.sources.file_rules import Json, Reading, Rules, Seen, refuse
from c360.sources.file_values import CSV, Place, kind_of, objects, rows
from c360.sources.salesforce_files import SalesforceRules
from c360.sources.stripe_files import StripeRules

API_VERSION = "files"
"""What bronze and the manifest say of records that came from files."""

RULES: dict[str, Callable[[Reading], Rules]] = {"stripe": StripeRules, "salesforce": SalesforceRules}
"""The sources whose records can be read from files."""

_BATCH = 500
_DIGEST_BYTES = 12


def _nothing(entity: Entity) -> frozenset[str]:
    del entity
    return frozenset()


@dataclass
class FileSource:
    """The files of one account. Implements `c360.sources.base.Source`.

    Attributes:
        system: `stripe` or `salesforce`.
        account: Whose records they are.
        found: The files, by entity.
        declared: The source's entities.
        livemode: Which of Stripe's records count.
        stored: Gives the ids of an entity's records that bronze holds.
        seen: Entity -> what its files held; filled by `extract`.
        absent: Entity -> ids that records name and its files do not hold; filled by `fetch`.
    """

    system: str
    account: str
    found: Found
    declared: list[Entity]
    livemode: bool = True
    stored: Callable[[Entity], frozenset[str]] = _nothing
    seen: dict[str, Seen] = field(default_factory=dict)
    absent: dict[str, set[str]] = field(default_factory=dict)
    api_version: str = API_VERSION
    lists_at_once: int = 1

    def entities(self) -> list[Entity]:
        """See `Source.entities`."""
        return self.declared

    def extract(self, entity: Entity, window: Window, evidence: Evidence) -> Iterator[list[Record]]:
        """See `Source.extract`. Everything in the files is taken, whatever its age.

        What files lack may exist all the same: they are no full listing, and nothing is taken for deleted.

        Raises:
            SourceError: A file is damaged or incomplete, or a record is no record of this entity.
        """
        evidence.is_full_listing = evidence.can_be_asked = False
        seen = self.seen[entity.name] = Seen()
        reading = Reading(entity, window.cutoff, evidence, seen, self.livemode, lambda: self.stored(entity))
        rules = RULES[self.system](reading)
        once = _Once()
        batch: list[Record] = []
        for path in self.found.files.get(entity.name, []):
            for record in self._of_file(path, rules, once):
                evidence.first_cursor = evidence.first_cursor or record.record_id
                evidence.last_cursor = record.record_id
                seen.record_count += 1
                batch.append(record)
                if len(batch) == _BATCH:
                    yield batch
                    batch = []
        rules.end()
        yield batch

    def fetch(self, entity: Entity, record_ids: list[str]) -> list[Record]:
        """Nothing: files cannot be asked. The ids are noted in `absent`."""
        self.absent.setdefault(entity.name, set()).update(record_ids)
        return []

    def check(self) -> dict[str, Any]:
        """See `Source.check`."""
        files = {name: [self.found.name(path) for path in paths] for name, paths in self.found.files.items()}
        return {"account": self.account, "api_version": API_VERSION, "files": files}

    def _of_file(self, path: Path, rules: Rules, once: "_Once") -> Iterator[Record]:
        fields: set[str] = set()
        is_empty = True
        for place, body in _bodies(path, self.found.name(path), rules):
            is_empty = False
            fields.update(body)
            record = rules.record(place, body)
            if record is not None:
                once.note(place, record)
                yield record
        if not is_empty:
            rules.end_file(self.found.name(path), fields)


class _Once:
    """Refuses a second, different version of a record where nothing tells which is the newer. Memory: a digest per record."""

    def __init__(self) -> None:
        self._digests: dict[tuple[str, datetime | None], bytes] = {}

    def note(self, place: Place, record: Record) -> None:
        """Raises SourceError for the second version."""
        content = orjson.dumps(record.body, option=orjson.OPT_SORT_KEYS)
        digest = hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest()
        if self._digests.setdefault((record.record_id, record.updated_at), digest) != digest:
            hint = "Import the exports of different days one after the other, each with its --date."
            refuse(place, f"{record.record_id} was in these files before with other content; nothing tells which is newer.", hint)


def _bodies(path: Path, name: str, rules: Rules) -> Iterator[tuple[Place, Json]]:
    if kind_of(path) == CSV:
        yield from ((place, rules.row(place, row)) for place, row in rows(path, name))
        return
    for place, value in objects(path, name):
        yield from rules.records(place, value)

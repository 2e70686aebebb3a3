"""Versions of records in few bytes each: a load holds one for every stored record, and one for every record it received."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

_HASH = slice(8, 40)
_CONTENT = slice(8, 41)
_NEVER = datetime.min.replace(tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Known:
    """The newest stored version of a record before the load date."""

    payload_hash: str
    is_deleted: bool
    first_date_loaded: date


class KnownRecords(Mapping[str, Known]):
    """Record id -> its newest stored version; some 185 bytes each, ids included."""

    def __init__(self, rows: Iterable[tuple[str, str, bool, date]] = ()) -> None:
        """Takes (record id, payload hash, whether deleted, first load date)."""
        self._packed = {i: bytes.fromhex(h) + bytes([d]) + first.toordinal().to_bytes(4) for i, h, d, first in rows}

    def __getitem__(self, record_id: str) -> Known:
        packed = self._packed[record_id]
        return Known(packed[:32].hex(), bool(packed[32]), date.fromordinal(int.from_bytes(packed[33:])))

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)

    def __contains__(self, record_id: object) -> bool:
        return record_id in self._packed


class Version(NamedTuple):
    """A delivery of a record: the source's change instant (UTC, if it says), hash of the payload, whether deleted."""

    updated_at: datetime | None
    payload_hash: str
    is_deleted: bool


def pack(version: Version) -> bytes:
    """41 bytes that compare as (instant, hash, deleted) do; no instant is before all."""
    micros = ((version.updated_at or _NEVER) - _NEVER) // _MICROSECOND
    return micros.to_bytes(8) + bytes.fromhex(version.payload_hash) + bytes([version.is_deleted])


def content(packed: bytes) -> tuple[str, bool]:
    """(payload hash, whether deleted) of a packed version."""
    return packed[_HASH].hex(), bool(packed[40])


def is_same_content(packed: bytes, other: bytes) -> bool:
    """Whether two packed versions differ in their instants at most."""
    return packed[_CONTENT] == other[_CONTENT]

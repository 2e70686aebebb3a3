"""What one load of an entity has received so far, in a file: the next run goes on where an interrupted one stopped.

A folder holds what was asked for (`window.json`), the rows in batches of a page (`rows.arrow`), and, once the list has ended,
what it showed for its completeness (`listed.json`). A torn last batch, as a crash leaves it, is as if it never came. The rows
are records of customers: the folder is its owner's alone, and goes when the load is complete.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Self

import orjson
import pyarrow as pa

from c360.sources.base import Evidence, Window

SCHEMA = pa.schema(
    {
        "record_id": pa.string(),
        "payload_hash": pa.string(),
        "source_updated_at": pa.timestamp("us", tz="UTC"),
        "is_deleted": pa.bool_(),
        "payload": pa.string(),  # null: as stored already, or a deletion of which the source says no more
        "fields": pa.string(),  # in a batch's first row: comma-separated fields no batch before it had
    }
)
_ROWS, _COPY, _WINDOW, _LISTED = "rows.arrow", "rows.copy", "window.json", "listed.json"


class Spool:
    """The rows of one load in their order of arrival.

    Args:
        folder: Where they are found again; None keeps them in a file without a name, which goes with the process.
        window: What the load asks for.
        request_digest: Of what else decides what is received; another one makes what is there useless.
        is_fresh: Nothing is to be found again, whatever is there.
    """

    def __init__(self, folder: Path | None, window: Window, request_digest: str = "", *, is_fresh: bool = False) -> None:
        self._folder = folder
        self._request_digest = request_digest
        self._is_fresh = is_fresh
        self._count = 0
        self._before: IO[bytes] | None = None  # what an interrupted load left
        self.window = window
        self.last_id: str | None = None

    def __enter__(self) -> Self:
        if self._folder is None:
            self._open(TemporaryFile())
        elif (before := self._interrupted()) is not None:
            self.window = before
        else:
            shutil.rmtree(self._folder, ignore_errors=True)
            for level in (self._folder.parent.parent, self._folder.parent, self._folder):  # of the spool, the account, the entity
                level.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self._folder / _WINDOW).write_bytes(orjson.dumps(self._told(self.window)))
            self._open((self._folder / _ROWS).open("w+b"))
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._file.close()
        if self._before is not None:
            self._before.close()
        if self._folder is not None and kind is None:
            shutil.rmtree(self._folder)
            with suppress(OSError):  # other entities may be under way
                self._folder.parent.rmdir()
                self._folder.parent.parent.rmdir()

    def replay(self, take: Callable[[Sequence[Mapping[str, Any]]], None]) -> int:
        """Gives `take` the batches of an interrupted load; what `take` appends replaces them. Returns how many there were."""
        if self._folder is None or self._before is None:
            return 0
        count = 0
        for batch in _batches(self._before):
            take(batch.to_pylist())
            count += 1
        self._before.close()
        (self._folder / _COPY).replace(self._folder / _ROWS)
        return count

    def append(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Adds one batch and hands it to the operating system, so that it outlives the process."""
        if rows:
            self._writer.write_batch(pa.RecordBatch.from_pylist(list(rows), schema=SCHEMA))
            self._file.flush()
            self._count += 1
            self.last_id = rows[-1]["record_id"]

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All batches; nothing is appended after them."""
        self._writer.close()
        self._file.seek(0)
        yield from pa.ipc.open_stream(self._file)

    def listed(self) -> Evidence | None:
        """What the list showed, if it has ended and all of it is here."""
        path = self._folder / _LISTED if self._folder else None
        if path is None or not path.exists():
            return None
        try:
            told = orjson.loads(path.read_bytes())
            return Evidence(**told["evidence"]) if told["batches"] <= self._count else None
        except (ValueError, KeyError, TypeError):  # torn, or of another version
            return None

    def end_list(self, evidence: Evidence) -> None:
        """Notes that the list has ended; what follows was fetched by id."""
        if self._folder is not None:
            told = orjson.dumps({"evidence": asdict(evidence), "batches": self._count})
            (self._folder / f"{_LISTED}.new").write_bytes(told)
            (self._folder / f"{_LISTED}.new").replace(self._folder / _LISTED)

    def _interrupted(self) -> Window | None:
        """What an interrupted load asked for, if it asked for the same on the same day (UTC)."""
        if self._folder is None or self._is_fresh or not (self._folder / _ROWS).exists():
            return None
        try:
            told = orjson.loads((self._folder / _WINDOW).read_bytes())
            cutoff = datetime.fromisoformat(told["cutoff"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        before = replace(self.window, cutoff=cutoff)
        if told != self._told(before) or cutoff.date() != self.window.cutoff.date():
            return None
        self._before = (self._folder / _ROWS).open("rb")
        self._open((self._folder / _COPY).open("w+b"))
        return before

    def _told(self, window: Window) -> dict[str, Any]:
        told = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(window).items()}
        return {**told, "after": None, "schema": SCHEMA.names, "request": self._request_digest}

    def _open(self, file: IO[bytes]) -> None:
        self._file = file
        self._writer = pa.ipc.new_stream(file, SCHEMA, options=pa.ipc.IpcWriteOptions(compression="zstd"))
        self._file.flush()


def _batches(file: IO[bytes]) -> Iterator[pa.RecordBatch]:
    """The whole batches of a file whose end may be torn."""
    with suppress(pa.ArrowInvalid, OSError, EOFError):
        reader = pa.ipc.open_stream(file)
        while True:
            try:
                batch = reader.read_next_batch()
            except StopIteration:
                return
            yield batch

"""Delta tables by delta-rs: every commit of an embedded lake is made here. Knows files and commits, not queries.

Every commit is optimistic: it names the version it was computed from and fails if anybody committed since (with
`max_commit_retries=0` delta-rs does not rebase it): rows compared with an older version may be wrong on a newer one.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.fs as pafs
from deltalake import CommitProperties, DeltaTable, write_deltalake
from deltalake.fs import DeltaStorageHandler

from c360.engines.base import Head
from c360.engines.changes import CHANGE
from c360.engines.delta_errors import conflict, lake_errors, missing
from c360.engines.delta_layout import PLAIN, Layout, table_path
from c360.engines.literals import all_of, is_one_of, plain_name
from c360.errors import LakeError
from c360.storage import LOCAL, Storage, absolute, is_url

RECORD_KEY = "userMetadata"
"""Where every engine keeps a build's record in the commit; Delta on Spark knows it by this name."""
_LOG = "_delta_log"
_VERSION = re.compile(r"(\d{20})\.json$")
_TARGET, _SOURCE = "target", "source"
ROW_NEUTRAL = frozenset({"OPTIMIZE", "VACUUM START", "VACUUM END", "SET TBLPROPERTIES", "UPGRADE PROTOCOL"})
"""Commits of other tools that change no row; the record of the commit before them still holds."""


@dataclass(frozen=True)
class DeltaLake:
    """All Delta tables below one root (a path or a URL)."""

    root: str
    storage: Storage = LOCAL

    @classmethod
    def at(cls, root: str, storage: Storage = LOCAL) -> "DeltaLake":
        """A lake at `root`; a relative path is made absolute."""
        return cls(absolute(root), storage)

    def path(self, table: str) -> str:
        """Where `table` lives."""
        return table_path(self.root, table)

    def version(self, table: str) -> int | None:
        """Newest version; None when the table does not exist. Lists the log: 20 times cheaper than opening the table."""
        if not self._may_exist(table):
            return None
        with lake_errors(f"looking for {table}"):
            files = self._files(table).get_file_info(pafs.FileSelector(_LOG, allow_not_found=True))
        commits = (_VERSION.search(f.path) for f in files)
        return max((int(c[1]) for c in commits if c), default=None)

    def has(self, table: str) -> bool:
        """Whether the table exists."""
        return self.version(table) is not None

    def head(self, table: str, version: int | None = None) -> Head | None:
        """The newest (or given) version with the record of the last commit that could change rows.

        Raises:
            LakeError: The log is damaged, or there is no such version.
        """
        newest = self.version(table)
        if newest is None:
            return None
        wanted = newest if version is None else version
        if not 0 <= wanted <= newest:
            raise LakeError(f"{table} has no version {wanted}.", hint=f"Its versions end with {newest}.")
        return Head(wanted, self._record(table, wanted))

    def changed(self, table: str, version: int) -> int:
        """The newest version up to a given one whose commit could change rows."""
        return self._last_change(table, version)[0]

    def file_count(self, table: str, version: int | None = None) -> int:
        """Data files of a version."""
        with lake_errors(f"opening {table}"):
            return len(self._open(table, version).file_uris())

    def byte_count(self, table: str, version: int) -> int:
        """Size of a version's data files."""
        with lake_errors(f"opening {table}"):
            sizes = pa.table(self._open(table, version).get_add_actions()).column("size_bytes")
            return sum(sizes.to_pylist())

    def partition_columns(self, table: str, version: int) -> tuple[str, ...]:
        """The columns the files of a version are partitioned by."""
        with lake_errors(f"opening {table}"):
            return tuple(self._open(table, version).metadata().partition_columns)

    def create(
        self, table: str, rows: pa.RecordBatchReader, record: Mapping[str, Any] | None = None, layout: Layout = PLAIN
    ) -> int:
        """Version 0 with its first rows. Raises ConflictError when the table exists."""
        try:
            self._create(table, rows, record, layout)
        except LakeError:
            if self.version(table) is not None:  # delta-rs reports it in different ways, depending on how late it notices
                raise conflict(f"creating {table}") from None
            raise
        return 0

    def overwrite(
        self,
        table: str,
        version: int,
        rows: pa.RecordBatchReader,
        record: Mapping[str, Any],
        layout: Layout = PLAIN,
        *,
        predicate: str | None = None,
        is_new_schema: bool = False,
    ) -> int:
        """Replaces all rows, or those under `predicate`; then rows outside of it are refused."""
        mode: dict[str, Any] = {"mode": "overwrite", "predicate": predicate}
        if is_new_schema:
            version = self.declare(table, version, rows.schema, layout)
            mode |= {"schema_mode": "overwrite", "partition_by": list(layout.partition_by)}
        return self._write(table, version, rows, record, layout, mode)

    def append(
        self,
        table: str,
        version: int,
        rows: pa.RecordBatchReader,
        record: Mapping[str, Any] | None,
        layout: Layout = PLAIN,
    ) -> int:
        """Adds rows; columns the table did not have are added to it."""
        return self._write(table, version, rows, record, layout, {"mode": "append", "schema_mode": "merge"})

    def merge(
        self,
        table: str,
        version: int,
        changes: pa.RecordBatchReader,
        key: Sequence[str],
        record: Mapping[str, Any],
        layout: Layout,
        partitions: Mapping[str, Sequence[Any]],
    ) -> int:
        """Carries out row changes: `changes` has the table's columns and `_change`, at most one row per key.

        `partitions` has for each partition column all values of the changed rows, old and new; other files are not read.
        """
        columns = {plain_name(c): _SOURCE + "." + c for c in changes.schema.names if c != CHANGE}
        same_key = [_TARGET + "." + plain_name(k) + " = " + _SOURCE + "." + k for k in key]
        within = [is_one_of(_TARGET + "." + c, values) for c, values in partitions.items()]
        with lake_errors(f"merging into {table}"):
            merger = self._open(table, version).merge(
                changes,
                all_of([*same_key, *within]),
                source_alias=_SOURCE,
                target_alias=_TARGET,
                writer_properties=layout.writer(),
                commit_properties=_commit(record),
            )
            merger = merger.when_matched_update(columns, predicate=_flag("update"))
            merger = merger.when_matched_delete(predicate=_flag("delete"))
            merger.when_not_matched_insert(columns, predicate=_flag("insert")).execute()
        return version + 1

    def restore(self, table: str, version: int) -> Head:
        """Makes an older version the head again, with its record."""
        head = self.head(table)
        if head is None:
            raise missing(table)
        record = self._record(table, version)
        if version == head.version:
            return head
        with lake_errors(f"restoring version {version} of {table}"):
            self._open(table, head.version).restore(version, commit_properties=_commit(record))
        return Head(head.version + 1, record)

    def compact(self, table: str) -> Head:
        """Joins small files; the record stays."""
        head = self.head(table)
        if head is None:
            raise missing(table)
        with lake_errors(f"compacting {table}"):
            self._open(table, head.version).optimize.compact(commit_properties=_commit(head.record))
        return self.head(table) or head

    def declare(self, table: str, version: int, columns: pa.Schema, layout: Layout) -> int:
        """Statistics settings that name columns must fit the new columns before the first file is written with them."""
        with lake_errors(f"changing the columns of {table}"):
            stored = self._open(table, version)
            wanted = layout.configuration(columns)
            if wanted.items() <= stored.metadata().configuration.items():
                return version
            stored.alter.set_table_properties(wanted, commit_properties=_commit(self._record(table, version)))
        return version + 1

    @property
    def _options(self) -> dict[str, str] | None:
        return dict(self.storage.options()) if is_url(self.root) else None

    def _open(self, table: str, version: int | None) -> DeltaTable:
        return DeltaTable(self.path(table), version=version, storage_options=self._options)

    def _may_exist(self, table: str) -> bool:
        return is_url(self.root) or Path(self.path(table), _LOG).is_dir()

    def _files(self, table: str) -> pafs.FileSystem:
        return pafs.PyFileSystem(DeltaStorageHandler(self.path(table), self._options))

    def _write(
        self,
        table: str,
        version: int,
        rows: pa.RecordBatchReader,
        record: Mapping[str, Any] | None,
        layout: Layout,
        mode: Mapping[str, Any],
    ) -> int:
        with lake_errors(f"writing {table}"):
            write_deltalake(
                self._open(table, version),
                rows,
                writer_properties=layout.writer(),
                commit_properties=_commit(record),
                **mode,
            )
        return version + 1

    def _create(self, table: str, rows: pa.RecordBatchReader, record: Mapping[str, Any] | None, layout: Layout) -> None:
        with lake_errors(f"creating {table}"):
            write_deltalake(
                self.path(table),
                rows,
                mode="error",
                partition_by=list(layout.partition_by) or None,
                configuration=layout.configuration(rows.schema),
                storage_options=self._options,
                writer_properties=layout.writer(),
                commit_properties=_commit(record),
            )

    def _record(self, table: str, version: int) -> Mapping[str, Any]:
        return self._last_change(table, version)[1]

    def _last_change(self, table: str, version: int) -> tuple[int, Mapping[str, Any]]:
        """The newest version up to a given one whose commit could change rows, and its record; empty if another tool made it.

        The commit file is read directly: delta-rs's `history()` counts from the newest version whichever was opened.
        """
        with lake_errors(f"reading the log of {table}"):
            files = self._files(table)
            for number in range(version, -1, -1):
                info = _commit_info(files, number)
                record = own_record(info.get(RECORD_KEY))
                if record is not None or info.get("operation") not in ROW_NEUTRAL:
                    return number, record or {}
        return 0, {}


def _commit(record: Mapping[str, Any] | None) -> CommitProperties:
    metadata = {} if record is None else {RECORD_KEY: json.dumps(dict(record), sort_keys=True)}
    return CommitProperties(custom_metadata=metadata, max_commit_retries=0)


def _commit_info(files: pafs.FileSystem, version: int) -> dict[str, Any]:
    try:
        with files.open_input_stream(f"{_LOG}/{version:020}.json") as stream:
            lines = stream.readall().decode().splitlines()
        actions = [json.loads(line) for line in lines if line.strip()]
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise OSError("the log is damaged") from error
    return next((a["commitInfo"] for a in actions if "commitInfo" in a), {})


def own_record(text: object) -> Mapping[str, Any] | None:
    """The record in a commit's metadata; None for what other tools or people write there."""
    try:
        record = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _flag(change: Literal["insert", "update", "delete"]) -> str:
    return _SOURCE + "." + CHANGE + " = '" + change + "'"

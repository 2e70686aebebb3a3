"""A table's commits on BigQuery: one small log per table, and transactions that add to it and change rows at once.

A log is a table of its own because BigQuery lets one transaction at a time change a table: commits of other tables, and the
lease that is renewed meanwhile, do not get into the way. Versions count from 0; a log begins with version -1, which no rows have.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import uuid4

import ibis
import sqlglot.expressions as sge
from google.api_core.exceptions import NotFound
from google.cloud import bigquery

from c360.engines.base import Head
from c360.engines.bigquery_client import CONFLICT, bigquery_errors, labels_of
from c360.engines.bigquery_names import Place
from c360.engines.bigquery_session import BigQuerySession
from c360.engines.bigquery_sql import DIALECT
from c360.engines.delta_errors import ConflictError
from c360.errors import LakeError

NONE = -1
"""Version of a table that has no rows and no columns yet."""
_LOGGED = [
    bigquery.SchemaField("version", "INT64"),
    bigquery.SchemaField("commit_id", "STRING"),
    bigquery.SchemaField("stored", "STRING"),
    bigquery.SchemaField("record", "STRING"),
]
_SEED = (
    "CREATE TABLE IF NOT EXISTS {log} AS SELECT -1 AS version, '' AS commit_id, '{{}}' AS stored, '{{}}' AS record, "
    "CURRENT_TIMESTAMP() AS committed_at, TRUE AS is_newest"
)
_TAKE = "UPDATE {log} SET is_newest = FALSE WHERE is_newest AND version = {version}"
_REFUSE = (
    "IF (SELECT COUNT(*) FROM {log} WHERE is_newest AND version = {version}) != 1 THEN RAISE USING MESSAGE = {conflict}; END IF"
)
_ADD = (
    "INSERT INTO {log} (version, commit_id, stored, record, committed_at, is_newest) "
    "VALUES ({version}, {commit_id}, {stored}, {record}, CURRENT_TIMESTAMP(), TRUE)"
)


@dataclass(frozen=True)
class Stored:
    """How a version is kept.

    Attributes:
        name: Table of the layer's dataset that holds (or held) it.
        columns: Column -> Ibis' name of its type.
        partition_by: Columns the table is partitioned by, as the writer asked.
    """

    name: str
    columns: Mapping[str, str]
    partition_by: tuple[str, ...] = ()

    @property
    def schema(self) -> ibis.Schema:
        """The columns as a schema."""
        return ibis.schema(dict(self.columns))


@dataclass(frozen=True)
class Commit:
    """One row of a log."""

    version: int
    commit_id: str
    stored: Stored
    record: Mapping[str, Any]

    @property
    def head(self) -> Head:
        """Version and record."""
        return Head(self.version, self.record)


class Commits:
    """The logs of all tables.

    Args:
        session: Runs the statements.
    """

    def __init__(self, session: BigQuerySession) -> None:
        self._session = session

    def all(self, table: str) -> list[Commit]:
        """Every commit of a table, oldest first; none when it does not exist. Read without a query job."""
        place = self._session.names.commits(table)
        with bigquery_errors(f"looking for {table}"):
            try:
                found = [tuple(row.values()) for row in self._session.client.list_rows(place.id, selected_fields=_LOGGED)]
            except NotFound:
                return []
        return [_commit(*row) for row in sorted(found) if row[0] != NONE]

    def newest(self, table: str, version: int | None = None) -> Commit | None:
        """The newest (or given) commit; None when the table does not exist.

        Raises:
            LakeError: There is no such version.
        """
        commits = self.all(table)
        return chosen(table, commits, version) if commits else None

    def commit(self, table: str, version: int, stored: Stored, record: Mapping[str, Any], changes: Sequence[str]) -> int:
        """Runs `changes` and adds the commit after `version` in one transaction; returns the new version.

        Raises:
            ConflictError: Somebody else committed since `version`.
        """
        log = self._session.names.commits(table)
        if version == NONE:
            self._begin_log(log)
        commit_id = uuid4().hex
        added = _ADD.format(
            log=log.sql,
            version=version + 1,
            commit_id=_text(commit_id),
            stored=_text(json.dumps(asdict(stored))),
            record=_text(json.dumps(dict(record), sort_keys=True)),
        )
        # Of two transactions that both see the version, the second to change the log is refused by BigQuery.
        refused = _REFUSE.format(log=log.sql, version=version, conflict=_text(CONFLICT))
        taken = [refused, _TAKE.format(log=log.sql, version=version)]
        try:
            with bigquery_errors(f"writing {table}"):
                self._session.run(
                    _script(["BEGIN TRANSACTION", *taken, *changes, added, "COMMIT TRANSACTION"]), labels_of(record, table)
                )
        except (ConflictError, LakeError):
            newest = self.newest(table)  # an answer may be lost on its way, and the client's second try finds our own commit
            if newest is None or newest.commit_id != commit_id:
                raise
        return version + 1

    def _begin_log(self, log: Place) -> None:
        self._session.need_dataset(log)
        with bigquery_errors(f"beginning the log {log.name}"):
            self._session.run(_SEED.format(log=log.sql))


def chosen(table: str, commits: Sequence[Commit], version: int | None) -> Commit:
    """The newest (or given) of a table's commits.

    Raises:
        LakeError: There is no such version.
    """
    if version is None:
        return commits[-1]
    if not 0 <= version < len(commits):
        raise LakeError(f"{table} has no version {version}.", hint=f"Its versions end with {commits[-1].version}.")
    return commits[version]


def _commit(version: int, commit_id: str, stored: str, record: str) -> Commit:
    kept = json.loads(stored)
    return Commit(version, commit_id, Stored(**{**kept, "partition_by": tuple(kept["partition_by"])}), json.loads(record))


def _script(statements: Sequence[str]) -> str:
    return ";\n".join(statements) + ";"


def _text(value: str) -> str:
    """A text as a literal of BigQuery."""
    literal: str = sge.convert(value).sql(DIALECT)
    return literal

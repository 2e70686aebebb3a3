"""Where everything is on BigQuery: datasets, tables, snapshots, views, and how they are written in a statement."""

from dataclasses import dataclass
from uuid import uuid4

import sqlglot.expressions as sge

from c360.engines.bigquery_sql import DIALECT
from c360.engines.literals import plain_name

LOG_LAYER = "log"
"""Dataset of tables without a layer (`_releases`, `_runs`)."""


@dataclass(frozen=True)
class Place:
    """A table (or view) on BigQuery."""

    project: str
    dataset: str
    name: str

    @property
    def id(self) -> str:
        """As the client's methods take it."""
        return f"{self.project}.{self.dataset}.{self.name}"

    @property
    def tree(self) -> sge.Table:
        """As a part of a statement."""
        return sge.table_(self.name, db=self.dataset, catalog=self.project, quoted=True)

    @property
    def sql(self) -> str:
        """As text of a statement."""
        return self.tree.sql(DIALECT)


@dataclass(frozen=True)
class Names:
    """All places of one lake.

    Args:
        project: Project of the datasets.
        prefix: What their names begin with.
    """

    project: str
    prefix: str

    def commits(self, table: str) -> Place:
        """The log of a table's commits."""
        layer, name = _parts(table)
        return self._place("commits", f"{layer}__{name}")

    def new_rows(self, table: str) -> Place:
        """A place for rows of a table that nothing uses yet."""
        layer, name = _parts(table)
        return self._place(layer, f"{name}_{uuid4().hex[:8]}")

    def rows(self, table: str, name: str) -> Place:
        """The place that a commit names."""
        return self._place(_parts(table)[0], name)

    def snapshot(self, table: str, name: str, version: int) -> Place:
        """What the place `name` held at a version."""
        return self._place(_parts(table)[0] + "_versions", f"{name}_v{version}")

    def staged(self, name: str) -> Place:
        """A table of one session."""
        return self._place("staging", name)

    def released(self, table: str) -> Place:
        """The view readers use: whatever the newest release is."""
        layer, name = _parts(table)
        return self._place(layer + "_released", name)

    def release(self, table: str, release_id: str) -> Place:
        """The view in the datasets of one release, for those who read several tables and want them to fit together."""
        layer, name = _parts(table)
        return self._place(layer + "_release_" + release_id.replace("-", "_"), name)

    def shown(self) -> Place:
        """The view that names the release readers see."""
        return self._place(LOG_LAYER + "_released", "c360_release")

    def _place(self, dataset: str, name: str) -> Place:
        return Place(self.project, self.prefix + "_" + dataset, name)


def _parts(table: str) -> tuple[str, str]:
    layer, _, name = table.rpartition(".")
    return plain_name(layer or LOG_LAYER), plain_name(name)

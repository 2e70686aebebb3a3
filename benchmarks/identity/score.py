"""How right a result is: pairs of records in one cluster beside the true pairs, and probabilities beside what came true."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import duckdb

THRESHOLDS = (0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
EDGES = (0.0, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1.0)
_KEYS = ("left_source", "left_id", "right_source", "right_id")
_Record = tuple[str, str]


@dataclass(frozen=True)
class Right:
    """How many pairs were said, how many of those are true, how many true ones there are."""

    said: int
    hit: int
    true: int

    @property
    def precision(self) -> float:
        """Share of the pairs said that are true."""
        return self.hit / self.said if self.said else 1.0

    @property
    def recall(self) -> float:
        """Share of the true pairs that were said."""
        return self.hit / self.true

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return 2 * self.hit / (self.said + self.true)


@dataclass(frozen=True)
class Bin:
    """Pairs whose probability was said to be in a range; `said` is its mean, `observed` the share that is true."""

    low: float
    high: float
    pairs: int
    said: float
    observed: float


def by_clusters(out: Path, truth: Path, *, several: bool) -> Right:
    """The pairs that clusters.parquet implies; of several files those between files."""
    across = "one.source <> two.source AND" if several else ""
    pairs = f"""SELECT one.source AS left_source, one.id AS left_id, two.source AS right_source, two.id AS right_id
      FROM '{out}/clusters.parquet' one JOIN '{out}/clusters.parquet' two
      ON one.customer_id = two.customer_id AND {across} (one.source, one.id) < (two.source, two.id)"""  # noqa: S608 -- own paths
    hit = f"SELECT count(*) FROM pairs SEMI JOIN true_pairs USING ({', '.join(_KEYS)})"  # noqa: S608 -- own names
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE true_pairs AS {_ordered(_read(truth))}")
        query = f"WITH pairs AS ({pairs}) SELECT (SELECT count(*) FROM pairs), ({hit}), (SELECT count(*) FROM true_pairs)"  # noqa: S608
        [row] = connection.execute(query).fetchall()
    return Right(*row)


def at_best(out: Path, truth: Path, *, one_to_one: bool) -> tuple[float, Right]:
    """What pairs.parquet would give at the one of `THRESHOLDS` that the truth says is best, which nobody knows without labels.

    Pairs are connected to clusters; with `one_to_one` those count which are each other's best.
    """
    with duckdb.connect() as connection:
        best = "row_number() OVER (PARTITION BY {0}_source, {0}_id ORDER BY score DESC, {1}_source, {1}_id) = 1"
        mutual = f"QUALIFY {best.format('left', 'right')} AND {best.format('right', 'left')}" if one_to_one else ""
        wanted = f"SELECT {', '.join(_KEYS)}, match_probability FROM '{out}/pairs.parquet'"  # noqa: S608
        rows = connection.execute(f"{wanted} WHERE match_probability >= {THRESHOLDS[0]} {mutual}").fetchall()
        known = connection.execute(f"FROM {_read(truth)}").fetchall()
    true = {frozenset([(a, b), (c, d)]) for a, b, c, d in known}
    several = any(a != c for a, _, c, _ in known)
    found = [
        (limit, _implied([((a, b), (c, d)) for a, b, c, d, p in rows if p >= limit], several=several)) for limit in THRESHOLDS
    ]
    return max(((limit, Right(len(said), len(said & true), len(true))) for limit, said in found), key=lambda one: one[1].f1)


def reliability(out: Path, truth: Path) -> list[Bin]:
    """All pairs of pairs.parquet by the probability said."""
    edges = ", ".join(map(str, EDGES[1:-1]))
    with duckdb.connect() as connection:
        rows = connection.execute(f"""
          WITH true_pairs AS (SELECT *, true AS is_true FROM ({_ordered(_read(truth))})),
          said AS (SELECT *, list_count(list_filter([{edges}], lambda edge: edge <= match_probability)) AS place
            FROM ({_ordered(f"'{out}/pairs.parquet'", ", match_probability")}))
          SELECT place, count(*), avg(match_probability), avg(coalesce(is_true, false)::INTEGER)
          FROM said LEFT JOIN true_pairs USING ({", ".join(_KEYS)}) GROUP BY place ORDER BY place
        """).fetchall()  # noqa: S608 -- own paths
    return [Bin(EDGES[place], EDGES[place + 1], *rest) for place, *rest in rows]


def _read(truth: Path) -> str:
    return f"read_csv('{truth}', all_varchar = true)"


def _ordered(source: str, more: str = "") -> str:
    """Pairs with the smaller record at the left."""
    one, two = "(left_source, left_id)", "(right_source, right_id)"
    sides = ", ".join(
        f"CASE WHEN {one} < {two} THEN {side}_{part} ELSE {other}_{part} END AS {side}_{part}"
        for side, other in (("left", "right"), ("right", "left"))
        for part in ("source", "id")
    )
    return f"SELECT {sides}{more} FROM {source}"  # noqa: S608 -- own names


def _implied(links: list[tuple[_Record, _Record]], *, several: bool) -> set[frozenset[_Record]]:
    """All pairs of records that are connected."""
    parent: dict[_Record, _Record] = {}

    def root(record: _Record) -> _Record:
        while (above := parent.setdefault(record, record)) != record:
            parent[record] = record = parent[above]
        return record

    for one, two in links:
        parent[root(one)] = root(two)
    groups: dict[_Record, list[_Record]] = defaultdict(list)
    for record in list(parent):
        groups[root(record)].append(record)
    pairs = (pair for group in groups.values() for pair in combinations(group, 2))
    return {frozenset((one, two)) for one, two in pairs if not several or one[0] != two[0]}

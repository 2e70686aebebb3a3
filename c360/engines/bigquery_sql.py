"""Ibis' expressions as the BigQuery SQL we run: Ibis' own compiler, its faults repaired one by one.

Needs no Google package. What each repair is for was seen with Google's own analyzer and evaluator: see `docs/portability.md`.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

import ibis.common.exceptions as ibis_errors
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
import sqlglot as sg
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import SQLGlotCompiler
from ibis.backends.sql.compilers.bigquery import BigQueryCompiler

from c360.errors import ContractError
from c360.sql import stable

DIALECT = "bigquery"
MAX_QUERY_CHARACTERS = 1_000_000
"""BigQuery's limit for the text of one query (1 MB)."""

UNSUPPORTED: Mapping[type[ops.Node], str] = {
    ops.InMemoryTable: "rows of this process have no name there; make them a table of c360/reference/",
    ops.Hash: "every engine has another hash",
    ops.RandomUUID: "a rerun would give other ids",
    ops.Median: "there are only approximate quantiles",
    ops.Quantile: "there are only approximate quantiles",
    ops.MultiQuantile: "there are only approximate quantiles",
    ops.ApproxMedian: "approximate results differ between engines",
    ops.ApproxQuantile: "approximate results differ between engines",
    ops.ApproxCountDistinct: "approximate results differ between engines",
    ops.ArgMax: "it has no frame and no tie-break; use a window with row_number",
    ops.ArgMin: "it has no frame and no tie-break; use a window with row_number",
    ops.JSONGetItem: "bronze is read by a generated function (c360/engines/bigquery_json.py)",
    ops.Levenshtein: "engines count bytes or characters; scores are made by rapidfuzz in a step",
    ops.HexDigest: "text is hashed in Python steps only",
    ops.Map: "BigQuery has no maps",
    ops.RegexSplit: "there is no such function",
    ops.Kurtosis: "there is no such function",
}
"""Operations that no table may use on BigQuery, and why."""

_NUMERIC_SCALE = 9
_ONE_GROUP = re.compile(r"(?<!\\)\((?!\?)")


class Compiler(BigQueryCompiler):
    """Ibis' BigQuery compiler; every method here replaces one that gives a wrong or refused statement."""

    def to_sqlglot(self, expr: ir.Expr, *, limit: str | None = None, params: Mapping[ir.Expr, Any] | None = None) -> sge.Query:
        """The syntax tree of a query, without what Ibis adds in front of it."""
        # Ibis turns NULLS LAST around in every window; BigQuery refuses it in RANGE frames only, which we do not write.
        query: sge.Query = SQLGlotCompiler.to_sqlglot(self, expr, limit=limit, params=params)
        return _equalities_in_joins(_one_array_per_row(query))

    def visit_Cast(self, op: ops.Cast, *, arg: sge.Expression, to: dt.DataType) -> sge.Expression:
        """Decimals keep the scale they were declared with: Ibis writes a bare NUMERIC, which keeps nine digits."""
        if op.arg.dtype.is_floating() and (to.is_string() or to.is_integer()):
            raise ContractError(f"Engines cast a float to {to} differently.", hint="Round it to an integer or a decimal first.")
        if not to.is_decimal():
            return super().visit_Cast(op, arg=arg, to=to)
        return self._rounded(op.arg.dtype, arg, to) if _may_round(op.arg.dtype, to) else self.cast(arg, to)

    def visit_TryCast(self, op: ops.TryCast, *, arg: sge.Expression, to: dt.DataType) -> sge.Expression:
        """Likewise, and null where the declared precision is too small: BigQuery's is wider."""
        if not to.is_decimal():
            return super().visit_TryCast(op, arg=arg, to=to)
        wide = sge.TryCast(this=arg, to=self.type_mapper.from_ibis(_WIDEST))
        value = self.cast(self.f.round(wide, to.scale), to)
        limit = sge.Cast(this=sge.convert(str(Decimal(10) ** _whole_digits(to))), to=self.type_mapper.from_ibis(_WIDEST))
        return self.if_(self.f.abs(self.f.round(wide.copy(), to.scale)) < limit, value, sge.null())

    def visit_Greatest(self, op: ops.Greatest, *, arg: tuple[sge.Expression, ...]) -> sge.Expression:
        """BigQuery's is null when one value is; DuckDB and Spark pass over nulls."""
        return self.f.greatest(*self._filled(arg))

    def visit_Least(self, op: ops.Least, *, arg: tuple[sge.Expression, ...]) -> sge.Expression:
        """As `visit_Greatest`."""
        return self.f.least(*self._filled(arg))

    def visit_Round(self, op: ops.Round, *, arg: sge.Expression, digits: sge.Expression | None) -> sge.Expression:
        """Refuses digits of a float: 2.55 becomes 2.6 on DuckDB and 2.5 here."""
        if op.arg.dtype.is_floating() and getattr(op.digits, "value", 0) != 0:
            raise ContractError("Engines round digits of a float differently.", hint="Cast it to a decimal instead.")
        return super().visit_Round(op, arg=arg, digits=digits)

    def visit_ArrayStringJoin(self, op: ops.ArrayStringJoin, *, arg: sge.Expression, sep: sge.Expression) -> sge.Expression:
        """Nothing joined is '' as on DuckDB; Ibis gives null."""
        return self.f.array_to_string(arg, sep)

    def visit_RegexExtract(
        self, op: ops.RegexExtract, *, arg: sge.Expression, pattern: sge.Expression, index: sge.Expression
    ) -> sge.Expression:
        """A text without a match gives '' as on DuckDB; Ibis gives null, and replaces instead of extracting (not over lines)."""
        is_plain = isinstance(op.pattern, ops.Literal) and isinstance(op.index, ops.Literal)
        if not is_plain or op.index.value != len(_ONE_GROUP.findall(op.pattern.value)) or op.index.value > 1:
            raise ContractError("BigQuery extracts the only group of a pattern.", hint="Write a pattern with one group; index 1.")
        found = self.f.coalesce(self.f.regexp_extract(arg, pattern), sge.convert(""))
        return self.if_(arg.is_(sge.null()), sge.null(), found)

    def visit_IntegerRange(
        self, op: ops.IntegerRange, *, start: sge.Expression, stop: sge.Expression, step: sge.Expression
    ) -> sge.Expression:
        """Ibis builds the array with its end and filters that out again, wherever the array is named."""
        if not isinstance(op.step, ops.Literal) or op.step.value != 1:
            raise ContractError("BigQuery counts in steps of 1.", hint="Multiply the numbers of a range instead.")
        return self.f.generate_array(start, stop - 1)

    def _rounded(self, given: dt.DataType, arg: sge.Expression, to: dt.Decimal) -> sge.Expression:
        # Rounded before it is cast: a cast to NUMERIC rounds to nine digits first, and rounding twice is wrong.
        exact = arg if given.is_decimal() else self.cast(arg, _WIDEST)
        return self.cast(self.f.round(exact, to.scale), to)

    def _filled(self, values: tuple[sge.Expression, ...]) -> list[sge.Expression]:
        return [self.f.coalesce(*(v.copy() for v in (values[i:] + values[:i]))) for i in range(len(values))]


_WIDEST = dt.Decimal(76, 38)
_COMPILER = Compiler()


def bigquery_sql(expr: ir.Table) -> str:
    """The statement of an expression over unbound tables, on one line.

    Raises:
        ContractError: It uses an operation BigQuery has not, or is longer than BigQuery reads.
    """
    return _bigquery_sql(expr.op())


def syntax_tree(expr: ir.Table) -> sge.Query:
    """The statement of `bigquery_sql` as a tree, to be put into another one.

    Raises:
        ContractError: It uses an operation BigQuery has not.
    """
    for found in expr.op().find(tuple(UNSUPPORTED)):
        kind, reason = next((kind, reason) for kind, reason in UNSUPPORTED.items() if isinstance(found, kind))
        raise ContractError(f"BigQuery does not support {kind.__name__}: {reason}.")
    try:
        return _COMPILER.to_sqlglot(expr)
    except (ibis_errors.OperationNotDefinedError, ibis_errors.UnsupportedOperationError) as error:
        raise ContractError(f"BigQuery does not support an operation: {error}.") from error


@lru_cache(maxsize=512)
def _bigquery_sql(op: ops.Relation) -> str:
    sql = stable(syntax_tree(op.to_expr()).sql(dialect=DIALECT))
    if len(sql) > MAX_QUERY_CHARACTERS:
        raise ContractError(f"A query of {len(sql)} characters is too long for BigQuery.", hint="Make a part of it a table.")
    return sql


def _may_round(given: dt.DataType, to: dt.Decimal) -> bool:
    """Whether a value of the given type may have more digits than the decimal keeps."""
    if given.is_integer():
        return False
    return not given.is_decimal() or given.scale is None or given.scale > to.scale


def _whole_digits(to: dt.Decimal) -> int:
    widest = 38 if to.scale > _NUMERIC_SCALE else 29
    return min(to.precision - to.scale, widest)


def _one_array_per_row(query: sge.Query) -> sge.Query:
    """`SELECT a, UNNEST(b)` as a join with the array: sqlglot pairs all positions of all arrays, which is quadratic."""
    for select in list(query.find_all(sge.Select)):
        unnested = [column for column in select.expressions if column.unalias().find(sge.Explode)]
        if len(unnested) == 1 and isinstance(unnested[0].unalias(), sge.Explode):
            _join_array(select, unnested[0])
        elif unnested:
            raise ContractError("BigQuery unnests one array of a row at a time.", hint="Unnest them in two steps.")
    return query


def _join_array(select: sge.Select, column: sge.Expression) -> None:
    element = sg.to_identifier("element_of_array", quoted=True)
    array = column.unalias().this
    column.replace(sge.Column(this=element).as_(column.alias_or_name, quoted=True))
    unnest = sge.Unnest(expressions=[array], alias=sge.TableAlias(columns=[element.copy()]))
    if select.args.get("from_") is None:
        select.from_(unnest, copy=False)
    else:
        select.join(unnest, join_type="CROSS", copy=False)


def _equalities_in_joins(query: sge.Query) -> sge.Query:
    """Joins where null equals null: outer joins want an equality of both sides; IS NOT DISTINCT FROM is not known to be one."""
    for join in query.find_all(sge.Join):
        if condition := join.args.get("on"):
            join.set("on", condition.transform(_json_equality))
    return query


def _json_equality(condition: sge.Expression) -> sge.Expression:
    if not isinstance(condition, sge.NullSafeEQ):
        return condition
    left, right = (sge.func("TO_JSON_STRING", side) for side in (condition.this, condition.expression))
    return sge.EQ(this=left, expression=right)

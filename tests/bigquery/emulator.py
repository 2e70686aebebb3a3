"""Starts `bqemulator` in its own environment, with gaps filled that the engine's statements meet. Imports nothing of c360.

Run by the fixture in `conftest.py`: `.venv-bqemulator/bin/python tests/bigquery/emulator.py PORT`. Everything the emulator is
made to do otherwise is in this file; the client and the engine run unchanged.
"""

import asyncio
import json
import re
import shutil
import sys
from pathlib import Path

import duckdb
import duckdb_extension_spatial
from bqemulator.config import LogLevel, Settings
from bqemulator.domain.errors import InvalidQueryError
from bqemulator.scripting.exceptions import ScriptRaise
from bqemulator.scripting.interpreter import ScriptInterpreter
from bqemulator.server import run_forever
from bqemulator.sql import translator
from bqemulator.sql.rewriter import unnest_offset
from bqemulator.storage import type_map
from bqemulator.storage.engine import DuckDBEngine
from bqemulator.udf import sql_udf
from fastapi import FastAPI
from sqlglot import exp, parse_one
from sqlglot.generators.duckdb import DuckDBGenerator
from sqlglot.parser import Parser

PROJECT = "test"
_LIMIT = re.compile(r"CAST\('(10{20,}|[\d.]+E\+\d+)' AS BIGNUMERIC\)")
_JSON_TEXT = "bqemu_json_text"
_DECIMALS = {exp.DType.DECIMAL: ((38, 9), (38, 38)), exp.DType.BIGDECIMAL: ((38, 18), (38, 38))}
"""Digits, and decimals of them, where a statement names none; and the most there are."""


def install_spatial(home: Path) -> None:
    """The emulator loads DuckDB's extension from the home folder: put there from the wheel, nothing is downloaded."""
    source = Path(duckdb_extension_spatial.__path__[0], "extensions", "v" + duckdb.__version__, "spatial.duckdb_extension")
    platform = duckdb.sql("PRAGMA platform").fetchone()[0]
    target = home / ".duckdb" / "extensions" / f"v{duckdb.__version__}" / platform / source.name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def fill_gaps() -> None:
    """What the emulator gets otherwise."""
    sys.setrecursionlimit(20_000)  # it leaves names of tables as they are in statements that are too deep for it
    # It looks for `FROM t, t.array`, which nobody writes here, by copying every query again for each of its parts: a
    # statement of 226,000 characters took 342 s.
    Parser._implicit_unnests_to_explicit = lambda self, this: this
    # It puts a table before each column by sqlglot's rules, which loses columns of nested queries; of use for AVG only.
    translator.SQLTranslator._annotate_tree = staticmethod(lambda tree, schema: tree)
    unnest_offset._rebase_offset_columns = _count_from_zero
    _read_json()
    _write_null_as_json()
    _keep_digits()
    _quote_fields()
    _one_request_at_a_time()
    _refused_scripts_are_invalid()


def _count_from_zero(tree, names) -> bool:
    """Positions in an array begin with 0; only where the array is unnested, else they would be lowered on each level."""
    for unnest in list(tree.find_all(exp.Unnest)):
        if not unnest.args.get("offset"):
            continue
        select = unnest.parent_select
        for column in list(select.find_all(exp.Column)):
            if column.name in names and column.parent_select is select and column.find_ancestor(exp.Unnest) is None:
                lowered = exp.Paren(this=exp.Sub(this=column.copy(), expression=exp.Literal.number(1)))
                is_bare = column.parent is select and column.arg_key == "expressions"
                column.replace(lowered.as_(column.name, quoted=True) if is_bare else lowered)
    return True


def _read_json() -> None:
    """Its JSON functions read text for JSON: our generated function becomes DuckDB's `from_json` with the shape it builds."""
    translated = sql_udf._translate_body

    def body(bq_sql, its_translator):
        if "json_0" not in bq_sql:
            return translated(bq_sql, its_translator)
        shape = json.dumps(_shape(parse_one(bq_sql, read="bigquery").find(exp.Select).expressions[0]))
        return "CASE WHEN json_valid(payload) THEN from_json(payload, '" + shape.replace("'", "''") + "') END"

    sql_udf._translate_body = body


def _write_null_as_json() -> None:
    """`TO_JSON_STRING(NULL)` is a text on BigQuery, by which keys with a null meet; DuckDB's `to_json` gives null."""
    translate, start = translator.SQLTranslator.translate, DuckDBEngine.start

    def with_nulls(self, bq_sql, **more):
        return translate(self, bq_sql.replace("TO_JSON_STRING(", _JSON_TEXT + "("), **more)

    async def with_function(self):
        await start(self)
        self.execute(f"CREATE MACRO {_JSON_TEXT}(value) AS coalesce(CAST(to_json(value) AS VARCHAR), 'null')")

    translator.SQLTranslator.translate, DuckDBEngine.start = with_nulls, with_function


def _shape(value):
    """What `bigquery_json.py` builds: `IF(…, NULL, STRUCT(…))`, `IF(…, ARRAY(SELECT …), NULL)`, else a text."""
    if not isinstance(value, exp.If):
        return "VARCHAR"
    if array := value.args["true"].find(exp.Array) or value.args["true"].find(exp.Select):
        select = array if isinstance(array, exp.Select) else array.find(exp.Select)
        return [_shape(select.expressions[0])]
    fields = value.args["false"].expressions
    return {field.alias_or_name: _shape(field.this if isinstance(field, exp.Alias) else field.expression) for field in fields}


def _keep_digits() -> None:
    """NUMERIC without a scale would be DuckDB's DECIMAL(18, 3), BIGNUMERIC a width DuckDB has not: 18 decimals of 38 digits.

    Where the statement for DuckDB is written, and not in the text that comes in: steps between the two (for `DATE_ADD`, `/` and
    others) write it as BigQuery's again, and then without the digits of any type.
    """
    translate = translator.SQLTranslator.translate

    def with_limits(self, bq_sql, **more):
        # The limit of what fits a decimal does not fit DuckDB's: as a float it still is one.
        return translate(self, _LIMIT.sub(r"CAST('\1' AS FLOAT64)", bq_sql), **more)

    translator.SQLTranslator.translate = with_limits
    DuckDBGenerator.TYPE_PARAM_SETTINGS = {**DuckDBGenerator.TYPE_PARAM_SETTINGS, **_DECIMALS}
    to_duckdb = type_map.bq_to_duckdb
    type_map.bq_to_duckdb = lambda name: "DECIMAL(38, 18)" if name.upper() == "BIGNUMERIC" else to_duckdb(name)


def _quote_fields() -> None:
    """A field may be called `end`."""
    columns = type_map.bq_schema_to_duckdb_columns

    def quoted(fields):
        named = [{**field, "fields": _in_quotes(field.get("fields", []))} for field in fields]
        return columns(named)

    type_map.bq_schema_to_duckdb_columns = quoted


def _in_quotes(fields):
    return [{**f, "name": '"' + f["name"].strip('"') + '"', "fields": _in_quotes(f.get("fields", []))} for f in fields]


def _one_request_at_a_time() -> None:
    """Requests share one connection: they would take each other's rows, and be in each other's transactions.

    On BigQuery the second of two transactions that change one table is refused.
    """
    answer, lock = FastAPI.__call__, asyncio.Lock()

    async def alone(self, scope, receive, send):
        if scope["type"] != "http":
            return await answer(self, scope, receive, send)
        async with lock:
            return await answer(self, scope, receive, send)

    FastAPI.__call__ = alone


def _refused_scripts_are_invalid() -> None:
    """A `RAISE` nobody catches would be answered 500, which clients repeat for ten minutes; BigQuery answers 400."""
    run = ScriptInterpreter.run

    async def raising(self, source):
        try:
            return await run(self, source)
        except ScriptRaise as raised:
            raise InvalidQueryError(raised.message) from raised

    ScriptInterpreter.run = raising


if __name__ == "__main__":
    install_spatial(Path.home())
    fill_gaps()
    run_forever(
        Settings(
            rest_port=int(sys.argv[1]),
            grpc_port=0,
            default_project_id=PROJECT,
            enable_format_extensions=False,
            log_level=LogLevel.WARNING,
        )
    )

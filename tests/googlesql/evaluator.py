"""BigQuery's dialect of GoogleSQL over tables of a few rows: what is accepted, of which types, and what it returns."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import ibis
import ibis.expr.datatypes as dt
from google.protobuf.empty_pb2 import Empty
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service
from zetasql.wasi._pb2.zetasql.proto.function_pb2 import FunctionArgumentTypeProto, FunctionProto, FunctionSignatureProto
from zetasql.wasi._pb2.zetasql.proto.options_pb2 import (
    AnalyzerOptionsProto,
    LanguageOptionsProto,
    ZetaSQLBuiltinFunctionOptionsProto,
)
from zetasql.wasi._pb2.zetasql.proto.simple_catalog_pb2 import SimpleCatalogProto
from zetasql.wasi._pb2.zetasql.public import options_pb2 as options
from zetasql.wasi._pb2.zetasql.public.function_pb2 import ARG_TYPE_ARBITRARY, ARG_TYPE_FIXED
from zetasql.wasi._pb2.zetasql.public.parse_resume_location_pb2 import ParseResumeLocationProto
from zetasql.wasi._pb2.zetasql.public.simple_table_pb2 import SimpleColumnProto, SimpleTableProto
from zetasql.wasi._pb2.zetasql.resolved_ast.resolved_node_kind_pb2 import ResolvedNodeKind

from tests.googlesql.values import decoded, encoded, type_name, type_of
from tests.googlesql.wasm import Service

Rows = Iterable[Mapping[str, Any]]
_TOOLKIT = Path(__file__).with_name("bq_toolkit_opts.json")
_SCALAR = 1
_NOT_IN_BIGQUERY = ("FEATURE_TIMESTAMP_NANOS",)
_MISSING_IN_TOOLKIT = ("FEATURE_V_1_4_BARE_ARRAY_ACCESS",)


class Result(NamedTuple):
    """Rows of a query, and name -> type of its columns in order."""

    columns: Mapping[str, str]
    rows: Sequence[tuple[Any, ...]]


class Google:
    """Analyzer and reference evaluator over tables given once. Names of tables stand in the root: no project, no dataset.

    Args:
        service: The module.
        tables: Name -> schema and rows.
        functions: Name -> expression over `payload`, a text: SQL functions that exist.
    """

    def __init__(
        self, service_: Service, tables: Mapping[str, tuple[ibis.Schema, Rows]], functions: Mapping[str, str] | None = None
    ) -> None:
        self._service = service_
        self._options = _options(service_)
        catalog = SimpleCatalogProto(
            name="root",
            table=[_table(name, schema, i + 1) for i, (name, (schema, _)) in enumerate(tables.items())],
            custom_function=[_function(name, body) for name, body in (functions or {}).items()],
            builtin_function_options=ZetaSQLBuiltinFunctionOptionsProto(language_options=self._options.language_options),
        )
        request = service.RegisterCatalogRequest(simple_catalog=catalog)
        for name, (schema, rows) in tables.items():
            request.table_content[name].CopyFrom(_content(schema, rows))
        self._catalog_id = service_.call("RegisterCatalog", request, service.RegisterResponse).registered_id

    def analyze(self, sql: str) -> Any:
        """The resolved statement.

        Raises:
            GoogleSqlError: BigQuery would refuse the statement.
        """
        request = service.AnalyzeRequest(options=self._options, registered_catalog_id=self._catalog_id, sql_statement=sql)
        return self._service.call("Analyze", request, service.AnalyzeResponse).resolved_statement

    def query(self, sql: str) -> Result:
        """Runs a query.

        Raises:
            GoogleSqlError: It was refused or failed.
        """
        request = service.EvaluateQueryRequest(options=self._options, registered_catalog_id=self._catalog_id, sql=sql)
        answer = self._service.call("EvaluateQuery", request, service.EvaluateQueryResponse)
        columns = list(answer.prepared.columns)
        if answer.prepared.HasField("prepared_query_id"):
            self._unprepare(answer.prepared.prepared_query_id)
        rows = [
            tuple(decoded(cell, column.type) for cell, column in zip(row.cell, columns, strict=True))
            for row in answer.content.table_data.row
        ]
        return Result({column.name: type_name(column.type) for column in columns}, rows)

    def _unprepare(self, query_id: int) -> None:
        self._service.call("UnprepareQuery", service.UnprepareQueryRequest(prepared_query_id=query_id), Empty)


def _options(service_: Service) -> AnalyzerOptionsProto:
    default = service_.call("GetAnalyzerOptions", service.AnalyzerOptionsRequest(), AnalyzerOptionsProto)
    default.ClearField("allowed_hints_and_options")  # holds an enum type that would need a descriptor pool
    default.language_options.CopyFrom(_language())
    default.default_timezone = "UTC"
    default.error_message_mode = options.ERROR_MESSAGE_ONE_LINE
    default.parameter_mode = options.PARAMETER_NAMED
    return default


def _language() -> LanguageOptionsProto:
    """Features, statements and reserved words of BigQuery, as Google's toolkit lists them."""
    toolkit = json.loads(_TOOLKIT.read_text())
    feature = options.LanguageFeature
    known = {value.number for value in feature.DESCRIPTOR.values}
    dropped = {feature.Value(name) for name in _NOT_IN_BIGQUERY}
    added = [feature.Value(name) for name in _MISSING_IN_TOOLKIT]
    return LanguageOptionsProto(
        product_mode=options.PRODUCT_EXTERNAL,
        name_resolution_mode=options.NAME_RESOLUTION_DEFAULT,
        reserved_keywords=toolkit["reserved"],
        enabled_language_features=[*(n for n, _ in toolkit["features"] if n in known and n not in dropped), *added],
        supported_statement_kinds=[
            ResolvedNodeKind.Value(kind)
            for kind in toolkit["kinds"]
            if kind in ResolvedNodeKind.keys()  # noqa: SIM118 - no mapping
        ],
    )


def _table(name: str, schema: ibis.Schema, serial: int) -> SimpleTableProto:
    columns = [SimpleColumnProto(name=column, type=type_of(dtype), is_writable_column=True) for column, dtype in schema.items()]
    return SimpleTableProto(name=name, serialization_id=serial, column=columns)


def _function(name: str, body: str) -> FunctionProto:
    """A SQL function of one text; its type is found from its body, as BigQuery does without RETURNS."""
    text = FunctionArgumentTypeProto(kind=ARG_TYPE_FIXED, type=type_of(dt.string), num_occurrences=1)
    return FunctionProto(
        name_path=[name],
        group="Templated_SQL_Function",
        mode=_SCALAR,
        signature=[FunctionSignatureProto(argument=[text], return_type=FunctionArgumentTypeProto(kind=ARG_TYPE_ARBITRARY))],
        parse_resume_location=ParseResumeLocationProto(input=body, byte_position=0),
        templated_sql_function_argument_name=["payload"],
    )


def _content(schema: ibis.Schema, rows: Rows) -> service.TableContent:
    kinds = {name: type_of(dtype) for name, dtype in schema.items()}
    cells = [[encoded(row[name], kind) for name, kind in kinds.items()] for row in rows]
    return service.TableContent(table_data=service.TableData(row=[service.TableData.Row(cell=c) for c in cells]))

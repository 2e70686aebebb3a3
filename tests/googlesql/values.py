"""Ibis' types and Python's values as GoogleSQL's protocol buffers, and back."""

import datetime as py
from collections.abc import Callable, Mapping
from decimal import Context, Decimal
from typing import Any

import ibis.expr.datatypes as dt
from zetasql.wasi._pb2.zetasql.public.type_pb2 import ArrayTypeProto, StructFieldProto, StructTypeProto, TypeKind, TypeProto
from zetasql.wasi._pb2.zetasql.public.value_pb2 import ValueProto

_EPOCH = py.datetime(1970, 1, 1, tzinfo=py.UTC)
_FIRST_DAY = py.date(1970, 1, 1)
_EXACT = Context(prec=80)
_DIGITS = {TypeKind.TYPE_NUMERIC: 9, TypeKind.TYPE_BIGNUMERIC: 38}
_NUMERIC_SCALE = 9

_KINDS: Mapping[str, tuple[Callable[[dt.DataType], bool], int]] = {
    "integer": (lambda t: t.is_integer(), TypeKind.TYPE_INT64),
    "boolean": (lambda t: t.is_boolean(), TypeKind.TYPE_BOOL),
    "floating": (lambda t: t.is_floating(), TypeKind.TYPE_DOUBLE),
    "string": (lambda t: t.is_string(), TypeKind.TYPE_STRING),
    "date": (lambda t: t.is_date(), TypeKind.TYPE_DATE),
    "instant": (lambda t: t.is_timestamp() and t.timezone is not None, TypeKind.TYPE_TIMESTAMP),
    "bignumeric": (lambda t: t.is_decimal() and (t.scale or 0) > _NUMERIC_SCALE, TypeKind.TYPE_BIGNUMERIC),
    "numeric": (lambda t: t.is_decimal(), TypeKind.TYPE_NUMERIC),
}
_PLAIN = {
    TypeKind.TYPE_INT64: "int64_value",
    TypeKind.TYPE_BOOL: "bool_value",
    TypeKind.TYPE_DOUBLE: "double_value",
    TypeKind.TYPE_STRING: "string_value",
}


def type_of(dtype: dt.DataType) -> TypeProto:
    """BigQuery's type of a column.

    Raises:
        TypeError: Our tables have no such columns.
    """
    if isinstance(dtype, dt.Array):
        return TypeProto(type_kind=TypeKind.TYPE_ARRAY, array_type=ArrayTypeProto(element_type=type_of(dtype.value_type)))
    if isinstance(dtype, dt.Struct):
        fields = [StructFieldProto(field_name=name, field_type=type_of(inner)) for name, inner in dtype.items()]
        return TypeProto(type_kind=TypeKind.TYPE_STRUCT, struct_type=StructTypeProto(field=fields))
    for is_kind, kind in _KINDS.values():
        if is_kind(dtype):
            return TypeProto(type_kind=kind)
    raise TypeError(f"no type of GoogleSQL stands for {dtype}")


def type_name(kind: TypeProto) -> str:
    """A type as BigQuery writes it."""
    if kind.type_kind == TypeKind.TYPE_ARRAY:
        return f"ARRAY<{type_name(kind.array_type.element_type)}>"
    if kind.type_kind == TypeKind.TYPE_STRUCT:
        fields = (f"{field.field_name} {type_name(field.field_type)}" for field in kind.struct_type.field)
        return f"STRUCT<{', '.join(fields)}>"
    return TypeKind.Name(kind.type_kind).removeprefix("TYPE_").replace("DOUBLE", "FLOAT64")


def encoded(value: Any, kind: TypeProto) -> ValueProto:
    """A Python value as a cell; an empty message is null."""
    cell = ValueProto()
    if value is None:
        return cell
    if kind.type_kind in _PLAIN:
        setattr(cell, _PLAIN[kind.type_kind], value)
    elif kind.type_kind == TypeKind.TYPE_DATE:
        cell.date_value = (value - _FIRST_DAY).days
    elif kind.type_kind == TypeKind.TYPE_TIMESTAMP:
        micros = (value - _EPOCH) // py.timedelta(microseconds=1)
        cell.timestamp_value.seconds, cell.timestamp_value.nanos = micros // 10**6, micros % 10**6 * 1000
    elif kind.type_kind in _DIGITS:
        _encode_decimal(cell, value, kind.type_kind)
    else:
        _encode_nested(cell, value, kind)
    return cell


def decoded(cell: ValueProto, kind: TypeProto) -> Any:
    """A cell as a Python value."""
    filled = cell.WhichOneof("value")
    if filled is None:
        return None
    if kind.type_kind == TypeKind.TYPE_DATE:
        return _FIRST_DAY + py.timedelta(cell.date_value)
    if kind.type_kind == TypeKind.TYPE_TIMESTAMP:
        instant = cell.timestamp_value
        return _EPOCH + py.timedelta(seconds=instant.seconds, microseconds=instant.nanos // 1000)
    if kind.type_kind in _DIGITS:
        unscaled = int.from_bytes(getattr(cell, filled), "little", signed=True)
        return _EXACT.scaleb(Decimal(unscaled), -_DIGITS[kind.type_kind])
    if kind.type_kind == TypeKind.TYPE_ARRAY:
        return [decoded(element, kind.array_type.element_type) for element in cell.array_value.element]
    if kind.type_kind == TypeKind.TYPE_STRUCT:
        fields = zip(cell.struct_value.field, kind.struct_type.field, strict=True)
        return {field.field_name: decoded(inner, field.field_type) for inner, field in fields}
    return getattr(cell, filled)


def _encode_decimal(cell: ValueProto, value: Decimal, kind: int) -> None:
    unscaled = int(_EXACT.scaleb(value, _DIGITS[kind]))
    name = "numeric_value" if kind == TypeKind.TYPE_NUMERIC else "bignumeric_value"
    setattr(cell, name, unscaled.to_bytes((unscaled.bit_length() + 8) // 8, "little", signed=True))


def _encode_nested(cell: ValueProto, value: Any, kind: TypeProto) -> None:
    if kind.type_kind == TypeKind.TYPE_ARRAY:
        cell.array_value.SetInParent()
        cell.array_value.element.extend(encoded(element, kind.array_type.element_type) for element in value)
    else:
        cell.struct_value.SetInParent()
        fields = kind.struct_type.field
        cell.struct_value.field.extend(encoded(value[field.field_name], field.field_type) for field in fields)

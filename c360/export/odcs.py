"""Data contracts as YAML: Open Data Contract Standard, https://bitol-io.github.io/open-data-contract-standard/."""

from typing import Any

import ibis.expr.datatypes as dt
import yaml

from c360.contract import Contract, ibis_schema
from c360.export.described import Column, Described

API_VERSION = "v3.1.0"
CONTRACT_VERSION = "1.0.0"


def odcs_yaml(table: Described) -> str:
    """The table's data contract."""
    return str(yaml.safe_dump(odcs(table), sort_keys=False, allow_unicode=True, width=110))


def odcs(table: Described) -> dict[str, Any]:
    """The data contract as plain data."""
    return {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": f"c360.{table.full_name}",
        "name": table.name,
        "version": CONTRACT_VERSION,
        "status": "active",
        "domain": table.domain,
        "description": {"purpose": table.doc},
        "schema": [_schema_object(table)],
    }


def _schema_object(table: Described) -> dict[str, Any]:
    types = ibis_schema(table.contract)
    rules = _duplicate_rule(table) + [{"type": "text", "description": f"Every row: {reason}."} for reason in table.row_rules]
    return {
        "name": table.name,
        "physicalName": table.full_name,
        "logicalType": "object",
        "physicalType": "table",
        "description": table.doc,
        "dataGranularityDescription": table.doc.split("\n")[0],
        "properties": [_property(column, types[column.name], table.contract) for column in table.columns],
        "quality": rules,
        "customProperties": _custom(table),
    }


def _duplicate_rule(table: Described) -> list[dict[str, Any]]:
    description = f"No two rows share {', '.join(table.key)}."
    return [
        {
            "metric": "duplicateValues",
            "arguments": {"properties": list(table.key)},
            "mustBe": 0,
            "description": description,
        }
    ]


def _custom(table: Described) -> list[dict[str, Any]]:
    told = {
        "layer": table.layer,
        "write": table.write,
        "uses": list(table.uses),
        "usedBy": list(table.used_by),
        "expectations": list(table.expectations),
        "maxQuarantinedShare": table.max_quarantined_share,
    }
    return [{"property": name, "value": value} for name, value in told.items() if value not in (None, [])]


def _property(column: Column, dtype: dt.DataType, contract: type[Contract]) -> dict[str, Any]:
    told: dict[str, Any] = {"name": column.name, "logicalType": _logical(dtype), "physicalType": column.type}
    told["description"] = column.doc
    told["required"] = not column.is_nullable
    if column.key_position is not None:
        told |= {"primaryKey": True, "primaryKeyPosition": column.key_position}
    told["classification"] = column.privacy
    if column.unit:
        told["customProperties"] = [{"property": "unit", "value": column.unit}]
    rules = [_value_rule(check) for check in contract.to_schema().columns[column.name].checks]
    if rules:
        told["quality"] = [{**rule, "mustBe": 0, "description": must} for rule, must in zip(rules, column.rules, strict=True)]
    return told


def _value_rule(check: Any) -> dict[str, Any]:
    given = check.statistics
    if check.name == "isin":
        return {"metric": "invalidValues", "arguments": {"validValues": sorted(given["allowed_values"])}}
    if check.name == "str_matches":
        pattern = given["pattern"]
        text = pattern if isinstance(pattern, str) else pattern.pattern
        return {"metric": "invalidValues", "arguments": {"pattern": f"^(?:{text})$"}}
    limits = {"min_value": "minimum", "max_value": "maximum"}
    return {"metric": "invalidValues", "arguments": {limits[name]: value for name, value in given.items()}}


def _logical(dtype: dt.DataType) -> str:
    kinds = {
        "integer": dtype.is_integer(),
        "number": dtype.is_numeric(),
        "boolean": dtype.is_boolean(),
        "date": dtype.is_date(),
        "timestamp": dtype.is_timestamp(),
    }
    return next((name for name, fits in kinds.items() if fits), "string")

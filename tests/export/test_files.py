from pathlib import Path, PurePosixPath

import pytest
import yaml

from c360.catalog import Catalog, Merge, Node, Spec
from c360.export.described import Described, describe_all
from c360.export.files import render, stale_files, write_files
from c360.export.markdown import page
from c360.export.odcs import odcs
from tests.quality.samples import Sample

TRACES = {"stripe_things": {"record_id": "record_id"}}


def _node(name: str, layer: str, *inputs: str) -> Node:
    spec = Spec(Sample, Merge(), None, None, None, None, TRACES if layer == "silver" else None, 0.05, is_step=False)
    return Node(name, layer, "test", lambda: None, spec, inputs, ())  # type: ignore[arg-type]  # layer is one of the literals


CATALOG = Catalog({n.name: n for n in (_node("fct_sample", "silver", "stripe_things"), _node("top", "gold", "fct_sample"))})


def _described(name: str) -> Described:
    return next(table for table in describe_all(CATALOG) if table.full_name == name)


def test_every_table_and_the_log_have_a_contract_and_a_page() -> None:
    names = ("silver.fct_sample", "gold.top", "gold.data_quality_log")
    assert set(render(CATALOG)) == {
        *(PurePosixPath(f"contracts/{name}.yaml") for name in names),
        *(PurePosixPath(f"docs/tables/{name}.md") for name in names),
        PurePosixPath("docs/tables/README.md"),
    }


def test_the_data_contract_says_what_the_contract_says() -> None:
    told = yaml.safe_load(render(CATALOG)[PurePosixPath("contracts/silver.fct_sample.yaml")])
    assert (told["apiVersion"], told["kind"], told["id"]) == ("v3.1.0", "DataContract", "c360.silver.fct_sample")
    (table,) = told["schema"]
    columns = {column["name"]: column for column in table["properties"]}
    assert list(columns) == list(Sample.to_schema().columns)
    assert columns["part"]["primaryKeyPosition"] == 2
    assert (columns["count"]["required"], columns["count"]["logicalType"]) == (False, "integer")
    assert columns["email"]["classification"] == "personal"
    assert columns["status"]["quality"] == [
        {
            "metric": "invalidValues",
            "arguments": {"validValues": ["closed", "open"]},
            "mustBe": 0,
            "description": "must be one of closed, open",
        }
    ]
    assert columns["thing_id"]["quality"][0]["arguments"] == {"pattern": "^(?:x_[0-9]+)$"}
    assert [rule["arguments"] for rule in columns["count"]["quality"]] == [{"minimum": 0}, {"maximum": 10}]
    assert table["quality"][0]["arguments"] == {"properties": ["thing_id", "part"]}
    assert table["quality"][1] == {"type": "text", "description": "Every row: count must not pass limit_amount."}
    custom = {item["property"]: item["value"] for item in table["customProperties"]}
    assert custom["usedBy"] == ["gold.top"]
    assert custom["expectations"] == ["BE-002", "GE-002"]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("silver.fct_sample", "- Key: `thing_id`, `part`"),
        ("silver.fct_sample", "- Used by: [gold.top](gold.top.md)"),
        ("silver.fct_sample", "- Made from: `stripe_things`"),
        ("silver.fct_sample", "- Traces to: `stripe_things` by `record_id` = `record_id`"),
        ("silver.fct_sample", "- count must not pass limit_amount"),
        ("silver.fct_sample", "| `count` | int64 | yes |  | none | How many. (must be >= 0) (must be <= 10) |"),
        ("gold.top", "- Made from: [silver.fct_sample](silver.fct_sample.md)"),
        ("gold.top", "- Traces to: (exempt)"),
    ],
)
def test_the_page_shows_it(name: str, line: str) -> None:
    known = [table.full_name for table in describe_all(CATALOG)]
    assert line in page(_described(name), known).splitlines()


def test_files_are_stale_until_written_and_when_edited_or_left_over(tmp_path: Path) -> None:
    wanted = render(CATALOG)
    assert set(stale_files(CATALOG, tmp_path)) == set(wanted)
    assert set(write_files(CATALOG, tmp_path)) == set(wanted)
    assert stale_files(CATALOG, tmp_path) == []
    assert write_files(CATALOG, tmp_path) == []
    (tmp_path / "contracts/gold.top.yaml").write_text("edited")
    (tmp_path / "docs/tables/gold.gone.md").write_text("left over")
    stale = [PurePosixPath("contracts/gold.top.yaml"), PurePosixPath("docs/tables/gold.gone.md")]
    assert stale_files(CATALOG, tmp_path) == stale
    assert write_files(CATALOG, tmp_path) == stale
    assert not (tmp_path / "docs/tables/gold.gone.md").exists()


def test_each_column_of_the_data_contract_is_described() -> None:
    for table in describe_all(CATALOG):
        (told,) = odcs(table)["schema"]
        assert all(column["description"] for column in told["properties"])

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from c360.catalog import Catalog, Node, discover
from c360.errors import ContractError, SelectionError
from c360.lake import PEOPLES_TABLES
from c360.params import RunParams
from c360.reference.tables import REFERENCES
from c360.sources import registry as sources

HEADER = """
from datetime import date
from c360.catalog import LocalTo, Merge, Overwrite, table, step
from c360.contract import Contract, Text, field

class C(Contract):
    a: Text = field("A.")
    class Config:
        unique = ["a"]
"""
Package = Callable[[dict[str, str]], str]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    """`package({"silver/crm/x.py": code})`: an importable package of table files; its name."""
    name = "shop_of_the_test"

    def make(files: dict[str, str]) -> str:
        for path, code in files.items():
            file = tmp_path / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(HEADER + dedent(code))
        for folder in {p.parent for p in (tmp_path / name).rglob("*.py")} | {tmp_path / name}:
            for parent in (folder, *folder.relative_to(tmp_path).parents):
                (tmp_path / parent / "__init__.py").touch()
        importlib.invalidate_caches()
        return name

    monkeypatch.syspath_prepend(str(tmp_path))
    yield make
    for module in [m for m in sys.modules if m.split(".")[0] == name]:
        del sys.modules[module]


def _table(name: str, signature: str, options: str = "") -> str:
    return f"@table(C, write=Overwrite(){options})\ndef {name}({signature}):\n    return None\n"


FILES = {
    "silver/crm/people.py": _table("people", "raw_people"),
    "silver/billing/bills.py": _table("bills", "raw_bills, people, *, as_of: date"),
    "gold/money/totals.py": _table("totals", "bills"),
    "gold/care/faces.py": _table("faces", "people"),
}
RAW = ("raw_people", "raw_bills")


def _names(nodes: list[Node]) -> list[str]:
    return sorted(n.name for n in nodes)


def test_a_file_is_a_table_wired_by_its_parameters(package: Package) -> None:
    bills = discover([package(FILES)], RAW)["bills"]
    assert (bills.full_name, bills.domain) == ("silver.bills", "billing")
    assert (bills.inputs, bills.params) == (("raw_bills", "people"), ("as_of",))
    assert bills.key == ("a",)


def test_inputs_come_before_what_is_made_of_them(package: Package) -> None:
    order = list(discover([package(FILES)], RAW).nodes)
    assert order.index("people") < order.index("bills") < order.index("totals")


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("bills", ["bills"]),
        ("silver.bills", ["bills"]),
        ("gold", ["faces", "totals"]),
        ("gold.money", ["totals"]),
        ("+totals", ["bills", "people", "totals"]),
        ("people+", ["bills", "faces", "people", "totals"]),
        ("+bills+", ["bills", "people", "totals"]),
    ],
)
def test_selection(package: Package, expression: str, wanted: list[str]) -> None:
    assert _names(discover([package(FILES)], RAW).select([expression])) == wanted


def test_no_expression_selects_everything_in_build_order(package: Package) -> None:
    catalog = discover([package(FILES)], RAW)
    assert [n.name for n in catalog.select([])] == list(catalog.nodes)


@pytest.mark.parametrize("wrong", ["nothing", "gold.bills", "silver.money"])
def test_a_wrong_selection_says_what_exists(package: Package, wrong: str) -> None:
    with pytest.raises(SelectionError, match=r"silver\.bills"):
        discover([package(FILES)], RAW).select([wrong])


@pytest.mark.parametrize("wrong", ["nothing", "gold.bills"])
def test_a_wrong_name_says_what_exists(package: Package, wrong: str) -> None:
    with pytest.raises(SelectionError, match=r"no table .*Hint.*silver\.people"):
        discover([package(FILES)], RAW)[wrong]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"gold/x/people.py": _table("people", "raw_people")}, "Two tables are called 'people'"),
        ({"gold/x/raw_people.py": _table("raw_people", "bills")}, "Two tables are called 'raw_people'"),
        ({"gold/x/lost.py": _table("lost", "nowhere")}, "gold.lost reads 'nowhere', which does not exist"),
        ({"gold/x/late.py": _table("late", "people, *, moon: int")}, "gold.late asks for 'moon'"),
        ({"gold/x/loop.py": _table("loop", "loop")}, "Tables form a circle"),
        (
            {"gold/x/near.py": _table("near", "people", ', local_to=LocalTo("a", {"bills": "a"})')},
            "gold.near declares bills in local_to or traces, but does not read it",
        ),
    ],
)
def test_bad_wiring_is_refused(package: Package, files: dict[str, str], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        discover([package(FILES | files)], RAW)


def test_a_step_may_live_in_the_vault(package: Package) -> None:
    code = '@step(C, write=Merge(), layer="vault")\ndef secrets(raw_people, *, work, as_of):\n    return None\n'
    node = discover([package(FILES | {"silver/identity/secrets.py": code})], RAW)["secrets"]
    assert (node.full_name, node.spec.is_step) == ("vault.secrets", True)
    assert (node.inputs, node.params) == (("raw_people",), ("as_of",))


def test_an_error_inside_a_table_file_is_not_swallowed(package: Package) -> None:
    with pytest.raises(ModuleNotFoundError, match="not_installed_anywhere"):
        discover([package({"silver/crm/broken.py": "import not_installed_anywhere\n"})], RAW)


@pytest.fixture(scope="module")
def ours() -> Catalog:
    return discover(["c360"], sources.discover().input_names() | set(REFERENCES) | set(PEOPLES_TABLES))


def test_every_table_of_c360_is_one_file_named_as_the_table(ours: Catalog) -> None:
    for node in ours.nodes.values():
        assert node.function.__module__.rsplit(".", 1)[1] == node.name


def test_every_table_of_c360_says_its_grain_and_types_every_column(ours: Catalog) -> None:
    for node in ours.nodes.values():
        assert (node.function.__doc__ or node.contract.__doc__ or "").startswith("One row"), node.full_name
        assert node.key, node.full_name
        assert set(node.key) <= set(node.schema), node.full_name


def test_declarations_of_c360_name_columns_that_exist(ours: Catalog) -> None:
    registry = sources.discover()
    for node in ours.nodes.values():
        local_to, traces = node.spec.local_to, node.spec.traces or {}
        assert local_to is None or local_to.column in node.schema, node.full_name
        assert all(own in node.schema for keys in traces.values() for own in keys), node.full_name
        keys = local_to.inputs if local_to else {}
        for name, columns in [*traces.items(), *((n, {"": column}) for n, column in keys.items())]:
            if name in ours.nodes:
                schema = ours[name].schema
            else:
                schema = sources.typed_schema(registry.entities[name.removesuffix(sources.VERSIONS_SUFFIX)])
            assert set(columns.values()) <= set(schema), f"{node.full_name}: {name}"


def test_tables_that_age_by_month_name_their_month(ours: Catalog) -> None:
    for node in ours.nodes.values():
        if node.spec.ages_by == "month":
            assert node.spec.month_column in node.schema, node.full_name
        if node.spec.ages_by:
            assert "as_of" in node.params, node.full_name


def test_run_parameters_are_immutable() -> None:
    assert RunParams.__dataclass_params__.frozen  # type: ignore[attr-defined]

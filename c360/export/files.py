"""The generated files that are committed: written by `make docs`, compared by the tests."""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from c360.catalog import Catalog
from c360.export.described import describe_all
from c360.export.markdown import index, page
from c360.export.odcs import odcs_yaml

CONTRACTS = PurePosixPath("contracts")
PAGES = PurePosixPath("docs/tables")


def render(catalog: Catalog) -> dict[PurePosixPath, str]:
    """Path under the repository -> text of every generated file."""
    tables = describe_all(catalog)
    known = [table.full_name for table in tables]
    contracts = {CONTRACTS / f"{table.full_name}.yaml": odcs_yaml(table) for table in tables}
    pages = {PAGES / f"{table.full_name}.md": page(table, known) for table in tables}
    return {**contracts, **pages, PAGES / "README.md": index(tables)}


def write_files(catalog: Catalog, root: Path) -> list[PurePosixPath]:
    """Writes what differs under `root`, removes what no table makes any more, and returns both."""
    wanted = render(catalog)
    differing = stale_files(catalog, root)
    for path in differing:
        target = root / path
        if path in wanted:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(wanted[path], encoding="utf-8")
        else:
            target.unlink()
    return differing


def stale_files(catalog: Catalog, root: Path) -> list[PurePosixPath]:
    """Generated files that are missing, differ, or belong to no table any more; empty when all is fresh."""
    wanted: Mapping[PurePosixPath, str] = render(catalog)
    found = {path: (root / path).read_text(encoding="utf-8") for path in _existing(root)}
    return sorted(path for path in wanted.keys() | found.keys() if wanted.get(path) != found.get(path))


def _existing(root: Path) -> Iterator[PurePosixPath]:
    for folder, ending in ((CONTRACTS, "*.yaml"), (PAGES, "*.md")):
        for path in sorted((root / folder).glob(ending)):
            yield folder / path.name

"""A page per table and an index, in Markdown."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from c360.export.described import Column, Described

GENERATED = "<!-- Generated from the contract by `make docs`. Edit the contract. -->"


def page(table: Described, known: Sequence[str]) -> str:
    """The table's page; tables in `known` (full names) are linked."""
    rules = [f"- {reason}" for reason in table.row_rules] + [
        f"- Stands for {name} of the specification." for name in table.expectations
    ]
    facts = [
        f"- Key: {', '.join(f'`{name}`' for name in table.key)}",
        f"- Domain: `{table.layer}.{table.domain}`",
        *([f"- Written: {table.write}"] if table.write else []),
        f"- Made from: {_links(table.uses, known)}",
        f"- Used by: {_links(table.used_by, known)}",
        f"- Traces to: {'; '.join(_trace(name, on, known) for name, on in sorted(table.traces.items())) or '(exempt)'}",
    ]
    parts = [GENERATED, f"# {table.full_name}", table.doc, "\n".join(facts), "## Columns", _columns(table.columns)]
    if rules:
        parts += ["## Rules of a row", "\n".join(rules)]
    return "\n\n".join(parts) + "\n"


def index(tables: Sequence[Described]) -> str:
    """The list of all pages, by layer and domain."""
    parts = [GENERATED, "# Tables"]
    ordered = sorted(tables, key=lambda t: (t.layer, t.domain, t.name))
    for (layer, domain), group in groupby(ordered, key=lambda t: (t.layer, t.domain)):
        rows = [f"| [{t.name}]({t.full_name}.md) | {_cell(t.doc.split(chr(10))[0])} |" for t in group]
        parts += [f"## {layer}.{domain}", "\n".join(["| table | content |", "|---|---|", *rows])]
    return "\n\n".join(parts) + "\n"


def _columns(columns: Sequence[Column]) -> str:
    head = ["| column | type | null | unit | class | meaning |", "|---|---|---|---|---|---|"]
    return "\n".join(head + [_column(column) for column in columns])


def _column(column: Column) -> str:
    meaning = " ".join([column.doc, *(f"({rule})" for rule in column.rules)])
    null = "yes" if column.is_nullable else "no"
    return f"| `{column.name}` | {_cell(column.type)} | {null} | {column.unit or ''} | {column.privacy} | {_cell(meaning)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _links(names: Sequence[str], known: Sequence[str]) -> str:
    return ", ".join(f"[{name}]({name}.md)" if name in known else f"`{name}`" for name in names) or "–"


def _trace(name: str, on: Mapping[str, str], known: Sequence[str]) -> str:
    full_name = next((k for k in known if k.endswith(f".{name}")), name)
    pairs = ", ".join(f"`{own}` = `{theirs}`" for own, theirs in on.items())
    return f"{_links([full_name], known)} by {pairs}"

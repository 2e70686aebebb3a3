"""`c360 identity`: who is who, in files and in the lake."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pyarrow.parquet as pq
import typer

from c360.commands.output import JsonOption, say, show_json, show_table
from c360.errors import SettingsError
from c360.resolving.given import LINK, Request
from c360.resolving.resolve import Resolved, clusters_table, pairs_table, resolve

app = typer.Typer(help="Who is who: find duplicates in files, link files, train and look at the model.", no_args_is_help=True)


class EntityName(StrEnum):
    """What a file's records are."""

    person = "person"
    organisation = "organisation"


@app.command("resolve")
def resolve_(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="CSV or Parquet; one: find duplicates, several: link them.")
    ],
    *,
    entity: Annotated[EntityName, typer.Option("--entity", help="What the records are.")],
    id_column: Annotated[
        str, typer.Option("--id", metavar="COLUMN", help="Column that tells a record from all others of its file.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where clusters.parquet, pairs.parquet and report.html go.")],
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="FIELD=COLUMN", help="What a column is (repeat); text=… and exact=… for any other; -=… skips it."
        ),
    ] = None,
    one_to_one: Annotated[
        bool, typer.Option("--one-to-one", help="A record has at most one counterpart in the other file.")
    ] = False,
    threshold: Annotated[float, typer.Option("--threshold", min=0.01, max=1, help="Least probability of a link.")] = LINK,
    as_json: JsonOption = False,
) -> None:
    """Find who is who in any files, without labels and without a lake.

    Columns nobody named are guessed from their names and contents, and the guess is printed. Nothing but DIR is written.

    So: c360 identity resolve crm.csv shop.csv --entity person --id id --out matched
    """
    request = Request(files, entity.value, id_column, _mapping(mapping or []), one_to_one, threshold=threshold)
    found = resolve(request, say)
    out.mkdir(parents=True, exist_ok=True)
    pq.write_table(clusters_table(found), out / "clusters.parquet")
    pq.write_table(pairs_table(found), out / "pairs.parquet")
    _show(found, out, as_json=as_json)


def _mapping(given: Sequence[str]) -> dict[str, str]:
    """Column -> field."""
    made = {}
    for text in given:
        field, equals, column = text.partition("=")
        if not (field and equals and column):
            raise SettingsError(f"--map {text!r} is not FIELD=COLUMN.", hint="Example: --map last_name=surname.")
        made[column] = field
    return made


def _show(found: Resolved, out: Path, *, as_json: bool) -> None:
    links, records = int(found.is_link.sum()), len(found.given.ids)
    summary = {
        "records": records,
        "customers": len(set(found.group.tolist())),
        "links": links,
        "candidate_pairs": found.candidate_count,
        "expected_precision": float(found.scored.probability[found.is_link].mean()) if links else None,
        "fields": dict(found.given.fields),
        "seconds": round(found.seconds, 2),
        "out": str(out),
    }
    if as_json:
        show_json(summary)
        return
    show_table("Columns", ("column", "is"), sorted(found.given.fields.items()))
    show_table("Found", ("what", "value"), [(name, value) for name, value in summary.items() if name != "fields"])

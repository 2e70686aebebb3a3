"""`c360 identity`: who is who in any files."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pyarrow.parquet as pq
import typer

from c360.commands import review
from c360.commands.identity_report import report
from c360.commands.output import JsonOption, LakeOption, settings_for, show_json, show_table
from c360.commands.watch import working
from c360.errors import SettingsError
from c360.identity.model import Model
from c360.lake import open_lake
from c360.report.identity import page
from c360.resolving.given import FIELDS, LINK, SKIP, Request
from c360.resolving.resolve import Resolved, clusters_table, pairs_table, resolve, train
from c360.training import train as train_lake

app = typer.Typer(help="Who is who: find duplicates in files, link files, train and look at the model.", no_args_is_help=True)
app.command("report")(report)
app.add_typer(review.app, name="review")


class EntityName(StrEnum):
    """What a file's records are."""

    person = "person"
    organisation = "organisation"


FilesArgument = Annotated[
    list[Path], typer.Argument(metavar="FILE…", help="CSV or Parquet; one: find duplicates, several: link them.")
]
EntityOption = Annotated[EntityName, typer.Option("--entity", help="What the records are.")]
IdOption = Annotated[str, typer.Option("--id", metavar="COLUMN", help="Column that tells a record from all others of its file.")]
MapOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map", metavar="FIELD=COLUMN", help=f"What a column is; repeat. {', '.join(FIELDS)}; {SKIP}=COLUMN leaves it out."
    ),
]


@app.command("resolve")
def resolve_(
    files: FilesArgument,
    *,
    entity: EntityOption,
    id_column: IdOption,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where clusters.parquet, pairs.parquet and report.html go.")],
    mapping: MapOption = None,
    one_to_one: Annotated[
        bool, typer.Option("--one-to-one", help="A record has at most one counterpart in each other file.")
    ] = False,
    threshold: Annotated[float, typer.Option("--threshold", min=0.01, max=1, help="Least probability of a link.")] = LINK,
    model: Annotated[
        Path | None,
        typer.Option("--model", metavar="FILE", help="A model to use as it is (default: one is learnt from the files)."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Find who is who in any files, without labels and without a lake.

    Columns nobody named are guessed from their names and contents, and the guess is printed. Nothing but DIR is written:
    clusters.parquet (source, id, customer_id), pairs.parquet (weights by field, probability, rule) and report.html.

    So: c360 identity resolve crm.csv shop.csv --entity person --id id --out matched
    """
    given = None if model is None else _model(model, entity.value)
    if out.exists() and not out.is_dir():
        raise SettingsError(f"{out} is a file.", hint="--out names a folder, which is made if need be.")
    request = Request(files, entity.value, id_column, _mapping(mapping or []), one_to_one, given, threshold)
    with working() as tell:
        found = resolve(request, tell)
        out.mkdir(parents=True, exist_ok=True)
        pq.write_table(clusters_table(found), out / "clusters.parquet")
        pq.write_table(pairs_table(found), out / "pairs.parquet")
        (out / "report.html").write_text(page(found), encoding="utf-8")
    _show(found, out, as_json=as_json)


@app.command("train")
def train_(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE…]", help="CSV or Parquet; none: the newest release's own pairs.")
    ] = None,
    *,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where the model goes (JSON).")],
    entity: Annotated[EntityName | None, typer.Option("--entity", help="What the files' records are.")] = None,
    id_column: Annotated[
        str | None, typer.Option("--id", metavar="COLUMN", help="Column that tells a record from all others of its file.")
    ] = None,
    mapping: MapOption = None,
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Learn the weights, without labels, and write them down, so that later runs use the same ones.

    Without files: from the pairs of the lake's newest release. C360_IDENTITY_MODEL=FILE then pins the model for builds.

    With files, for `c360 identity resolve --model`. The model has the weights, how frequent common values are, and what
    training showed. Values that fewer than ten records share are not in it, nor e-mail addresses, phone numbers, birth dates,
    tax ids, streets, or columns given as text or exact.

    So: c360 identity train --out lake.json; c360 identity train crm.csv shop.csv --entity person --id id --out person.json
    """
    with working() as tell:
        model = _of_files(files, entity, id_column, mapping or [], tell) if files else _of_lake(lake, entity, id_column, mapping)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(model.to_json() + "\n", encoding="utf-8")
    summary = {"model": model.id, **model.training, "out": str(out)}
    if as_json:
        show_json(summary)
        return
    thresholds = summary.pop("thresholds", [])
    show_table("Model", ("what", "value"), list(summary.items()))
    if thresholds:
        show_table("A link from", tuple(thresholds[0]), [list(row.values()) for row in thresholds])


def _of_files(
    files: Sequence[Path], entity: EntityName | None, id_column: str | None, mapping: Sequence[str], tell: Callable[[str], None]
) -> Model:
    if entity is None or id_column is None:
        raise SettingsError("Training from files needs --entity and --id.", hint="Without files the lake's own pairs are used.")
    return train(Request(files, entity.value, id_column, _mapping(mapping)), tell)


def _of_lake(lake: str | None, *of_files: object) -> Model:
    if any(of_files):
        raise SettingsError("--entity, --id and --map say what files hold; there are none.", hint="Name files, or leave them.")
    with open_lake(settings_for(lake)) as opened:
        return train_lake(opened)


def _model(path: Path, entity: str) -> Model:
    if not path.is_file():
        raise SettingsError(f"There is no model {path}.", hint="`c360 identity train` writes one.")
    model = Model.from_json(path.read_text(encoding="utf-8", errors="replace"))
    if model.entity != entity:
        raise SettingsError(f"The model is one of a {model.entity}.", hint=f"Use --entity {model.entity}, or another model.")
    return model


def _mapping(given: Sequence[str]) -> dict[str, str]:
    """Column -> field."""
    made: dict[str, str] = {}
    for text in given:
        field, equals, column = text.partition("=")
        if not (field and equals and column):
            raise SettingsError(f"--map {text!r} is not FIELD=COLUMN.", hint="Example: --map last_name=surname.")
        if made.setdefault(column, field) != field:
            raise SettingsError(f"--map says twice what {column!r} is.", hint="A column is one field.")
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
    skipped = [(column, "not looked at") for column in found.given.skipped]
    show_table("Columns", ("column", "is"), [*sorted(found.given.fields.items()), *skipped])
    show_table("Found", ("what", "value"), [(name, value) for name, value in summary.items() if name != "fields"])

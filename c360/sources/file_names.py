"""Which files of a folder hold which entity's records: by their names, or the name of the folder they are in."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from c360.errors import SourceError
from c360.sources.base import Entity
from c360.sources.file_values import kind_of, stem_of

_DIGITS = re.compile(r"(\d+)")
_NO_LETTER = re.compile(r"[^a-z]")


@dataclass(frozen=True)
class Found:
    """What a folder holds.

    Attributes:
        folder: The folder.
        files: Entity -> its files, in the order of their names, numbers by their value.
        others: Files that belong to no entity, as paths inside the folder. They are not read.
    """

    folder: Path
    files: dict[str, list[Path]] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)

    def name(self, path: Path) -> str:
        """What messages call a file."""
        return path.relative_to(self.folder).as_posix()


def find(folder: Path, entities: Sequence[Entity]) -> Found:
    """Sorts the files of a folder by entity: `invoices.jsonl`, `invoices-1.json.gz`, `stripe_invoices.json`, `invoices/*.json`.

    Raises:
        SourceError: There is no such folder.
    """
    if not folder.is_dir():
        raise SourceError(f"{folder} is no folder.", hint="Name the folder that holds the exported files.")
    found = Found(folder)
    for path in sorted(_files(folder), key=lambda path: _natural(found.name(path))):
        parent = path.parent.name if path.parent != folder else ""
        entity = called(parent or stem_of(path), entities)
        if entity is None or kind_of(path) is None:
            found.others.append(found.name(path))
        else:
            found.files.setdefault(entity.name, []).append(path)
    return found


def called(name: str, entities: Sequence[Entity]) -> Entity | None:
    """The entity a user calls so: its bronze table, its object, singular or plural; digits and separators do not count."""
    return next((e for e in entities if _plain(name) in _names(e)), None)


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        if path.is_dir():
            yield from (inner for inner in path.iterdir() if inner.is_file() and not inner.name.startswith("."))
        elif path.is_file():
            yield path


def _names(entity: Entity) -> set[str]:
    table, singular = _plain(entity.name), _plain(entity.api_object)
    return {table, table.removeprefix(entity.source_system), singular, f"{singular}s"}


def _plain(name: str) -> str:
    return _NO_LETTER.sub("", name.casefold())


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in _DIGITS.split(name)]

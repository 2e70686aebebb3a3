"""Which records a record names: read from its body by the paths its entity declares."""

from collections.abc import Iterator, Mapping
from typing import Any

from c360.sources.base import Entity

Wanted = dict[str, dict[str, bool]]
"""Entity -> id of a record some record names -> whether it is to be fetched again even if stored; and `NOTED`."""

NOTED = ""
"""Key of `Wanted` that is no entity: under it the loads (entity and day) whose references are in."""


def note(entity: Entity, body: Mapping[str, Any], wanted: Wanted) -> None:
    """Adds the references of one record to `wanted`."""
    for reference in entity.references:
        if any(next(at_path(body, path.split(".")), "") not in texts for path, texts in reference.where):
            continue
        for record_id in at_path(body, reference.path.split(".")):
            if not reference.prefixes or record_id.startswith(reference.prefixes):
                add(wanted, reference.entity, record_id, is_renewed=reference.renews)


def add(wanted: Wanted, entity: str, record_id: str, *, is_renewed: bool) -> None:
    """Adds one record; it is renewed if anything that names it says so."""
    ids = wanted.setdefault(entity, {})
    ids[record_id] = ids.get(record_id, False) or is_renewed


def join(wanted: Wanted, more: Wanted) -> None:
    """Adds what `more` names to `wanted`."""
    for entity, ids in more.items():
        for record_id, is_renewed in ids.items():
            add(wanted, entity, record_id, is_renewed=is_renewed)


def at_path(value: Any, path: list[str]) -> Iterator[str]:
    """The ids at a path, array levels unnamed; an expanded object counts as its `id`."""
    if isinstance(value, list):
        for element in value:
            yield from at_path(element, path)
    elif path and isinstance(value, Mapping):
        yield from at_path(value.get(path[0]), path[1:])
    elif not path and isinstance(value, Mapping):
        yield from at_path(value.get("id"), [])
    elif not path and isinstance(value, str):
        yield value

"""Finds every source: a module of `<package>.sources` with `ENTITIES` and `open_source(settings)`."""

import importlib
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from types import ModuleType

import ibis

from c360.errors import ContractError, SettingsError
from c360.settings import Settings
from c360.sources.base import Entity, Source

BRONZE_COLUMNS = ibis.schema(
    {
        "record_id": "!string",
        "source_system": "!string",
        "source_account": "!string",
        "entity": "!string",
        "date_loaded": "!date",
        "first_date_loaded": "!date",
        "extracted_at": "!timestamp('UTC', 6)",
        "batch_id": "!string",
        "api_version": "!string",
        "payload_hash": "!string",
        "source_updated_at": "timestamp('UTC', 6)",
        "is_deleted": "!boolean",
    }
)
"""What every bronze row knows besides its `payload`. Silver's bronze parameters have these columns and the entity's own."""

VERSIONS_SUFFIX = "_versions"


@dataclass(frozen=True)
class Registry:
    """All sources and entities by name."""

    modules: dict[str, ModuleType]
    entities: dict[str, Entity]

    def open(self, name: str, settings: Settings) -> list[Source]:
        """The accounts of one source: a module with `open_further(settings)` may have several.

        Raises:
            SettingsError: A credential is missing, or two keys are of one account.
        """
        module = self.modules[name]
        further = getattr(module, "open_further", None)
        sources: list[Source] = [module.open_source(settings), *(further(settings) if further else ())]
        if len(sources) > 1 and len({source.account for source in sources}) < len(sources):
            raise SettingsError(f"Two keys of {name} are of one account.", hint="Name each account once.")
        return sources

    def input_names(self) -> set[str]:
        """The parameter names tables may use for bronze: each entity and its versions."""
        return set(self.entities) | {f"{name}{VERSIONS_SUFFIX}" for name in self.entities}


def typed_schema(entity: Entity) -> ibis.Schema:
    """The columns a table function sees for this entity: the bronze columns, then the entity's fields (all nullable)."""
    return ibis.schema({**BRONZE_COLUMNS, **entity.schema})


def discover(packages: Iterable[str] = ("c360",), settings: Settings | None = None) -> Registry:
    """Walks `<package>.sources` of every package.

    A module whose entities depend on settings (names of custom fields) has `configured(settings)` beside `ENTITIES`.

    Raises:
        ContractError: Two entities share a name.
    """
    modules: dict[str, ModuleType] = {}
    entities: dict[str, Entity] = {}
    for package in packages:
        for module in _modules(package):
            modules[module.__name__.rsplit(".", 1)[1]] = module
            configured = getattr(module, "configured", None)
            for entity in configured(settings) if configured and settings else module.ENTITIES:
                if entity.name in entities:
                    raise ContractError(f"Two entities are called {entity.name!r}.")
                entities[entity.name] = entity
    return Registry(modules, entities)


def _modules(package: str) -> list[ModuleType]:
    try:
        root = importlib.import_module(f"{package}.sources")
    except ModuleNotFoundError as error:
        if error.name != f"{package}.sources":
            raise
        return []
    found = (importlib.import_module(f"{root.__name__}.{i.name}") for i in pkgutil.iter_modules(root.__path__))
    return [module for module in found if hasattr(module, "ENTITIES")]

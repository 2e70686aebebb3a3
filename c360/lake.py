"""A session on one lake: settings, engine, catalog, sources and reference tables, opened together once."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from c360 import catalog as catalogs
from c360.catalog import Catalog, Merge, Node, Overwrite
from c360.contract import ibis_schema, key
from c360.engines import IN_WAREHOUSE, open_engine
from c360.engines.base import Engine
from c360.engines.steps import EngineWork
from c360.fingerprint import definition, expression, reading_digest, used_params
from c360.gold.closing.closed_month import ClosedMonth
from c360.identity import evidence
from c360.identity.model import Model
from c360.identity.tokens import Tokens
from c360.lease import Lease
from c360.manifest import TABLE as MANIFEST
from c360.manifest import bronze_content_ids, lake_history, read_manifest
from c360.params import RunParams
from c360.quality import quarantine
from c360.reference.tables import REFERENCES
from c360.release import Vector
from c360.settings import Settings
from c360.silver.identity.identity_review import IdentityReview
from c360.sources import registry as sources
from c360.sources.base import Entity
from c360.sources.registry import VERSIONS_SUFFIX, Registry, typed_schema
from c360.work import Work

PEOPLES_TABLES = {"closed_month": ClosedMonth, "identity_review": IdentityReview}
"""Tables people write (through `c360` commands): read at head, never restored."""

_PEOPLES_LAYERS = {"closed_month": "gold", "identity_review": "silver"}


@dataclass
class Lake:
    """One open lake. Everything a build needs, and where a name becomes a table."""

    settings: Settings
    engine: Engine
    catalog: Catalog
    registry: Registry
    lease: Lease | None = None
    _input_ids: dict[tuple[str, date], str] = field(default_factory=dict)
    _expressions: dict[tuple[Any, ...], ir.Table] = field(default_factory=dict)
    _definitions: dict[tuple[Any, ...], str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Names the lake in caches."""
        place = self.settings.lake
        if self.settings.engine in IN_WAREHOUSE:
            place = f"{self.settings.bigquery_project}.{self.settings.bigquery_dataset}"
        return hashlib.sha256(place.encode()).hexdigest()[:16]

    @cached_property
    def tokens(self) -> Tokens:
        """Makes tokens; only who builds needs the secret.

        Raises:
            SettingsError: The token secret is missing or short.
        """
        return Tokens(self.settings.token_key(), self.settings.token_key_id)

    @cached_property
    def model(self) -> Model:
        """The pinned model that weighs who is who.

        Raises:
            SettingsError: The file that is named holds none.
        """
        return evidence.load(self.settings.identity_model)

    def look(self) -> None:
        """Called before a table is written by a run.

        Raises:
            LeaseError: Another run took the lake over.
        """
        if self.lease:
            self.lease.look()

    def execute(self, expr: ir.Table) -> list[dict[str, Any]]:
        """The few rows of a small result."""
        rows: list[dict[str, Any]] = self.engine.arrow(expr).to_pylist()
        return rows

    def work(self, previous: Vector, *, continues: bool = False) -> Work:
        """The handle steps are given; `previous` is the vector the run started from, `continues` as in `Work`."""
        versions = {name.split(".", 1)[1]: (name, state.version) for name, state in previous.items()}
        return EngineWork(self.engine, versions, self.tokens, self.model, continues=continues)

    def expression(self, node: Node, params: RunParams) -> ir.Table:
        """A table (not a step) over unbound inputs named as its parameters are; remembered for this session."""
        asked = (node.name, *used_params(node, params).items())
        if asked not in self._expressions:
            self._expressions[asked] = expression(node, params, {name: self.schema(name) for name in node.inputs})
        return self._expressions[asked]

    def definition(self, node: Node, params: RunParams) -> str:
        """What a table is, apart from what its inputs hold (see `fingerprint.definition`); remembered for this session."""
        asked = (node.name, *used_params(node, params).items())
        if asked not in self._definitions:
            expr = None if node.spec.is_step else self.expression(node, params)
            matching_id = evidence.matching_id(self.model) if node.spec.is_step else ""
            self._definitions[asked] = definition(
                node, params, expr, model_id=matching_id, token_key_id=self.settings.token_key_id
            )
        return self._definitions[asked]

    def schema(self, name: str) -> ibis.Schema:
        """Schema of anything a table function may name."""
        if name in self.catalog.nodes:
            return self.catalog.nodes[name].schema
        if name in REFERENCES:
            return ibis_schema(REFERENCES[name].contract)
        if name in PEOPLES_TABLES:
            return ibis_schema(PEOPLES_TABLES[name])
        return typed_schema(self.registry.entities[name.removesuffix(VERSIONS_SUFFIX)])

    def input(self, name: str, as_of: date, vector: Vector) -> ir.Table:
        """The table behind an input name: a built table at the vector's version, bronze as of the load date, or a small file."""
        if name in self.catalog.nodes:
            full_name = self.catalog.nodes[name].full_name
            state = vector.get(full_name)
            if state is None:
                return self.engine.from_arrow(self.schema(name).to_pyarrow().empty_table(), self.schema(name))
            return self.engine.read(full_name, state.version)
        if name in REFERENCES or name in PEOPLES_TABLES:
            return self._small(name)
        entity = self.registry.entities[name.removesuffix(VERSIONS_SUFFIX)]
        return self.engine.read_bronze(entity, as_of, all_versions=name.endswith(VERSIONS_SUFFIX))

    def stored_inputs(self, node: Node, as_of: date, vector: Vector) -> tuple[dict[str, ir.Table] | None, dict[str, Entity]]:
        """What a table would be built from, not computed: stored tables (None when one is missing), and bronze entities."""
        entities = {
            name: self.registry.entities[name.removesuffix(VERSIONS_SUFFIX)] for name in node.inputs if self._is_bronze(name)
        }
        others = [name for name in node.inputs if name not in entities]
        built = [self.catalog.nodes[name].full_name for name in others if name in self.catalog.nodes]
        stored = [*(f"bronze.{entity.name}" for entity in entities.values()), *built]
        if any(table not in vector for table in built) or any(self.engine.head(table) is None for table in stored):
            return None, entities
        return {name: self.input(name, as_of, vector) for name in others}, entities

    def _is_bronze(self, name: str) -> bool:
        return name not in self.catalog.nodes and name not in REFERENCES and name not in PEOPLES_TABLES

    def table_or_none(self, name: str, as_of: date, vector: Vector) -> ir.Table | None:
        """Like `input`, for checks: also `load_manifest` and `quarantine_<table>`; None for a table that is not stored."""
        if name == "load_manifest":
            return self.engine.read(MANIFEST) if self.engine.head(MANIFEST) else None
        if name.startswith("quarantine_"):
            stored = quarantine.table_name(name.removeprefix("quarantine_"))
            return self.engine.read(stored) if self.engine.head(stored) else None
        if name in self.catalog.nodes and self.catalog.nodes[name].full_name not in vector:
            return None
        return self.input(name, as_of, vector)

    def external_content_id(self, name: str, as_of: date) -> str:
        """Content id of an input no function makes."""
        if (name, as_of) not in self._input_ids:
            self._input_ids |= {(n, as_of): i for n, i in self._bronze_ids(as_of).items()}
            for small in (*REFERENCES, *PEOPLES_TABLES):
                head = self.engine.head(stored_name(small))
                self._input_ids[small, as_of] = head.content_id if head else ""
        return self._input_ids[name, as_of]

    def forget_inputs(self) -> None:
        """Drops remembered content ids after an ingest or a sync of reference tables."""
        self._input_ids.clear()

    def params(self, as_of: date) -> RunParams:
        """The run parameters of a load date, from settings and the lake's own history."""
        history_from, first_load_date = lake_history(read_manifest(self.engine))
        settings = self.settings
        return RunParams(
            as_of=as_of,
            history_from=history_from,
            first_load_date=first_load_date,
            reporting_zone=settings.reporting_zone,
            reporting_currency=settings.reporting_currency,
            fiscal_start_month=settings.fiscal_start_month,
            late_after_days=settings.late_after_days,
            metadata_key=settings.metadata_key,
            link_probability=settings.link_probability,
            match_confidence=settings.match_confidence,
            match_rate=settings.match_rate,
            salesforce_currency=settings.salesforce_currency,
        )

    def changed_references(self) -> dict[str, tuple[pa.Table, str]]:
        """Packaged and user reference files that differ from `reference.*`: name -> rows and their content id."""
        changed = {}
        for name, reference in REFERENCES.items():
            rows = reference.load(getattr(self.settings, f"{name}_file", None))
            content_id = hashlib.sha256(repr(rows.to_pylist()).encode()).hexdigest()
            head = self.engine.head(stored_name(name))
            if head is None or head.content_id != content_id:
                changed[name] = rows, content_id
        return changed

    def sync_references(self) -> None:
        """Brings reference files that changed into `reference.*`."""
        for name, (rows, content_id) in self.changed_references().items():
            contract = REFERENCES[name].contract
            schema = ibis_schema(contract)
            table = self.engine.from_arrow(rows, schema)
            self.engine.write(stored_name(name), table, schema, key(contract), Overwrite(), {"content_id": content_id})
        self.forget_inputs()

    def _bronze_ids(self, as_of: date) -> Mapping[str, str]:
        found = bronze_content_ids(read_manifest(self.engine), as_of)
        entities = self.registry.entities
        ids = {name: found[name] + reading_digest(entities[name]) if name in found else "" for name in entities}
        return ids | {f"{name}{VERSIONS_SUFFIX}": content for name, content in ids.items()}

    def _small(self, name: str) -> ir.Table:
        if self.engine.head(stored_name(name)) is None:
            return self.engine.from_arrow(self.schema(name).to_pyarrow().empty_table(), self.schema(name))
        return self.engine.read(stored_name(name))

    def write_peoples_table(self, name: str, rows: pa.Table, content_id: str) -> None:
        """Adds rows people wrote (reviews, closings) to their table; a row of the same key is replaced, all others stay."""
        contract = PEOPLES_TABLES[name]
        schema = ibis_schema(contract)
        table = self.engine.from_arrow(rows, schema)
        record = {"content_id": content_id}
        others = ibis.literal(False)  # no stored row may vanish
        self.engine.write(stored_name(name), table, schema, key(contract), Merge(), record, scope=lambda _: others)
        self.forget_inputs()


def stored_name(name: str) -> str:
    """`layer.name` of a reference table or of one people write."""
    return f"{_PEOPLES_LAYERS.get(name, 'reference')}.{name}"


def nodes_of(settings: Settings) -> tuple[Catalog, Registry]:
    """The catalog and the sources of the configured packages, without opening a lake."""
    packages = ("c360", *settings.plugins)
    registry = sources.discover(packages, settings)
    external = registry.input_names() | set(REFERENCES) | set(PEOPLES_TABLES)
    return catalogs.discover(packages, external), registry


@contextmanager
def open_lake(settings: Settings, *, to_build: bool = False) -> Iterator[Lake]:
    """Opens the lake of `settings` on its engine; `to_build` says that tokens will be made, which takes a secret.

    Raises:
        SettingsError: `to_build`, and the token secret is missing or short; or a lake of names has no folder for files.
        LakeError: The lake cannot be reached or written.
    """
    if to_build:
        settings.token_key()
    settings.files_root()
    catalog, registry = nodes_of(settings)
    with open_engine(settings.engine, settings.lake, settings.storage()) as engine:
        yield Lake(settings, engine, catalog, registry)

"""Flow `ingest`: one task per entity, from the sources into bronze."""

from dataclasses import asdict
from datetime import date
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from c360 import ingest as operations
from c360 import run
from c360.demo.home import refuse_real_accounts
from c360.settings import current
from flows.session import day, opened, today


@task(name="ingest-entity", task_run_name="ingest {entity}", cache_policy=NO_CACHE, persist_result=False)
def ingest_entity(entity: str, account: str) -> dict[str, Any]:
    """Loads one entity of one account for the day; returns its manifest row."""
    now = today()
    found = now.lake.registry.entities[entity]
    load = next(load for load in now.loads if load.source.account == account and found in load.source.entities())
    row = operations.ingest_entity(now.lake.engine, load, found, now.load_date, refetch=now.refetch)
    now.outcome.manifest.append(row)
    return asdict(row)


@flow(name="ingest", flow_run_name="ingest {load_date}", validate_parameters=True, persist_result=False)
def ingest(
    load_date: date | None = None,
    sources: list[str] | None = None,
    *,
    refetch: bool = False,
    wait_seconds: float = 3600,
) -> list[dict[str, Any]]:
    """Brings the day's records of the named sources (default: all configured) into bronze.

    Args:
        load_date: UTC date of the load's start; default today.
        sources: Source names (`stripe`, `salesforce`).
        refetch: Ask again for what is complete already, and write only what differs.
        wait_seconds: How long to wait for another run on this lake.
    """
    with opened() as lake:
        refuse_real_accounts(lake.settings)
        with day(lake, load_date or current().clock().date(), wait_seconds=wait_seconds) as now:
            now.refetch = refetch
            opened_sources = run.open_sources(lake, sources)
            now.loads = operations.begin_loads(
                lake.engine, lake.settings, opened_sources, now.load_date, refetch=refetch, look=lake.look
            )
            with operations.listing_ahead(lake.engine, now.loads, now.load_date, refetch=refetch):
                rows = [ingest_entity(e.name, load.source.account) for load in now.loads for e in load.source.entities()]
            lake.forget_inputs()
            return rows

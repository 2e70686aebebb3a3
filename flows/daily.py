"""Flow `daily`: the main job, ingest then build, for one load date."""

from dataclasses import asdict, replace
from datetime import date
from typing import Any

from prefect import flow

from c360 import run
from c360.settings import current
from flows.build import build
from flows.ingest import ingest
from flows.session import day, opened


@flow(name="daily", flow_run_name="daily {load_date}", persist_result=False)
def daily(
    load_date: date | None = None,
    select: list[str] | None = None,
    *,
    refetch: bool = False,
    wait_seconds: float = 3600,
) -> dict[str, Any]:
    """Loads, builds, checks and releases one day; a day released from the same inputs and code is left as it is.

    Args:
        load_date: UTC date of the load's start; default today.
        select: Tables to build; default everything.
        refetch: Ask the sources again for what is complete already.
        wait_seconds: How long to wait for another run on this lake.
    """
    with opened() as lake:
        load_date = load_date or current().clock().date()
        if not refetch and not select and run.is_up_to_date(lake, load_date):
            return asdict(run.up_to_date(lake, load_date))
        run.refuse_past(lake, load_date)
        with day(lake, load_date, wait_seconds=wait_seconds) as now:
            ingest(load_date=load_date, refetch=refetch)
            if not select and run.is_up_to_date(lake, load_date):  # nothing new came, or another run was faster
                return asdict(replace(run.up_to_date(lake, load_date), manifest=now.outcome.manifest))
            build(load_date=load_date, select=select)
            return asdict(now.outcome)

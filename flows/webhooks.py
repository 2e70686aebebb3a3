"""Flow `webhooks`: handles what Stripe delivered since, in small batches."""

from dataclasses import asdict
from typing import Any

from prefect import flow, get_run_logger

from c360.demo.home import refuse_real_accounts
from c360.errors import LeaseError
from c360.webhooks.refetch import Handled, refetch
from flows.session import opened


@flow(name="webhooks", persist_result=False)
def webhooks(wait_seconds: float = 0) -> dict[str, Any]:
    """Fetches anew the objects that delivered events name. While another run holds the lake the events wait for the next run.

    Args:
        wait_seconds: How long to wait for another run on this lake.
    """
    with opened() as lake:
        refuse_real_accounts(lake.settings)
        try:
            return asdict(refetch(lake, wait_seconds=wait_seconds))
        except LeaseError as busy:
            get_run_logger().info(busy.message)
            return asdict(Handled())

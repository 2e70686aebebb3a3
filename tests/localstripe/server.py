"""Starts `localstripe`, a Stripe server nobody here wrote, on loopback and in its own environment. Imports nothing of c360.

Run by the fixture in `test_localstripe.py`: `.venv-localstripe/bin/python tests/localstripe/server.py PORT [as-it-is]`.
Everything the server is made to do otherwise is in this file; what its objects and lists contain is its own, and so are pages,
ids and errors.
"""

import sys
from typing import Any

from aiohttp import web
from localstripe import resources
from localstripe.errors import UserError
from localstripe.resources import Invoice, List, StripeObject

LISTED = (
    resources.BalanceTransaction,
    resources.Charge,
    resources.Customer,
    resources.Event,
    resources.Invoice,
    resources.Product,
    resources.Refund,
    resources.Subscription,
)
LINES = "/v1/invoices/{id}/lines"
COMPARISONS = {
    "gt": lambda at, limit: at > limit,
    "gte": lambda at, limit: at >= limit,
    "lt": lambda at, limit: at < limit,
    "lte": lambda at, limit: at <= limit,
}


def fill_gaps() -> None:
    """What the server gets otherwise: it refuses four things that Stripe takes."""
    for kind in LISTED:
        kind._api_list_all = classmethod(_filtered(kind._api_list_all.__func__))
    StripeObject._export = _expanding_what_there_is(StripeObject._export)
    Invoice._api_list_all = classmethod(_by_status(Invoice._api_list_all.__func__))
    resources.extra_apis[:] = [(m, url, _lines if url == LINES else call) for m, url, call in resources.extra_apis]


def _lines(id: str, limit: Any = None, starting_after: Any = None) -> Any:  # noqa: A002  # the server gives it by this name
    """An invoice's lines after the first page, which it refuses."""
    found = List(f"/v1/invoices/{id}/lines", limit=limit, starting_after=starting_after)
    found._list = Invoice._api_retrieve(id).lines._list
    return found


def _filtered(listed: Any) -> Any:
    """Most lists refuse to be asked by `created`, and charges with two limits."""

    def list_all(kind: Any, url: Any, created: Any = None, **others: Any) -> Any:
        found = listed(kind, url, **others)
        limits = {name: int(limit) for name, limit in (created or {}).items()}
        found._list = [o for o in found._list if all(COMPARISONS[name](o.created, limit) for name, limit in limits.items())]
        return found

    return list_all


def _by_status(listed: Any) -> Any:
    """Invoices refuse to be asked by status."""

    def list_all(kind: Any, url: Any, status: Any = None, **others: Any) -> Any:
        found = listed(kind, url, **others)
        found._list = [invoice for invoice in found._list if status in (None, invoice.status)]
        return found

    return list_all


def _expanding_what_there_is(export: Any) -> Any:
    """Its objects are of 2017 and lack fields that are expanded today; Stripe has them in every answer, empty or not."""

    def exported(self: Any, expand: Any = None) -> Any:
        return export(self, expand=[path for path in expand or [] if _can(export, self, path)])

    return exported


def _can(export: Any, thing: Any, path: str) -> bool:
    try:
        export(thing, expand=[path])
    except (UserError, KeyError, TypeError):
        return False
    return True


def main() -> None:
    """Serves until killed; keeps nothing on disk."""
    resources.Store.dump_to_disk = lambda self: None  # it writes to a file that all users of the machine share
    if "as-it-is" not in sys.argv[2:]:
        fill_gaps()
    from localstripe.server import app  # it takes the functions that serve paths when it is imported

    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)


if __name__ == "__main__":
    main()

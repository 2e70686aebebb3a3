"""What readers see on BigQuery: views of a release in datasets of its own, and views of the newest release, switched last."""

from collections.abc import Mapping

import sqlglot as sg
import sqlglot.expressions as sge
from google.api_core.exceptions import NotFound
from google.cloud import bigquery

from c360.engines.bigquery_client import bigquery_errors
from c360.engines.bigquery_names import Place
from c360.engines.bigquery_session import BigQuerySession
from c360.engines.bigquery_sql import DIALECT


def write_views(session: BigQuerySession, holders: Mapping[str, Place], release_id: str) -> None:
    """Makes the views of a release, then points those of the newest release at them.

    BigQuery switches one view at a time. Who reads several tables that must fit together reads the release's own datasets,
    whose views never change.

    Args:
        session: Makes them.
        holders: Table -> what holds its version; that never changes either.
        release_id: The release.
    """
    names = session.names
    with bigquery_errors("publishing views"):
        for table, holder in sorted(holders.items()):
            _point(session, names.release(table, release_id), _all_of(holder), release_id)
        for table in sorted(holders):
            _point(session, names.released(table), _all_of(names.release(table, release_id)), release_id)
        _point(session, names.shown(), sg.select(sge.convert(release_id).as_("release_id")).sql(DIALECT), release_id)


def shown_release(session: BigQuerySession) -> str | None:
    """The release the views show; None when there are none."""
    with bigquery_errors("looking at the released views"):
        try:
            return session.client.get_table(session.names.shown().id).description
        except NotFound:
            return None


def _all_of(place: Place) -> str:
    query: str = sg.select("*").from_(place.tree).sql(DIALECT)
    return query


def _point(session: BigQuerySession, view: Place, query: str, release_id: str) -> None:
    session.need_dataset(view)
    wanted = bigquery.Table(view.id)
    wanted.view_query = query
    wanted.description = release_id
    made = session.client.create_table(wanted, exists_ok=True)
    if made.view_query != query or made.description != release_id:
        session.client.update_table(wanted, ["view_query", "description"])

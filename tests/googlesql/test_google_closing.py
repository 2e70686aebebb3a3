"""The log of restatements, a step that is a query, gives DuckDB's rows on GoogleSQL."""

import ibis
import pytest

from c360.sql import written_once
from tests.gold.closing.rows import AS_OF, log, restated
from tests.googlesql.both import Both


@pytest.mark.parametrize("has_log", [False, True])
def test_the_log_gives_duckdbs_rows(both: Both, has_log: bool) -> None:
    given = restated(has_log=has_log)
    expr = log(
        **{name: ibis.table(schema, name=name) for name, (schema, _) in given.items()}, as_of=AS_OF, reporting_currency="usd"
    )
    assert len(both.equal(written_once(expr), given)) == 6

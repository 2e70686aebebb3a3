import json
from dataclasses import replace
from datetime import UTC, date, datetime

import ibis

from c360.contract import ibis_schema
from c360.quality.evaluate import evaluate, type_problems
from c360.quality.log import DataQualityLog, log_rows
from tests.quality.test_results import FAILED, PASSED

NOW = datetime(2026, 1, 2, 3, tzinfo=UTC)


def test_a_result_is_a_row_of_the_contract() -> None:
    results = [PASSED, replace(FAILED, table_name="gold.other", sample_keys=('{"a":1}',))]
    rows = log_rows(results, run_id="r", load_date=date(2026, 1, 2), release_id=None, checked_at=NOW)
    first, second = rows.to_pylist()
    assert (first["check_id"], first["result"], first["run_id"], first["checked_at"]) == ("CL-002", "passed", "r", NOW)
    assert json.loads(second["sample_keys"]) == ['{"a":1}']
    assert type_problems(ibis.Schema.from_pyarrow(rows.schema), DataQualityLog) == []
    assert list(ibis_schema(DataQualityLog)) == rows.schema.names
    con = ibis.duckdb.connect()
    found = evaluate(con.create_table("log", rows), DataQualityLog, lambda e: con.to_pyarrow(e).to_pylist())
    assert (found.rows_checked, found.rows_failing) == (2, 0)

"""What only BigQuery's engine does: labels, errors without values, datasets, a limit on bytes, and canaries of the server."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import ibis
import pyarrow as pa
import pytest
from google.api_core.exceptions import GoogleAPICallError

from c360.catalog import Merge, Overwrite
from c360.engines import open_engine, writer
from c360.engines.bigquery import BigQueryEngine
from c360.engines.bigquery_client import connect, labels
from c360.engines.bigquery_names import Names
from c360.engines.bigquery_store import declaration
from c360.engines.delta_layout import Layout
from c360.errors import LakeError, SettingsError
from c360.storage import Storage, Warehouse
from tests.bigquery.server import drop_datasets, own_datasets

SCHEMA = ibis.schema({"id": "int64", "amount": "decimal(38, 12)"})


@pytest.fixture
def engine(bigquery: Warehouse) -> Iterator[BigQueryEngine]:
    place = replace(bigquery, dataset=own_datasets())
    try:
        with BigQueryEngine(place) as opened:
            yield opened
    finally:
        drop_datasets(place)


def test_labels_are_what_bigquery_takes() -> None:
    given = labels(table="silver.Fct_Invoice", run="ÄB-1" * 40, empty="")
    assert given["table"] == "silver_fct_invoice"
    assert len(given["run"]) == 63
    assert given["run"].startswith("_b-1_b-1")
    assert "empty" not in given


def test_without_a_project_it_says_what_to_set() -> None:
    with pytest.raises(SettingsError, match=r"C360_BIGQUERY_PROJECT is not set"):
        open_engine("bigquery", "./lake", Storage())


def test_a_table_is_partitioned_by_its_day_and_clustered_by_its_key() -> None:
    schema = ibis.schema({"month": "date", "kind": "string", "id": "int64", "tags": "array<string>", "share": "float64"})
    layout = Layout(("month", "kind"), cluster_by=("id", "tags", "share", "month"))
    made = declaration(Names("p", "c360").rows("gold.t", "t_1"), schema, layout).sql("bigquery")
    assert made == (
        "CREATE TABLE `p`.`c360_gold`.`t_1` (`month` DATE, `kind` STRING, `id` INT64, `tags` ARRAY<STRING>, `share` FLOAT64) "
        "PARTITION BY `month` CLUSTER BY `kind`, `id`, `month`"
    )


@pytest.mark.heavy
def test_the_server_refuses_what_is_no_sql(bigquery: Warehouse) -> None:
    client = connect(bigquery)
    with pytest.raises(GoogleAPICallError):
        client.query("selekt 1").result()
    assert next(iter(client.query("SELECT CAST('1.123456789' AS NUMERIC)").result()))[0] == Decimal("1.123456789")
    client.close()


@pytest.mark.heavy
@pytest.mark.parametrize("beside", ["1", "1 / 2", "DATE_ADD(DATE '2026-06-01', INTERVAL 1 DAY)", "TIMESTAMP_MICROS(1)"])
@pytest.mark.parametrize(("dtype", "number"), [("NUMERIC", "1.123456789"), ("BIGNUMERIC", "1.123456789012345678")])
def test_the_server_keeps_digits_whatever_is_beside_them(bigquery: Warehouse, beside: str, dtype: str, number: str) -> None:
    client = connect(bigquery)
    row = next(iter(client.query(f"SELECT CAST('{number}' AS {dtype}) AS number, {beside} AS beside").result()))
    assert row[0] == Decimal(number)
    client.close()


@pytest.mark.heavy
def test_an_error_names_no_value(engine: BigQueryEngine) -> None:
    texts = engine.from_arrow(pa.table({"text": ["ada@example.com"]}), ibis.schema({"text": "string"}))
    with pytest.raises(LakeError) as failed:
        engine.materialise(texts.select(n=texts.text.cast("int64")))
    assert "ada@" not in str(failed.value)


@pytest.mark.heavy
def test_a_version_stays_what_it_was_when_rows_change_in_place(engine: BigQueryEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "_MERGE_FROM_BYTES", 0)
    monkeypatch.setattr(writer, "_MERGE_UP_TO_SHARE", 10)

    def write(amount: str) -> None:
        rows = pa.table({"id": [1, 2], "amount": pa.array([Decimal(amount), Decimal(1)], pa.decimal128(38, 12))})
        engine.write("silver.t", engine.from_arrow(rows, SCHEMA), SCHEMA, ["id"], Merge(), {"content_id": amount})

    for amount in ("1.000000000001", "2.000000000002", "3.000000000003"):
        write(amount)
    engine.restore("silver.t", 0)
    write("4.000000000004")
    first = [
        engine.arrow(engine.read("silver.t", version).filter(ibis._.id == 1)).column("amount").to_pylist()[0]
        for version in range(5)
    ]
    assert [str(amount)[0] for amount in first] == ["1", "2", "3", "1", "4"]
    assert first[0] == Decimal("1.000000000001")
    assert [commit.stored.name for commit in engine._commits.all("silver.t")][0:3] == [
        engine._commits.all("silver.t")[0].stored.name
    ] * 3


@pytest.mark.heavy
def test_readers_see_a_release_and_can_stay_with_it(engine: BigQueryEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "_MERGE_FROM_BYTES", 0)
    monkeypatch.setattr(writer, "_MERGE_UP_TO_SHARE", 10)

    def write(n: int) -> int:
        rows = engine.from_arrow(pa.table({"id": [n], "amount": pa.array([None], pa.decimal128(38, 12))}), SCHEMA)
        return engine.write("gold.t", rows, SCHEMA, ["id"], Overwrite(), {"content_id": str(n)}).head.version

    def seen(dataset: str) -> list[int]:
        names = engine._bigquery.names
        place = names.released("gold.t") if dataset == "newest" else names.release("gold.t", dataset)
        return [row[0] for row in engine._bigquery.client.query(f"SELECT id FROM {place.sql}").result()]

    assert not engine.shows("20260101-1")
    engine.publish_views({"gold.t": write(1)}, "20260101-1")
    write(2)
    assert (seen("newest"), engine.shows("20260101-1")) == ([1], True)
    engine.publish_views({"gold.t": 1}, "20260102-2")
    assert (seen("newest"), seen("20260101-1"), seen("20260102-2")) == ([2], [1], [2])
    assert engine.shows("20260102-2")
    engine.publish_views({"gold.t": 0}, "20260102-3")
    assert seen("newest") == [1]

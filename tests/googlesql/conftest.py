"""GoogleSQL and DuckDB, started once for all tests of a module's process."""

from collections.abc import Iterator

import pytest

from c360.engines.duckdb_session import DuckDBSession
from tests.googlesql.both import Both
from tests.googlesql.wasm import Service


@pytest.fixture(scope="session")
def service() -> Service:
    return Service()


@pytest.fixture(scope="session")
def both(service: Service) -> Iterator[Both]:
    session = DuckDBSession(threads=1)
    yield Both(service, session)
    session.close()

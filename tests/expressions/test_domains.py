import ibis
import pytest
from ibis.backends.duckdb import Backend

from c360.expressions.domains import cleaned, code, is_true


@pytest.mark.parametrize(("given", "wanted"), [(True, True), (False, False), (None, False)])
def test_a_flag_that_is_not_set_is_no(backend: Backend, given: bool | None, wanted: bool) -> None:
    assert backend.to_pyarrow(is_true(ibis.literal(given, type="boolean"))).as_py() is wanted


@pytest.mark.parametrize(("given", "wanted"), [(" Müller AG ", "Müller AG"), ("  ", None), ("", None), (None, None)])
def test_texts_are_trimmed_and_empty_is_null(backend: Backend, given: str | None, wanted: str | None) -> None:
    assert backend.to_pyarrow(cleaned(ibis.literal(given, type="string"))).as_py() == wanted


@pytest.mark.parametrize(("given", "wanted"), [("EUR", "eur"), (" usd ", "usd"), ("", None), (None, None)])
def test_codes_are_lower_case(backend: Backend, given: str | None, wanted: str | None) -> None:
    assert backend.to_pyarrow(code(ibis.literal(given, type="string"))).as_py() == wanted

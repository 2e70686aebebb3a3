"""Tokens: keyed, of one format, blind to spelling, null for null."""

import pickle
import re

import pyarrow as pa
import pytest

from c360.errors import SettingsError
from c360.identity.tokens import KINDS, TOKEN_PATTERN, Tokens

TOKENS = Tokens(b"0" * 32, "k1")


def make(kind, *values, tokens=TOKENS):
    return tokens.token(kind, pa.array(values, pa.string())).to_pylist()


def test_equal_values_have_equal_tokens_whatever_their_spelling():
    first, second, third = make("email", "Ann@Acme.com", None, " ann@acme.COM ")
    assert first == third
    assert second is None
    assert make("email", "ann@acme.con") != [first]


def test_kind_and_secret_are_part_of_the_token():
    bodies = {make(kind, "x")[0].rsplit("_", 1)[1] for kind in KINDS}
    assert len(bodies) == len(KINDS)
    assert make("email", "x") != make("email", "x", tokens=Tokens(b"1" * 32, "k1"))


def test_format():
    for kind in KINDS:
        token = make(kind, "x")[0]
        assert re.fullmatch(TOKEN_PATTERN, token)
        assert not re.search(r"\d{2}", token)


def test_chunks_and_no_rows():
    chunked = pa.chunked_array([["a"], ["a", None]], pa.string())
    assert TOKENS.token("name", chunked).to_pylist() == make("name", "a", "a", None)
    assert make("name") == []


@pytest.mark.parametrize(("secret", "key_id"), [(b"short", "k1"), (b"0" * 32, ""), (b"0" * 32, "K 1"), (b"0" * 32, "k_1")])
def test_weak_secrets_and_odd_key_ids_are_refused(secret, key_id):
    with pytest.raises(SettingsError) as error:
        Tokens(secret, key_id)
    assert "short" not in str(error.value)


def test_an_unknown_kind_is_refused():
    with pytest.raises(SettingsError, match="shoe_size"):
        make("shoe_size", "x")


def test_the_secret_is_not_shown_and_travels_to_workers():
    assert "0000" not in repr(TOKENS)
    assert pickle.loads(pickle.dumps(TOKENS)).token("name", pa.array(["a"])) == TOKENS.token("name", pa.array(["a"]))

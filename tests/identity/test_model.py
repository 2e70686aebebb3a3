"""Weights of levels, what makes them rarer, and the model's file. All persons are made up."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from c360.errors import SettingsError
from c360.identity.model import Model, Scorer, Shares, probability
from tests.identity_rows import columns, rows

PERSONS = columns(
    "person",
    first_name=["Ann", "Ann", "Bob", "Ann"],
    last_name=["Smith", "Smith", "Jones", None],
    birth_date=["1980-01-02", "1980-01-02", "1957-05-06", "1980-01-02"],
    city=["Ulm", "Bern", "Ulm", "Ulm"],
)


def scorer(prior: float = 0.01, **options: float) -> Scorer:
    return Scorer(Model.assumed("person", prior), PERSONS, own_counts=True, **options)


def all_pairs(found: Scorer):
    return found.levels(rows(0, 0, 0, 1), rows(1, 2, 3, 2))


def test_contributions_and_the_priors_bits_are_the_weight():
    found = scorer()
    contributions, weight = found.total(all_pairs(found))
    assert contributions.sum(axis=1) + found.prior_bits == pytest.approx(weight, abs=1e-9)
    assert [c.name for c in found.comparisons] == ["first_name", "last_name", "birth_date", "place"]
    assert contributions.shape == (4, 5)


def test_a_field_one_record_lacks_says_nothing():
    found = scorer()
    assert found.weights(all_pairs(found))[2, 1] == 0


def test_agreement_speaks_for_and_difference_against():
    found = scorer()
    made = found.weights(all_pairs(found))
    assert (made[0, :3] > 0).all()
    assert (made[1, :3] < 0).all()


def test_a_rare_value_says_more_than_a_frequent_one():
    many = columns("person", first_name=["Ann"] * 40 + ["Zoe"] * 3, last_name=["Smith"] * 43, birth_date=["1980-01-02"] * 43)
    found = Scorer(Model.assumed("person", 0.01), many, own_counts=True)
    made = found.weights(found.levels(rows(0, 40), rows(1, 41)))
    assert made[1, 0] > made[0, 0] > 0


@given(
    st.lists(st.floats(0, 1), min_size=2, max_size=6).flatmap(
        lambda m: st.tuples(st.just(m), st.lists(st.floats(0, 1), min_size=len(m), max_size=len(m)))
    )
)
@settings(max_examples=50, deadline=None)
def test_a_worse_level_never_weighs_more_than_a_better_one(shares):
    bits = Shares(tuple(shares[0]), tuple(shares[1])).bits()
    assert (np.diff(bits) <= 0).all()
    assert np.isfinite(bits).all()


def test_probabilities_never_overflow():
    with np.errstate(all="raise", under="ignore"):
        found = probability(np.array([-1e9, -1.0, 0.0, 1.0, 1e9]))
    assert found.tolist() == pytest.approx([0, 1 / 3, 0.5, 2 / 3, 1])


def test_one_to_one_makes_a_pair_likelier_the_more_records_have_a_counterpart():
    bits = [scorer(matched_share=share).prior_bits for share in (0.0, 0.5, 1.0, 3.0)]
    assert bits == pytest.approx([bits[0], bits[0] + 1, bits[0] + 6, bits[0] + 6])


def test_a_relation_takes_from_pairs_that_agree_in_nothing_else():
    """Two first names at one address: a household; nothing in common: none."""
    family = columns(
        "person",
        first_name=["Ann", "Bob", "Carl"],
        last_name=["Smith", "Smith", "Lee"],
        street=["1 Mill St", "1 Mill St", "9 Oak St"],
    )
    model = Model.assumed("person", 0.01)
    found = Scorer(replace(model, related={"household": 0.2}), family, own_counts=True)
    contributions, _ = found.total(found.levels(rows(0, 0), rows(1, 2)))
    assert contributions[0, -1] < -3
    assert contributions[1, -1] == pytest.approx(0, abs=0.1)


def test_one_field_alone_is_told_and_counts_no_frequencies():
    alone = Scorer(Model.assumed("person", 0.01), columns("person", email=["ann@acme.example"] * 3), own_counts=True)
    assert alone.is_alone
    assert not alone.levels(rows(0), rows(1)).rarer.any()
    assert not scorer().is_alone


def test_the_file_makes_the_same_model_again():
    model = replace(Model.assumed("person", 0.01, ["notes"], ["gender"]), counts={"city": {"zürich": 12}}, training={"pairs": 7})
    again = Model.from_json(model.to_json())
    assert again == model
    assert again.id == model.id
    assert again.id.startswith("person-")
    assert replace(model, training={}).id == model.id
    assert replace(model, prior=0.02).id != model.id


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda file: file | {"prior": 0.5}, "its content is"),
        (lambda file: file | {"version": 99}, "of version 99"),
        (lambda file: file | {"entity": "ship"}, "1 is needed"),
        (lambda file: {name: value for name, value in file.items() if name != "shares"}, "KeyError"),
        (lambda file: file | {"colour": "red"}, "TypeError"),
        (lambda file: [file], "no model of identities"),
    ],
)
def test_a_changed_file_is_refused_with_the_remedy(change, sentence):
    file = json.loads(Model.assumed("person", 0.01).to_json())
    with pytest.raises(SettingsError, match=sentence) as error:
        Model.from_json(json.dumps(change(file)))
    assert "rain" in error.value.hint


def test_a_file_that_is_no_json_is_refused():
    with pytest.raises(SettingsError, match="no model of identities"):
        Model.from_json("id,name\n1,Ann Smith\n")


def test_only_frequent_values_of_columns_that_name_nobody_are_kept():
    many = columns(
        "person",
        first_name=["Ann"] * 12 + ["Zoe"],
        last_name=["Smith"] * 13,
        birth_date=["1980-01-02"] * 13,
        email=["office@acme.example"] * 13,
        phone=["030 1234567"] * 13,
        tax_id=["123456789"] * 13,
        street=["1 Mill Street"] * 13,
        city=["Ulm"] * 9 + ["Bern"] * 4,
    )
    kept = Model.assumed("person", 0.01).with_counts(many).counts
    assert kept == {"first_name": {"ann": 12}, "last_name": {"smith": 13}}


def test_a_given_models_counts_go_before_the_files_own():
    model = replace(Model.assumed("person", 0.01), counts={"last_name": {"smith": 5000}}, record_count=10_000)
    there, here = (Scorer(model, PERSONS, own_counts=own) for own in (False, True))
    common, own = (s.weights(s.levels(rows(0), rows(1)))[0, 1] for s in (there, here))
    assert 0 < common < own

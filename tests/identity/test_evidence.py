"""The lake's model: its default, its file, and what it refuses."""

import json
from dataclasses import replace

import pytest

from c360.errors import SettingsError
from c360.identity.evidence import EVIDENCE, FIELDS, RULES_ID, TOLD, Weights, assumed, load, matching_id
from c360.identity.model import Model, Shares
from c360.identity.rules import RULES, UNKNOWN


def test_assumed_shares_are_shares_and_levels_go_from_best_to_worst():
    for levels in EVIDENCE.values():
        assert sum(level.m for level in levels) == pytest.approx(1)
        assert sum(level.u for level in levels) == pytest.approx(1)
        ratios = [level.m / level.u for level in levels]
        assert ratios == sorted(ratios, reverse=True)


def test_rules_and_what_is_told_name_fields_and_levels_there_are():
    levels = {field: {UNKNOWN, *(level.name for level in named)} for field, named in EVIDENCE.items()}
    for evidence in (*(rule.evidence for rule in RULES), TOLD):
        assert all(set(named) <= levels[field] for field, named in evidence.items())


def test_a_file_is_read_and_names_what_decides(tmp_path):
    model = replace(assumed(), prior=0.4)
    (tmp_path / "model.json").write_text(model.to_json())
    read = load(tmp_path / "model.json")
    assert read == model
    assert matching_id(read) == f"{model.id}.{RULES_ID}" != matching_id(load())
    assert Weights.of(read).prior > Weights.of(load()).prior
    assert set(Weights.of(read).bits) == set(FIELDS)


def _without_name(model):
    return replace(model, shares={name: shares for name, shares in model.shares.items() if name != "name"})


def _with_short_name(model):
    return replace(model, shares={**model.shares, "name": Shares((0.5, 0.5), (0.1, 0.9))})


@pytest.mark.parametrize("change", [_without_name, _with_short_name, lambda _: Model.assumed("person", 1e-4)])
def test_a_model_of_other_fields_is_refused(tmp_path, change):
    (tmp_path / "model.json").write_text(change(assumed()).to_json())
    with pytest.raises(SettingsError, match="not one of the lake's fields"):
        load(tmp_path / "model.json")


def test_a_missing_file_and_a_changed_one_are_refused(tmp_path):
    with pytest.raises(SettingsError, match="no model"):
        load(tmp_path / "none.json")
    changed = {**json.loads(assumed().to_json()), "prior": 0.9}
    (tmp_path / "model.json").write_text(json.dumps(changed))
    with pytest.raises(SettingsError, match="its content is"):
        load(tmp_path / "model.json")

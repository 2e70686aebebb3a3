"""The rules as data are complete: shares are shares, and what rules name exists."""

import pytest

from c360.identity.columns import Column
from c360.identity.entities import ENTITIES, Comparison, Entity, exact_comparison, text_comparison
from c360.identity.records import MAKERS, NORMALISERS

MADE = {name: {*make({field: Column.missing(0) for field in NORMALISERS})} for name, make in MAKERS.items()}
COMPARISONS = [(entity, comparison) for entity in ENTITIES.values() for comparison in entity.comparisons]


@pytest.mark.parametrize(("entity", "comparison"), COMPARISONS, ids=[f"{e.name}-{c.name}" for e, c in COMPARISONS])
def test_assumed_shares_are_shares_and_worse_levels_weigh_less_in_the_end(entity: Entity, comparison: Comparison):
    assert sum(level.m for level in comparison.levels) == pytest.approx(1, abs=0.015)
    assert sum(level.u for level in comparison.levels) == pytest.approx(1, abs=0.015)
    assert comparison.levels[0].m > comparison.levels[0].u
    assert comparison.levels[-1].name == "different"
    assert comparison.levels[-1].m < comparison.levels[-1].u
    names = [level.name for level in comparison.levels]
    assert len(set(names)) == len(names)
    assert set(comparison.rarity) <= set(names)
    assert {*comparison.needs, *comparison.rarity.values()} <= MADE[entity.name] | {"mail_domain"}


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=list(ENTITIES))
def test_blocks_and_relations_name_what_exists(entity: Entity):
    known = {comparison.name for comparison in entity.comparisons}
    assert all(set(relation.shared) <= known for relation in entity.relations)
    used = {name.partition("[")[0] for block in entity.blocks for name in (*block.on, *block.each, *block.narrow)}
    assert used <= MADE[entity.name] | {"mail_domain"}
    assert all(bool(block.on) != bool(block.each) for block in entity.blocks)
    assert len({block.name for block in entity.blocks}) == len(entity.blocks)


def test_a_column_of_the_users_own_identifies_nobody_by_itself():
    assert [c.name for c in (text_comparison("notes"), exact_comparison("gender"))] == ["notes", "gender"]
    assert not text_comparison("notes").is_identifying
    assert not exact_comparison("gender").is_identifying

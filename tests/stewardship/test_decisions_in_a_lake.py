"""Decisions in the demo's lake: the next run splits and merges customers, and every run after it keeps that."""

import shutil
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from c360.lake import open_lake
from c360.run import exclusive, new_run_id
from c360.settings import Settings
from c360.stewardship.importing import import_decisions
from tests.released import SECOND, Lakes, build_day, outcomes

pytest_plugins = ["tests.released"]

HEAD = "left_source_system,left_source_id,right_source_system,right_source_id,decision,reason"
Rows = Sequence[Mapping[str, Any]]
Sides = tuple[str, str, str, str]


def rows(settings: Settings, name: str) -> Rows:
    """Rows of a table as it was built last."""
    with open_lake(settings) as lake:
        return lake.execute(lake.engine.read(name))


def customers(settings: Settings) -> dict[str, str]:
    """Source record -> its customer."""
    return {row["source_id"]: row["customer_id"] for row in rows(settings, "silver.customer_identity")}


def decide(settings: Settings, folder: Path, *decisions: tuple[Sides, str]) -> int:
    path = folder / "decisions.csv"
    path.write_text("\n".join([HEAD, *(",".join([*sides, decision, "looked at both"]) for sides, decision in decisions)]))
    with open_lake(settings) as lake, exclusive(lake, new_run_id()):
        return import_decisions(lake, path, author="ann").added_count


def sides(pair: Mapping[str, Any]) -> Sides:
    return tuple(pair[f"{side}_source_{part}"] for side in ("left", "right") for part in ("system", "id"))


def chosen(settings: Settings) -> tuple[Sides, Sides]:
    """An accepted pair of an account that keeps another Stripe customer, and a rejected one of a record that is alone."""
    of = customers(settings)
    members: dict[str, set[str]] = {}
    for record, customer in of.items():
        members.setdefault(customer, set()).add(record)
    pairs = sorted(rows(settings, "silver.identity_pair"), key=sides)
    accepted = [p for p in pairs if p["decision"] == "accepted" and p["rule"] == "email_name" and sides(p)[0] == "salesforce"]
    split = next(p for p in accepted if len([m for m in members[of[p["left_source_id"]]] if m.startswith("cus_")]) > 1)
    rejected = [p for p in pairs if p["decision"] == "rejected" and p["reason"] == "names_differ"]
    merged = next(p for p in rejected if len(members[of[p["right_source_id"]]]) == 1)
    return sides(split), sides(merged)


@pytest.fixture
def settings(lakes: Lakes, tmp_path: Path) -> Settings:
    return lakes.settings(Path(shutil.copytree(lakes.second, tmp_path / "lake")))


@pytest.mark.heavy
def test_the_next_run_splits_and_merges_customers(settings: Settings, tmp_path: Path) -> None:
    before, known_changes = customers(settings), rows(settings, "silver.customer_identity_change")
    (_, account, _, split_off), (_, one, _, other) = split, merged = chosen(settings)
    assert before[account] == before[split_off]
    assert before[one] != before[other]
    assert decide(settings, tmp_path, (split, "cannot_link"), (merged, "must_link")) == 2
    assert customers(settings) == before
    assert build_day(settings).entry is not None
    after = customers(settings)
    # The account keeps the id, for it is the older record; of the merged ones the older id survives, and no record is turned out.
    assert len({after[account], after[split_off], after[one]}) == 3
    assert after[account] == before[account]
    assert {after[record] for record in before if before[record] in (before[one], before[other])} == {after[one]}
    assert after[one] in {before[one], before[other]}
    lost = ({before[one], before[other]} - {after[one]}).pop()
    assert changes(settings, known_changes) == {
        (before[account], after[split_off]): "split",
        (lost, after[one]): "merged",
    }
    facts = {row["customer_id"]: row for row in rows(settings, "silver.dim_customer")}
    assert facts[after[split_off]]["stripe_customer_id"] == split_off
    assert {before[one], before[other]}.intersection(facts) == {after[one]}


def changes(settings: Settings, known: Rows) -> dict[tuple[str, str], str]:
    """(old id, new id) -> reason of the changes that are not `known`."""
    fresh = [row for row in rows(settings, "silver.customer_identity_change") if row not in known]
    assert {row["change_date"] for row in fresh} == {SECOND}
    return {(row["old_customer_id"], row["customer_id"]): row["reason"] for row in fresh}


@pytest.mark.heavy
def test_decisions_are_released_and_kept_by_reruns_and_once_withdrawn_the_companies_are_as_before(
    settings: Settings, tmp_path: Path
) -> None:
    before = customers(settings)
    made = chosen(settings)
    decide(settings, tmp_path, (made[0], "cannot_link"), (made[1], "must_link"))
    assert build_day(settings).entry is not None
    decided = customers(settings)
    assert companies(decided) != companies(before)
    assert build_day(settings).is_noop
    shutil.rmtree(Path(settings.lake) / "silver" / "identity_pair")
    assert outcomes(build_day(settings))["identity_pair"] == "built"
    assert customers(settings) == decided
    later = settings.model_copy(update={"now": settings.clock() + timedelta(minutes=1)})
    assert decide(later, tmp_path, *((pair, "withdrawn") for pair in made)) == 2
    assert build_day(settings).entry is not None
    assert companies(customers(settings)) == companies(before)


def companies(of: Mapping[str, str]) -> set[frozenset[str]]:
    """The records of each customer, whatever its id: ids are durable, so that a round trip may end with another one."""
    return {frozenset(record for record in of if of[record] == customer) for customer in of.values()}

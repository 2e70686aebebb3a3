"""A realistic company from a seed: what its systems show, who is who, and what is true."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from c360.demo.clock import make_calendar
from c360.demo.identity import Dirt
from c360.demo.ledger import Ledger, make_ledger
from c360.demo.records import without_collection
from c360.demo.world import World, make_world

DEFAULT_LOAD_DATES = (date(2026, 6, 14), date(2026, 6, 15))


@dataclass(frozen=True)
class Truth:
    """Who is who.

    Attributes:
        pairs: (18-character Salesforce account id, Stripe customer id) of one real company, merged accounts included.
        cluster: (source_system, source_id) → number of the real company, for every account and every Stripe customer.
        expected_accounts: Live accounts that have a Stripe customer.
    """

    pairs: frozenset[tuple[str, str]]
    cluster: dict[tuple[str, str], int]
    expected_accounts: frozenset[str]


@dataclass(frozen=True)
class Company:
    """A generated company; pickles, so that a server process can take it over."""

    accounts: int
    seed: int
    dirt: Dirt
    world: World
    truth: Truth

    @property
    def load_dates(self) -> tuple[date, date]:
        """The two load dates the world is made for."""
        return self.world.calendar.load_dates

    def ledger(self, as_of: date) -> Ledger:
        """What is true, and visible at 22:00 UTC of `as_of`.

        Raises:
            ValueError: `as_of` is none of the two load dates; what is observable depends on the loads.
        """
        if as_of not in self.load_dates:
            raise ValueError(f"wanted one of {', '.join(map(str, self.load_dates))}, found {as_of}")
        return make_ledger(self.world, as_of)

    def write_fx_rates(self, path: Path) -> None:
        """Reference rates as CSV in the European Central Bank's layout: units of each currency per 1 EUR, newest day first."""
        self.world.rates.write(Path(path))


def generate(
    *,
    accounts: int = 2000,
    seed: int = 360,
    dirt: Dirt = "default",
    load_dates: tuple[date, date] = DEFAULT_LOAD_DATES,
) -> Company:
    """A company with `accounts` Salesforce accounts (merged ones included); equal arguments give an equal company."""
    with without_collection():
        world = make_world(accounts, seed, dirt, make_calendar(load_dates))
    return Company(accounts, seed, dirt, world, _truth(world))


def _truth(world: World) -> Truth:
    cluster: dict[tuple[str, str], int] = {}
    masters = {draft.id: draft for draft in world.parties.accounts}
    for draft in world.parties.accounts:
        cluster["salesforce", draft.id] = masters[draft.master].firm.number if draft.master else draft.firm.number
    customers: dict[int, list[str]] = {}
    for customer in world.parties.customers:
        number = cluster["stripe", customer.id] = customer.firm.number
        customers.setdefault(number, []).append(customer.id)
    pairs = {
        (source_id, customer)
        for (system, source_id), number in cluster.items()
        if system == "salesforce"
        for customer in customers.get(number, [])
    }
    expected = {account for account, _ in pairs if masters[account].master is None}
    return Truth(frozenset(pairs), cluster, frozenset(expected))

"""Who is who: real companies, the Salesforce accounts and Stripe customers they have, and the evidence between them."""

from dataclasses import dataclass, field, replace
from random import Random
from typing import Literal

from c360.demo import identity_dirt as dirt
from c360.demo.ids import salesforce_id, stream, stripe_id
from c360.demo.people import Firm, Person, make_address, make_firm, make_person

Dirt = Literal["default", "heavy"]
EVIDENCE: dict[Dirt, dict[str, float]] = {
    "default": {"metadata": 0.60, "account_email": 0.22, "contact_email": 0.10, "domain_name": 0.075, "fuzzy": 0.005},
    "heavy": {"metadata": 0.15, "account_email": 0.22, "contact_email": 0.15, "domain_name": 0.23, "fuzzy": 0.25},
}
ROLES = {
    "plain": 0.82,
    "crm_only": 0.11,
    "subsidiary": 0.02,
    "loser": 0.015,
    "person": 0.01,
    "agency": 0.008,
    "shared_free_mail": 0.008,
    "homonym": 0.004,
    "null_name": 0.002,
}
FIRST_ROLES = (
    *("plain", "plain", "loser", "plain", "subsidiary", "subsidiary", "person", "agency", "agency", "shared_free_mail"),
    *("shared_free_mail", "plain", "homonym", "crm_only", "null_name", "crm_only", "plain", "loser"),
)
STRIPE_ONLY_SHARE = 0.13
GROUP_WORDS = ("North", "South", "Retail", "Services", "Asia", "Labs")


@dataclass(slots=True)
class AccountDraft:
    """A Salesforce account before its dates. `role` says why it exists; `master` is the id it was merged into."""

    id: str
    number: int
    role: str
    firm: Firm
    name: str | None
    website: str | None
    billing_email: str | None
    contacts: list[tuple[Person, str | None]]
    is_new: bool
    master: str | None = None


@dataclass(slots=True)
class CustomerDraft:
    """A Stripe customer before its dates; `account` is the account of the same company, if one exists."""

    id: str
    firm: Firm
    account: AccountDraft | None
    name: str | None
    email: str | None
    phone: str | None
    metadata: dict[str, str]
    evidence: str
    is_new: bool


@dataclass(slots=True)
class Parties:
    """All accounts and customers of the world, in the order they were invented."""

    accounts: list[AccountDraft] = field(default_factory=list)
    customers: list[CustomerDraft] = field(default_factory=list)


def make_parties(accounts: int, seed: int, level: Dirt) -> Parties:
    """`accounts` Salesforce accounts (merged losers included), their Stripe customers, and customers Salesforce does not know."""
    parties = Parties()
    maker = _Maker(seed, level, parties, newest=max(2, accounts // 200), total=accounts)
    for number in range(accounts):
        maker.account(number)
    for number in range(accounts, accounts + max(3, round(accounts * STRIPE_ONLY_SHARE))):
        maker.stripe_only(number)
    return parties


@dataclass(slots=True)
class _Maker:
    seed: int
    level: Dirt
    parties: Parties
    newest: int
    total: int
    shared: dict[str, int] = field(default_factory=dict)

    def account(self, number: int) -> None:
        rng = stream(self.seed, "account", number)
        role = FIRST_ROLES[number] if number < len(FIRST_ROLES) else rng.choices(list(ROLES), list(ROLES.values()))[0]
        master = self._newest_plain()
        if role == "loser" and master:
            self._loser(number, master, rng)
            return
        if role in {"subsidiary", "homonym"} and not master:
            role = "plain"
        firm = self._firm(number, role, master, rng)
        draft = self._draft(number, role, firm, rng)
        self.parties.accounts.append(draft)
        if role == "crm_only":
            return
        extra = rng.choices([0, 1, 2], [915, 70, 15])[0]
        for copy in range(1 + (1 if number == 3 else extra)):
            self._customer(draft, copy, rng)

    def stripe_only(self, number: int) -> None:
        rng = stream(self.seed, "stripe_only", number)
        firm = make_firm(number, rng)
        person = firm.people[0]
        chance = rng.random()
        email: str | None = dirt.work_mail(person, firm)
        if chance < 0.10:
            email = self._mailbox("agency")
        elif chance < 0.25:
            email = dirt.free_mail(person, number, rng)
        elif chance < 0.28:
            email = None
        name = None if rng.random() < 0.1 else dirt.name_variant(firm, rng)
        customer = CustomerDraft(stripe_id("cus", rng), firm, None, name, email, None, {}, "none", is_new=False)
        self.parties.customers.append(customer)

    def _newest_plain(self) -> AccountDraft | None:
        """The account that a merged, subsidiary or namesake account refers to."""
        candidates = (draft for draft in reversed(self.parties.accounts[-12:]) if draft.role == "plain" and draft.name)
        return next(candidates, None)

    def _firm(self, number: int, role: str, other: AccountDraft | None, rng: Random) -> Firm:
        firm = make_firm(number, rng)
        if other and role == "subsidiary":
            trade = firm.name.split()[-1]
            return replace(firm, name=f"{trade} {rng.choice(GROUP_WORDS)}", domain=other.firm.domain)
        if other and role == "homonym":
            return replace(firm, name=other.firm.name)
        return firm

    def _draft(self, number: int, role: str, firm: Firm, rng: Random) -> AccountDraft:
        contacts = [(p, None if rng.random() < 0.08 else dirt.work_mail(p, firm)) for p in firm.people]
        website = rng.choice([f"https://www.{firm.domain}/", f"www.{firm.domain}", firm.domain, f"http://{firm.domain}", None])
        name: str | None = firm.name if rng.random() < 0.3 else firm.legal_name
        billing_email = dirt.role_mail(firm, rng) if rng.random() < 0.3 else None
        if role == "person":
            person = firm.people[0]
            name, website, contacts = f"{person.first} {person.last}", None, []
            billing_email = dirt.free_mail(person, number, rng)
        if role == "null_name":
            name = None
        identifier = salesforce_id("001", number)
        is_new = number >= self.total - self.newest
        return AccountDraft(identifier, number, role, firm, name, website, billing_email, contacts, is_new)

    def _loser(self, number: int, master: AccountDraft, rng: Random) -> None:
        firm = master.firm
        identifier = salesforce_id("001", number)
        contacts: list[tuple[Person, str | None]] = [(make_person(rng), None)]
        name = dirt.name_variant(firm, rng)
        draft = AccountDraft(identifier, number, "loser", firm, name, master.website, None, contacts, is_new=False)
        draft.master = master.id
        self.parties.accounts.append(draft)
        for customer in self.parties.customers:
            if customer.account is master and "salesforce_account_id" in customer.metadata and rng.random() < 0.5:
                customer.metadata["salesforce_account_id"] = identifier

    def _customer(self, account: AccountDraft, copy: int, rng: Random) -> None:
        weights = EVIDENCE[self.level]
        evidence = rng.choices(list(weights), list(weights.values()))[0]
        if account.role in {"agency", "shared_free_mail", "homonym", "null_name"} and self.level == "default":
            evidence = "metadata"
        if account.role in {"person", "subsidiary"} and evidence != "metadata":
            evidence = "account_email"
        firm = account.firm
        name: str | None = dirt.name_variant(firm, rng)
        metadata = {"plan_source": "web"} if rng.random() < 0.2 else {}
        email = self._email(evidence, account, rng)
        if evidence == "metadata":
            metadata["salesforce_account_id"] = account.id[:15] if rng.random() < 0.3 else account.id
            name = dirt.far_name_variant(firm, firm.people[0], rng) if rng.random() < 0.15 else name
        strong = evidence in {"metadata", "account_email"} and account.role != "person"
        if strong and email and not email.lower().strip().startswith(dirt.ROLES) and rng.random() < 0.1:
            name = None
        if account.role == "person":
            name = account.name
        phone = firm.phone if evidence == "fuzzy" or rng.random() < 0.25 else None
        customer = CustomerDraft(stripe_id("cus", rng), firm, account, name, email, phone, metadata, evidence, account.is_new)
        if copy and account.role == "plain" and rng.random() < 0.2:
            customer.firm = replace(firm, address=make_address(firm.country, rng))
        self.parties.customers.append(customer)

    def _email(self, evidence: str, account: AccountDraft, rng: Random) -> str | None:
        """The customer's e-mail, and what Salesforce must know for the evidence to hold."""
        firm = account.firm
        person = rng.choice(firm.people)
        if account.role in {"agency", "shared_free_mail"}:
            account.billing_email = self._mailbox(account.role)
            return dirt.same_mailbox(account.billing_email, rng)
        match evidence:
            case "metadata":
                return self._any_mail(account, person, rng)
            case "account_email":
                account.billing_email = account.billing_email or dirt.work_mail(person, firm)
                return dirt.same_mailbox(account.billing_email, rng)
            case "contact_email":
                mailbox = dirt.work_mail(person, firm) if rng.random() < 0.8 else dirt.free_mail(person, account.number, rng)
                known = [contact for contact in account.contacts if contact[0] != person]
                account.contacts = [*known, (person, mailbox)]
                return dirt.same_mailbox(mailbox, rng)
            case "domain_name":
                account.website = account.website or f"https://www.{firm.domain}"
                return dirt.role_mail(firm, rng) if rng.random() < 0.4 else dirt.work_mail(make_person(rng), firm)
            case _:
                account.billing_email = account.billing_email or dirt.work_mail(person, firm)
                return dirt.email_with_typo(account.billing_email, rng)

    def _any_mail(self, account: AccountDraft, person: Person, rng: Random) -> str | None:
        firm = account.firm
        if account.role == "person":
            return account.billing_email
        chance = rng.random()
        if chance < 0.45:
            return dirt.same_mailbox(dirt.work_mail(person, firm), rng)
        if chance < 0.70:
            return dirt.role_mail(firm, rng)
        if chance < 0.80:
            return dirt.free_mail(person, account.number, rng)
        if chance < 0.90:
            return dirt.email_with_typo(dirt.work_mail(person, firm), rng)
        return None if chance < 0.93 else dirt.alias_mail(person, firm)

    def _mailbox(self, kind: str) -> str:
        """A mailbox that two different companies share: a bookkeeping agency's, or a free one."""
        count = self.shared[kind] = self.shared.get(kind, 0) + 1
        pair = (count - 1) // 2
        if kind == "agency":
            return f"{'billing' if pair % 2 else 'clients'}@ledgerline-agency{pair}.example"
        return f"shared.office{pair}@gmail.com"

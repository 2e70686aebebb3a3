"""Salesforce records with their states over time; field names as in the REST API, datetimes `2026-06-14T10:00:00.000+0000`."""

from dataclasses import dataclass, field
from random import Random

from c360.demo.clock import DAY, HOUR, Calendar, to_date, to_datetime
from c360.demo.identity import AccountDraft
from c360.demo.ids import salesforce_id, stream
from c360.demo.people import Person, make_person
from c360.demo.plans import at_hour
from c360.demo.records import Body, Record

INDUSTRIES = ("Technology", "Manufacturing", "Retail", "Healthcare", "Finance", "Education", "Energy", "Transportation")
TYPES = ("Customer - Direct", "Customer - Channel", "Prospect", "Other")
STAGES = {"Prospecting": 10, "Qualification": 20, "Proposal/Price Quote": 60, "Negotiation/Review": 80}
FORECASTS = {10: "Pipeline", 20: "Pipeline", 60: "Best Case", 80: "Commit", 100: "Closed", 0: "Omitted"}
USERS = 25
COUNTRY_NAMES = {"US": "United States", "GB": "United Kingdom", "DE": "Germany", "FR": "France"}
COUNTRY_NAMES |= {"NL": "Netherlands", "ES": "Spain", "SE": "Sweden", "JP": "Japan"}
BILLABLE_ROLES = frozenset({"plain", "subsidiary", "person", "agency", "shared_free_mail", "homonym", "null_name"})


@dataclass(slots=True)
class SalesforceWorld:
    """Records per object; instants epoch seconds UTC."""

    seed: int
    calendar: Calendar
    records: dict[str, dict[str, Record]] = field(default_factory=dict)

    def fill(self, accounts: list[AccountDraft], first_seen: dict[str, int]) -> None:
        """Writes everything; `first_seen` is the creation of an account's first Stripe customer."""
        self._organization()
        self._users()
        for draft in accounts:
            rng = stream(self.seed, "salesforce", draft.number)
            created = self._created(draft, first_seen.get(draft.id), rng)
            self._account(draft, created, rng)
            self._contacts(draft, created, rng)
            self._opportunities(draft, created, first_seen.get(draft.id), rng)
        self._second_day(accounts)

    def _created(self, draft: AccountDraft, customer_at: int | None, rng: Random) -> int:
        if draft.is_new:
            return self.calendar.second_day + rng.randint(0, HOUR)
        latest = customer_at or self.calendar.begin + int(
            (self.calendar.cutoffs[0] - 20 * DAY - self.calendar.begin) * rng.random()
        )
        return at_hour(latest - rng.randint(5, 90) * DAY, rng)

    def _add(self, kind: str, body: Body, created: int) -> Record:
        stamp = datetime_text(created)
        full = {**body, "CreatedDate": stamp, "LastModifiedDate": stamp, "SystemModstamp": stamp}
        record = Record(kind, body["Id"], created, [(created, full)])
        self.records.setdefault(kind, {})[record.id] = record
        return record

    def change(self, kind: str, identifier: str, at: int, patch: Body) -> None:
        """A new state of a record."""
        stamp = {"LastModifiedDate": datetime_text(at), "SystemModstamp": datetime_text(at)}
        self.records[kind][identifier].versions.append((at, {**patch, **stamp}))

    def _organization(self) -> None:
        body: Body = {
            "Id": salesforce_id("00D", 1),
            "Name": "Brightwater Software",
            "OrganizationType": "Enterprise Edition",
            "InstanceName": "EU42",
            "IsSandbox": False,
            "DefaultLocaleSidKey": "en_US",
            "LanguageLocaleKey": "en_US",
            "TimeZoneSidKey": "Europe/Berlin",
            "FiscalYearStartMonth": 2,
            "UsesStartDateAsFiscalYearName": False,
            "CurrencyIsoCode": "USD",
            "Country": "DE",
        }
        self._add("Organization", body, self.calendar.begin - 400 * DAY)

    def _users(self) -> None:
        rng = stream(self.seed, "users")
        for number in range(USERS):
            person = make_person(rng)
            body: Body = {
                "Id": salesforce_id("005", number),
                "Username": f"{person.local}{number}@brightwater.example",
                "Email": f"{person.local}{number}@brightwater.example",
                "FirstName": person.first,
                "LastName": person.last,
                "Name": f"{person.first} {person.last}",
                "IsActive": number % 12 != 11,
                "Title": "Account Executive",
                "Department": "Sales",
                "UserType": "Standard",
            }
            self._add("User", body, self.calendar.begin - 300 * DAY + number)

    def _account(self, draft: AccountDraft, created: int, rng: Random) -> None:
        firm, address = draft.firm, draft.firm.address
        person = firm.people[0] if draft.role == "person" else None
        is_customer = draft.role in BILLABLE_ROLES
        body: Body = {
            "Id": draft.id,
            "IsDeleted": False,
            "MasterRecordId": None,
            "Name": draft.name,
            "Type": rng.choice(TYPES[:2] if is_customer else TYPES[2:]),
            "Industry": rng.choice(INDUSTRIES) if rng.random() < 0.95 else None,
            "Website": draft.website,
            "Phone": firm.phone if rng.random() < 0.8 else None,
            "BillingStreet": address.street,
            "BillingCity": address.city,
            "BillingState": address.state or None,
            "BillingPostalCode": address.postal_code,
            "BillingCountry": COUNTRY_NAMES[address.country],
            "BillingCountryCode": address.country,
            "OwnerId": self._owner(rng),
            "IsPersonAccount": person is not None,
            "PersonEmail": draft.billing_email if person else None,
            "FirstName": person.first if person else None,
            "LastName": person.last if person else None,
            "Billing_Email__c": None if person else draft.billing_email,
            "Is_Billable__c": is_customer and rng.random() < 0.5,
            "Region__c": "AMER" if address.country == "US" else "APAC" if address.country == "JP" else "EMEA",
            "NumberOfEmployees": rng.randint(2, 4000),
            "CurrencyIsoCode": "USD",
            "Description": None,
        }
        record = self._add("Account", body, created)
        if draft.role == "loser" and draft.number % 2:
            self.change("Account", record.id, at_hour(self.calendar.cutoffs[0] - rng.randint(2, 200) * DAY, rng), _merged(draft))

    def _owner(self, rng: Random) -> str:
        return salesforce_id("005", rng.randrange(USERS))

    def _contacts(self, draft: AccountDraft, created: int, rng: Random) -> None:
        for position, (person, mail) in enumerate(draft.contacts):
            self._contact(draft, position, person, mail, created, rng)

    def _contact(self, draft: AccountDraft, position: int, person: Person, mail: str | None, created: int, rng: Random) -> None:
        body: Body = {
            "Id": salesforce_id("003", draft.number * 10 + position),
            "IsDeleted": False,
            "MasterRecordId": None,
            "AccountId": draft.id if draft.role != "loser" else draft.master,
            "FirstName": person.first,
            "LastName": person.last,
            "Name": f"{person.first} {person.last}",
            "Email": mail,
            "Phone": draft.firm.phone if rng.random() < 0.5 else None,
            "MobilePhone": None,
            "Title": rng.choice(["CEO", "CFO", "Buyer", "Office Manager", None]),
            "Department": None,
            "OwnerId": self._owner(rng),
        }
        self._add("Contact", body, created + 60 + position)

    def _opportunities(self, draft: AccountDraft, created: int, customer_at: int | None, rng: Random) -> None:
        """A won one for each account with a Stripe customer (or the account is marked billable), and others open or lost."""
        if draft.role == "loser":
            return
        stages = [rng.choice([*STAGES, "Closed Lost"]) for _ in range(rng.choices([0, 1, 2, 3], [35, 40, 18, 7])[0])]
        if customer_at is not None:
            is_recent = customer_at >= self.calendar.history_from + 5 * DAY
            if not is_recent or rng.random() < 0.1:
                self._mark_billable(draft)
            if is_recent or rng.random() < 0.8:
                stages.insert(0, "Closed Won")
        for position, stage in enumerate(stages):
            self._opportunity(draft, position, created, customer_at if stage == "Closed Won" else None, stage, rng)

    def _mark_billable(self, draft: AccountDraft) -> None:
        _, body = self.records["Account"][draft.id].versions[0]
        if body is not None:
            body["Is_Billable__c"] = True

    def _opportunity(
        self, draft: AccountDraft, position: int, account_at: int, closed: int | None, stage: str, rng: Random
    ) -> None:
        latest = self.calendar.end - 3 * HOUR
        if closed is None:
            opened = min(at_hour(account_at + rng.randint(1, 200) * DAY, rng), latest - 5 * DAY)
            opened = max(opened, account_at + HOUR)
            changed = max(opened + 1, min(at_hour(opened + rng.randint(1, 60) * DAY, rng), latest))
        else:
            opened = account_at + rng.randint(1, 3) * HOUR
            changed = max(closed, opened + 1)
        currency = rng.choices(["USD", "EUR", "GBP", "JPY"], [60, 25, 10, 5])[0]
        body: Body = {
            "Id": salesforce_id("006", draft.number * 10 + position),
            "IsDeleted": False,
            "AccountId": draft.id,
            "Name": f"{draft.firm.name} - {rng.choice(['New business', 'Expansion', 'Renewal', 'Pilot'])}",
            "Amount": None if rng.random() < 0.003 else float(rng.randint(8, 900) * (10_000 if currency == "JPY" else 100)),
            "CloseDate": to_date(opened + 30 * DAY).isoformat(),
            "OwnerId": self._owner(rng),
            "CurrencyIsoCode": currency,
            "Type": rng.choice(["New Customer", "Existing Customer - Upgrade", None]),
            "LeadSource": rng.choice(["Web", "Partner", "Event", None]),
            **_stage("Prospecting"),
        }
        record = self._add("Opportunity", body, opened)
        close_day = to_date(changed + (0 if stage.startswith("Closed") else rng.randint(5, 90) * DAY))
        self.change("Opportunity", record.id, changed, {**_stage(stage), "CloseDate": close_day.isoformat()})

    def _second_day(self, accounts: list[AccountDraft]) -> None:
        """Owners, industries, types and regions change; accounts and contacts are deleted; some accounts are merged."""
        rng, start = stream(self.seed, "salesforce second day"), self.calendar.second_day
        settled = [draft for draft in accounts if not draft.is_new and draft.role in BILLABLE_ROLES]
        changes = max(4, len(settled) // 60)
        for number, draft in enumerate(rng.sample(settled, min(changes, len(settled)))):
            patch: Body = [
                {"OwnerId": self._owner(rng)},
                {"Industry": rng.choice(INDUSTRIES)},
                {"Type": rng.choice(TYPES[:2])},
                {"BillingCity": "Lisboa", "BillingCountry": "Portugal", "BillingCountryCode": "PT", "Region__c": "EMEA"},
            ][number % 4 if number < 8 else 0]
            self.change("Account", draft.id, start + rng.randint(0, 15 * HOUR), patch)
        for draft in [draft for draft in accounts if draft.role == "crm_only" and not draft.is_new][:4]:
            self.change("Account", draft.id, start + rng.randint(0, 15 * HOUR), {"IsDeleted": True})
            for position in range(len(draft.contacts)):
                self.change("Contact", salesforce_id("003", draft.number * 10 + position), start + 16 * HOUR, {"IsDeleted": True})
        for draft in [draft for draft in accounts if draft.role == "loser" and not draft.number % 2]:
            self.change("Account", draft.id, start + rng.randint(0, 15 * HOUR), _merged(draft))
        self._lose_opportunities(rng)

    def _lose_opportunities(self, rng: Random) -> None:
        """A few open opportunities are lost on the second day."""
        start = self.calendar.second_day
        for record in list(self.records["Opportunity"].values())[-40:]:
            if record.versions[-1][0] < start and (record.state(1) or {})["StageName"] == "Qualification":
                self.change("Opportunity", record.id, start + rng.randint(0, 15 * HOUR), _stage("Closed Lost"))


def datetime_text(at: int) -> str:
    """An instant as Salesforce's JSON shows it."""
    return to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _stage(name: str) -> Body:
    """Everything an opportunity's stage decides; `Probability` in percent."""
    probability = {"Closed Won": 100, "Closed Lost": 0}.get(name, STAGES.get(name, 0))
    return {
        "StageName": name,
        "Probability": float(probability),
        "IsWon": name == "Closed Won",
        "IsClosed": name.startswith("Closed"),
        "ForecastCategoryName": FORECASTS[probability],
    }


def _merged(draft: AccountDraft) -> Body:
    return {"IsDeleted": True, "MasterRecordId": draft.master}

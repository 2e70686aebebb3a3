"""How one record of a company is written down: which of its facts are there, how they are spelt, what has changed since."""

import random
from dataclasses import dataclass

from benchmarks.identity.dirt import mistyped, plain, shortened
from benchmarks.identity.words import countries, pairs, words

COLUMNS = ("name", "street", "postcode", "city", "country", "website", "phone", "vat_id")
BRANDS, TRADES, COUNTRIES = words("companies", "brands"), words("companies", "trades"), countries()
_SHORT, _OTHER_CITY = pairs("companies", "short"), pairs("companies", "other_city")


@dataclass(frozen=True)
class Company:
    """One legal entity."""

    number: int
    words: str
    form: tuple[str, ...]
    country: str
    city: str
    postcode: str
    street: str
    domain: str
    phone: str
    vat: str


def written(company: Company, rate: float, chance: random.Random) -> tuple[str, ...]:
    """A record; `rate` 1 is as careless as a billing system's customers get, 0 copies the company."""
    return (
        _name(company, rate, chance),
        *_address(company, rate, chance),
        _website(company.domain, rate, chance),
        _phone(company.phone, rate, chance),
        _vat(company.vat, rate, chance),
    )


def _name(company: Company, rate: float, chance: random.Random) -> str:
    def happens(share: float) -> bool:
        return chance.random() < share * rate

    form = chance.choice(company.form)
    if happens(0.4):
        form = "" if chance.random() < 0.85 else chance.choice(chance.choice(COUNTRIES[company.country].forms))
    text = " ".join([*_said(company.words.split(), rate, chance), form]).strip()
    if happens(0.4):
        text = text.replace("&", "and") if chance.random() < 0.7 else text.replace(" & ", "&")
    text = shortened(text, _SHORT, chance) if happens(0.15) else text
    for _ in range(2):
        text = mistyped(text, chance) if happens(0.05) else text
    if happens(0.07):
        text += chance.choice([" - Accounts Payable", f" ({company.city})", f" {company.city}", " Group"])
    text = f"{chance.choice(BRANDS)} {chance.choice(TRADES)} t/a {text}" if happens(0.015) else text
    text = text[:25].strip() if happens(0.03) else text
    text = plain(text) if happens(0.4) else text
    return chance.choice([text.upper(), text.upper(), text.lower()]) if happens(0.25) else text


def _said(said: list[str], rate: float, chance: random.Random) -> list[str]:
    """Renamed since, without its last word, as initials, or turned round."""
    draw = chance.random()
    if draw < 0.02 * rate:
        return [chance.choice(BRANDS), chance.choice(TRADES)]
    if draw < 0.1 * rate and len(said) > 2:
        return said[:-1] if said[-2] != "&" else said[:-2]
    if draw < 0.12 * rate and len(said) > 2:
        return ["".join(word[0] for word in said if word != "&")]
    return said[::-1] if draw < 0.04 * rate and len(said) == 2 else said


def _address(company: Company, rate: float, chance: random.Random) -> tuple[str, str, str, str]:
    def happens(share: float) -> bool:
        return chance.random() < share * rate

    street, postcode, city = _place(company, chance) if happens(0.16) else (company.street, company.postcode, company.city)
    if happens(0.08):
        street = postcode = ""
    street = shortened(street, _SHORT, chance) if happens(0.35) else street
    street = mistyped(street, chance) if happens(0.05) else street
    if street and happens(0.06):
        street = f"{chance.choice(['Unit 3', 'Suite 210', '2nd Floor', 'Building B'])}, {street}"
    postcode = "" if happens(0.06) else postcode
    postcode = mistyped(postcode, chance) if happens(0.02) else postcode
    postcode = postcode.replace(" ", "") if happens(0.2) else postcode
    city = _OTHER_CITY.get(city, city) if happens(0.3) else city
    city = mistyped(city, chance) if happens(0.03) else city
    city = plain(city) if happens(0.3) else city
    names = [company.country, company.country, *COUNTRIES[company.country].names, ""]
    return street, postcode, "" if happens(0.04) else city, chance.choice(names) if happens(0.5) else company.country


def _place(company: Company, chance: random.Random) -> tuple[str, str, str]:
    """Moved, or a branch; every third in the same town."""
    country, postcode = COUNTRIES[company.country], company.postcode
    house, road = chance.randrange(1, 200), chance.choice(country.streets)
    city = company.city if chance.random() < 0.35 else chance.choice(country.cities)
    last = f"{chance.randrange(100, 1000)}" if postcode[-3:].isdigit() else f"{chance.randrange(10)}XT"
    return f"{house} {road}" if country.number_first else f"{road} {house}", f"{postcode[:-3]}{last}", city


def _website(domain: str, rate: float, chance: random.Random) -> str:
    draw = chance.random()
    if draw < 0.3 * rate:
        return ""
    if draw < 0.36 * rate:  # another country's site, a social network
        return chance.choice(
            [f"{domain.split('.')[0]}.{chance.choice(['com', 'net', 'eu', 'io'])}", "facebook.com", "linkedin.com"]
        )
    return chance.choice([domain, f"www.{domain}", f"https://www.{domain}/", f"http://{domain}"])


def _phone(phone: str, rate: float, chance: random.Random) -> str:
    draw = chance.random()
    if draw < 0.35 * rate:
        return ""
    prefix, area, line = phone.split()
    if draw < 0.55 * rate:  # an extension, or another line
        line = f"{line[:4]}{chance.randrange(1000):03d}" if chance.random() < 0.5 else str(chance.randrange(10**6, 10**7))
    return chance.choice(
        [f"{prefix} {area} {line}", f"00{prefix[1:]}{area}{line}", f"0{area} {line[:3]} {line[3:]}", f"0{area}-{line}"]
    )


def _vat(vat: str, rate: float, chance: random.Random) -> str:
    if chance.random() < 0.3 + 0.35 * rate:
        return ""
    vat = mistyped(vat, chance) if chance.random() < 0.01 * rate else vat
    return chance.choice([vat, vat, f"{vat[:2]} {vat[2:5]} {vat[5:]}", vat[2:]])

"""Names, domains, addresses and telephone numbers of made-up companies and their people."""

import unicodedata
from dataclasses import dataclass
from random import Random


def words(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())


FIRST = words(
    """
    Anna Ben Clara David Elena Felix Greta Hugo Ines Jonas Karin Leo Mia Noah Olga Paul Rosa Sven Tina Uwe Vera
    Willem Yara Zoe Aiko Kenji Yuki Haruto Emma Liam Olivia James Sophia Lucas Amelia Henry Chloé José Zoë Björn Åsa
    François Priya Arjun Fatima Omar Mei Wei Thandi Sipho Niamh Oisín
    """
)
LAST = words(
    """
    Abel Becker Costa Dubois Eriksen Fischer García Hansen Ito Jansen Keller Lindqvist Müller Nowak Okafor Petrov
    Quinn Rossi Schmidt Tanaka Ueda Varga Weber Yamamoto Zhang Novák Silva Martin Bernard Brown Wilson Taylor Evans
    Thomas Roberts Walker Wright Green Hall Clarke Patel Khan Singh Nguyen O'Connor Byrne Sørensen Kowalski Moreau
    Lefèvre
    """
)
STEMS = words(
    """
    Alder Amber Anchor Apex Arrow Atlas Aurora Azure Badger Basalt Beacon Birch Bluebird Boulder Bright Canyon Cedar
    Cinder Clover Cobalt Comet Copper Coral Crane Crescent Crystal Dawn Delta Drift Dune Eagle Ember Falcon Fern
    Fjord Flint Forge Fox Garnet Glacier Granite Grove Harbor Hawk Hazel Heron Horizon Indigo Iron Ivory Jade
    Juniper Kestrel Lagoon Lark Laurel Linden Lotus Lunar Lynx Maple Marble Meadow Mercury Meridian Mist Moss Nimbus
    Nova Oak Obsidian Onyx Opal Orchid Osprey Otter Pebble Pine Pioneer Polar Prairie Quartz Quill Raven Reef Ridge
    River Rowan Saffron Sage Sequoia Shore Sierra Silver Slate Solar Sparrow Spruce Summit Swift Tern Thistle
    Thunder Tidal Timber Topaz Tundra Umber Valley Velvet Violet Walnut Wave Willow Wolf Wren Zenith Zephyr
    """
)
TRADES = words(
    """
    Analytics Automotive Bakery Bikes Biotech Books Brewing Capital Ceramics Chemicals Cloud Coffee Consulting
    Dental Design Diagnostics Education Electronics Energy Engineering Farms Fashion Films Foods Freight Furniture
    Games Gardens Health Hospitality Imaging Instruments Insurance Interiors Labs Legal Lighting Logistics Machines
    Marine Media Medical Metals Mobility Networks Optics Packaging Paper Pharma Plastics Power Printing Properties
    Robotics Security Semiconductors Shipping Software Sports Staffing Studios Systems Textiles Tools Tours Toys
    Travel Ventures Water Wines Works
    """
)
SUFFIXES = {
    "US": ["Inc.", "LLC", "Corp."],
    "GB": ["Ltd", "Limited", "PLC"],
    "DE": ["GmbH", "AG", "GmbH & Co. KG"],
    "FR": ["SAS", "SARL", "S.A."],
    "NL": ["B.V.", "N.V."],
    "ES": ["S.L.", "S.A."],
    "SE": ["AB"],
    "JP": ["K.K.", "G.K."],
}
COUNTRIES = {"US": 45, "GB": 13, "DE": 14, "FR": 7, "NL": 5, "ES": 4, "SE": 3, "JP": 9}
CITIES = {
    "US": [("Austin", "TX", "78701"), ("Denver", "CO", "80202"), ("Boston", "MA", "02108"), ("Seattle", "WA", "98101")],
    "GB": [("Leeds", "", "LS1 4AP"), ("Bristol", "", "BS1 5TR"), ("London", "", "EC1A 1BB")],
    "DE": [("Köln", "", "50667"), ("Hamburg", "", "20095"), ("München", "", "80331")],
    "FR": [("Lyon", "", "69002"), ("Paris", "", "75002"), ("Nantes", "", "44000")],
    "NL": [("Utrecht", "", "3511 AD"), ("Rotterdam", "", "3011 AA")],
    "ES": [("Madrid", "", "28013"), ("Sevilla", "", "41001")],
    "SE": [("Malmö", "", "211 22"), ("Göteborg", "", "411 03")],
    "JP": [("Osaka", "", "530-0001"), ("Tokyo", "", "100-0005")],
}
STREETS = (
    "High Street",
    "Market Street",
    "Station Road",
    "Mill Lane",
    "Harbour Road",
    "Church Street",
    "Park Avenue",
    "Main Street",
)
DIALS = {"US": ("+1512555", 4), "GB": ("+44207946", 4), "DE": ("+4922155", 5), "FR": ("+33144", 6), "NL": ("+312055", 5)}
DIALS |= {"ES": ("+349155", 5), "SE": ("+46840", 6), "JP": ("+813535", 5)}
FREE_MAIL = ("gmail.com", "outlook.com", "yahoo.com", "gmx.de", "icloud.com", "proton.me")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works at a company."""

    first: str
    last: str

    @property
    def local(self) -> str:
        """The part of an e-mail address before the @."""
        return f"{ascii_name(self.first)}.{ascii_name(self.last)}"


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; `country` is ISO 3166 alpha-2."""

    street: str
    city: str
    state: str
    postal_code: str
    country: str


@dataclass(frozen=True, slots=True)
class Firm:
    """A real company: `name` without legal suffix; `domain` its website's."""

    number: int
    name: str
    suffix: str
    domain: str
    country: str
    address: Address
    phone: str
    people: tuple[Person, ...]

    @property
    def legal_name(self) -> str:
        """Name with legal suffix."""
        return f"{self.name} {self.suffix}"


def ascii_name(text: str) -> str:
    """Lower-case letters of a name, accents removed."""
    plain = unicodedata.normalize("NFKD", text.replace("ø", "o"))
    return "".join(letter for letter in plain.lower() if letter.isascii() and letter.isalpha())


def make_firm(number: int, rng: Random) -> Firm:
    """The `number`-th company. Names are unique: stem and trade by number, and a second stem once those are used up."""
    stem, trade = _name_parts(number)
    country = rng.choices(list(COUNTRIES), list(COUNTRIES.values()))[0]
    name = f"{stem} {trade}"
    return Firm(
        number=number,
        name=name,
        suffix=rng.choice(SUFFIXES[country]),
        domain=f"{ascii_name(stem)}-{ascii_name(trade)}.example",
        country=country,
        address=make_address(country, rng),
        phone=make_phone(country, rng),
        people=tuple(make_person(rng) for _ in range(rng.randint(1, 4))),
    )


def make_person(rng: Random) -> Person:
    """A person."""
    return Person(rng.choice(FIRST), rng.choice(LAST))


def make_address(country: str, rng: Random) -> Address:
    """An address in a country."""
    city, state, postal_code = rng.choice(CITIES[country])
    return Address(f"{rng.randint(1, 240)} {rng.choice(STREETS)}", city, state, postal_code, country)


def make_phone(country: str, rng: Random) -> str:
    """A telephone number in E.164."""
    prefix, digits = DIALS[country]
    return prefix + "".join(rng.choices("0123456789", k=digits))


def _name_parts(number: int) -> tuple[str, str]:
    pairs = len(STEMS) * len(TRADES)
    round_, scattered = number // pairs, number % pairs * 3571 % pairs
    stem, trade = STEMS[scattered % len(STEMS)], TRADES[scattered // len(STEMS)]
    return (stem if not round_ else f"{stem} {STEMS[(scattered + 37 * round_) % len(STEMS)]}"), trade

"""The rules for persons and for organisations, as data: what is compared, how well it may agree, and what makes a candidate.

A field, a level or a blocking rule is one entry here. A level's two shares are what is assumed before anything was learnt
(`learn.py` starts from them): `m` of the pairs that are one, `u` of those that are not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from c360.identity import comparisons as c
from c360.identity.columns import Columns, Floats, Pairs
from c360.identity.organisations import Rarity, agreement


@dataclass(frozen=True)
class Level:
    """One level of agreement.

    Attributes:
        name: What reports call it.
        m: Its assumed share among pairs that are one, `u` among those that are not.
        u: See `m`.
        most: Most that may be learnt as `m`; without a limit another likeness might be learnt, such as being in one street.
    """

    name: str
    m: float
    u: float
    most: float = 1.0


@dataclass(frozen=True)
class Comparison:
    """One field of a pair.

    Attributes:
        name: What tables call it: `<name>_weight`.
        needs: Columns of which it needs one.
        levels: Best first; the last one is disagreement.
        compare: Makes, for all records' columns, the function that gives pairs their levels.
        rarity: Level -> column whose value both records share there: the rarer it is the more it says.
        is_identifying: Whether it may tell one record from most others; a country may not.
    """

    name: str
    needs: tuple[str, ...]
    levels: tuple[Level, ...]
    compare: Callable[[Columns], c.Compare]
    rarity: Mapping[str, str] = field(default_factory=dict)
    is_identifying: bool = True


@dataclass(frozen=True)
class Block:
    """Records that share these columns' values are compared.

    Attributes:
        name: What tables call it.
        on: Columns that must all be equal; `last_name[:3]` is its first three characters.
        each: Columns of which any may equal any.
        most: Most records that may share a value; a more frequent one is narrowed, or proposes nothing.
        narrow: Columns that narrow frequent values, each by itself.
    """

    name: str
    on: tuple[str, ...] = ()
    each: tuple[str, ...] = ()
    most: int = 50
    narrow: tuple[str, ...] = ()


@dataclass(frozen=True)
class Relation:
    """Two records that are not one, yet have more in common than chance: a household, sister companies.

    Attributes:
        name: What reports call it.
        shared: Comparisons in which such records agree as often as one record with itself; in all others as chance has it.
    """

    name: str
    shared: tuple[str, ...]


@dataclass(frozen=True)
class Entity:
    """What there is to know of one kind of record.

    Attributes:
        name: `person` or `organisation`.
        comparisons: All there are; those whose columns are missing are left out.
        blocks: All there are, likewise.
        relations: Ways of being related without being one.
        trust: How much a link's weight makes up for records of its groups that differ (`cluster.grown`).
    """

    name: str
    comparisons: tuple[Comparison, ...]
    blocks: tuple[Block, ...]
    relations: tuple[Relation, ...]
    trust: float = 0.0


def _levels(*levels: tuple[str, float, float] | tuple[str, float, float, float]) -> tuple[Level, ...]:
    return tuple(Level(*level) for level in levels)


def _same(compare: c.Compare) -> Callable[[Columns], c.Compare]:
    return lambda _: compare


def _organisation_name(columns: Columns) -> c.Compare:
    measure = agreement(Rarity.of(columns["name"]))
    return partial(_by_words, measure)


def _by_words(measure: Callable[..., Floats], pairs: Pairs) -> c.Levels:
    similarity = pairs.measured("name", measure)
    conditions = [similarity == 1, similarity >= 0.9, similarity >= 0.75, similarity >= 0.6, similarity >= 0.4]
    return c.levels(pairs.has("name"), conditions)


_FIRST_NAME = Comparison(
    "first_name",
    ("first_name",),
    _levels(
        ("exact", 0.75, 0.01), ("near", 0.09, 0.004), ("swapped", 0.03, 0.0002), ("similar", 0.03, 0.01), ("part", 0.05, 0.01),
        ("different", 0.05, 0.97, 0.3),
    ),
    _same(c.part_of_name("first_name")),
    {"exact": "first_name"},
)  # fmt: skip
_LAST_NAME = Comparison(
    "last_name",
    ("last_name",),
    _levels(
        ("exact", 0.78, 0.003), ("near", 0.09, 0.002), ("swapped", 0.03, 0.0002), ("similar", 0.03, 0.005), ("part", 0.02, 0.001),
        ("different", 0.05, 0.99, 0.3),
    ),
    _same(c.part_of_name("last_name")),
    {"exact": "last_name"},
)  # fmt: skip
_BIRTH_DATE = Comparison(
    "birth_date",
    ("birth_date",),
    _levels(
        ("exact", 0.85, 0.0001), ("near", 0.06, 0.001), ("parts", 0.04, 0.006), ("year", 0.02, 0.015), ("different", 0.03, 0.98)
    ),
    _same(c.date("birth_date")),
    {"exact": "birth_date"},
)
_TAX_ID = Comparison(
    "tax_id",
    ("tax_id",),
    _levels(("exact", 0.88, 1e-6), ("near", 0.07, 1e-5), ("close", 0.02, 2e-4), ("different", 0.03, 0.9998)),
    _same(c.number("tax_id")),
    {"exact": "tax_id"},
)
_EMAIL = Comparison(
    "email",
    ("email",),
    _levels(
        ("exact", 0.7, 1e-5), ("near", 0.08, 2e-5), ("mailbox", 0.06, 1e-4), ("domain", 0.08, 0.002), ("different", 0.08, 0.998)
    ),
    _same(c.email),
    {"exact": "email", "mailbox": "mailbox", "domain": "mail_domain"},
)
_PHONE = Comparison(
    "phone",
    ("phone",),
    _levels(("exact", 0.7, 1e-5), ("near", 0.08, 2e-5), ("close", 0.02, 5e-4), ("different", 0.2, 0.9995)),
    _same(c.number("phone")),
    {"exact": "phone"},
)
_STREET = Comparison(
    "street",
    ("street",),
    _levels(
        ("exact", 0.5, 1e-5), ("near", 0.15, 2e-5), ("swapped", 0.02, 1e-5), ("street", 0.08, 1e-3),
        ("other_number", 0.05, 0.002, 0.2), ("number", 0.03, 0.003), ("different", 0.17, 0.994),
    ),
    _same(c.street),
    {"exact": "address", "street": "street", "other_number": "street"},
)  # fmt: skip
_SECOND_LINE = Comparison(
    "street_2",
    ("street_2",),
    _levels(
        ("exact", 0.6, 0.003), ("near", 0.1, 0.001), ("swapped", 0.05, 1e-5), ("similar", 0.05, 0.005), ("different", 0.2, 0.99)
    ),
    _same(c.second_line),
    {"exact": "street_2"},
)
_PLACE = Comparison(
    "place",
    ("postcode", "city", "region"),
    _levels(
        ("exact", 0.6, 0.001), ("postcode", 0.06, 0.001), ("near", 0.08, 0.003), ("city", 0.08, 0.01), ("region", 0.08, 0.2),
        ("different", 0.1, 0.79),
    ),
    _same(c.place),
    {"exact": "postcode", "postcode": "postcode", "city": "city"},
    is_identifying=False,
)  # fmt: skip
_COUNTRY = Comparison(
    "country",
    ("country",),
    _levels(("exact", 0.96, 0.3), ("different", 0.04, 0.7)),
    _same(c.exact("country")),
    {"exact": "country"},
    is_identifying=False,
)
_LEGAL_FORM = Comparison(
    "legal_form",
    ("legal_form",),
    _levels(("exact", 0.9, 0.15), ("different", 0.1, 0.85)),
    _same(c.exact("legal_form")),
    {"exact": "legal_form"},
    is_identifying=False,
)
_DOMAIN = Comparison(
    "domain",
    ("domain",),
    _levels(("exact", 0.75, 1e-4), ("near", 0.05, 2e-4), ("close", 0.01, 1e-3), ("different", 0.19, 0.999)),
    _same(c.number("domain")),
    {"exact": "domain"},
)
_NAME = Comparison(
    "name",
    ("name",),
    _levels(
        ("exact", 0.6, 1e-4), ("near", 0.15, 1e-4), ("similar", 0.1, 0.0005), ("part", 0.06, 0.002), ("weak", 0.04, 0.02, 0.15),
        ("different", 0.05, 0.977, 0.2),
    ),
    _organisation_name,
    {"exact": "name"},
)  # fmt: skip


def text_comparison(name: str) -> Comparison:
    """A column of text nobody told the meaning of."""
    levels = _levels(
        ("exact", 0.6, 0.01), ("near", 0.1, 0.005), ("similar", 0.08, 0.02), ("weak", 0.07, 0.1), ("different", 0.15, 0.865)
    )
    return Comparison(name, (name,), levels, _same(c.text(name)), {"exact": name}, is_identifying=False)


def exact_comparison(name: str) -> Comparison:
    """A column that is equal or not."""
    return Comparison(
        name,
        (name,),
        _levels(("exact", 0.85, 0.1), ("different", 0.15, 0.9)),
        _same(c.exact(name)),
        {"exact": name},
        is_identifying=False,
    )


PERSON = Entity(
    "person",
    (_FIRST_NAME, _LAST_NAME, _BIRTH_DATE, _TAX_ID, _EMAIL, _PHONE, _STREET, _SECOND_LINE, _PLACE, _COUNTRY),
    (
        Block("tax_id", ("tax_id",)),
        Block("email", ("email",)),
        Block("phone", ("phone",)),
        Block("mailbox", ("mailbox",), narrow=("last_name[:2]",)),
        Block("names", ("names",), narrow=("birth_date[:4]", "postcode", "city")),
        Block("birth_date", ("birth_date",), narrow=("first_name[:2]", "last_name[:2]", "postcode")),
        Block("address", ("address",), narrow=("first_name[:2]", "last_name[:2]")),
        Block(
            "sound",
            each=("first_name_sound", "last_name_sound"),
            narrow=("birth_date[:6]", "postcode", "street", "birth_date[:4]", "names_sound"),
        ),
        Block("postcode", ("postcode",), narrow=("house_number", "first_name[:2]", "last_name[:2]", "birth_date[:4]")),
        Block("city", ("city",), narrow=("house_number", "first_name[:2]", "last_name[:2]", "birth_date[:4]")),
        Block(
            "street", each=("street", "street_2"), narrow=("house_number", "first_name[:2]", "last_name[:2]", "birth_date[:4]")
        ),
        Block("birth_day", ("birth_date[4:]",), narrow=("first_name[:2]", "last_name[:2]")),
    ),
    (Relation("household", ("last_name", "street", "street_2", "place", "phone", "country")),),
    trust=0.4,
)
ORGANISATION = Entity(
    "organisation",
    (_NAME, _LEGAL_FORM, _TAX_ID, _DOMAIN, _EMAIL, _PHONE, _STREET, _SECOND_LINE, _PLACE, _COUNTRY),
    (
        Block("tax_id", ("tax_id",)),
        Block("email", ("email",)),
        Block("domain", ("domain",), narrow=("name[:3]",)),
        Block("mail_domain", ("mail_domain",), narrow=("name[:3]",)),
        Block("phone", ("phone",)),
        Block("name", ("joined_name",), narrow=("postcode", "city")),
        Block("word", each=("word_1", "word_2", "word_3"), narrow=("postcode", "city", "name[:4]")),
        Block("address", ("address",), narrow=("name[:2]",)),
        Block("place", ("name[:4]", "postcode")),
        Block("city", ("name[:4]", "city")),
        Block("street", each=("street", "street_2"), narrow=("house_number", "name[:2]")),
    ),
    (
        Relation("sisters", ("name", "domain", "email")),
        Relation("neighbours", ("street", "street_2", "place", "country")),
    ),
)
ENTITIES = {entity.name: entity for entity in (PERSON, ORGANISATION)}

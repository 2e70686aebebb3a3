"""How the same company is written differently: e-mail variants and typos, name variants."""

from random import Random

from c360.demo.people import FREE_MAIL, SUFFIXES, Firm, Person

ROLES = ("billing", "accounts", "finance", "invoices", "info", "office")
OTHER_ENDINGS = ("Group", "Holding", "International", "Europe")


def same_mailbox(email: str, rng: Random) -> str:
    """Another spelling of one mailbox: case, spaces, plus-tag, googlemail.com."""
    local, _, domain = email.partition("@")
    spellings = [email, email, email.upper(), f" {email} ", f"{local}+stripe@{domain}", f"{local.title()}@{domain}"]
    if domain == "gmail.com":
        spellings.append(f"{local}@googlemail.com")
    return rng.choice(spellings)


def with_typo(text: str, rng: Random) -> str:
    """One letter dropped, doubled, swapped with its neighbour or replaced."""
    position = rng.randrange(1, max(2, len(text) - 2))
    before, letter, after = text[:position], text[position : position + 1], text[position + 1 :]
    match rng.randrange(4):
        case 0:
            return before + after
        case 1:
            return before + letter + letter + after
        case 2:
            return before + after[:1] + letter + after[1:]
        case _:
            return before + rng.choice("aeiourst") + after


def email_with_typo(email: str, rng: Random) -> str:
    """A mailbox with a typo on either side of the @; the ending stays `.example`."""
    local, _, domain = email.partition("@")
    if rng.random() < 0.6:
        return f"{with_typo(local, rng)}@{domain}"
    name, dot, ending = domain.rpartition(".")
    return f"{local}@{with_typo(name, rng)}{dot}{ending}"


def name_variant(firm: Firm, rng: Random) -> str:
    """The company's name as somebody else types it; still similar."""
    name = firm.name
    return rng.choice(
        [
            name,
            firm.legal_name,
            firm.legal_name.upper(),
            f"{name} {rng.choice(SUFFIXES[firm.country])}",
            f"{name}, {firm.suffix}",
            name.lower(),
            f"The {name}",
            name.replace(" ", "  ") + " ",
            with_typo(name, rng),
        ]
    )


def far_name_variant(firm: Firm, person: Person, rng: Random) -> str:
    """A name that shares little with the company's: a person's, an abbreviation, a group's."""
    letters = "".join(word[0] for word in firm.name.split())
    first = firm.name.split()[0]
    return rng.choice([f"{person.first} {person.last}", f"{letters} {firm.suffix}", f"{first} {rng.choice(OTHER_ENDINGS)}"])


def work_mail(person: Person, firm: Firm) -> str:
    """`first.last@` the company's domain."""
    return f"{person.local}@{firm.domain}"


def role_mail(firm: Firm, rng: Random) -> str:
    """A mailbox of a department."""
    return f"{rng.choice(ROLES)}@{firm.domain}"


def alias_mail(person: Person, firm: Firm) -> str:
    """A mailbox on a second domain of the same company."""
    return f"{person.local}@{firm.domain.removesuffix('.example')}-hq.example"


def free_mail(person: Person, number: int, rng: Random) -> str:
    """A private mailbox; the number keeps it one person's."""
    return f"{person.local}{number}@{rng.choice(FREE_MAIL)}"

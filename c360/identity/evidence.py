"""What two records of the lake may agree in, and how well: fields and levels as data; and the default model.

The default model is what is assumed here, so nobody must train first; `patterns.py` learns one from a lake, held near it.
Candidates share a key, so a level's shares are among candidates: `m` of those that are one, `u` of those that are not. What
candidates have in common by being candidates, a domain above all, so weighs little by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from c360.errors import SettingsError
from c360.identity.entities import Level
from c360.identity.model import LAKE, Model, Shares
from c360.identity.rules import RULES_ID

ASSUMED_PRIOR = 0.25
"""Share of candidates that are assumed to be one, before anything was learnt."""
EVIDENCE: dict[str, tuple[Level, ...]] = {
    "merge": (Level("same", 0.02, 1e-6), Level("none", 0.98, 0.999999)),
    "id": (Level("same", 0.999, 2e-5), Level("conflict", 0.001, 0.99998)),
    "email": (
        Level("exact", 0.35, 0.0015),
        Level("exact_free", 0.05, 0.0005),
        Level("exact_shared", 0.08, 0.005),
        Level("near", 0.02, 0.0015),
        Level("none", 0.5, 0.9915),
    ),
    "domain": (Level("same", 0.7, 0.08), Level("none", 0.3, 0.92)),
    "name": (
        Level("exact", 0.6, 0.008),
        Level("close", 0.2, 0.005),
        Level("similar", 0.1, 0.006),
        Level("weak", 0.06, 0.1),
        Level("different", 0.04, 0.881),
    ),
    "phone": (Level("same", 0.2, 0.02), Level("none", 0.8, 0.98)),
    "address": (Level("same", 0.2, 0.03), Level("none", 0.8, 0.97)),
}
"""Field -> levels, best first, with what is assumed of each before anything was learnt."""
TOLD = {"merge": {"same": True}, "id": {"same": True, "conflict": False}}
"""Field -> level -> whether a pair is one: what the sources themselves say teaches what the other fields are worth."""
FIELDS = tuple(EVIDENCE)
"""Fields that contribute to a pair's weight: columns `<field>_level` and `<field>_weight`."""

_DIGITS = 6
"""Decimals of a weight, so that no platform's logarithm decides."""


@dataclass(frozen=True)
class Weights:
    """A model as a scorer needs it; small, and goes to every worker.

    Attributes:
        prior: Bits of a candidate of which nothing is known.
        bits: Field -> level -> bits.
    """

    prior: float
    bits: Mapping[str, Mapping[str, float]]

    @classmethod
    def of(cls, model: Model) -> "Weights":
        """The weights of a model of the lake."""
        made = {
            field: {
                level.name: round(float(bits), _DIGITS) for level, bits in zip(levels, model.shares[field].bits(), strict=True)
            }
            for field, levels in EVIDENCE.items()
        }
        return cls(round(model.prior_bits, _DIGITS), made)


def assumed() -> Model:
    """The default model: what is assumed before anything was learnt."""
    shares = {name: Shares(tuple(v.m for v in levels), tuple(v.u for v in levels)) for name, levels in EVIDENCE.items()}
    return Model(LAKE, ASSUMED_PRIOR, shares)


def load(path: Path | None = None) -> Model:
    """The model of a file, or the default one.

    Raises:
        SettingsError: There is no such file, or it holds no model of these fields and levels.
    """
    if path is None:
        return assumed()
    if not path.is_file():
        raise SettingsError(f"There is no model {path}.", hint="`c360 identity train` writes one; C360_IDENTITY_MODEL names it.")
    model = Model.from_json(path.read_text(encoding="utf-8", errors="replace"))
    wanted = {name: [len(levels)] * 2 for name, levels in EVIDENCE.items()}
    if model.entity != LAKE or {name: [len(shares.m), len(shares.u)] for name, shares in model.shares.items()} != wanted:
        raise SettingsError("The model is not one of the lake's fields.", hint="`c360 identity train` without files writes one.")
    return model


def matching_id(model: Model) -> str:
    """Names all that decides who is who: the model, and the rules and reference data."""
    return f"{model.id}.{RULES_ID}"

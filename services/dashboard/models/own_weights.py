"""The reader's own weights: a question asked with other values, which stay in the address; nothing
here is saved or published."""

from collections.abc import Mapping
from typing import Final

import msgspec

from domain.weights import Weights
from services.dashboard.words import VOICES, instrument_words

WEIGHT_MAX: Final = 20.0
INSTRUMENTS: Final = (
    "objection",
    "forum_statement",
    "joint_statement",
    "condemnation",
    "statement",
)
ACTORS: Final = ("state", "io", "ngo", "individual")
NAMES: Final = (*(f"w_{name}" for name in INSTRUMENTS), *(f"a_{name}" for name in ACTORS))
"""The names that own weights have in an address."""


class OwnWeight(msgspec.Struct, frozen=True, kw_only=True):
    """One field: its name in the address, its label, the published value and the reader's."""

    name: str
    label: str
    official: str
    value: str


def read_own(query: Mapping[str, str], official: Weights) -> Weights:
    """The weights of an address: the published ones but for those it names with a number from 0
    to `WEIGHT_MAX`; what is no such number is left as published."""
    given = {name: value for name in NAMES if (value := _value(query.get(name))) is not None}
    if not given:
        return official
    return msgspec.structs.replace(
        official,
        pressure=tuple(
            msgspec.structs.replace(row, weight=given.get(f"w_{row.name}", row.weight))
            for row in official.pressure
        ),
        actors={kind: given.get(f"a_{kind}", weight) for kind, weight in official.actors.items()},
    )


def own_fields(weights: Weights, official: Weights) -> tuple[OwnWeight, ...]:
    """The fields of the form."""
    now = {row.name: row.weight for row in weights.pressure}
    published = {row.name: row.weight for row in official.pressure}
    return (
        *(
            OwnWeight(
                name=f"w_{name}",
                label=instrument_words(name),
                official=f"{published[name]:g}",
                value=f"{now[name]:g}",
            )
            for name in INSTRUMENTS
        ),
        *(
            OwnWeight(
                name=f"a_{kind}",
                label=VOICES[kind],
                official=f"{official.actors[kind]:g}",
                value=f"{weights.actors[kind]:g}",
            )
            for kind in ACTORS
        ),
    )


def _value(text: str | None) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= WEIGHT_MAX else None

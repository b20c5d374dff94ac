"""What one claim does to the numbers of a government; a pure question over numbers that were
reckoned."""

from collections.abc import Mapping

import msgspec

from domain.numbers import Measure


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What a claim does to one number: the `points` it adds, as the legal floor where `is_floor`;
    None where it is left out, for a `reason`."""

    points: float | None
    reason: str = ""
    is_floor: bool = False


def effects(claim: str, numbers: Mapping[str, Measure]) -> dict[str, Effect]:
    """What a claim does to each of some numbers of a government, by measure; those that it has
    nothing to do with are not among them."""
    found = {name: effect(claim, number) for name, number in numbers.items()}
    return {name: one for name, one in found.items() if one is not None}


def effect(claim: str, number: Measure) -> Effect | None:
    """What a claim does to one number; None where it has nothing to do with it."""
    if number.floor_claim == claim and number.floor:
        return Effect(points=number.floor, is_floor=True)
    for term in number.terms:
        if term.claim == claim and term.c > 0:
            return Effect(points=term.points)
    for out in number.excluded:
        if out.claim == claim:
            return Effect(points=None, reason=out.reason)
    return None

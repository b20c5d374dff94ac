"""Sums that are exact while their terms pass by: what `math.fsum` gives of all of them at once, in
whatever order they come, none of them being kept."""

from typing import Final

UNIT_BITS: Final = 1074
"""Every finite float is a whole number of the least one there is, 2 to the power of -1074."""
_UNITS: Final = 1 << UNIT_BITS


def units(value: float) -> int:
    """A float as so many of the least one there is."""
    over, under = value.as_integer_ratio()
    return over << (UNIT_BITS + 1 - under.bit_length())


def total(some: int) -> float:
    """So many units as a float, rounded once."""
    return some / _UNITS

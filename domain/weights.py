"""The published weights of the numbers, read from their tables; a table is data, this module
only types it."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from domain.errors import SetupRefused


class Row(msgspec.Struct, frozen=True):
    """One row: its name, weight and half-life in days."""

    name: str
    weight: float
    half_life_days: float


MEASURES: Final = ("erosion", "pressure", "backing")
"""The three numbers, as methods name them."""


class Weights(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One named set of weights.

    `pressure`: instruments in the order in which they are tried. `backing`: the row of all backing.
    `floors`: kind -> floor of erosion. `conduct`: kind -> row. `actors`: kind of actor -> weight.
    `grades`: reliability letter -> probability. `set_label`: `name/version` of a workspace's own
    set, empty for the published one.
    """

    pressure: tuple[Row, ...]
    backing: Row
    floors: dict[str, float]
    conduct: dict[str, Row]
    actors: dict[str, float]
    grades: dict[str, float]
    set_label: str = ""

    def method(self, measure: str) -> str:
        """How a number is reckoned: `pressure/1`, or `pressure/1+own/2` with a set of that
        label."""
        return f"{measure}/1+{self.set_label}" if self.set_label else f"{measure}/1"

    def strengths(self) -> dict[str, tuple[float, int]]:
        """How strong each instrument of pressure is, by name: its weight, and of equal weights the
        one that is tried first is the stronger, whatever was recorded when."""
        return {row.name: (row.weight, -place) for place, row in enumerate(self.pressure)}

    @property
    def methods(self) -> tuple[str, ...]:
        """How the three numbers are reckoned."""
        return tuple(self.method(measure) for measure in MEASURES)


Table = Iterable[Mapping[str, str]]

TABLES: Final = ("pressure_1", "erosion_1", "backing_1", "actor_weights", "grades")
"""The tables a set of weights is read from, named as their files."""


def read_weights(tables: Mapping[str, Table]) -> Weights:
    """The weights in the rows of `TABLES`; SetupRefused names the table that does not fit."""
    try:
        return _read(tables)
    except (KeyError, ValueError, StopIteration) as error:
        raise SetupRefused(
            what=f"the tables of weights do not fit ({type(error).__name__}: {error})",
            how="compare them with the ones in data/weights",
        ) from error


def _read(tables: Mapping[str, Table]) -> Weights:
    erosion = list(tables["erosion_1"])
    return Weights(
        pressure=tuple(_row(row, "instrument") for row in tables["pressure_1"]),
        backing=next(_row(row, "instrument") for row in tables["backing_1"]),
        floors={row["kind"]: float(row["floor"]) for row in erosion if row["floor"]},
        conduct={row["kind"]: _row(row, "kind") for row in erosion if row["weight"]},
        actors={row["actor"]: float(row["weight"]) for row in tables["actor_weights"]},
        grades={row["reliability"]: float(row["probability"]) for row in tables["grades"]},
    )


def _row(row: Mapping[str, str], name: str) -> Row:
    return Row(row[name], float(row["weight"]), float(row["half_life_days"]))

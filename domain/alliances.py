"""Who stands in which alliance or group of governments on a day, read from a table; it says nothing
of what membership obliges to."""

from collections.abc import Iterable, Mapping
from datetime import date

import msgspec

from domain.errors import SetupRefused
from domain.governments import GOVERNMENTS


class Membership(msgspec.Struct, frozen=True):
    """That a government stood in an alliance from a day on, and up to another where it left."""

    alliance: str
    government: str
    joined: date
    left: date | None = None

    def holds(self, on: date) -> bool:
        """Whether it is a member on a day; on the day of leaving it no longer is."""
        return self.joined <= on and (self.left is None or on < self.left)


class Alliances(msgspec.Struct, frozen=True):
    """Every membership on record."""

    memberships: tuple[Membership, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the alliances, sorted."""
        return tuple(sorted({one.alliance for one in self.memberships}))

    def members(self, alliance: str, on: date) -> tuple[str, ...]:
        """Who stands in an alliance on a day, by code."""
        found = (m for m in self.memberships if m.alliance == alliance and m.holds(on))
        return tuple(sorted({one.government for one in found}))

    def of(self, government: str, on: date) -> tuple[str, ...]:
        """The alliances a government stands in on a day."""
        found = (m for m in self.memberships if m.government == government and m.holds(on))
        return tuple(sorted({one.alliance for one in found}))

    def allies(self, government: str, on: date) -> tuple[str, ...]:
        """Who stands in any alliance with a government on a day, itself left out."""
        mine = set(self.of(government, on))
        found = (m for m in self.memberships if m.alliance in mine and m.holds(on))
        return tuple(sorted({one.government for one in found} - {government}))


def read_alliances(rows: Iterable[Mapping[str, str]]) -> Alliances:
    """The memberships in the rows of the table; SetupRefused names the row that does not fit."""
    found: list[Membership] = []
    for number, row in enumerate(rows, 1):
        try:
            code, left = row["government"], row["left"]
            if code not in GOVERNMENTS:
                raise ValueError(f"{code!r} is not a government")
            found.append(
                Membership(
                    alliance=row["alliance"],
                    government=code,
                    joined=date.fromisoformat(row["joined"]),
                    left=date.fromisoformat(left) if left else None,
                )
            )
        except (KeyError, ValueError) as error:
            raise SetupRefused(
                what=f"row {number} of the table of alliances does not fit ({error})",
                how="compare it with data/alliances.csv",
            ) from error
    return Alliances(tuple(found))

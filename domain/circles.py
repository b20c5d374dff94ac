"""Of whom one may ask together: the alliances a government stands in, and the sub-region of the
United Nations it lies in; neither obliges anybody to speak."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from domain.alliances import Alliances
from domain.errors import SetupRefused
from domain.governments import GOVERNMENTS


class Regions(msgspec.Struct, frozen=True):
    """The sub-region of every government, by code; a region's name is in small letters with
    hyphens, such as `northern-europe`."""

    by_government: dict[str, str] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the regions, sorted."""
        return tuple(sorted(set(self.by_government.values())))

    def governments(self, region: str) -> tuple[str, ...]:
        """Who lies in a region, by code."""
        return tuple(sorted(c for c, name in self.by_government.items() if name == region))

    def beside(self, government: str) -> tuple[str, ...]:
        """Who lies in the region of a government, itself left out."""
        region = self.by_government.get(government)
        found = () if region is None else self.governments(region)
        return tuple(code for code in found if code != government)


class Circles(msgspec.Struct, frozen=True):
    """Alliances, whose members change with the day, and regions, which do not."""

    alliances: Alliances = Alliances()
    regions: Regions = Regions()


NO_CIRCLES: Final = Circles()


def read_regions(rows: Iterable[Mapping[str, str]]) -> Regions:
    """The regions in the rows of the table; SetupRefused names the row that does not fit, or the
    governments that have none."""
    found: dict[str, str] = {}
    for number, row in enumerate(rows, 1):
        code, region = row.get("government", ""), row.get("region", "")
        if code not in GOVERNMENTS or code in found or not region:
            raise SetupRefused(
                what=f"row {number} of the table of regions does not fit ({code!r}, {region!r})",
                how="compare it with data/regions.csv",
            )
        found[code] = region
    if missing := sorted(GOVERNMENTS.keys() - found.keys()):
        raise SetupRefused(
            what=f"the table of regions lacks {', '.join(missing)}",
            how="compare it with data/regions.csv",
        )
    return Regions(found)

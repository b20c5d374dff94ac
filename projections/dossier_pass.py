"""The dossier of one government told while the claims that concern it pass by: those that it shows
are kept; never a law of its own: `projections.dossier` is the oracle."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from domain.facts import COUNTED
from domain.governments import GOVERNMENTS
from domain.numbers import points_of
from domain.standing import STAGES
from domain.treaties import TREATIES
from domain.weights import MEASURES, Weights
from projections.dossier import ENTRIES_MAX, SHOWN, STEPS_MAX, Dossier, Step, entry, stages, when
from projections.histories import Version
from projections.law_pass import Entry
from projections.paging import First
from projections.rows_pass import Reckoned, Tally, row_told


class StepsPass:
    """One pass over counted claims up to a day, in any order: the last steps under each treaty."""

    def __init__(self) -> None:
        self._steps: dict[str, First[Version]] = {
            code: First(STEPS_MAX, when, reverse=True) for code in TREATIES
        }

    def take(self, version: Version) -> None:
        """Look at one claim."""
        claim = version.claim
        if claim.kind in STAGES and version.status in COUNTED and claim.treaty in self._steps:
            self._steps[claim.treaty].add((version,))

    def versions(self) -> list[Version]:
        """The claims that tell of the steps."""
        return [version for some in self._steps.values() for version in some.rows()]

    def stages(self) -> dict[str, tuple[Step, ...]]:
        """The steps, by treaty."""
        return {code: stages(some.rows(), code) for code, some in self._steps.items()}


class DossierPass:
    """One pass over the claims about a government up to a day, in any order."""

    def __init__(self, government: str, on: date) -> None:
        self.government, self.on = government, on
        self._timeline: First[Version] = First(ENTRIES_MAX, when, reverse=True)
        self._steps = StepsPass()

    def take(self, version: Version) -> None:
        """Look at one claim."""
        if version.claim.date.representative_day > self.on:
            return
        if version.status in SHOWN:
            self._timeline.add((version,))
        self._steps.take(version)

    def dossier(
        self, entries: Iterable[Entry], tally: Tally, known_at: str, weights: Weights
    ) -> Dossier:
        """The first page of the dossier, given what is said of the government's numbers and law and
        how many claims there are."""
        shown = self._timeline.rows()
        listed = {version.recorded_position: version.claim.id for version in shown}
        added: dict[str, dict[str, float]] = {measure: {} for measure in MEASURES}

        def look(measure: str, at: int, _told: bytes, c: float | None, nu: float) -> None:
            if c is not None and at in listed:
                added[measure][listed[at]] = c * nu

        reckoned = Reckoned(entries, self.on, weights, look=look, names_surprises=True)
        points: dict[str, dict[str, float]] = {}
        for measure, those in added.items():
            share, whole = reckoned.share(measure), reckoned.sum_of(measure)
            points[measure] = {claim: points_of(c, share, whole) for claim, c in those.items()}
        row = row_told(self.government, reckoned, tally)
        total = self._timeline.total
        same: dict[str, Any] = {
            name: getattr(row, name)
            for name in ("standings", "erosion", "pressure", "backing", "claims", "latest")
        }
        return Dossier(
            government=self.government,
            name=GOVERNMENTS[self.government],
            on=self.on,
            known_at=known_at,
            methods=weights.methods,
            dates=reckoned.standings,
            stages=self._steps.stages(),
            timeline=tuple(entry(version, points) for version in shown),
            timeline_total=total,
            next_after=ENTRIES_MAX if total > ENTRIES_MAX else None,
            **same,
        )

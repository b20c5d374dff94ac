"""The clocks that run under a treaty on a day: what takes effect or falls due next, and on what
basis."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final, Literal

import msgspec

from domain.claims import Claim
from domain.dates import add_months, partial_date
from domain.details import Clearance
from domain.duties import DUTY_KINDS, DutyClock, Told, duty_clocks
from domain.facts import COUNTED, Facts
from domain.standing import Standing
from domain.treaties import TREATIES, Treaty
from projections.histories import Version
from projections.parties import standings

State = Literal["expected", "computed", "disputed", "extended", "missed", "passed"]
What = Literal[
    "withdrawal", "entry_into_force", "no_exit", "yearly_report", "first_report", "stockpile",
    "clearance", "answer",
]  # fmt: skip

FIRST_REPORT: Final = "first_report"


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """One running clock.

    `on` is None with a `reason` where no date can be given; `counted_from` the day the clock
    started; `government` None where it runs for all parties; `about` where the month lacks the
    day, or the day it is counted from is not certain;
    `claim` what states, moved or started it, where that is one claim. `basis`: in words, how the
    date follows; `confirmed`: whether a claim states it, so that it is more than reckoned.
    """

    treaty: str
    government: str | None
    what: What
    on: date | None
    counted_from: date | None
    article: str
    state: State
    about: bool = False
    reason: str | None = None
    claim: str | None = None
    basis: str = ""
    confirmed: bool = False


class Deadlines(msgspec.Struct, frozen=True, kw_only=True):
    """The clocks of every treaty that run on the day `on`, as known at `known_at`, soonest
    first."""

    on: date
    known_at: str
    deadlines: tuple[Deadline, ...]


def running_clocks(
    facts: Iterable[Facts], told: Iterable[Version], *, on: date, known_at: str
) -> Deadlines:
    """Every clock that runs on the day `on`, over the claims believed at `known_at`.

    `told`: versions among which are those of the kinds that say something of duties.
    """
    held = list(facts)
    under = {code: standings(law, held, on) for code, law in TREATIES.items()}
    return clocks_under(under, told_of_duties(told), on=on, known_at=known_at)


def clocks_under(
    under: Mapping[str, Mapping[str, Standing]],
    duties: Mapping[str, Sequence[Told]],
    *,
    on: date,
    known_at: str,
) -> Deadlines:
    """The same, given the standings by treaty and government, and what claims say of `duties` by
    government."""
    found: list[Deadline] = []
    for law in TREATIES.values():
        standing = under[law.code]
        found += deadlines(law, standing, on)
        for code, one in standing.items():
            mine = duties.get(code, ())
            clocks = duty_clocks(law, code, one, mine, on)
            found += (_duty(law, code, c) for c in clocks if c.what != FIRST_REPORT)
    based = (_based(deadline) for deadline in sorted(found, key=_order))
    return Deadlines(on=on, known_at=known_at, deadlines=tuple(based))


def told_of_duties(versions: Iterable[Version]) -> dict[str, list[Told]]:
    """What counted claims say of duties, by government; other versions are passed over."""
    return _by_target(each_told(versions))


def each_told(versions: Iterable[Version]) -> Iterator[Told]:
    """What each of the counted claims among some versions says of duties."""
    return (told for one in versions if (told := _told(one)) is not None)


class Duties:
    """What is believed at the position `through` of what claims say of duties, kept at hand; what
    `told_of_duties` says of the versions believed there."""

    def __init__(self) -> None:
        self.through = 0
        self._told: dict[str, Told] = {}
        self._ordered: dict[str, tuple[list[date], list[Told]]] | None = None

    @property
    def claims(self) -> int:
        """How many claims it rests on."""
        return len(self._told)

    def take(self, versions: Iterable[Version], through: int) -> bool:
        """Bring it up to a position: `versions` are those believed there of the claims that were
        touched since."""
        for version in versions:
            told = _told(version)
            if told is None:
                gone = self._told.pop(version.claim.id, None)
                self._ordered = self._ordered if gone is None else None
            elif told != self._told.get(told.claim):
                self._told[told.claim] = told
                self._ordered = None
        self.through = through
        return True

    def told(self, on: date) -> dict[str, list[Told]]:
        """What had been said by a day, by government, in order of happening."""
        if self._ordered is None:
            ordered = sorted(self._told.values(), key=lambda told: (told.day, told.position))
            by_target = _by_target(ordered)
            self._ordered = {c: ([one.day for one in s], s) for c, s in by_target.items()}
        return {
            code: some[:count]
            for code, (days, some) in self._ordered.items()
            if (count := bisect_right(days, on))
        }


def _by_target(some: Iterable[Told]) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = {}
    for told in some:
        for code in told.targets:
            found.setdefault(code, []).append(told)
    return found


def _told(version: Version) -> Told | None:
    """What a version says of a duty; None where it says nothing that counts."""
    claim = version.claim
    if claim.kind not in DUTY_KINDS or version.status not in COUNTED:
        return None
    return Told(
        claim=claim.id,
        kind=claim.kind,
        treaty=claim.treaty,
        day=claim.date.representative_day,
        position=version.recorded_position,
        targets=claim.targets,
        due=_stated(claim),
        article=claim.details.article,
    )


def _stated(claim: Claim) -> dict[str, date]:
    """The day that a claim states for each government it concerns."""
    details = claim.details
    text = getattr(details, "answer_due", None) or getattr(details, "deadline", None)
    days = {} if text is None else dict.fromkeys(claim.targets, text)
    if isinstance(details, Clearance):
        days |= details.deadlines
    return {code: partial_date(text).last_day for code, text in days.items()}


def _duty(law: Treaty, code: str, clock: DutyClock) -> Deadline:
    return Deadline(
        treaty=law.code,
        government=code,
        what=clock.what,  # type: ignore[arg-type]  # the duties of the treaties are all listed
        on=clock.on,
        counted_from=clock.counted_from,
        article=clock.article,
        state=clock.state,
        reason=clock.reason,
        claim=clock.claim,
        confirmed=clock.stated,
    )


def deadlines(treaty: Treaty, standings: Mapping[str, Standing], on: date) -> tuple[Deadline, ...]:
    """The clocks of joining, leaving and reporting on the day `on`, soonest first, those without a
    date last; `running_clocks` tells of duties too."""
    found: list[Deadline] = []
    for code, standing in standings.items():
        found += _of(treaty, code, standing)
        found += (
            _duty(treaty, code, clock)
            for clock in duty_clocks(treaty, code, standing, (), on)
            if clock.what == FIRST_REPORT
        )
    if treaty.yearly_report is not None and any(s.in_force_on for s in standings.values()):
        month, day = treaty.yearly_report
        due = date(on.year, month, day)
        if due < on:
            due, _ = add_months(due, 12)
        found.append(
            Deadline(
                treaty=treaty.code,
                government=None,
                what="yearly_report",
                on=due,
                counted_from=None,
                article=treaty.yearly_article,
                state="computed",
            )
        )
    return tuple(sorted(found, key=_order))


_BASES: Final[dict[What, str]] = {
    "withdrawal": "six months after the depositary received the instrument",
    "entry_into_force": "the first day of the sixth month after the month of deposit",
    "no_exit": "no instrument of withdrawal is on record",
    "yearly_report": "every year on the same day",
    "first_report": "180 days after entry into force",
    "stockpile": "as long after entry into force as the treaty gives for destroying stocks",
    "clearance": "as long after entry into force as the treaty gives for clearing mined areas",
    "answer": "as long after the request as the treaty gives for an answer",
}


def _based(deadline: Deadline) -> Deadline:
    """The clock with its basis: how its date was reckoned, or which claim gives it."""
    if deadline.confirmed:
        how = f"stated by {deadline.claim}"
    elif deadline.on is None and deadline.claim is not None:
        how = f"no day stated by {deadline.claim}"
    else:
        since = deadline.counted_from
        counted = "" if since is None else f", counted from {since.isoformat()}"
        how = _BASES[deadline.what] + counted
    return msgspec.structs.replace(deadline, basis=f"{how} ({deadline.article})")


def _order(deadline: Deadline) -> tuple[date, str, str]:
    return deadline.on or date.max, deadline.government or "", deadline.what


def _of(treaty: Treaty, code: str, standing: Standing) -> list[Deadline]:
    found: list[Deadline] = []
    if standing.status == "leaving":
        found.append(
            Deadline(
                treaty=treaty.code,
                government=code,
                what="withdrawal",
                on=standing.expected_on,
                counted_from=standing.received_on,
                article=treaty.withdrawal_article,
                state="expected",
                about=standing.about,
                reason=standing.reason,
                claim=standing.stated_by,
                confirmed=standing.stated_by is not None,
            )
        )
    elif standing.claimed is not None and standing.status == "party":
        found.append(
            Deadline(
                treaty=treaty.code,
                government=code,
                what="no_exit",
                on=None,
                counted_from=None,
                article=treaty.withdrawal_article,
                state="disputed",
                reason="claims to have suspended the treaty; no instrument of withdrawal on record",
            )
        )
    elif standing.status == "acceding":
        found.append(
            Deadline(
                treaty=treaty.code,
                government=code,
                what="entry_into_force",
                on=standing.in_force_on,
                counted_from=standing.deposited_on,
                article=treaty.entry_article,
                state="expected",
                claim=standing.stated_by,
                confirmed=standing.stated_by is not None,
            )
        )
    return found

"""The clocks that run under a treaty on a day: what takes effect or falls due next, and on what
basis."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal

import msgspec

from domain.facts import Facts
from domain.standing import Standing
from domain.treaties import APMBC, TREATIES, Treaty
from projections.parties import first_report_due, standings

State = Literal["expected", "computed", "disputed"]
What = Literal["withdrawal", "entry_into_force", "first_report", "yearly_report", "no_exit"]

YEARLY_REPORT = (4, 30)
"""Month and day of the yearly transparency report (APMBC Art. 7(2))."""


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """One running clock.

    `on` is None with a `reason` where no date can be given; `counted_from` the day the clock
    started; `government` None where it runs for all parties; `about` where the month lacks the day.
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


class Deadlines(msgspec.Struct, frozen=True, kw_only=True):
    """The clocks of every treaty that run on the day `on`, as known at `known_at`, soonest
    first."""

    on: date
    known_at: str
    deadlines: tuple[Deadline, ...]


def running_clocks(facts: Iterable[Facts], *, on: date, known_at: str) -> Deadlines:
    """Every clock that runs on the day `on`, over the claims believed at `known_at`."""
    held = list(facts)
    found = [d for t in TREATIES.values() for d in deadlines(t, standings(t, held, on), on)]
    return Deadlines(on=on, known_at=known_at, deadlines=tuple(sorted(found, key=_order)))


def deadlines(treaty: Treaty, standings: Mapping[str, Standing], on: date) -> tuple[Deadline, ...]:
    """Every clock that runs on the day `on`, soonest first, those without a date last."""
    found: list[Deadline] = []
    for code, standing in standings.items():
        found += _of(treaty, code, standing, on)
    if treaty.code == APMBC.code and any(s.in_force_on for s in standings.values()):
        month, day = YEARLY_REPORT
        due = date(on.year, month, day)
        found.append(
            Deadline(
                treaty=treaty.code,
                government=None,
                what="yearly_report",
                on=due if due >= on else due.replace(year=on.year + 1),
                counted_from=None,
                article="Art. 7(2)",
                state="computed",
            )
        )
    return tuple(sorted(found, key=_order))


def _order(deadline: Deadline) -> tuple[date, str, str]:
    return deadline.on or date.max, deadline.government or "", deadline.what


def _of(treaty: Treaty, code: str, standing: Standing, on: date) -> list[Deadline]:
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
            )
        )
    due = first_report_due(standing)
    is_in = standing.in_force_on is not None and standing.in_force_on <= on
    if treaty.code == APMBC.code and due is not None and is_in and due >= on:
        found.append(
            Deadline(
                treaty=treaty.code,
                government=code,
                what="first_report",
                on=due,
                counted_from=standing.in_force_on,
                article="Art. 7(1)",
                state="computed",
            )
        )
    return found

"""The legal clock of the treaties: pure date arithmetic with its article; it never decides what
happened.

A treaty is one value of `Treaty`; a further treaty is one more value, not more code.
"""

from datetime import date
from typing import Final

import msgspec

from domain.dates import add_months, days_after
from domain.errors import TreatyNotFound


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """Something a party must have done by a day counted from its own entry into force.

    `done_by`: kinds of claims that tell it is done; `extended_by`: kinds that tell of another day.
    Kinds that serve several duties are told apart by the article a claim names.
    """

    what: str
    article: str
    years: int = 0
    days: int = 0
    only_if: str = ""
    """On whom alone it lies, in words; empty for every party."""
    extension_article: str | None = None
    """What allows more time; None where nothing does."""
    extension_years_max: int | None = None
    done_by: frozenset[str] = frozenset()
    extended_by: frozenset[str] = frozenset()


class Treaty(msgspec.Struct, frozen=True, kw_only=True):
    """One treaty and the rules of its clock; articles are cited beside each rule."""

    code: str
    name: str
    short_name: str
    depositary_key: str
    """Chapter and number in the UN Secretary-General's Multilateral Treaties series."""
    opened_on: date
    in_force_on: date
    """Entry into force of the treaty itself."""
    entry_months: int
    """Months after the month of deposit; binding from the first day of that month."""
    entry_article: str
    withdrawal_months: int
    """Months from receipt by the depositary to effect."""
    withdrawal_article: str
    conflict_clause: bool
    """Whether a state engaged in armed conflict stays bound until its end."""
    duties: tuple[Duty, ...] = ()
    yearly_report: tuple[int, int] | None = None
    """Month and day of the yearly report of every party."""
    yearly_article: str = ""
    answer_days: int | None = None
    """Days a party has to answer a request for clarification."""
    answer_article: str = ""


_FIRST_REPORT: Final = Duty(what="first_report", article="Art. 7(1)", days=180)
_STOCKPILE_DONE: Final = frozenset({"stockpile_destroyed"})
_CLEARANCE_DONE: Final = frozenset({"clearance_completed"})
_EXTENDED_BY_MEETING: Final = frozenset({"meeting_decision"})
_CLEARANCE_EXTENDED: Final = frozenset({"clearance_deadline_extended", "meeting_decision"})


APMBC: Final = Treaty(
    code="APMBC",
    name="Convention on the Prohibition of the Use, Stockpiling, Production and Transfer of "
    "Anti-Personnel Mines and on Their Destruction",
    short_name="Mine Ban Treaty",
    depositary_key="XXVI-5",
    opened_on=date(1997, 12, 3),
    in_force_on=date(1999, 3, 1),
    entry_months=6,
    entry_article="Art. 17(2)",
    withdrawal_months=6,
    withdrawal_article="Art. 20(3)",
    conflict_clause=True,
    duties=(
        Duty(
            what="stockpile",
            article="Art. 4",
            years=4,
            only_if="where it has stocks",
            done_by=_STOCKPILE_DONE,
        ),
        Duty(
            what="clearance",
            article="Art. 5(1)",
            years=10,
            only_if="where it has mined areas",
            extension_article="Art. 5(3)",
            extension_years_max=10,
            done_by=_CLEARANCE_DONE,
            extended_by=_CLEARANCE_EXTENDED,
        ),
        _FIRST_REPORT,
    ),
    yearly_report=(4, 30),
    yearly_article="Art. 7(2)",
    answer_days=28,
    answer_article="Art. 8(2)",
)
CCM: Final = Treaty(
    code="CCM",
    name="Convention on Cluster Munitions",
    short_name="Convention on Cluster Munitions",
    depositary_key="XXVI-6",
    opened_on=date(2008, 12, 3),
    in_force_on=date(2010, 8, 1),
    entry_months=6,
    entry_article="Art. 17(2)",
    withdrawal_months=6,
    withdrawal_article="Art. 20(3)",
    conflict_clause=True,
    duties=(
        Duty(
            what="stockpile",
            article="Art. 3(2)",
            years=8,
            only_if="where it has stocks",
            extension_article="Art. 3(3)",
            extension_years_max=4,
            done_by=_STOCKPILE_DONE,
            extended_by=_EXTENDED_BY_MEETING,
        ),
        Duty(
            what="clearance",
            article="Art. 4(1)",
            years=10,
            only_if="where it has contaminated areas",
            extension_article="Art. 4(5)",
            extension_years_max=5,
            done_by=_CLEARANCE_DONE,
            extended_by=_CLEARANCE_EXTENDED,
        ),
        _FIRST_REPORT,
    ),
    yearly_report=(4, 30),
    yearly_article="Art. 7(2)",
    answer_days=28,
    answer_article="Art. 8(2)",
)
TREATIES: Final[dict[str, Treaty]] = {t.code: t for t in (APMBC, CCM)}


def treaty(code: str) -> Treaty:
    """The treaty with that code; TreatyNotFound names the known ones."""
    found = TREATIES.get(code)
    if found is None:
        raise TreatyNotFound(code=code, known=", ".join(TREATIES))
    return found


def in_force_for(treaty: Treaty, deposited_on: date, stated_on: date | None = None) -> date:
    """The day from which a state is bound.

    The first day of the sixth month after the month of deposit (APMBC Art. 17(2), CCM Art. 17(2)),
    not before the treaty's own entry into force (Art. 17(1)). A stored date wins: succession
    reaches back.
    """
    if stated_on is not None:
        return stated_on
    month, _ = add_months(deposited_on.replace(day=1), treaty.entry_months)
    return max(month, treaty.in_force_on)


class Expiry(msgspec.Struct, frozen=True):
    """When a withdrawal takes effect: the day, or None and why; `about` when the month lacks the
    day, or the day of receipt is not known for certain; `stated` when a claim gives it."""

    on: date | None
    about: bool = False
    stated: bool = False
    reason: str | None = None


def withdrawal_expiry(
    treaty: Treaty, received_on: date, stated_on: date | None = None, *, is_about: bool = False
) -> Expiry:
    """The day a withdrawal takes effect, armed conflict aside.

    Six months after the depositary received the instrument (APMBC and CCM Art. 20(3)); on a day the
    month lacks, the last day of that month, marked `about`, because the treaty does not say, and
    so where the day of receipt is itself not certain (`is_about`). A stored date, as in the
    depositary's notification, wins.
    """
    if stated_on is not None:
        return Expiry(on=stated_on, stated=True)
    day, exact = add_months(received_on, treaty.withdrawal_months)
    return Expiry(on=day, about=is_about or not exact)


def due_on(duty: Duty, in_force_on: date) -> date:
    """The day by which a duty is to be done: years or days after entry into force for the state
    (APMBC Art. 4, 5(1), 7(1); CCM Art. 3(2), 4(1), 7(1)); on a day the month lacks, its last."""
    day, _ = add_months(in_force_on, duty.years * 12)
    return days_after(day, duty.days)


def answer_due(treaty: Treaty, asked_on: date, stated_on: date | None = None) -> date | None:
    """The day by which a party answers a request for clarification: 28 days after it (APMBC and CCM
    Art. 8(2)); a stated date wins. None where the treaty gives no time."""
    if stated_on is not None or treaty.answer_days is None:
        return stated_on
    return days_after(asked_on, treaty.answer_days)

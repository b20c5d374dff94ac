"""The legal clock of the treaties: pure date arithmetic with its article; it never decides what
happened.

A treaty is one value of `Treaty`; a further treaty is one more value, not more code.
"""

from datetime import date
from typing import Final

import msgspec

from domain.dates import add_months
from domain.errors import TreatyNotFound


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
    day."""

    on: date | None
    about: bool = False
    reason: str | None = None


def withdrawal_expiry(treaty: Treaty, received_on: date, stated_on: date | None = None) -> Expiry:
    """The day a withdrawal takes effect, armed conflict aside.

    Six months after the depositary received the instrument (APMBC and CCM Art. 20(3)); on a day the
    month lacks, the last day of that month, marked `about`, because the treaty does not say. A
    stored date, as in the depositary's notification, wins.
    """
    if stated_on is not None:
        return Expiry(on=stated_on)
    day, exact = add_months(received_on, treaty.withdrawal_months)
    return Expiry(on=day, about=not exact)

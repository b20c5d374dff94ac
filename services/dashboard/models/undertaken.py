"""Builds the page Commitments: what governments undertook for the norm and how they answered; pure,
and it never says whether a word was kept."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import msgspec

from domain.claims import Status
from domain.treaties import TREATIES
from projections.undertakings import (
    Answered,
    UndertakenAsk,
    UndertakenExcerpt,
    Undertaking,
    What,
)
from services.dashboard.formats import names_text
from services.dashboard.frame import Frame
from services.dashboard.language import Words, _, many, told, word
from services.dashboard.models.claims import actor_names
from services.dashboard.models.shapes import Sentence, ShownStatus
from services.dashboard.sheets import Cell, Sheet
from services.dashboard.states import GOVERNMENTS, in_order, treaty_name
from services.dashboard.words import kind_words

ROWS_SHOWN_MAX: Final = 50
ORDERS: Final = ("newest", "oldest", "government")
WHATS: Final[Words[What]] = Words({"commitment": word("Commitment"), "response": word("Response")})


class UndertakenRow(msgspec.Struct, frozen=True, kw_only=True):
    """One commitment or response; `answers` are the claims it responds to, as (claim, who and
    what)."""

    government: str
    name: str
    what: str
    claim: str
    kind: str
    treaty: str
    occurred_on: str
    status: Status
    title: str
    reports: int
    is_response: bool
    standing: ShownStatus | None
    """Where the government stands by the Mine Ban Treaty on the day of the page."""
    answers: tuple[tuple[str, str], ...]


class CommitmentsPage(msgspec.Struct, frozen=True, kw_only=True):
    """What did governments undertake, and whom did they answer?"""

    frame: Frame
    on: date
    lead: Sentence
    ask: UndertakenAsk
    rows: tuple[UndertakenRow, ...]
    total: int
    """How many rows the filters let through, on every page."""
    following: str
    governments: tuple[tuple[str, str], ...]
    whats: tuple[tuple[str, str], ...]
    treaties: tuple[tuple[str, str], ...]

    @property
    def given(self) -> tuple[UndertakenRow, ...]:
        """The words given among the rows of the page."""
        return tuple(row for row in self.rows if not row.is_response)

    @property
    def answered(self) -> tuple[UndertakenRow, ...]:
        """The answers among the rows of the page."""
        return tuple(row for row in self.rows if row.is_response)


def commitments_page(
    frame: Frame,
    found: UndertakenExcerpt,
    *,
    ask: UndertakenAsk,
    statuses: Mapping[str, ShownStatus] | None = None,
) -> CommitmentsPage:
    """The page over what it shows of the ledger; `statuses`: code of a government -> its standing
    by the Mine Ban Treaty."""
    end = ask.before + len(found.rows)
    governments = {code: GOVERNMENTS[code] for code in found.governments}
    return CommitmentsPage(
        frame=frame,
        on=found.on,
        lead=_lead(found),
        ask=ask,
        rows=tuple(_row(row, (statuses or {}).get(row.government)) for row in found.rows),
        total=found.total,
        following=str(end) if end < found.total else "",
        governments=tuple(sorted(governments.items(), key=lambda pair: in_order(pair[1]))),
        whats=tuple(WHATS.items()),
        treaties=tuple((code, treaty_name(code)) for code in TREATIES),
    )


def place_of_government(code: str) -> Any:
    """What governments are put in order by."""
    return in_order(GOVERNMENTS[code])


def commitments_sheet(found: UndertakenExcerpt, frame: Frame) -> Sheet:
    """The list as a file: the rows of the pages, in their order."""
    rows: list[tuple[Cell, ...]] = [
        (
            *(row.government, row.name, row.what, row.occurred_on, row.kind, row.treaty),
            *(row.status, row.summary, row.claim, row.happening, " ".join(row.claims)),
            " ".join(answered.claim for answered in row.answers),
        )
        for row in found.rows
    ]
    columns = (
        *("government", "name", "what", "occurred_on", "kind", "treaty", "status", "summary"),
        *("claim", "happening", "claims", "answers"),
    )
    return Sheet(
        name="commitments",
        columns=columns,
        rows=rows,
        about=frame.question,
        is_cut=found.total > len(rows),
    )


def _row(row: Undertaking, standing: ShownStatus | None) -> UndertakenRow:
    return UndertakenRow(
        government=row.government,
        name=GOVERNMENTS[row.government],
        what=WHATS[row.what],
        claim=row.claim,
        kind=kind_words(row.kind),
        treaty=treaty_name(row.treaty),
        occurred_on=row.occurred_on,
        status=row.status,
        title=row.summary,
        reports=len(row.claims),
        is_response=row.what == "response",
        standing=standing,
        answers=tuple((answered.claim, _answered(answered)) for answered in row.answers),
    )


def _answered(answered: Answered) -> str:
    """Whom and what a response answers; its id alone where it was not known by then."""
    if answered.summary is None:
        return answered.claim
    who = names_text(actor_names(answered.actors), 2)
    return f"{who}: {answered.summary}" if who else answered.summary


def _lead(found: UndertakenExcerpt) -> Sentence:
    if not found.governments:
        return told("No commitment and no response is on record by %(day)s.", day=found.on)
    commitments, responses, speakers = found.commitments, found.responses, len(found.governments)
    said = told(
        "By %(day)s, %(speakers)s are on record with %(commitments)s and %(responses)s.",
        day=found.on,
        speakers=many("%(count)s government", "%(count)s governments", speakers),
        commitments=many("%(count)s commitment", "%(count)s commitments", commitments),
        responses=many("%(count)s response", "%(count)s responses", responses),
    )
    kept = _("A word given is recorded as given; whether it was kept is another claim.")
    return (*said, " ", kept)

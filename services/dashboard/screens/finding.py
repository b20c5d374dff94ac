"""The page Find: asks for claims that fit, builds and renders; it never opens what it found."""

from typing import Final

from services import spellings
from services.dashboard.clocks import address
from services.dashboard.frame import (
    ACCOUNT_PATH,
    AUDIT_PATH,
    COMPARE_PATH,
    DEADLINES_PATH,
    FIND_PATH,
    INTEGRITY_PATH,
    PEOPLE_PATH,
    RECORD_PATH,
    SOURCES_PATH,
    Link,
    government_path,
)
from services.dashboard.language import _, word
from services.dashboard.models.claims import listed
from services.dashboard.models.find import FindPage, fitting_governments, fitting_pages
from services.dashboard.render import render
from services.dashboard.visit import NAV, PageAnswer, Visit
from services.looking import looked_through
from services.wiring import ClaimFilter, Role

FIELDS: Final = ("q", "go")
CLAIMS_SHOWN_MAX: Final = 8
WORDS_CHARS_MIN: Final = 2
"""Claims are looked for from so many letters on."""
BESIDE: Final[tuple[tuple[str, str, Role], ...]] = (
    (word("Record a claim"), RECORD_PATH, "contributor"),
    (word("Sources"), SOURCES_PATH, "contributor"),
    (word("Deadlines"), DEADLINES_PATH, "viewer"),
    (word("Compare two moments"), COMPARE_PATH, "viewer"),
    (word("Integrity"), INTEGRITY_PATH, "viewer"),
    (word("Your account"), ACCOUNT_PATH, "viewer"),
    (word("People"), PEOPLE_PATH, "admin"),
    (word("Audit list"), AUDIT_PATH, "admin"),
)
"""The pages beside the main navigation, and the role each needs."""


async def find(visit: Visit) -> PageAnswer:
    """Which page, government or claim is meant?"""
    kept = visit.kept("q")
    if (better := visit.better(kept)) is not None:
        return better
    q = visit.asked("q")
    meant = spellings.government(q) if q else None
    if meant is not None and visit.asked("go"):
        where = address(government_path(meant), visit.reading.clocks, visit.weighing_pairs)
        return PageAnswer(position=0, redirect=where)
    position = await visit.house.views.reached_by(visit.workspace, visit.known_at)
    claims = []
    if len(q) >= WORDS_CHARS_MIN:
        position, found, _following = await visit.questions.claims(
            visit.workspace, visit.known_at, ClaimFilter(q=q), after=None, limit=CLAIMS_SHOWN_MAX
        )
        looked_through(visit.house, visit.workspace, visit.visitor.by, found.claims, FIND_PATH)
        claims = [listed(row) for row in found.claims]
    pages = [
        Link(_(label), path) for label, path, role in (*NAV, *BESIDE) if visit.visitor.may(role)
    ]
    page = FindPage(
        frame=await visit.frame(_("Find"), position, pairs=kept),
        q=q,
        pages=fitting_pages(q, pages),
        governments=fitting_governments(q, meant),
        claims=tuple(claims),
    )
    return PageAnswer(position=position, html=render(page))

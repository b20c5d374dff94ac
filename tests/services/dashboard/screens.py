"""The reading screens over the shipped record, each in each of its states; no store is asked."""

from datetime import UTC, date, datetime
from functools import cache, partial
from typing import Literal

import msgspec

from domain.clocks import HEAD, KnownAt, read_known_at
from domain.governments import GOVERNMENTS
from domain.numbers import CRITICAL_KINDS
from domain.treaties import APMBC
from projections.board import Board, board
from projections.changes import changes_of
from projections.claims import claim_list, claim_page, newest_first
from projections.criticism import CriticismMatrix, Joint, criticism_matrix, excerpt_of
from projections.deadlines import running_clocks
from projections.dossier import MEASURES
from projections.effects import effects
from projections.parties import standings
from projections.passing import PlansPass
from projections.silence import Among
from projections.transfers import TRANSFER_STAGES, transfers
from projections.transfers import excerpt_of as ledger_excerpt
from projections.undertakings import UndertakenAsk, is_told, undertakings
from projections.undertakings import excerpt_of as undertaken_excerpt
from services.checking import Proof
from services.dashboard.charts.figures import Measure
from services.dashboard.clocks import ClockReading, Clocks
from services.dashboard.frame import Frame
from services.dashboard.models.amending import Amending, amends_of
from services.dashboard.models.claims import (
    ClaimAsk,
    ClaimsPage,
    ClaimView,
    claim_view,
    claims_page,
)
from services.dashboard.models.compare import ComparePage, Moment, came, compare_page, happened
from services.dashboard.models.criticism import MatrixAsk, MatrixPage, choice_of, matrix_page
from services.dashboard.models.deadlines import DeadlinesAsk, DeadlinesPage, deadlines_page
from services.dashboard.models.explain import ExplainPage, NumberAsk, explain_page
from services.dashboard.models.integrity import IntegrityPage, Stopped
from services.dashboard.models.map import MapPage, map_page
from services.dashboard.models.own_weights import read_own
from services.dashboard.models.today import shown_status
from services.dashboard.models.transfers import (
    TransfersAsk,
    TransfersPage,
    is_listed,
    ledger_page,
    party_name,
    plans_passed,
    shown_of,
)
from services.dashboard.models.undertaken import (
    ROWS_SHOWN_MAX,
    CommitmentsPage,
    commitments_page,
    place_of_government,
)
from tests import chronology
from tests.services.dashboard.samples import EVE, NOW, PAST, frame

NAMES: tuple[Measure, ...] = ("erosion", "pressure", "backing")


def explained(
    code: str, measure: Measure, order: str = "points", on: date = EVE, **own: str
) -> ExplainPage:
    """One number opened."""
    versions = [
        v for v in chronology.versions(government=code) if v.claim.date.representative_day <= on
    ]
    return explain_page(
        frame(GOVERNMENTS[code], f"/governments/{code}/{measure}", concerns=(code,)),
        NumberAsk(
            government=code,
            measure=measure,
            on=on,
            weights=read_own(own, chronology.weights()),
            official=chronology.weights(),
            status="leaving",
            order=order,
        ),
        [v.facts for v in versions],
        {v.claim.id: v for v in versions},
    )


def claims(ask: ClaimAsk, *, rows: int = 40, reading: ClockReading = NOW) -> ClaimsPage:
    """The list of claims, its newest rows."""
    found = newest_first(chronology.versions(), EVE)[:rows]
    return claims_page(
        frame("Claims", "/claims", reading=reading, pairs=(("order", "newest"),)),
        claim_list(found, known_at="seq:412").claims,
        on=EVE,
        ask=ask,
        following="abc" if rows else "",
        begun=bool(rows),
        kinds=sorted({v.claim.kind for v in found}),
    )


REFUSED = Amending(
    act="signatory",
    signatory="another",
    refusal="Say why, in one sentence.",
    field="reason",
)
"""What a reviewer sent who gave no reason for a withdrawal."""


def claim(name: str, typed: Amending | None = None) -> ClaimView:
    """A claim's own page; with what was `typed` into the forms that a reviewer has there."""
    everything = {v.claim.id: v for v in chronology.versions()}
    beside = [v for v in everything.values() if any(r.claim == name for r in v.claim.relates_to)]
    beside += [everything[r.claim] for r in everything[name].claim.relates_to]
    answer = claim_page(chronology.histories()[name], beside, HEAD)
    assert answer is not None
    done = {}
    for code in answer.targets:
        facts = [v.facts for v in chronology.versions(government=code)]
        weights = chronology.weights()
        done[code] = effects(name, {m: of(facts, code, EVE, weights) for m, of in MEASURES.items()})
    return claim_view(
        frame("A claim", f"/claims/{name}", concerns=answer.targets),
        answer,
        everything,
        done,
        amends=None if typed is None else amends_of(answer, 412, typed),
    )


@cache
def matrix(joint: Joint) -> CriticismMatrix:
    """The answer to who criticised whom."""
    return criticism_matrix(
        [v for v in chronology.versions() if v.claim.kind in CRITICAL_KINDS],
        on=EVE,
        known_at="seq:412",
        weights=chronology.weights(),
        among=Among(speakers=True),
        joint=joint,
    )


def criticism(ask: MatrixAsk, cell: tuple[str, str] | None = None) -> MatrixPage:
    """The page Criticism, with a cell opened where one is named."""
    found = excerpt_of(matrix(ask.joint), ask.government, choice_of(ask))
    opened = None
    if cell is not None:
        about = chronology.versions(government=cell[1])
        opened = (*cell, about)
    pairs = () if cell is None else (("critic", cell[0]), ("target", cell[1]))
    now = standings(APMBC, [v.facts for v in chronology.versions()], EVE)
    return matrix_page(
        frame("Criticism", "/criticism", pairs=pairs),
        found,
        {code: shown_status(standing) for code, standing in now.items()},
        ask=ask,
        opened=opened,
        circles=("allies", "NATO", "northern-europe"),
    )


def no_criticism() -> MatrixPage:
    """The page Criticism of a workspace without any."""
    found = criticism_matrix((), on=EVE, known_at="seq:0", weights=chronology.weights())
    nobody = excerpt_of(found, "", choice_of(MatrixAsk()))
    return matrix_page(frame("Criticism", "/criticism"), nobody, {}, ask=MatrixAsk(), opened=None)


def moved(ask: TransfersAsk, *, empty: bool = False) -> TransfersPage:
    """The page Transfers."""
    versions = [] if empty else chronology.versions()
    ledger = [v for v in versions if v.claim.kind in TRANSFER_STAGES]
    plans = PlansPass(EVE, partial(is_listed, ask=ask), shown_of(ask).rows_max)
    plans.take(versions)
    found = transfers(ledger, on=EVE, known_at="seq:412")
    shown = ledger_excerpt(found, shown_of(ask), party_name)
    around = frame("Transfers", "/transfers")
    return ledger_page(around, shown, plans_passed(plans), ask=ask)


def undertook(ask: UndertakenAsk, *, empty: bool = False) -> CommitmentsPage:
    """The page Commitments."""
    versions = [] if empty else chronology.versions()
    found = undertakings(filter(is_told, versions), versions, on=EVE, known_at="seq:412")
    now = standings(APMBC, [v.facts for v in versions], EVE)
    statuses = {code: shown_status(standing) for code, standing in now.items()}
    shown = undertaken_excerpt(found, ask, ROWS_SHOWN_MAX, place_of_government)
    return commitments_page(frame("Commitments", "/commitments"), shown, ask=ask, statuses=statuses)


def clocked(ask: DeadlinesAsk, *, empty: bool = False) -> DeadlinesPage:
    """The page Deadlines."""
    versions = [] if empty else chronology.versions()
    facts = [v.facts for v in versions]
    found = running_clocks(facts, versions, on=EVE, known_at="seq:412")
    return deadlines_page(frame("Deadlines", "/deadlines"), found, ask=ask)


@cache
def answers(on: date, known: str | None = None) -> Board:
    """The board on a day, as known at a point."""
    facts = [v.facts for v in chronology.versions(read_known_at(known))]
    return board(facts, on=on, known_at=known or "seq:412", weights=chronology.weights())


def mapped(show: str = "status", on: date = EVE) -> MapPage:
    """The page Map."""
    reading = NOW if on == EVE else ClockReading(clocks=Clocks(on=on))
    facts = [v.facts for v in chronology.versions() if v.claim.date.representative_day <= on]
    return map_page(
        frame("Map", "/map", reading=reading, pairs=(("show", show),)),
        standings(APMBC, facts, on),
        None if show == "status" else answers(on),
        on=on,
        show=show,
    )


def differing(on: date, vs_on: date, vs_known: str | None = None) -> ComparePage:
    """Two moments side by side."""
    pairs = (("vs_on", vs_on.isoformat()), *((("vs_known_at", vs_known),) if vs_known else ()))
    around = frame("Compare", "/compare", reading=ClockReading(clocks=Clocks(on=on)), pairs=pairs)
    between = [
        happened(v, is_back=False)
        for v in chronology.versions()
        if vs_on < v.claim.date.representative_day <= on
    ]
    if vs_known:
        told = changes_of(
            chronology.histories(),
            read_known_at(vs_known),
            KnownAt(),
            on=on,
            from_known_at=vs_known,
            to_known_at="now",
            weights=chronology.weights(),
        )
        between += [came(d, is_back=False) for d in told.differences]
    clocks = Clocks(on=vs_on, known_at=vs_known)
    return compare_page(
        around,
        Moment(vs_on, clocks.known_text(EVE), clocks),
        Moment(on, "19 Feb 2026", around.clocks),
        (answers(vs_on, vs_known), answers(on)),
        between,
        len(between),
        vs=ClockReading(clocks=clocks, on_typed=vs_on.isoformat(), known_typed=vs_known or ""),
    )


def unasked(vs: ClockReading, refusal: str = "") -> ComparePage:
    """The page Compare before a second moment is named, or when it cannot be read."""
    return ComparePage(
        frame=frame("Compare", "/compare"),
        before=None,
        after=Moment(EVE, "19 Feb 2026", Clocks()),
        vs=vs,
        refusal=refusal,
    )


def sound(
    state: Literal["never", "running", "fault", "sound"], around: Frame | None = None
) -> IntegrityPage:
    """The page Integrity in one of its states."""
    began, ended = (datetime(2026, 2, 19, 9, m, tzinfo=UTC) for m in (0, 1))
    steps = (("events", 412, 412), ("tags", 412, 412))
    proofs = {
        "never": None,
        "running": Proof(began_at=began, steps=(("events", 200, 412),)),
        "fault": Proof(began_at=began, ended_at=ended, fault="The event at 7 is missing."),
        "sound": Proof(began_at=began, ended_at=ended, steps=steps, position=412),
    }
    return IntegrityPage(
        frame=around or frame("Integrity", "/integrity"),
        head=430 if state == "fault" else 412,
        position=412,
        recorded_at=began,
        epoch=3,
        listening=state != "fault",
        stopped=(Stopped("claims", 400, "a date that does not exist"),) if state == "fault" else (),
        proof=proofs[state],
        may_check=state != "never",
    )


def pages() -> dict[str, msgspec.Struct]:
    """Name -> page model, every screen in every state."""
    stale = msgspec.structs.replace(
        frame("Integrity", "/integrity", faults=("The view “claims” stopped.",)), behind=25
    )
    mistyped = ClaimAsk(q="belma", from_typed="soon", errors={"from": "“soon” is not a date."})
    wrong = ClockReading(clocks=Clocks(), on_typed="31 Feb", on_error="That day does not exist.")
    return {
        "explain": explained("POL", "pressure"),
        "explain-erosion": explained("FIN", "erosion", "kind"),
        "explain-own": explained("POL", "pressure", w_statement="9"),
        "explain-nothing": explained("TON", "backing"),
        "claims": claims(ClaimAsk()),
        "claims-past": claims(ClaimAsk(status="accepted"), rows=5, reading=PAST),
        "claims-filtered": claims(mistyped, rows=0),
        "claims-empty": claims(ClaimAsk(), rows=0),
        "claim": claim("ltu-2025-exit-date-misreport"),
        "claim-legal": claim("pol-2025-withdrawal-deposited"),
        "claim-amends": claim("wemove-2025-05-petition", REFUSED),
        "criticism": criticism(MatrixAsk()),
        "criticism-cell": criticism(MatrixAsk(order="count", voice="state"), ("state:NOR", "UKR")),
        "criticism-joint": criticism(
            MatrixAsk(joint="one", voice="state", circle="northern-europe")
        ),
        "criticism-filtered": criticism(MatrixAsk(voice="media", government="TON")),
        "criticism-empty": no_criticism(),
        "transfers": moved(TransfersAsk()),
        "transfers-filtered": moved(TransfersAsk(government="TON", stage="received")),
        "transfers-empty": moved(TransfersAsk(), empty=True),
        "commitments": undertook(UndertakenAsk()),
        "commitments-filtered": undertook(UndertakenAsk(government="TON", what="response")),
        "commitments-empty": undertook(UndertakenAsk(), empty=True),
        "deadlines": clocked(DeadlinesAsk()),
        "deadlines-filtered": clocked(DeadlinesAsk(government="POL", what="answer")),
        "deadlines-empty": clocked(DeadlinesAsk(), empty=True),
        "map": mapped(),
        "map-pressure": mapped("pressure"),
        "map-past": mapped(on=date(2025, 12, 27)),
        "compare": differing(date(2025, 12, 27), date(2025, 12, 26)),
        "compare-known": differing(date(2025, 12, 27), date(2025, 12, 27), "2025-12-05"),
        "compare-same": differing(date(2025, 12, 26), date(2025, 12, 26)),
        "compare-unasked": unasked(ClockReading(clocks=Clocks())),
        "compare-mistyped": unasked(wrong, "both points are positions, or both are days"),
        "integrity": sound("sound"),
        "integrity-never": sound("never"),
        "integrity-running": sound("running"),
        "integrity-fault": sound("fault", stale),
    }

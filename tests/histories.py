"""Made-up histories of claims and desk decisions, as hypothesis strategies; none of it happened.

Every event goes through the desk and its stored form, so a history holds nothing the log could not.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec
from hypothesis import strategies as st

from domain.campaign_events import CampaignActionAdded, CampaignNoted
from domain.claims import Actor, Source, read_submission
from domain.desk import ClaimDesk, Verdict
from domain.errors import DecisionRefused
from domain.events import ClaimDecided, LogEvent, Recorded, decode, encode, tags_of
from domain.kinds import DETAILS_OF

T = TypeVar("T")
BEGIN = datetime(2025, 6, 1, 9, tzinfo=UTC)
NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)
"""After everything that a made-up history tells of."""
GOVERNMENTS = ("FIN", "POL", "LTU", "UKR", "NOR")
DAYS = (
    "2024-11-20", "2025-03-18", "2025-04", "2025-04-02", "2025-05-10/2025-05-20", "2025-06-19~",
    "2025-07-10", "2025-12-27", "2025?", "2026-01-10",
)  # fmt: skip
SHAPES: tuple[tuple[str, tuple[dict[str, Any], ...]], ...] = (
    (
        "statement_of_criticism",
        (
            {"strength": "regret"},
            {"strength": "condemnation", "forum": "media"},
            {"forum": "un", "signatories": 42},
            {"signatories": 1, "stance": "opposes_norm"},
        ),
    ),
    ("statement_contesting_norm", ({}, {"speaker_role": "minister of defence"})),
    ("open_letter", ({"stance": "critical", "signatories": 101}, {})),
    ("objection_lodged", ({}, {"strength": "objection"})),
    ("state_signed", ({},)),
    ("state_joined", ({"instrument": "accession"}, {"entry_into_force": "2025-04-01"})),
    ("withdrawal_announced", ({"announced_action": "withdrawal"},)),
    (
        "parliament_vote",
        (
            {"votes": {"for": 107, "against": 3, "seats": 141}, "stance": "weakens"},
            {"votes": {"for": 20, "against": 78, "threshold": 51}, "stance": "weakens"},
            {"carried": True, "chamber": "Seimas"},
        ),
    ),
    ("withdrawal_instrument_deposited", ({}, {"effective_date": "2026-01-10"})),
    ("withdrawal_effective", ({},)),
    ("withdrawal_reversed", ({},)),
    ("suspension_notified", ({"effective_date": "2025-07-18"},)),
    ("armed_conflict_engagement_reported", ({}, {"engaged": False})),
    ("policy_change", ({"stance": "weakens"}, {"stance": "strengthens"})),
    ("transfer_delivered", ({"supplier": "NOR", "quantity": {"at_least": 200}},)),
    ("production_announced", ({"quantity": 1000, "companies": ["Ámbar Oy"]},)),
    ("meeting_decision", ({"stance": "critical"}, {})),
)
"""Kinds with details they come with, one for each branch of the numbers and of the standings."""
ACTORS: tuple[dict[str, str], ...] = (
    {"kind": "state", "code": "NOR"},
    {"kind": "state", "code": "FIN"},
    {"kind": "ngo", "name": "ICBL"},
    {"kind": "io", "name": "ICRC", "role": "president"},
    {"kind": "individual", "name": "Jody Williams", "role": "laureate"},
)
SUMMARIES = ("Finland left.", "Norvège: regret", "100 % of \\ mines_", "Left\t\x1f\x7f.")


class Log:
    """A log in memory that keeps what desks decide, through the stored form."""

    def __init__(self) -> None:
        self.events: list[Recorded] = []
        self.claims: list[str] = []

    def desk(self, *claims: str) -> ClaimDesk:
        """A desk that has read what the log says of `claims`."""
        desk = ClaimDesk(*claims)
        named = {f"claim:{claim}" for claim in claims}
        desk.read((e for e in self.events if named & set(tags_of(e.event))), len(self.events))
        return desk

    def keep(
        self, desk: ClaimDesk, *, at: datetime, by: str, known_since: datetime | None = None
    ) -> None:
        """Append what a desk decided; `known_since` back-fills decisions, as an import does."""
        for tagged in desk.collect_events():
            event = tagged.decision
            if isinstance(event, ClaimDecided) and known_since is not None:
                event = msgspec.structs.replace(event, known_since=known_since)
            self.add(event, at=at, by=by)

    def add(self, event: LogEvent, *, at: datetime, by: str) -> None:
        """Append one event."""
        stored, position = encode(event), len(self.events) + 1
        self.events.append(
            decode(stored.type, stored.data, position=position, recorded_at=at, recorded_by=by)
        )


class _Choices:
    """One drawn number spent on many choices, which draws faster than a strategy for each; 0 always
    chooses the first."""

    def __init__(self, number: int) -> None:
        self.rest = number

    def one(self, options: Sequence[T]) -> T:
        """One of the options."""
        self.rest, index = divmod(self.rest, len(options))
        return options[index]

    def some(self, options: Sequence[T], count_max: int) -> list[T]:
        """Up to `count_max` different ones of the options."""
        found: list[T] = []
        for _ in range(self.one(range(count_max + 1))):
            option = self.one(options)
            if option not in found:
                found.append(option)
        return found

    def moment(self, latest: datetime) -> datetime | None:
        """No moment, or one at or around those at which things come to be known."""
        if self.one((True, False)):
            return None
        day = BEGIN + timedelta(days=self.one(range(300)) - 200)
        return min(latest, day + timedelta(seconds=self.one((0, 1, -1))))


def histories(*, moves_max: int = 25) -> st.SearchStrategy[list[Recorded]]:
    """The events of made-up histories of at most `moves_max` moves, in order; never empty."""
    # Bytes of one length are drawn evenly; integers would be small most of the time.
    moves = st.binary(min_size=16, max_size=16).map(int.from_bytes)
    sized = st.integers(1, moves_max).flatmap(lambda n: st.lists(moves, min_size=n, max_size=n))
    return sized.map(made)


def made(moves: Iterable[int]) -> list[Recorded]:
    """The history that some numbers stand for, one move each."""
    log = Log()
    at = BEGIN
    for number in moves:
        choices = _Choices(number)
        move = choices.one(_MOVES) if log.claims else _record
        at += timedelta(hours=choices.one((0, 0, 1, 30)))
        by = choices.one(("person:1", "person:2"))
        known_since = choices.moment(at)
        desk = move(choices, log)
        if desk is not None:
            log.keep(desk, at=at, by=by, known_since=known_since)
    return log.events


def plain_claim(choices: _Choices, claim: str, known: Sequence[str]) -> dict[str, Any]:
    """A claim as its submitter sends it, under the id `claim`; `known` are claims to relate to."""
    kind, details = choices.one(SHAPES)
    others = choices.some(known or ["not-recorded"], 2)
    return {
        "id": claim,
        "kind": kind,
        "treaty": choices.one(("APMBC", "APMBC", "APMBC", "CCM")),
        "occurred_on": choices.one(DAYS),
        "targets": choices.some(GOVERNMENTS, 3),
        "details": choices.one(details),
        "actors": choices.some(ACTORS, 2),
        "summary": choices.one(SUMMARIES),
        "sources": [{"publisher": "Yle", "reliability": r} for r in choices.some("ABCDEF", 2)],
        "relates_to": [
            {"claim": other, "relation": choices.one(("follows", "responds_to", "contradicts"))}
            for other in others
        ],
    }


SOURCES = (Source(publisher="Yle", reliability="A"), Source(publisher="BNS", reliability="F"))

Move = Callable[[_Choices, Log], ClaimDesk | None]


def name_of(number: int) -> str:
    """A name for the claim that so many were recorded before: names in the order of recording
    would hide where one order is taken for the other."""
    return f"claim-{(7 * number + 3) % 10}{number}"


def _record(choices: _Choices, log: Log) -> ClaimDesk | None:
    claim = name_of(len(log.claims))
    plain = plain_claim(choices, claim, log.claims)
    since = choices.moment(BEGIN)
    if since is not None:
        plain["known_since"] = since.isoformat()
    submission = read_submission(
        plain, details_of=DETAILS_OF, now=NOW, new_id="", backfill=True, restate=True
    )
    desk = log.desk(claim)
    desk.record(submission, accepted=choices.one((True, False)), now=NOW)
    log.claims.append(claim)
    return desk


VERDICTS: tuple[Verdict, ...] = (
    "accepted", "rejected", "contested", "refuted", "superseded", "retracted",
)  # fmt: skip


def _judge(choices: _Choices, log: Log) -> ClaimDesk | None:
    claim = choices.one(log.claims)
    desk = log.desk(claim)
    try:
        desk.decide(
            claim,
            choices.one(VERDICTS),
            by="person:3",
            reason=choices.one((None, "two outlets")),
            contested_by=[Actor(kind="state", code="FIN")],
            sources=[Source(publisher="Yle", reliability="B")],
            superseded_by=choices.one(log.claims),
        )
    except DecisionRefused:
        return None
    return desk


CORRECTIONS: tuple[dict[str, Any], ...] = (
    {"targets": ["POL", "LTU"]},
    {"targets": []},
    {"occurred_on": "2025-03"},
    {"summary": "Corrected."},
    {"details": {"note": "a typing error"}},
    {"treaty": "CCM"},
    {"actors": [{"kind": "media", "name": "Yle"}]},
    {"kind": "policy_statement", "details": {"note": "another kind"}},
)


def _correct(choices: _Choices, log: Log) -> ClaimDesk | None:
    claim = choices.one(log.claims)
    changes = choices.one(CORRECTIONS)
    desk = log.desk(claim)
    if "kind" in changes and msgspec.to_builtins(desk.known[claim].claim.details):
        return None  # details of the old kind would not fit the new one
    try:
        desk.correct(claim, changes, reason="source re-read", now=NOW)
    except DecisionRefused:
        return None
    return desk


def _pair(choices: _Choices, log: Log) -> ClaimDesk | None:
    """Declare two claims the same, or separate them where they are."""
    claim, other = choices.one(log.claims), choices.one(log.claims)
    desk = log.desk(claim, other)
    try:
        if other in desk.known[claim].same:
            desk.separate(claim, other, reason=None)
        else:
            desk.declare_same(claim, other, reason="one happening")
    except DecisionRefused:
        return None
    return desk


def _amend(choices: _Choices, log: Log) -> ClaimDesk | None:
    """Add sources, note that a signatory withdrew, or show a claim to others than before."""
    claim = choices.one(log.claims)
    desk = log.desk(claim)
    known = desk.known[claim]
    try:
        match choices.one(("sources", "signatory", "signatory", "visibility")):
            case "sources":
                desk.add_sources(claim, choices.some(SOURCES, 2), reason="found later")
            case "signatory":
                others = (Actor(kind="state", code="CHE"), Actor(kind="ngo", name="HI"))
                signatory = choices.one((*known.claim.actors, *others))
                desk.withdraw_signatory(claim, signatory, reason="not authorised")
            case _:
                desk.show(claim, choices.one(("public", "internal")), reason=None)
    except DecisionRefused:
        return None
    return desk


def _campaign(choices: _Choices, log: Log) -> None:
    """Something of a campaign between the claims, which changes none of them."""
    log.add(
        choices.one(
            (
                CampaignNoted(campaign="keep-the-ban", text="A quiet week."),
                CampaignActionAdded(campaign="keep-the-ban", claim=choices.one(log.claims)),
            )
        ),
        at=log.events[-1].recorded_at,
        by="person:4",
    )


_MOVES: tuple[Move, ...] = (
    _record, _record, _record, _judge, _judge, _correct, _pair, _pair, _amend, _amend, _campaign,
)  # fmt: skip

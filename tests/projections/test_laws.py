"""Laws that hold of every answer over any history: what does not matter, and what shows
everywhere."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.claims import Actor
from domain.clocks import HEAD
from domain.events import ClaimsDeclaredSame, Recorded
from projections.columnar.numbers.figures import Reckoner
from projections.columnar.numbers.reckoning import Reckoned
from projections.columnar.terms.law import Law
from projections.criticism import criticism_matrix
from projections.deadlines import running_clocks
from projections.dossier import dossier, explain
from projections.histories import Version, believed, fold_all, touched_by
from projections.transfers import transfers
from projections.undertakings import is_told, undertakings
from projections.worklists import review_queue
from tests.domain.made import WEIGHTS
from tests.histories import BEGIN, GOVERNMENTS, Log, histories
from tests.projections.columnar.numbers.test_figures import columns_of
from tests.projections.told import told

ON = date(2026, 1, 20)
MALTA = Actor(kind="state", code="MLT")
JOINT: dict[str, Any] = {
    "id": "joint",
    "details": {"signatories": 93, "forum": "un"},
    "actors": [{"kind": "coalition", "name": "States parties"}],
    "sources": [{"publisher": "Monitor", "reliability": "A"}],
}


def answers(events: Sequence[Recorded]) -> dict[str, Any]:
    """Every answer over a history, without where in the log its claims stand."""
    versions = believed(fold_all(events), HEAD)
    facts = [v.facts for v in versions]
    how: dict[str, Any] = {"on": ON, "known_at": ""}
    weighed: dict[str, Any] = {**how, "weights": WEIGHTS}
    found: dict[str, Any] = {
        "criticism": criticism_matrix(versions, **weighed),
        "transfers": transfers(versions, **how),
        "deadlines": running_clocks(facts, versions, **how),
        "undertakings": undertakings(filter(is_told, versions), versions, **how),
    }
    for code in GOVERNMENTS:
        about = [v for v in versions if code in v.claim.targets]
        found[f"dossier:{code}"] = dossier(code, about, **weighed)
        named = f"pressure:{code}"
        found[named] = explain("pressure", code, [v.facts for v in about], **weighed)
    return {name: msgspec.to_builtins(answer) for name, answer in found.items()}


class Kin:
    """Which claims of a history were ever declared the same, and whom they concern."""

    def __init__(self, events: Sequence[Recorded]) -> None:
        self.groups: dict[str, set[str]] = {}
        self.targets: dict[str, set[str]] = {}
        for name, history in fold_all(events).items():
            self.groups.setdefault(name, {name})
            self.targets[name] = {code for v in history for code in v.claim.targets}
        for recorded in events:
            if isinstance(recorded.event, ClaimsDeclaredSame):
                both = self.groups[recorded.event.claim] | self.groups[recorded.event.other]
                for name in both:
                    self.groups[name] = both

    def related(self, one: Recorded, other: Recorded) -> bool:
        """Whether two events share a claim, a happening or a government."""
        mine, theirs = (
            {n for c in touched_by(e.event) for n in self.groups[c]} for e in (one, other)
        )
        governments = [{g for n in names for g in self.targets[n]} for names in (mine, theirs)]
        return bool(mine & theirs or governments[0] & governments[1])


def both_orders(events: Sequence[Recorded], at: int) -> tuple[list[Recorded], list[Recorded]]:
    """The same history with two neighbouring events recorded at one moment, in either order."""
    first, second = events[at], events[at + 1]
    first = msgspec.structs.replace(first, recorded_at=second.recorded_at)
    before = msgspec.structs.replace(second, position=first.position)
    after = msgspec.structs.replace(first, position=second.position)
    head, tail = events[:at], events[at + 2 :]
    return [*head, first, second, *tail], [*head, before, after, *tail]


@settings(max_examples=30, deadline=None)
@given(events=histories(), data=st.data())
def test_the_order_of_unrelated_events_does_not_matter(
    events: list[Recorded], data: st.DataObject
) -> None:
    """Wherever neighbouring events share neither claim nor happening nor government, every answer
    is the same when they change places."""
    kin = Kin(events)
    pairs = pairwise(events)
    places = [at for at, pair in enumerate(pairs) if not kin.related(*pair)]
    if places:
        one, other = both_orders(events, data.draw(st.sampled_from(places)))
        assert answers(other) == answers(one)


def signed_by(signatories: int, *, withdraws: bool, beside: Sequence[Recorded]) -> list[Recorded]:
    """A history with a joint statement by so many, from which Malta then withdraws or not."""
    claim = JOINT | {"details": JOINT["details"] | {"signatories": signatories}}
    log = Log()
    log.events = list(beside)
    for recorded in told([claim]):
        log.add(recorded.event, at=BEGIN + timedelta(days=400), by="person:1")
    if withdraws:
        desk = log.desk("joint")
        desk.withdraw_signatory("joint", MALTA, reason="not authorised")
        log.keep(desk, at=BEGIN + timedelta(days=400), by="person:2")
    return log.events


def reckoned(events: Sequence[Recorded]) -> Reckoned:
    """What columns say of Finland."""
    columns = columns_of(list(events), [], 1)
    return Reckoner("FIN", columns["FIN"], Law(WEIGHTS)).reckon(ON, HEAD)


@settings(max_examples=10, deadline=None)
@given(beside=histories(moves_max=12))
def test_where_one_of_93_withdraws_every_answer_says_92(beside: list[Recorded]) -> None:
    """Numbers, terms, cells, dossiers and columns are those of a statement that 92 signed, whatever
    else is on file; and they are not those of one that 93 signed."""
    left = signed_by(93, withdraws=True, beside=beside)
    of_92 = signed_by(92, withdraws=False, beside=beside)
    of_93 = signed_by(93, withdraws=False, beside=beside)
    found = answers(left)
    assert found == answers(of_92)
    assert found != answers(of_93)
    terms = {t["claim"]: t["n"] for t in found["pressure:FIN"]["terms"]}
    assert terms["joint"] == 92
    numbers = [(r.pressure, r.erosion, r.backing) for r in map(reckoned, (left, of_92))]
    assert numbers[0] == numbers[1]


@settings(max_examples=12, deadline=None)
@given(events=histories())
def test_a_decision_never_widens_what_the_queue_says_it_narrows(events: list[Recorded]) -> None:
    """In any history, every place in the queue rests on an interval that one of the two decisions
    makes narrower by just so many points; the places never rise again."""
    versions: list[Version] = believed(fold_all(events), HEAD)
    queue = review_queue(versions, on=ON, known_at="", weights=WEIGHTS)
    places = [queued.points for queued in queue.claims]
    assert all(a >= b - 1e-9 for a, b in pairwise(places))
    for queued in queue.claims:
        for one in queued.intervals:
            width = one.now.high - one.now.low
            narrower = min(f.high - f.low for f in (one.accepted, one.refused))
            assert abs(width - narrower - one.points) < 1e-9
            assert one.points <= queued.points + 1e-9

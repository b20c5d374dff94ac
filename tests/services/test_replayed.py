"""What passes by some at a time is answered as the readable law answers over all of it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
import pytest

from domain.clocks import KnownAt, known_text
from domain.events import Recorded
from domain.treaties import treaty
from projections.board import board
from projections.changes import changes_of
from projections.claims import claim_list, newest_first
from projections.criticism import JOINTS, criticism_matrix
from projections.deadlines import running_clocks
from projections.histories import Version, believed, fold_all
from projections.paging import ROWS_MAX
from projections.parties import parties
from projections.transfers import page_of as transfers_page
from projections.transfers import transfers
from projections.undertakings import is_told, undertakings
from projections.undertakings import page_of as undertakings_page
from projections.worklists import review_queue
from services import runs
from services.replay import replay
from services.replayed import json_parts
from services.tables import unfolding
from tests.services.running import Running
from tests.services.tables.test_unfolding import filled

EVENTS = 500
ON = date(2023, 6, 30)
FROM = KnownAt(position=EVENTS // 3)


@pytest.fixture(scope="module")
def log(site: Running) -> list[Recorded]:
    return filled(site, "replayed", EVENTS)


def readable(site: Running, events: list[Recorded], known_at: KnownAt) -> dict[str, Any]:
    """Every view over all claims, as the readable law tells it; those that look at all of them."""
    until = known_at.position or EVENTS
    histories = fold_all(events[:until])
    some: list[Version] = believed(histories, known_at)
    facts = [one.facts for one in some]
    weights = site.house.weights
    how: dict[str, Any] = {"on": ON, "known_at": known_text(known_at, EVENTS)}
    told = undertakings(filter(is_told, some), some, **how)
    found: dict[str, Any] = {
        "claims": claim_list(newest_first(some, ON), known_at=how["known_at"]),
        "parties": parties(treaty("APMBC"), facts, **how),
        "transfers": transfers_page(transfers(some, **how))[0],
        "commitments": undertakings_page(told)[0],
        "deadlines": running_clocks(facts, some, **how),
        "review": review_queue(some, weights=weights, **how),
    }
    if known_at.moment is not None:
        found["board"] = board(facts, weights=weights, **how)
    else:
        found["changes"] = changes_of(
            histories, FROM, known_at, on=ON, from_known_at=str(FROM),
            to_known_at=how["known_at"], weights=weights,
        )  # fmt: skip
    for joint in JOINTS:
        found[f"criticism {joint}"] = criticism_matrix(
            some, weights=weights, joint=joint, circles=site.house.circles, rows_max=ROWS_MAX, **how
        )
    return found


@pytest.mark.parametrize(("bytes_max", "at_once"), [(0, 7), (3_000, 60), (1 << 22, 1_000)])
@pytest.mark.parametrize(
    "clock",
    [
        lambda events: KnownAt(position=EVENTS),
        lambda events: KnownAt(position=EVENTS // 2),
        lambda events: KnownAt(moment=events[EVENTS // 2].recorded_at),
    ],
)
def test_a_replay_is_the_same_whatever_is_held(
    site: Running,
    log: list[Recorded],
    monkeypatch: pytest.MonkeyPatch,
    bytes_max: int,
    at_once: int,
    clock: Callable[[list[Recorded]], KnownAt],
) -> None:
    """Byte for byte, with next to nothing held or everything, as known at a position or a
    moment."""
    monkeypatch.setattr(runs, "RUN_BYTES_MAX", bytes_max)
    monkeypatch.setattr(unfolding, "CLAIMS_AT_ONCE", at_once)
    known_at = clock(log)
    for name, expected in readable(site, log, known_at).items():
        view, _, joint = name.partition(" ")
        answer = replay(
            site.house, "replayed", view, on=ON, last_day=ON, known_at=known_at,
            treaty_code="APMBC", known_from=FROM, joint=joint or "each",  # type: ignore[arg-type]  # of JOINTS
        )  # fmt: skip
        found = b"".join(json_parts(site.call(answer)))
        assert found == msgspec.json.encode(expected), name

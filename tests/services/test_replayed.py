"""What passes by some at a time is answered as the readable law answers over all of it."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import msgspec
import pytest

from domain.campaign_events import (
    CampaignActionAdded,
    CampaignAskAdded,
    CampaignAskMet,
    CampaignStarted,
)
from domain.clocks import KnownAt, known_text
from domain.events import Recorded
from domain.treaties import treaty
from infra import runs
from projections import dossier as plain
from projections import dossier_pass, opened_pass
from projections.board import board
from projections.campaigns import all_happened, campaign_list, campaign_page, campaigns_at
from projections.changes import changes_of
from projections.claims import claim_list, newest_first
from projections.criticism import JOINTS, criticism_matrix
from projections.deadlines import running_clocks
from projections.dossier import MEASURES, dossier, explain
from projections.histories import Version, believed, fold_all
from projections.paging import ROWS_MAX
from projections.parties import parties
from projections.transfers import page_of as transfers_page
from projections.transfers import transfers
from projections.undertakings import is_told, undertakings
from projections.undertakings import page_of as undertakings_page
from projections.worklists import LITTLE_CRITICISED, listed, review_queue
from services import replay as replaying
from services.replay import replay
from services.replayed import json_parts
from services.tables import unfolding
from tests.services.running import Running
from tests.services.tables.test_unfolding import filled

EVENTS = 500
ON = date(2023, 6, 30)
FROM = KnownAt(position=EVENTS // 3)
SLUG = "keep"
CAMPAIGN = (
    CampaignStarted(
        campaign=SLUG, title="Keep it", treaty="APMBC", targets=("KIR", "FJI", "TUV"),
        started_on=date(2015, 1, 1),
    ),
    CampaignAskAdded(campaign=SLUG, ask="hearing", text="Hold a hearing."),
    CampaignAskMet(campaign=SLUG, ask="hearing", claim="made-11-3"),
    CampaignActionAdded(campaign=SLUG, claim="made-11-5"),
)  # fmt: skip
"""What is recorded before the made history, about governments of many claims and of none."""
CODES = ("KIR", "FRA", "FIN")


@pytest.fixture(scope="module")
def log(site: Running) -> list[Recorded]:
    return filled(site, "replayed", EVENTS - len(CAMPAIGN), CAMPAIGN)


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
    found["board"] = board(facts, weights=weights, **how)
    found[LITTLE_CRITICISED] = listed(found["board"], LITTLE_CRITICISED)
    for code in CODES:
        found[f"government:{code}"] = dossier(code, about(some, code), weights=weights, **how)
        for measure in MEASURES:
            of_one = [one for one in facts if code in one.targets]
            found[f"{measure}:{code}"] = explain(measure, code, of_one, weights=weights, **how)
    campaign = campaigns_at(events[:until], known_at)[SLUG]
    happened = all_happened(campaign, some, until=ON)
    found[f"campaign:{SLUG}"] = campaign_page(campaign, happened, weights=weights, **how)
    found["campaigns"] = campaign_list({SLUG: campaign}, some, **how)
    if known_at.moment is None:
        found["changes"] = changes_of(
            histories, FROM, known_at, on=ON, from_known_at=str(FROM),
            to_known_at=how["known_at"], weights=weights,
        )  # fmt: skip
    for joint in JOINTS:
        found[f"criticism {joint}"] = criticism_matrix(
            some, weights=weights, joint=joint, circles=site.house.circles, rows_max=ROWS_MAX, **how
        )
    return found


def about(versions: list[Version], code: str) -> list[Version]:
    return [version for version in versions if code in version.claim.targets]


@pytest.fixture(scope="module", autouse=True)
def short_pages() -> Iterator[None]:
    """Pages that the made history fills."""
    with pytest.MonkeyPatch.context() as patch:
        for where in (plain, opened_pass):
            patch.setattr(where, "TERMS_MAX", 5)
        for where in (plain, dossier_pass):
            patch.setattr(where, "ENTRIES_MAX", 10)
            patch.setattr(where, "STEPS_MAX", 3)
        yield


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
    monkeypatch.setattr(replaying, "FOLDED_EVENTS_MAX", bytes_max)
    known_at = clock(log)
    for name, expected in readable(site, log, known_at).items():
        view, _, joint = name.partition(" ")
        answer = replay(
            site.house, "replayed", view, on=ON, last_day=ON, known_at=known_at,
            treaty_code="APMBC", known_from=FROM, joint=joint or "each",  # type: ignore[arg-type]  # of JOINTS
        )  # fmt: skip
        found = b"".join(json_parts(site.call(answer)))
        assert found == msgspec.json.encode(expected), name

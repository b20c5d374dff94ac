"""The ledgers that are kept at hand tell what the views hold, as they come forward."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clocks import HEAD, KnownAt
from domain.events import Recorded
from infra.postgres.log.appender import Appender
from infra.postgres.log.store import EventStore
from infra.postgres.projecting.projector import Projector
from infra.postgres.reading import at_hand
from infra.postgres.reading.at_hand import AtHand
from infra.postgres.reading.views import Views
from projections.ledgers import Ledger
from projections.transfers import TRANSFER_STAGES, LedgerAsk, excerpt_of, transfers
from projections.undertaken import Undertaken
from projections.undertakings import KINDS, told_by
from tests.infra.postgres.filling import append, claim, new_workspace
from tests.infra.postgres.reading.test_desk_figures import EXAMPLES
from tests.projections.test_ledgers import BESIDE, TOLD, named

ASK = LedgerAsk(government="", stage="", order="newest", rows_max=3, totals_max=3)
ON = date(2026, 5, 1)


@EXAMPLES
@given(events=TOLD, data=st.data())
async def test_a_ledger_follows_the_views(
    store: EventStore,
    appender: Appender,
    projector: Projector,
    views: Views,
    events: list[Recorded],
    data: st.DataObject,
) -> None:
    """Read at first and then brought up by what came since, whether somebody looked in between or
    not; of more claims than are kept, and as known before, it tells nothing."""
    kinds = {*TRANSFER_STAGES, *BESIDE}
    ledgers = AtHand(views, lambda: Ledger(BESIDE), kinds)
    few = AtHand(views, lambda: Ledger(BESIDE), kinds, claims_max=0)
    workspace = await new_workspace(store)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(events)), max_size=3)) | {len(events)})
    begin = 0
    for end in cuts:
        await append(appender, workspace, [one.event for one in events[begin:end]])
        begin, head = end, await projector.catch_up(workspace)
        if end != len(events) and data.draw(st.booleans()):
            continue
        _, versions = await views.versions(workspace, HEAD)
        whole = transfers(versions, on=ON, known_at=f"seq:{head}")
        async with ledgers.of(workspace, HEAD) as ledger:
            assert ledger is not None
            assert ledger.through == head
            found = ledger.excerpt(ASK, on=ON, known_at=f"seq:{head}", name=named)
            assert found == excerpt_of(whole, ASK, named)
            plans = [v for v in versions if v.claim.kind in BESIDE]
            assert ledger.plans(ASK, on=ON).count == len(plans)
        async with few.of(workspace, HEAD) as ledger:
            assert (ledger is None) == any(v.claim.kind in kinds for v in versions)
        async with ledgers.of(workspace, KnownAt(position=head)) as ledger:
            assert ledger is None


async def test_claims_that_a_ledger_does_not_tell_of_take_no_room(
    store: EventStore,
    appender: Appender,
    projector: Projector,
    views: Views,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A few commitments among many statements without a stance are kept at hand, however few claims
    may be, and read a few at a time."""
    monkeypatch.setattr(at_hand, "READ_AT_ONCE", 2)
    workspace = await new_workspace(store)
    stances: tuple[dict[str, str], ...] = (
        {},
        {"stance": "supports_norm"},
        {},
        {},
        {"stance": "supports_norm"},
    )
    said = [
        claim(f"c{n}", kind="policy_statement", actors=[{"kind": "state", "code": "NOR"}],
              details=stance)
        for n, stance in enumerate(stances)
    ]  # fmt: skip
    await append(appender, workspace, said)
    await projector.catch_up(workspace)
    for claims_max in (1, 2):
        kept = AtHand(views, Undertaken, KINDS, claims_max=claims_max,
                      tells=lambda version: bool(told_by(version)))  # fmt: skip
        async with kept.of(workspace, HEAD) as told:
            assert (told is None) == (claims_max == 1)
            assert told is None or told.claims == claims_max

"""The ledgers that are kept at hand tell what the views hold, as they come forward."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from domain.clocks import HEAD, KnownAt
from domain.events import Recorded
from infra.postgres.appender import Appender
from infra.postgres.ledgers import Ledgers
from infra.postgres.projector import Projector
from infra.postgres.store import EventStore
from infra.postgres.views import Views
from projections.transfers import LedgerAsk, excerpt_of, transfers
from tests.infra.projecting import append, new_workspace
from tests.infra.test_desk_figures import EXAMPLES
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
    ledgers, few = Ledgers(views, BESIDE), Ledgers(views, BESIDE, claims_max=0)
    workspace = await new_workspace(store)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(events)), max_size=3)) | {len(events)})
    begin = 0
    for end in cuts:
        await append(appender, workspace, [one.event for one in events[begin:end]])
        begin, head = end, await projector.catch_up(workspace)
        if end != len(events) and data.draw(st.booleans()):
            continue
        found = await ledgers.excerpt(workspace, ASK, on=ON, known_at=HEAD, name=named)
        _, versions = await views.versions(workspace, HEAD)
        whole = transfers(versions, on=ON, known_at=f"seq:{head}")
        assert found is not None
        assert found[:2] == (head, excerpt_of(whole, ASK, named))
        assert [plan.claim for plan in found[2]] == [
            v.claim.id
            for v in sorted(
                (v for v in versions if v.claim.kind in BESIDE),
                key=lambda v: (v.claim.date.representative_day, v.recorded_position),
                reverse=True,
            )
        ]
        some = await few.excerpt(workspace, ASK, on=ON, known_at=HEAD, name=named)
        assert (some is None) == bool(whole.transfers or found[2])
        then = KnownAt(position=head)
        assert await ledgers.excerpt(workspace, ASK, on=ON, known_at=then, name=named) is None

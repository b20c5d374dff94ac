"""The ledger of transfers: rows, ends that are read from elsewhere, ranges and their totals."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import HEAD
from domain.facts import COUNTED
from projections.histories import Version, believed, fold_all
from projections.transfers import TRANSFER_STAGES, Range, TransferRow, Transfers, transfers
from tests.histories import histories
from tests.projections.told import believed_now, shipped

ON = date(2026, 1, 20)


def ledger(*claims: Any, same: Any = (), on: date = ON) -> Transfers:
    """The ledger of some claims."""
    return transfers(believed_now(*claims, same=same), on=on, known_at="seq:1")


def delivery(**changes: Any) -> dict[str, Any]:
    """A delivery of mines by the United States to Ukraine; a change may replace its details."""
    return {
        "kind": "transfer_delivered",
        "actors": [{"kind": "state", "code": "USA"}],
        "targets": ["USA", "UKR"],
        "details": {"supplier": "USA", "recipient": "UKR"},
    } | changes


def of(quantity: Any, **changes: Any) -> dict[str, Any]:
    """A delivery of so many mines."""
    return delivery(
        details={"supplier": "USA", "recipient": "UKR", "quantity": quantity}, **changes
    )


def test_every_stage_stands_in_its_row() -> None:
    """What a claim states goes before its kind, a request stands by itself, and the furthest stage
    leads a row; each report keeps its own."""
    stages = ("requested", "authorised", "announced", "listed", "shipped", "transited", "received",
              "used")  # fmt: skip
    ends = {"supplier": "USA", "recipient": "UKR"}
    rows = [delivery(id=stage, details=ends | {"stage": stage, "quantity": 10}) for stage in stages]
    found = ledger(*rows, delivery(id="asked", kind="transfer_requested"))
    assert sorted(row.stage for row in found.transfers) == sorted([*stages, "requested"])
    assert [total.stage for total in found.totals] == list(stages)
    assert [(t.rows, t.unknown) for t in found.totals if t.stage == "requested"] == [(2, 1)]
    merged = ledger(*rows, same=[("requested", "used"), ("requested", "transited")])
    (furthest,) = [row for row in merged.transfers if len(row.claims) > 1]
    assert furthest.stage == "used"
    assert [c.stage for c in furthest.claims] == ["used", "transited", "requested"]


def test_who_asks_for_mines_is_to_receive_them() -> None:
    """The state that acts in a request is its recipient, and who is asked the supplier; merged with
    the delivery, each act says its own end."""
    request = delivery(
        id="asked",
        kind="transfer_requested",
        actors=[{"kind": "state", "code": "UKR"}],
        targets=["USA"],
        details={},
    )
    (row,) = ledger(request).transfers
    assert (row.supplier, row.recipient, row.inferred) == ("USA", "UKR", ("supplier", "recipient"))
    sent = delivery(id="sent", targets=["USA"], details={})
    (row,) = ledger(request, sent, same=[("asked", "sent")]).transfers
    assert (row.supplier, row.recipient, row.inferred) == ("USA", "UKR", ("supplier", "recipient"))


def test_the_shipped_transfers_have_no_number() -> None:
    """What the record does not number stays unknown, in rows and totals, and is never 0."""
    found = transfers(shipped(), on=ON, known_at="seq:1")
    assert [(row.happening, row.stage) for row in found.transfers] == [
        ("usa-2024-wapo-report-apl", "authorised"),
        ("usa-2024-transfer-tranche-1", "announced"),
        ("usa-2024-12-02-package-725m", "announced"),
    ]
    assert all(row.quantity is None for row in found.transfers)
    assert [(t.rows, t.unknown, t.at_least, t.at_most) for t in found.totals] == [
        (1, 1, None, None),
        (2, 2, None, None),
    ]
    merged = found.transfers[2]
    assert {c.claim for c in merged.claims} == {
        "usa-2024-12-02-package-725m",
        "usa-2024-transfer-tranche-2",
    }
    assert (merged.tranche, merged.mine_type) == (2, "undisclosed")
    early = transfers(shipped(), on=date(2024, 11, 20), known_at="seq:1")
    assert early.transfers == found.transfers[:2]


def test_a_row_says_what_its_claims_say() -> None:
    """Ends, ways, item, type, package and sources come from the claims."""
    details = {
        "supplier": "USA",
        "recipient": "UKR",
        "via": ["DEU", "POL"],
        "item": "ADAM",
        "mine_type": "M72",
        "package": "PDA 70",
        "quantity": {"at_least": 200, "unit": "mines"},
    }
    (row,) = ledger(
        delivery(details=details, sources=[{"publisher": "HRW"}, {"publisher": "AP"}])
    ).transfers
    assert (row.supplier, row.recipient, row.via, row.inferred) == (
        "USA",
        "UKR",
        ("DEU", "POL"),
        (),
    )
    assert (row.item, row.mine_type, row.package) == ("ADAM", "M72", "PDA 70")
    assert row.quantity == Range(at_least=200, at_most=None, unit="mines")
    assert row.claims[0].sources == 2


def test_ends_that_nobody_states_are_read_from_actors_and_targets() -> None:
    """Then the row says that they were; where several are left, the end stays unknown."""
    bare = delivery(details={})
    (row,) = ledger(bare).transfers
    assert (row.supplier, row.recipient) == ("USA", "UKR")
    assert row.inferred == ("supplier", "recipient")
    (row,) = ledger(bare | {"targets": ["USA", "UKR", "POL"]}).transfers
    assert (row.supplier, row.recipient, row.inferred) == ("USA", None, ("supplier",))
    (row,) = ledger(bare | {"actors": []}).transfers
    assert (row.supplier, row.recipient, row.inferred) == (None, None, ())
    (row,) = ledger(bare | {"actors": [], "details": {"recipient": "UKR"}}).transfers
    assert (row.supplier, row.recipient, row.inferred) == ("USA", "UKR", ("supplier",))


@pytest.mark.parametrize("kind", ["transfer_requested", "transfer_delivered"])
def test_ends_that_a_claim_states_stand_whoever_acts(kind: str) -> None:
    """Nothing is read from actors and targets of others instead."""
    others = {"actors": [{"kind": "state", "code": "EST"}], "targets": ["LVA"]}
    (row,) = ledger(delivery(kind=kind, **others)).transfers
    assert (row.supplier, row.recipient, row.inferred) == ("USA", "UKR", ())


def test_reports_of_one_happening_are_one_row() -> None:
    """The range spans what they say, and the furthest stage leads."""
    found = ledger(
        of(300, id="one", kind="transfer_announced"),
        of({"at_least": 100, "at_most": 200}, id="two"),
        of({"words": "several hundred"}, id="three"),
        same=[("one", "two")],
    )
    merged, vague = found.transfers
    assert (merged.stage, merged.quantity) == ("received", Range(at_least=100, at_most=300))
    assert vague.quantity == Range(at_least=None, at_most=None, words="several hundred")
    (total,) = found.totals
    assert (total.rows, total.unknown, total.at_least, total.at_most) == (2, 1, 100, None)


def test_stages_and_directions_are_not_added_up() -> None:
    """What was announced and what was received may be the same mines."""
    back = {"supplier": "UKR", "recipient": "USA", "quantity": 5}
    found = ledger(of(10), of(20, kind="transfer_announced"), of(1), delivery(details=back))
    assert [(t.supplier, t.stage, t.at_least, t.at_most) for t in found.totals] == [
        ("UKR", "received", 5, 5),
        ("USA", "announced", 20, 20),
        ("USA", "received", 11, 11),
    ]


def test_what_is_not_counted_in_mines_is_no_number_of_mines() -> None:
    """A pallet is kept in its row and unknown in the total; different units have no range."""
    found = ledger(
        of({"at_least": 3, "at_most": 3, "unit": "pallets"}, id="one"),
        of(900, id="two"),
        of(40, id="three"),
        same=[("one", "two")],
    )
    assert found.transfers[0].quantity == Range(at_least=None, at_most=None)
    assert (found.totals[0].unknown, found.totals[0].at_least, found.totals[0].at_most) == (
        1,
        40,
        None,
    )
    (alone,) = ledger(of({"at_least": 3, "at_most": 3, "unit": "pallets"})).totals
    assert (alone.unknown, alone.at_least, alone.at_most) == (1, None, None)


def test_a_contested_delivery_is_sure_of_nothing() -> None:
    """It enters the upper bound alone; what is pending or refuted is not in the ledger."""
    found = ledger(
        of(100), of(7, status="contested"), of(1, status="pending"), of(1, status="refuted")
    )
    assert [row.status for row in found.transfers] == ["accepted", "contested"]
    assert (found.totals[0].at_least, found.totals[0].at_most) == (100, 107)


QUANTITIES = st.one_of(
    st.none(),
    st.integers(0, 500),
    st.tuples(st.none() | st.integers(0, 200), st.none() | st.integers(200, 400)).map(
        lambda pair: {
            name: value
            for name, value in zip(("at_least", "at_most"), pair, strict=True)
            if value is not None
        }
    ),
)


@settings(max_examples=60, deadline=None)
@given(
    said=st.lists(
        st.tuples(QUANTITIES, st.sampled_from(["accepted", "contested"])), min_size=1, max_size=5
    ),
    data=st.data(),
)
def test_totals_hold_every_reading(said: list[tuple[Any, str]], data: st.DataObject) -> None:
    """However many mines each row truly stood for, and whether or not what is contested happened,
    the total holds their sum."""
    found = ledger(
        *(
            of(quantity, status=status) if quantity is not None else delivery(status=status)
            for quantity, status in said
        )
    )

    def reading(row: TransferRow) -> int:
        quantity = row.quantity or Range(at_least=None, at_most=None)
        low = quantity.at_least or 0
        high = low + 1000 if quantity.at_most is None else quantity.at_most
        happened = row.status == "accepted" or data.draw(st.booleans())
        return data.draw(st.integers(low, high)) if happened else 0

    truth = sum(reading(row) for row in found.transfers)
    (total,) = found.totals
    assert total.at_least is None or total.at_least <= truth
    assert total.at_most is None or truth <= total.at_most


@settings(max_examples=60, deadline=None)
@given(events=histories(), data=st.data())
def test_every_counted_transfer_is_in_one_row(events: list[Any], data: st.DataObject) -> None:
    """Every counted claim of a transfer is behind exactly one row, whatever the order it is read
    in."""
    held: list[Version] = believed(fold_all(events), HEAD)
    counted = [v.claim.id for v in held if v.claim.kind in TRANSFER_STAGES and v.status in COUNTED]
    found = transfers(held, on=ON, known_at="")
    listed = [c.claim for row in found.transfers for c in row.claims]
    assert sorted(listed) == sorted(counted)
    assert sum(t.rows for t in found.totals) == len(found.transfers)
    assert transfers(data.draw(st.permutations(held)), on=ON, known_at="") == found

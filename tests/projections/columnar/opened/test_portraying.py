"""What the page of a government is drawn from, from columns, equals what the law gives."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import HEAD, KnownAt
from domain.details import Departure
from domain.events import Recorded
from domain.kinds import KINDS
from projections.columnar.numbers.figures import Reckoner
from projections.columnar.opened.portraying import drawn, portrayed
from projections.columnar.terms.law import Law
from projections.dossier import series
from projections.histories import Version, believed, fold_all
from projections.portraits import Portrait, portrait
from tests.domain.made import WEIGHTS
from tests.histories import GOVERNMENTS, histories
from tests.infra.postgres.filling import claim
from tests.projections.columnar.numbers.test_figures import ONS, columns_of
from tests.projections.columnar.opened.test_outlining import plain


def of_the_list(found: Portrait) -> dict[str, Any]:
    """A portrait as plain values: of what is said of single claims what concerns the list; without
    courses, which are drawn on days of their own, and steps, which are fewer."""
    listed = {version.claim.id for version in found.versions}
    values: dict[str, Any] = plain(msgspec.to_builtins(found))
    for read in values["numbers"].values():
        read["points"] = {c: p for c, p in read["points"].items() if c in listed}
    values["left_out"] = {
        name: {c: why for c, why in some.items() if c in listed}
        for name, some in values["left_out"].items()
    }
    return {name: value for name, value in values.items() if name not in ("courses", "steps")}


@settings(max_examples=15, deadline=None)
@given(events=histories(moves_max=40), data=st.data())
def test_a_portrait_from_columns_is_the_one_of_the_law(
    events: list[Recorded], data: st.DataObject
) -> None:
    """Standings, numbers and what they rest on, the list with the points of each claim and why some
    do not count; and every point of a course is the number of that day."""
    history = fold_all(events)
    known_at = KnownAt(position=data.draw(st.integers(1, len(events))))
    held = sorted(believed(history, known_at), key=lambda v: v.recorded_position)
    at = {v.recorded_position: v for v in held}
    on = data.draw(st.sampled_from(ONS))
    for government, pieces in columns_of(events, [], 1).items():
        if government not in GOVERNMENTS:
            continue
        about = [v for v in held if government in v.claim.targets]
        outline = drawn(Reckoner(government, pieces, Law(WEIGHTS)), on, known_at)
        found = portrayed(government, outline, at, on=on)
        expected = portrait(government, about, on=on, weights=WEIGHTS)
        assert of_the_list(found) == of_the_list(expected)
        assert found.courses.keys() == expected.courses.keys()
        assert_courses(found, government, about, on)


@pytest.mark.parametrize("when", ["2025-06", "2025-06-15", "2025-06-15~"])
def test_columns_tell_whether_a_receipt_is_certain(when: str) -> None:
    """An instrument of withdrawal that is dated to a month, or about, gives an end that is about,
    from columns as by the law."""
    said = claim("left", occurred_on=when)
    told = {n: getattr(said, n) for n in said.__struct_fields__ if n != "details"}
    deposit = KINDS["withdrawal_instrument_deposited"](**told, details=Departure())
    events = [Recorded(1, datetime(2025, 12, 1, tzinfo=UTC), "person:1", deposit)]
    (version,) = believed(fold_all(events), HEAD)
    on = date(2025, 12, 1)
    expected = portrait("FIN", [version], on=on, weights=WEIGHTS)
    outline = drawn(Reckoner("FIN", columns_of(events, [], 1)["FIN"], Law(WEIGHTS)), on, HEAD)
    found = portrayed("FIN", outline, {1: version}, on=on)
    assert found.standings["APMBC"] == expected.standings["APMBC"]
    assert found.standings["APMBC"].about == (when != "2025-06-15")


def assert_courses(found: Portrait, government: str, about: list[Version], on: date) -> None:
    """Every point of every course is the number of that day by the law."""
    facts = [v.facts for v in about]
    for name, course in found.courses.items():
        days = [day for day, _ in course]
        assert days == sorted(days)
        assert days[-1] == on
        expected = series(name, government, facts, days, WEIGHTS)
        assert plain(msgspec.to_builtins(course)) == plain(msgspec.to_builtins(expected))

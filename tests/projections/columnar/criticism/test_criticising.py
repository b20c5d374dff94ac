"""Who criticised whom from a shelf equals what the readable law tells, however the log came onto
it."""

import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import HEAD, KnownAt
from domain.events import ClaimsDeclaredSame, LogEvent, Recorded
from projections.columnar.criticism.matrices import MatrixDraw, named, tabled
from projections.columnar.shelf import shelving
from projections.criticism import (
    Choice,
    Critic,
    Criticised,
    Excerpt,
    Joint,
    critical,
    criticism_matrix,
    excerpt_of,
    matrix_of,
)
from projections.histories import believed, fold_all
from projections.paging import Place
from projections.silence import Among
from tests.domain.made import WEIGHTS
from tests.histories import GOVERNMENTS, histories
from tests.infra.postgres.filling import claim
from tests.projections.columnar.dense import WHEN
from tests.projections.columnar.numbers.test_figures import ONS
from tests.projections.columnar.numbers.test_surveying import shelved
from tests.projections.test_criticism import CIRCLES

VOICES = (
    {"kind": "state", "code": "NOR"},
    {"kind": "state", "code": "FIN"},
    {"kind": "ngo", "name": "ICBL"},
    {"kind": "individual", "name": "Jody Williams"},
)
ASKED: tuple[tuple[date, Joint], ...] = (
    *((ONS[-1], "each"), (ONS[1], "only"), (ONS[-1], "off")),
    *((ONS[-1], "one"), (ONS[1], "one"), (ONS[-1], "one"), (ONS[1], "one")),
)
SPOKEN = st.tuples(
    st.lists(st.sampled_from(VOICES), max_size=3, unique_by=str),
    st.sampled_from(({}, {}, {"signatories": 3}, {"signatories": 5})),
    st.sampled_from(("statement_of_criticism", "statement_of_criticism", "objection_lodged")),
    st.sampled_from((("FIN",), ("FIN", "POL"), ("POL",), ("POL", "EST"), ())),
    st.sampled_from((True, True, False)),
    st.integers(0, 3),
    st.sampled_from(("2025-02-01", "2025-02-01", "2025-01-31", "2025-02-03")),
)


def spoken(drawn: list[tuple[Any, ...]]) -> list[Recorded]:
    """The log of statements by one or several, many of which were declared the same."""
    said: list[LogEvent] = []
    for n, (actors, details, kind, targets, accepted, other, day) in enumerate(drawn):
        fields = {"actors": actors, "details": details, "kind": kind, "targets": list(targets)}
        said.append(claim(f"c{n}", accepted=accepted, occurred_on=day, **fields))
        if other < min(n, 3):
            said.append(ClaimsDeclaredSame(claim=f"c{n}", other=f"c{other}"))
    return [Recorded(n, WHEN, "person:1", one) for n, one in enumerate(said, 1)]


def chosen(left_out: str | None, picked: set[str], rows_max: int) -> Choice:
    """The critics that addressed most, but for one kind, and some of the governments."""

    def rank(critic: Critic) -> tuple[int, str] | None:
        return None if critic.kind == left_out else (-critic.targets, critic.name)

    def columns(targets: Sequence[Criticised]) -> frozenset[str]:
        return frozenset(target.government for target in targets) & picked

    return Choice(rank, columns, rows_max)


@settings(max_examples=40, deadline=None)
@given(
    events=histories(moves_max=40) | st.lists(SPOKEN, min_size=2, max_size=9).map(spoken),
    data=st.data(),
)
def test_a_shelf_tells_the_matrix_that_the_law_tells(
    events: list[Recorded], data: st.DataObject
) -> None:
    """On any day and as known at any point, joint statements included and those who took back
    their names left out, whole or as far as a page shows it, and of whose silence is asked."""
    cuts = sorted(data.draw(st.sets(st.integers(1, len(events)), max_size=4)) - {len(events)})
    history = fold_all(events)
    moments = sorted({v.known_from for h in history.values() for v in h})
    nudge = timedelta(microseconds=data.draw(st.sampled_from([-1, 0, 1])))
    moment = KnownAt(moment=data.draw(st.sampled_from(moments)) + nudge)
    codes = tuple(sorted(data.draw(st.sets(st.sampled_from(GOVERNMENTS)))))
    asked = data.draw(
        st.sampled_from(
            [None, Among(codes=codes, allies=True), Among(speakers=True), Among(region=True)]
        )
    )
    picked = data.draw(st.sets(st.sampled_from(GOVERNMENTS)))
    limit = data.draw(st.integers(1, 3))
    government = data.draw(st.sampled_from(("", *GOVERNMENTS)))
    choice = chosen(data.draw(st.sampled_from((None, "state", "ngo"))), picked, limit)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shelving, "LEAF_ROWS", data.draw(st.sampled_from([1, 12, 10**6])))
        shelf = shelved(events, cuts)[-1]
        shelf.presents, shelf.sums = data.draw(st.booleans()), data.draw(st.booleans())
    for known_at in (HEAD, KnownAt(position=data.draw(st.integers(0, len(events)))), moment):
        held = believed(history, known_at)
        names = {v.recorded_position: (v.claim.id, v.claim.occurred_on) for v in held}
        for on, joint in ASKED:
            how: dict[str, Any] = {"among": asked, "circles": CIRCLES, "joint": joint}
            law: dict[str, Any] = {"on": on, "known_at": "", "weights": WEIGHTS} | how

            def told(
                on: date = on, known_at: KnownAt = known_at, names: Any = names, **draw: Any
            ) -> tuple[Excerpt, Place | None]:
                until = len(events)
                found = tabled(shelf, on, known_at, until=until, draw=MatrixDraw(**draw))
                recorded = found.stands["recorded"].tolist()
                return named(found, {claim: names[claim] for claim in recorded}), found.following

            whole, _ = told(**how)
            assert whole.matrix == criticism_matrix(held, **law)
            few, _ = told(**how, government=government, choice=choice)
            wanted = excerpt_of(whole.matrix, government, choice)
            without: dict[str, Any] = {"targets": ()}
            assert msgspec.structs.replace(
                few, matrix=msgspec.structs.replace(few.matrix, **without)
            ) == msgspec.structs.replace(
                wanted, matrix=msgspec.structs.replace(wanted.matrix, **without)
            )
            silences = {t.government: t for t in wanted.matrix.targets}
            for target in few.matrix.targets:
                if target.government in picked or asked is None:
                    assert target == silences[target.government]
                else:
                    assert msgspec.structs.replace(target, silent=None) == msgspec.structs.replace(
                        silences[target.government], silent=None, asked=0, shared=()
                    )
            after: Place | None = None
            said = list(critical(held, on, WEIGHTS))
            while True:
                page: dict[str, Any] = {"after": after, "rows_max": limit}
                found, after = told(**how, **page)
                assert (found.matrix, after) == matrix_of(said, **law, **page)
                if after is None:
                    break


def test_a_critic_is_called_as_it_was_recorded_last() -> None:
    """Where claims write one name in several ways, the claim that was recorded last does it."""
    names = [unicodedata.normalize(form, "Åland ämbete") for form in ("NFD", "NFC")]
    said = [
        claim(f"c{n}", occurred_on=day, actors=[{"kind": "ngo", "name": names[n]}], targets=["POL"])
        for n, day in enumerate(("2025-03-01", "2025-02-01"))
    ]
    events = [Recorded(n, WHEN, "person:1", one) for n, one in enumerate(said, 1)]
    for count, name in enumerate(names, 1):
        draw = MatrixDraw(among=None, circles=CIRCLES, joint="each")
        shelf = shelved(events, [1])[-1]
        found = tabled(shelf, ONS[-1], HEAD, until=count, draw=draw).excerpt.matrix
        assert [c.name for c in found.critics] == [name]

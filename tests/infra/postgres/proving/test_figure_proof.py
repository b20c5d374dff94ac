"""Columns of figures count the same however they lie, and others count otherwise."""

from random import Random

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.events import Recorded
from domain.facts import told
from infra.postgres.proving.figure_proof import Figures, FigureTallies, count
from projections.columns import (
    CLOSED,
    CODED,
    NUMBERS,
    Part,
    Pieces,
    microseconds,
    pack_block,
    pack_part,
    parts_of,
    pieces_of,
    unpack_pieces,
)
from projections.gathering import Gatherer, told_by
from projections.histories import Version, fold
from projections.spans import advance
from tests.histories import histories

LATER = 2**62


def replayed(events: list[Recorded], cuts: set[int]) -> dict[str, Figures]:
    """What is counted of a replay that has counted what it gathered so far at some events."""
    gatherer, tallies = Gatherer(), FigureTallies()
    current: dict[str, Version] = {}
    for number, recorded in enumerate(events, 1):
        for version in fold(current, recorded):
            known = microseconds(version.known_from)
            before = current.get(version.claim.id)
            if before is not None:
                gatherer.close(before, version.position, known)
            values = told(version.claim)
            told_now = told_by(values, version.recorded_position, version.claim.actors)
            gatherer.open(version, told_now, known)
            current[version.claim.id] = version
        if number in cuts:
            tallies.take(gatherer)
            assert gatherer.size == 0
    tallies.take(gatherer)
    return tallies.by_government


def stored(part: Part, seed: int, until: int) -> Figures:
    """What is counted of the same rows and closings, parted and mixed at random."""
    chosen, tally = Random(seed), Figures()
    pieces = [Part([], []) for _ in range(3)]
    for row in part.rows:
        chosen.choice(pieces).rows.append(row)
    for closing in part.closings:
        chosen.choice(pieces).closings.append(closing)
    for one in pieces:
        chosen.shuffle(one.rows)
        chosen.shuffle(one.closings)
        is_block = chosen.random() < 0.5
        body = pack_block(pieces_of(one)) if is_block else pack_part(one)
        count(tally, unpack_pieces(body, is_block=is_block), until)
    return tally


@settings(max_examples=40, deadline=None)
@given(events=histories(moves_max=40), cuts=st.sets(st.integers(1, 40)), seed=st.integers())
def test_rows_count_the_same_however_they_lie(
    events: list[Recorded], cuts: set[int], seed: int
) -> None:
    """In whatever parts, blocks and order rows and closings lie, and however often a replay has
    counted what it gathered, both count the same, up to whatever position."""
    change = advance({}, events)
    parts = parts_of(change.opened, change.closed)
    until = seed % len(events) + 1
    for known, some in ((LATER, events), (until, events[:until])):
        wanted = replayed(some, cuts)
        for code, part in parts.items():
            assert stored(part, seed, known) == wanted.get(code, Figures())
        assert wanted.keys() <= parts.keys()


@settings(max_examples=60, deadline=None)
@given(events=histories(moves_max=20), data=st.data())
def test_rows_with_any_other_value_count_otherwise(
    events: list[Recorded], data: st.DataObject
) -> None:
    """A number or a word of a row that is another is seen, and a closing that is another; so is a
    row that is missing or comes twice."""
    change = advance({}, events)
    parts = parts_of(change.opened, change.closed)
    assume(parts)
    part = parts[data.draw(st.sampled_from(sorted(parts)))]
    pieces = pieces_of(part)
    held = Figures()
    count(held, pieces, LATER)
    name = data.draw(st.sampled_from((*NUMBERS, *CODED, "missing", "twice", *CLOSED)))
    place = data.draw(st.integers(0, pieces.size - 1))
    if name in NUMBERS:
        pieces.columns[name][place] += data.draw(st.sampled_from((-1, 1, 2**40)))
    elif name in CODED:
        words = pieces.words[CODED.index(name)]
        if name in ("actor", "happening"):
            words[pieces.columns[name][place]] += "x"
        else:
            words[pieces.columns[name][place]] = ("x",)
    elif name in ("missing", "twice"):
        rows = part.rows[place : place + 1] * (0 if name == "missing" else 2)
        others = [*part.rows[:place], *part.rows[place + 1 :]]
        pieces = pieces_of(Part([*others, *rows], part.closings))
    elif part.closings:
        pieces.closings[name][data.draw(st.integers(0, len(part.closings) - 1))] += 1
    else:
        return
    other = Figures()
    count(other, pieces, LATER)
    assert other != held


@settings(max_examples=60, deadline=None)
@given(events=histories(moves_max=40), data=st.data())
def test_values_that_two_rows_exchange_are_seen(
    events: list[Recorded], data: st.DataObject
) -> None:
    """The same values in every column do not make the same rows."""
    change = advance({}, events)
    parts = parts_of(change.opened, change.closed)
    assume(parts)
    part = max(parts.values(), key=lambda one: len(one.rows))
    pieces = pieces_of(part)
    held, other = Figures(), Figures()
    count(held, pieces, LATER)
    column = pieces.columns[data.draw(st.sampled_from(("day", "known", "recorded", "profile")))]
    places = st.integers(0, pieces.size - 1)
    one, another = data.draw(places), data.draw(places)
    before = rows_of(pieces)
    column[[one, another]] = column[[another, one]]
    count(other, pieces, LATER)
    assert (other == held) == (rows_of(pieces) == before)


def rows_of(pieces: Pieces) -> list[tuple[int, ...]]:
    """The rows of columns in an order of their own."""
    return sorted(zip(*(column.tolist() for column in pieces.columns.values()), strict=True))

"""What claims are found by in an index, against the text that a search is about."""

import re
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.claims import Actor, Claim, Source
from projections.finding import (
    DIGITS,
    KNOWN,
    PART_CHARS,
    POSITIONS,
    WORD_CHARS,
    YEARS,
    features_beside,
    features_in,
    features_of,
    grams_asked,
    grams_of,
    is_word,
    parts_of,
    positions_up_to,
    spans,
    years_up_to,
)
from projections.search import folded, terms_of, texts_of, words_of
from tests.projections.told import believed_now

LETTERS = "aeéßñ мин地雷فلتحの12345٣-’'._/&%ไทย한"
texts = st.text(alphabet=LETTERS, min_size=1, max_size=40) | st.text(max_size=30)
long_runs = st.text(alphabet="abc", min_size=WORD_CHARS - 5, max_size=4 * WORD_CHARS)


CLAIM = believed_now({})[0].claim


def claim_told(summary: str) -> Claim:
    """A claim that has a summary."""
    return replace(CLAIM, summary=summary)


def is_found(text: str, query: str) -> bool:
    """Whether an index would give a text for a search."""
    claim = claim_told(summary=text)
    features = features_of(claim)
    for part in parts_of(query):
        words = (word for word in features if is_word(word) and part.part in word)
        asked = set(grams_asked(part.part)) if part.part else set()
        if part.features:
            if not set(part.features) & set(features):
                return False
        elif not any(asked <= set(grams_of(word)) for word in words):
            return False
    return True


@given(before=texts, sought=texts | long_runs, after=texts)
def test_an_index_gives_every_text_that_holds_what_is_sought(
    before: str, sought: str, after: str
) -> None:
    """Whatever stands in a text is found by any part of it, in any script, alone or inside a longer
    word or number: an index leaves nothing out."""
    text = before + sought + after
    held = words_of(claim_told(summary=text))
    if all(term in held for term in terms_of(sought)):
        assert is_found(text, sought)
    for term in terms_of(text):
        assert is_found(text, term[len(term) // 3 : len(term) // 3 + PART_CHARS])


@given(summary=texts | long_runs, note=st.none() | texts, name=texts, title=texts)
def test_what_a_claim_is_found_by_is_in_its_words(
    summary: str, note: str | None, name: str, title: str
) -> None:
    """However its texts are looked through, together or one by one, a claim is found by the same,
    each once and in the same order."""
    told = replace(
        claim_told(summary=summary),
        details=replace(CLAIM.details, note=note),
        actors=(Actor(kind="ngo", name=name, role=title),),
        sources=(Source(title=title, publisher=name),),
    )
    assert " ".join(texts_of(told)) == words_of(told)
    found = dict.fromkeys([*features_in(words_of(told)), *features_beside(told)])
    assert features_of(told) == list(found)


@given(before=texts, run=long_runs | st.from_regex(r"[0-9]{5,90}", fullmatch=True), after=texts)
def test_words_of_an_index_are_short_and_stand_once(before: str, run: str, after: str) -> None:
    """A long number counts as several of four digits and a long word as several, so that the
    vocabulary stays what it is whatever somebody writes."""
    claim = claim_told(summary=before + run + after)
    features = features_of(claim)
    assert len(features) == len(set(features))
    for word in filter(is_word, features):
        assert len(word) <= (DIGITS if re.fullmatch("[0-9]+", word) else WORD_CHARS)


@given(text=texts)
def test_a_part_of_a_word_is_asked_by_grams_that_the_word_has(text: str) -> None:
    """Every part of a word, of one letter or more, has no gram that the word lacks."""
    for word in re.findall(r"\w+", folded(text)):
        for begin in range(len(word)):
            for end in range(begin + 1, len(word) + 1):
                assert set(grams_asked(word[begin:end])) <= set(grams_of(word))


def test_a_text_of_other_words_is_not_given() -> None:
    """An index tells texts apart: by words, by digits, and by the characters of Chinese."""
    text = "Finland's deposit no. 123456 about 地雷"
    for sought in ("land", "o'brien", "345", "45 1234", "雷", "地"):
        assert is_found(text, sought) == (sought != "o'brien")
    for sought in ("norway", "1357", "雪", "depositions"):
        assert not is_found(text, sought)


@given(first=st.dates(), last=st.dates(), between=st.dates(), oldest=st.booleans())
def test_spans_hold_every_day_between_two(
    first: date, last: date, between: date, oldest: bool
) -> None:
    """A day between two lies in a month or in a year of the spans that hold both, and in one only;
    they stand in order."""
    first, between, last = sorted((first, between, last))
    found = spans(first, last, oldest=oldest)
    numbers = (12 * between.year + between.month, YEARS + between.year)
    assert [number in (*found.months, *found.years) for number in numbers].count(True) == 1
    for those in (found.months, found.years):
        assert list(those) == sorted(those, reverse=not oldest)


@given(position=st.integers(1, 2**40), other=st.integers(1, 2**40))
def test_positions_up_to_one_are_named(position: int, other: int) -> None:
    """Whatever is not later has one of the numbers, and what is twice as late has none."""
    is_named = POSITIONS + other.bit_length() in positions_up_to(position)
    assert is_named or other > position
    assert not is_named or other < 2 * position


def test_years_before_the_first_are_one() -> None:
    """What was known by 1800 is asked of under the number of the earliest year."""
    assert years_up_to(datetime(1800, 1, 1, tzinfo=UTC)) == [KNOWN + 1969]
    assert years_up_to(datetime(1971, 1, 1, tzinfo=UTC)) == [KNOWN + n for n in (1969, 1970, 1971)]

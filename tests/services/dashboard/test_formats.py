"""The words for dates, numbers, lists and addresses."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dashboard import formats


@pytest.mark.parametrize(
    ("edtf", "words"),
    [
        ("2025-06-27", "27 Jun 2025"),
        ("2025-06", "Jun 2025"),
        ("2025", "2025"),
        ("2025-XX", "2025"),
        ("2025-06-XX", "Jun 2025"),
        ("201X", "2010s"),
        ("2025-06~", "c. Jun 2025"),
        ("2025-03-18?", "18 Mar 2025, uncertain"),
        ("2025-11%", "c. Nov 2025, uncertain"),
        ("2025-06-25/2025-06-26", "25 or 26 Jun 2025"),
        ("2025-06-16/2025-06-19", "16 to 19 Jun 2025"),
        ("2025-06-30/2025-07-02", "30 Jun to 2 Jul 2025"),
        ("2025-12-31/2026-01-01", "31 Dec 2025 or 1 Jan 2026"),
        ("2025-01/2025-03", "Jan to Mar 2025"),
        ("2024/2025", "2024 to 2025"),
        ("2025/2025-03", "2025 to Mar 2025"),
        ("2025-06-16/2025-06-19~", "c. 16 to 19 Jun 2025"),
    ],
)
def test_a_vague_date_is_worded_and_never_sharpened(edtf: str, words: str) -> None:
    """What sources left open stays open."""
    assert formats.date_text(edtf) == words


@given(st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_a_day_is_marked_up_for_machines_and_worded_for_people(day: date) -> None:
    """`<time>` carries the ISO day; its text the words."""
    shown = formats.date_html(day)
    assert f'datetime="{day.isoformat()}"' in shown
    assert formats.date_text(day.isoformat()) in shown


def test_what_html_has_no_form_for_is_text_alone() -> None:
    """An interval or a decade is not put into `<time>`."""
    assert formats.date_html("2025-06-25/2025-06-26") == '<span class="nb">25 or 26 Jun 2025</span>'
    assert "<time" not in formats.date_html("201X")


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "today"),
        (1, "1 day"),
        (-1, "1 day ago"),
        (70, "70 days"),
        (730, "730 days"),
        (731, "2 years"),
        (2842, "7 years"),
        (-1500, "4 years ago"),
    ],
)
def test_a_countdown_is_told_in_days_then_in_years(days: int, words: str) -> None:
    """Days up to two years, then whole years that have passed."""
    assert formats.days_text(days) == words


@pytest.mark.parametrize(("score", "shown"), [(68.5, "69"), (0.49, "0"), (99.5, "100"), (2.5, "3")])
def test_a_score_is_a_whole_number(score: float, shown: str) -> None:
    """Halves are rounded up, never to the even neighbour."""
    assert formats.score_text(score) == shown


@pytest.mark.parametrize(
    ("score", "shown"), [(0, "0"), (0.00003, "<1"), (0.49, "<1"), (0.5, "1"), (68.5, "69")]
)
def test_a_number_above_nought_never_reads_0(score: float, shown: str) -> None:
    """What faded is told from what was never recorded."""
    assert formats.figure_text(score) == shown


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 100))
def test_rounding_keeps_a_score_within_its_interval(a: float, b: float, c: float) -> None:
    """low ≤ score ≤ high holds for what is shown, too."""
    shown = [int(formats.score_text(value)) for value in sorted((a, b, c))]
    assert shown == sorted(shown)


@pytest.mark.parametrize(
    ("names", "names_max", "told"),
    [
        ([], None, ""),
        (["Estonia"], None, "Estonia"),
        (["Estonia", "Latvia"], None, "Estonia and Latvia"),
        (["Estonia", "Latvia", "Lithuania"], None, "Estonia, Latvia and Lithuania"),
        (["Chad", "Fiji", "Oman"], 2, "Chad, Fiji and 1 more"),
        (["Chad", "Fiji"], 2, "Chad and Fiji"),
    ],
)
def test_names_are_listed_as_one_says_them(
    names: list[str], names_max: int | None, told: str
) -> None:
    """Commas, then "and"; a long list is cut and the rest counted."""
    assert formats.names_text(names, names_max) == told


def test_small_numbers_and_ranks_are_words() -> None:
    """Words to twelve, then figures with the right ending."""
    assert [formats.number_word(n) for n in (0, 1, 8, 12, 13)] == [
        "0",
        "one",
        "eight",
        "twelve",
        "13",
    ]
    ranks = [formats.ordinal_word(n) for n in (1, 5, 12, 13, 21, 22, 23, 111, 113)]
    assert ranks == ["first", "fifth", "twelfth", "13th", "21st", "22nd", "23rd", "111th", "113th"]


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "data:text/html,x", "//example.org", "ftp://example.org", ""),
        *("https://", "http://[broken", "mailto:a@example.org"),
    ],
)
def test_only_web_addresses_become_links(url: str) -> None:
    """A source cannot bring a script or a file into a page."""
    assert formats.web_address(url) is None


def test_a_web_address_is_named_by_its_host() -> None:
    """Without `www.`, which says nothing."""
    url = "https://www.un.org/en/a?b=c"
    assert formats.web_address(url) == url
    assert formats.web_host(url) == "un.org"
    assert formats.web_host("a book, p. 3") == "a book, p. 3"


def test_sentences_read_the_same_with_and_without_markup() -> None:
    """Text is escaped, days are marked up, and the plain form says the same."""
    pieces = ("A & B left on ", date(2026, 1, 10), ".")
    assert formats.sentence_text(pieces) == "A & B left on 10 Jan 2026."
    html = formats.sentence_html(pieces)
    assert html == 'A &amp; B left on <time datetime="2026-01-10">10 Jan 2026</time>.'


def test_every_status_and_state_has_a_word_and_a_shape() -> None:
    """No tag stands on colour alone."""
    for tag in (*formats.STATUS_TAGS.values(), *formats.STATE_TAGS.values()):
        assert tag.word
        assert tag.icon

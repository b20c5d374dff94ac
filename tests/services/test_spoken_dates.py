"""Dates as people write them: what is understood, and what is refused instead of guessed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dates import partial_date
from services.dashboard.formats import date_text
from services.spoken_dates import read_date

TODAY = date(2026, 2, 19)


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("March 2025", "2025-03"), ("Mar 2025", "2025-03"), ("mars 2025", "2025-03"),
        ("18 Mar 2025", "2025-03-18"), ("18th of March, 2025", "2025-03-18"),
        ("March 18, 2025", "2025-03-18"), ("18 de marzo de 2025", "2025-03-18"),
        ("1er août 2024", "2024-08-01"), ("2025", "2025"), ("2025-03", "2025-03"),
        ("2025-03-18", "2025-03-18"), ("2025/03/18", "2025-03-18"), ("2025.3", "2025-03"),
        ("18.3.2025", "2025-03-18"), ("18/3/2025", "2025-03-18"), ("3/18/2025", "2025-03-18"),
        ("5.5.2025", "2025-05-05"), ("about 2025", "2025~"), ("c. Jun 2025", "2025-06~"),
        ("circa 1997", "1997~"), ("~2025", "2025~"), ("2025-03~", "2025-03~"), ("2025?", "2025?"),
        ("probably March 2025", "2025-03?"), ("March 2025?", "2025-03?"),
        ("between 1 and 5 May 2025", "2025-05-01/2025-05-05"),
        ("between March and May 2025", "2025-03/2025-05"),
        ("between 21 June 2022 and 31 December 2022", "2022-06-21/2022-12-31"),
        ("from 2019 to 2021", "2019/2021"), ("2019 to 2021", "2019/2021"),
        ("2019/2021", "2019/2021"),
        ("25 or 26 Jun 2025", "2025-06-25/2025-06-26"),
        ("18-20 March 2025", "2025-03-18/2025-03-20"),
        ("18 – 20 March 2025", "2025-03-18/2025-03-20"), ("about 2019 to 2021", "2019~/2021~"),
        ("the 1990s", "199X"), ("1990s", "199X"), ("199x", "199X"), ("Q1 2025", "2025-01/2025-03"),
        ("today", "2026-02-19"), ("yesterday", "2026-02-18"), ("  Mar   2025 ", "2025-03"),
    ],
)  # fmt: skip
def test_a_date_is_read_as_it_is_meant(text: str, edtf: str) -> None:
    """Words, numbers, doubts and spans become the one EDTF date that they mean."""
    assert read_date(text, TODAY) == edtf


@pytest.mark.parametrize(
    ("text", "tip"),
    [
        ("02/03/2026", "2 Mar or 3 Feb 2026"), ("before 2020", "between"),
        ("spring 2025", "seasons"),
        ("by Dec 2025", "between"), ("31 Feb 2025", "does not exist"),
        ("soon", "write 18 Mar 2025"),
        ("", "Enter a date"), ("5 May 2025 to 1 May 2025", "ends before"), ("x" * 500, "too long"),
        ("March", "write"), ("18 March", "write"), ("about about 2025", "write"),
        ("0000", "write"),
    ],
)  # fmt: skip
def test_what_is_open_or_could_be_two_days_is_refused_with_advice(text: str, tip: str) -> None:
    """No day is guessed; the refusal says how to write it."""
    with pytest.raises(ValueError, match=tip):
        read_date(text, TODAY)


@given(st.dates(min_value=date(1000, 1, 1), max_value=date(2199, 12, 31)), st.sampled_from("~? "))
def test_the_words_a_page_shows_can_be_typed_again(day: date, mark: str) -> None:
    """What a page says of a day, month or year is read as that day, month or year."""
    for size in (4, 7, 10):
        edtf = day.isoformat()[:size] + mark.strip()
        again = partial_date(read_date(date_text(edtf).replace(", uncertain", "?"), TODAY))
        assert (again.first_day, again.last_day) == (
            partial_date(edtf).first_day,
            partial_date(edtf).last_day,
        )


@given(st.text(max_size=90))
def test_any_text_is_a_date_or_a_sentence(text: str) -> None:
    """Whatever is typed, the answer is EDTF or a refusal that ends as a sentence."""
    said = ""
    try:
        partial_date(read_date(text, TODAY))
    except ValueError as refused:
        said = str(refused)
    assert not said or said.endswith(".")

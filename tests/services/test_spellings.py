"""Governments and dates as people write them: every usual spelling is read, nothing is guessed."""

import re
from datetime import date

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from domain.dates import partial_date
from domain.governments import GOVERNMENTS
from domain.treaties import TREATIES
from services import partial_dates
from services.dashboard.formats import date_text
from services.dashboard.language import LANGUAGES, choose, tongue
from services.dashboard.states import treaty_name
from services.partial_dates import edtf
from services.spellings import USED, government, suggested
from services.treaty_names import treaty_code


def test_every_government_is_known_by_its_codes_its_name_and_its_other_names() -> None:
    """Codes in any case, names of the depositary and other names lead to the code."""
    for code, name in GOVERNMENTS.items():
        for said in (code, code.lower(), name, name.upper(), f" {name} ", *USED.get(code, ())):
            assert government(said) == code, said


@pytest.mark.parametrize("language", ["en", "fr", "es", "ru", "ar", "pl"])
def test_governments_are_known_in_many_languages(language: str) -> None:
    """The name that a language has for a government leads to it."""
    names = Locale(language).territories
    said = {"FI": "FIN", "LV": "LVA", "TR": "TUR", "SZ": "SWZ", "UA": "UKR", "PS": "PSE"}
    assert {government(names[two]) for two in said} == set(said.values())


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Turkey", "TUR"), ("Türkiye", "TUR"), ("turkiye", "TUR"), ("Swaziland", "SWZ"),
        ("Łotwa", "LVA"), ("Korea, Republic of", "KOR"), ("Macedonia", "MKD"),
        ("the Czech Republic", "CZE"), ("Burma", "MMR"), ("Myanmar (Burma)", "MMR"),
        ("cote d'ivoire", "CIV"), ("Islamic Republic of Iran", "IRN"), ("Congo", "COG"),
        ("Kingdom of Norway", "NOR"), ("Republic of Poland", "POL"), ("St. Lucia", "LCA"),
        ("Kingdom of the Netherlands", "NLD"), ("Socialist Republic of Viet Nam", "VNM"),
    ],
)  # fmt: skip
def test_old_and_foreign_names_are_read(said: str, code: str) -> None:
    """Former names, names in other languages and inverted ones are understood."""
    assert government(said) == code


@pytest.mark.parametrize("said", ["Korea", "Atlantis", "", "no", "x" * 500])
def test_what_means_no_government_or_two_is_none(said: str) -> None:
    """Nothing is guessed: an ambiguous or unknown name is no government."""
    assert government(said) is None


def test_a_misspelt_name_is_suggested_and_not_taken() -> None:
    """A near miss is offered; what is far from every name is not."""
    assert (government("Finlnd"), suggested("Finlnd")) == (None, ("FIN",))
    assert suggested("Atlantis of the deep") == ()


@pytest.mark.parametrize("said", ["Korea", "korea", "Corée", "Corea"])
def test_a_name_that_two_share_is_taken_for_neither_and_both_are_suggested(said: str) -> None:
    """Whoever writes Korea is asked which one."""
    assert (government(said), suggested(said)) == (None, ("KOR", "PRK"))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("apmbc", "APMBC"), ("Mine Ban Treaty", "APMBC"), ("the Mine Ban Treaty", "APMBC"),
        ("Ottawa", "APMBC"), ("Ottawa Treaty", "APMBC"), ("OTTAWA CONVENTION", "APMBC"),
        ("Convention d’Ottawa", "APMBC"), ("Convención de Ottawa", "APMBC"),
        ("Convención sobre la prohibición de minas antipersonal", "APMBC"),
        ("CCM", "CCM"), ("Oslo", "CCM"), ("Convention on Cluster Munitions", "CCM"),
        ("Convention sur les armes à sous-munitions", "CCM"), ("Convention d'Oslo", "CCM"),
        ("Convención sobre Municiones en Racimo", "CCM"), ("Tratado de Oslo", "CCM"),
    ],
)  # fmt: skip
def test_treaties_are_known_by_the_names_people_use(said: str, code: str) -> None:
    """By code in any case, by city, in short and in full, in English, French and Spanish."""
    assert treaty_code(said) == code


def test_a_treaty_is_known_by_what_pages_call_it() -> None:
    """What a page says in any language of the product can be typed again."""
    for language in LANGUAGES:
        choose(tongue(language))
        for code in TREATIES:
            assert treaty_code(treaty_name(code)) == code
    choose(tongue("en"))


@pytest.mark.parametrize("said", ["NPT", "", "the", "convention", "x" * 500])
def test_what_names_no_treaty_is_none(said: str) -> None:
    """No treaty is guessed."""
    assert treaty_code(said) is None


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("18 Mar 2025", "2025-03-18"),
        ("March 18, 2025", "2025-03-18"),
        ("March 2025", "2025-03"),
        ("18. März 2025", "2025-03-18"),
        ("1er juillet 2025", "2025-07-01"),
        ("18.03.2025", "2025-03-18"),
        ("18/03/2025", "2025-03-18"),
        ("03/18/2025", "2025-03-18"),
        ("3/2025", "2025-03"),
        ("c. Jun 2025", "2025-06~"),
        ("10 to 20 May 2025", "2025-05-10/2025-05-20"),
        ("25 or 26 Jun 2025", "2025-06-25/2025-06-26"),
        ("2025-03-18T10:00", "2025-03-18"),
        ("about 2025", "2025~"),
        ("circa March 2025", "2025-03~"),
        ("probably March 2025", "2025-03?"),
        ("between 1 and 5 May 2025", "2025-05-01/2025-05-05"),
        ("between March and May 2025", "2025-03/2025-05"),
        ("between 21 June 2022 and 31 December 2022", "2022-06-21/2022-12-31"),
        ("from 2019 to 2021", "2019/2021"),
        ("about 2019 to 2021", "2019~/2021~"),
        ("18-20 March 2025", "2025-03-18/2025-03-20"),
        ("the 1990s", "199X"),
        ("18-Mar-2025", "2025-03-18"),
        ("Mar-2025", "2025-03"),
        ("18-03-2025", "2025-03-18"),
        ("18.03.2025 10:30", "2025-03-18"),
        ("18/03/2025 00:00:00", "2025-03-18"),
        ("March 25 to April 2 2025", "2025-03-25/2025-04-02"),
        ("Q1 2025", "2025-01/2025-03"),
    ],
)
def test_dates_are_read_as_people_write_them(said: str, meant: str) -> None:
    """Words and figures, roughly and between, become EDTF."""
    assert edtf(said) == meant


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("03/04/2025", "two days"),
        ("31.02.2025", "does not exist"),
        ("03-04-2025", "two days"),
        ("18.03.25", "century"),
        ("18-Mar-25", "four figures"),
        ("Mar-25", "four figures"),
        ("soon", "is not a date"),
        ("before 2020", "both ends"),
        ("avant 2020", "both ends"),
        ("desde marzo de 2025", "both ends"),
        ("early March 2025", "several days"),
        ("mid-March 2025", "several days"),
        ("the end of March 2025", "several days"),
        ("early to mid March 2025", "several days"),
        ("début mars 2025", "several days"),
        ("mi-mars 2025", "several days"),
        ("à la fin de mars 2025", "several days"),
        ("a principios de marzo de 2025", "several days"),
        ("a mediados de marzo de 2025", "several days"),
        ("finales de marzo 2025", "several days"),
        ("Anfang März 2025", "several days"),
        ("late 2025", "several months"),
        ("fin 2025", "several months"),
        ("a finales de 2025", "several months"),
        ("spring 2025", "hemisphere"),
        ("2025-13-01", "does not exist"),
        ("9" * 80, "too long"),
    ],
)
def test_a_date_that_cannot_be_one_day_is_refused_with_how_to_write_it(said: str, why: str) -> None:
    """What is ambiguous, impossible or no date at all is refused, and never guessed."""
    with pytest.raises(ValueError, match=why) as refusal:
        edtf(said)
    assert "write" in str(refusal.value)


@pytest.mark.parametrize(
    ("how", "meant"),
    [
        (partial_dates.HOW, 5),
        (partial_dates.BOTH_ENDS, 1),
        (partial_dates.NO_SEASONS, 1),
        (partial_dates.PART_OF_MONTH, 3),
        (partial_dates.PART_OF_YEAR, 3),
    ],
)
def test_what_a_refusal_tells_to_write_can_be_written(how: str, meant: int) -> None:
    """Every example that a refusal gives is read as a date."""
    examples = re.split(r", or | or |, ", re.split(r"write ", how)[1])
    examples = [re.sub(r" (?:for .*|alone)$", "", one) for one in examples]
    assert len(examples) == meant
    for example in examples:
        edtf(example)


@given(st.dates(date(1955, 1, 1), date(2100, 12, 31)))
def test_a_day_is_the_same_in_every_writing(day: date) -> None:
    """ISO, words, dotted figures and the serial number of spreadsheets mean the same day."""
    serial = (day - date(1899, 12, 30)).days
    assert partial_dates.of_number(serial) == day.isoformat()
    for said in (day.isoformat(), f"{day:%d %B %Y}", f"{day:%d.%m.%Y}", f"{day:%Y/%m/%d}"):
        assert edtf(said) == day.isoformat()


@given(st.text(max_size=30))
def test_whatever_is_read_is_a_date(text: str) -> None:
    """Any text is read as an EDTF date or refused; nothing else happens."""
    try:
        found = edtf(text)
    except ValueError:
        return
    assert partial_date(found).first_day <= partial_date(found).last_day


@given(st.dates(date(1000, 1, 1), date(2199, 12, 31)), st.sampled_from(["~", "?", ""]))
def test_the_words_a_page_shows_can_be_typed_again(day: date, mark: str) -> None:
    """What a page says of a day, month or year is read as that day, month or year."""
    for size in (4, 7, 10):
        shown = partial_date(day.isoformat()[:size] + mark)
        again = partial_date(edtf(date_text(shown.text).replace(", uncertain", "?")))
        assert (again.first_day, again.last_day) == (shown.first_day, shown.last_day)

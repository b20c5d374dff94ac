"""The pages in French and Spanish: who is spoken to in which language, and how dates and numbers
are written and read in it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
import pytest

from services.dashboard import formats
from services.dashboard.clocks import read_known_at, read_on
from services.dashboard.forms.fields import Leaf
from services.dashboard.forms.reading import read_form_of
from services.dashboard.language import (
    ENGLISH,
    LANGUAGES,
    choose,
    count_text,
    decimal_text,
    preferred,
    tongue,
)
from services.dashboard.states import GOVERNMENTS
from services.partial_dates import edtf
from tests import loopback
from tests.ending import ending
from tests.services.dashboard import screens
from tests.services.dashboard.test_people import entered, sent
from tests.services.running import Running

TODAY = date(2026, 2, 19)
FRENCH = {"Accept-Language": "fr-CA,fr;q=0.9,en;q=0.5"}


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    choose(tongue(ENGLISH))


@pytest.fixture(scope="module")
def browser(site: Running) -> Iterator[httpx.Client]:
    """The browser of somebody who reads."""
    with entered(site, site.person("contributor")) as client:
        yield client


def test_a_page_speaks_the_language_that_the_browser_asks_for(browser: httpx.Client) -> None:
    """It says so in its head and in the answer, and another language is another version of it."""
    english, french = browser.get("/today"), browser.get("/today", headers=FRENCH)
    assert '<html lang="en">' in english.text
    assert '<html lang="fr">' in french.text
    assert english.headers["content-language"] == "en"
    assert french.headers["content-language"] == "fr"
    assert "accept-language" in french.headers["vary"].lower()
    assert english.headers["etag"] != french.headers["etag"]
    held = {"If-None-Match": french.headers["etag"]}
    assert browser.get("/today", headers={**FRENCH, **held}).status_code == 304
    assert browser.get("/today", headers=held).status_code == 200
    assert "Signalements" in french.text
    assert (
        browser.get("/nowhere", headers={**FRENCH, "Accept": "text/html"}).headers[
            "content-language"
        ]
        == "fr"
    )


def test_a_visitor_chooses_a_language_and_keeps_it(site: Running) -> None:
    """Without an account the choice is kept by the browser, and wins over what it asks for."""
    with loopback.Client(base_url=site.url, timeout=60, headers=FRENCH) as visitor:
        assert "Se connecter" in visitor.get("/login").text
        answer = visitor.post("/language", data={"language": "es", "next": "/login"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
        assert "Entrar" in visitor.get("/login").text
        visitor.post("/language", data={"language": "xx", "next": "//elsewhere.example"})
        assert '<html lang="es">' in visitor.get("/login").text
        visitor.post("/language", data={"language": ""})
        assert '<html lang="fr">' in visitor.get("/login").text


def test_another_site_chooses_no_language(site: Running) -> None:
    """A form of another site changes nothing."""
    forged = {"Sec-Fetch-Site": "cross-site"}
    with loopback.Client(base_url=site.url, timeout=60) as visitor:
        answer = visitor.post("/language", data={"language": "es"}, headers=forged)
        assert "set-cookie" not in answer.headers
        assert '<html lang="en">' in visitor.get("/login").text


def test_a_person_is_spoken_to_in_their_language_wherever_they_log_in(site: Running) -> None:
    """The setting of the account wins over the browser, in every browser; without the token of the
    form nothing of the account is changed."""
    email = site.person("viewer")
    with entered(site, email) as one:
        assert one.post("/language", data={"language": "fr"}).status_code == 303
        one.cookies.delete("article20_language")
        assert '<html lang="en">' in one.get("/account").text
        sent(one, "/account", "/language", language="es", next="/account?done=language")
        page = one.get("/account?done=language").text
        assert '<option value="es" lang="es" selected>' in page
        assert '<html lang="es">' in page
    with entered(site, email) as other:
        assert '<html lang="es">' in other.get("/today", headers=FRENCH).text
        sent(other, "/account", "/language", language="")
        assert '<html lang="fr">' in other.get("/today", headers=FRENCH).text


def test_files_are_the_same_in_every_language(browser: httpx.Client) -> None:
    """Names, words and numbers of a file are for machines: the language changes nothing in it."""
    path = "/map?format=csv"
    assert browser.get(path).content == browser.get(path, headers=FRENCH).content


def test_a_refusal_of_a_form_is_in_the_language(browser: httpx.Client) -> None:
    """What is wrong, and how to mend it, is said in the language of the page."""
    browser.headers.update(FRENCH)
    answer = sent(browser, "/account", "/account/password", present="wrong", new="0123456789")
    assert "Le mot de passe actuel n’est pas le bon." in answer.text


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("de, es-MX;q=0.8, fr;q=0.9", "fr"),
        ("es;q=0, fr;q=0.1", "fr"),
        ("de,nl", "en"),
        ("fr;q=nonsense, es;q=0.2", "es"),
        ("*", "en"),
    ],
)
def test_the_language_a_browser_likes_best_is_spoken(accepted: str, code: str) -> None:
    """The weights of its list decide; one that pages do not speak is passed over."""
    assert preferred(accepted) == code


@pytest.mark.parametrize(
    ("code", "number", "decimal", "day", "vague", "names"),
    [
        ("en", "1,029,763", "1234.5", "1 Dec 2025", "25 or 26 Jun 2025", "Chad, Fiji and Kenya"),
        ("fr", "1\u202f029\u202f763", "1234,5", "1er déc. 2025", "25 ou 26 juin 2025",
         "Tchad, Fidji et Kenya"),
        ("es", "1.029.763", "1234,5", "1 dic 2025", "25 o 26 jun 2025", "Chad, Fiyi y Kenia"),
    ],
)  # fmt: skip
def test_dates_numbers_and_lists_follow_the_language(
    code: str, number: str, decimal: str, day: str, vague: str, names: str
) -> None:
    """Marks within numbers, names of months and the words that join are those of the language."""
    choose(tongue(code))
    assert count_text(1_029_763) == number
    assert decimal_text(1234.5, 1) == decimal
    assert formats.day_text(date(2025, 12, 1)) == day
    assert formats.date_text("2025-06-25/2025-06-26") == vague
    assert formats.names_text([GOVERNMENTS[state] for state in ("TCD", "FJI", "KEN")]) == names


def test_spanish_joins_before_the_sound_of_i_with_e() -> None:
    """`Estonia e Irlanda`, and `y` before any other sound."""
    choose(tongue("es"))
    assert formats.names_text(["Estonia", "Irlanda"]) == "Estonia e Irlanda"
    assert formats.names_text(["Estonia", "Letonia"]) == "Estonia y Letonia"


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("month", range(1, 13))
def test_what_a_page_shows_as_a_date_is_understood_when_it_is_typed(code: str, month: int) -> None:
    """The fields of the clocks and of the form read every day as the language writes it."""
    choose(tongue(code))
    for day in (date(2024, month, 1), date(2024, month, 26)):
        shown = formats.day_text(day)
        assert read_on(shown, TODAY) == day
        assert read_known_at(shown, TODAY) == day.isoformat()
        assert edtf(shown) == day.isoformat()


@pytest.mark.parametrize(
    ("code", "typed", "found"),
    [
        ("fr", "26 décembre 2025", "2025-12-26"),
        ("fr", "1er février 2025", "2025-02-01"),
        ("fr", "vers juin 2025", "2025-06~"),
        ("fr", "du 16 au 19 juin 2025", "2025-06-16/2025-06-19"),
        ("es", "26 de diciembre de 2025", "2025-12-26"),
        ("es", "hacia junio de 2025", "2025-06~"),
        ("es", "entre el 1 y el 5 de mayo de 2025", "2025-05-01/2025-05-05"),
        ("en", "between 1 and 5 May 2025", "2025-05-01/2025-05-05"),
    ],
)
def test_vague_dates_are_understood_as_each_language_writes_them(
    code: str, typed: str, found: str
) -> None:
    """Long names of months, what stands for about, and spans."""
    choose(tongue(code))
    assert edtf(typed) == found


@pytest.mark.parametrize(
    ("code", "typed", "value"),
    [
        ("en", "at least 4,000 mines", {"at_least": 4000, "unit": "mines"}),
        ("fr", "au moins 4 000 mines", {"at_least": 4000, "unit": "mines"}),
        ("fr", "4\u202f000 à 5\u202f000", {"at_least": 4000, "at_most": 5000}),
        ("es", "como máximo 5.000", {"at_most": 5000}),
        ("es", "4.000", 4000),
    ],
)
def test_amounts_are_understood_as_each_language_writes_them(
    code: str, typed: str, value: object
) -> None:
    """Bounds in words, and the marks between thousands."""
    choose(tongue(code))
    leaf = Leaf(name="details.quantity", label="Quantity", input="amount")
    assert read_form_of((leaf,), {leaf.name: typed}).value == {"details": {"quantity": value}}


def test_an_amount_is_read_once_however_it_is_typed() -> None:
    """A unit keeps its blanks and loses those behind it, words stand after it; blanks and marks
    that never end are words, at once."""
    choose(tongue("en"))
    leaf = Leaf(name="details.quantity", label="Quantity", input="amount")

    def read(typed: str) -> Any:
        return read_form_of((leaf,), {leaf.name: typed}).value["details"]["quantity"]

    assert read("4,000 boxes of mines  “some”") == {
        "at_least": 4000,
        "at_most": 4000,
        "unit": "boxes of mines",
        "words": "some",
    }
    for typed in (
        f"1 x{' ' * 60_000}“y",
        "1 x" + '"a' * 60_000,
        f"1 to{' ' * 60_000}“y",
        f"1{' ' * 60_000}“y",
        f"{'1 111' * 20_000}x“",
    ):
        with ending():
            assert read(typed) == {"words": typed}


def test_a_page_that_is_refused_keeps_the_clocks_and_the_language(browser: httpx.Client) -> None:
    """It leads to the same day, as known when it was known, and its title is in the language."""
    page = {**FRENCH, "Accept": "text/html"}
    clocks = "on=2026-02-19&known_at=2025-12-05"
    for path in ("/governments/ZZZ", "/nowhere", "/audit"):
        refusal = browser.get(f"{path}?{clocks}", headers=page)
        assert refusal.status_code in (403, 404)
        assert f'href="/today?{clocks}"' in refusal.text.replace("&amp;", "&")
    refusal = browser.get("/leave", headers=page)
    assert refusal.status_code == 405
    assert "Méthode non acceptée" in refusal.text
    assert 'href="/today"' in refusal.text


def test_days_on_which_sources_differ_follow_the_language() -> None:
    """On a claim's own page, as everywhere: `17 juil. 2025`, never `2025-07-17`."""
    choose(tongue("fr"))
    page = screens.claim("ukr-2025-suspension-notified")
    assert [dispute.values for dispute in page.disputes] == [("17 juil. 2025", "18 juil. 2025")]

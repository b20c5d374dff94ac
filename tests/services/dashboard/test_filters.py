"""What is typed into the filters of lists: days as the pages write them, governments by name."""

from collections.abc import Iterator

import httpx
import pytest

from tests.services.dashboard.markup import Markup
from tests.services.running import Running, claim


@pytest.fixture(scope="module")
def reader(site: Running) -> Iterator[httpx.Client]:
    """An admin who reads of criticism in two months."""
    with site.client("admin") as client:
        for day in ("2025-03-18", "2025-05-02"):
            body = claim(id=f"of-{day}", occurred_on=day)
            key = {"Idempotency-Key": body["id"]}
            client.post("/api/v1/claims", json=body, headers=key).raise_for_status()
        with site.client("reviewer") as other:
            other.post("/api/v1/claims/of-2025-03-18/accept", json={}).raise_for_status()
        site.caught_up()
        yield client


def opened(client: httpx.Client, path: str, **asked: str) -> Markup:
    """A page as it is sent."""
    answer = client.get(path, params=asked)
    assert answer.status_code == 200
    return Markup(answer.text)


@pytest.mark.parametrize(
    "typed", ["18 Mar 2025", "2025-03-18", "18 mars 2025", "18 de marzo de 2025"]
)
def test_a_day_is_taken_as_pages_write_it(reader: httpx.Client, typed: str) -> None:
    """What is copied from a column of dates narrows the list, in every language."""
    page = opened(reader, "/claims", **{"from": typed, "to": typed})
    assert page.values("[data-record]", "data-record") == ["of-2025-03-18"]
    assert page.all(".field__error") == []
    assert opened(reader, "/audit", **{"from": typed}).all(".field__error") == []


def test_a_month_ends_with_its_last_day(reader: httpx.Client) -> None:
    """Up to a month means to its end."""
    page = opened(reader, "/claims", to="Mar 2025")
    assert page.values("[data-record]", "data-record") == ["of-2025-03-18"]


def test_what_is_no_day_is_told_at_its_field(reader: httpx.Client) -> None:
    """It stays typed, its field says how to write it, and has the focus; of two the first."""
    page = opened(reader, "/claims", **{"from": "soon", "to": "later"})
    said = "“soon” is not a date; write 18 Mar 2025, Mar 2025 or 2025."
    assert page.text("#f-from-error") == said
    assert page.values("main [autofocus]", "value") == ["soon"]


def test_silence_is_asked_of_governments_by_name(reader: httpx.Client) -> None:
    """Names and codes of governments, alliances and regions stand beside one another."""
    page = opened(reader, "/criticism", among="Norway, nzl, EU, melanesia")
    assert page.all(".field__error") == []
    assert "New Zealand" in page.html.partition('id="silent-h"')[2]


def test_a_name_that_nobody_has_is_told_in_the_words_of_the_page(reader: httpx.Client) -> None:
    """The refusal names what was typed, not how programs ask."""
    page = opened(reader, "/criticism", among="Norway, Atlantis")
    said = "“Atlantis” is no government, alliance or region we know."
    assert page.text("#f-among-error") == said

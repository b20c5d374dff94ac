"""Decisions taken on the page Review, over HTTP: who disputes a claim and on which source go into
the log with the decision, and nothing goes there that cannot be taken."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from tests.services.api.test_access import log_in
from tests.services.dashboard.markup import Markup
from tests.services.running import Running, claim


@pytest.fixture(scope="module")
def browser(site: Running) -> Iterator[httpx.Client]:
    """A client in which a reviewer is logged in."""
    with site.client() as client:
        log_in(client, site.person("reviewer"))
        yield client


@pytest.fixture
def name(site: Running) -> str:
    """A claim that was just recorded."""
    made = f"reviewed-{uuid4().hex[:8]}"
    with site.client("contributor") as http:
        http.post(
            "/api/v1/claims", json=claim(id=made), headers={"Idempotency-Key": made}
        ).raise_for_status()
    site.caught_up()
    return made


def decided(browser: httpx.Client, name: str, **form: str) -> httpx.Response:
    """The answer to the form of the page Review."""
    page = browser.get("/review", params={"claim": name})
    shown = Markup(page.text)
    held = {
        field: shown.values(f'#decision input[name="{field}"]', "value")[0]
        for field in ("csrf_token", "seen")
    }
    return browser.post(f"/review/{name}", data=held | form)


@pytest.mark.parametrize(
    ("who", "kind", "actor"),
    [
        ("Suomi", "", {"kind": "state", "code": "FIN"}),
        (
            "Ministry of Defence",
            "individual",
            {"kind": "individual", "name": "Ministry of Defence"},
        ),
    ],
)
def test_a_contested_claim_keeps_who_disputes_it_and_where(
    browser: httpx.Client, site: Running, name: str, who: str, kind: str, actor: dict[str, str]
) -> None:
    """A government is known by any of its names, anybody else by name and kind; the source stands
    with the decision."""
    more = {"by": who, "by_kind": kind, "source": "https://example.org/denial"}
    answer = decided(browser, name, verdict="contested", reason="It is denied.", **more)
    assert answer.status_code == 303, answer.text
    site.caught_up()
    with site.client("viewer") as http:
        last = http.get(f"/api/v1/claims/{name}").json()["decisions"][-1]
    assert (last["event"], last["status"], last["reason"]) == (
        "contested",
        "contested",
        "It is denied.",
    )
    assert last["contested_by"] == [actor]
    assert last["sources"] == [{"url": "https://example.org/denial"}]


@pytest.mark.parametrize(
    ("verdict", "more", "says"),
    [
        ("contested", {"by": "Ministry of Defence"}, "choose what it is"),
        ("contested", {"by_kind": "state"}, "Say who disputes it"),
        ("contested", {"by": "Atlantis", "by_kind": "state"}, "is no government we know"),
        ("contested", {"source": "example.org"}, "Begin the address with"),
        ("refuted", {"by": "Finland"}, "Only what is contested says by whom"),
        ("rejected", {"source": "https://example.org"}, "Only what is contested or refuted"),
    ],
)
def test_what_cannot_be_taken_is_said_and_stays_typed(
    browser: httpx.Client,
    site: Running,
    name: str,
    verdict: str,
    more: dict[str, str],
    says: str,
) -> None:
    """The form comes again with all that was typed and why, and nothing is recorded."""
    head = site.head()
    answer = decided(browser, name, verdict=verdict, reason="So it is.", **more)
    assert answer.status_code == 422
    assert says in answer.text
    for typed in more.values():
        assert f'value="{typed}"' in answer.text
    assert site.head() == head

"""Decisions taken on the page Review, over HTTP: who disputes a claim and on which source go into
the log with the decision, and nothing goes there that cannot be taken."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import asyncpg
import httpx
import pytest

from domain.clocks import KnownAt
from projections import worklists
from services import questions
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


def test_the_queue_stands_in_the_order_asked_for_and_keeps_it(
    browser: httpx.Client, site: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Oldest first holds those recorded first, newest first those recorded last, however many wait
    between; the file has the same claims, and links and decisions keep the order."""
    most = 3
    for module in (questions, worklists):
        monkeypatch.setattr(module, "RANKED_MAX", most)
    made = [f"ordered-{uuid4().hex[:8]}" for _ in range(4)]
    with site.client("contributor") as http:
        for one in made:
            sent = http.post("/api/v1/claims", json=claim(id=one), headers={"Idempotency-Key": one})
            sent.raise_for_status()
    site.caught_up()
    _position, waiting = site.call(site.house.views.waiting("coalition", 1000))
    recorded = [version.claim.id for version in waiting]
    assert recorded[-4:] == made
    then = KnownAt(position=site.head() - 1)
    _position, last = site.call(site.house.views.waiting("coalition", 2, then, newest=True))
    assert [version.claim.id for version in last] == [made[-2], made[-3]]
    for order, wanted in (("oldest", recorded[:most]), ("newest", made[: -most - 1 : -1])):
        shown = Markup(browser.get("/review", params={"order": order}).text)
        assert shown.values(".queue a", "data-claim") == wanted
        assert all(f"order={order}" in link for link in shown.values(".queue a", "href"))
        told = browser.get("/review", params={"order": order, "format": "json"}).json()
        assert [row["claim"] for row in told["rows"]] == wanted
        assert told["order"] == order
        assert told["cut_off"]
    answer = decided(browser, made[-1], verdict="rejected", reason="No.", order="newest")
    assert "order=newest" in answer.headers["location"]
    shown = Markup(browser.get(answer.headers["location"]).text)
    assert shown.values(".queue a", "data-claim") == made[-2 : -most - 2 : -1]
    assert shown.values('#decision input[name="order"]', "value") == ["newest"]
    assert browser.get("/review", params={"order": "sideways"}).status_code == 400


async def held_back(dsn: str, seconds: float, held: threading.Event) -> None:
    """Keep every view where it is for a while."""
    connection = await asyncpg.connect(dsn)
    async with connection.transaction():
        await connection.execute("SELECT FROM article20.view_watermark FOR UPDATE")
        held.set()
        await asyncio.sleep(seconds)
    await connection.close()


def test_what_was_decided_meanwhile_is_shown_with_the_refusal(
    browser: httpx.Client, site: Running, module_dsn: str, name: str
) -> None:
    """Whoever decides about what somebody else has just decided is shown the claim as it is since,
    however far behind the views are: the same form, sent again, is taken."""
    form = {"verdict": "refuted", "reason": "It was never said."}
    page = Markup(browser.get("/review", params={"claim": name}).text)
    old = {
        field: page.values(f'#decision input[name="{field}"]', "value")[0]
        for field in ("csrf_token", "seen")
    }
    held = threading.Event()
    with ThreadPoolExecutor(1) as threads, site.client("reviewer") as http:
        holding = threads.submit(lambda: asyncio.run(held_back(module_dsn, 0.5, held)))
        assert held.wait(60)
        contested = http.post(f"/api/v1/claims/{name}/contest", json={"reason": "It is denied."})
        assert contested.status_code == 200, contested.text
        answer = browser.post(f"/review/{name}", data=old | form)
        holding.result(60)
    assert answer.status_code == 409, answer.text
    new = Markup(answer.text)
    assert new.values('#decision input[name="seen"]', "value") == [str(site.head())]
    again = {"csrf_token": old["csrf_token"], "seen": str(site.head())}
    assert browser.post(f"/review/{name}", data=again | form).status_code == 303


@pytest.mark.parametrize(
    "path",
    [
        "/today",
        "/governments",
        "/governments/FIN",
        "/claims",
        "/review",
        "/find",
        "/find?q=Finland",
        "/campaigns",
        "/api/v1/review",
        "/api/v1/claims",
        "/api/v1/governments",
    ],
)
def test_what_will_be_known_can_be_asked_of_no_page(
    site: Running, browser: httpx.Client, path: str
) -> None:
    """A position that nobody has reached yet is refused alike, whether or not the answer would rest
    on what is known; the last one that was reached is not."""
    head = site.caught_up()
    asked = httpx.QueryParams(path.partition("?")[2]).set("known_at", f"seq:{head + 1}")
    beyond = browser.get(path.partition("?")[0], params=asked)
    assert beyond.status_code == 400
    assert f"the views have reached position {head}" in beyond.text
    reached = browser.get(path.partition("?")[0], params=asked.set("known_at", f"seq:{head}"))
    assert reached.status_code == 200

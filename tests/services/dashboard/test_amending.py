"""What a claim's own page decides besides verdicts, over HTTP: who may see it, who withdrew from
it, and what it is separated from; without script, with a reason, and for reviewers alone."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import httpx
import pytest

from tests.services.api.test_access import form_token, log_in
from tests.services.dashboard.test_correcting import now, recorded
from tests.services.dashboard.test_reviewing import held_back
from tests.services.running import Running

JOINT: Final[dict[str, Any]] = {
    "kind": "statement_of_criticism",
    "actors": [{"kind": "state", "code": code} for code in ("AUT", "NOR", "CHE")],
    "details": {"signatories": 93},
}
"""A joint statement of ninety-three, three of whom are named."""


@pytest.fixture(scope="module")
def browser(site: Running) -> Iterator[httpx.Client]:
    """A client in which a reviewer is logged in."""
    with site.client() as client:
        log_in(client, site.person("reviewer"))
        yield client


def seen_on(page: str) -> str:
    """The position that the forms of a claim's page say was seen."""
    return page.partition('name="seen" value="')[2].partition('"')[0]


def sent(browser: httpx.Client, claim: str, act: str, **typed: str) -> httpx.Response:
    """The answer to one of the two forms, sent as the claim's page gives it."""
    page = browser.get(f"/claims/{claim}").text
    form = {"csrf_token": form_token(page), "seen": seen_on(page)} | typed
    return browser.post(f"/claims/{claim}/{act}", data=form)


def test_who_may_see_a_claim_is_changed_on_its_page(browser: httpx.Client, site: Running) -> None:
    """A reviewer shows it to everybody and takes that back, each with a reason that is kept."""
    name = recorded(site)
    for there, word in (("public", "Make it internal"), ("internal", "Make it public")):
        answer = sent(browser, name, "visibility", visibility=there, reason="It was agreed.")
        assert answer.status_code == 303, answer.text
        page = browser.get(answer.headers["location"]).text
        assert "Who may see it was changed." in page
        assert word in page
        found = now(browser, site, name)
        assert found["visibility"] == there
        assert found["decisions"][-1]["reason"] == "It was agreed."


def test_claims_of_a_group_are_parted_on_their_page(browser: httpx.Client, site: Running) -> None:
    """The page names every claim of the group: one declared the same can be separated there, and
    of one that is so through others alone it says through which, and what separates the two; where
    a third joins two that are declared the same, it says that they stay so."""
    near, between, far = (recorded(site) for _ in range(3))
    with site.client("reviewer") as client:
        for one, other in ((near, between), (between, far)):
            path = f"/api/v1/claims/{one}/same-as/{other}"
            assert client.post(path, json={"reason": "One event."}).is_success
    site.caught_up()
    page = browser.get(f"/claims/{near}").text
    assert f'action="/claims/{near}/separate/{between}"' in page
    assert f'action="/claims/{near}/separate/{far}"' not in page
    assert "Both count by themselves again." in page
    assert f"They are joined through others alone ({between})." in page
    assert f"separate {near} from {between} or {between} from {far}." in page
    refused = sent(browser, near, f"separate/{far}")
    assert refused.status_code == 409
    assert "Nothing was changed" in refused.text
    answer = sent(browser, near, f"separate/{between}")
    assert answer.status_code == 303, answer.text
    after = browser.get(answer.headers["location"]).text
    assert "The two are declared the same no longer." in after
    assert between not in after.partition('id="steps"')[0]
    assert far not in after.partition('id="steps"')[0]
    assert now(browser, site, far)["same_as"] == [between]
    for one, other in ((near, between), (near, far)):
        with site.client("reviewer") as client:
            path = f"/api/v1/claims/{one}/same-as/{other}"
            assert client.post(path, json={"reason": "One event."}).is_success
    site.caught_up()
    page = browser.get(f"/claims/{near}").text
    assert f"They stay the same through others ({far})." in page
    assert f"They stay the same through others ({between})." in page


def test_one_signatory_is_taken_out_of_a_joint_statement(
    browser: httpx.Client, site: Running
) -> None:
    """One who is named and one who is not withdraw: of ninety-three, ninety-one are left."""
    name = recorded(site, **JOINT)
    for typed in (
        {"signatory": "state:NOR"},
        {"signatory": "another", "name": "Sverige"},
        {"signatory": "another", "name": "Suède"},
        {"signatory": "another", "name": "Sweden"},
        {"signatory": "another", "name": "A union", "kind": "ngo", "source": "https://a.example/x"},
    ):
        answer = sent(browser, name, "withdraw-signatory", reason="It said so.", **typed)
        if answer.status_code == 303:
            assert "One signatory less" in browser.get(answer.headers["location"]).text
    found = now(browser, site, name)
    assert [actor["code"] for actor in found["actors"]] == ["AUT", "CHE"]
    assert found["details"]["signatories"] == 90
    assert [d["event"] for d in found["decisions"][1:]] == ["signatory_withdrawn"] * 3


WRONG: Final[list[tuple[str, dict[str, str], int, str]]] = [
    ("visibility", {"visibility": "public"}, 422, "Say why, in one sentence."),
    ("visibility", {"visibility": "secret", "reason": "x"}, 422, "Choose who may see it."),
    ("visibility", {"visibility": "internal", "reason": "x"}, 409, "it is internal already"),
    ("withdraw-signatory", {"reason": "x"}, 422, "Choose who withdrew."),
    ("withdraw-signatory", {"signatory": "state:AUT"}, 422, "Say why, in one sentence."),
    ("withdraw-signatory", {"signatory": "another", "name": "Atlantis", "reason": "x"}, 422,
     "Say who withdrew, and choose what it is."),
    ("withdraw-signatory", {"signatory": "state:AUT", "reason": "x", "source": "ftp:x"}, 422,
     "Begin the address with http"),
]  # fmt: skip


def test_what_is_wrong_is_said_on_the_page(browser: httpx.Client, site: Running) -> None:
    """What cannot be taken is said with the form open as it was typed; nothing is recorded."""
    name = recorded(site, **JOINT)
    head = site.head()
    for act, typed, status, says in WRONG:
        answer = sent(browser, name, act, **typed)
        assert answer.status_code == status, (act, typed)
        assert 'id="refusal"' in answer.text
        assert says in answer.text
        assert '<details class="more" open>' in answer.text
        assert typed.get("reason", "") in answer.text
    assert site.head() == head


def test_a_refusal_speaks_the_language_of_the_page(browser: httpx.Client, site: Running) -> None:
    """In French and in Spanish why a decision is refused is said whole, with nothing left of the
    English, and who decided meanwhile is no bare number."""
    name = recorded(site)
    page = browser.get(f"/claims/{name}").text
    seen = seen_on(page)
    form: dict[str, Any] = {"csrf_token": form_token(page), "reason": "x"}
    spoken = {"fr": ("il est déjà interne", "accepté, par"), "es": ("ya es interna", "por")}
    for code, (already, _by) in spoken.items():
        headers = {"Accept-Language": code}
        same = form | {"visibility": "internal"}
        answer = browser.post(f"/claims/{name}/visibility", data=same, headers=headers)
        assert already in answer.text, code
    with site.client("admin") as http:
        assert http.post(f"/api/v1/claims/{name}/accept").status_code == 200
    site.caught_up()
    for code, (_already, by) in spoken.items():
        late = form | {"visibility": "public", "seen": seen}
        headers = {"Accept-Language": code}
        answer = browser.post(f"/claims/{name}/visibility", data=late, headers=headers)
        assert answer.status_code == 409
        told = answer.text.partition('id="refusal"')[2].partition("</div>")[0]
        assert by in told, told
        assert "token:" not in told
        assert "Meanwhile" not in told


def test_what_was_decided_meanwhile_is_shown_with_the_refusal(
    browser: httpx.Client, site: Running, module_dsn: str
) -> None:
    """The claim stands beside the refusal as it is since, however far behind the views are: the
    same form, sent again, is taken."""
    name = recorded(site)
    page = browser.get(f"/claims/{name}").text
    form = {"csrf_token": form_token(page), "visibility": "public", "reason": "It was agreed."}
    held = threading.Event()
    with ThreadPoolExecutor(1) as threads, site.client("reviewer") as http:
        holding = threads.submit(lambda: asyncio.run(held_back(module_dsn, 0.5, held)))
        assert held.wait(60)
        contested = http.post(f"/api/v1/claims/{name}/contest", json={"reason": "It is denied."})
        assert contested.status_code == 200, contested.text
        answer = browser.post(f"/claims/{name}/visibility", data=form | {"seen": seen_on(page)})
        holding.result(60)
    assert answer.status_code == 409, answer.text
    assert seen_on(answer.text) == str(site.head())
    again = browser.post(f"/claims/{name}/visibility", data=form | {"seen": seen_on(answer.text)})
    assert again.status_code == 303


def test_today_tells_of_every_decision(browser: httpx.Client, site: Running) -> None:
    """Whatever was decided about a claim last, Today stands and says so: also that a source was
    added, who may see it was changed, or a signatory withdrew."""
    source = {"publisher": "Another", "url": "https://another.example/"}
    decisions: dict[str, dict[str, Any]] = {
        "sources": {"sources": [source]},
        "visibility": {"visibility": "public"},
        "withdraw-signatory": {"signatory": JOINT["actors"][0], "reason": "x"},
    }
    for act, body in decisions.items():
        name = recorded(site, **JOINT)
        with site.client("reviewer") as http:
            assert http.post(f"/api/v1/claims/{name}/{act}", json=body).status_code == 200
        site.caught_up()
        page = browser.get("/today")
        assert page.status_code == 200, act
        row = page.text.partition(f'<tr data-record="{name}"')[2].partition("</tr>")[0]
        assert "Amended" in row, act


def test_only_reviewers_decide_so(browser: httpx.Client, site: Running) -> None:
    """A contributor sees neither form and is refused; the past and a claim of one voice offer none
    to withdraw from."""
    name, alone = recorded(site, **JOINT), recorded(site)
    assert "A signatory withdrew" in browser.get(f"/claims/{name}").text
    assert "A signatory withdrew" not in browser.get(f"/claims/{alone}").text
    assert "/visibility" not in browser.get(f"/claims/{name}?known_at=seq:1000000").text
    with site.client() as client:
        log_in(client, site.person("contributor"))
        assert "/visibility" not in client.get(f"/claims/{name}").text
        token = form_token(client.get(f"/claims/{name}").text)
        for act in ("visibility", "withdraw-signatory"):
            answer = client.post(f"/claims/{name}/{act}", data={"csrf_token": token})
            assert answer.status_code == 403


def test_a_claimed_cause_is_somebodys_claim(browser: httpx.Client, site: Running) -> None:
    """Who says that one thing caused another is named on the pages of both claims, in each language
    in the language's own words, and in the API; nobody is named beside a relation without one."""
    cause, other = recorded(site), recorded(site)
    author = {"kind": "ngo", "name": "Campaign of Survivors", "role": "director"}
    claimed = {"claim": cause, "relation": "claimed_cause", "author": author}
    name = recorded(site, relates_to=[claimed, {"claim": other, "relation": "follows"}])
    for seen, direction, reads in (
        (name, "to", "Names as its cause"),
        (cause, "from", "Is named as the cause of"),
    ):
        (tie,) = [
            r for r in now(browser, site, seen)["related"] if r["relation"] == claimed["relation"]
        ]
        assert (tie["direction"], tie["author"]["name"]) == (direction, author["name"])
        page = browser.get(f"/claims/{seen}").text
        assert f"{reads} (according to Campaign of Survivors, director)" in page
    assert "(according to" not in browser.get(f"/claims/{other}").text
    for language, said in (("fr", "selon"), ("es", "según")):
        page = browser.get(f"/claims/{name}", headers={"Accept-Language": language}).text
        assert f"({said} Campaign of Survivors, director)" in page

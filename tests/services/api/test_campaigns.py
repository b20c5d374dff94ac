"""Campaigns over the API: who may do what, once for each key, and the same answer as a replay."""

import json
from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import pytest

from domain.clocks import read_known_at
from services.replay import replay
from services.replayed import json_parts
from tests.services.running import WORKSPACE, Running, claim

DAY = "2026-03-01"


def post(client: httpx.Client, path: str, once: str | None = None, **body: Any) -> httpx.Response:
    headers = {"Idempotency-Key": once or uuid4().hex}
    return client.post(f"/api/v1/campaigns{path}", json=body, headers=headers)


def started(client: httpx.Client, **changes: Any) -> str:
    """The slug of a new campaign about Finland."""
    slug = f"campaign-{uuid4().hex[:10]}"
    fields = {"title": "Keep it", "treaty": "APMBC", "targets": ["FIN"], "started_on": "2025-04-01"}
    answer = post(client, "", **(fields | {"slug": slug} | changes))
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/api/v1/campaigns/{slug}"
    return slug


@pytest.fixture(scope="module")
def reviewer(site: Running) -> httpx.Client:
    """Somebody who may start campaigns."""
    return site.client("reviewer")


@pytest.fixture(scope="module")
def letter(site: Running) -> str:
    """The id of an accepted claim."""
    with site.client("contributor") as one, site.client("reviewer") as two:
        name = f"letter-{uuid4().hex[:10]}"
        headers = {"Idempotency-Key": name}
        assert one.post("/api/v1/claims", json=claim(id=name), headers=headers).status_code == 201
        assert two.post(f"/api/v1/claims/{name}/accept").status_code == 200
    return name


def read(site: Running, client: httpx.Client, path: str, query: str = "") -> Any:
    """What is there once the views have caught up."""
    answer = client.get(f"/api/v1/campaigns{path}?min_position={site.head()}{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_campaign_runs_its_course(site: Running, reviewer: httpx.Client, letter: str) -> None:
    """Every decision is an event, readable at once, and shown on the page of the campaign."""
    slug = started(reviewer)
    steps: list[tuple[str, dict[str, Any]]] = [
        ("/asks", {"ask": "hearing", "text": "Hold a hearing.", "government": "FIN"}),
        ("/asks", {"ask": "vote", "text": "Vote it down."}),
        ("/asks/hearing/meet", {"claim": letter}),
        ("/asks/vote/abandon", {"reason": "Lost."}),
        ("/asks/vote/reopen", {"reason": "A second vote."}),
        ("/dates", {"key": "vote", "day": "2026-06-25", "text": "Vote"}),
        ("/dates", {"key": "other", "day": "2026-06-26", "text": "Other"}),
        ("/dates/other/drop", {"reason": "Cancelled."}),
        ("/actions", {"claim": letter}),
        (f"/actions/{letter}/remove", {}),
        ("/actions", {"claim": letter}),
        ("/notes", {"text": "Not for everybody."}),
        ("/change", {"title": "Keep the ban", "targets": ["FIN", "POL"]}),
        ("/end", {"ended_on": "2026-01-10", "reason": "In effect."}),
        ("/resume", {"reason": "Too early."}),
    ]
    for path, body in steps:
        answer = post(reviewer, f"/{slug}{path}", **body)
        assert answer.status_code == 200, (path, answer.text)
        assert answer.json() == {"campaign": slug, "position": site.head()}
    page = read(site, reviewer, f"/{slug}", f"&on={DAY}")
    assert (page["title"], page["targets"], page["state"]) == (
        "Keep the ban", ["FIN", "POL"], "running",
    )  # fmt: skip
    assert page["progress"] == {"asks": 2, "open": 1, "met": 1, "abandoned": 0}
    assert [d["key"] for d in page["dates"]] == ["vote"]
    assert [g["government"] for g in page["governments"]] == ["FIN", "POL"]
    assert [h["own"] for h in page["timeline"] if h["claim"] == letter] == [True]
    listed = read(site, reviewer, "", f"&on={DAY}")["campaigns"]
    assert [row["progress"]["met"] for row in listed if row["slug"] == slug] == [1]


def test_the_answer_of_the_views_is_that_of_a_replay(
    site: Running, reviewer: httpx.Client, letter: str
) -> None:
    """For the head, for a position and for a moment, of the list and of one campaign."""
    slug = started(reviewer)
    assert post(reviewer, f"/{slug}/asks", ask="a", text="x").status_code == 200
    middle = site.head()
    assert post(reviewer, f"/{slug}/asks/a/meet", claim=letter).status_code == 200
    assert post(reviewer, f"/{slug}/actions", claim=letter).status_code == 200
    for known_at in (None, f"seq:{middle}", f"seq:{site.head()}", "2999-01-01"):
        query = f"&on={DAY}" + (f"&known_at={known_at}" if known_at else "")
        for path, view in (("", "campaigns"), (f"/{slug}", f"campaign:{slug}")):
            found = read(site, reviewer, path, query)
            told = site.call(
                replay(
                    site.house,
                    WORKSPACE,
                    view,
                    on=date.fromisoformat(DAY),
                    known_at=read_known_at(known_at),
                    treaty_code="APMBC",
                )
            )
            assert found == json.loads(b"".join(json_parts(told))), (view, known_at)
    early = reviewer.get(f"/api/v1/campaigns/{slug}?known_at=seq:1")
    assert early.status_code == 404


def test_a_key_takes_a_decision_once(site: Running, reviewer: httpx.Client) -> None:
    """Sent again it is the first answer; with another body, or at another address, 422; without
    a key, 400."""
    slug = started(reviewer)
    first = post(reviewer, f"/{slug}/asks", "once", ask="a", text="x")
    head = site.head()
    again = post(reviewer, f"/{slug}/asks", "once", ask="a", text="x")
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert post(reviewer, f"/{slug}/asks", "once", ask="b", text="x").status_code == 422
    assert post(reviewer, f"/{slug}/notes", "once", text="x").status_code == 422
    assert post(reviewer, f"/{slug}/asks", ask="a", text="x").status_code == 409
    bare = reviewer.post(f"/api/v1/campaigns/{slug}/notes", json={"text": "x"})
    assert bare.status_code == 400
    assert site.head() == head


def test_notes_are_for_those_who_work_on_it(site: Running, reviewer: httpx.Client) -> None:
    """Who only reads sees the campaign, but no note: not on its page, nor in the log."""
    slug = started(reviewer)
    secret = f"secret {uuid4().hex}"
    with site.client("viewer") as viewer, site.client("contributor") as contributor:
        assert post(viewer, f"/{slug}/notes", text=secret).status_code == 403
        assert post(contributor, f"/{slug}/notes", text=secret).status_code == 200
        position = site.head()
        notes = read(site, contributor, f"/{slug}/notes")["notes"]
        assert [note["text"] for note in notes] == [secret]
        assert viewer.get(f"/api/v1/campaigns/{slug}/notes").status_code == 403
        assert secret not in json.dumps(read(site, viewer, f"/{slug}"))
        log = f"/api/v1/events?after={position - 1}"
        assert secret in contributor.get(log).text
        (event,) = viewer.get(log).json()["events"]
        assert (event["type"], event["data"]) == ("campaign_noted.v1", None)


@pytest.mark.parametrize(
    ("role", "path", "body", "status"),
    [
        ("contributor", "", {"slug": "x", "title": "x"}, 403),
        ("contributor", "/{slug}/asks", {"ask": "a", "text": "x"}, 403),
        ("contributor", "/{slug}/dates", {"key": "d", "day": "2026-01-01", "text": "x"}, 200),
        ("viewer", "/{slug}/dates", {"key": "d", "day": "2026-01-01", "text": "x"}, 403),
        ("reviewer", "/{slug}/asks", {"ask": "A b", "text": "x"}, 422),
        ("reviewer", "/{slug}/asks", {"ask": "a", "text": " "}, 422),
        ("reviewer", "/{slug}/asks", {"ask": "a", "text": "x", "government": "POL"}, 422),
        ("reviewer", "/{slug}/dates", {"key": "d", "day": "2026-13-01", "text": "x"}, 422),
        ("reviewer", "/{slug}/actions", {"claim": "not-recorded"}, 404),
        ("reviewer", "/no-such/notes", {"text": "x"}, 404),
        ("reviewer", "/No-Slug/notes", {"text": "x"}, 404),
        (
            "reviewer",
            "",
            {
                "slug": "y",
                "title": "x",
                "treaty": "NPT",
                "targets": ["FIN"],
                "started_on": "2026-01-01",
            },
            422,
        ),
    ],
)
def test_who_may_not_and_what_is_not_valid(
    site: Running,
    reviewer: httpx.Client,
    role: Any,
    path: str,
    body: dict[str, Any],
    status: int,
) -> None:
    """A role that does not reach is 403, a fault 422 or 404; then nothing is recorded."""
    slug = started(reviewer)
    head = site.head()
    with site.client(role) as client:
        answer = post(client, path.format(slug=slug), **body)
    assert answer.status_code == status, answer.text
    assert site.head() == head + (status == 200)

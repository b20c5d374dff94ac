"""The three layers of sameness of a signed submission: the delivery, the event, the claim; each for
ever."""

import json
from base64 import b64encode
from uuid import uuid4

import httpx
import pytest

from tests.services.intake.test_webhooks import BATCH, STRUCTURED, event, send
from tests.services.running import Running, claim


@pytest.fixture(scope="module")
def source(site: Running) -> str:
    """A trusted webhook source."""
    return site.source()


def test_a_delivery_that_finds_its_claim_is_remembered(site: Running, source: str) -> None:
    """A delivery whose claim stands already keeps its id too: again it is the first answer, also
    when the desk has decided since, and another body under it is refused."""
    name = site.source(trusted=False)
    send(site, source, claim(id="stood-before"))
    first = send(site, name, claim(id="stood-before"), "finds-it")
    assert (first.status_code, first.json()["status"]) == (200, "accepted")
    assert "idempotent-replayed" not in first.headers
    with site.client("reviewer") as client:
        path = "/api/v1/claims/stood-before/contest"
        assert client.post(path, json={"reason": "Disputed."}).is_success
    again = send(site, name, claim(id="stood-before"), "finds-it")
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json()
    head = site.head()
    other = send(site, name, claim(), "finds-it")
    assert (other.status_code, other.json()["type"]) == (422, "urn:article20:problem:key-reused")
    assert site.head() == head


def test_a_delivery_of_an_event_has_its_own_id(site: Running, source: str) -> None:
    """The id of a delivery and the identity of its event are two layers, and each stands for one
    body: another event under a used webhook-id, or another body of a used event, is 422."""
    one, other = event(), event()
    assert send(site, source, one, "carries-one", **STRUCTURED).status_code == 201
    head = site.head()
    for form in (STRUCTURED, {}):
        refused = send(site, source, other if form else claim(), "carries-one", **form)
        assert refused.status_code == 422
        assert refused.json()["type"] == "urn:article20:problem:key-reused"
    assert send(site, source, one, "carries-one", **STRUCTURED).json()["position"] == head
    moved = send(site, source, one, **STRUCTURED)
    assert moved.headers["idempotent-replayed"] == "true"
    assert site.head() == head


@pytest.mark.parametrize("atomic", ["", "?atomic=true"])
def test_a_batch_keeps_its_id_and_those_of_its_events(
    site: Running, source: str, atomic: str
) -> None:
    """After a batch its delivery stands for its body, and so does each of its events, alone."""
    items = [event(), event()]
    text = json.dumps(items)
    id_ = f"batch-{uuid4().hex}"

    def post(body: str) -> httpx.Response:
        headers = site.signed(source, body, id_, **BATCH)
        with site.client() as client:
            return client.post(f"/hooks/{source}{atomic}", content=body, headers=headers)

    assert post(text).status_code == 207
    head = site.head()
    assert post(json.dumps([event()])).json()["type"] == "urn:article20:problem:key-reused"
    alone = send(site, source, items[1], **STRUCTURED)
    assert alone.headers["idempotent-replayed"] == "true"
    changed = send(site, source, {**items[1], "data": claim(summary="Else.")}, **STRUCTURED)
    assert changed.status_code == 422
    assert site.head() == head


def test_the_first_of_two_items_that_name_one_claim_counts(site: Running, source: str) -> None:
    """In a batch of which the log takes parts beside each other, what stands first is recorded, and
    what says something else about the same claim further on is refused, naming it; the same event
    twice is one."""
    for number in range(25):
        name = f"named-twice-{number}"
        items = [event(data=claim(id=f"{name}-{n}")) for n in range(80)]
        items[-2] = event(data=claim(id=f"{name}-0", summary="Something else."))
        items[-1] = items[1]
        answer = send(site, source, items, f"{name}-{uuid4().hex}", **BATCH).json()
        assert [answer[at]["status"] for at in (0, 1, 77, 78, 79)] == [201, 201, 201, 409, 200]
        assert f"{name}-0" in answer[78]["problem"]["detail"]


@pytest.mark.parametrize("data", [b'{"id":"\xff"}', b'{"id":' + b"[" * 5_000, b'{"id":5}', b"["])
def test_an_item_that_cannot_be_read_leaves_the_others_alone(
    site: Running, source: str, data: bytes
) -> None:
    """Bytes that are no text, depths that nobody means, an id that is a number: each is refused by
    itself, and what stands around it is recorded."""
    broken = event() | {"data_base64": b64encode(data).decode()}
    del broken["data"]
    answer = send(site, source, [event(), broken, event()], **BATCH).json()
    assert [item["status"] for item in answer] == [201, 422, 201]

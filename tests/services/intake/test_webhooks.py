"""Signed webhooks over HTTP, signed by the official clients of Standard Webhooks and Svix."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from standardwebhooks import Webhook

from tests import loopback
from tests.services.running import OTHER, Running, claim

LARGE = 256 * 1024


@pytest.fixture(scope="module")
def source(site: Running) -> str:
    """A trusted webhook source."""
    return site.source()


@pytest.fixture(scope="module")
def http(site: Running) -> httpx.Client:
    """A client without any token: the signature is all there is."""
    return site.client()


def send(
    site: Running, source: str, body: Any, webhook_id: str | None = None, **more: str
) -> httpx.Response:
    text = body if isinstance(body, str) else json.dumps(body)
    headers = site.signed(source, text, webhook_id or f"msg_{uuid4().hex}", **more)
    with site.client() as client:
        return client.post(f"/hooks/{source}", content=text.encode(), headers=headers)


def unsigned_id() -> str:
    return f"claim-{uuid4().hex}"


def test_a_signed_claim_is_stored(site: Running, source: str) -> None:
    """An official client's delivery is answered 201 with where the claim stands, and it does."""
    answer = send(site, source, claim(id="stored-once"))
    assert answer.status_code == 201, answer.text
    receipt = answer.json()
    assert receipt == {"claim": "stored-once", "position": site.head(), "status": "accepted"}
    assert answer.headers["location"] == "/api/v1/claims/stored-once"
    assert answer.headers["article20-position"] == str(receipt["position"])
    stored = site.call(site.house.store.at("coalition", receipt["position"]))
    assert stored is not None
    assert stored.type == "statement_of_criticism.v1"
    assert stored.recorded_by == f"source:{source}"


def test_the_svix_client_is_understood(site: Running, source: str, http: httpx.Client) -> None:
    """A delivery signed by Svix, with its own header names, is as good."""
    body = json.dumps(claim(id="from-svix"))
    now = datetime.now(UTC)
    # Its package takes long to import, for this one test.
    from svix.webhooks import Webhook as SvixWebhook

    signature = SvixWebhook(site.secrets[source]).sign("msg_svix", now, body)
    headers = {
        "content-type": "application/json",
        "svix-id": "msg_svix",
        "svix-timestamp": str(int(now.timestamp())),
        "svix-signature": signature,
    }
    answer = http.post(f"/hooks/{source}", content=body, headers=headers)
    assert answer.status_code == 201, answer.text


def test_one_good_signature_among_several_is_enough(site: Running, source: str) -> None:
    """A sender that rotates signs twice; unknown versions and wrong signatures are passed over."""
    body = json.dumps(claim(id="signed-often"))
    now = datetime.now(UTC)
    good = Webhook(site.secrets[source]).sign("often", now, body)
    answer = send(
        site,
        source,
        body,
        "often",
        **{"webhook-signature": f"v1a,unknown v1,AAAA {good} v2,later"},
    )
    assert answer.status_code == 201


def test_an_untrusted_source_waits_for_review(site: Running) -> None:
    """What an untrusted source sends is pending, and it may not state since when it was known."""
    name = site.source(trusted=False)
    assert send(site, name, claim()).json()["status"] == "pending"
    answer = send(site, name, claim(known_since="2026-02-21"))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/known_since"


def test_a_trusted_source_may_state_since_when_it_was_known(site: Running, source: str) -> None:
    """Back-filled history from a trusted source counts from the moment it states."""
    answer = send(site, source, claim(id="known-long", known_since="2026-02-21T09:00:00Z"))
    assert answer.status_code == 201
    position = answer.json()["position"]
    with site.client("viewer") as client:
        page = client.get(f"/api/v1/claims/known-long?min_position={position}").json()
    assert page["known_since"] == "2026-02-21T09:00:00Z"
    assert page["backfilled"] is True


def test_a_source_leads_to_its_own_workspace(site: Running) -> None:
    """The name of a source says which workspace it submits to, and it reaches no other."""
    name = site.source(workspace=OTHER)
    before = site.head()
    answer = send(site, name, claim(id="for-the-neighbours"))
    assert answer.status_code == 201
    assert answer.json()["position"] == site.head(OTHER)
    assert site.head() == before


def test_the_same_delivery_again_gets_the_first_answer(site: Running, source: str) -> None:
    """The same id and body again is 200 with the first answer, however often it comes."""
    body = claim()
    first = send(site, source, body, "again")
    head = site.head()
    for _ in range(3):
        answer = send(site, source, body, "again")
        assert answer.status_code == 200
        assert answer.headers["idempotent-replayed"] == "true"
        assert answer.json() == first.json()
    assert site.head() == head


def test_the_same_claim_in_another_delivery_is_the_same(site: Running, source: str) -> None:
    """The same claim id and content under a new delivery id is 200 and recorded once."""
    first = send(site, source, claim(id="same-claim"))
    head = site.head()
    again = send(site, source, claim(id="same-claim"))
    assert again.status_code == 200
    assert again.json() == first.json()
    assert "idempotent-replayed" not in again.headers
    assert site.head() == head


def test_other_content_under_a_claims_id_is_refused(site: Running, source: str) -> None:
    """A claim id that stands for something else is 409 and names the claim."""
    send(site, source, claim(id="taken"))
    head = site.head()
    answer = send(site, source, claim(id="taken", summary="Something else."))
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:article20:problem:claim-exists"
    assert "taken" in answer.json()["detail"]
    assert site.head() == head


def test_fifty_identical_deliveries_at_once_are_one_event(site: Running, source: str) -> None:
    """However many clients deliver the same thing at the same moment, there is one event, one 201
    and the same answer for all."""
    body = json.dumps(claim())
    headers = site.signed(source, body, "fifty")
    head = site.head()
    answers: list[httpx.Response] = []

    def deliver() -> None:
        answers.append(
            loopback.post(f"{site.url}/hooks/{source}", content=body, headers=headers, timeout=120)
        )

    threads = [threading.Thread(target=deliver) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert site.head() == head + 1
    assert sorted(a.status_code for a in answers) == [200] * 49 + [201]
    assert len({a.text for a in answers}) == 1


def test_a_rotated_secret_overlaps_with_the_one_before(site: Running) -> None:
    """After rotations every secret is good for its hours; without overlap only the new one is."""
    name = site.source()
    old = site.secrets[name]
    _, new = site.call(site.house.sources.rotate("coalition", name, overlap_hours=1))
    _, newer = site.call(site.house.sources.rotate("coalition", name, overlap_hours=1))
    for secret in (old, new, newer):
        site.secrets[name] = secret
        assert send(site, name, claim()).status_code == 201
    _, newest = site.call(site.house.sources.rotate("coalition", name, overlap_hours=0))
    assert send(site, name, claim()).status_code == 401
    site.secrets[name] = newest
    assert send(site, name, claim()).status_code == 201


def test_a_disabled_source_is_gone(site: Running) -> None:
    """A disabled source is told so with 410, if it can sign; whoever cannot learns nothing."""
    name = site.source()
    site.call(site.house.sources.disable("coalition", name))
    assert send(site, name, claim()).status_code == 410
    assert send(site, name, claim(), **{"webhook-signature": "v1,AAAA"}).status_code == 401


def event(**changes: Any) -> dict[str, Any]:
    """A CloudEvent that carries a claim."""
    plain = {
        "specversion": "1.0",
        "id": uuid4().hex,
        "source": "https://example.org/monitor",
        "type": "org.example.claim",
        "time": "2026-02-20T12:00:00Z",
        "datacontenttype": "application/json",
        "data": claim(),
    }
    return {name: value for name, value in (plain | changes).items() if value is not None}


STRUCTURED = {"content-type": "application/cloudevents+json; charset=utf-8"}
BATCH = {"content-type": "application/cloudevents-batch+json"}


def test_a_structured_cloudevent_is_taken_once(site: Running, source: str) -> None:
    """The source and id of an event make it the same one, whichever delivery brings it."""
    body = event(data=claim(id=unsigned_id()))
    first = send(site, source, body, **STRUCTURED)
    assert first.status_code == 201, first.text
    again = send(site, source, body, **STRUCTURED)
    assert again.status_code == 200
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json()
    other = send(site, source, {**body, "data": claim()}, **STRUCTURED)
    assert other.status_code == 422
    assert other.json()["type"] == "urn:article20:problem:key-reused"


def test_a_binary_cloudevent_is_taken(site: Running, source: str) -> None:
    """An event whose attributes are headers carries the claim as its body."""
    headers = {
        "ce-specversion": "1.0",
        "ce-id": uuid4().hex,
        "ce-source": "/monitor",
        "ce-type": "org.example.claim",
    }
    first = send(site, source, claim(), **headers)
    assert first.status_code == 201
    assert send(site, source, claim(), **headers).headers["idempotent-replayed"] == "true"
    incomplete = {name: value for name, value in headers.items() if name != "ce-type"}
    assert send(site, source, claim(), **incomplete).status_code == 422


def test_a_batch_is_answered_event_by_event(site: Running, source: str) -> None:
    """Each event of a batch has the answer it would have had alone; the good ones are stored."""
    good, bad = event(), event(data=claim(kind="unheard_of"))
    broken = {"specversion": "0.3", "id": "x"}
    head = site.head()
    answer = send(site, source, [good, bad, good, broken], **BATCH)
    assert answer.status_code == 207, answer.text
    items = answer.json()
    assert [item["index"] for item in items] == [0, 1, 2, 3]
    assert [item["status"] for item in items] == [201, 422, 200, 422]
    assert items[1]["problem"]["errors"][0]["pointer"] == "/1/data/kind"
    assert items[3]["problem"]["errors"][0]["pointer"].startswith("/3/")
    assert site.head() == head + 1


def test_an_atomic_batch_is_all_or_nothing(site: Running, source: str) -> None:
    """With ?atomic=true one fault refuses the batch, and a good one is answered the same again."""
    text = json.dumps([event(), event(data=claim(targets=["XXX"]))])
    head = site.head()
    with site.client() as client:
        headers = site.signed(source, text, "atomic-bad", **BATCH)
        path = f"/hooks/{source}?atomic=true"
        refused = client.post(path, content=text, headers=headers)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/1/data/targets/0"
        assert site.head() == head
        text = json.dumps([event(), event()])
        headers = site.signed(source, text, "atomic-good", **BATCH)
        first = client.post(path, content=text, headers=headers)
        assert [item["status"] for item in first.json()] == [201, 201]
        again = client.post(path, content=text, headers=headers)
        assert [item["claim"] for item in again.json()] == [i["claim"] for i in first.json()]
        assert again.headers["idempotent-replayed"] == "true"
    assert site.head() == head + 2


Change = Callable[[dict[str, str]], dict[str, str]]


def headers_with(**changes: str | None) -> Change:
    def change(headers: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in changes.items()}
        return {n: v for n, v in {**headers, **named}.items() if v is not None}

    return change


def later_by(seconds: int) -> Change:
    """A time that is another one than was signed, whenever that was."""

    def change(headers: dict[str, str]) -> dict[str, str]:
        return headers | {"webhook-timestamp": str(int(headers["webhook-timestamp"]) + seconds)}

    return change


def at(shift: timedelta) -> str:
    return str(int((datetime.now(UTC) + shift).timestamp()))


def as_is(headers: dict[str, str]) -> dict[str, str]:
    return headers


NOW = datetime.now(UTC)
VALID = claim()
UNVERIFIED = [
    ("no id", headers_with(webhook_id=None), 400),
    ("an empty id", headers_with(webhook_id=""), 400),
    ("an id with a space", headers_with(webhook_id="a b"), 400),
    ("an id that is too long", headers_with(webhook_id="x" * 256), 400),
    ("no time", headers_with(webhook_timestamp=None), 400),
    ("a time that is no number", headers_with(webhook_timestamp="yesterday"), 400),
    ("a time with a fraction", headers_with(webhook_timestamp="1.5"), 400),
    ("a negative time", headers_with(webhook_timestamp="-5"), 400),
    ("no signature", headers_with(webhook_signature=None), 400),
    ("an empty signature", headers_with(webhook_signature=""), 400),
    ("a wrong signature", headers_with(webhook_signature="v1," + "A" * 43 + "="), 401),
    ("a signature that is not base64", headers_with(webhook_signature="v1,!!!"), 401),
    ("a signature without version", headers_with(webhook_signature="AAAA"), 401),
    ("another version alone", headers_with(webhook_signature="v9,AAAA"), 401),
    ("another id than signed", headers_with(webhook_id="another"), 401),
    ("another time than signed", later_by(9), 401),
    ("a mixture of header names", headers_with(webhook_id=None, svix_id="x"), 400),
]


@pytest.mark.parametrize(("what", "change", "status"), UNVERIFIED, ids=[u[0] for u in UNVERIFIED])
def test_what_cannot_be_verified_learns_nothing(
    site: Running, source: str, http: httpx.Client, what: str, change: Change, status: int
) -> None:
    """Before a signature holds every refusal says the same, and nothing is recorded."""
    body = json.dumps(VALID)
    headers = change(site.signed(source, body, f"msg_{uuid4().hex}"))
    head = site.head()
    answer = http.post(f"/hooks/{source}", content=body, headers=headers)
    assert answer.status_code == status
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["article20-position"] == "0"
    assert problem["type"] == "urn:article20:problem:unverified"
    assert problem["detail"].startswith("The webhook could not be verified.")
    assert "webhook-delivery" not in answer.headers
    assert site.head() == head


@pytest.mark.parametrize("seconds", [-301, 400, -86_400, 10**9])
def test_an_old_or_early_time_is_refused(
    site: Running, source: str, http: httpx.Client, seconds: int
) -> None:
    """A genuine signature over a time more than 300 s off is 401, with the same text."""
    body = json.dumps(VALID)
    moment = datetime.now(UTC) + timedelta(seconds=seconds)
    headers = {
        "content-type": "application/json",
        "webhook-id": "late",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(site.secrets[source]).sign("late", moment, body),
    }
    head = site.head()
    answer = http.post(f"/hooks/{source}", content=body, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["type"] == "urn:article20:problem:unverified"
    assert site.head() == head


def test_an_unknown_source_is_refused_like_a_wrong_signature(
    site: Running, source: str, http: httpx.Client
) -> None:
    """Nobody can find out which sources there are."""
    body = json.dumps(VALID)
    headers = site.signed(source, body, "unknown")
    wrong = http.post(
        f"/hooks/{source}", content=body, headers={**headers, "webhook-signature": "v1,AAAA"}
    )
    for name in ("nobody", "NOBODY", "%2e%2e", "a%00b", "x" * 300):
        answer = http.post(f"/hooks/{name}", content=body, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["detail"] == wrong.json()["detail"]
        assert set(answer.headers) == set(wrong.headers)


JSON_TYPE = "application/json"
REFUSED: list[tuple[str, Any, dict[str, str], int, str, str | None]] = [
    ("a text file", VALID, {"content-type": "text/plain"}, 415, "unsupported-media-type", None),
    ("a form", VALID, {"content-type": "multipart/form-data"}, 415, "unsupported-media-type", None),
    ("Latin-1", VALID, {"content-type": f"{JSON_TYPE}; charset=latin-1"}, 415, "unsupported", None),
    ("too large", "x" * (LARGE + 1), {}, 413, "too-large", None),
    ("an empty body", "", {}, 422, "invalid-claim", ""),
    ("half an object", '{"kind": "statement', {}, 422, "invalid-claim", ""),
    ("no object", "[]", {}, 422, "invalid-claim", ""),
    ("a deep nest", '{"details":' + "[" * 100_000, {}, 422, "invalid-claim", None),
    ("an unknown kind", claim(kind="unheard_of"), {}, 422, "invalid-claim", "/kind"),
    ("no kind", claim(kind=None), {}, 422, "invalid-claim", "/kind"),
    ("an unknown treaty", claim(treaty="NPT"), {}, 422, "invalid-claim", "/treaty"),
    ("no date", claim(occurred_on=None), {}, 422, "invalid-claim", "/occurred_on"),
    ("no such day", claim(occurred_on="2026-02-30"), {}, 422, "invalid-claim", "/occurred_on"),
    ("a local date", claim(occurred_on="20/02/2026"), {}, 422, "invalid-claim", "/occurred_on"),
    ("the future", claim(occurred_on="2199-01-01"), {}, 422, "invalid-claim", "/occurred_on"),
    ("an unknown code", claim(targets=["ZZZ"]), {}, 422, "invalid-claim", "/targets/0"),
    ("a code twice", claim(targets=["FIN", "FIN"]), {}, 422, "invalid-claim", "/targets/1"),
    ("an unknown field", claim(note="x"), {}, 422, "invalid-claim", "/note"),
    ("an unknown detail", claim(details={"x": 1}), {}, 422, "invalid-claim", "/details/x"),
    ("a number for text", claim(summary=7), {}, 422, "invalid-claim", "/summary"),
    ("no summary", claim(summary=""), {}, 422, "invalid-claim", "/summary"),
    ("a zero character", claim(summary="a\0b"), {}, 422, "invalid-claim", "/summary"),
    ("a bad id", claim(id="Not An Id"), {}, 422, "invalid-claim", "/id"),
    ("an actor of no kind", claim(actors=[{"kind": "king"}]), {}, 422, "invalid", "/actors/0/kind"),
    ("a state unnamed", claim(actors=[{"kind": "state"}]), {}, 422, "invalid", "/actors/0/code"),
    (
        "a grade too far",
        claim(sources=[{"url": "https://e.org", "credibility": 7}]),
        {},
        422,
        "",
        "",
    ),
    (
        "a script as address",
        claim(sources=[{"url": "javascript:x"}]),
        {},
        422,
        "",
        "/sources/0/url",
    ),
    ("a decision restated", claim(status="accepted"), {}, 422, "invalid-claim", "/status"),
    ("an event without id", event(id=None), STRUCTURED, 422, "invalid-claim", "/id"),
    ("an event of 0.3", event(specversion="0.3"), STRUCTURED, 422, "invalid", "/specversion"),
    ("an event without data", event(data=None), STRUCTURED, 422, "invalid-claim", "/data"),
    ("an event of no time", event(time="noon"), STRUCTURED, 422, "invalid-claim", "/time"),
    ("a fault in an event", event(data=claim(kind="x")), STRUCTURED, 422, "", "/data/kind"),
    ("a batch that is none", event(), BATCH, 422, "invalid-claim", ""),
    ("an empty batch", [], BATCH, 422, "invalid-claim", ""),
    ("a batch too long", [event()] * 501, BATCH, 413, "too-large", None),
]


@pytest.mark.parametrize(
    ("what", "body", "more", "status", "slug", "pointer"), REFUSED, ids=[r[0] for r in REFUSED]
)
def test_what_is_not_valid_is_refused_with_how_to_mend_it(
    site: Running,
    source: str,
    what: str,
    body: Any,
    more: dict[str, str],
    status: int,
    slug: str,
    pointer: str | None,
) -> None:
    """A genuine delivery that cannot be taken gets the contract's answer, and nothing is
    recorded."""
    head = site.head()
    answer = send(site, source, body, **more)
    assert answer.status_code == status, answer.text
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"].startswith(f"urn:article20:problem:{slug}")
    assert problem["status"] == status
    if status != 413:
        assert answer.headers["webhook-delivery"] == "abort-message"
    if pointer is not None:
        assert any(e["pointer"].startswith(pointer) for e in problem["errors"]), problem["errors"]
    assert site.head() == head


def test_another_body_under_a_used_id_is_refused(site: Running, source: str) -> None:
    """The id of a delivery stands for its first body, be the other one valid or not."""
    send(site, source, claim(), "used")
    head = site.head()
    for body in (claim(summary="Another."), "{", claim(kind="unheard_of")):
        answer = send(site, source, body, "used")
        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:article20:problem:key-reused"
        assert answer.json()["detail"].startswith("The webhook-id 'used' was used before")
    assert site.head() == head


def test_a_body_without_length_is_counted_while_it_comes(
    site: Running, source: str, http: httpx.Client
) -> None:
    """A body sent in pieces, whose size nobody promised, is cut off at the bound."""

    def pieces() -> Any:
        for _ in range(40):
            yield b"x" * 16_384

    headers = site.signed(source, "", "pieces")
    head = site.head()
    answer = http.post(f"/hooks/{source}", content=pieces(), headers=headers)
    assert answer.status_code == 413
    assert site.head() == head


def test_only_post_is_taken(site: Running, source: str, http: httpx.Client) -> None:
    """Another method is 405 and says which one is taken; a slash at the end makes no other
    address."""
    answer = http.get(f"/hooks/{source}")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    body = json.dumps(claim())
    signed = site.signed(source, body, f"msg_{uuid4().hex}")
    assert http.post(f"/hooks/{source}/", content=body, headers=signed).status_code == 201
    assert http.post(f"/hooks/{source}/more").status_code == 404
    assert http.post("/hooks").status_code == 404
    assert http.post("/hooksmore").status_code == 404

"""Deliveries and what became of them: noted behind the answers, found again, replayed, let go."""

import base64
import json
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.api.serving import UNVERIFIED_NOTES_BURST, UNVERIFIED_NOTES_PER_SECOND
from services.intake.webhooks.posted import MEDIA_TYPE_CHARS_MAX
from services.wiring import Limits
from tests.services.intake.test_webhooks import BATCH, STRUCTURED, event, send
from tests.services.running import WORKSPACE, Running, claim


@pytest.fixture
def source(site: Running) -> str:
    """A trusted webhook source."""
    return site.source()


def listed(site: Running, **query: str) -> list[dict[str, Any]]:
    """What the API lists, once everything is written."""
    site.call(site.house.deliveries.flush())
    with site.client("admin") as client:
        answer = client.get("/api/v1/deliveries", params=query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["deliveries"]
    return found


def test_every_delivery_is_noted_with_what_became_of_it(site: Running, source: str) -> None:
    """Taken, repeated, refused and unverified ones stand in the list, newest first, each with its
    reason, none with a body or a secret; and are found by reason, id and claim."""
    send(site, source, claim(id="noted-one"), "noted-1")
    send(site, source, claim(id="noted-one"), "noted-1")
    send(site, source, claim(kind="unheard_of"), "noted-2")
    send(site, source, claim(), "noted-3", **{"webhook-signature": "v1,AAAA"})
    found = listed(site, source=source)
    assert [(one["webhook_id"], one["status"], one.get("reason")) for one in found] == [
        ("noted-3", 401, "unverified"),
        ("noted-2", 422, "invalid-claim"),
        ("noted-1", 200, None),
        ("noted-1", 201, None),
    ]
    assert "/kind" in found[1]["detail"]
    assert [one["has_body"] for one in found] == [False, True, False, False]
    assert not any(site.secrets[source] in json.dumps(one) for one in found)
    assert listed(site, source=source, reason="invalid-claim") == [found[1]]
    assert listed(site, source=source, webhook_id="noted-1") == found[2:]
    assert listed(site, claim="noted-one") == found[2:]
    assert listed(site, source=source, outcome="refused") == found[:2]
    assert listed(site, source=source, outcome="accepted", limit="1") == [found[2]]
    assert listed(site, source=source, before=found[1]["delivery"]) == found[2:]


def test_the_list_is_for_admins_of_the_workspace(site: Running, source: str) -> None:
    """Nobody else sees what was delivered."""
    with site.client("reviewer") as client:
        assert client.get("/api/v1/deliveries").status_code == 403
    with site.client("admin", "neighbours") as client:
        found = client.get("/api/v1/deliveries", params={"source": source}).json()
    assert found["deliveries"] == []


def test_a_refused_delivery_is_replayed_once_its_reason_is_mended(
    site: Running, source: str
) -> None:
    """A delivery refused for what its source may not submit is taken when it may, once."""
    sources = site.house.sources
    site.call(sources.limit(WORKSPACE, source, Limits(kinds=("open_letter",))))
    refused = send(site, source, event(data=claim(id="late-but-there")), **STRUCTURED)
    assert refused.json()["errors"][0]["pointer"] == "/data/kind"
    (note,) = listed(site, source=source)
    with site.client("admin") as client:
        path = f"/api/v1/deliveries/{note['delivery']}/replay"
        still = client.post(path).json()
        assert (still["status"], still["reason"]) == (422, "invalid-claim")
        site.call(sources.limit(WORKSPACE, source, Limits()))
        head = site.head()
        taken = client.post(path).json()
        assert (taken["status"], taken["claim"]) == (201, "late-but-there")
        assert taken["replayed_at"] is not None
        assert not taken["has_body"]
        assert site.head() == head + 1
        assert client.post(path).status_code == 409
        assert client.post("/api/v1/deliveries/none/replay").status_code == 404
    again = send(site, source, event(data=claim(id="late-but-there")), **STRUCTURED)
    assert again.status_code == 200


def test_a_batch_that_was_taken_in_part_is_noted_so(site: Running, source: str) -> None:
    """It is refused in part, says which events, and replaying it does not repeat the others."""
    send(site, source, [event(), event(data=claim(targets=["ZZZ"]))], **BATCH)
    (note,) = listed(site, source=source)
    assert (note["status"], note["reason"]) == (207, "partly-refused")
    assert "/1/data/targets/0" in note["detail"]
    head = site.head()
    with site.client("admin") as client:
        again = client.post(f"/api/v1/deliveries/{note['delivery']}/replay").json()
    assert again["reason"] == "partly-refused"
    assert site.head() == head


def test_bodies_are_kept_within_their_bounds(site: Running, source: str) -> None:
    """Of the bodies only the newest stay that fit, and the notes themselves stay."""
    for number in range(3):
        send(site, source, claim(kind="unheard_of", summary="x" * 500), f"bounded-{number}")
    assert all(one["has_body"] for one in listed(site, source=source))
    deliveries = site.house.deliveries
    kept = deliveries.bounds
    size = listed(site, source=source)[0]["body_bytes"]
    changed = {"bodies_bytes_max": int(size * 1.5)}
    deliveries.bounds = type(kept)(**{**_fields(kept), **changed})
    try:
        site.call(deliveries.prune(WORKSPACE))
    finally:
        deliveries.bounds = kept
    assert [one["has_body"] for one in listed(site, source=source)] == [True, False, False]


def _fields(bounds: Any) -> dict[str, int]:
    return {name: getattr(bounds, name) for name in bounds.__struct_fields__}


def test_a_flood_that_cannot_be_verified_is_noted_a_little(site: Running, source: str) -> None:
    """Anybody may send what fails; it does not fill the store: some at once, then as many as time
    allows."""
    began = monotonic()
    body = json.dumps(claim())
    headers = {**site.signed(source, body, "flood"), "webhook-signature": "v1,AAAA"}
    with site.client() as client:
        for _ in range(100):
            assert client.post(f"/hooks/{source}", content=body, headers=headers).status_code == 401
    noted = len(listed(site, source=source, limit="1000"))
    later = UNVERIFIED_NOTES_PER_SECOND * (monotonic() - began)
    assert UNVERIFIED_NOTES_BURST <= noted <= UNVERIFIED_NOTES_BURST + later


def test_little_is_noted_of_what_cannot_be_verified(site: Running, source: str) -> None:
    """Neither the body nor a media type that is as long as a head may be fills the store."""
    body = json.dumps(claim())
    headers = {**site.signed(source, body, "long"), "content-type": "application/" + "x" * 30_000}
    with site.client() as client:
        client.post(f"/hooks/{source}", content=body, headers=headers | {"webhook-signature": "x"})
    (note,) = listed(site, source=source)
    assert len(note["media_type"]) == MEDIA_TYPE_CHARS_MAX
    assert not note["has_body"]


def test_a_limited_source_may_submit_what_it_is_for(site: Running, source: str) -> None:
    """A source limited to governments may name those and no others, and at least one."""
    limits = Limits(governments=("FIN", "POL"))
    site.call(site.house.sources.limit(WORKSPACE, source, limits))
    assert send(site, source, claim()).status_code == 201
    for targets in (["EST"], ["FIN", "EST"], []):
        refused = send(site, source, claim(targets=targets))
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"].startswith("/targets")


def test_each_source_has_a_rate_of_its_own(site: Running, source: str) -> None:
    """A source beyond its own rate is told when to come back; another is not held up."""
    limits = Limits(requests_per_second_max=0.01, burst_requests_max=2)
    site.call(site.house.sources.limit(WORKSPACE, source, limits))
    answers = [send(site, source, claim()) for _ in range(3)]
    assert [answer.is_success for answer in answers] == [True, True, False]
    assert answers[2].status_code == 429
    assert 1 <= int(answers[2].headers["retry-after"]) <= 100
    assert send(site, site.source(), claim()).is_success


def test_a_source_may_sign_with_a_key_of_its_own(site: Running) -> None:
    """Ed25519 as Standard Webhooks writes it (v1a): the private key never leaves the sender, either
    key is good during a rotation, and a shared secret is of no use."""
    keys = [Ed25519PrivateKey.generate() for _ in range(2)]
    name = f"asymmetric-{datetime.now(UTC).timestamp():.0f}"
    site.call(site.house.sources.add(WORKSPACE, name, trusted=True, public_key=public_key(keys[0])))
    assert signed_by(site, name, keys[0]).status_code == 201
    assert signed_by(site, name, keys[1]).status_code == 401
    rotated = site.house.sources.rotate(
        WORKSPACE, name, overlap_hours=1, public_key=public_key(keys[1])
    )
    site.call(rotated)
    assert signed_by(site, name, keys[1]).status_code == 201
    assert signed_by(site, name, keys[0]).status_code == 201
    site.secrets[name] = "whsec_" + public_key(keys[1]).removeprefix("whpk_")
    assert send(site, name, claim()).status_code == 401
    for junk in ("v1a,", "v1a,!!!", "v1a," + "A" * 86 + "==", "v1a"):
        assert send(site, name, claim(), **{"webhook-signature": junk}).status_code == 401


def public_key(key: Ed25519PrivateKey) -> str:
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return "whpk_" + base64.b64encode(raw).decode()


def signed_by(site: Running, name: str, key: Ed25519PrivateKey) -> httpx.Response:
    """What a sender with that private key is answered."""
    now = int(datetime.now(UTC).timestamp())
    id_ = f"key-{datetime.now(UTC).timestamp()}"
    body = json.dumps(claim(id=id_))
    signature = base64.b64encode(key.sign(f"{id_}.{now}.{body}".encode())).decode()
    headers = {
        "content-type": "application/json",
        "webhook-id": id_,
        "webhook-timestamp": str(now),
        "webhook-signature": f"v1a,{signature}",
    }
    with site.client() as client:
        return client.post(f"/hooks/{name}", content=body, headers=headers)

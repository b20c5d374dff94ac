"""Recording claims and deciding about them over the API; the rules of the desk are tested with the
desk."""

import threading
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.services.running import Running, claim


@pytest.fixture(scope="module")
def contributor(site: Running) -> httpx.Client:
    """Somebody who may record."""
    return site.client("contributor")


@pytest.fixture(scope="module")
def reviewer(site: Running) -> httpx.Client:
    """Somebody who may review."""
    return site.client("reviewer")


def post(client: httpx.Client, plain: dict[str, Any], key: str | None = None) -> httpx.Response:
    headers = {"Idempotency-Key": key or uuid4().hex}
    return client.post("/api/v1/claims", json=plain, headers=headers)


def recorded(client: httpx.Client, **changes: Any) -> str:
    """The id of a new pending claim."""
    name = f"claim-{uuid4().hex[:10]}"
    assert post(client, claim(id=name, **changes)).status_code == 201
    return name


def decide(client: httpx.Client, name: str, decision: str, **body: Any) -> httpx.Response:
    return client.post(f"/api/v1/claims/{name}/{decision}", json=body)


def test_a_claim_is_recorded_and_waits(site: Running, contributor: httpx.Client) -> None:
    """A recorded claim is 201 with where it stands, and pending until somebody reviews it."""
    answer = post(contributor, claim(id="recorded"))
    assert answer.status_code == 201
    assert answer.json() == {"claim": "recorded", "position": site.head(), "status": "pending"}
    assert answer.headers["location"] == "/api/v1/claims/recorded"
    page = contributor.get(f"/api/v1/claims/recorded?min_position={site.head()}").json()
    assert page["status"] == "pending"
    assert page["decisions"][0]["event"] == "recorded"


def test_a_claim_without_an_id_is_given_one(contributor: httpx.Client) -> None:
    """Sent again with its key, it is the same claim under the same id."""
    first = post(contributor, claim(), "made")
    again = post(contributor, claim(), "made")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.headers["idempotent-replayed"] == "true"
    assert first.json() == again.json()


def test_a_key_stands_for_one_body(site: Running, contributor: httpx.Client) -> None:
    """Another body under a used key is 422; without a key nothing is taken."""
    post(contributor, claim(), "one-body")
    head = site.head()
    reused = post(contributor, claim(summary="Another."), "one-body")
    assert reused.status_code == 422
    assert reused.json()["type"] == "urn:article20:problem:key-reused"
    missing = contributor.post("/api/v1/claims", json=claim())
    assert missing.status_code == 400
    assert missing.json()["type"] == "urn:article20:problem:missing-idempotency-key"
    garbled = contributor.post("/api/v1/claims", json=claim(), headers={"Idempotency-Key": "a b"})
    assert garbled.status_code == 400
    assert site.head() == head


def test_keys_of_different_callers_are_different(site: Running) -> None:
    """Two callers who choose the same key don't get in each other's way."""
    with site.client("contributor") as one, site.client("contributor") as other:
        assert post(one, claim(), "shared").status_code == 201
        assert post(other, claim(summary="Another."), "shared").status_code == 201


def test_the_same_claim_is_recorded_once(site: Running, contributor: httpx.Client) -> None:
    """The same id and content is 200; with other content 409, naming the claim."""
    name = recorded(contributor)
    head = site.head()
    again = post(contributor, claim(id=name))
    assert again.status_code == 200
    other = post(contributor, claim(id=name, summary="Another."))
    assert other.status_code == 409
    assert name in other.json()["detail"]
    assert site.head() == head


def test_only_reviewers_state_since_when_it_was_known(site: Running) -> None:
    """A contributor may not back-fill; a reviewer may."""
    plain = claim(known_since="2026-02-21")
    with site.client("contributor") as one, site.client("reviewer") as two:
        refused = post(one, plain)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/known_since"
        assert post(two, plain).status_code == 201


@pytest.mark.parametrize(
    ("body", "media", "status", "slug"),
    [
        (b"{", "application/json", 422, "invalid-claim"),
        (b"[" * 100_000, "application/json", 422, "invalid-claim"),
        (b"\xff", "application/json", 422, "invalid-claim"),
        (b"{}", "text/plain", 415, "unsupported-media-type"),
        (b"x" * (256 * 1024 + 1), "application/json", 413, "too-large"),
    ],
)
def test_a_body_that_is_no_claim_is_refused(
    site: Running, contributor: httpx.Client, body: bytes, media: str, status: int, slug: str
) -> None:
    """What cannot be read is refused with the contract's status, and nothing is recorded; where the
    body was not read to its end, the answer says that the connection closes."""
    head = site.head()
    headers = {"Idempotency-Key": uuid4().hex, "Content-Type": media}
    answer = contributor.post("/api/v1/claims", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.json()["type"] == f"urn:article20:problem:{slug}"
    assert (answer.headers.get("connection") == "close") == (status == 413)
    assert site.head() == head


@pytest.mark.parametrize(
    ("decision", "body", "status"),
    [
        ("accept", {}, "accepted"),
        ("accept", {"reason": "Two sources agree."}, "accepted"),
        ("reject", {"reason": "Out of scope."}, "rejected"),
        ("contest", {"reason": "Denied.", "by": [{"kind": "state", "code": "FIN"}]}, "contested"),
        (
            "refute",
            {"reason": "Shown false.", "sources": [{"url": "https://example.org/denial"}]},
            "refuted",
        ),
        ("retract", {"reason": "Sent by mistake."}, "retracted"),
        ("correct", {"reason": "A typing error.", "changes": {"summary": "Mended."}}, "pending"),
        ("sources", {"sources": [{"publisher": "Yle", "reliability": "A"}]}, "pending"),
        ("visibility", {"reason": "Published.", "visibility": "public"}, "pending"),
        (
            "withdraw-signatory",
            {"reason": "Not authorised.", "signatory": {"kind": "ngo", "name": "HI"}},
            "pending",
        ),
    ],
)
def test_each_decision_is_recorded(
    site: Running,
    contributor: httpx.Client,
    reviewer: httpx.Client,
    decision: str,
    body: dict[str, Any],
    status: str,
) -> None:
    """A decision is 200 with the status the claim has after it, and stands in its history."""
    name = recorded(contributor, details={"signatories": 93})
    answer = decide(reviewer, name, decision, **body)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"claim": name, "position": site.head(), "status": status}
    page = reviewer.get(f"/api/v1/claims/{name}?min_position={site.head()}").json()
    assert page["status"] == status
    last = page["decisions"][-1]
    assert last["reason"] == body.get("reason")
    assert last["position"] == site.head()
    if decision == "contest":
        assert last["contested_by"] == [{"kind": "state", "code": "FIN"}]
    if decision == "correct":
        assert page["summary"] == "Mended."
        assert page["versions"][0]["summary"] != "Mended."
    if decision == "sources":
        assert last["sources"] == page["sources"][-1:] == [{"publisher": "Yle", "reliability": "A"}]
    if decision == "visibility":
        assert (page["visibility"], last["changed"]) == ("public", ["visibility"])
    if decision == "withdraw-signatory":
        assert page["details"]["signatories"] == 92
        assert [last["signatory"]] == page["withdrawn"] == [{"kind": "ngo", "name": "HI"}]


def test_a_recorder_adds_sources_while_the_claim_waits(
    site: Running, reviewer: httpx.Client
) -> None:
    """Once it is reviewed, and for other people's claims, it takes a reviewer."""
    body = {"sources": [{"publisher": "Yle"}]}
    with site.client("contributor") as one, site.client("contributor") as other:
        name = recorded(one)
        assert decide(other, name, "sources", **body).status_code == 403
        assert decide(one, name, "sources", **body).status_code == 200
        assert decide(reviewer, name, "accept").status_code == 200
        more = {"sources": [{"publisher": "BNS"}]}
        assert decide(one, name, "sources", **more).status_code == 403
        assert decide(reviewer, name, "sources", **more).status_code == 200


def test_a_decision_upon_a_stale_page_hears_what_happened_meanwhile(
    site: Running, contributor: httpx.Client, reviewer: httpx.Client
) -> None:
    """Whoever says what they saw is told what was decided since, and nothing is recorded."""
    name = recorded(contributor)
    seen = site.head()
    changes = {"summary": "Mended."}
    assert (
        decide(reviewer, name, "correct", reason="A slip.", changes=changes, seen=seen).status_code
        == 200
    )
    head = site.head()
    stale = decide(reviewer, name, "accept", seen=seen)
    assert stale.status_code == 409
    assert stale.json()["type"] == "urn:article20:problem:decided-meanwhile"
    assert f"{name!r} was corrected by" in stale.json()["detail"]
    assert site.head() == head
    assert decide(reviewer, name, "accept", seen=head).status_code == 200


def test_an_absent_body_says_nothing(contributor: httpx.Client, reviewer: httpx.Client) -> None:
    """A decision that needs no reason needs no body."""
    name = recorded(contributor)
    assert reviewer.post(f"/api/v1/claims/{name}/accept").status_code == 200


def test_two_claims_are_declared_the_same_and_separated(
    site: Running, contributor: httpx.Client, reviewer: httpx.Client
) -> None:
    """Both are readable and name each other until they are separated again."""
    one, two = recorded(contributor), recorded(contributor)
    assert decide(reviewer, one, f"same-as/{two}", reason="One event.").status_code == 200
    page = reviewer.get(f"/api/v1/claims/{two}?min_position={site.head()}").json()
    assert page["same_as"] == [one]
    assert decide(reviewer, one, f"same-as/{two}").status_code == 409
    assert decide(reviewer, one, f"separate/{two}").status_code == 200
    assert decide(reviewer, one, f"separate/{two}").status_code == 409
    page = reviewer.get(f"/api/v1/claims/{two}?min_position={site.head()}").json()
    assert page["same_as"] == []


def test_two_claims_that_a_third_joins_are_separated_by_what_the_refusal_says(
    contributor: httpx.Client, reviewer: httpx.Client
) -> None:
    """Who asks to separate two that are the same through others alone is told how, and which
    separations part them; taken back as said, nothing is left of it."""
    one, two, third = (recorded(contributor) for _ in range(3))
    for other in (one, two):
        assert decide(reviewer, other, f"same-as/{third}").status_code == 200
    refused = decide(reviewer, one, f"separate/{two}")
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("decision-refused")
    assert refused.json()["detail"].endswith(
        f"through others alone ({one!r} the same as {third!r}, {third!r} the same as {two!r}); "
        f"separate {one!r} from {third!r} or {third!r} from {two!r}."
    )
    assert decide(reviewer, third, f"separate/{two}").status_code == 200
    assert (
        decide(reviewer, one, f"separate/{two}")
        .json()["detail"]
        .endswith(f"it is not declared the same as {two!r}.")
    )


def test_nobody_accepts_their_own_claim(reviewer: httpx.Client, site: Running) -> None:
    """A reviewer who recorded a claim needs a second one to accept it."""
    name = recorded(reviewer)
    own = decide(reviewer, name, "accept")
    assert own.status_code == 409
    assert "second person" in own.json()["detail"]
    with site.client("reviewer") as second:
        assert decide(second, name, "accept").status_code == 200


def test_whoever_recorded_a_claim_takes_it_back(site: Running) -> None:
    """A contributor retracts their own claims and nobody else's."""
    with site.client("contributor") as one, site.client("contributor") as other:
        name = recorded(one)
        refused = decide(other, name, "retract", reason="Not mine.")
        assert refused.status_code == 403
        assert refused.json()["type"] == "urn:article20:problem:not-allowed"
        assert decide(one, name, "retract", reason="Mine.").status_code == 200
        assert decide(one, name, "retract", reason="Again.").status_code == 409


@pytest.mark.parametrize(
    ("decision", "body", "pointer"),
    [
        ("reject", {}, "/reason"),
        ("reject", {"reason": ""}, "/reason"),
        ("reject", {"reason": "   "}, "/reason"),
        ("reject", {"reason": "x" * 2001}, "/reason"),
        ("accept", {"reason": "Yes.", "colour": "red"}, "/colour"),
        ("contest", {"reason": "No.", "by": [{"kind": "king"}]}, "/by/0/kind"),
        ("contest", {"reason": "No.", "by": [{"kind": "state", "code": "ZZZ"}]}, "/by/0/code"),
        ("refute", {"reason": "No.", "sources": [{"url": "nowhere"}]}, "/sources/0/url"),
        ("refute", {"reason": "No.", "sources": [{"credibility": 9}]}, "/sources/0/credibility"),
        ("refute", {"reason": "a\0b"}, "/reason"),
        ("correct", {"reason": "Why."}, "/changes"),
        ("correct", {"reason": "Why.", "changes": {"kind": "unheard_of"}}, "/changes/kind"),
        ("correct", {"reason": "Why.", "changes": {"id": "other"}}, "/changes/id"),
        ("correct", {"reason": "Why.", "changes": {"nothing": 1}}, "/changes/nothing"),
        ("correct", {"reason": "Why.", "changes": {"visibility": "public"}}, "/changes/visibility"),
        ("sources", {"sources": []}, "/sources"),
        ("sources", {"sources": [{"url": "nowhere"}]}, "/sources/0/url"),
        ("visibility", {"visibility": "secret"}, "/visibility"),
        ("withdraw-signatory", {"reason": "Why."}, "/signatory"),
        (
            "withdraw-signatory",
            {"reason": "Why.", "signatory": {"kind": "state", "code": "ZZZ"}},
            "/signatory/code",
        ),
    ],
)
def test_a_decision_that_is_not_valid_names_the_field(
    site: Running,
    contributor: httpx.Client,
    reviewer: httpx.Client,
    decision: str,
    body: dict[str, Any],
    pointer: str,
) -> None:
    """A missing or malformed field is 422 with a pointer, and nothing is recorded."""
    name = recorded(contributor)
    head = site.head()
    answer = decide(reviewer, name, decision, **body)
    assert answer.status_code == 422, answer.text
    assert pointer in [error["pointer"] for error in answer.json()["errors"]], answer.text
    assert site.head() == head


def test_decisions_about_nothing_are_refused(reviewer: httpx.Client) -> None:
    """A claim that is not there cannot be decided about, whatever its id looks like."""
    for name in ("nothing", "Not-An-Id", "a%00b"):
        answer = decide(reviewer, name, "reject", reason="Why.")
        assert answer.status_code == 404
        assert answer.json()["type"] == "urn:article20:problem:claim-not-found"


def test_one_of_two_decisions_at_once_wins(site: Running, contributor: httpx.Client) -> None:
    """When many decide at the same moment one verdict stands and the others hear what it became."""
    name = recorded(contributor)
    clients = [site.client("reviewer") for _ in range(8)]
    answers: list[httpx.Response] = []

    def reject(client: httpx.Client) -> None:
        answers.append(decide(client, name, "reject", reason="Out of scope."))

    threads = [threading.Thread(target=reject, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    for answer in answers:
        if answer.status_code == 409:
            detail = answer.json()["detail"]
            assert "it is rejected" in detail or "was rejected by" in detail

"""The documents for senders: a JSON Schema of every kind of claim, and AsyncAPI, judged by a
validator that knows nothing of article20."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from domain.details import Details
from domain.governments import GOVERNMENTS
from domain.kinds import DETAILS_OF, KINDS
from infra.shipped import chronology_path
from services.api.shapes import LISTS
from tests import loopback
from tests.domain.test_event_samples import sample
from tests.services.running import Running, claim

OF_FILES = ("status", "status_reason", "same_as")
"""What a line of an import restates beyond the claim; a sender may not."""
FOLLOWED = {"hooks": "/hooks/{source}", "live": "/api/v1/live"}

Schemas = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def schemas(site: Running) -> Schemas:
    """Every schema as it is served, by its kind."""
    with site.client() as client:
        answers = {kind: client.get(f"/schema/claims/{kind}.json") for kind in KINDS}
    for kind, answer in answers.items():
        assert answer.status_code == 200, kind
        assert answer.headers["content-type"] == "application/schema+json"
    return {kind: answer.json() for kind, answer in answers.items()}


@pytest.fixture(scope="module")
def asyncapi(site: Running) -> dict[str, Any]:
    """The AsyncAPI document as it is served."""
    answer = loopback.get(f"{site.url}/schema/asyncapi.json")
    assert answer.headers["content-type"] == "application/vnd.aai.asyncapi+json;version=3.0.0"
    found: dict[str, Any] = answer.json()
    return found


def stored_claim(kind: str) -> dict[str, Any]:
    """The claim of a stored sample, as its sender may have written it."""
    event = dict(sample(f"{kind}.v1")["event"])
    event.pop("status", None)
    return {"id": event.pop("claim"), "kind": kind, **event}


def faults(schema: dict[str, Any], claim: Any) -> list[str]:
    """What the validator has against a claim."""
    validator = jsonschema_rs.validator_for(schema)
    return [error.message for error in validator.iter_errors(claim)]


def test_every_schema_is_one(schemas: Schemas) -> None:
    """Each is JSON Schema 2020-12, named after its kind, and refers to nothing beyond itself."""
    assert sorted(schemas) == sorted(DETAILS_OF)
    for kind, schema in schemas.items():
        assert jsonschema_rs.meta.is_valid(schema), kind
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert schema["$id"] == f"urn:article20:schema:claims:{kind}"
        assert set(references(schema)) <= {f"#/$defs/{name}" for name in schema["$defs"]}


def test_every_stored_sample_validates(schemas: Schemas) -> None:
    """The claim of each stored sample is valid under the schema of its kind, and of no other."""
    for kind, schema in schemas.items():
        assert faults(schema, stored_claim(kind)) == [], kind
    other = stored_claim("open_letter")
    assert all(faults(schema, other) for kind, schema in schemas.items() if kind != "open_letter")


def test_every_shipped_claim_validates(schemas: Schemas) -> None:
    """Each line of the shipped chronology, without what only files may say, is valid."""
    count = 0
    for line in chronology_path().read_text(encoding="utf-8").splitlines():
        claim = {n: v for n, v in json.loads(line).items() if n not in OF_FILES}
        assert faults(schemas[claim["kind"]], claim) == [], claim["id"]
        count += 1
    assert count > 300


TAKEN: tuple[dict[str, Any], ...] = (
    {"id": None},
    {"known_since": None},
    *({"occurred_on": text} for text in ("19XX", "202X~", "2025-XX", "2025-03-XX?", "2025/2026%")),
    {"actors": [{"kind": "state", "code": "FIN", "name": "Finland"}]},
    {"actors": [{"kind": "ngo", "name": "A campaign", "code": None}]},
    *({"sources": [{name: "https://example.org"}]} for name in ("title", "publisher", "url")),
    {"sources": [{"url": "HTTP://EXAMPLE.ORG/a"}]},
    {"sources": [{"title": "", "publisher": "P"}]},
)
REFUSED: tuple[dict[str, Any], ...] = (
    *({"occurred_on": text} for text in ("2025-13", "2025-00", "2025-02-32", "20X5", "2025-1")),
    {"actors": [{"kind": "state"}]},
    {"actors": [{"kind": "state", "code": "XXX"}]},
    {"actors": [{"kind": "state", "name": "Finland"}]},
    {"actors": [{"kind": "ngo"}]},
    {"actors": [{"kind": "ngo", "name": "A campaign", "code": "FIN"}]},
    {"sources": [{}]},
    {"sources": [{"title": "", "reliability": "A"}]},
    *({"sources": [{"url": url}]} for url in ("example.org", "javascript:alert(1)", "https://")),
)


@pytest.mark.parametrize("more", [*TAKEN, *REFUSED], ids=str)
def test_the_schema_says_what_the_server_does(
    site: Running, schemas: Schemas, more: dict[str, Any]
) -> None:
    """What a server takes validates, and what it refuses for its form does not."""
    made = claim() | more
    body, source = json.dumps(made), site.source()
    with site.client() as client:
        answer = client.post(
            f"/hooks/{source}", content=body, headers=site.signed(source, body, "m")
        )
    assert answer.status_code == (201 if more in TAKEN else 422), answer.text
    assert (faults(schemas[made["kind"]], made) == []) == (more in TAKEN)


def test_an_unknown_field_does_not_validate(schemas: Schemas) -> None:
    """In the claim, its details, its actors and its sources a field nobody knows is refused."""
    plain = {"kind": "", "treaty": "APMBC", "occurred_on": "2026-02-20", "summary": "It was said."}
    inner: list[dict[str, Any]] = [
        {"nobody_knows": 1},
        {"details": {"nobody_knows": 1}},
        {"actors": [{"kind": "state", "code": "FIN", "nobody_knows": 1}]},
        {"sources": [{"publisher": "P", "reliability": "A", "credibility": 1, "nobody_knows": 1}]},
    ]
    for kind, schema in schemas.items():
        for more in inner:
            claim = {**plain, "kind": kind, **more}
            assert any("nobody_knows" in fault for fault in faults(schema, claim)), (kind, more)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_that_is_too_long_does_not_validate(schemas: Schemas, name: str) -> None:
    """Where the intake bounds a list, the schema says so, and both agree on the last length."""
    one: dict[str, Any] = {
        "actors": {"kind": "ngo", "name": "A"},
        "sources": {"publisher": "P", "reliability": "A", "credibility": 1},
        "relates_to": {"claim": "another", "relation": "mentions"},
    }
    several: list[Any] = [one[name]] if name != "targets" else sorted(GOVERNMENTS)
    for length, is_good in ((LISTS[name], True), (LISTS[name] + 1, False)):
        claim = {**stored_claim("open_letter"), name: (several * length)[:length]}
        found = faults(schemas["open_letter"], claim)
        assert any("more than" in fault for fault in found) != is_good, found


@pytest.mark.parametrize("field", ["kind", "treaty", "occurred_on", "summary"])
def test_what_a_claim_needs_is_required(schemas: Schemas, field: str) -> None:
    """Without what every claim needs none is valid."""
    for kind, schema in schemas.items():
        claim = {n: v for n, v in stored_claim(kind).items() if n != field}
        assert faults(schema, claim), kind


def test_every_field_of_the_details_is_described(schemas: Schemas) -> None:
    """The schema of a kind knows every field that the domain reads for it."""
    for kind, schema in schemas.items():
        details: type[Details] = DETAILS_OF[kind]
        name = schema["properties"]["details"]["$ref"].rpartition("/")[2]
        assert set(schema["$defs"][name]["properties"]) == set(details.__struct_fields__), kind


@pytest.mark.parametrize("path", ["/schema/claims/unga_vote.json", "/schema/asyncapi.json"])
def test_a_document_that_is_held_is_not_sent_again(site: Running, path: str) -> None:
    """Whoever shows the ETag is answered 304 without a body; whoever shows another one, whole."""
    with site.client() as client:
        first = client.get(path)
        tag = first.headers["etag"]
        held = client.get(path, headers={"If-None-Match": f'"other", W/{tag}'})
        assert (held.status_code, held.content, held.headers["etag"]) == (304, b"", tag)
        assert "max-age" in held.headers["cache-control"]
        other = client.get(path, headers={"If-None-Match": '"other"'})
        assert (other.status_code, other.content) == (200, first.content)


@pytest.mark.parametrize("name", ["unheard_of.json", "unga_vote", "unga_vote.json.json", ".json"])
def test_a_schema_that_is_not_there_is_named(site: Running, name: str) -> None:
    """Anything but a kind with `.json` behind it is 404, in one sentence."""
    answer = loopback.get(f"{site.url}/schema/claims/{name}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert f"'{name}'" in answer.json()["detail"]


def test_the_asyncapi_document_is_whole(asyncapi: dict[str, Any]) -> None:
    """It has what AsyncAPI 3 requires, each operation names a channel and messages of that
    channel, and every reference in it leads somewhere."""
    assert asyncapi["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= set(asyncapi["info"])
    for operation in asyncapi["operations"].values():
        assert operation["action"] in ("send", "receive")
        channel = operation["channel"]["$ref"]
        assert channel.startswith("#/channels/")
        for message in operation["messages"]:
            assert message["$ref"].startswith(f"{channel}/messages/")
    for reference in references(asyncapi):
        found: Any = asyncapi
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
    for channel in asyncapi["channels"].values():
        named = set(re.findall(r"\{(\w+)\}", channel["address"]))
        assert named == set(channel.get("parameters", {}))
    for name, shape in asyncapi["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid({"$schema": DRAFT_7, **shape}), name


DRAFT_7 = "http://json-schema.org/draft-07/schema#"
"""What AsyncAPI takes its schemas for, where it is not told otherwise."""


def test_every_channel_is_there(site: Running, asyncapi: dict[str, Any]) -> None:
    """Each address is served, by the method that its operation names."""
    channels = {name: channel["address"] for name, channel in asyncapi["channels"].items()}
    assert channels == FOLLOWED
    with site.client("viewer") as client:
        for operation in asyncapi["operations"].values():
            address = channels[operation["channel"]["$ref"].rpartition("/")[2]]
            allowed = client.options(address.format(source=site.source())).headers["allow"]
            assert operation["bindings"]["http"]["method"] in allowed.split(", ")


def test_the_messages_are_what_is_taken_and_said(asyncapi: dict[str, Any]) -> None:
    """A claim, an event and a batch validate under the shapes of their messages; a claim with an
    unknown field, and an event without its id, do not."""
    sent = stored_claim("open_letter")
    event = {"specversion": "1.0", "id": "1", "source": "/x", "type": "org.x", "data": sent}
    packed = {n: v for n, v in event.items() if n != "data"} | {"data_base64": "e30="}
    changed = {"position": 7, "governments": ["FIN"], "claims": ["a"]}
    for name, good, bad in (
        ("claim", sent, {**sent, "nobody_knows": 1}),
        ("event", event, {**event, "id": ""}),
        ("event", packed, {**packed, "data": sent}),
        ("batch", [event, event], [event, sent]),
        ("changed", changed, {**changed, "position": -1}),
    ):
        message = asyncapi["components"]["messages"][name]
        schema = {"components": asyncapi["components"], **message["payload"]}
        assert faults(schema, good) == [], name
        assert faults(schema, bad), name


def references(value: Any) -> Iterator[str]:
    """Every reference in a document."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)

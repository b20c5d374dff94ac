"""The OpenAPI document, and that the server does what it says; generated requests, a few per
route."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import positive_data_acceptance

from services.api.app import build_app
from services.api.document import BARE
from services.api.serving import Serving
from tests import loopback
from tests.services.running import Running, running

EXAMPLES = 2
STREAM = "/api/v1/live"
CONTRACT = (
    "POST /hooks/{source}",
    "POST /api/v1/claims",
    "GET /api/v1/claims",
    "GET /api/v1/claims/{claim}",
    *(
        f"POST /api/v1/claims/{{claim}}/{decision}"
        for decision in ("accept", "reject", "contest", "refute", "correct", "retract")
    ),
    "POST /api/v1/claims/{claim}/same-as/{other}",
    "POST /api/v1/claims/{claim}/separate/{other}",
    "GET /api/v1/governments",
    "GET /api/v1/governments/{code}",
    "GET /api/v1/governments/{code}/pressure",
    "GET /api/v1/governments/{code}/erosion",
    "GET /api/v1/governments/{code}/backing",
    "GET /api/v1/treaties/{treaty}/parties",
    "GET /api/v1/events",
    "GET /api/v1/live",
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
)


@pytest.fixture(scope="module")
def hurried(module_dsn: str) -> Iterator[Running]:
    """A server that waits for a position only for a moment."""
    with running(module_dsn, min_position_wait_seconds_max="0.02") as found:
        yield found


@pytest.fixture(scope="module")
def document(hurried: Running) -> dict[str, Any]:
    """The document as it is served."""
    answer = loopback.get(f"{hurried.url}/schema")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.1"
    found: dict[str, Any] = answer.json()
    return found


def operations(document: dict[str, Any]) -> set[str]:
    """Every method with its path."""
    return {
        f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item
    }


def test_the_document_describes_the_contract(document: dict[str, Any]) -> None:
    """Every route of the contract that there is stands in the document, which is OpenAPI 3.1."""
    assert document["openapi"].startswith("3.1")
    assert set(CONTRACT) <= operations(document)


def test_both_addresses_give_the_same_document(hurried: Running, document: dict[str, Any]) -> None:
    """`/schema` and `/schema/openapi.json` are one document."""
    assert loopback.get(f"{hurried.url}/schema/openapi.json").json() == document


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    """No schema refers to one that is not there."""
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}

    def references(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                yield value["$ref"]
            for item in value.values():
                yield from references(item)
        elif isinstance(value, list):
            for item in value:
                yield from references(item)

    assert set(references(document)) <= known


def test_a_described_query_is_the_one_that_is_taken(
    hurried: Running, document: dict[str, Any]
) -> None:
    """What a route takes is what the document names, and nothing else."""
    app = build_app(Serving(hurried.house))
    for route in app.routes:
        described = document["paths"].get(getattr(route, "path_format", ""), {}).get("get")
        for handler in getattr(route, "route_handlers", []):
            if described is None or "GET" not in handler.http_methods:
                continue
            named = {p["name"] for p in described.get("parameters", []) if p["in"] == "query"}
            assert named == set(handler.opt["query"]), route.path


def test_every_address_names_its_methods(hurried: Running, document: dict[str, Any]) -> None:
    """OPTIONS, and the refusal of a method, name the methods that the document describes."""
    with loopback.Client(base_url=hurried.url) as client:
        for path, item in document["paths"].items():
            if path in BARE:
                continue
            described = {method.upper() for method in item}
            filled = re.sub(r"\{\w+\}", "x", path)
            allowed = client.options(filled).headers["allow"].split(", ")
            assert set(allowed) - {"HEAD", "OPTIONS"} == described, path
            refused = client.put(filled)
            assert refused.status_code == 405
            assert refused.headers["allow"].split(", ") == allowed


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_the_server_does_what_the_document_says(
    hurried: Running, document: dict[str, Any], mode: GenerationMode
) -> None:
    """Requests made from the document, valid ones and others, never break the server, and every
    answer has a status, media type and shape that the document names."""
    schema = schemathesis.openapi.from_dict(document)
    headers = {"Authorization": f"Bearer {hurried.token('admin')}"}
    checked = 0
    for found in schema.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]  # an error would fail right here
        if operation.path == STREAM:
            continue
        checked += _try(operation, mode, hurried.url, headers)
    assert checked > len(CONTRACT)


def _try(
    operation: APIOperation[Any, Any, Any, Any],
    mode: GenerationMode,
    url: str,
    headers: dict[str, str],
) -> int:
    checked = 0

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Case[Any]) -> None:
        nonlocal checked
        answer = case.call(base_url=url, headers=headers)
        # Not every rule fits into a schema (a day may not lie in the future), and a position that
        # the views have not reached is an answer of its own.
        assert answer.status_code < 500 or "still-behind" in answer.text, answer.text
        case.validate_response(
            answer, excluded_checks=[not_a_server_error, positive_data_acceptance]
        )
        checked += 1

    with suppress(Unsatisfiable):  # a route that takes nothing cannot be asked wrongly
        check()
    return checked

"""The page API, over HTTP: it says what the OpenAPI document says, to everybody, and its links lead
somewhere."""

from typing import Any

import httpx
import pytest

from services.dashboard.models.interface import interface_page
from tests.services.dashboard.interface_screens import DOCUMENT
from tests.services.dashboard.markup import Markup
from tests.services.running import Running


@pytest.fixture(scope="module")
def document(site: Running) -> dict[str, Any]:
    """The document as it is served."""
    with httpx.Client(base_url=site.url) as stranger:
        found: dict[str, Any] = stranger.get("/schema").json()
    return found


@pytest.fixture(scope="module")
def page(site: Running) -> Markup:
    """The page, as somebody without a login gets it."""
    with httpx.Client(base_url=site.url) as stranger:
        answer = stranger.get("/api")
    assert answer.status_code == 200
    return Markup(answer.text)


def test_every_call_and_shape_of_the_document_is_on_the_page_once(
    page: Markup, document: dict[str, Any]
) -> None:
    """Nothing is left out, nothing is invented, and no two stand at one address of the page."""
    calls = [f"{method.upper()} {path}" for path, of in document["paths"].items() for method in of]
    shapes = list(document["components"]["schemas"])
    headings = [heading.to_text().strip() for heading in page.all("article h3")]
    assert sorted(headings) == sorted([*calls, *shapes])
    anchors = page.values("[id]", "id")
    assert len(anchors) == len(set(anchors))


def test_every_link_on_the_page_leads_somewhere(page: Markup, site: Running) -> None:
    """Links within the page have their target there; those to other addresses are answered."""
    anchors = set(page.values("[id]", "id"))
    links = set(page.values("main a", "href"))
    assert {link[1:] for link in links if link.startswith("#")} <= anchors
    with httpx.Client(base_url=site.url, follow_redirects=True) as stranger:
        for link in links:
            if link.startswith("/"):
                assert stranger.get(link).status_code == 200, link


def test_a_call_says_the_role_that_it_is_refused_without(page: Markup, site: Running) -> None:
    """What the page says of who may call is what the guard says."""
    assert "For everybody." in page.text("#get-healthz")
    assert "For whoever signs" in page.text("#post-hooks-source")
    with site.client("viewer") as viewer, site.client("contributor") as contributor:
        assert "For the role viewer and above." in page.text("#get-api-v1-events")
        assert viewer.get("/api/v1/events").status_code == 200
        assert "For the role contributor and above." in page.text("#post-api-v1-claims")
        assert viewer.post("/api/v1/claims", json={}).status_code == 403
        assert "For the role reviewer and above." in page.text("#post-api-v1-claims-claim-accept")
        assert contributor.post("/api/v1/claims/x/accept", json={}).status_code == 403


def test_a_body_is_told_field_by_field(page: Markup) -> None:
    """Who decides about a claim by program reads on the page what to send, and no answer is
    explained by what its status says of every answer."""
    said = page.text("#post-api-v1-claims-claim-correct")
    assert "reason : text. Why." in said
    assert "changes : object. Fields of the claim" in said
    assert "seen optional : whole number." in said
    assert "Request fulfilled" not in page.html


def test_an_address_without_a_heading_is_refused() -> None:
    """A new room of the interface is given a heading; the page never hides it."""
    stray = {**DOCUMENT, "paths": {"/elsewhere": DOCUMENT["paths"]["/healthz"]}}
    with pytest.raises(LookupError, match="/elsewhere"):
        interface_page(stray, {})

"""A workspace that holds nothing: no page takes that for knowledge, and each says how to begin."""

import httpx
import pytest

from services.wiring import Role
from tests.services.dashboard.markup import Markup
from tests.services.running import Running

BEGINNINGS: dict[Role, set[str]] = {
    "viewer": set(),
    "contributor": {"/record"},
    "reviewer": {"/import", "/record"},
}


def opened(client: httpx.Client, path: str) -> Markup:
    """A page as it is sent."""
    answer = client.get(path)
    assert answer.status_code == 200
    return Markup(answer.text)


@pytest.mark.parametrize("role", BEGINNINGS)
@pytest.mark.parametrize("path", ["/today", "/governments", "/map"])
def test_an_empty_workspace_tells_of_no_state(site: Running, path: str, role: Role) -> None:
    """It says that nothing is on file, not that no state is bound, and leads on whoever may
    record."""
    with site.client(role) as client:
        page = opened(client, path)
    assert "No record says where any state stands on" in page.text(".lead")
    assert " 0 " not in f" {page.text('h1')} {page.text('.lead')} "
    assert "This workspace is empty" in page.text(".state")
    assert set(page.values(".state a", "href")) & {"/import", "/record"} == BEGINNINGS[role]


def test_today_counts_nothing_where_nothing_is_on_file(site: Running) -> None:
    """Neither figures nor a chart show zeros that nobody recorded."""
    with site.client("viewer") as client:
        page = opened(client, "/today")
    assert page.text("h1").startswith("Nothing is on file by")
    assert page.all(".facts") == page.all("figure") == []

"""The page Sources over HTTP: what an admin sees and changes, and what others do not."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest

from services.dashboard.screens import sourcing
from services.wiring import Role
from tests import loopback
from tests.services.api.test_access import form_token, log_in
from tests.services.dashboard.markup import Markup
from tests.services.running import Running, claim

PATH = "/sources"


@contextmanager
def logged_in(site: Running, role: Role) -> Iterator[httpx.Client]:
    """A client in which somebody of that role is logged in."""
    with site.client() as client:
        log_in(client, site.person(role))
        yield client


@pytest.fixture(scope="module")
def admin(site: Running) -> Iterator[httpx.Client]:
    """A client in which an admin is logged in."""
    with logged_in(site, "admin") as client:
        yield client


def post(client: httpx.Client, path: str, head: str = PATH, **fields: str) -> httpx.Response:
    """The answer to a form of the page."""
    token = form_token(client.get(PATH).text)
    return client.post(f"{head}{path}", data=fields | {"csrf_token": token})


def secret_of(page: str) -> str:
    """The secret that a page shows."""
    found = re.search(r"whsec_[A-Za-z0-9+/=]+", page)
    assert found is not None
    return found[0]


def test_a_source_is_added_and_its_secret_shown_once(site: Running, admin: httpx.Client) -> None:
    """The page that answers shows the secret, which opens the source; no page shows it again."""
    name = f"partner-{uuid4().hex[:8]}"
    answer = post(admin, "", name=name, trusted="yes")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    site.secrets[name] = secret_of(answer.text)
    body = json.dumps(claim(id=f"by-{name}"))
    sent = loopback.post(
        f"{site.url}/hooks/{name}", content=body, headers=site.signed(name, body, "1")
    )
    assert sent.json()["status"] == "accepted"
    page = admin.get(PATH).text
    assert name in page
    assert "whsec_" not in page
    assert f"/claims/by-{name}" in page


def test_a_wrong_name_is_said_beside_its_field(admin: httpx.Client) -> None:
    """A name that is none, or is taken, is refused with what was typed."""
    name = f"taken-{uuid4().hex[:8]}"
    assert post(admin, "", name=name).status_code == 200
    for typed, status in ((name, 409), ("No Good", 422)):
        answer = post(admin, "", name=typed)
        assert answer.status_code == status
        assert f'value="{typed}"' in answer.text
        assert 'id="name-e"' in answer.text
    assert post(admin, "", name="ed", public_key="whpk_nonsense").status_code == 422


def test_a_source_is_rotated_trusted_limited_and_disabled(
    site: Running, admin: httpx.Client
) -> None:
    """Each button does what it says, and the list says what holds."""
    name = site.source(trusted=False)
    before = site.secrets[name]
    answer = post(admin, f"/{name}/rotate")
    assert answer.status_code == 200
    assert secret_of(answer.text) != before
    assert "stays good until" in answer.text
    for change in ("trust", "distrust", "disable", "enable"):
        assert post(admin, f"/{name}/{change}").headers["location"] == f"/sources?done={change}"
    limits = {"kinds": "open_letter", "governments": "Finland, Swaziland", "per_second": "2.5"}
    assert post(admin, f"/{name}/limit", **limits, burst="7").status_code == 303
    (source,) = [s for s in site.call(site.house.sources.listed("coalition")) if s.source == name]
    assert (source.kinds, source.governments) == (("open_letter",), ("FIN", "SWZ"))
    assert (source.requests_per_second_max, source.burst_requests_max) == (2.5, 7)
    assert "about Finland and Eswatini" in admin.get(PATH).text
    for wrong in ({"kinds": "nonsense"}, {"governments": "Atlantis"}, {"burst": "many"}):
        answer = post(admin, f"/{name}/limit", **wrong)
        assert answer.status_code == 422
        assert "Nothing was changed" in answer.text
    assert post(admin, f"/{name}/explode").status_code == 404
    assert post(admin, "/no-such-source/disable").status_code == 404


def test_former_secrets_end_at_once_where_somebody_says_so(
    site: Running, admin: httpx.Client
) -> None:
    """Rotations beyond the bound are refused with until when the former secrets are good; a secret
    that leaked is replaced, so that none of them is."""
    name = site.source()
    for _ in range(5):
        assert post(admin, f"/{name}/rotate").status_code == 200
    refused = post(admin, f"/{name}/rotate")
    assert refused.status_code == 409
    assert "Nothing was changed" in refused.text
    assert "still good, the first until" in refused.text
    replaced = post(admin, f"/{name}/replace")
    assert replaced.status_code == 200
    found = site.call(site.house.sources.find(name))
    assert found is not None
    assert len(found.secrets(datetime.now(UTC))) == 1
    assert "/replace" in admin.get(PATH).text


def test_a_source_may_have_any_name(site: Running, admin: httpx.Client) -> None:
    """Names that might be words of an address can be changed on the page like any other."""
    for name in ("add", "deliveries"):
        assert post(admin, "", name=name).status_code == 200
        assert post(admin, f"/{name}/disable").headers["location"] == "/sources?done=disable"


def test_a_refused_delivery_is_found_and_replayed(site: Running, admin: httpx.Client) -> None:
    """What was refused for a limit is found by its reason, and taken once the limit is lifted."""
    name = site.source()
    post(admin, f"/{name}/limit", kinds="open_letter")
    body = json.dumps(claim(id=f"mended-{name}"))
    webhook_id = f"msg-{uuid4().hex}"
    sent = loopback.post(
        f"{site.url}/hooks/{name}", content=body, headers=site.signed(name, body, webhook_id)
    )
    assert sent.status_code == 422
    page = admin.get(f"{PATH}?source={name}&outcome=refused").text
    assert webhook_id in page
    assert webhook_id not in admin.get(f"{PATH}?source={name}&outcome=accepted").text
    found = re.search(r"/deliveries/([0-9a-f-]{36})/replay", page)
    assert found is not None
    again = post(admin, f"/deliveries/{found[1]}/replay", head="")
    assert "done=refused" in again.headers["location"]
    post(admin, f"/{name}/limit")
    taken = post(admin, f"/deliveries/{found[1]}/replay", head="")
    assert "done=taken" in taken.headers["location"]
    site.caught_up()
    assert admin.get(f"/claims/mended-{name}").status_code == 200
    assert "Done" in admin.get(taken.headers["location"].partition("#")[0]).text
    assert post(admin, f"/deliveries/{found[1]}/replay", head="").status_code == 409
    assert post(admin, "/deliveries/nonsense/replay", head="").status_code == 404


def test_deliveries_are_shown_paged_and_taken_away_oldest_first(
    site: Running, admin: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order of the address is that of every page and of the file; one that is none is
    refused."""
    name = site.source()
    ids = [f"{name}-{number}" for number in range(5)]
    for webhook_id in ids:
        body = json.dumps(claim(id=f"by-{webhook_id}"))
        head = site.signed(name, body, webhook_id)
        assert loopback.post(f"{site.url}/hooks/{name}", content=body, headers=head).is_success
    monkeypatch.setattr(sourcing, "PAGE_DELIVERIES", 2)
    for order, wanted in (("oldest", ids), ("newest", ids[::-1])):
        asked = f"{PATH}?source={name}&order={order}"
        file = admin.get(f"{asked}&format=json").json()
        assert [row["webhook_id"] for row in file["rows"]] == wanted
        assert file["order"] == order
        shown: list[str] = []
        address: str | None = asked
        while address is not None:
            page = Markup(admin.get(address).text)
            direction = "ascending" if order == "oldest" else "descending"
            assert page.values("th[aria-sort]", "aria-sort") == [direction]
            shown += [code.to_text() for code in page.all("table[data-sorts] tbody th code")]
            address = next(iter(page.values('a[rel="next"]', "href")), None)
        assert shown == wanted
    assert admin.get(f"{PATH}?order=sideways").status_code == 400


def test_others_see_sources_but_neither_deliveries_nor_buttons(site: Running) -> None:
    """A reviewer sees who may submit, is told who sees the rest, and changes nothing; a viewer is
    refused."""
    name = site.source()
    with logged_in(site, "reviewer") as client:
        page = client.get(PATH).text
        assert name in page
        assert "Deliveries are shown to admins" in page
        assert f"/sources/{name}/" not in page
        assert post(client, f"/{name}/disable").status_code == 403
    with logged_in(site, "viewer") as client:
        assert client.get(PATH, headers={"Accept": "text/html"}).status_code == 403
        assert PATH not in client.get("/today").text

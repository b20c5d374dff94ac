"""Lists that are longer than a page, over HTTP: the next page goes on where the one before ends,
files hold all, and Today says how many governments it leaves out."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from domain.governments import GOVERNMENTS
from projections.mornings import TOLD_MAX
from projections.worklists import LITTLE_CRITICISED
from services.dashboard.models.governments import ROWS_SHOWN_MAX
from services.dashboard.states import GOVERNMENTS as NAMES
from services.dashboard.states import in_order
from tests.services.dashboard.markup import Markup
from tests.services.running import Running, claim

CODES = sorted(GOVERNMENTS)[: 2 * ROWS_SHOWN_MAX + 10]
"""More governments with something on file than two pages hold."""
CRITICISED, USERS = CODES[:3], CODES[3:]


@pytest.fixture(scope="module")
def reader(site: Running) -> Iterator[httpx.Client]:
    """Somebody who reads where many governments use mines and are not criticised for it, and some
    that do not are."""
    with site.client("contributor") as http:
        for name, more in (
            ("used", {"kind": "mine_use_alleged", "targets": USERS}),
            ("said", {"targets": CRITICISED}),
        ):
            key = {"Idempotency-Key": name}
            body = claim(id=name, **more)
            http.post("/api/v1/claims", json=body, headers=key).raise_for_status()
    site.caught_up()
    with site.client("reviewer") as http:
        http.post("/api/v1/claims/used/accept", json={}).raise_for_status()
    site.caught_up()
    with site.client("viewer") as client:
        yield client


def walk(reader: httpx.Client, path: str) -> list[Markup]:
    """The pages of a list, by its own links from one to the next."""
    found = [Markup(reader.get(path).text)]
    while following := found[-1].all('.pager a[rel="next"]'):
        address = following[0].attrs
        assert address is not None
        found.append(Markup(reader.get(str(address["href"])).text))
        assert len(found) < 10
    return found


def codes(page: Markup) -> list[str]:
    """The governments that the board of a page lists."""
    return [name.removeprefix("g-") for name in page.values("#board tbody tr", "id")]


def test_further_pages_of_governments_go_on_without_gap_or_repeat(reader: httpx.Client) -> None:
    """All pages together list each government with anything on file once, in the order of names;
    each says how many there are, and leads back to the first."""
    found = walk(reader, "/governments")
    listed = [code for page in found for code in codes(page)]
    assert listed == sorted(CODES, key=lambda code: in_order(NAMES[code]))
    assert [len(codes(page)) for page in found] == [ROWS_SHOWN_MAX, ROWS_SHOWN_MAX, 10]
    for page in found:
        assert f"{len(CODES)} governments" in page.text(".pager")
    assert [len(page.all('.pager a[rel="first"]')) for page in found] == [0, 1, 1]
    quiet = [page.values("#quiet li a", "href") if page.all("#quiet") else [] for page in found]
    assert len(quiet[0]) == len(GOVERNMENTS) - len(CODES)
    assert quiet[1:] == [[], []]


def test_further_pages_keep_what_was_asked(reader: httpx.Client) -> None:
    """The next page is of the same day and the same list, and a filter begins at the first page."""
    path = f"/governments?on=2026-06-01&list={LITTLE_CRITICISED}"
    found = walk(reader, path)
    listed = [code for page in found for code in codes(page)]
    assert (len(listed), set(listed)) == (len(USERS), set(USERS))
    href = found[0].values('.pager a[rel="next"]', "href")[0]
    asked = parse_qs(urlsplit(href).query)
    assert asked == {
        "on": ["2026-06-01"],
        "list": [LITTLE_CRITICISED],
        "cursor": [str(ROWS_SHOWN_MAX)],
    }
    assert found[1].values('form.filters input[type="hidden"]', "name") == ["on"]


def test_a_page_beyond_the_last_is_the_first(reader: httpx.Client) -> None:
    """A kept address of a page that another day does not have shows the first one; what is no
    number is refused."""
    first = codes(Markup(reader.get("/governments").text))
    beyond = Markup(reader.get(f"/governments?cursor={len(CODES)}").text)
    assert codes(beyond) == first
    assert not beyond.all('.pager a[rel="first"]')
    for typed in ("-1", "x", "1e3", "9999999999"):
        assert reader.get(f"/governments?cursor={typed}").status_code == 400


def test_files_and_the_api_hold_every_government(reader: httpx.Client) -> None:
    """The bound of a page is none of a file."""
    rows = reader.get("/map?show=erosion&format=csv").text.splitlines()
    assert len([row for row in rows if row.split(",")[0] in GOVERNMENTS]) == len(GOVERNMENTS)
    board = reader.get("/api/v1/governments").json()["governments"]
    assert {row["government"] for row in board} == set(GOVERNMENTS)


def test_today_says_how_many_governments_it_leaves_out(reader: httpx.Client) -> None:
    """It tells of two dozen, says how many more there are, and leads to the list of them all."""
    today = Markup(reader.get("/today").text)
    told = today.values("#gap tbody tr th a", "href")
    assert len(set(told)) == TOLD_MAX
    names = [node.to_text().strip() for node in today.all("#gap tbody tr th a")]
    assert names == sorted(names, key=in_order)
    link = today.all("#gap > p.small a")[0]
    assert link.attrs == {"href": "/governments"}
    listed = [code for page in walk(reader, "/governments") for code in codes(page)]
    assert link.to_text() == f"{len(USERS) - TOLD_MAX} more in the list"
    assert set(USERS) <= set(listed)

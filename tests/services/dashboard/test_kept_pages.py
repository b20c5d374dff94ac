"""Pages that are kept as they were drawn, by the server and by browsers, over HTTP: nobody is given
one that was drawn for somebody else, or that would read otherwise by now."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from infra.feed_reading import Entry
from services.api.keeping import Kept, KeptPages
from services.dashboard.screens import ledgers, pages
from services.dashboard.visit import BEHIND_EVENTS_MAX, Visit
from services.looking import looked_at
from tests.services.dashboard.markup import Markup
from tests.services.dashboard.test_people import entered, sent, someone
from tests.services.dashboard.test_reviewing import decided
from tests.services.running import OTHER, WORKSPACE, Running, claim, running

BYTES_MAX = 60_000
LATER = "2025-12-27"
KEPT = (
    *("/today", "/governments", "/governments/FIN", "/governments/FIN/pressure", "/criticism"),
    *("/transfers", "/commitments", "/deadlines", "/map?show=pressure", f"/compare?vs_on={LATER}"),
)
"""Every page that the server keeps."""
Shows = list[tuple[str, str]]
NOT_KEPT = (
    *("/claims", "/find?q=Finland", "/campaigns", "/review", "/sources", "/import", "/people"),
    *("/audit", "/account", "/integrity"),
)


@pytest.fixture(scope="module")
def kept_pages() -> Iterator[list[KeptPages]]:
    """What the server keeps, once it has kept a page."""
    with pytest.MonkeyPatch.context() as patch:
        found: list[KeptPages] = []
        keep = KeptPages.keep

        def seen(self: KeptPages, key: Any, page: Kept) -> None:
            found[:] = [self]
            keep(self, key, page)
            assert self.size_bytes <= self.bytes_max

        patch.setattr(KeptPages, "keep", seen)
        yield found


@pytest.fixture(scope="module")
def site(module_dsn: str, kept_pages: list[KeptPages]) -> Iterator[Running]:
    """A server that keeps few pages."""
    with running(module_dsn, pages_bytes_max=str(BYTES_MAX)) as found:
        yield found


@pytest.fixture(scope="module")
def admin(site: Running) -> Iterator[httpx.Client]:
    """The browser of an admin."""
    with entered(site, site.person("admin")) as browser:
        yield browser


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the pages that the server draws, as long as the test lasts."""
    paths: list[str] = []
    for screen in (pages, ledgers):
        monkeypatch.setattr(screen, "render", _counting(screen.render, paths))
    return paths


def _counting(render: Callable[[Any], str], paths: list[str]) -> Callable[[Any], str]:
    def counted(page: Any) -> str:
        paths.append(page.frame.path)
        return render(page)

    return counted


def submit(site: Running, **changes: Any) -> str:
    """The name of a claim that was just recorded and is in the views."""
    name = f"kept-{uuid4().hex[:8]}"
    with site.client("contributor") as http:
        body, key = claim(id=name, summary=f"Said {name}.", **changes), {"Idempotency-Key": name}
        http.post("/api/v1/claims", json=body, headers=key).raise_for_status()
    site.caught_up()
    return name


def _day(page: str) -> date:
    """The day that a page says it is about."""
    shown = f"{Markup(page).values('#on', 'value')[0]} +0000"
    return datetime.strptime(shown, "%d %b %Y %z").date()


class Reader:
    """A browser that keeps each page under its ETag and shows it again on 304."""

    def __init__(self, browser: httpx.Client) -> None:
        self.browser = browser
        self.held: dict[str, tuple[str, str]] = {}

    def read(self, path: str) -> str:
        """The page as the browser shows it."""
        tag, text = self.held.get(path, ("", ""))
        answer = self.browser.get(path, headers={"If-None-Match": tag} if tag else {})
        if answer.status_code == 304:
            return text
        assert answer.status_code == 200, answer.text
        if "etag" in answer.headers:
            self.held[path] = answer.headers["etag"], answer.text
        return answer.text

    def afresh(self, path: str) -> str:
        """The page, had the browser nothing."""
        return self.browser.get(path).text


def test_the_bytes_of_pages_are_bounded(
    site: Running, admin: httpx.Client, kept_pages: list[KeptPages], drawn: list[str]
) -> None:
    """A page asked for again is not drawn again, until others have taken the bytes that the setting
    allows."""
    submit(site)
    for _ in range(2):
        admin.get("/governments/FIN")
    assert drawn == ["/governments/FIN"]
    for code in ("DEU", "FRA", "POL", "EST", "LVA", "LTU", "SWE", "NOR", "DNK", "ISL", "AUT"):
        admin.get(f"/governments/{code}")
    assert BYTES_MAX == kept_pages[0].bytes_max > kept_pages[0].size_bytes > BYTES_MAX / 2
    admin.get("/governments/AUT")
    assert drawn.count("/governments/AUT") == 1
    admin.get("/governments/FIN")
    assert drawn.count("/governments/FIN") == 2


def _decided(site: Running, admin: httpx.Client) -> Shows:
    name = submit(site)
    assert decided(admin, name, verdict="accepted").status_code == 303
    site.caught_up()
    return [("/today", f"Said {name}."), ("/governments/FIN", name)]


def _beside_the_log(site: Running, admin: httpx.Client) -> Shows:
    name = f"feed-{uuid4().hex[:8]}"
    feeds = site.house.feeds
    site.call(feeds.add(WORKSPACE, name, f"https://{name}.example/feed"))
    entry = Entry(guid=name, title=f"News of {name}")
    site.call(feeds.add_drafts(WORKSPACE, name, [entry], language="en", waiting_max=9))
    email = f"{name}@example.org"
    assert sent(admin, "/people", "/people/invite", email=email, role="viewer").is_success
    return [("/sources", f"News of {name}"), ("/sources", site.source()), ("/people", email)]


def _in_french(_site: Running, admin: httpx.Client) -> Shows:
    sent(admin, "/account", "/language", language="fr")
    return [("/today", '<html lang="fr">'), ("/map?show=pressure", '<html lang="fr">')]


CHANGES: dict[str, Callable[[Running, httpx.Client], Shows]] = {
    "a claim and a decision on it": _decided,
    "a draft of a feed, a source and an invitation": _beside_the_log,
    "another language": _in_french,
}
"""What changes -> how; gives pages that show it, and what they show."""


def test_no_page_from_before_a_change_is_given(
    site: Running,
    admin: httpx.Client,
    kept_pages: list[KeptPages],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After each change, in the log or outside it, a browser that keeps what it may shows each page
    as the server would draw it with nothing kept."""
    reader = Reader(admin)
    reader.read("/today")
    reader.read(f"/today?on={LATER}")
    monkeypatch.setattr(kept_pages[0], "bytes_max", 2**24)
    for path in KEPT:
        reader.read(path)
    for what, change in CHANGES.items():
        for path, shows in change(site, admin):
            assert shows in reader.read(path), what
        for path in KEPT:
            shown = reader.read(path)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(KeptPages, "recall", lambda *_: None)
                assert shown == reader.afresh(path), (what, path)
    sent(admin, "/account", "/language", language="en")
    assert '<html lang="en">' in reader.read("/today")


@pytest.mark.parametrize("path", NOT_KEPT)
def test_pages_of_what_is_outside_the_log_are_asked_for_anew(
    admin: httpx.Client, kept_pages: list[KeptPages], path: str
) -> None:
    """The server keeps none of them, and what shows more than the log no browser keeps either."""
    size = kept_pages[0].size_bytes if kept_pages else 0
    answer = admin.get(path)
    assert answer.status_code == 200
    assert (kept_pages[0].size_bytes if kept_pages else 0) == size
    if path not in NOT_KEPT[:2]:
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers


def test_your_own_write_is_read_on_the_page_it_leads_to(site: Running, admin: httpx.Client) -> None:
    """A decision leads to a page that holds it, and so does every page asked for with the position
    it was given, however often the one before was asked for."""
    name = submit(site)
    before = [admin.get("/governments/FIN").text for _ in range(2)]
    answer = decided(admin, name, verdict="rejected", reason="So it is.")
    position = httpx.URL(answer.headers["location"]).params["min_position"]
    own = admin.get(f"/governments/FIN?min_position={position}")
    assert int(own.headers["article20-position"]) >= int(position)
    assert f"event={name}" in before[0]
    assert own.text != before[0] == before[1]
    assert admin.get("/governments/FIN").text != before[0]


def test_a_page_is_never_given_to_another(site: Running) -> None:
    """Whoever asks for a page at the same position, be it under the same name in the same role,
    gets one of their own: with the token of their session, in their language, of their
    workspace."""
    name = submit(site)
    path, email = "/governments/FIN", site.person("viewer")
    with (
        entered(site, email) as one,
        entered(site, email) as elsewhere,
        entered(site, site.person("viewer")) as twin,
        entered(site, site.person("reviewer")) as reviewer,
        site.client("viewer") as machine,
        site.client("viewer") as other_machine,
        site.client("viewer", OTHER) as neighbour,
    ):
        askers = [
            *((who, {}) for who in (one, elsewhere, twin, reviewer)),
            *((who, {}) for who in (machine, other_machine, neighbour)),
            *((who, {"Accept-Language": "fr"}) for who in (one, machine)),
        ]
        first = [who.get(path, headers=headers) for who, headers in askers]
        again = [who.get(path, headers=headers) for who, headers in askers]
    assert len({answer.headers["etag"] for answer in first}) == len(askers)
    assert [answer.text for answer in first] == [answer.text for answer in again]
    tokens = [Markup(a.text).values('input[name="csrf_token"]', "value")[0] for a in again[:4]]
    assert len(set(tokens)) == 4
    assert [f"event={name}" in answer.text for answer in again] == [True] * 6 + [False, True, True]
    assert ['href="/review' in answer.text for answer in again[:4]] == [False] * 3 + [True]
    assert ['lang="fr"' in answer.text.partition("<body")[0] for answer in again] == (
        [False] * 7 + [True] * 2
    )


def test_another_role_is_another_page(site: Running) -> None:
    """Whoever is given another role sees at once what it opens, and with the role taken away again
    nothing of it."""
    email, number = someone(site, "viewer")
    with entered(site, email) as browser:
        reader = Reader(browser)
        opened = ['href="/review' in reader.read("/today")]
        for role in ("reviewer", "viewer"):
            site.call(site.house.roster.set_role(WORKSPACE, UUID(number), role, by="program"))
            opened += ['href="/review' in reader.read("/today") for _ in range(2)]
    assert opened == [False, True, True, False, False]


def test_a_page_that_opens_a_claim_is_drawn_each_time(
    site: Running, drawn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look at a claim that is not public is noted, whoever looked before; a page that lists
    statements is not kept either."""
    name = submit(site)
    noted: list[str] = []

    def noting(house: Any, workspace: str, by: str, claim: Any) -> None:
        noted.append(claim.id)
        looked_at(house, workspace, by, claim)

    monkeypatch.setattr(pages, "looked_at", noting)
    with site.client("viewer") as machine:
        for _ in range(3):
            assert name in machine.get(f"/governments/FIN?event={name}").text
            machine.get("/criticism?critic=A+campaign&target=FIN")
    assert noted == [name] * 3
    assert drawn == ["/governments/FIN", "/criticism"] * 3


def test_the_day_after_is_another_page(
    site: Running, admin: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was drawn today is not given tomorrow, by the server or by the browser, and a page that
    midnight overtakes while it is drawn stands for neither day longer than it may."""
    reader = Reader(admin)
    now = site.house.now
    today, tomorrow = now().date(), now().date() + timedelta(days=1)
    assert _day(reader.read("/today")) == today
    weigh = Visit.weigh

    async def past_midnight(self: Visit) -> Any:
        monkeypatch.setattr(site.house, "now", lambda: now() + timedelta(days=1))
        return await weigh(self)

    monkeypatch.setattr(Visit, "weigh", past_midnight)
    assert _day(reader.read("/governments")) == today
    monkeypatch.setattr(Visit, "weigh", weigh)
    for _ in range(2):
        assert _day(reader.read("/today")) == tomorrow
        assert _day(reader.read("/governments")) == tomorrow


def test_an_event_that_comes_while_a_page_is_drawn_is_on_the_next_one(
    site: Running, admin: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of a page is read before an event and half after: it is not taken for the page of
    after, neither by the server nor by the browser."""
    weigh = Visit.weigh

    async def beside(self: Visit) -> Any:
        await asyncio.to_thread(submit, site)
        return await weigh(self)

    monkeypatch.setattr(Visit, "weigh", beside)
    torn = admin.get("/map?show=pressure")
    monkeypatch.setattr(Visit, "weigh", weigh)
    again = admin.get("/map?show=pressure", headers={"If-None-Match": torn.headers["etag"]})
    assert again.status_code == 200
    assert again.headers["etag"] != torn.headers["etag"]


def _stop(dsn: str, view: str, position: int | None) -> None:
    """Write down that a view stopped at a position, or that it goes on."""

    async def write() -> None:
        connection = await asyncpg.connect(dsn)
        await connection.execute(
            "UPDATE article20.view_state SET fault_position = $2::bigint,"
            " fault_error = CASE WHEN $2::bigint IS NOT NULL THEN 'a fault' END"
            " WHERE view = $1",
            view,
            position,
        )
        await connection.close()

    asyncio.run(write())


def test_a_page_that_is_held_tells_when_a_view_stops(
    site: Running, admin: httpx.Client, module_dsn: str
) -> None:
    """A view that stops is told on pages that nothing else has changed, and no longer once it goes
    on."""
    submit(site)
    reader = Reader(admin)
    assert "could not take in" not in reader.read("/governments/FIN")
    head = site.head()
    for position, told in ((head, True), (None, False)):
        _stop(module_dsn, "governments", position)
        for _ in range(2):
            shown = reader.read("/governments/FIN")
            assert (f"could not take in position {head}" in shown) is told


@contextmanager
def _holding(dsn: str) -> Iterator[None]:
    """Nothing is written into the views while the block lasts."""
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(asyncpg.connect(dsn))
    transaction = connection.transaction()
    try:
        loop.run_until_complete(transaction.start())
        watermark = "SELECT FROM article20.view_watermark FOR UPDATE"
        loop.run_until_complete(connection.execute(watermark))
        yield
    finally:
        loop.run_until_complete(transaction.rollback())
        loop.run_until_complete(connection.close())
        loop.close()


def test_a_page_that_is_held_tells_that_it_is_behind_the_log(
    site: Running, admin: httpx.Client, module_dsn: str
) -> None:
    """While the views take nothing in, a page that the browser holds or the server keeps is not
    given as if it were up to date."""
    submit(site)
    reader = Reader(admin)
    assert "is behind the log" not in reader.read("/governments/FIN")
    with site.client("contributor") as http, _holding(module_dsn):
        for _ in range(BEHIND_EVENTS_MAX + 1):
            name = f"much-{uuid4().hex}"
            key = {"Idempotency-Key": name}
            http.post("/api/v1/claims", json=claim(id=name), headers=key).raise_for_status()
        assert "is behind the log" in reader.read("/governments/FIN")
        assert "is behind the log" in reader.afresh("/governments/FIN")
    site.caught_up()
    assert "is behind the log" not in reader.read("/governments/FIN")


def test_a_page_is_sent_small_where_that_gives_nothing_away(site: Running) -> None:
    """Word for word the same page comes as gzip to whoever reads it, and again in the same bytes;
    with words in its address, and to others, it comes as it is. Each is known by a tag of its
    own."""
    plain = {"Accept-Encoding": "identity"}
    with entered(site, site.person("viewer")) as browser:
        small, again = browser.get("/today"), browser.get("/today")
        whole = browser.get("/today", headers=plain)
        asked = browser.get("/criticism", params={"among": "EST"})
        held = [
            browser.get("/today", headers=headers | {"If-None-Match": one.headers["etag"]})
            for headers, one in (({}, small), (plain, whole), (plain, small))
        ]
        sheet, sheet_whole = (
            browser.get("/static/ui.css", headers=headers) for headers in ({}, plain)
        )
    encodings = [one.headers.get("content-encoding") for one in (small, again, whole, asked)]
    assert encodings == ["gzip", "gzip", None, None]
    assert small.text == again.text == whole.text
    assert small.headers["content-length"] == again.headers["content-length"]
    assert int(small.headers["content-length"]) < len(whole.content) / 3
    assert [one.status_code for one in held] == [304, 304, 200]
    assert "Accept-Encoding" in small.headers["vary"]
    assert "Accept-Encoding" in whole.headers["vary"]
    assert sheet.headers["content-encoding"] == "gzip"
    assert sheet.headers["vary"] == sheet_whole.headers["vary"] == "Accept-Encoding"
    assert sheet.content == sheet_whole.content
    assert sheet.headers["etag"] != sheet_whole.headers["etag"]

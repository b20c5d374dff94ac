"""The live stream over HTTP: what it tells, how it resumes, and that one client never harms
another."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import msgspec
import pytest

from services.api.access import SESSION_COOKIE
from services.live.hub import Hub
from services.wiring import PROGRAM
from tests import loopback
from tests.services.dashboard.test_people import entered
from tests.services.running import OTHER, PASSWORD, WORKSPACE, Running, claim, running

ENDED_SECONDS_MAX = 20


class Recipient:
    """Whom a stream is sent to, who stays until `left` is set."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.begun, self.told, self.left = asyncio.Event(), asyncio.Event(), asyncio.Event()

    def followed(self, hub: Hub, after: int) -> asyncio.Task[None]:
        """The stream, which goes on in the background."""
        return asyncio.create_task(hub.follow(WORKSPACE, after, self.receive, self.send))

    async def receive(self) -> Any:
        """What comes from the recipient."""
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        """Take a part of the answer."""
        self.messages.append(message)
        if b"retry:" in message.get("body", b""):
            self.begun.set()
        if b"data:" in message.get("body", b""):
            self.told.set()


class Message(msgspec.Struct):
    """One message of a stream."""

    id: str
    event: str
    data: dict[str, Any]


@pytest.fixture(scope="module")
def source(site: Running) -> str:
    """A trusted webhook source."""
    return site.source()


def record(site: Running, source: str, **changes: Any) -> int:
    """Record a claim; its position."""
    body = json.dumps(claim(**changes))
    headers = site.signed(source, body, uuid4().hex)
    answer = loopback.post(f"{site.url}/hooks/{source}", content=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["position"])


@contextmanager
def stream(
    client: httpx.Client, path: str = "/api/v1/live", **headers: str
) -> Iterator[Iterator[Message]]:
    """The messages of a stream, which is open when the block begins."""
    with client.stream("GET", path, headers=headers) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert next(lines).startswith("retry: ")
        yield _messages(lines)


def _messages(lines: Iterator[str]) -> Iterator[Message]:
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        else:
            if "data" in fields:
                yield Message(fields["id"], fields["event"], json.loads(fields["data"]))
            fields = {}


def test_what_is_recorded_is_told_at_once(site: Running, source: str) -> None:
    """A claim recorded while a stream is open is told with its position, claim and governments."""
    with site.client("viewer") as client, stream(client) as messages:
        position = record(site, source, id="told", targets=["FIN", "POL"])
        message = next(messages)
    assert message.id == str(position)
    assert message.event == "views"
    assert message.data == {
        "position": position,
        "governments": ["FIN", "POL"],
        "claims": ["told"],
    }


def test_what_is_told_can_be_read(site: Running, source: str) -> None:
    """When a message names a position the views have reached it: no read after it is stale."""
    with site.client("viewer") as client, stream(client) as messages:
        for number in range(5):
            record(site, source, id=f"readable-{number}")
            message = next(messages)
            for name in message.data["claims"]:
                assert site.client("viewer").get(f"/api/v1/claims/{name}").status_code == 200


def test_a_stream_resumes_where_it_broke_off(site: Running, source: str) -> None:
    """With the id of the last message, or a position, a stream tells everything since then."""
    after = site.caught_up()
    names = [f"missed-{uuid4().hex[:8]}" for _ in range(3)]
    for name in names:
        record(site, source, id=name, targets=["EST"])
    head = site.caught_up()
    with site.client("viewer") as client:
        for path, headers in (
            (f"/api/v1/live?after={after}", {}),
            (f"/api/v1/live?after={head}", {"Last-Event-ID": str(after)}),
        ):
            with stream(client, path, **headers) as messages:
                message = next(messages)
            assert message.id == str(head)
            assert message.data["claims"] == names
            assert message.data["governments"] == ["EST"]


def test_who_asks_for_the_headers_of_a_stream_alone_keeps_no_stream(site: Running) -> None:
    """HEAD is answered whole, so that the connection serves the next request, and takes no place
    among the streams."""
    site.caught_up()
    with site.client("viewer") as client:
        for _ in range(3):
            answer = client.head("/api/v1/live")
            assert (answer.status_code, answer.content) == (200, b"")
            assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
            assert int(answer.headers["article20-position"]) == site.head()
        assert "article20_live_clients 0.0" in client.get("/metrics").text


def test_a_stream_opens_with_where_the_views_stand(
    site: Running, module_dsn: str, source: str
) -> None:
    """Also in a process that has heard of no position yet, since another brings the views forward:
    whoever is cut off before anything was told resumes there, and misses nothing."""
    record(site, source, id="before-it-opens")
    reached = site.caught_up()
    with running(module_dsn, project="false") as other, other.client("viewer") as client:
        with client.stream("GET", "/api/v1/live") as answer:
            assert answer.headers["article20-position"] == str(reached) != "0"
            lines = answer.iter_lines()
            assert [next(lines), next(lines)] == ["retry: 2000", f"id: {reached}"]
        position = record(site, source, id="between")
        site.caught_up()
        last = {"Last-Event-ID": str(reached)}
        with client.stream("GET", "/api/v1/live", headers=last) as answer:
            lines = answer.iter_lines()
            assert [next(lines), next(lines)] == ["retry: 2000", f"id: {reached}"]
            message = next(_messages(lines))
        assert (message.id, message.data["claims"]) == (str(position), ["between"])


def test_every_change_is_told_to_everyone_exactly_once(site: Running, source: str) -> None:
    """However claims arrive, the messages of each stream name each claim once and in order."""
    told: list[list[str]] = [[] for _ in range(10)]
    names = [f"each-{number}" for number in range(30)]
    opened = threading.Barrier(11)

    def follow(found: list[str]) -> None:
        with site.client("viewer") as client, stream(client) as messages:
            opened.wait()
            for message in messages:
                found += message.data["claims"]
                if names[-1] in found:
                    return

    threads = [threading.Thread(target=follow, args=(found,)) for found in told]
    for thread in threads:
        thread.start()
    opened.wait()
    for name in names:
        record(site, source, id=name)
    for thread in threads:
        thread.join(2 * loopback.TIMEOUT_SECONDS)
    assert told == [names] * 10


def test_a_decision_is_told_with_the_governments_concerned(site: Running, source: str) -> None:
    """What a decision changes is told: the claim, those declared the same, and every government
    that is or was concerned."""
    record(site, source, id="first-of-two", targets=["LVA"])
    record(site, source, id="second-of-two", targets=["LTU"])
    site.caught_up()
    with (
        site.client("reviewer") as desk,
        site.client("viewer") as client,
        stream(client) as messages,
    ):
        desk.post("/api/v1/claims/first-of-two/same-as/second-of-two")
        message = next(messages)
        assert set(message.data["claims"]) <= {"first-of-two", "second-of-two"}
        assert message.data["governments"] == ["LTU", "LVA"]
        body = {"reason": "Another country.", "changes": {"targets": ["UKR"]}}
        desk.post("/api/v1/claims/first-of-two/correct", json=body)
        message = next(messages)
        assert "first-of-two" in message.data["claims"]
        assert {"LVA", "UKR"} <= set(message.data["governments"])


def test_no_stream_carries_the_headers_of_another(site: Running) -> None:
    """However many streams were opened before, each has every header once."""
    with site.client("viewer") as client:
        for _ in range(3):
            with client.stream("GET", "/api/v1/live") as answer:
                names = [name for name, _ in answer.headers.multi_items()]
                assert sorted(names) == sorted(set(names))


def test_another_workspace_is_not_heard(site: Running, source: str) -> None:
    """A stream tells of its own workspace alone."""
    theirs = site.source(workspace=OTHER)
    with site.client("viewer") as client, stream(client) as messages:
        record(site, theirs, id="next-door")
        position = record(site, source, id="at-home")
        message = next(messages)
    assert message.data["claims"] == ["at-home"]
    assert message.id == str(position)


def test_far_behind_everything_may_have_changed(site: Running, source: str) -> None:
    """Whoever is too far behind is told that everything may have changed, in a short message."""
    changed = site.call(site.house.changes.between("coalition", 0, 1_000_000))
    assert changed.more
    assert changed.claims == ()
    assert len(changed.governments) == 197


def test_a_page_follows_with_its_session(site: Running, source: str) -> None:
    """The stream of open pages takes the cookie of the session."""
    email = site.person("viewer")
    _, cookie = site.call(
        site.house.people.log_in("coalition", email=email, password=PASSWORD, address="")
    )
    with (
        loopback.Client(base_url=site.url, cookies={"article20_session": cookie}) as client,
        stream(client, "/live") as messages,
    ):
        record(site, source, id="for-a-page")
        assert next(messages).data["claims"] == ["for-a-page"]


def test_whoever_joins_late_brings_the_news_to_all(site: Running, source: str) -> None:
    """A client that joins and finds the views further on than the others were told: they are told
    too, and nobody is left behind, though no notification came."""

    async def joined() -> tuple[bytes, bytes]:
        hub = Hub(site.house)  # not started: it hears of nothing by itself
        early: asyncio.Queue[bytes] = asyncio.Queue()
        late: asyncio.Queue[bytes] = asyncio.Queue()
        first = asyncio.create_task(hub.follow(WORKSPACE, None, _never, _into(early)))
        assert (await early.get()).startswith(b"retry")
        await asyncio.to_thread(record, site, source, id="unheard-of")
        await site.house.views.wait_for(WORKSPACE, await site.house.store.head(WORKSPACE), 60)
        second = asyncio.create_task(hub.follow(WORKSPACE, 0, _never, _into(late)))
        assert (await late.get()).startswith(b"retry")
        async with asyncio.timeout(60):
            told = await early.get(), await late.get()
        await hub.close()
        await asyncio.gather(first, second)
        assert hub.count == 0
        return told

    early, late = site.call(joined())
    assert b'"claims":["unheard-of"]' in early
    assert late.splitlines()[0] == early.splitlines()[0]


async def _never() -> dict[str, str]:
    await asyncio.Event().wait()
    return {"type": "http.disconnect"}


def _into(parts: asyncio.Queue[bytes]) -> Any:
    """A sender that keeps what has a body."""

    async def send(message: dict[str, Any]) -> None:
        if message.get("body"):
            parts.put_nowait(message["body"])

    return send


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/v1/live?after=soon", {}),
        ("/api/v1/live?after=-1", {}),
        ("/api/v1/live?since=1", {}),
        ("/api/v1/live", {"Last-Event-ID": "soon"}),
        ("/api/v1/live", {"Last-Event-ID": "9" * 30}),
    ],
)
def test_a_position_that_is_none_is_refused(
    site: Running, path: str, headers: dict[str, str]
) -> None:
    """A stream that cannot begin is a refusal like any other."""
    with site.client("viewer") as client:
        answer = client.get(path, headers=headers)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_client_that_leaves_is_forgotten(site: Running) -> None:
    """A stream that is closed frees its place."""
    with site.client("viewer") as client, stream(client):
        assert "article20_live_clients 1.0" in client.get("/metrics").text
    for _ in range(1200):
        text = site.client().get("/metrics").text
        if "article20_live_clients 0.0" in text:
            return
        time.sleep(0.05)
    raise AssertionError("the stream is still counted")


def test_streams_are_bounded_and_say_that_they_live(module_dsn: str) -> None:
    """Beyond the bound a stream is refused with when to come back; a silent one says now and then
    that it is there."""
    settings = {"live_clients_max": "2", "live_heartbeat_seconds": "0.2"}
    with (
        running(module_dsn, **settings) as site,
        site.client("viewer") as client,
        client.stream("GET", "/api/v1/live") as one,
        client.stream("GET", "/live") as two,
    ):
        assert two.status_code == 200
        refused = client.get("/api/v1/live")
        assert refused.status_code == 503
        assert refused.json()["type"] == "urn:article20:problem:too-many-streams"
        assert int(refused.headers["retry-after"]) > 0
        lines = one.iter_lines()
        assert all(": here" in lines for _ in range(3))


def test_a_stream_whose_time_is_over_ends(module_dsn: str) -> None:
    """It ends as a whole answer does, and can be resumed."""
    with (
        running(module_dsn, live_stream_seconds_max="0.2") as site,
        site.client("viewer") as client,
    ):
        for _ in range(2):
            with client.stream("GET", "/api/v1/live") as one:
                assert one.status_code == 200
                assert not any("data:" in line for line in one.iter_lines())


def test_open_streams_keep_nobody_else_out(
    module_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With more streams open than connections may wait to be accepted, whatever else is asked is
    answered."""
    monkeypatch.setattr("services.api.server.BACKLOG", 128)
    with running(module_dsn) as site, ExitStack() as opened:
        token = site.token("viewer")
        asking = f"GET /api/v1/live HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n"
        port = site.house.settings.port
        for _ in range(160):
            one = opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
            one.sendall(asking.encode())
            assert one.recv(64).startswith(b"HTTP/1.1 200")
        assert loopback.get(f"{site.url}/healthz", timeout=60).status_code == 200


def test_a_stream_that_opens_while_the_server_stops_ends_at_once(site: Running) -> None:
    """A client that is let in at the very moment at which the others are told holds nobody up."""
    told: list[Any] = []

    async def follow() -> None:
        hub = Hub(site.house)

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                await hub.close()
            told.append(message)

        never = asyncio.Event()

        async def receive() -> Any:
            await never.wait()

        async with asyncio.timeout(ENDED_SECONDS_MAX):
            await hub.follow(WORKSPACE, None, receive, send)

    site.call(follow())
    assert told[-1] == {"type": "http.response.body", "body": b"", "more_body": False}


def test_a_stream_ends_with_what_let_it_in_and_with_the_server(module_dsn: str) -> None:
    """Once a token is revoked, a person disabled or a session ended, its streams end within the
    time of the settings, and nothing recorded afterwards is told there; others go on. A stream
    never keeps a server from stopping."""
    # Nothing is said on a silent stream: one that does not end is noticed by its client.
    settings = {"live_access_seconds": "0.2", "live_heartbeat_seconds": "900"}
    with ExitStack() as stack:
        site = stack.enter_context(running(module_dsn, **settings))
        house = site.house

        def opened(client: httpx.Client) -> httpx.Response:
            request = client.build_request("GET", "/api/v1/live")
            answer = client.send(request, stream=True)
            assert answer.status_code == 200
            return answer

        disabled, left = site.person("viewer"), site.person("viewer")
        browsers = [stack.enter_context(entered(site, email)) for email in (disabled, left)]
        machine, stays = site.client("viewer"), site.client("viewer")
        gone = [opened(client) for client in (machine, *browsers)]
        going = opened(stays)
        token = machine.headers["authorization"].removeprefix("Bearer ")
        shown = site.call(house.people.token(token))
        assert shown is not None
        site.call(house.people.revoke_token(WORKSPACE, shown.id))
        (person,) = [m for m in site.call(house.roster.members(WORKSPACE)) if m.email == disabled]
        site.call(house.roster.set_disabled(WORKSPACE, person.id, disabled=True, by=PROGRAM))
        (cookie,) = [c.value for c in browsers[1].cookies.jar if c.name == SESSION_COOKIE]
        site.call(house.people.log_out(str(cookie)))
        ended = [list(answer.iter_lines()) for answer in gone]
        record(site, site.source(), id="after-they-left")
        lines = going.iter_lines()
        assert any("after-they-left" in line for line in lines)
        assert not any("data:" in line for told in ended for line in told)
    for client in (machine, stays):
        client.close()


def test_nothing_is_sent_behind_the_end_of_a_stream(site: Running, source: str) -> None:
    """A stream whose time is over while the store makes its next message ends without it; who stays
    is told."""
    position = record(site, source, id="made-too-late")
    site.caught_up()
    over, stays = Recipient(), Recipient()

    async def follow() -> None:
        hub, admin = Hub(site.house), await asyncpg.connect(site.house.dsn)
        lasting = hub.settings
        async with asyncio.timeout(ENDED_SECONDS_MAX), admin.transaction():
            await admin.execute("LOCK TABLE article20.claim_version IN ACCESS EXCLUSIVE MODE")
            hub.settings = msgspec.structs.replace(lasting, live_stream_seconds_max=0.2)
            ending = over.followed(hub, position - 1)
            await over.begun.wait()
            hub.settings = lasting
            staying = stays.followed(hub, position - 1)
            await stays.begun.wait()
            await ending
        async with asyncio.timeout(ENDED_SECONDS_MAX):
            await stays.told.wait()
        stays.left.set()
        await staying
        await admin.close()

    site.call(follow())
    assert over.messages[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
    assert b"made-too-late" in stays.messages[-1]["body"]
    assert not any(b"made-too-late" in message.get("body", b"") for message in over.messages)

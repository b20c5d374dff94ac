"""Measures what somebody sees in a real browser: another day painted while they scrub, and an open
page changed after a webhook; it measures no request by itself, `showing` does that."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import quantiles
from typing import Any
from uuid import uuid4

import httpx
from playwright.sync_api import Page, sync_playwright

from benchmarks.rows import Row, Size
from benchmarks.sending import body_of, signed_headers
from benchmarks.server import WORKSPACE, projected_copy
from benchmarks.stages import Place
from benchmarks.staging import serving
from services.api.access import SESSION_COOKIE
from tests.services.dashboard.shots import chromium

TITLE = "Browsing"
ABOUT = """\
Pages in a real Chromium without a head, 1,440 px wide, logged in, one process serving over \
loopback, over made histories. Scrubbing: from \
the slider's move to another day until the frame that shows it is painted. Live: from the answer \
that a signed claim is stored until the open page of its government shows the log at its position \
or later; below zero is possible, as the page may be quicker than the answer."""
EVENTS: dict[Size, tuple[int, ...]] = {
    "quick": (600,),
    "full": (600, 20_000),
    "growth": (1_700_000,),
}
"""1 700 000 events hold 1 000 000 claims."""
MOVES: dict[Size, int] = {"quick": 8, "full": 20, "growth": 20}
CLAIMS: dict[Size, int] = {"quick": 8, "full": 20, "growth": 20}
ROUNDS = 3
WIDTH_PX, HEIGHT_PX = 1440, 900
SCRUBBED = ("/today", "/governments/FIN", "/map")
FOLLOWED = "/governments/FIN"
DAYS_MOVED = 9
PAUSE_SECONDS = 0.05

MOVE = """async (days) => {
  const slider = document.getElementById("slide");
  const painted = new Promise((done) => document.addEventListener("article20:moved", () =>
    requestAnimationFrame(() => {
      const after = new MessageChannel();
      after.port1.onmessage = () => done(performance.now());
      after.port2.postMessage(0);
    }), { once: true }));
  const begun = performance.now();
  slider.value = Number(slider.value) - days;
  slider.dispatchEvent(new Event("input"));
  return (await painted) - begun;
}"""
"""Moves the slider back, and says how many ms later the frame after the change was painted: what is
posted from within a frame's own callback is told once that frame is done."""

WATCH = """() => {
  window.seen = [];
  const look = () => window.seen.push([
    Number(document.body.dataset.position), performance.timeOrigin + performance.now()]);
  new MutationObserver(look).observe(document.body, { attributeFilter: ["data-position"] });
}"""
"""Notes every position that the page comes to show, with the moment (ms since 1970)."""

SEEN = """async (position) => {
  const came = () => window.seen.find(([shown]) => shown >= position);
  while (came() === undefined) await new Promise((done) => setTimeout(done, 5));
  return came()[1];
}"""


def measure(size: Size) -> Iterator[Row]:
    """Scrubbing through each page, then a claim that arrives, over each history."""
    for events in EVENTS[size]:
        with (
            serving("ours", projected_copy(events), WORKSPACE) as (_, port, place),
            opened(port, place) as page,
        ):
            for path in SCRUBBED:
                page.goto(f"http://127.0.0.1:{port}{path}")
                yield _scrubbing(page, path, events, MOVES[size])
            page.goto(f"http://127.0.0.1:{port}{FOLLOWED}")
            page.wait_for_selector("#live[data-state=live]")
            yield _following(page, port, place, events, CLAIMS[size])


def _scrubbing(page: Page, path: str, events: int, moves: int) -> Row:
    rounds = [[float(page.evaluate(MOVE, DAYS_MOVED)) for _ in range(moves)] for _ in range(ROUNDS)]
    return Row(
        what=f"95 % of moves to another day are painted on {path} within, {events:,} events",
        unit="ms",
        ours=tuple(map(_p95, rounds)),
        p99=f"median {sorted(rounds[1])[moves // 2]:.3g} ms, longest {max(rounds[1]):.3g} ms",
        note="at most 100 ms is promised",
    )


def _following(page: Page, port: int, place: Place, events: int, claims: int) -> Row:
    page.evaluate(WATCH)
    rounds = []
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        for _ in range(ROUNDS):
            run = uuid4().hex[:12]
            rounds.append([_told(page, client, place, number, run) for number in range(claims)])
    return Row(
        what=f"95 % of claims accepted by webhook change an open page within, {events:,} events",
        unit="ms",
        ours=tuple(map(_p95, rounds)),
        p99=f"median {sorted(rounds[1])[claims // 2]:.3g} ms, longest {max(rounds[1]):.3g} ms",
        note="at most 250 ms is promised",
    )


def _told(page: Page, client: httpx.Client, place: Place, number: int, run: str) -> float:
    """How many ms after the answer the page showed a claim."""
    body = body_of(number, run)
    headers = signed_headers(place.secret, f"msg-{run}-{number}", body)
    answer = client.post(place.tell, content=body, headers=headers)
    accepted = time.time() * 1000
    answer.raise_for_status()
    shown: float = page.evaluate(SEEN, answer.json()["position"])
    time.sleep(PAUSE_SECONDS)
    return shown - accepted


def _p95(took: list[float]) -> float:
    return quantiles(took, n=20)[-1]


@contextmanager
def opened(port: int, place: Place) -> Iterator[Page]:
    """A page of a browser in which somebody is logged in."""
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        context = browser.new_context(viewport={"width": WIDTH_PX, "height": HEIGHT_PX})
        cookie: Any = {
            "name": SESSION_COOKIE,
            "value": place.cookie,
            "url": f"http://127.0.0.1:{port}",
        }
        context.add_cookies([cookie])
        yield context.new_page()
        browser.close()

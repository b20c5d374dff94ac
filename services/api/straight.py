"""Deliveries of the plainest form, answered without a detour: a claim in JSON, of a source that is
at hand. What needs anything else, or a second look, goes the ordinary way from where it stands, so
that both lead to the same answer; it never judges by rules of its own.
"""

import asyncio
import os
import time
from typing import Any, Final

from domain.errors import AlreadyRecorded, Article20Error
from domain.events import ClaimEvent
from services.api import hooks
from services.api.envelope import ID_BYTES, Envelope
from services.api.headers import ALWAYS
from services.api.requests import media_type_of
from services.api.serving import Serving
from services.api.wire import Reply
from services.api.writing import Header
from services.intake.webhooks import cloudevents
from services.intake.webhooks.posted import Item, Posted, take_posted
from services.intake.webhooks.signatures import read_delivery, verify
from services.intake.webhooks.taking import delivery_key, how_taken, read_sent, sent_plainly
from services.recording import Outcome, begin_recording, first_outcome
from services.wiring import Appended, Signer

FORWARDED: Final = b"x-forwarded-"
ENCODED: Final = b"content-encoding"


class Straight:
    """Takes deliveries from the server, and answers them."""

    def __init__(self, serving: Serving, envelope: Envelope) -> None:
        self.serving, self.house, self.envelope = serving, serving.house, envelope
        settings = serving.settings
        self.body_bytes_max = settings.body_bytes_max
        self.tolerance_seconds = settings.signature_tolerance_seconds
        self.is_behind = bool(settings.forwarded_by)
        self.is_https = settings.public_url.startswith("https:")
        self.always = ALWAYS[self.is_https]
        self._going_on: set[asyncio.Task[None]] = set()

    def __call__(self, source: str, headers: list[Header], body: bytes, reply: Reply) -> bool:
        """See `services.api.wire.Straight`."""
        house = self.house
        signer = house.sources.kept(source)
        if signer is None or not signer.enabled or len(body) > self.body_bytes_max:
            return False
        if not self._is_plain_claim(headers):
            return False
        started = time.perf_counter()
        try:
            delivery = read_delivery(headers)
            verify(
                delivery,
                body,
                signer.secrets(house.now()),
                now=time.time(),
                tolerance_seconds=self.tolerance_seconds,
            )
            # The last that may send it the ordinary way: from here on it counts.
            self.serving.source_buckets.take(
                signer.source, signer.requests_per_second_max, signer.burst_requests_max
            )
        except Article20Error:
            return False
        posted = Posted(webhook_id=delivery.id, media_type=cloudevents.JSON, body=body)
        one = _One(self, signer, posted, reply, started)
        try:
            one.begin()
        except Article20Error:
            self.go_on(one)
        return True

    def go_on(self, one: "_One") -> None:
        """Take a delivery the ordinary way, from where its signature was found good."""
        task = asyncio.get_running_loop().create_task(one.ordinarily())
        self._going_on.add(task)
        task.add_done_callback(self._going_on.discard)

    def _is_plain_claim(self, headers: list[Header]) -> bool:
        media = b""
        for name, value in headers:
            if name == b"content-type":
                if media:
                    return False
                media = value
            elif name.startswith(cloudevents.PREFIX) or name == ENCODED:
                return False
            elif self.is_behind and not self.is_https and name.startswith(FORWARDED):
                return False  # whoever is in front decides what every answer carries
        return media_type_of(media.decode("latin-1")) == cloudevents.JSON


class _One:
    """One delivery that was found genuine, until it is answered."""

    __slots__ = ("id", "made", "posted", "reply", "signer", "started", "way")

    def __init__(
        self, way: Straight, signer: Signer, posted: Posted, reply: Reply, started: float
    ) -> None:
        self.way, self.signer, self.posted = way, signer, posted
        self.reply, self.started = reply, started
        self.id = os.urandom(ID_BYTES).hex()
        self.made: list[ClaimEvent] = []

    def begin(self) -> None:
        """Begin to record the claim; InvalidClaim, Overloaded and the like say why not."""
        signer, house = self.signer, self.way.house
        key = delivery_key(signer, self.posted.webhook_id, self.posted.body)
        submission = read_sent(house, signer, sent_plainly(key, self.posted.body))
        how = how_taken(signer, key)
        self.made, appending = begin_recording(house, signer.workspace, submission, how)
        appending.add_done_callback(self._appended)

    def _appended(self, appending: asyncio.Future[Appended]) -> None:
        if appending.cancelled():
            self.way.go_on(self)
            return
        error = appending.exception()
        if error is None:
            appended = appending.result()
            if appended.replayed:
                self.way.go_on(self)
            else:
                self._taken(first_outcome(appended, self.made))
        elif isinstance(error, AlreadyRecorded):
            self.way.go_on(self)
        else:
            self._refused(error)

    async def ordinarily(self) -> None:
        """Take it as what was posted, which looks again at whatever it needs."""
        try:
            told = await take_posted(self.way.house, self.signer, self.posted)
        except Article20Error as error:
            self._refused(error)
        except Exception as error:
            # The outermost place: nobody else is left to answer.
            self._refused(error)
            raise
        else:
            self._taken(told)

    def _taken(self, told: Outcome | list[Item]) -> None:
        answer = hooks.taken(self.way.serving, self.signer, self._scope(), told)
        self._answer(answer, told)

    def _refused(self, error: BaseException) -> None:
        assert isinstance(error, Exception)
        answer = hooks.refusal(self.way.serving, self._scope(), error, is_genuine=True)
        self._answer(answer, error)

    def _answer(self, answer: hooks.Answer, told: Outcome | list[Item] | Exception) -> None:
        status, headers, body = answer
        way = self.way
        self.reply(status, [*headers, *way.always, (b"x-request-id", self.id.encode())], body)
        seconds = time.perf_counter() - self.started
        way.envelope.count(hooks.TEMPLATE, "POST", status, seconds, self.id)
        hooks.note(way.serving, self.signer, self.posted, True, status, told)

    def _scope(self) -> Any:
        return {"state": {"request_id": self.id, "workspace": self.signer.workspace}}

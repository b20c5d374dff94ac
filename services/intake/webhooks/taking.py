"""Takes the claims of a delivery that is known to be genuine: sameness first, then the claim, then
the log; it never judges a signature.

Sameness has three layers, kept apart. The same delivery again (its webhook-id) and the same event
again (the source and id of a CloudEvent) are answered with the first answer, and each stands for
one body for ever. The same claim again (its id and content) is answered with where it stands. That
two claims tell of one happening is for people to say.
"""

import asyncio
import hashlib
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any

import msgspec

from domain.claims import Claim, Submission, read_submission
from domain.errors import Article20Error, FieldError, InvalidClaim, KeyReused
from domain.kinds import DETAILS_OF
from services.house import House
from services.intake.lines import MADE_LATER
from services.intake.webhooks.cloudevents import Event
from services.recording import (
    Begun,
    How,
    Key,
    Outcome,
    begin_recording,
    end_recording,
    key_over,
    record,
    record_together,
    remember,
)
from services.wiring import Signer


class Unfinished(Article20Error):
    """{untaken} of {events} events of the batch could not be recorded now. Send the whole batch
    again as it is: those that were recorded count once."""

    slug, status, retryable = "unfinished-batch", 503, True


class Sent(msgspec.Struct, frozen=True):
    """One claim that was sent: as JSON, under which key, and where it lay in what was sent.

    `also`: the key of the delivery, where the claim came in an event, which has one of its own.
    """

    key: Key
    raw: bytes
    also: Key | None = None
    pointer: str = ""


def sent_plainly(whole: Key, body: bytes) -> Sent:
    """A body that is a claim, under the key of its delivery."""
    return Sent(whole, body)


def sent_as_event(signer: Signer, event: Event, whole: bytes, also: Key | None = None) -> Sent:
    """An event that carries a claim; `whole` are the bytes that are the same when it is sent
    again."""
    identity = hashlib.sha256(f"{len(event.source)} {event.source}{event.id}".encode()).hexdigest()
    key = key_over(f"event:{signer.source}:{identity}", whole)
    return Sent(key, event.data, also, event.pointer)


def delivery_key(signer: Signer, webhook_id: str, body: bytes) -> Key:
    """The idempotency key of a delivery."""
    return key_over(f"hook:{signer.source}:{webhook_id}", body)


def how_taken(signer: Signer, key: Key | None) -> How:
    """How what a source sent is recorded."""
    return How(by=f"source:{signer.source}", accepted=signer.trusted, key=key)


async def take(house: House, signer: Signer, sent: Sent) -> Outcome:
    """Record one claim; InvalidClaim, ClaimExists or KeyReused say why not."""
    if sent.also is not None:
        await _refuse_reuse(house, signer, sent.also)
    try:
        submission = read_sent(house, signer, sent)
    except InvalidClaim:
        # A key that stands for another body is refused for that, whatever this body says.
        await _refuse_reuse(house, signer, sent.key)
        raise
    outcome = await record(house, signer.workspace, submission, how_taken(signer, sent.key))
    if sent.also is not None:
        await keep(house, signer, [sent.also], [outcome])
    return outcome


async def take_each(
    house: House, signer: Signer, items: Sequence[Sent | Article20Error], whole: Key
) -> list[Outcome | Article20Error]:
    """Record the claims of a batch, each for itself; one outcome or error per item.

    What is recorded stands in the log in the order of the items, and of items that name the same
    claim or are the same event the first counts: whatever lies between two of those goes to the log
    together, and the second once it is known what became of the first.

    KeyReused when the delivery's own key, `whole`, stands for another body; Unfinished where an
    event could not be recorded now: a sender takes any 2xx for the end of it, and would not send
    that event again. Then none behind it is recorded that was not before, unless it only could not
    be told where its claim stands already: of that one nothing is left to record.
    """
    await _refuse_reuse(house, signer, whole)
    outcomes: list[Outcome | Article20Error] = []
    read = [_read_or_refused(house, signer, item) for item in items]
    for begin, end in _stretches(items, read):
        some = await _take_stretch(house, signer, items[begin:end], read[begin:end])
        outcomes += some
        put_off = [e for e in some if isinstance(e, Article20Error) and e.retryable]
        if put_off:
            untaken = len(items) - len(outcomes) + len(put_off)
            raise Unfinished(untaken=untaken, events=len(items)) from put_off[0]
    taken = [outcome for outcome in outcomes if isinstance(outcome, Outcome)]
    if taken:
        await keep(house, signer, [whole], taken[:1])
    return outcomes


async def take_together(
    house: House, signer: Signer, items: Sequence[Sent | Article20Error], whole: Key
) -> list[Outcome]:
    """Record the claims of a batch all or nothing; InvalidClaim names every fault of every item,
    KeyReused says that the delivery or one of the events stands for another body."""
    faults: list[FieldError] = []
    submissions: list[Submission] = []
    claims: set[str] = set()
    keys = [whole, *(item.key for item in items if isinstance(item, Sent))]
    await _refuse_reuse(house, signer, *keys)
    for item in items:
        if isinstance(item, InvalidClaim):
            faults += item.errors
            continue
        if isinstance(item, Article20Error):
            raise item
        try:
            submission = read_sent(house, signer, item)
        except InvalidClaim as error:
            faults += error.errors
            continue
        if submission.claim.id in claims:
            detail = "the batch holds this claim twice; send it once"
            faults.append(FieldError(pointer=f"{item.pointer}/id", detail=detail))
        claims.add(submission.claim.id)
        submissions.append(submission)
    if faults:
        raise InvalidClaim(faults)
    how = how_taken(signer, whole)
    made = await record_together(house, signer.workspace, submissions, how)
    found = {outcome.claim: outcome for outcome in made}
    for submission in submissions:
        # A repeated batch is answered from what it appended; what stood before it is looked up.
        if submission.claim.id not in found:
            how = how_taken(signer, None)
            found[submission.claim.id] = await record(house, signer.workspace, submission, how)
    outcomes = [found[submission.claim.id] for submission in submissions]
    await keep(house, signer, keys[1:], outcomes)
    return outcomes


def read_sent(house: House, signer: Signer, sent: Sent) -> Submission:
    """The submission that was sent; InvalidClaim points into what was sent, and says too what this
    source may not submit."""
    try:
        read = read_submission(
            sent.raw,
            details_of=DETAILS_OF,
            now=house.now(),
            new_id=MADE_LATER,
            backfill=signer.trusted,
        )
        if read.claim.id == MADE_LATER:
            made = f"hook-{hashlib.sha256(sent.key.name.encode()).hexdigest()[:24]}"
            claim = msgspec.structs.replace(read.claim, id=made)
            read = msgspec.structs.replace(read, claim=claim)
        if signer.kinds is not None or signer.governments is not None:
            _refuse_beyond(signer, read.claim)
    except InvalidClaim as error:
        if not sent.pointer:
            raise
        raise InvalidClaim([_moved(fault, sent.pointer) for fault in error.errors]) from None
    return read


async def _refuse_reuse(house: House, signer: Signer, *keys: Key) -> None:
    """KeyReused where one of the keys stands for another body."""
    reused = await _reused(house, signer, keys)
    for key in keys:
        if key.name in reused:
            raise KeyReused(key=key.name)


async def keep(
    house: House, signer: Signer, keys: Sequence[Key], outcomes: Sequence[Outcome]
) -> None:
    """Let further keys stand for what was recorded.

    Somebody who uses one for two bodies at the same moment is not refused: both are recorded by
    now, and saying otherwise would be wrong.
    """
    await remember(house, signer.workspace, keys, outcomes, is_recorded=True)


def _read_or_refused(
    house: House, signer: Signer, item: Sent | Article20Error
) -> Submission | Article20Error:
    if isinstance(item, Article20Error):
        return item
    try:
        return read_sent(house, signer, item)
    except InvalidClaim as error:
        return error


def _stretches(
    items: Sequence[Sent | Article20Error], read: Sequence[Submission | Article20Error]
) -> Iterator[tuple[int, int]]:
    """From where to where no two items of a batch name the same claim, or are the same event."""
    begin, names = 0, set[str]()
    for at, (item, submission) in enumerate(zip(items, read, strict=True)):
        own = {item.key.name} if isinstance(item, Sent) else set[str]()
        if isinstance(submission, Submission):
            own.add(f"claim:{submission.claim.id}")
        if own & names:
            yield begin, at
            begin, names = at, set()
        names |= own
    yield begin, len(items)


async def _take_stretch(
    house: House,
    signer: Signer,
    items: Sequence[Sent | Article20Error],
    read: Sequence[Submission | Article20Error],
) -> list[Outcome | Article20Error]:
    """What becomes of some items that have nothing to do with one another, recorded in order."""
    pairs = list(zip(items, read, strict=True))
    together = object()
    ending = [
        _begun(house, signer, item, submission, together)
        for item, submission in pairs
        if isinstance(item, Sent) and isinstance(submission, Submission)
    ]
    refused = [i.key for i, e in pairs if isinstance(i, Sent) and isinstance(e, Article20Error)]
    reused, *ended = await asyncio.gather(_reused(house, signer, refused), *ending)
    recorded = iter(ended)
    return [
        next(recorded)
        if isinstance(submission, Submission)
        else KeyReused(key=item.key.name)
        if isinstance(item, Sent) and item.key.name in reused
        else submission
        for item, submission in pairs
    ]


def _begun(
    house: House, signer: Signer, sent: Sent, submission: Submission, together: object
) -> Coroutine[Any, Any, Outcome | Article20Error]:
    """Begin to record an item at once; what becomes of it, or why it is refused."""
    how = how_taken(signer, sent.key)

    async def ended() -> Outcome | Article20Error:
        if isinstance(begun, Article20Error):
            return begun
        try:
            return await end_recording(house, signer.workspace, submission, how, begun)
        except Article20Error as error:
            return error

    begun: Begun | Article20Error
    try:
        begun = begin_recording(house, signer.workspace, submission, how, together=together)
    except Article20Error as error:
        begun = error
    return ended()


async def _reused(house: House, signer: Signer, keys: Sequence[Key]) -> set[str]:
    """Which of some keys stand for another body."""
    if not keys:
        return set()
    found = await house.store.keyed_by(signer.workspace, *(key.name for key in keys))
    return {
        key.name
        for key in keys
        if key.name in found and found[key.name].request_hash != key.request_hash
    }


def _refuse_beyond(signer: Signer, claim: Claim) -> None:
    """InvalidClaim where a claim is beyond what its source is limited to."""
    faults: list[FieldError] = []
    if signer.kinds is not None and claim.kind not in signer.kinds:
        allowed = ", ".join(sorted(signer.kinds))
        faults.append(FieldError("/kind", f"this source may submit {allowed} and nothing else"))
    if signer.governments is not None:
        allowed = ", ".join(sorted(signer.governments))
        beyond = f"this source may submit claims that concern {allowed} and no other government"
        if not claim.targets:
            faults.append(FieldError("/targets", beyond))
        faults += [
            FieldError(f"/targets/{number}", beyond)
            for number, code in enumerate(claim.targets)
            if code not in signer.governments
        ]
    if faults:
        raise InvalidClaim(faults)


def _moved(fault: FieldError, pointer: str) -> FieldError:
    if pointer.endswith("/data_base64"):
        # Nothing points into what is encoded.
        return FieldError(pointer=pointer, detail=f"{fault.pointer or '/'}: {fault.detail}")
    return FieldError(pointer=pointer + fault.pointer, detail=fault.detail)

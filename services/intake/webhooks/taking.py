"""Takes the claims of a delivery that is known to be genuine: sameness first, then the claim, then
the log; it never judges a signature.

Sameness has three layers, kept apart. The same delivery again (its webhook-id) and the same event
again (the source and id of a CloudEvent) are answered with the first answer, and each stands for
one body for ever. The same claim again (its id and content) is answered with where it stands. That
two claims tell of one happening is for people to say.
"""

import asyncio
import hashlib
from collections.abc import Sequence

import msgspec

from domain.claims import Claim, Submission, read_submission
from domain.errors import Article20Error, FieldError, InvalidClaim, KeyReused
from domain.kinds import DETAILS_OF
from services.house import House
from services.intake.lines import MADE_LATER
from services.intake.webhooks.cloudevents import Event
from services.recording import Outcome, record, record_together, remember
from services.wiring import Signer


class Unfinished(Article20Error):
    """{untaken} of {events} events of the batch could not be recorded now. Send the whole batch
    again as it is: those that were recorded count once."""

    slug, status, retryable = "unfinished-batch", 503, True


class Key(msgspec.Struct, frozen=True):
    """An idempotency key, with the SHA-256 of the body that it stands for."""

    key: str
    request_hash: bytes


class Sent(msgspec.Struct, frozen=True):
    """One claim that was sent: as JSON, under which key, and where it lay in what was sent.

    `also`: the key of the delivery, where the claim came in an event, which has one of its own.
    """

    key: Key
    raw: bytes
    also: Key | None = None
    pointer: str = ""


class _Named(msgspec.Struct):
    """Of a claim as sent, its id alone."""

    id: str | None = None


def sent_plainly(whole: Key, body: bytes) -> Sent:
    """A body that is a claim, under the key of its delivery."""
    return Sent(whole, body)


def sent_as_event(signer: Signer, event: Event, whole: bytes, also: Key | None = None) -> Sent:
    """An event that carries a claim; `whole` are the bytes that are the same when it is sent
    again."""
    identity = hashlib.sha256(f"{len(event.source)} {event.source}{event.id}".encode()).hexdigest()
    key = Key(f"event:{signer.source}:{identity}", hashlib.sha256(whole).digest())
    return Sent(key, event.data, also, event.pointer)


def delivery_key(signer: Signer, webhook_id: str, body: bytes) -> Key:
    """The idempotency key of a delivery."""
    return Key(f"hook:{signer.source}:{webhook_id}", hashlib.sha256(body).digest())


async def take(house: House, signer: Signer, sent: Sent) -> Outcome:
    """Record one claim; InvalidClaim, ClaimExists or KeyReused say why not."""
    if sent.also is not None:
        await refuse_reuse(house, signer, sent.also)
    try:
        submission = read_sent(house, signer, sent)
    except InvalidClaim:
        # A key that stands for another body is refused for that, whatever this body says.
        await refuse_reuse(house, signer, sent.key)
        raise
    outcome = await record(
        house,
        signer.workspace,
        submission,
        by=f"source:{signer.source}",
        accepted=signer.trusted,
        key=sent.key.key,
        request_hash=sent.key.request_hash,
    )
    if sent.also is not None:
        await keep(house, signer, [sent.also], [outcome])
    return outcome


async def take_each(
    house: House, signer: Signer, items: Sequence[Sent | Article20Error], whole: Key
) -> list[Outcome | Article20Error]:
    """Record the claims of a batch, each for itself; one outcome or error per item.

    Items that name the same claim or are the same event are taken in order, so that the first of
    them counts; others go to the log beside each other, in whatever order it takes them.

    KeyReused when the delivery's own key, `whole`, stands for another body; Unfinished where an
    event could not be recorded now: a sender takes any 2xx for the end of it, and would not send
    that event again.
    """
    await refuse_reuse(house, signer, whole)

    async def settle(
        item: Sent | Article20Error, before: Sequence[asyncio.Task[Outcome | Article20Error]]
    ) -> Outcome | Article20Error:
        if isinstance(item, Article20Error):
            return item
        if before:
            await asyncio.wait(before)
        try:
            return await take(house, signer, item)
        except Article20Error as error:
            return error

    latest: dict[str, asyncio.Task[Outcome | Article20Error]] = {}
    tasks: list[asyncio.Task[Outcome | Article20Error]] = []
    for item in items:
        names = () if isinstance(item, Article20Error) else _names(item)
        before = [latest[name] for name in names if name in latest]
        tasks.append(asyncio.create_task(settle(item, before)))
        latest |= dict.fromkeys(names, tasks[-1])
    outcomes = list(await asyncio.gather(*tasks))
    taken = [outcome for outcome in outcomes if isinstance(outcome, Outcome)]
    put_off = [error for error in outcomes if isinstance(error, Article20Error) and error.retryable]
    if put_off:
        raise Unfinished(untaken=len(put_off), events=len(items)) from put_off[0]
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
    await refuse_reuse(house, signer, *keys)
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
    by, accepted = f"source:{signer.source}", signer.trusted
    made = await record_together(
        house,
        signer.workspace,
        submissions,
        by=by,
        accepted=accepted,
        key=whole.key,
        request_hash=whole.request_hash,
    )
    found = {outcome.claim: outcome for outcome in made}
    for submission in submissions:
        # A repeated batch is answered from what it appended; what stood before it is looked up.
        if submission.claim.id not in found:
            found[submission.claim.id] = await record(
                house, signer.workspace, submission, by=by, accepted=accepted
            )
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
            made = f"hook-{hashlib.sha256(sent.key.key.encode()).hexdigest()[:24]}"
            claim = msgspec.structs.replace(read.claim, id=made)
            read = msgspec.structs.replace(read, claim=claim)
        if signer.kinds is not None or signer.governments is not None:
            _refuse_beyond(signer, read.claim)
    except InvalidClaim as error:
        if not sent.pointer:
            raise
        raise InvalidClaim([_moved(fault, sent.pointer) for fault in error.errors]) from None
    return read


async def refuse_reuse(house: House, signer: Signer, *keys: Key) -> None:
    """KeyReused where one of the keys stands for another body."""
    found = await house.store.keyed_by(signer.workspace, *(key.key for key in keys))
    for key in keys:
        if key.key in found and found[key.key].request_hash != key.request_hash:
            raise KeyReused(key=key.key)


async def keep(
    house: House, signer: Signer, keys: Sequence[Key], outcomes: Sequence[Outcome]
) -> None:
    """Let further keys stand for what was recorded.

    Somebody who uses one for two bodies at the same moment is not refused: both are recorded by
    now, and saying otherwise would be wrong.
    """
    pairs = [(key.key, key.request_hash) for key in keys]
    await remember(house, signer.workspace, pairs, outcomes, is_recorded=True)


def _names(sent: Sent) -> tuple[str, ...]:
    """What makes another item of a batch the same: its key, and the id of its claim where it states
    one that can be read."""
    try:
        claim = msgspec.json.decode(sent.raw, type=_Named).id
    except (ValueError, RecursionError):  # refused as what it is, once it is taken
        claim = None
    return (sent.key.key,) if claim is None else (sent.key.key, f"claim:{claim}")


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

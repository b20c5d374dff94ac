"""Takes the claims of a delivery that is known to be genuine: sameness first, then the claim, then
the log; it never judges a signature.

Sameness has two layers here. The same delivery again (its webhook-id, or the source and id of a
CloudEvent) is answered with the first answer; the same claim again (its id and content) with where
it stands.
"""

import asyncio
import hashlib
from collections.abc import Sequence

import msgspec

from domain.claims import Submission, read_submission
from domain.errors import Article20Error, FieldError, InvalidClaim, KeyReused
from domain.kinds import DETAILS_OF
from services.intake.webhooks.cloudevents import Event
from services.recording import Outcome, record, record_together
from services.wiring import House, Signer


class Sent(msgspec.Struct, frozen=True):
    """One claim that was sent: as JSON, under which key, the bytes that are the same when it is
    sent again, and where it lay in what was sent."""

    key: str
    raw: bytes
    whole: bytes
    pointer: str = ""

    @property
    def request_hash(self) -> bytes:
        """SHA-256 of what was sent."""
        return hashlib.sha256(self.whole).digest()


def sent_plainly(signer: Signer, webhook_id: str, body: bytes) -> Sent:
    """A body that is a claim."""
    return Sent(delivery_key(signer, webhook_id), body, body)


def sent_as_event(signer: Signer, event: Event, whole: bytes) -> Sent:
    """An event that carries a claim."""
    identity = hashlib.sha256(f"{len(event.source)} {event.source}{event.id}".encode()).hexdigest()
    return Sent(f"event:{signer.source}:{identity}", event.data, whole, event.pointer)


def delivery_key(signer: Signer, webhook_id: str) -> str:
    """The idempotency key of a delivery."""
    return f"hook:{signer.source}:{webhook_id}"


async def take(house: House, signer: Signer, sent: Sent) -> Outcome:
    """Record one claim; InvalidClaim, ClaimExists or KeyReused say why not."""
    try:
        submission = read_sent(house, signer, sent)
    except InvalidClaim:
        # A key that stands for another body is refused for that, whatever this body says.
        await refuse_reuse(house, signer, sent.key, sent.request_hash)
        raise
    return await record(
        house,
        signer.workspace,
        submission,
        by=f"source:{signer.source}",
        accepted=signer.trusted,
        key=sent.key,
        request_hash=sent.request_hash,
    )


async def take_each(
    house: House, signer: Signer, items: Sequence[Sent | Article20Error]
) -> list[Outcome | Article20Error]:
    """Record the claims of a batch, each for itself, in order; one outcome or error per item."""

    async def settle(item: Sent | Article20Error) -> Outcome | Article20Error:
        if isinstance(item, Article20Error):
            return item
        try:
            return await take(house, signer, item)
        except Article20Error as error:
            return error

    return list(await asyncio.gather(*(settle(item) for item in items)))


async def take_together(
    house: House,
    signer: Signer,
    items: Sequence[Sent | Article20Error],
    key: str,
    request_hash: bytes,
) -> list[Outcome]:
    """Record the claims of a batch all or nothing; InvalidClaim names every fault of every item."""
    faults: list[FieldError] = []
    submissions: list[Submission] = []
    claims: set[str] = set()
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
        await refuse_reuse(house, signer, key, request_hash)
        raise InvalidClaim(faults)
    made = await record_together(
        house,
        signer.workspace,
        submissions,
        by=f"source:{signer.source}",
        accepted=signer.trusted,
        key=key,
        request_hash=request_hash,
    )
    found = {outcome.claim: outcome for outcome in made}
    for submission in submissions:
        # A repeated batch is answered from what it appended; what stood before it is looked up.
        if submission.claim.id not in found:
            found[submission.claim.id] = await record(
                house,
                signer.workspace,
                submission,
                by=f"source:{signer.source}",
                accepted=signer.trusted,
            )
    return [found[submission.claim.id] for submission in submissions]


def read_sent(house: House, signer: Signer, sent: Sent) -> Submission:
    """The submission that was sent; InvalidClaim points into what was sent."""
    try:
        return read_submission(
            sent.raw,
            details_of=DETAILS_OF,
            now=house.now(),
            new_id=f"hook-{hashlib.sha256(sent.key.encode()).hexdigest()[:24]}",
            backfill=signer.trusted,
        )
    except InvalidClaim as error:
        if not sent.pointer:
            raise
        raise InvalidClaim([_moved(fault, sent.pointer) for fault in error.errors]) from None
    except RecursionError:
        detail = "nested too deeply; a claim is flat"
        raise InvalidClaim([FieldError(pointer=sent.pointer, detail=detail)]) from None


async def refuse_reuse(house: House, signer: Signer, key: str, request_hash: bytes) -> None:
    """KeyReused where the key stands for another body."""
    keyed = await house.store.keyed(signer.workspace, key)
    if keyed is not None and keyed.request_hash != request_hash:
        raise KeyReused(key=key)


def _moved(fault: FieldError, pointer: str) -> FieldError:
    if pointer.endswith("/data_base64"):
        # Nothing points into what is encoded.
        return FieldError(pointer=pointer, detail=f"{fault.pointer or '/'}: {fault.detail}")
    return FieldError(pointer=pointer + fault.pointer, detail=fault.detail)

"""The one tree of errors that article20 raises on purpose; it never hides a cause and never formats
for a medium.

Each docstring is the message: its placeholders are the attributes the error was raised with. A
message says what happened, where, and how to mend it. The command line prints it on one line; HTTP
turns it into problem+json with `slug` as the stable last part of the problem type.
"""

from typing import Any, ClassVar

import msgspec


class FieldError(msgspec.Struct, frozen=True):
    """One invalid field: `pointer` is an RFC 6901 JSON Pointer into what was sent, `detail` how to
    mend it."""

    pointer: str
    detail: str


class Said(str):
    """A text with facts put in that keeps its template, so that it can be said in another language.

    `Said("it is {status}", status="pending")` is the text `it is pending`; a fact may be a text of
    this kind itself.
    """

    __slots__ = ("facts", "template")

    def __new__(cls, template: str, /, **facts: Any) -> "Said":
        """The text; its template and facts beside it."""
        said = super().__new__(cls, template.format(**facts))
        said.template, said.facts = template, facts
        return said

    template: str
    facts: dict[str, Any]


class Article20Error(Exception):
    """Something article20 refuses: {reason}"""

    slug: ClassVar[str] = "refused"
    status: ClassVar[int] = 400
    retryable: ClassVar[bool] = False

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        for name, value in facts.items():
            setattr(self, name, value)
        template = " ".join((type(self).__doc__ or "").split())
        super().__init__(template.format(**facts))


class InvalidFields(Article20Error):
    """What was sent is not valid: {summary}. Mend the fields named and send it again."""

    slug, status = "invalid-fields", 422
    errors: tuple[FieldError, ...]

    def __init__(self, errors: list[FieldError] | tuple[FieldError, ...]) -> None:
        self.errors = tuple(errors)
        summary = "; ".join(f"{e.pointer or '/'}: {e.detail}" for e in self.errors)
        super().__init__(summary=summary)


class InvalidClaim(InvalidFields):
    """The claim is not valid: {summary}. Mend the fields named and send it again."""

    slug = "invalid-claim"


class InvalidQuestion(Article20Error):
    """{parameter}={value!r} is not understood: {detail}."""

    slug, status = "invalid-question", 400


class ClaimExists(Article20Error):
    """Claim {claim!r} already says something else (recorded at position {position}). Correct that
    claim, or send this one under another id."""

    slug, status = "claim-exists", 409


class ClaimNotFound(Article20Error):
    """There is no claim {claim!r} in this workspace. Check the id, or record the claim first."""

    slug, status = "claim-not-found", 404


class GovernmentNotFound(Article20Error):
    """{code!r} is not a government of the status table. Use its ISO 3166-1 alpha-3 code, such as
    FIN."""

    slug, status = "government-not-found", 404


class TreatyNotFound(Article20Error):
    """{code!r} is not a treaty article20 knows. Use one of {known}."""

    slug, status = "treaty-not-found", 404


class NotAllowed(Article20Error):
    """Not allowed: {reason}."""

    slug, status = "not-allowed", 403


class DecisionRefused(Article20Error):
    """Claim {claim!r} cannot be {decision}: {reason}."""

    slug, status = "decision-refused", 409


class NotDeclaredSame(DecisionRefused):
    """Claim {claim!r} cannot be {decision}: {reason}."""


class DecidedMeanwhile(Article20Error):
    """Meanwhile {happened}. Nothing was recorded: look at claim {claim!r} again, then decide
    again."""

    slug, status = "decided-meanwhile", 409


class AppendConflict(Article20Error):
    """Events recorded meanwhile (up to position {head}) match the condition of this append. Read
    again and decide again."""

    slug, status = "append-conflict", 409


class AlreadyRecorded(Article20Error):
    """What was to be recorded for the first time exists: the event at position {position} carries
    {tag}."""

    slug, status = "already-recorded", 409


class KeyReused(Article20Error):
    """{what} was used before with another body. Send the first body again, or use a new one."""

    slug, status = "key-reused", 422

    def __init__(self, key: str) -> None:
        kind, _colon, rest = key.partition(":")
        sent = {"hook": rest.partition(":")[2], "api": rest.split(":", 2)[-1]}.get(kind, key)
        name = {"hook": "webhook-id", "api": "Idempotency-Key"}.get(kind, "idempotency key")
        what = f"The {name} {sent!r}"
        if kind == "event":
            what = "The source and id of this CloudEvent together"
        super().__init__(key=key, what=what)


class Overloaded(Article20Error):
    """Too much is waiting to be written. Nothing was recorded; send it again in
    {retry_after_seconds} s."""

    slug, status, retryable = "overloaded", 503, True


class StoreUnavailable(Article20Error):
    """The store does not answer ({reason}). Nothing was acknowledged; try again when it is back."""

    slug, status, retryable = "store-unavailable", 503, True


class StoreFull(StoreUnavailable):
    """The store has no room left ({reason}). Nothing was acknowledged; try again when there is
    some."""


class StillBehind(Article20Error):
    """The views have reached position {position}, not yet {min_position}, after waiting
    {waited_seconds} s. Ask again."""

    slug, status, retryable = "still-behind", 503, True


class ViewsStopped(Article20Error):
    """What answers this stopped at position {position}, short of {min_position}: the next event
    could not be taken in. `article20 status` says why; an answer without `min_position` tells what
    was known before it."""

    slug, status, retryable = "views-stopped", 503, True


class BeyondLog(Article20Error):
    """Position {position} is beyond the end of the log, which is {head}. If the log once reached
    further, an older backup was restored: forget what you read of it and begin again."""

    slug, status = "beyond-log", 409


class UndecodableEvent(Article20Error):
    """The event at position {position} of type {type!r} cannot be decoded: {reason}."""

    slug, status = "undecodable-event", 500


class SetupRefused(Article20Error):
    """{what}: {how}"""

    slug, status = "setup-refused", 500

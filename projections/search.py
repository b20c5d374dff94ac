"""What people type to find claims, and the words a claim is found by; pure, and blind to
relevance."""

import unicodedata
from typing import Final, get_args

from domain.claims import ActorKind, Claim

TERMS_MAX: Final = 20
"""How many words of a search count; the rest is ignored."""


def words_of(claim: Claim) -> str:
    """The text a claim is searched in: id, summary, note, actors and sources, folded."""
    parts = [claim.id, claim.summary, claim.details.note or ""]
    for actor in claim.actors:
        parts += (actor.code or "", actor.name or "", actor.role or "")
    for source in claim.sources:
        parts += (source.publisher or "", source.title or "")
    return folded(" ".join(part for part in parts if part))


def terms_of(query: str) -> list[str]:
    """The words of a search, folded; a claim is found when its text holds every one of them."""
    return folded(query).split()[:TERMS_MAX]


def folded(text: str) -> str:
    """The text without case, accents and control characters: `sao tome` finds `São Tomé`."""
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in plain if not unicodedata.combining(c))
    return _printable(text.casefold())


def actor_key(text: str) -> str:
    """A key of `Actor.key` as the views keep it: without control characters."""
    return _printable(text)


def actor_keys(text: str) -> list[str]:
    """The actors that a search means: `state:NOR` one, `NOR` or a name every kind of actor so
    called."""
    kinds: tuple[str, ...] = get_args(ActorKind)
    kind, parted, _ = text.partition(":")
    if parted and kind in kinds:
        return [actor_key(text)]
    return [actor_key(f"{kind}:{text}") for kind in kinds]


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)

"""What people type to find claims, and the words a claim is found by; pure, and blind to
relevance."""

import re
import unicodedata
from functools import lru_cache
from typing import Final, get_args

from domain.claims import Actor, ActorKind, Claim

TERMS_MAX: Final = 20
"""How many words of a search count; the rest is ignored."""
WORDS_KEPT: Final = 4096
"""How many folded names of actors and publications are remembered."""
_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]+")


def words_of(claim: Claim) -> str:
    """The text a claim is searched in: id, summary, note, actors and sources, folded."""
    return " ".join(texts_of(claim))


def texts_of(claim: Claim) -> list[str]:
    """The texts that `words_of` a claim are made of: first its own, then those that come again and
    again, of actors and of sources."""
    own = f"{claim.id} {claim.summary}"
    if claim.details.note:
        own = f"{own} {claim.details.note}"
    # No text ever changes with the one before it: a space combines with nothing.
    texts = [folded(own)]
    if actors := _words_of_actors(claim.actors):
        texts.append(actors)
    for source in claim.sources:
        texts += [_kept(part) for part in (source.publisher, source.title) if part]
    return texts


def terms_of(query: str) -> list[str]:
    """The words of a search, folded; a claim is found when its text holds every one of them."""
    return folded(query).split()[:TERMS_MAX]


def folded(text: str) -> str:
    """The text without case, accents and control characters: `sao tome` finds `São Tomé`."""
    if not text.isascii():
        text = _BEYOND_ASCII.sub(_uncombined, unicodedata.normalize("NFKD", text))
    return _printable(text.casefold())


@lru_cache(maxsize=WORDS_KEPT)
def _words_of_actors(actors: tuple[Actor, ...]) -> str:
    parts = [part for actor in actors for part in (actor.code, actor.name, actor.role) if part]
    return " ".join(map(_kept, parts))


@lru_cache(maxsize=WORDS_KEPT)
def _kept(text: str) -> str:
    """As `folded`, of what comes again and again."""
    return folded(text)


@lru_cache(maxsize=WORDS_KEPT)
def actor_key(text: str) -> str:
    """A key of `Actor.key` as the views keep it: composed, and without control characters."""
    return _printable(text if text.isascii() else unicodedata.normalize("NFC", text))


def actor_keys(text: str) -> list[str]:
    """The actors that a search means: `state:NOR` one, `NOR` or a name every kind of actor so
    called."""
    kinds: tuple[str, ...] = get_args(ActorKind)
    kind, parted, _ = text.partition(":")
    if parted and kind in kinds:
        return [actor_key(text)]
    return [actor_key(f"{kind}:{text}") for kind in kinds]


def _uncombined(run: re.Match[str]) -> str:
    return "".join([c for c in run[0] if not unicodedata.combining(c)])


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)

"""Standard Webhooks 1.0, symmetric `v1` and asymmetric `v1a`: reads the three headers and judges
the signature; pure, it never reads a clock or a store.

The headers may be named `svix-*` too. A signature is compared as text with the ones expected, so
that a malformed one is simply wrong; one by Ed25519 cannot be, and is wrong where it is not base64.
"""

import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from domain.errors import Article20Error
from services.wiring import SigningKey

FAMILIES: Final = (b"webhook-", b"svix-")
SIGNATURES_MAX: Final = 16
"""How many signatures one delivery may carry; a sender that rotates sends two."""
_ID: Final = re.compile(rb"[!-~]{1,255}")
_TIMESTAMP: Final = re.compile(rb"\d{1,12}")
_UNKNOWN_SECRET: Final = SigningKey("v1", b"the secret of a source nobody knows")
_ASYMMETRIC: Final = b"v1a,"
KEYS_KEPT_MAX: Final = 1000


class MalformedDelivery(Article20Error):
    """The webhook could not be verified. Check its id, time, signature and secret."""

    slug, status = "unverified", 400


class UnverifiedDelivery(Article20Error):
    """The webhook could not be verified. Check its id, time, signature and secret."""

    slug, status = "unverified", 401


class Delivery(msgspec.Struct, frozen=True):
    """What the headers of a delivery say: its id, when it was sent (Unix seconds), and its
    signatures."""

    id: str
    timestamp: int
    signatures: tuple[bytes, ...]


def read_delivery(headers: Iterable[tuple[bytes, bytes]]) -> Delivery:
    """The delivery that headers (names in small letters) tell of; MalformedDelivery where one is
    missing, repeated or not of its form."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name.startswith(FAMILIES):
            if name in found:
                raise MalformedDelivery()
            found[name] = value
    family = FAMILIES[0] if FAMILIES[0] + b"id" in found else FAMILIES[1]
    id_ = found.get(family + b"id", b"")
    timestamp = found.get(family + b"timestamp", b"")
    signatures = found.get(family + b"signature", b"").split()
    if not _ID.fullmatch(id_) or not _TIMESTAMP.fullmatch(timestamp) or not signatures:
        raise MalformedDelivery()
    return Delivery(id_.decode("ascii"), int(timestamp), tuple(signatures[:SIGNATURES_MAX]))


def verify(
    delivery: Delivery,
    body: bytes,
    secrets: Sequence[SigningKey],
    *,
    now: float,
    tolerance_seconds: int,
) -> None:
    """UnverifiedDelivery unless the time is near `now` (Unix seconds) and a signature is by one of
    the `secrets`; without any it takes as long as with one."""
    is_timely = abs(now - delivery.timestamp) <= tolerance_seconds
    signed = b"%s.%d.%s" % (delivery.id.encode(), delivery.timestamp, body)
    is_genuine = False
    for secret in secrets or (_UNKNOWN_SECRET,):
        if secret.scheme == "v1a":
            for signature in delivery.signatures:
                is_genuine |= _is_by(secret.raw, signature, signed)
            continue
        code = _begun(secret.raw).copy()
        code.update(signed)
        expected = b"v1," + b64encode(code.digest())
        for signature in delivery.signatures:
            is_genuine |= hmac.compare_digest(expected, signature)
    if not (is_timely and is_genuine and secrets):
        raise UnverifiedDelivery()


def _is_by(public_key: bytes, signature: bytes, signed: bytes) -> bool:
    """Whether a signature is one by Ed25519 with the private half of a key."""
    if not signature.startswith(_ASYMMETRIC):
        return False
    try:
        _public_key(public_key).verify(b64decode(signature[len(_ASYMMETRIC) :]), signed)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=KEYS_KEPT_MAX)
def _begun(secret: bytes) -> hmac.HMAC:
    """A code by a shared secret with nothing in it yet: taking the secret up costs more than
    signing with it does."""
    return hmac.new(secret, digestmod="sha256")


@lru_cache(maxsize=KEYS_KEPT_MAX)
def _public_key(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(raw)

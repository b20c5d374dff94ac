"""Signatures without a server: published vectors, every form of header, and nothing that breaks."""

import base64
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some
from standardwebhooks import Webhook

from services.intake.webhooks.signatures import (
    Delivery,
    MalformedDelivery,
    UnverifiedDelivery,
    read_delivery,
    verify,
)
from services.wiring import SigningKey

SECRET = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
SENT = 1614265330
BODY = b'{"test": 2432232314}'
SIGNATURE = b"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
HEADERS = [
    (b"webhook-id", ID.encode()),
    (b"webhook-timestamp", str(SENT).encode()),
    (b"webhook-signature", SIGNATURE),
]


def check(delivery: Delivery, body: bytes = BODY, *secrets: bytes, now: float = SENT) -> None:
    """Verify as the server does."""
    keys = [SigningKey("v1", secret) for secret in secrets or (SECRET,)]
    verify(delivery, body, keys, now=now, tolerance_seconds=300)


def test_the_published_vector_verifies() -> None:
    """The example that Standard Webhooks and Svix publish is genuine."""
    check(read_delivery(HEADERS))


def test_the_vector_that_svix_publishes_verifies() -> None:
    """The example of how Svix is verified by hand is genuine, under either family of names, and
    with one letter of the body changed it is not."""
    secret = base64.b64decode("plJ3nmyCDGBKInavdOK15jsl")
    body = b'{"event_type":"ping","data":{"success":true}}'
    sent = 1731705121
    for family in (b"svix-", b"webhook-"):
        delivery = read_delivery(
            [
                (family + b"id", b"msg_loFOjxBNrRLzqYUf"),
                (family + b"timestamp", b"%d" % sent),
                (family + b"signature", b"v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="),
            ]
        )
        check(delivery, body, secret, now=sent)
        with pytest.raises(UnverifiedDelivery):
            check(delivery, body.replace(b"ping", b"pong"), secret, now=sent)
        with pytest.raises(UnverifiedDelivery):
            check(delivery, body, SECRET, now=sent)


def test_the_other_header_names_are_understood() -> None:
    """`svix-*` names mean the same."""
    check(read_delivery([(n.replace(b"webhook", b"svix"), v) for n, v in HEADERS]))


@given(
    raw=some.binary(min_size=24, max_size=64),
    id_=some.from_regex(r"[!-~]{1,255}", fullmatch=True),
    body=some.text(some.characters(codec="utf-8"), max_size=200),
    sent=some.integers(0, 4_000_000_000),
)
def test_whatever_the_official_client_signs_is_genuine(
    raw: bytes, id_: str, body: str, sent: int
) -> None:
    """For every secret, id, time and body the reference implementation and ours agree."""
    client = Webhook(base64.b64encode(raw).decode())
    signature = client.sign(id_, datetime.fromtimestamp(sent, UTC), body)
    found = read_delivery(
        [
            (b"webhook-id", id_.encode()),
            (b"webhook-timestamp", str(sent).encode()),
            (b"webhook-signature", signature.encode()),
        ]
    )
    check(found, body.encode(), raw, now=sent)
    with pytest.raises(UnverifiedDelivery):
        check(found, body.encode() + b" ", raw, now=sent)


@pytest.mark.parametrize("off", [-300, -1, 0, 1, 300])
def test_a_time_within_the_tolerance_is_good(off: int) -> None:
    """Up to the tolerance, early or late, a delivery is taken."""
    check(read_delivery(HEADERS), now=SENT + off)


@pytest.mark.parametrize("off", [-301, 301, 10**12])
def test_a_time_beyond_the_tolerance_is_not(off: int) -> None:
    """Beyond the tolerance it is not, though the signature be right."""
    with pytest.raises(UnverifiedDelivery):
        check(read_delivery(HEADERS), now=SENT + off)


def test_any_of_several_secrets_will_do() -> None:
    """During a rotation either secret is good; without any, nothing is."""
    delivery = read_delivery(HEADERS)
    check(delivery, BODY, b"another", SECRET)
    with pytest.raises(UnverifiedDelivery):
        check(delivery, BODY, b"another")
    with pytest.raises(UnverifiedDelivery):
        verify(delivery, BODY, (), now=SENT, tolerance_seconds=300)


def test_a_header_that_comes_twice_is_malformed() -> None:
    """Which of the two would count is not guessed."""
    for header in HEADERS:
        with pytest.raises(MalformedDelivery):
            read_delivery([*HEADERS, header])


def test_many_signatures_are_bounded() -> None:
    """A sender cannot make the server compare for ever."""
    many = b" ".join([b"v1,AAAA"] * 1000) + b" " + SIGNATURE
    delivery = read_delivery([*HEADERS[:2], (b"webhook-signature", many)])
    with pytest.raises(UnverifiedDelivery):
        check(delivery)


@given(
    headers=some.lists(
        some.tuples(
            some.sampled_from([name for name, _ in HEADERS] + [b"svix-id", b"other"]),
            some.one_of(some.binary(max_size=40), some.sampled_from([v for _, v in HEADERS])),
        ),
        max_size=6,
    ),
    body=some.binary(max_size=20),
)
def test_whatever_comes_is_a_refusal_and_never_a_failure(
    headers: list[tuple[bytes, bytes]], body: bytes
) -> None:
    """Headers of any kind are read, or refused as malformed or unverified; nothing else."""
    is_genuine = False
    with suppress(MalformedDelivery, UnverifiedDelivery):
        check(read_delivery(headers), body)
        is_genuine = True
    assert not is_genuine or body == BODY

"""Older versions of events are read as the newest, and a registry that cannot do so is refused."""

import base64
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from domain.errors import UndecodableEvent
from domain.events import EVENT_TYPES, UPCASTERS, decode
from domain.upcasting import UNREADABLE, BrokenRegistry, Fields, Upcaster, readers

SAMPLES = Path(__file__).resolve().parents[1] / "events"


class Rejected(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rejection as a third version might say it: the reason in parts, and on what ground."""

    claim: str
    reasons: tuple[str, ...]
    ground: str


def split(fields: Fields) -> Fields:
    """What the second version did: reasons became a list."""
    return {"claim": fields["claim"], "reasons": fields["reason"].split(". ")}


def grounded(fields: Fields) -> Fields:
    """What the third version did: a ground was added."""
    return fields | {"ground": "unstated"}


NEWEST = {"claim_rejected.v3": Rejected}
STEPS: dict[str, Upcaster] = {"claim_rejected.v1": split, "claim_rejected.v2": grounded}


def stored(name: str) -> bytes:
    sample: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return base64.b64decode(sample["stored"])


def test_a_stored_first_version_is_read_as_the_third() -> None:
    """The recorded sample of v1 goes through both steps and comes out as the newest struct."""
    read = readers(NEWEST, STEPS)
    event = read["claim_rejected.v1"](stored("claim_rejected.v1"))
    plain = msgspec.msgpack.decode(stored("claim_rejected.v1"))
    assert event == Rejected(
        claim=plain["claim"], reasons=tuple(plain["reason"].split(". ")), ground="unstated"
    )


def test_every_version_has_its_reader_and_only_they() -> None:
    """Each version from the first to the newest can be read; a later one is not known."""
    read = readers(NEWEST, STEPS)
    assert sorted(read) == ["claim_rejected.v1", "claim_rejected.v2", "claim_rejected.v3"]
    second = msgspec.msgpack.encode({"claim": "a", "reasons": ["b"]})
    third = msgspec.msgpack.encode(Rejected(claim="a", reasons=("b",), ground="c"))
    assert read["claim_rejected.v2"](second).ground == "unstated"
    assert read["claim_rejected.v3"](third).ground == "c"


@pytest.mark.parametrize(
    "data",
    [b"\xc1", b"", b"\x01", msgspec.msgpack.encode({"claim": "a"}), msgspec.msgpack.encode([1])],
    ids=["no MessagePack", "nothing", "a number", "a field missing", "a list"],
)
def test_bytes_that_do_not_fit_an_older_version_are_unreadable(data: bytes) -> None:
    """What a step cannot take fails as unreadable bytes do, and not in another way."""
    with pytest.raises(UNREADABLE):
        readers(NEWEST, STEPS)["claim_rejected.v1"](data)


@pytest.mark.parametrize(
    ("newest", "steps", "says"),
    [
        (NEWEST, {"claim_rejected.v2": grounded}, "claim_rejected.v1 reads as claim_rejected.v2"),
        (NEWEST, {"claim_rejected.v1": split}, "claim_rejected.v2 reads as claim_rejected.v3"),
        (NEWEST, STEPS | {"claim_rejected.v3": split}, "v3 is the newest"),
        (NEWEST, STEPS | {"claim_rejected.v9": split}, "v3 is the newest"),
        (NEWEST, STEPS | {"claim_reject.v1": split}, "no version of claim_reject"),
        (NEWEST | {"claim_rejected.v1": Rejected}, STEPS, "both the newest"),
        ({"claim_rejected": Rejected}, {}, "no name of an event"),
        ({"claim_rejected.v0": Rejected}, {}, "no name of an event"),
    ],
)
def test_a_registry_with_a_gap_or_a_step_too_many_is_refused(
    newest: dict[str, type[Rejected]], steps: dict[str, Upcaster], says: str
) -> None:
    """At start-up the message says which version lacks its step or leads nowhere."""
    with pytest.raises(BrokenRegistry, match=says):
        readers(newest, steps)


def test_the_registry_of_the_log_has_a_sample_of_every_name() -> None:
    """Whatever may stand in the log, newest or older, has its stored sample, and decodes."""
    assert sorted(readers(EVENT_TYPES, UPCASTERS)) == sorted(
        path.name.removesuffix(".json") for path in SAMPLES.iterdir()
    )


def test_a_version_from_the_future_is_named_in_the_error() -> None:
    """An event that a newer release recorded is refused by its name, never read as an older one."""
    moment: Any = None
    what = r"position 3 of type 'claim_rejected\.v2'.*up to 'claim_rejected\.v1', and a newer one"
    with pytest.raises(UndecodableEvent, match=what):
        decode("claim_rejected.v2", b"\x80", position=3, recorded_at=moment, recorded_by="x")

"""Stored samples of every event name, which must decode for ever; no sample is ever edited."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from domain.errors import UndecodableEvent
from domain.events import EVENT_TYPES, UPCASTERS, decode, encode, tags_of, type_name
from domain.kinds import KINDS, ClaimRecorded, claim_of, recorded

SAMPLES = Path(__file__).resolve().parents[1] / "events"
NAMES = sorted(path.name.removesuffix(".json") for path in SAMPLES.iterdir())
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def sample(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return read


def decoded(name: str) -> Any:
    stored = base64.b64decode(sample(name)["stored"], validate=True)
    return decode(name, stored, position=1, recorded_at=NOW, recorded_by="import").event


def test_every_registered_name_has_its_sample_and_every_sample_its_name() -> None:
    """A name that the log may hold has one stored sample, and a sample's name stays registered."""
    assert sorted({*EVENT_TYPES, *UPCASTERS}) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_sample_decodes_to_what_it_says(name: str) -> None:
    """The stored bytes decode, under their name, to the event that the sample spells out."""
    event = decoded(name)
    assert sample(name)["type"] == name
    assert name in UPCASTERS or name == type_name(event)
    assert json.loads(msgspec.json.encode(event)) == sample(name)["event"]


@pytest.mark.parametrize("name", NAMES)
def test_a_decoded_sample_can_be_stored_again(name: str) -> None:
    """What was decoded is encoded under the same name and decodes to the same event."""
    stored = encode(decoded(name))
    assert stored.type == (type_name(decoded(name)) if name in UPCASTERS else name)
    again = decode(stored.type, stored.data, position=1, recorded_at=NOW, recorded_by="import")
    assert again.event == decoded(name)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_recorded_claim_comes_back_whole(kind: str) -> None:
    """The claim of an event, recorded anew, gives the same event."""
    event = decoded(f"{kind}.v1")
    assert isinstance(event, ClaimRecorded)
    again = recorded(claim_of(event), status=event.status, known_since=event.known_since)
    assert again == event


def test_tags_begin_with_the_claim() -> None:
    """An event is stored under its claim first, then under its governments and its treaty."""
    assert tags_of(decoded("withdrawal_recommended.v1")) == [
        "claim:ltu-lva-est-pol-2025-mod-recommendation",
        "gov:EST",
        "gov:LVA",
        "gov:LTU",
        "gov:POL",
        "treaty:APMBC",
    ]
    same = decoded("claims_declared_same.v1")
    assert tags_of(same) == [f"claim:{same.claim}", f"claim:{same.other}"]


def test_a_name_nobody_registered_is_named_in_the_error() -> None:
    """An event of an unknown name is refused with its position and name."""
    with pytest.raises(UndecodableEvent, match=r"position 7 of type 'no_such_kind\.v1'"):
        decode("no_such_kind.v1", b"", position=7, recorded_at=NOW, recorded_by="import")


def test_bytes_that_are_no_event_are_named_in_the_error() -> None:
    """Bytes that do not decode are refused with the reason, never half read."""
    with pytest.raises(UndecodableEvent, match="position 8"):
        decode("state_signed.v1", b"\xc1", position=8, recorded_at=NOW, recorded_by="import")


def test_what_was_known_earlier_is_never_known_later() -> None:
    """An event counts as known from the stated moment, at the latest from its recording."""
    name = "claim_contested.v1"
    stored = base64.b64decode(sample(name)["stored"])
    event = decode(name, stored, position=1, recorded_at=NOW, recorded_by="import")
    assert event.known_since == datetime(2025, 10, 17, tzinfo=UTC)
    early = datetime(2025, 1, 1, tzinfo=UTC)
    before = decode(name, stored, position=1, recorded_at=early, recorded_by="import")
    assert before.known_since == early
    unstated = base64.b64decode(sample("claim_accepted.v1")["stored"])
    plain = decode("claim_accepted.v1", unstated, position=1, recorded_at=NOW, recorded_by="import")
    assert plain.known_since == NOW

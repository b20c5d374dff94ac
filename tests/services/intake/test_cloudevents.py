"""Events made by the SDK of CloudEvents, in both forms, taken by a real server."""

import json
from typing import Any

import httpx
import pytest
from cloudevents.core.bindings.http import HTTPMessage, to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent

from domain.errors import InvalidClaim
from services.intake.webhooks.cloudevents import read_binary, read_structured
from tests.services.running import Running, claim, signed

FORMS = {"structured": to_structured_event, "binary": to_binary_event}
ODD = '/monitor/Łotwa 100% "of" it'


def made(data: dict[str, Any], **attributes: str) -> CloudEvent:
    """An event as the SDK makes it, with an id and a time of its own."""
    kept = {"source": "/monitor", "type": "org.example.claim", "datacontenttype": JSON}
    return CloudEvent(attributes=kept | attributes, data=data)


JSON = "application/json"


def post(site: Running, source: str, message: HTTPMessage, id_: str) -> httpx.Response:
    headers = signed(site.secrets[source], message.body.decode(), id_)
    with site.client() as client:
        return client.post(
            f"/hooks/{source}", content=message.body, headers=headers | message.headers
        )


@pytest.mark.parametrize("form", FORMS)
def test_what_the_sdk_makes_is_taken_once(site: Running, form: str) -> None:
    """An event of the SDK is recorded, and the same event in another delivery is answered with the
    first answer."""
    source = site.source()
    message = FORMS[form](made(claim(id=f"by-sdk-{form}"), source=ODD))
    head = site.head()
    first = post(site, source, message, f"{form}-1")
    assert first.status_code == 201, first.text
    assert first.json()["claim"] == f"by-sdk-{form}"
    again = post(site, source, message, f"{form}-2")
    assert (again.status_code, again.headers["idempotent-replayed"]) == (200, "true")
    assert again.json() == first.json()
    assert site.head() == head + 1


def test_both_forms_of_an_event_have_one_identity() -> None:
    """What the SDK percent-encodes into headers is read as it stood, as in the structured form."""
    event = made(claim(), source=ODD, id="ё-1")
    structured, binary = to_structured_event(event), to_binary_event(event)
    headers = [(n.lower().encode(), v.encode("ascii")) for n, v in binary.headers.items()]
    one, other = read_structured(structured.body), read_binary(headers, binary.body)
    assert other is not None
    assert (one.source, one.id) == (other.source, other.id) == (ODD, "ё-1")


def timed(time: str) -> bytes:
    """A structured event of that time."""
    plain = {"specversion": "1.0", "id": "1", "source": "/monitor", "type": "claim", "data": {}}
    return json.dumps(plain | {"time": time}).encode()


@pytest.mark.parametrize(
    "time",
    [
        "2016-12-31T23:59:60Z",
        "2016-12-31T23:59:60.25Z",
        "2016-12-31T15:59:60-08:00",
        "2017-01-01T05:29:60+05:30",
        "2026-02-20t12:00:00z",
    ],
)
def test_every_time_of_rfc_3339_is_taken(time: str) -> None:
    """The sixty-first second that some days end with is a moment, wherever it is told."""
    assert read_structured(timed(time)).id


@pytest.mark.parametrize(
    "time", ["2016-12-31T12:00:60Z", "2016-12-31T23:59:60+01:00", "2016-12-31T23:59:60", "noon"]
)
def test_a_sixty_first_second_amid_a_day_is_none(time: str) -> None:
    """Minutes have sixty seconds but the last one of a day in UTC."""
    with pytest.raises(InvalidClaim):
        read_structured(timed(time))

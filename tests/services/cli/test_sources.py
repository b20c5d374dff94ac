"""`webhook-source limit`, `trust`, `enable`, `deliveries`, `replay`, after a real server took what
was sent."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.cli.deliveries import webhook_source
from tests import loopback
from tests.services.cli.program import Program, first_line, started
from tests.services.running import claim, signed

NOBODY = "00000000-0000-0000-0000-000000000000"
SENT = {
    "fits": claim(id="cli-fits", kind="open_letter"),
    "first": claim(id="cli-first"),
    "second": claim(id="cli-second"),
    "never": claim(id="cli-never", targets=["ZZZ"]),
    "forged": claim(id="cli-forged", kind="open_letter"),
}
"""What is sent, by its webhook-id, to a source limited to open letters."""


@pytest.fixture(scope="module")
def noted(article20: Program) -> dict[str, dict[str, Any]]:
    """What the program lists of deliveries to the source `noted`, by webhook-id."""
    source(article20, "add", "other")
    made = json.loads(source(article20, "add", "noted", "--format", "json"))
    said = source(article20, "limit", "noted", "--kind", "open_letter", "--government", "FIN")
    assert said == "noted may submit: open_letter; FIN.\n"
    port = loopback.free_port()
    with started(article20, "serve", "--port", str(port)) as server:
        first_line(server)
        for webhook_id, sent in SENT.items():
            body = json.dumps(sent)
            headers = signed(made["secret"], body, webhook_id)
            if webhook_id == "forged":
                headers["webhook-signature"] = "v1,AAAA"
            loopback.post(f"http://127.0.0.1:{port}/hooks/noted", content=body, headers=headers)
    found = json.loads(source(article20, "deliveries", "--format", "json"))
    assert made["secret"] not in str(found)
    return {one["webhook_id"]: one for one in found}


def source(article20: Program, *arguments: str) -> str:
    """What `webhook-source` printed; it must have exited 0."""
    return article20.done("webhook-source", *arguments)


def listed(article20: Program, *options: str) -> list[str]:
    """The webhook-ids of deliveries that the program lists."""
    found = article20.answer("webhook-source", "deliveries", *options, "--format", "json")
    return [one["webhook_id"] for one in found]


def known(article20: Program, name: str) -> dict[str, Any]:
    """What the list of sources says of one."""
    sources = article20.answer("webhook-source", "list", "--format", "json")
    (found,) = [one for one in sources if one["source"] == name]
    return dict(found)


def test_what_was_delivered_is_listed(article20: Program, noted: dict[str, dict[str, Any]]) -> None:
    """Every delivery stands in the list with what became of it, newest first, in both forms."""
    assert {id_: (one["status"], one.get("reason")) for id_, one in noted.items()} == {
        "fits": (201, None),
        "first": (422, "invalid-claim"),
        "second": (422, "invalid-claim"),
        "never": (422, "invalid-claim"),
        "forged": (401, "unverified"),
    }
    assert list(noted) == list(reversed(SENT))
    table = source(article20, "deliveries", "--claim", "cli-fits")
    assert noted["fits"]["delivery"] in table.replace("\n", "")
    assert noted["forged"]["delivery"] not in table


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--source", "noted", "--accepted"], {"fits"}),
        (["--refused"], {"first", "second", "never", "forged"}),
        (["--reason", "unverified"], {"forged"}),
        (["--webhook-id", "second"], {"second"}),
        (["--claim", "cli-fits"], {"fits"}),
        (["--source", "other"], set()),
        (["--limit", "2"], {"forged", "never"}),
    ],
)
def test_deliveries_are_found(
    article20: Program,
    noted: dict[str, dict[str, Any]],
    options: list[str],
    expected: set[str],
) -> None:
    """Each option finds those it names and no others."""
    assert set(listed(article20, *options)) == expected <= set(noted)


def test_a_refused_delivery_is_taken_once_its_reason_is_mended(
    article20: Program, noted: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    """It is refused again while the limit stands; then it is taken as the source is trusted, if
    the source is enabled, and only once."""
    first, second = noted["first"]["delivery"], noted["second"]["delivery"]
    refused = article20.refused("webhook-source", "replay", first)
    assert "It is refused again: invalid-claim." in refused
    assert source(article20, "limit", "noted").startswith("noted may submit: every kind; every ")
    assert "cli-first" in source(article20, "replay", first)
    assert "it was taken" in article20.refused("webhook-source", "replay", first)
    source(article20, "disable", "noted")
    assert "is disabled" in article20.refused("webhook-source", "replay", second)
    assert source(article20, "enable", "noted").startswith("noted is enabled; ")
    assert "accepted at once" in source(article20, "trust", "noted", "yes")
    taken = article20.answer("webhook-source", "replay", second, "--format", "json")
    assert (taken["status"], taken["claim"], taken.get("reason")) == (201, "cli-second", None)
    assert taken["replayed_at"] is not None
    article20.done("export", "--out", tmp_path / "all.jsonl")
    exported = (tmp_path / "all.jsonl").read_text(encoding="utf-8").splitlines()
    status = {one["id"]: one.get("status", "accepted") for one in map(json.loads, exported)}
    assert status == {"cli-fits": "pending", "cli-first": "pending", "cli-second": "accepted"}
    never = article20("webhook-source", "replay", noted["never"]["delivery"], "--format", "json")
    assert never.returncode == 1
    assert json.loads(never.stdout)["reason"] == "invalid-claim"
    assert "ZZZ" in never.stderr


def test_what_cannot_be_replayed_is_said(
    article20: Program, noted: dict[str, dict[str, Any]]
) -> None:
    """What was not verified has no body any more, what is not there is named, and what is no id
    is a wrong call."""
    forged = article20.refused("webhook-source", "replay", noted["forged"]["delivery"])
    assert "its body is not kept" in forged
    assert NOBODY in article20.refused("webhook-source", "replay", NOBODY)
    assert article20("webhook-source", "replay", "no-id").returncode == 2


def test_limits_stand_in_the_list(article20: Program) -> None:
    """Each call sets all limits anew, and the list has them."""
    source(article20, "add", "limited")
    said = source(
        article20, "limit", "limited", "--kind", "unga_vote", "--kind", "open_letter",
        "--government", "POL", "--per-second", "2.5", "--burst", "7",
    )  # fmt: skip
    assert "POL; 2.5 a second." in said
    found = known(article20, "limited")
    assert sorted(found["kinds"]) == ["open_letter", "unga_vote"]
    assert found["governments"] == ["POL"]
    assert (found["requests_per_second_max"], found["burst_requests_max"]) == (2.5, 7)
    source(article20, "limit", "limited", "--burst", "3")
    found = known(article20, "limited")
    assert (found["kinds"], found["governments"]) == (None, None)
    assert (found["requests_per_second_max"], found["burst_requests_max"]) == (None, 3)


@pytest.mark.parametrize(
    ("option", "number"),
    [
        ("--per-second", "nan"),
        ("--per-second", "inf"),
        ("--per-second", "1e308"),
        ("--burst", "99999999999999"),
    ],
)
def test_a_number_that_bounds_nothing_is_no_limit(
    article20: Program, option: str, number: str
) -> None:
    """What is not a number, or is beyond any rate, is refused in a line that says up to where, and
    the limits before stand."""
    name = f"bounded-{uuid4().hex[:6]}"
    source(article20, "add", name)
    source(article20, "limit", name, "--burst", "7")
    refused = article20.refused("webhook-source", "limit", name, option, number)
    assert "Write a number above 0, up to 1,000,000." in refused
    assert known(article20, name)["burst_requests_max"] == 7


def test_trust_and_being_enabled_stand_in_the_list(article20: Program) -> None:
    """Both can be given, taken back and given again; doing so twice is harmless."""
    source(article20, "add", "turned")
    for whether, said in (("yes", "accepted at once"), ("yes", "accepted at"), ("no", "the desk")):
        assert said in source(article20, "trust", "turned", whether)
        assert known(article20, "turned")["trusted"] is (whether == "yes")
    source(article20, "disable", "turned")
    assert known(article20, "turned")["disabled_at"] is not None
    for _ in range(2):
        assert "/hooks/turned" in source(article20, "enable", "turned")
        assert known(article20, "turned")["disabled_at"] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["limit", "nobody"], "There is no webhook source 'nobody'"),
        (["trust", "nobody", "yes"], "There is no webhook source 'nobody'"),
        (["enable", "nobody"], "There is no webhook source 'nobody'"),
        (["limit", "strict", "--kind", "unheard_of"], "'unheard_of' is not"),
        (["limit", "strict", "--government", "XXX"], "'XXX' is not"),
    ],
)
def test_what_cannot_be_is_said(article20: Program, arguments: list[str], said: str) -> None:
    """A source, a kind or a government that is not there is named in one line."""
    article20("webhook-source", "add", "strict")
    assert said in article20.refused("webhook-source", *arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ["trust", "strict", "maybe"],
        ["limit", "strict", "--burst", "0"],
        ["limit", "strict", "--per-second", "0"],
        ["deliveries", "--limit", "0"],
    ],
)
def test_a_wrong_call_is_one(article20: Program, arguments: list[str]) -> None:
    """What cannot be meant is refused before anything is opened."""
    assert arguments[0] in webhook_source.commands
    assert article20("webhook-source", *arguments).returncode == 2

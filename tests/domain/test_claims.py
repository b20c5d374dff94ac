"""What makes a submission valid, and the pointer that each fault is named by; nothing is stored."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import inspect as shapes

from domain.claims import Claim, Submission, read_claim, read_submission
from domain.decoding import field_error
from domain.details import Details
from domain.errors import FieldError, InvalidClaim
from domain.events import claim_json
from domain.faults import EDTF_FIELDS
from domain.kinds import DETAILS_OF
from domain.known import known_since_by_sources

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DEPOSIT: dict[str, Any] = {
    "id": "fin-2025-deposit",
    "kind": "withdrawal_instrument_deposited",
    "treaty": "APMBC",
    "occurred_on": "2025-07-10",
    "actors": [{"kind": "state", "code": "FIN"}],
    "targets": ["FIN"],
    "summary": "Finland deposited its instrument of withdrawal with the UN Secretary-General.",
    "details": {"effective_date": "2026-01-10"},
    "sources": [
        {
            "title": "Finland informs the UN",
            "publisher": "ICBL",
            "url": "https://icblcmc.org/finland",
            "published_on": "2025-07-10",
            "language": "en",
            "reliability": "A",
            "credibility": 1,
        }
    ],
    "relates_to": [{"claim": "fin-2025-announcement", "relation": "follows"}],
    "visibility": "internal",
}


def submit(raw: bytes | dict[str, Any], **licences: bool) -> Submission:
    return read_submission(raw, details_of=DETAILS_OF, now=NOW, new_id="made-here", **licences)


def faults(raw: bytes | dict[str, Any], **licences: bool) -> list[FieldError]:
    with pytest.raises(InvalidClaim) as refused:
        submit(raw, **licences)
    return list(refused.value.errors)


def outcome(raw: bytes | dict[str, Any]) -> list[FieldError]:
    """The faults of a submission; none where it is valid."""
    try:
        submit(raw)
    except InvalidClaim as error:
        return list(error.errors) or [FieldError(pointer="", detail="refused without a fault")]
    return []


def pointers(raw: bytes | dict[str, Any], **licences: bool) -> set[str]:
    return {fault.pointer for fault in faults(raw, **licences)}


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in DEPOSIT.items() if name not in names}


def test_the_example_of_the_contract_is_valid() -> None:
    """A whole claim is read with its typed details; nothing is stated beside it."""
    read = submit(json.dumps(DEPOSIT).encode())
    assert read.claim.id == "fin-2025-deposit"
    assert read.claim.details == DETAILS_OF[read.claim.kind](effective_date="2026-01-10")  # type: ignore[call-arg]  # the kind's own struct has the field
    assert (read.known_since, read.status, read.same_as) == (None, None, ())
    assert read.claim.date.is_day


@pytest.mark.parametrize("url", ["HTTP://EXAMPLE.ORG/a", "Https://example.org", "http://[::1]/"])
def test_an_address_may_name_its_scheme_in_capitals(url: str) -> None:
    """Schemes have no case (RFC 3986, 3.1); the address is kept as it was given."""
    assert submit(DEPOSIT | {"sources": [{"url": url}]}).claim.sources[0].url == url


def test_a_claim_needs_little() -> None:
    """Kind, treaty, date and sentence are enough; an id is given where there is none."""
    least = {
        "kind": "state_signed",
        "treaty": "CCM",
        "occurred_on": "2008-12~",
        "summary": "It signed.",
    }
    read = submit(least)
    assert read.claim.id == "made-here"
    assert read.claim.visibility == "internal"
    assert (read.claim.actors, read.claim.targets, read.claim.sources) == ((), (), ())


FAULTY: list[tuple[str, dict[str, Any], str]] = [
    ("kind missing", without("kind"), "/kind"),
    ("treaty missing", without("treaty"), "/treaty"),
    ("date missing", without("occurred_on"), "/occurred_on"),
    ("summary missing", without("summary"), "/summary"),
    ("kind unknown", DEPOSIT | {"kind": "peace_declared"}, "/kind"),
    ("kind no text", DEPOSIT | {"kind": 7}, "/kind"),
    ("treaty unknown", DEPOSIT | {"treaty": "ATT"}, "/treaty"),
    ("unknown field", DEPOSIT | {"importance": "high"}, "/importance"),
    ("unknown field with a slash", DEPOSIT | {"a/b": 1}, "/a~1b"),
    ("unknown field with a tilde", DEPOSIT | {"a~b": 1}, "/a~0b"),
    ("id in capitals", DEPOSIT | {"id": "FIN-2025"}, "/id"),
    ("id empty", DEPOSIT | {"id": ""}, "/id"),
    ("id too long", DEPOSIT | {"id": "a" * 129}, "/id"),
    ("id with a line end", DEPOSIT | {"id": "fin-2025\n"}, "/id"),
    ("day that does not exist", DEPOSIT | {"occurred_on": "2025-02-30"}, "/occurred_on"),
    ("date in another notation", DEPOSIT | {"occurred_on": "10 July 2025"}, "/occurred_on"),
    ("open interval", DEPOSIT | {"occurred_on": "2025-07-10/.."}, "/occurred_on"),
    ("reversed interval", DEPOSIT | {"occurred_on": "2025/2024"}, "/occurred_on"),
    ("date in the future", DEPOSIT | {"occurred_on": "2026-03-03"}, "/occurred_on"),
    ("interval into the future", DEPOSIT | {"occurred_on": "2026-01/2026-06"}, "/occurred_on"),
    ("date as a number", DEPOSIT | {"occurred_on": 2025}, "/occurred_on"),
    ("summary empty", DEPOSIT | {"summary": ""}, "/summary"),
    ("summary blank", DEPOSIT | {"summary": " \n "}, "/summary"),
    ("summary too long", DEPOSIT | {"summary": "x" * 4001}, "/summary"),
    ("summary with U+0000", DEPOSIT | {"summary": "Fin\0land"}, "/summary"),
    ("state without code", DEPOSIT | {"actors": [{"kind": "state"}]}, "/actors/0/code"),
    (
        "state of no government",
        DEPOSIT | {"actors": [{"kind": "state", "code": "FIN"}, {"kind": "state", "code": "XKX"}]},
        "/actors/1/code",
    ),
    (
        "code in small letters",
        DEPOSIT | {"actors": [{"kind": "state", "code": "fin"}]},
        "/actors/0/code",
    ),
    ("organisation without name", DEPOSIT | {"actors": [{"kind": "ngo"}]}, "/actors/0/name"),
    ("name blank", DEPOSIT | {"actors": [{"kind": "ngo", "name": " "}]}, "/actors/0/name"),
    (
        "organisation with code",
        DEPOSIT | {"actors": [{"kind": "ngo", "name": "ICBL", "code": "FIN"}]},
        "/actors/0/code",
    ),
    ("actor of no kind", DEPOSIT | {"actors": [{"name": "ICBL"}]}, "/actors/0/kind"),
    (
        "actor of unknown kind",
        DEPOSIT | {"actors": [{"kind": "army", "name": "x"}]},
        "/actors/0/kind",
    ),
    ("name with U+0000", DEPOSIT | {"actors": [{"kind": "ngo", "name": "\0"}]}, "/actors/0/name"),
    ("too many actors", DEPOSIT | {"actors": [{"kind": "ngo", "name": "x"}] * 251}, "/actors"),
    ("target unknown", DEPOSIT | {"targets": ["FIN", "ZZZ"]}, "/targets/1"),
    ("target twice", DEPOSIT | {"targets": ["FIN", "FIN"]}, "/targets/1"),
    ("targets no list", DEPOSIT | {"targets": "FIN"}, "/targets"),
    ("source that says nothing", DEPOSIT | {"sources": [{"language": "en"}]}, "/sources/0"),
    (
        "source elsewhere than the web",
        DEPOSIT | {"sources": [{"url": "file:///etc"}]},
        "/sources/0/url",
    ),
    (
        "address with a space",
        DEPOSIT | {"sources": [{"url": "https://icblcmc.org/a b"}]},
        "/sources/0/url",
    ),
    ("source without host", DEPOSIT | {"sources": [{"url": "https:///x"}]}, "/sources/0/url"),
    (
        "source of the future",
        DEPOSIT | {"sources": [{"publisher": "x", "published_on": "2027"}]},
        "/sources/0/published_on",
    ),
    (
        "source dated by no date",
        DEPOSIT | {"sources": [{"publisher": "x", "published_on": "yesterday"}]},
        "/sources/0/published_on",
    ),
    (
        "reliability unknown",
        DEPOSIT | {"sources": [{"publisher": "x", "reliability": "G"}]},
        "/sources/0/reliability",
    ),
    (
        "credibility unknown",
        DEPOSIT | {"sources": [{"publisher": "x"}, {"publisher": "y", "credibility": 0}]},
        "/sources/1/credibility",
    ),
    ("too many sources", DEPOSIT | {"sources": [{"publisher": "x"}] * 51}, "/sources"),
    (
        "relation unknown",
        DEPOSIT | {"relates_to": [{"claim": "a", "relation": "likes"}]},
        "/relates_to/0/relation",
    ),
    (
        "relation to no id",
        DEPOSIT | {"relates_to": [{"claim": "A", "relation": "follows"}]},
        "/relates_to/0/claim",
    ),
    (
        "relation to itself",
        DEPOSIT | {"relates_to": [{"claim": "fin-2025-deposit", "relation": "follows"}]},
        "/relates_to/0/claim",
    ),
    (
        "relation stated twice",
        DEPOSIT | {"relates_to": [{"claim": "a", "relation": "follows"}] * 2},
        "/relates_to/1",
    ),
    ("visibility unknown", DEPOSIT | {"visibility": "secret"}, "/visibility"),
    ("details no object", DEPOSIT | {"details": []}, "/details"),
    ("unknown detail", DEPOSIT | {"details": {"votes": {"for": 1}}}, "/details/votes"),
    (
        "detail of another type",
        DEPOSIT | {"details": {"legal_effect": "no"}},
        "/details/legal_effect",
    ),
    (
        "detail with a false date",
        DEPOSIT | {"details": {"effective_date": "2026-02-30"}},
        "/details/effective_date",
    ),
    (
        "detail that is no date",
        DEPOSIT | {"details": {"deposit_date": "soon"}},
        "/details/deposit_date",
    ),
    ("detail with U+0000", DEPOSIT | {"details": {"note": "\0"}}, "/details/note"),
    ("known_since unlicensed", DEPOSIT | {"known_since": "2025-07-10"}, "/known_since"),
    ("status unlicensed", DEPOSIT | {"status": "accepted"}, "/status"),
    ("status_reason unlicensed", DEPOSIT | {"status_reason": "So it is."}, "/status_reason"),
    (
        "a cause claimed by nobody",
        DEPOSIT | {"relates_to": [{"claim": "a", "relation": "claimed_cause"}]},
        "/relates_to/0/author",
    ),
    (
        "a cause claimed by an unknown state",
        DEPOSIT
        | {
            "relates_to": [
                {
                    "claim": "a",
                    "relation": "claimed_cause",
                    "author": {"kind": "state", "code": "ZZZ"},
                }
            ]
        },
        "/relates_to/0/author/code",
    ),
    ("withdrawn unlicensed", DEPOSIT | {"withdrawn": [{"kind": "ngo", "name": "x"}]}, "/withdrawn"),
    ("same_as unlicensed", DEPOSIT | {"same_as": ["fin-apmbc-deposit"]}, "/same_as"),
]


@pytest.mark.parametrize(
    ("raw", "pointer"), [row[1:] for row in FAULTY], ids=[row[0] for row in FAULTY]
)
def test_a_fault_is_named_by_its_pointer(raw: dict[str, Any], pointer: str) -> None:
    """Each fault is named by the JSON Pointer of its place, as an object and as bytes."""
    assert pointers(raw) == {pointer}
    assert pointers(json.dumps(raw).encode()) == {pointer}


def of_kind(kind: str, **details: Any) -> dict[str, Any]:
    return DEPOSIT | {"kind": kind, "details": details}


BOUND = st.none() | st.integers(0, 3)


@given(low=BOUND, high=BOUND)
def test_an_uncertain_count_has_its_bounds_in_order(low: int | None, high: int | None) -> None:
    """Either one alone says something, and two that are the same are a number."""
    raw = of_kind("transfer_announced", quantity={"at_least": low, "at_most": high})
    refused = low is not None and high is not None and low > high
    assert [one.pointer for one in outcome(raw)] == ["/details/quantity/at_most"] * refused


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (of_kind("parliament_vote", votes={"against": 3}), "/details/votes/for"),
        (of_kind("parliament_vote", votes={"for": -1}), "/details/votes/for"),
        (of_kind("parliament_vote", votes={"for": 1, "maybe": 2}), "/details/votes/maybe"),
        (of_kind("parliament_vote", votes={"for": 1.5}), "/details/votes/for"),
        (of_kind("unga_vote", voted={"XKX": "for"}), "/details/voted/XKX"),
        (of_kind("unga_vote", voted={"FIN": "yes"}), "/details/voted"),
        (of_kind("transfer_announced", supplier="USA", recipient="ZZZ"), "/details/recipient"),
        (of_kind("transfer_announced", quantity="many"), "/details/quantity"),
        (of_kind("transfer_announced", quantity=-1), "/details/quantity"),
        (of_kind("transfer_announced", quantity={"about": 3}), "/details/quantity/about"),
        (
            of_kind("transfer_announced", quantity={"at_least": 10, "at_most": 5}),
            "/details/quantity/at_most",
        ),
        (of_kind("transfer_announced", quantity=10**16), "/details/quantity"),
        (of_kind("parliament_vote", votes={"for": 2**70}), "/details/votes/for"),
        (of_kind("stockpile_destroyed", remaining={"ZZZ": 3}), "/details/remaining/ZZZ"),
        (
            of_kind("stockpile_destroyed", remaining={"GRC": {"at_least": 2, "at_most": 1}}),
            "/details/remaining/GRC/at_most",
        ),
        (of_kind("clearance_completed", deadlines={"AFG": "2025-13"}), "/details/deadlines/AFG"),
        (
            of_kind("casualty_report", casualties={"by_government": {"ZZZ": 1}}),
            "/details/casualties/by_government/ZZZ",
        ),
        (
            of_kind("casualty_report", casualties={"civilian_share": 84}),
            "/details/casualties/civilian_share",
        ),
        (
            of_kind("states_parties_count_reported", series={"2025~/2024": 3}),
            "/details/series/2025~0~12024",
        ),
        (of_kind("statement_of_criticism", stance="angry"), "/details/stance"),
        (of_kind("statement_of_criticism", signatories=0), "/details/signatories"),
        (of_kind("statement_of_criticism", signatories=10**30), "/details/signatories"),
        (
            of_kind("statement_of_criticism", disputed=[{"field": "day", "values": [-(10**30)]}]),
            "/details/disputed/0/values/0",
        ),
        (
            of_kind("statement_of_criticism", disputed=[{"field": "day", "values": [1.5]}]),
            "/details/disputed/0/values/0",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fault_in_the_details_is_named_by_its_pointer(raw: dict[str, Any], pointer: str) -> None:
    """Typed details are checked to their last field; in a mapping at least the mapping is named."""
    assert pointers(raw) == {pointer}


def test_every_fault_is_named_at_once() -> None:
    """Who sends many faults learns of all of them, each with how to mend it."""
    raw = DEPOSIT | {
        "treaty": "ATT",
        "occurred_on": "2027",
        "targets": ["ZZZ"],
        "details": {"effective_date": "2026-02-30"},
        "status": "accepted",
    }
    named = faults(raw)
    assert {fault.pointer for fault in named} == {
        "/treaty",
        "/occurred_on",
        "/targets/0",
        "/details/effective_date",
        "/status",
    }
    assert all(len(fault.detail) > 20 for fault in named)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"claim"',
        b"\xff\xfe",
        json.dumps(DEPOSIT).encode() + b" {}",
        b"{'kind': 1}",
        b"\xef\xbb\xbf" + json.dumps(DEPOSIT).encode(),
    ],
)
def test_what_is_no_json_object_is_refused_as_a_whole(raw: bytes) -> None:
    """Bytes that are no JSON object are refused with the pointer of the whole."""
    assert pointers(raw) == {""}


def test_a_mark_before_the_json_and_too_deep_a_nest_are_named() -> None:
    """A byte order mark is called by its name; what is nested beyond reason is refused, and
    nothing breaks."""
    (fault,) = faults(b"\xef\xbb\xbf" + json.dumps(DEPOSIT).encode())
    assert "byte order mark" in fault.detail
    deep = b"[" * 100_000 + b"]" * 100_000
    raw = json.dumps(DEPOSIT).encode()[:-1]
    (fault,) = faults(
        raw.replace(b'{"effective_date"', b'{"note": ' + deep + b', "effective_date"') + b"}"
    )
    assert (fault.pointer, fault.detail) == ("", "nested too deeply; a claim is flat")


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading(raw: bytes) -> None:
    """Whatever bytes arrive, the answer is a submission or faults that say how to mend it."""
    assert all(fault.detail != "refused without a fault" for fault in outcome(raw))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.sampled_from(sorted(DEPOSIT)), JSON, st.booleans())
def test_no_value_in_any_field_breaks_the_reading(name: str, value: object, deep: bool) -> None:
    """Whatever a field holds, faults are named by pointers that begin there."""
    nested = DEPOSIT["details"] | {"note": value}
    raw = DEPOSIT | ({"details": nested} if deep else {name: value})
    place = "/details" if deep or name == "kind" else f"/{name}"
    assert all(fault.pointer.startswith((place, f"/{name}")) for fault in outcome(raw))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-07-10", datetime(2025, 7, 10, tzinfo=UTC)),
        ("2025-07-10T12:00:00Z", datetime(2025, 7, 10, 12, tzinfo=UTC)),
        ("2025-07-10T12:00:00+03:00", datetime(2025, 7, 10, 9, tzinfo=UTC)),
        ("2026-03-01T12:00:00Z", NOW),
    ],
)
def test_who_may_states_since_when_it_was_known(text: str, moment: datetime) -> None:
    """A day counts from its first moment, a timestamp is brought to UTC."""
    assert submit(DEPOSIT | {"known_since": text}, backfill=True).known_since == moment


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T12:00:01Z",
        "2026-03-02",
        "July 2025",
        "2025-07-10T12:00:00",
        "2025-02-30",
        "0001-01-01T00:00:00+23:59",
    ],
)
def test_known_since_is_a_moment_that_has_passed(text: str) -> None:
    """A moment after the recording, without offset or outside the calendar is refused."""
    assert pointers(DEPOSIT | {"known_since": text}, backfill=True) == {"/known_since"}


def test_an_import_restates_decisions() -> None:
    """An import of an export may state status, reason and sameness."""
    raw = DEPOSIT | {
        "status": "refuted",
        "status_reason": "No instrument was deposited.",
        "same_as": ["fin-apmbc-withdrawal-deposited"],
    }
    read = submit(raw, restate=True)
    assert (read.status, read.status_reason) == ("refuted", "No instrument was deposited.")
    assert read.same_as == ("fin-apmbc-withdrawal-deposited",)


def test_what_is_declared_the_same_is_named_by_an_id() -> None:
    """Something that cannot be the id of a claim is refused where it stands in the list."""
    for text in ("Fin", "fin\n", "a" * 129, ""):
        raw = DEPOSIT | {"same_as": ["fin-apmbc-deposit", text]}
        assert pointers(raw, restate=True) == {"/same_as/1"}


def test_tomorrow_is_not_the_future() -> None:
    """A day ahead is allowed, because days begin earlier elsewhere; details may lie ahead."""
    tomorrow = (NOW + timedelta(days=1)).date().isoformat()
    raw = DEPOSIT | {"occurred_on": tomorrow, "details": {"effective_date": "2126-01-10"}}
    assert submit(raw).claim.occurred_on == tomorrow
    for begun in ("2026", "2026-03", "2025-12/2026-03", "202X"):
        assert submit(DEPOSIT | {"occurred_on": begun}).claim.date.last_day > NOW.date()


def claim_with(occurred_on: str, *published: str | None) -> Claim:
    sources = [{"publisher": "x"} | ({"published_on": p} if p else {}) for p in published]
    return submit(DEPOSIT | {"occurred_on": occurred_on, "sources": sources}).claim


@pytest.mark.parametrize(
    ("claim", "known"),
    [
        (claim_with("2025-07-10", "2025-07-12", "2025-07-11"), "2025-07-11"),
        (claim_with("2025-07-10", None, "2025-07-12"), "2025-07-12"),
        (claim_with("2025-07-10", "2025-07"), "2025-07-31"),
        (claim_with("2025-07-10", None), "2025-07-10"),
        (claim_with("2025-07"), "2025-07-31"),
        (claim_with("2025"), "2025-12-31"),
    ],
)
def test_history_counts_as_known_since_its_first_publication(claim: Claim, known: str) -> None:
    """The earliest publication, the last day of a vague one, else the last day it may have
    happened."""
    assert known_since_by_sources(claim, NOW).date().isoformat() == known


def test_nothing_is_known_after_now() -> None:
    """A vague date that reaches beyond today counts as known now."""
    assert known_since_by_sources(claim_with("2026"), NOW) == NOW


def test_a_claim_survives_its_export() -> None:
    """What export writes reads back to the same claim."""
    claim = submit(DEPOSIT).claim
    assert read_claim(claim_json(claim), DETAILS_OF) == claim
    assert json.loads(msgspec.json.encode(claim_json(claim))) == without("visibility")


def test_half_a_claim_is_not_a_claim() -> None:
    """Without id or known kind nothing is read back."""
    for plain in (without("id"), DEPOSIT | {"kind": "gone"}):
        with pytest.raises(InvalidClaim):
            read_claim(plain, DETAILS_OF)


def texts_with_pattern(shape: shapes.Type) -> Iterator[str]:
    if isinstance(shape, shapes.UnionType):
        for one in shape.types:
            yield from texts_with_pattern(one)
    if isinstance(shape, shapes.Metadata):
        yield str((shape.extra_json_schema or {}).get("title"))


def test_every_field_declared_a_date_is_checked_as_one() -> None:
    """The fields whose dates are checked are exactly those declared as EDTF texts."""
    declared: set[str] = set()
    for struct in {Details, *DETAILS_OF.values()}:
        info = shapes.type_info(struct)
        assert isinstance(info, shapes.StructType)
        for field in info.fields:
            if "EDTF date, level 0 or 1" in texts_with_pattern(field.type):
                declared.add(field.encode_name)
    assert declared == EDTF_FIELDS


@pytest.mark.parametrize(
    ("message", "pointer"),
    [
        ("Expected `str`, got `int` - at `$.actors[0].name`", "/p/actors/0/name"),
        ("Expected `str`, got `int` - at `$`", "/p"),
        ("Expected `str`, got `int`", "/p"),
        ("Object missing required field `kind`", "/p/kind"),
        ("Object missing required field `for` - at `$.votes`", "/p/votes/for"),
        ("Object contains unknown field `a/b~c` - at `$.votes`", "/p/votes/a~1b~0c"),
        ("Expected `int` >= 0 - at `$.remaining[...]`", "/p/remaining"),
    ],
)
def test_messages_of_the_decoder_become_pointers(message: str, pointer: str) -> None:
    """The decoder's own way of naming a place becomes a JSON Pointer below the prefix."""
    assert field_error(message, "/p").pointer == pointer


@pytest.mark.parametrize(
    ("field", "value", "detail"),
    [
        ("kind", None, "must be text, not null"),
        ("actors", [{"kind": "bogus"}], "'bogus' is not known here; use one of coalition, indiv"),
        ("sources", [{"credibility": "1"}], "must be a whole number or null, not text"),
        ("sources", [{"url": "https://a.example", "reliability": "G"}], "use one of A, B, C, D, E"),
        ("sources", [{"publisher": "x" * 1001}], "has more than 400 characters; shorten it"),
        ("details", {"signatories": 0}, "must be 1 or more"),
        ("details", {"stance": "z" * 99}, "z… is not known here; use one of critical, "),
        ("id", "", "must not be empty; fill it in, or leave it out"),
        ("visibility", "all", "'all' is not known here; use one of internal, public"),
        ("actors", [{"kind": "ngo", "name": "\u200b"}], "an actor of kind ngo needs a name"),
        ("summary", "\u2060 \u202e", "says nothing; tell in a sentence what happened"),
    ],
)
def test_what_does_not_fit_is_told_so_that_it_can_be_mended(
    field: str, value: object, detail: str
) -> None:
    """A value of another type, beyond a bound, unknown or unseen is told in words: what is wanted,
    and which values there are."""
    assert detail in faults(DEPOSIT | {field: value})[0].detail


@pytest.mark.parametrize(
    ("raw", "detail"),
    [
        (b" ", "empty; send one JSON object in UTF-8"),
        (b'{"summary": "\\ud83d"}', "holds \\ud83d, half of a character"),
        (b'{"summary": "\\ud83d"', "not JSON"),
    ],
)
def test_why_bytes_are_no_json_is_told(raw: bytes, detail: str) -> None:
    """Nothing, and an escape of half a character, are told apart from what is cut short."""
    assert detail in faults(raw)[0].detail


def test_an_actor_is_the_same_however_its_accents_were_typed() -> None:
    """A name in the decomposed form of Unicode is the same actor as in the composed one, and is
    kept as it was sent."""
    names = ("Café", "Cafe\u0301")
    actors = [
        submit(DEPOSIT | {"actors": [{"kind": "ngo", "name": name}]}).claim.actors[0]
        for name in names
    ]
    assert actors[0].key == actors[1].key == "ngo:Café"
    assert tuple(actor.name for actor in actors) == names

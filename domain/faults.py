"""Faults of a submission that the shapes of its parts cannot express; it decides nothing about the
desk.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final, get_type_hints
from unicodedata import category

import msgspec

from domain.dates import partial_date
from domain.details import CLAIM_ID, Casualties, Details, Quantity
from domain.errors import FieldError
from domain.governments import GOVERNMENTS

if TYPE_CHECKING:
    from domain.claims import Actor, Source

EDTF_FIELDS: Final = frozenset(
    {
        "announced", "end_date", "deposit_date", "entry_into_force", "signed", "effective_date",
        "disclosed_on", "threshold_reached", "earliest_start", "first_available", "deadline",
        "answer_due", "date_published",
    }
)  # fmt: skip
"""Fields of details that hold an EDTF text; a test compares this with the declared types."""
FUTURE_DAYS_MAX: Final = 1
_AHEAD_MAX: Final = timedelta(days=FUTURE_DAYS_MAX)
_ADDRESS: Final = re.compile(r"(?i:https?)://[^\s/\x00-\x1f\x7f]\S*")
_CLAIM_ID: Final = re.compile(CLAIM_ID)
_CODES: Final = ("supplier", "recipient")
_UNSEEN: Final = ("Zs", "Zl", "Zp", "Cc", "Cf")
_BY_GOVERNMENT: Final = ("remaining", "deadlines", "voted")


def details_faults(details: Details) -> list[FieldError]:
    """Dates that do not exist and codes of no government, with pointers from the whole claim."""
    faults: list[FieldError] = []
    for name in _telling(type(details)):
        value = getattr(details, name)
        if value is None:  # most fields of most details, and quickest told apart here
            continue
        at = f"/details/{name}"
        if isinstance(value, str) and name in EDTF_FIELDS:
            faults += _edtf_faults(at, value)
        elif isinstance(value, str) and name in _CODES:
            faults += _code_faults(at, value)
        elif isinstance(value, Quantity):
            faults += _range_faults(at, value)
        elif isinstance(value, Casualties):
            for code in value.by_government:
                faults += _code_faults(f"{at}/by_government/{code}", code)
        elif isinstance(value, dict):
            for key, item in value.items():
                if name in _BY_GOVERNMENT:
                    faults += _code_faults(f"{at}/{key}", key)
                if name == "series":
                    faults += _edtf_faults(f"{at}/{key.replace('~', '~0').replace('/', '~1')}", key)
                if name == "deadlines":
                    faults += _edtf_faults(f"{at}/{key}", item)
                if isinstance(item, Quantity):
                    faults += _range_faults(f"{at}/{key}", item)
    return faults


@cache
def _telling(shape: type[Details]) -> tuple[str, ...]:
    """The fields of details that something may be wrong with beyond their form."""
    hints = get_type_hints(shape)
    return tuple(
        name
        for name in shape.__struct_fields__
        if name in EDTF_FIELDS
        or name in _CODES
        or any(part in str(hints[name]) for part in ("dict", "Casualties", "Quantity"))
    )


def id_faults(ids: Iterable[tuple[str, str]]) -> list[FieldError]:
    """Which of some (pointer, id) pairs cannot be the id of a claim."""
    how = "write up to 128 small letters, digits, '.', '_' and '-', a letter or digit first"
    return [
        FieldError(pointer=pointer, detail=f"{claim!r} is not the id of a claim: {how}")
        for pointer, claim in ids
        if _CLAIM_ID.match(claim) is None
    ]


def nul_faults(raw: bytes | dict[str, Any]) -> list[FieldError]:
    """Texts that hold the character U+0000, which PostgreSQL keeps in no text."""
    if isinstance(raw, bytes):
        if b"\\u0000" not in raw:
            return []
        raw = msgspec.json.decode(raw)
    elif b"\\u0000" not in msgspec.json.encode(raw):
        return []
    faults: list[FieldError] = []

    def look(value: Any, pointer: str) -> None:
        if isinstance(value, str) and "\0" in value:
            detail = "holds the character U+0000, which no text may; leave it out"
            faults.append(FieldError(pointer=pointer, detail=detail))
        elif isinstance(value, dict):
            for key, item in value.items():
                look(item, f"{pointer}/{key}")
        elif isinstance(value, list | tuple):
            for number, item in enumerate(value):
                look(item, f"{pointer}/{number}")

    look(raw, "")
    return faults


def shows_nothing(text: str) -> bool:
    """Whether a text is made of spaces, control characters and others that nobody sees alone."""
    return not text[:1].isalnum() and all(category(one) in _UNSEEN for one in text)


def _edtf_faults(pointer: str, text: str) -> list[FieldError]:
    try:
        partial_date(text)
    except ValueError as error:
        return [FieldError(pointer=pointer, detail=str(error))]
    return []


def _range_faults(pointer: str, said: Quantity) -> list[FieldError]:
    if said.at_least is None or said.at_most is None or said.at_least <= said.at_most:
        return []
    detail = f"at least {said.at_least} cannot be at most {said.at_most}; write the lesser first"
    return [FieldError(pointer=f"{pointer}/at_most", detail=detail)]


def _code_faults(pointer: str, code: str) -> list[FieldError]:
    if code in GOVERNMENTS:
        return []
    return [FieldError(pointer=pointer, detail=f"{code!r} is not a government of the status table")]


def moment_faults(moments: Sequence[str], count: int, now: datetime) -> list[FieldError]:
    """Faults of the moments since which so many withdrawals of signatories are known."""
    faults: list[FieldError] = []
    if len(moments) not in (0, count):
        detail = "state one moment for each of withdrawn, or none"
        faults.append(FieldError(pointer="/withdrawn_since", detail=detail))
    for i, text in enumerate(moments):
        try:
            late = read_moment(text) > now
        except ValueError as error:
            faults.append(FieldError(pointer=f"/withdrawn_since/{i}", detail=str(error)))
        else:
            if late:
                detail = "lies after the moment of recording; state an earlier moment"
                faults.append(FieldError(pointer=f"/withdrawn_since/{i}", detail=detail))
    return faults


def read_moment(text: str) -> datetime:
    """A day (its first moment, UTC) or an RFC 3339 timestamp; ValueError says how to write it."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return datetime.combine(date.fromisoformat(text), time.min, UTC)
        moment = msgspec.convert(text, datetime)
    except (ValueError, msgspec.ValidationError):
        raise ValueError(
            f"{text!r} is neither a day (YYYY-MM-DD) nor a timestamp (RFC 3339)"
        ) from None
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} lacks its offset from UTC; end it with Z or +00:00")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} lies outside the years 0001 to 9999 in UTC") from None


def actor_faults(actors: Sequence["Actor"], prefix: str) -> list[FieldError]:
    """What is wrong with actors, beyond their form; `prefix` leads to their list."""
    faults: list[FieldError] = []

    def fault(pointer: str, detail: str) -> None:
        faults.append(FieldError(pointer=f"{prefix}/{pointer}", detail=detail))

    for i, actor in enumerate(actors):
        if actor.kind == "state":
            if actor.code is None:
                fault(f"{i}/code", "a state is named by its ISO 3166-1 alpha-3 code")
            elif actor.code not in GOVERNMENTS:
                fault(f"{i}/code", f"{actor.code!r} is not a government of the status table")
        elif actor.name is None or shows_nothing(actor.name) or actor.code is not None:
            if actor.name is None or shows_nothing(actor.name):
                fault(f"{i}/name", f"an actor of kind {actor.kind} needs a name")
            if actor.code is not None:
                fault(f"{i}/code", "only a state has a code; leave it out")
    return faults


def source_faults(sources: Sequence["Source"], prefix: str, now: datetime) -> list[FieldError]:
    """What is wrong with sources, beyond their form; `prefix` leads to their list."""
    faults: list[FieldError] = []

    def fault(pointer: str, detail: str) -> None:
        faults.append(FieldError(pointer=f"{prefix}/{pointer}", detail=detail))

    latest = latest_day(now)
    for i, source in enumerate(sources):
        if source.published_on is not None:
            date_fault(fault, f"{i}/published_on", source.published_on, latest)
        if source.url is not None and _ADDRESS.fullmatch(source.url) is None:
            fault(
                f"{i}/url", "not a web address; begin with http:// or https://, and escape spaces"
            )
        if not (source.title or source.publisher or source.url):
            fault(f"{i}", "says nothing; give a title, a publisher or a url")
    return faults


def latest_day(now: datetime) -> date:
    """The last day on which something may have happened or been published."""
    return (now + _AHEAD_MAX).date()


def date_fault(fault: Any, pointer: str, text: str, latest: date) -> None:
    """Tell `fault` of a date that is none, or lies after `latest`."""
    try:
        begins = partial_date(text).first_day
        ends = partial_date(text.rpartition("/")[2]).first_day
    except ValueError as error:
        fault(pointer, str(error))
        return
    if begins > latest or ends > latest:
        fault(pointer, f"{text} lies in the future; nothing may lie more than a day ahead")

"""Builds the page Criticism: the matrix of critics and governments, and one cell opened; pure, and
it never reads a blank cell as silence."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Final

import msgspec

from domain.numbers import CRITICAL_KINDS
from projections.criticism import Cell, Choice, Critic, Criticised, CriticismMatrix, Excerpt, Joint
from projections.histories import Version
from services.dashboard.frame import Frame
from services.dashboard.language import _, many, told, told_many
from services.dashboard.models.claims import ListedClaim, listed
from services.dashboard.models.shapes import Sentence, ShownStatus
from services.dashboard.sheets import ROWS_MAX, Sheet
from services.dashboard.sheets import Cell as SheetCell
from services.dashboard.states import GOVERNMENTS, in_order
from services.dashboard.words import CIRCLES, VOICES

TARGETS_MAX: Final = 10
CRITICS_MAX: Final = 50
SILENT_NAMED_MAX: Final = 40
ORDERS: Final = ("name", "count")
JOINT_ROW: Final = "joint:"
"""What begins the key of a joint statement that has a row of its own, before its happening."""


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One government that was criticised."""

    code: str
    name: str
    status: ShownStatus
    count: int
    critics: int
    unnamed: int


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One critic with its cells, one per column, None where nothing is recorded."""

    actor: str
    name: str
    cells: tuple[Cell | None, ...]
    targets: int


class Group(msgspec.Struct, frozen=True):
    """Critics of one kind."""

    kind: str
    name: str
    rows: tuple[Row, ...]


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """Of the governments asked about, those of whom no statement on a target is on record."""

    code: str
    name: str
    spoke: int
    asked: int
    shared: tuple[str, ...]
    silent: tuple[tuple[str, str], ...]
    more: int


class OpenCell(msgspec.Struct, frozen=True, kw_only=True):
    """One cell with the statements behind it."""

    critic: str
    target: str
    target_code: str
    rows: tuple[ListedClaim, ...]


class MatrixAsk(msgspec.Struct, frozen=True, kw_only=True):
    """What the matrix was narrowed to, as typed."""

    voice: str = ""
    government: str = ""
    circle: str = ""
    among: str = ""
    among_error: str = ""
    joint: Joint = "each"
    order: str = "name"

    @property
    def narrows(self) -> bool:
        """Whether the matrix shows less than all."""
        return bool(self.voice or self.government or self.joint in ("only", "off"))

    @property
    def asks(self) -> bool:
        """Whether anything was chosen at all."""
        return bool(self.narrows or self.circle or self.among)


class MatrixPage(msgspec.Struct, frozen=True, kw_only=True):
    """Who criticised whom, and who held back?"""

    frame: Frame
    on: date
    lead: Sentence
    ask: MatrixAsk
    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    more_critics: int
    more_targets: int
    silences: tuple[Silence, ...]
    listed: int
    """Of how many governments silence is told."""
    circles: tuple[tuple[str, str], ...]
    circle_name: str
    voices: tuple[tuple[str, str], ...]
    targets: tuple[tuple[str, str], ...]
    opened: OpenCell | None = None


def matrix_page(
    frame: Frame,
    excerpt: Excerpt,
    statuses: Mapping[str, ShownStatus],
    *,
    ask: MatrixAsk,
    opened: tuple[str, str, Sequence[Version]] | None,
    circles: Sequence[str] = (),
) -> MatrixPage:
    """The page; `opened`: a critic, a target and the versions that may tell of them; `circles`:
    alliances and regions whose silence may be asked about."""
    found = excerpt.matrix
    targets = _targets(found.targets, ask)
    shown = choice_of(ask).rows(c for c in found.critics if c.actor in excerpt.addressing)
    asked = sum(n for kind, n in excerpt.addressed.items() if ask.voice in ("", kind))
    cells = {(c.critic, c.target): c for c in found.cells}
    kinds = [kind for kind in VOICES if any(c.kind == kind for c in shown)]
    return MatrixPage(
        frame=frame,
        on=found.on,
        lead=_lead(excerpt),
        ask=ask,
        columns=tuple(_column(t, statuses) for t in targets),
        groups=tuple(
            Group(
                kind,
                VOICES[kind],
                tuple(_row(c, targets, cells) for c in shown if c.kind == kind),
            )
            for kind in kinds
        ),
        more_critics=asked - len(shown),
        more_targets=len(found.targets) - len(targets) if not ask.government else 0,
        silences=tuple(_silence(t) for t in targets),
        listed=max((t.asked for t in targets), default=0),
        circles=tuple((name, _circle_words(name)) for name in circles),
        circle_name=_circle_words(ask.circle) if ask.circle else "",
        voices=tuple((kind, word) for kind, word in VOICES.items() if kind in excerpt.kinds),
        targets=tuple(
            sorted(
                ((t.government, GOVERNMENTS[t.government]) for t in found.targets),
                key=lambda pair: in_order(pair[1]),
            )
        ),
        opened=None if opened is None else _opened(found, *opened),
    )


def with_further_row(excerpt: Excerpt, version: Version) -> Excerpt:
    """The excerpt with the joint statement that a claim tells of, whose row stands further down
    than the page goes, so that a cell of it can be opened."""
    actors, first = version.claim.actors, version.claim.actors[0]
    voices = tuple(sorted({actor.key for actor in actors}))
    row = Critic(
        actor=f"{JOINT_ROW}{version.happening}",
        kind=first.kind,
        name=first.name or first.key,
        code=first.code,
        targets=0,
        voices=voices,
        signatories=max(version.facts.signatories or 0, len(voices)),
    )
    matrix = msgspec.structs.replace(excerpt.matrix, critics=(*excerpt.matrix.critics, row))
    return msgspec.structs.replace(excerpt, matrix=matrix)


def voices_of(found: CriticismMatrix, critic: str) -> tuple[str, ...]:
    """The voices named by a joint statement that has a row of its own; none for other rows."""
    return next((c.voices for c in found.critics if c.actor == critic), ())


def choice_of(ask: MatrixAsk) -> Choice:
    """The critics and the governments that the page shows."""
    return Choice(
        rank=partial(_rank, ask=ask),
        columns=lambda targets: frozenset(t.government for t in _targets(targets, ask)),
        rows_max=CRITICS_MAX,
    )


def file_choice_of(ask: MatrixAsk) -> Choice:
    """The critics and the governments of the file: all that the page is narrowed to, as far as the
    file has room for them."""
    return Choice(
        rank=partial(_rank, ask=ask),
        columns=lambda targets: frozenset(
            t.government for t in targets if ask.government in ("", t.government)
        ),
        rows_max=ROWS_MAX,
    )


def targets_of(found: CriticismMatrix, ask: MatrixAsk) -> tuple[str, ...]:
    """The governments that have a column."""
    return tuple(target.government for target in _targets(found.targets, ask))


def _circle_words(name: str) -> str:
    """An alliance or a region in words."""
    return CIRCLES.get(name, name)


def silence_sheet(found: Excerpt, ask: MatrixAsk, frame: Frame) -> Sheet:
    """Of whom nothing is on record, as a file: one row per government criticised and government
    asked about, of the governments that the page shows."""
    rows: list[tuple[SheetCell, ...]] = [
        (t.government, t.name, t.asked, " ".join(t.shared), code, GOVERNMENTS[code])
        for t in _targets(found.matrix.targets, ask)
        for code in t.silent or ()
    ]
    columns = ("target", "target_name", "asked", "shared", "silent", "silent_name")
    return Sheet(name="silence", columns=columns, rows=rows, about=frame.question)


def matrix_sheet(found: Excerpt, ask: MatrixAsk, frame: Frame) -> Sheet:
    """The cells as a file, of critics and governments that the page is narrowed to, whether it has
    room for them or not: up to `ROWS_MAX`."""
    matrix = found.matrix
    to = {cell.critic for cell in matrix.cells}
    critics = {
        c.actor: c for c in file_choice_of(ask).rows(c for c in matrix.critics if c.actor in to)
    }
    order = {actor: place for place, actor in enumerate(critics)}
    rows: list[tuple[SheetCell, ...]] = [
        (
            *(c.critic, _critic_name(critics[c.critic]), critics[c.critic].kind, c.target),
            *(c.count, c.single, c.joint, c.claims, c.latest_on, c.latest_claim, c.strongest),
        )
        for c in sorted(matrix.cells, key=lambda c: (order[c.critic], c.target))
    ]
    columns = (
        *("critic", "name", "voice", "target", "statements", "alone", "jointly", "claims"),
        *("latest_on", "latest_claim", "strongest"),
    )
    asked = [count for kind, count in found.addressed.items() if ask.voice in ("", kind)]
    return Sheet(
        name="criticism",
        columns=columns,
        rows=rows[:ROWS_MAX],
        about=(*frame.question, ("joint_statements", matrix.joint)),
        is_cut=len(rows) > ROWS_MAX or sum(asked) > len(critics),
    )


def _targets(found: Sequence[Criticised], ask: MatrixAsk) -> list[Criticised]:
    """The governments with most critics, in alphabetical order; or the one asked for."""
    if ask.government:
        return [t for t in found if t.government == ask.government]
    most = sorted(found, key=lambda t: (-t.critics, t.name))[:TARGETS_MAX]
    return sorted(most, key=lambda t: in_order(GOVERNMENTS[t.government]))


def _rank(critic: Critic, ask: MatrixAsk) -> tuple[int, int, str] | None:
    """Where a critic stands on the page: by kind, then by name, or by whom they addressed before
    that; None for a kind that is not asked about."""
    if ask.voice not in ("", critic.kind):
        return None
    addressed = critic.targets if ask.order == "count" else 0
    return tuple(VOICES).index(critic.kind), -addressed, in_order(_name(critic))


def _name(critic: Critic) -> str:
    """A state by its name in the language that is spoken, others as they are called."""
    return critic.name if critic.code is None else GOVERNMENTS.get(critic.code) or critic.name


def _column(target: Criticised, statuses: Mapping[str, ShownStatus]) -> Column:
    return Column(
        code=target.government,
        name=GOVERNMENTS[target.government],
        status=statuses.get(target.government, "not_party"),
        count=target.count,
        critics=target.critics,
        unnamed=target.unnamed,
    )


def _row(
    critic: Critic, targets: Sequence[Criticised], cells: Mapping[tuple[str, str], Cell]
) -> Row:
    return Row(
        actor=critic.actor,
        name=_critic_name(critic),
        cells=tuple(cells.get((critic.actor, t.government)) for t in targets),
        targets=critic.targets,
    )


def _critic_name(critic: Critic) -> str:
    """The name of a row. A joint statement is named after its first voice, and by that alone where
    it names only one, which then speaks for all that signed."""
    others = (critic.signatories or 1) - 1
    if len(critic.voices) < 2:
        return _name(critic)
    return many("%(name)s and %(count)s other", "%(name)s and %(count)s others",
                others, name=_name(critic))  # fmt: skip


def _silence(target: Criticised) -> Silence:
    silent = [(code, GOVERNMENTS[code]) for code in target.silent or ()]
    silent.sort(key=lambda pair: in_order(pair[1]))
    others = target.asked
    return Silence(
        code=target.government,
        name=GOVERNMENTS[target.government],
        spoke=others - len(silent),
        asked=others,
        shared=tuple(_circle_words(name) for name in target.shared),
        silent=tuple(silent[:SILENT_NAMED_MAX]),
        more=len(silent[SILENT_NAMED_MAX:]),
    )


def _opened(
    found: CriticismMatrix, critic: str, target: str, versions: Sequence[Version]
) -> OpenCell:
    names = {c.actor: _critic_name(c) for c in found.critics}
    voices = {critic, *voices_of(found, critic)}
    happening = critic.removeprefix(JOINT_ROW) if voices != {critic} else None
    telling = [
        v
        for v in versions
        if v.claim.kind in CRITICAL_KINDS
        and any(a.key in voices for a in v.claim.actors)
        and happening in (None, v.happening)
    ]
    return OpenCell(
        critic=names.get(critic, critic),
        target=GOVERNMENTS[target],
        target_code=target,
        rows=tuple(listed(v) for v in telling),
    )


def _lead(excerpt: Excerpt) -> Sentence:
    found = excerpt.matrix
    if not excerpt.cells:
        return told("No statement of criticism is on record by %(day)s.", day=found.on)
    speakers = many("%(count)s speaker", "%(count)s speakers", found.critics_total)
    governments = many("%(count)s government", "%(count)s governments", len(found.targets))
    pieces: list[str | date] = [
        *told_many(
            "By %(day)s, %(speakers)s is on record as a critic of %(governments)s.",
            "By %(day)s, %(speakers)s are on record as critics of %(governments)s.",
            found.critics_total,
            day=found.on,
            speakers=speakers,
            governments=governments,
        )
    ]
    if excerpt.objectors:
        said = many(
            "%(count)s of them lodged an objection with the depositary.",
            "%(count)s of them lodged objections with the depositary.",
            excerpt.objectors,
        )
        pieces.append(f" {said}")
    dot = _("A dot means that nothing is recorded, which is not the same as silence.")
    return (*pieces, f" {dot}")

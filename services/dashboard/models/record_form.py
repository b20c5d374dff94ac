"""Builds the page that records a claim: the fields of its kind with what was typed, what was
understood and what is wrong; pure, it neither fetches nor records."""

from collections.abc import Sequence
from typing import ClassVar, Final, get_args

import msgspec

from domain.claims import RelationKind, Status
from domain.kinds import KINDS
from domain.treaties import APMBC, TREATIES
from projections.similar import Similar
from services.dashboard.forms.fields import ClaimFields, Group, Leaf, Node, Rows, in_row
from services.dashboard.forms.reading import Reading, Typed, row_count
from services.dashboard.forms.words import GROUPS
from services.dashboard.frame import RECORD_PATH, Frame, correct_path
from services.dashboard.language import _
from services.dashboard.states import GOVERNMENTS, in_order, treaty_name
from services.dashboard.words import RELATIONS, english_words, kind_words

SOURCE_NAMES: Final = frozenset({"sources", "relates_to", "details.disputed"})
_PARTS: Final = (
    *("kind", "summary", "occurred_on", "treaty", "actors", "targets", "sources", "details"),
    *("relates_to", "visibility"),
)
"""What the form asks, from above."""
"""Lists whose rows are framed, because each holds several lines of fields."""


class FieldView(msgspec.Struct, frozen=True, kw_only=True):
    """One field as it is shown; `said` is what was understood of what was typed."""

    shape: ClassVar[str] = "leaf"

    id: str
    name: str
    label: str
    input: str
    hint: str = ""
    value: str = ""
    said: str = ""
    error: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = False
    chars_max: int | None = None


class GroupView(msgspec.Struct, frozen=True, kw_only=True):
    """Fields under one heading."""

    shape: ClassVar[str] = "group"

    id: str
    label: str
    parts: tuple["NodeView", ...]


class RowView(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a list; `number` counts from 0."""

    number: int
    parts: tuple["NodeView", ...]
    error: str = ""


class RowsView(msgspec.Struct, frozen=True, kw_only=True):
    """A list, with buttons that add and remove rows."""

    shape: ClassVar[str] = "rows"

    id: str
    name: str
    label: str
    add: str
    rows: tuple[RowView, ...]
    may_add: bool
    is_framed: bool
    error: str = ""


NodeView = FieldView | GroupView | RowsView


class Wrong(msgspec.Struct, frozen=True):
    """One fault, for the list above the form: the field's id and label, and what is wrong."""

    id: str
    label: str
    says: str


class Alike(msgspec.Struct, frozen=True, kw_only=True):
    """A claim on file that may tell of the same happening; `likeness` in per cent."""

    claim: str
    title: str
    status: Status
    occurred_on: str
    likeness: int


class DraftView(msgspec.Struct, frozen=True, kw_only=True):
    """The draft that the form was filled in from."""

    draft: str
    feed: str
    title: str
    link: str
    summary: str


class RecordPage(msgspec.Struct, frozen=True, kw_only=True):
    """What do sources say that was done, by whom, to whom, and on whose word?"""

    frame: Frame
    key: str
    """New for each form: whoever sends the same form twice records one claim."""
    kind: str = ""
    kind_says: str = ""
    kinds: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    kind_error: str = ""
    treaty: str = APMBC.code
    treaties: tuple[tuple[str, str], ...] = ()
    fields: dict[str, NodeView] = {}
    own: tuple[NodeView, ...] = ()
    shared: tuple[NodeView, ...] = ()
    opens_shared: bool = False
    opens_related: bool = False
    wrong: tuple[Wrong, ...] = ()
    astray: tuple[str, ...] = ()
    """What is wrong with the claim as a whole."""
    alike: tuple[Alike, ...] = ()
    anyway: str = ""
    """Stands for the claims that were shown to resemble it, on the button that records anyway."""
    stands: str = ""
    """The claim that this form recorded already, when it comes again with another content."""
    past: bool = False
    draft: DraftView | None = None
    action: str = RECORD_PATH
    """Where the form is sent."""


class CorrectPage(RecordPage, frozen=True, kw_only=True):
    """What of a claim was wrong, and how should it read? `seen`: the position it was read at."""

    claim: str = ""
    title: str = ""
    seen: int = 0
    reason: str = ""
    reason_error: str = ""
    refusal: str = ""


class RecordAgain(msgspec.Struct, frozen=True, kw_only=True):
    """Why the form is shown again. `is_sent`: whether it was meant to be recorded, so that what is
    missing is said too; before, only what was typed can be wrong."""

    is_sent: bool = False
    astray: Sequence[str] = ()
    alike: Sequence[Similar] = ()
    anyway: str = ""
    stands: str = ""


class CorrectAgain(RecordAgain, frozen=True, kw_only=True):
    """The same of the form that corrects, and what it held beside the claim; `refusal`: why nothing
    was corrected, as a whole."""

    reason: str = ""
    reason_error: str = ""
    refusal: str = ""


def record_page(
    frame: Frame,
    fields: ClaimFields,
    typed: Typed,
    reading: Reading,
    again: RecordAgain,
    *,
    key: str,
    draft: DraftView | None = None,
) -> RecordPage:
    """The form, with what was typed and how it was read."""
    errors = dict(reading.errors)
    if not again.is_sent:
        errors = {name: says for name, says in errors.items() if typed.get(name, "").strip()}
    kind = typed.get("kind", "")
    views = _Views(typed, reading.said, errors)
    framed = {node.name: views.node(node) for node in fields.frame}
    own = tuple(views.node(node) for node in fields.own)
    shared = tuple(views.node(node) for node in fields.shared)
    page = RecordPage(
        frame=frame,
        key=key,
        kind=kind if kind in KINDS else "",
        kind_says=_kind_says(kind),
        kinds=_kinds(),
        kind_error=errors.get("kind", ""),
        treaty=typed.get("treaty") or APMBC.code,
        treaties=tuple((code, treaty_name(code)) for code in TREATIES),
        fields=framed,
        own=own,
        shared=shared,
        opens_shared=views.is_touched("details", {node.name for node in fields.shared}),
        opens_related=any(name.startswith("relates_to.") for name in typed),
        astray=tuple(again.astray),
        alike=tuple(
            Alike(
                claim=one.claim,
                title=one.summary,
                status=one.status,
                occurred_on=one.occurred_on,
                likeness=round(one.likeness * 100),
            )
            for one in again.alike
        ),
        anyway=again.anyway,
        stands=again.stands,
        draft=draft,
    )
    wrong = sorted(views.wrong, key=_place) if again.is_sent else ()
    return msgspec.structs.replace(page, wrong=tuple(wrong))


def _place(wrong: Wrong) -> int:
    """Where on the form a field stands, from above."""
    found = (at for at, name in enumerate(_PARTS) if wrong.id.startswith(_id(name)))
    return next(found, len(_PARTS))


def correct_page(
    frame: Frame,
    fields: ClaimFields,
    typed: Typed,
    reading: Reading,
    again: CorrectAgain,
    *,
    claim: str,
    title: str,
    seen: int,
) -> CorrectPage:
    """The form of a claim that is corrected."""
    form = record_page(frame, fields, typed, reading, again, key="")
    held = {name: getattr(form, name) for name in form.__struct_fields__}
    if again.reason_error:
        held["wrong"] = (*form.wrong, Wrong("why", _("Why"), again.reason_error))
    return CorrectPage(
        **held | {"action": correct_path(claim)},
        claim=claim,
        title=title,
        seen=seen,
        reason=again.reason,
        reason_error=again.reason_error,
        refusal=again.refusal,
    )


def _kind_says(kind: str) -> str:
    """What a kind of claim is, as its class says it."""
    said = " ".join((KINDS[kind].__doc__ or "").split()) if kind in KINDS else ""
    return _(said) if said else ""


def _kinds() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """The kinds in their groups, by name."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for kind, shape in KINDS.items():
        group = shape.__module__.rpartition(".")[2]
        groups.setdefault(group, []).append((kind, kind_words(kind)))
    return tuple(
        (
            _(GROUPS.get(name) or english_words(name)),
            tuple(sorted(kinds, key=lambda pair: in_order(pair[1]))),
        )
        for name, kinds in groups.items()
    )


class _Views:
    """Turns nodes into views, and gathers what is wrong."""

    def __init__(self, typed: Typed, said: Typed, errors: Typed) -> None:
        self.typed, self.said, self.errors = typed, said, errors
        self.wrong: list[Wrong] = []
        if "kind" in errors:
            self.wrong.append(Wrong(_id("kind"), _("Kind"), errors["kind"]))

    def node(self, node: Node) -> NodeView:
        if isinstance(node, Leaf):
            return self._leaf(node)
        if isinstance(node, Group):
            return GroupView(
                id=_id(node.name),
                label=_(node.label),
                parts=tuple(self.node(part) for part in node.parts),
            )
        return self._rows(node)

    def is_touched(self, prefix: str, names: set[str]) -> bool:
        """Whether something was typed into the named fields, or is wrong with them."""
        filled = {name for name, value in self.typed.items() if value.strip()} | set(self.errors)
        return any(
            name.startswith(f"{prefix}.") and ".".join(name.split(".")[:2]) in names
            for name in filled
            if not name.endswith(".rows")
        )

    def _leaf(self, leaf: Leaf) -> FieldView:
        value = self.typed.get(leaf.name, "")
        said = self.said.get(leaf.name, "")
        error = self.errors.get(leaf.name, "")
        label = _(leaf.label)
        if error:
            self.wrong.append(Wrong(_id(leaf.name), label, error))
        choices = leaf.choices
        if leaf.name.endswith(".relation"):
            choices = tuple((k, RELATIONS["to"][k]) for k in get_args(RelationKind))
        else:
            choices = tuple((key, _(words)) for key, words in choices)
        return FieldView(
            id=_id(leaf.name),
            name=leaf.name,
            label=label,
            input=leaf.input,
            hint=_(leaf.hint) if leaf.hint else "",
            value=value,
            said="" if said.casefold() == value.strip().casefold() else said,
            error=error,
            choices=choices,
            required=leaf.required,
            chars_max=leaf.chars_max,
        )

    def _rows(self, node: Rows) -> RowsView:
        count = row_count(node, self.typed)
        rows = []
        for number in range(count):
            error = self.errors.get(f"{node.name}.{number}", "")
            parts = tuple(self.node(in_row(part, node.name, number)) for part in node.parts)
            is_plain = len(parts) == 1
            if error and not is_plain:
                self.wrong.append(Wrong(_id(parts[0].id[2:]), _(node.label), error))
            rows.append(RowView(number=number, parts=parts, error="" if is_plain else error))
        error = self.errors.get(node.name, "")
        if error:
            self.wrong.append(Wrong(_id(node.name), _(node.label), error))
        return RowsView(
            id=_id(node.name),
            name=node.name,
            label=_(node.label),
            add=_(node.add),
            rows=tuple(rows),
            may_add=count < node.rows_max,
            is_framed=node.name in SOURCE_NAMES,
            error=error,
        )


def _id(name: str) -> str:
    return f"f-{name}"


def prefilled(*, kind: str = "", government: str = "") -> dict[str, str]:
    """What the address of the form says already."""
    typed = {"kind": kind} if kind in KINDS else {}
    if government in GOVERNMENTS:
        typed["targets.0"] = GOVERNMENTS[government]
    return typed

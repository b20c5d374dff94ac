"""Who criticised whom: the matrix of critics and governments; a pure question over versions that
never weighs what a statement did."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

import msgspec

from domain.claims import Actor, ActorKind
from domain.errors import InvalidQuestion
from domain.facts import COUNTED, Facts
from domain.governments import GOVERNMENTS
from domain.numbers import CRITICAL_KINDS, criticism
from domain.weights import Row, Weights
from projections.histories import Version

Pair = tuple[str, str]
AMONG_MAX: Final = 250


class Critic(msgspec.Struct, frozen=True, kw_only=True):
    """Who criticised: `actor` is the key, `name` the name shown, `code` that of a government;
    `targets` counts the governments criticised."""

    actor: str
    kind: ActorKind
    name: str
    code: str | None
    targets: int


class Criticised(msgspec.Struct, frozen=True, kw_only=True):
    """A government that was criticised: by how many critics, in how many happenings.

    `unnamed`: happenings with more signatories than actors named, whose other voices nobody here
    knows. `silent`: governments of the list asked about that no critical claim names as a critic of
    this one; None where no list was given.
    """

    government: str
    name: str
    critics: int
    count: int
    unnamed: int
    silent: tuple[str, ...] | None


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """What one critic said of one government.

    `count`: happenings, each `joint` (several voices) or `single`; `claims`: the claims that tell
    of them. `latest_on` and `latest_claim`: the last one. `strongest`: the instrument of most
    weight, by its name in the table of pressure.
    """

    critic: str
    target: str
    count: int
    joint: int
    single: int
    claims: int
    latest_on: str
    latest_claim: str
    strongest: str


class CriticismMatrix(msgspec.Struct, frozen=True, kw_only=True):
    """The matrix on the day `on`, as known at `known_at`; `among` is the list that silence was
    asked of. Critics and targets are sorted by key and code, cells by critic, then target."""

    on: date
    known_at: str
    methods: tuple[str, ...]
    among: tuple[str, ...] | None
    critics: tuple[Critic, ...]
    targets: tuple[Criticised, ...]
    cells: tuple[Cell, ...]


class _Said(msgspec.Struct, frozen=True):
    """One critical claim."""

    version: Version
    facts: Facts
    row: Row
    actors: dict[str, Actor]

    @property
    def is_joint(self) -> bool:
        """Whether several speak; a person beside an institution speaks for it."""
        institutions = [key for key, a in self.actors.items() if a.kind != "individual"]
        return max(self.facts.signatories or 0, len(institutions or self.actors)) > 1

    @property
    def is_unnamed(self) -> bool:
        """Whether more signed than are named."""
        return (self.facts.signatories or 0) > len(self.actors)


def criticism_matrix(
    versions: Iterable[Version],
    *,
    on: date,
    known_at: str,
    weights: Weights,
    among: Sequence[str] | None = None,
) -> CriticismMatrix:
    """Who criticised whom up to the day `on`, over the counted claims that are instruments of
    pressure, whatever their grade.

    `among`: codes of governments, such as those of an alliance; silence is reported of them.
    """
    listed = None if among is None else tuple(sorted(set(among)))
    cells: dict[Pair, list[_Said]] = {}
    by_target: dict[str, list[_Said]] = {}
    actors: dict[str, Actor] = {}
    for said in _critical(versions, on, weights):
        actors |= said.actors
        for target in said.facts.targets:
            by_target.setdefault(target, []).append(said)
            for key in said.actors:
                cells.setdefault((key, target), []).append(said)
    spoke = Counter(critic for critic, _ in cells)
    heard = Counter(target for _, target in cells)
    return CriticismMatrix(
        on=on,
        known_at=known_at,
        methods=(weights.method("pressure"),),
        among=listed,
        critics=tuple(_critic(key, actors[key], spoke[key]) for key in sorted(spoke)),
        targets=tuple(
            _criticised(code, by_target[code], heard[code], _silent(code, cells, listed))
            for code in sorted(by_target)
        ),
        cells=tuple(_cell(pair, cells[pair]) for pair in sorted(cells)),
    )


def read_among(text: str | None) -> tuple[str, ...] | None:
    """The governments in a text such as `EST,LVA`; None for None, InvalidQuestion for codes that
    are none."""
    if text is None:
        return None
    codes = tuple(code.strip() for code in text.split(",") if code.strip())[: AMONG_MAX + 1]
    unknown = [code for code in codes if code not in GOVERNMENTS]
    if unknown or not codes or len(codes) > AMONG_MAX:
        detail = f"write up to {AMONG_MAX} ISO 3166-1 alpha-3 codes, parted by commas"
        raise InvalidQuestion(parameter="among", value=text[:80], detail=detail)
    return codes


def _critical(versions: Iterable[Version], on: date, weights: Weights) -> Iterable[_Said]:
    for version in versions:
        if version.status not in COUNTED or version.claim.kind not in CRITICAL_KINDS:
            continue
        facts = version.facts
        row = criticism(facts, weights) if facts.day <= on else None
        if row is not None:
            yield _Said(version, facts, row, {a.key: a for a in version.claim.actors})


def _critic(key: str, actor: Actor, targets: int) -> Critic:
    return Critic(
        actor=key,
        kind=actor.kind,
        name=GOVERNMENTS[actor.code] if actor.code is not None else actor.name or key,
        code=actor.code,
        targets=targets,
    )


def _criticised(
    code: str, said: Sequence[_Said], critics: int, silent: tuple[str, ...] | None
) -> Criticised:
    return Criticised(
        government=code,
        name=GOVERNMENTS[code],
        critics=critics,
        count=len({s.facts.happening for s in said}),
        unnamed=len({s.facts.happening for s in said if s.is_unnamed}),
        silent=silent,
    )


def _silent(
    code: str, cells: Mapping[Pair, object], among: Sequence[str] | None
) -> tuple[str, ...] | None:
    if among is None:
        return None
    return tuple(ally for ally in among if ally != code and (f"state:{ally}", code) not in cells)


def _cell(pair: Pair, said: Sequence[_Said]) -> Cell:
    happenings = {s.facts.happening for s in said}
    joint = {s.facts.happening for s in said if s.is_joint}
    last = max(said, key=lambda s: s.facts.order)
    return Cell(
        critic=pair[0],
        target=pair[1],
        count=len(happenings),
        joint=len(joint),
        single=len(happenings) - len(joint),
        claims=len(said),
        latest_on=last.facts.occurred_on,
        latest_claim=last.facts.claim,
        strongest=max(said, key=lambda s: s.row.weight).row.name,
    )

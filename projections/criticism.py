"""Who criticised whom: the matrix of critics and governments; a pure question over versions that
never weighs what a statement did."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

import msgspec

from domain.alliances import Alliances
from domain.claims import Actor, ActorKind
from domain.errors import InvalidQuestion
from domain.facts import COUNTED, Facts
from domain.governments import GOVERNMENTS
from domain.numbers import CRITICAL_KINDS, criticism
from domain.weights import Row, Weights
from projections.histories import Version

Pair = tuple[str, str]
AMONG_MAX: Final = 250
ALLIES: Final = "allies"
"""What stands, among those whose silence is asked about, for the allies of each government."""
NO_ALLIANCES: Final = Alliances()


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
    this one, of `asked` governments; None where no list was given. `shared`: the alliances it
    stands in that day, whose members `silent` tells of where allies were asked about; else empty.
    """

    government: str
    name: str
    critics: int
    count: int
    unnamed: int
    silent: tuple[str, ...] | None
    asked: int
    shared: tuple[str, ...] = ()


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
    asked of, `alliances` those it was asked of by name. Critics and targets are sorted by key and
    code, cells by critic, then target."""

    on: date
    known_at: str
    methods: tuple[str, ...]
    among: tuple[str, ...] | None
    alliances: tuple[str, ...]
    critics: tuple[Critic, ...]
    targets: tuple[Criticised, ...]
    cells: tuple[Cell, ...]


class Among(msgspec.Struct, frozen=True, kw_only=True):
    """Of whom silence is told: governments and alliances that were named, and, with `allies`, the
    allies of each government that was criticised."""

    codes: tuple[str, ...] = ()
    alliances: tuple[str, ...] = ()
    allies: bool = False


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
    among: Among | None = None,
    alliances: Alliances = NO_ALLIANCES,
) -> CriticismMatrix:
    """Who criticised whom up to the day `on`, over the counted claims that are instruments of
    pressure, whatever their grade.

    `among`: silence is reported of these; who stands in which of the `alliances` is as of `on`.
    """
    listed = None if among is None else _listed(among, alliances, on)
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

    def criticised(code: str) -> Criticised:
        shared = alliances.of(code, on) if among is not None and among.allies else ()
        asked = None
        if listed is not None:
            allies = alliances.allies(code, on) if shared else ()
            asked = tuple(sorted({*listed, *allies} - {code}))
        found = _criticised(code, by_target[code], heard[code], asked, set(cells))
        return msgspec.structs.replace(found, shared=shared)

    return CriticismMatrix(
        on=on,
        known_at=known_at,
        methods=(weights.method("pressure"),),
        among=listed,
        alliances=() if among is None else among.alliances,
        critics=tuple(_critic(key, actors[key], spoke[key]) for key in sorted(spoke)),
        targets=tuple(criticised(code) for code in sorted(by_target)),
        cells=tuple(_cell(pair, cells[pair]) for pair in sorted(cells)),
    )


def read_among(text: str | None, alliances: Alliances = NO_ALLIANCES) -> Among | None:
    """The governments, and names of alliances, in a text such as `EST,NATO`; `allies` in it asks
    about the allies of each government criticised. None for None, InvalidQuestion for words that
    are none of these."""
    if text is None:
        return None
    words = tuple(word.strip().upper() for word in text.split(",") if word.strip())
    words = words[: AMONG_MAX + 1]
    codes = tuple(word for word in words if word in GOVERNMENTS)
    named = tuple(word for word in words if word in alliances.names)
    allies = ALLIES.upper() in words
    if not words or len(words) > AMONG_MAX or set(words) - {*codes, *named, ALLIES.upper()}:
        known = ", ".join((*alliances.names, ALLIES))
        detail = f"write up to {AMONG_MAX} ISO 3166-1 alpha-3 codes or of {known}, parted by commas"
        raise InvalidQuestion(parameter="among", value=text[:80], detail=detail)
    return Among(codes=codes, alliances=tuple(dict.fromkeys(named)), allies=allies)


def _listed(among: Among, alliances: Alliances, on: date) -> tuple[str, ...]:
    """The governments that were named, one by one or as an alliance."""
    members = (code for name in among.alliances for code in alliances.members(name, on))
    return tuple(sorted({*among.codes, *members}))


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
    code: str, said: Sequence[_Said], critics: int, asked: tuple[str, ...] | None, spoke: set[Pair]
) -> Criticised:
    """`asked`: of whom silence is told, itself left out; `spoke`: every critic with its target."""
    silent = None
    if asked is not None:
        silent = tuple(ally for ally in asked if (f"state:{ally}", code) not in spoke)
    return Criticised(
        government=code,
        name=GOVERNMENTS[code],
        critics=critics,
        count=len({s.facts.happening for s in said}),
        unnamed=len({s.facts.happening for s in said if s.is_unnamed}),
        silent=silent,
        asked=len(asked or ()),
    )


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

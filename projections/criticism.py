"""Who criticised whom: the matrix of critics and governments; a pure question over versions that
never weighs what a statement did."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from operator import itemgetter
from typing import Any, Final, Literal, get_args

import msgspec

from domain.circles import NO_CIRCLES, Circles
from domain.claims import Actor, ActorKind
from domain.errors import InvalidQuestion
from domain.facts import COUNTED, Facts
from domain.governments import GOVERNMENTS
from domain.numbers import CRITICAL_KINDS, criticism
from domain.weights import Row, Weights
from projections.histories import Version
from projections.paging import Place
from projections.silence import Among, asked_of, listed, speakers_among

Pair = tuple[str, str]
Joint = Literal["each", "one", "only", "off"]
"""How joint statements are told: in the row of each voice named, in one row of their own, alone
without what was said by one, or not at all."""
JOINTS: Final[tuple[Joint, ...]] = get_args(Joint)


class Critic(msgspec.Struct, frozen=True, kw_only=True):
    """Who criticised: `actor` is the key, `name` the name shown, `code` that of a government;
    `targets` counts the governments criticised.

    A joint statement in one row is named after its first voice; `voices` are the keys of those
    that it names, and `signatories` how many signed, named or not. Both are empty for others.
    """

    actor: str
    kind: ActorKind
    name: str
    code: str | None
    targets: int
    voices: tuple[str, ...] = ()
    signatories: int | None = None


class Criticised(msgspec.Struct, frozen=True, kw_only=True):
    """A government that was criticised: by how many critics, in how many happenings.

    `unnamed`: happenings with more signatories than actors named, whose other voices nobody here
    knows. `silent`: governments of the list asked about that no critical claim names as a critic of
    this one, of `asked` governments; None where no list was given. `shared`: the alliances it
    stands in that day and the region it lies in, whose governments `silent` tells of where these
    were asked about; else empty. A voice of a joint statement has spoken, however it is told.
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
    asked of, `alliances` and `regions` those it was asked of by name; `joint` is how joint
    statements are told.

    `critics`: a page of them with their `cells`, of `critics_total`: by key, then joint statements
    that have a row of their own in order of happening. Targets are all there are, by code; what
    is counted of them is of all critics. Cells are by critic, then target.
    """

    on: date
    known_at: str
    methods: tuple[str, ...]
    among: tuple[str, ...] | None
    alliances: tuple[str, ...]
    regions: tuple[str, ...]
    joint: Joint
    critics: tuple[Critic, ...]
    critics_total: int
    targets: tuple[Criticised, ...]
    cells: tuple[Cell, ...]


class Excerpt(msgspec.Struct, frozen=True):
    """What a page shows of a matrix: the cells that were chosen alone, with every target, and every
    critic but for joint statements in a row of their own, of which those that were chosen.

    `cells`: how many the whole has; `objectors`: the states that object with the depositary;
    `addressing`: of the critics here those of the government that was asked about, or of any,
    `addressed`: how many of each kind there are of those in all; `kinds`: those of all critics.
    """

    matrix: CriticismMatrix
    cells: int
    objectors: int
    addressing: frozenset[str]
    addressed: dict[ActorKind, int]
    kinds: frozenset[ActorKind]


class Choice(msgspec.Struct, frozen=True):
    """Whose cells are shown: of critics the first `rows_max`, or all, by `rank`, equals in the
    order in which they come, those left out for which it is None; of targets those that `columns`
    names.

    A joint statement that has a row of its own is ranked by its first voice and the number of its
    targets alone.
    """

    rank: Callable[[Critic], Any]
    columns: Callable[[Sequence[Criticised]], frozenset[str]]
    rows_max: int | None

    def rows(self, critics: Iterable[Critic]) -> list[Critic]:
        """The critics that are shown, in the order of the page."""
        ranked = [(rank, one) for one in critics if (rank := self.rank(one)) is not None]
        return [one for _, one in sorted(ranked, key=itemgetter(0))][: self.rows_max]


class Said(msgspec.Struct, frozen=True):
    """One critical claim: the instrument it is, how strong that is, and who speaks, by key."""

    facts: Facts
    row: Row
    strength: tuple[float, int]
    actors: dict[str, Actor]

    @property
    def is_joint(self) -> bool:
        """Whether several speak; a person beside an institution speaks for it."""
        institutions = [key for key, a in self.actors.items() if a.kind != "individual"]
        return max(self.facts.signatories or 0, len(institutions or self.actors)) > 1

    @property
    def targets(self) -> tuple[str, ...]:
        """The governments it criticises."""
        return self.facts.targets

    @property
    def first(self) -> Actor:
        """The voice it begins with."""
        return next(iter(self.actors.values()))

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
    circles: Circles = NO_CIRCLES,
    joint: Joint = "each",
    after: Place | None = None,
    rows_max: int | None = None,
) -> CriticismMatrix:
    """Who criticised whom up to the day `on`, over the counted claims that are instruments of
    pressure, whatever their grade.

    `among`: silence is reported of these; who stands in which alliance of the `circles` is as of
    `on`. `joint`: how happenings in which several speak are told. `after` and `rows_max`: the page
    of critics, all of them unless given.
    """
    said = list(critical(versions, on, weights))
    how: dict[str, Any] = {"among": among, "circles": circles, "joint": joint}
    how |= {"after": after, "rows_max": rows_max}
    return matrix_of(said, on=on, known_at=known_at, weights=weights, **how)[0]


def matrix_of(
    everything: Sequence[Said],
    *,
    on: date,
    known_at: str,
    weights: Weights,
    among: Among | None,
    circles: Circles,
    joint: Joint,
    after: Place | None = None,
    rows_max: int | None = None,
) -> tuple[CriticismMatrix, Place | None]:
    """The same of what was said by then, in the order of recording; and after which critic the next
    page begins."""
    spoke_at_all = {(key, to) for said in everything for key in said.actors for to in said.targets}
    together = {said.facts.happening for said in everything if said.is_joint}
    cells: dict[Pair, list[Said]] = {}
    by_target: dict[str, list[Said]] = {}
    rows: dict[str, list[Said]] = {}
    for said in everything:
        keys = rows_of(said, joint, together)
        for key in keys:
            rows.setdefault(key, []).append(said)
        for target in said.targets if keys else ():
            by_target.setdefault(target, []).append(said)
            for key in keys:
                cells.setdefault((key, target), []).append(said)
    spoke = Counter(critic for critic, _ in cells)
    heard = Counter(target for _, target in cells)
    places = {key: place_among(key, rows[key]) for key in spoke}
    order = sorted(spoke, key=places.__getitem__)
    left = [key for key in order if after is None or places[key] > after]
    shown = left[:rows_max]
    rank = {key: number for number, key in enumerate(shown)}
    among = speakers_among(among, (_first(key, rows[key]).code for key in spoke))
    names = None if among is None else listed(among, circles, on)

    def criticised(code: str) -> Criticised:
        shared, asked = asked_of(code, names, among, circles, on)
        found = _criticised(code, by_target[code], heard[code], asked, spoke_at_all)
        return msgspec.structs.replace(found, shared=shared)

    pairs = sorted((rank[key], to) for key, to in cells if key in rank)
    return CriticismMatrix(
        on=on,
        known_at=known_at,
        methods=(weights.method("pressure"),),
        among=names,
        alliances=() if among is None else among.alliances,
        regions=() if among is None else among.regions,
        joint=joint,
        critics=tuple(critic_of(key, rows[key], spoke[key]) for key in shown),
        critics_total=len(spoke),
        targets=tuple(criticised(code) for code in sorted(by_target)),
        cells=tuple(cell_of((shown[n], to), cells[shown[n], to], together) for n, to in pairs),
    ), places[shown[-1]] if len(left) > len(shown) else None


def excerpt_of(found: CriticismMatrix, government: str, choice: Choice) -> Excerpt:
    """What a page shows of a matrix: what is chosen of the critics that address a government, or
    anybody where the code is empty, and of the targets."""
    addressing = frozenset(
        cell.critic for cell in found.cells if not government or cell.target == government
    )
    rows = {c.actor for c in choice.rows(c for c in found.critics if c.actor in addressing)}
    columns = choice.columns(found.targets)
    # Only states object with the depositary; an organ named beside its state is no further one.
    states = {critic.actor for critic in found.critics if critic.code is not None}
    objecting = {cell.critic for cell in found.cells if cell.strongest == "objection"}
    critics = tuple(c for c in found.critics if c.signatories is None or c.actor in rows)
    matrix = msgspec.structs.replace(
        found,
        critics=critics,
        cells=tuple(c for c in found.cells if c.critic in rows and c.target in columns),
    )
    return Excerpt(
        matrix,
        cells=len(found.cells),
        objectors=len(objecting & states),
        addressing=addressing & {critic.actor for critic in critics},
        addressed=dict(Counter(c.kind for c in found.critics if c.actor in addressing)),
        kinds=frozenset(critic.kind for critic in found.critics),
    )


def read_joint(text: str | None) -> Joint:
    """How joint statements are to be told, `each` for None; InvalidQuestion for another word."""
    for known in JOINTS:
        if text in (None, known):
            return known
    detail = f"use one of {', '.join(JOINTS)}"
    raise InvalidQuestion(parameter="joint", value=(text or "")[:80], detail=detail)


def rows_of(said: Said, joint: Joint, together: set[str]) -> tuple[str, ...]:
    """The rows that a claim is told in; none where it is left out, or names nobody who spoke."""
    if not said.actors:
        return ()
    is_together = said.facts.happening in together
    if joint == "each" or is_together == (joint == "only"):
        return tuple(said.actors)
    return (f"joint:{said.facts.happening}",) if joint == "one" else ()


def critical(versions: Iterable[Version], on: date, weights: Weights) -> Iterable[Said]:
    """What some claims say by a day that is an instrument of pressure."""
    strengths = weights.strengths()
    for version in versions:
        if version.status not in COUNTED or version.claim.kind not in CRITICAL_KINDS:
            continue
        facts = version.facts
        row = criticism(facts, weights) if facts.day <= on and facts.targets else None
        if row is not None:
            actors = {a.key: a for a in version.claim.actors}
            yield Said(facts, row, strengths[row.name], actors)


def _is_joint_row(key: str, said: Sequence[Said]) -> bool:
    """Whether a row is that of a joint statement, and not of somebody who speaks in it."""
    return key not in said[0].actors


def place_among(key: str, said: Sequence[Said]) -> Place:
    """Where a row stands among all: by key, joint statements after all others in order of
    happening."""
    if not _is_joint_row(key, said):
        return Place(date.min, (key,))
    day, position = min(one.facts.order for one in said)
    return Place(day, (recorded_name(position),))


def recorded_name(position: int) -> str:
    """A position as a name that is sorted as positions are."""
    return f"{position:019d}"


def _first(key: str, said: Sequence[Said]) -> Actor:
    """Whose row it is: the actor as the last claim names it; of a joint statement the first voice
    of its first claim."""
    if _is_joint_row(key, said):
        return min(said, key=lambda s: s.facts.order).first
    return said[-1].actors[key]


def critic_of(key: str, said: Sequence[Said], targets: int) -> Critic:
    """The row of a critic, from all that is told in it."""
    actor, is_joint = _first(key, said), _is_joint_row(key, said)
    actors = {k for one in said for k in one.actors}
    signed = max((one.facts.signatories or 0 for one in said), default=0)
    return Critic(
        voices=tuple(sorted(actors)) if is_joint else (),
        signatories=max(signed, len(actors)) if is_joint else None,
        actor=key,
        kind=actor.kind,
        name=GOVERNMENTS[actor.code] if actor.code is not None else actor.name or key,
        code=actor.code,
        targets=targets,
    )


def _criticised(
    code: str, said: Sequence[Said], critics: int, asked: tuple[str, ...] | None, spoke: set[Pair]
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


def cell_of(pair: Pair, said: Sequence[Said], together: set[str]) -> Cell:
    """The cell of a pair, from all that is told in it; `together`: the joint happenings."""
    happenings = {s.facts.happening for s in said}
    joint = happenings & together
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
        strongest=max(said, key=lambda s: s.strength).row.name,
    )

"""Other claims that a claim has to do with, as its own page tells of them; pure, it neither fetches
nor asks."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from domain.sameness import Pair, chain, joined
from projections.histories import Version
from services.dashboard.language import _
from services.dashboard.models.shapes import ClaimStatus


class Tie(msgspec.Struct, frozen=True, kw_only=True):
    """Another claim that this one has to do with; `title` is empty where it is not on file,
    `author` where nobody is named who says that the two have to do with each other. `how`: of a
    claim that is the same through others alone, through which, and what separates the two; of one
    that was declared the same, through which it stays so once the two are separated."""

    claim: str
    title: str
    word: str
    author: str = ""
    status: ClaimStatus | None = None
    occurred_on: str = ""
    how: str = ""
    is_declared: bool = False


def tie_of(
    claim: str,
    others: Mapping[str, Version],
    word: str,
    *,
    author: str = "",
    how: str = "",
    is_declared: bool = False,
) -> Tie:
    """The tie to a claim, of which `others` has the version that is believed, if any."""
    tie = Tie(claim=claim, title="", word=word, author=author, how=how, is_declared=is_declared)
    if (version := others.get(claim)) is None:
        return tie
    title, day = version.claim.summary, version.claim.occurred_on
    return msgspec.structs.replace(tie, title=title, status=version.status, occurred_on=day)


def same_ties(claim: str, direct: Collection[str], others: Mapping[str, Version]) -> list[Tie]:
    """The claims that tell of the same happening: those declared the same as this one, then those
    that are so through others, as far as `others` has the claims between."""
    believed = {name: version.same for name, version in others.items()} | {claim: tuple(direct)}
    links = {name: [one for one in same if one in believed] for name, same in believed.items()}
    ties = []
    for one in direct:
        further = {**links, claim: [other for other in direct if other != one]}
        further[one] = [other for other in links.get(one, ()) if other != claim]
        how = _stays(chain(further, claim, one))
        ties.append(tie_of(one, others, _("the same happening"), how=how, is_declared=True))
    word = _("the same happening, through others")
    for one in sorted(links.keys() - set(direct) - {claim}):
        if chain(links, claim, one):
            ties.append(tie_of(one, others, word, how=_how(links, claim, one)))
    return ties


def _stays(way: Sequence[Pair]) -> str:
    if not way:
        return _("Both count by themselves again.")
    claims = ", ".join(between for _before, between in way[:-1])
    return _("They stay the same through others (%(claims)s).", claims=claims)


def _how(links: Mapping[str, Sequence[str]], claim: str, other: str) -> str:
    found = joined(links, claim, other)
    assert found is not None
    through = [between for _before, between in found.way[:-1]]
    pairs = [_("%(one)s from %(other)s", one=one, other=two) for one, two in found.parted]
    return _(
        "They are joined through others alone (%(claims)s). To part them, separate %(pairs)s.",
        claims=", ".join(through),
        pairs=(_(" and ") if found.is_all else _(" or ")).join(pairs),
    )

"""The steps of leaving as the stepper shows them: what is recorded, expected, disputed or
missing; pure."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from domain.claims import Claim
from domain.details import Vote, Votes
from domain.facts import COUNTED
from domain.standing import STAGES, Standing, is_vote_to_leave
from domain.treaties import Treaty
from projections.histories import Version
from services.dashboard.formats import date_text, names_text
from services.dashboard.language import _, many
from services.dashboard.models.shapes import Misfit, Stage, StageState
from services.dashboard.words import STAGE_TITLES

MISFITS_MAX: Final = 3
"""How many claims that do not fit a standing are named beside it."""
_DOMESTIC: Final = ("parliament_vote", "assent")
"""Steps that every withdrawal of 2025 took: their absence is said, never left blank."""


def stages_of(
    treaty: Treaty, standing: Standing, versions: Sequence[Version], on: date
) -> tuple[Stage, ...]:
    """The steps recorded up to `on` in order, one per kind of step, votes one per chamber, and the
    one expected next."""
    recorded = [
        v
        for v in versions
        if v.claim.kind in STAGES and v.claim.treaty == treaty.code and v.status in COUNTED
        if v.claim.kind != "parliament_vote" or is_vote_to_leave(v.facts)
    ]
    if not recorded:
        return ()
    recorded.sort(key=lambda v: (v.claim.date.representative_day, v.recorded_position))
    steps: dict[tuple[str, str], list[Version]] = {}
    chambers = {chamber for v in recorded if (chamber := _chamber(v))}
    for version in recorded:
        # A vote that names no chamber is that of the only one named.
        chamber = _chamber(version) or (next(iter(chambers)) if len(chambers) == 1 else "")
        is_vote = isinstance(version.claim.details, Vote)
        step = STAGES[version.claim.kind], chamber if is_vote else ""
        steps.setdefault(step, []).append(version)
    by_stage = {stage for stage, _of in steps}
    stages = [(stage, _stage(stage, found)) for (stage, _of), found in steps.items()]
    if standing.received_on is not None and any(stage not in by_stage for stage in _DOMESTIC):
        stages += [(stage, _missing(stage)) for stage in _DOMESTIC if stage not in by_stage]
        # A step without a date has no place in time, so all stand in the order of the procedure.
        stages.sort(key=lambda pair: list(STAGE_TITLES).index(pair[0]))
    if standing.leaves_on is not None and "in_effect" not in by_stage:
        stages.append(("in_effect", _expected(treaty, standing, on)))
    return tuple(stage for _key, stage in stages)


def misfits_of(standing: Standing, versions: Sequence[Version]) -> tuple[Misfit, ...]:
    """The first claims that do not fit a standing, each with the reason and its article."""
    by_claim = {version.claim.id: version.claim for version in versions}
    return tuple(
        Misfit(claim=name, title=by_claim[name].summary, why=_why(by_claim[name].kind))
        for name in standing.surprises[:MISFITS_MAX]
        if name in by_claim
    )


def _why(kind: str) -> str:
    if kind == "withdrawal_reversed":
        return _(
            "The withdrawal had taken effect, and can be revoked only before that (Vienna"
            " Convention on the Law of Treaties, Art. 68); no new joining is on record."
        )
    if kind == "state_joined":
        return _("It was bound already.")
    return _("No joining is on record before it.")


def _chamber(version: Version) -> str:
    details = version.claim.details
    return details.chamber or "" if isinstance(details, Vote) else ""


def _missing(stage: str) -> Stage:
    return Stage(
        title=STAGE_TITLES[stage],
        state="missing",
        when=None,
        summary=_("Not recorded"),
        sources=_("No source on file"),
    )


def _stage(stage: str, versions: Sequence[Version]) -> Stage:
    best = max(versions, key=lambda v: (v.status == "accepted", len(v.claim.sources)))
    claim = best.claim
    is_disputed = best.status == "contested" or bool(claim.details.disputed)
    state: StageState = "disputed" if is_disputed else "done"
    named = [s for s in claim.sources if s.publisher]
    source = named[0].publisher or "" if named else _("No source on file")
    if named and named[0].published_on:
        source += f", {date_text(named[0].published_on)}"
    return Stage(
        title=_title(stage, claim.details.chamber if isinstance(claim.details, Vote) else None),
        state=state,
        when=claim.occurred_on,
        summary=_said(claim),
        sources=source,
        claim=claim.id,
    )


def _title(stage: str, chamber: str | None) -> str:
    if stage == "parliament_vote" and chamber:
        return _("%(chamber)s vote", chamber=chamber)
    return STAGE_TITLES[stage]


def _said(claim: Claim) -> str:
    """The tally of a vote, else who acted by name, else that the record can be opened."""
    if isinstance(claim.details, Vote) and claim.details.votes is not None:
        return _tally(claim.details.votes)
    names = [actor.name for actor in claim.actors if actor.name]
    return names_text(names, 2) if names else _("Open the record")


def _tally(votes: Votes) -> str:
    tally = {"pro": votes.votes_for, "contra": votes.against}
    if not votes.abstain:
        return _("%(pro)s to %(contra)s", **tally)
    return many(
        "%(pro)s to %(contra)s, %(count)s abstaining",
        "%(pro)s to %(contra)s, %(count)s abstaining",
        votes.abstain,
        **tally,
    )


def _expected(treaty: Treaty, standing: Standing, on: date) -> Stage:
    has_passed = standing.leaves_on is not None and standing.leaves_on <= on
    mark = "~" if standing.about else ""
    return Stage(
        title=_("Took effect") if has_passed else _("Takes effect"),
        state="expected",
        when=f"{standing.leaves_on}{mark}" if standing.leaves_on else None,
        summary=_(
            "Computed: receipt plus six months, %(article)s", article=treaty.withdrawal_article
        ),
        sources=_("No source confirms it yet") if has_passed else _("Expected"),
    )

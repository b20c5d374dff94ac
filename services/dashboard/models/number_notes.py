"""What stands beside the numbers of a government: how many claims enter each; pure, and it never
computes a number."""

from projections.portraits import Read
from services.dashboard.charts.figures import Measure as MeasureName
from services.dashboard.language import _, many


def number_note(name: MeasureName, read: Read) -> str:
    """What enters Erosion or Pressure."""
    if name == "pressure":
        if not read.weighing:
            return _("No counted statement on file. Recorded criticism, not effect.")
        return many(
            "%(count)s counted statement. Recorded criticism, not effect.",
            "%(count)s counted statements. Recorded criticism, not effect.",
            read.weighing,
        )
    acts = read.terms
    if read.floor:
        floor = f"{read.floor:.0f}"
        if not acts:
            return _("Legal stage %(points)s, plus no recorded act on mines.", points=floor)
        return many(
            "Legal stage %(points)s, plus %(count)s recorded act on mines.",
            "Legal stage %(points)s, plus %(count)s recorded acts on mines.",
            acts,
            points=floor,
        )
    if not acts:
        return _("No recorded act on mines, no step of leaving.")
    return many(
        "%(count)s recorded act on mines, no step of leaving.",
        "%(count)s recorded acts on mines, no step of leaving.",
        acts,
    )


def backing_note(read: Read) -> str:
    """Backing, and what enters it."""
    if not read.terms:
        return _("none recorded.")
    return many(
        "%(score)s (%(low)s to %(high)s), from %(count)s statement in support of leaving or of the"
        " weapon.",
        "%(score)s (%(low)s to %(high)s), from %(count)s statements in support of leaving or of the"
        " weapon.",
        read.terms,
        score=f"{read.figure.score:.0f}",
        low=f"{read.figure.low:.0f}",
        high=f"{read.figure.high:.0f}",
    )

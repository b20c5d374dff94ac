"""Says why a claim stands where it stands in the queue: what a decision about it would narrow; it
never orders anything."""

from collections.abc import Mapping
from typing import Final

from projections.worklists import Queued
from services.dashboard.charts.series import MEASURE_NAMES
from services.dashboard.formats import score_text
from services.dashboard.language import _, decimal_text, many
from services.dashboard.states import GOVERNMENTS

WHOLE_POINTS_MIN: Final = 1.0
"""From so many points on whole widths tell the difference; below it one decimal does."""


def usefulness(queued: Queued) -> str:
    """One sentence: how many intervals a decision could narrow, and the one it narrows most."""
    if not queued.intervals:
        return _("No decision about it narrows a published interval.")
    first = queued.intervals[0]
    width = first.now.high - first.now.low
    least = width - first.points
    exact = first.points < WHOLE_POINTS_MIN
    values: Mapping[str, str] = {
        "measure": MEASURE_NAMES[first.measure],
        "name": GOVERNMENTS.get(first.government, first.name),
        "was": _points(width, exact=exact),
        "becomes": _points(least, exact=exact),
    }
    if len(queued.intervals) == 1:
        return _(
            "Could narrow %(measure)s of %(name)s from %(was)s to %(becomes)s points wide.",
            **values,
        )
    return many(
        "Could narrow %(count)s interval, %(measure)s of %(name)s from %(was)s to %(becomes)s"
        " points wide.",
        "Could narrow %(count)s intervals, %(measure)s of %(name)s from %(was)s to %(becomes)s"
        " points wide.",
        len(queued.intervals),
        **values,
    )


def _points(width: float, *, exact: bool) -> str:
    return decimal_text(width, 1) if exact else score_text(width)

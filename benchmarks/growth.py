"""Draws how figures change as the log grows, all on one plot; it never measures."""

from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.rows import Row

FILE: Final = Path(__file__).with_name("growth.svg")
WORDS: Final = "Speed at growing numbers of stored events, beside the speed at the first"
SLOWER_MAX: Final = 1.5
"""By how much nothing may slow down from the first point to the last."""


def draw(points: list[Row]) -> None:
    """Write the plot of rows that are points of curves."""
    # The same figures give the same bytes.
    with mpl.rc_context({"svg.hashsalt": "growth", "font.family": "sans-serif"}):
        figure = Figure(figsize=(8, 4.5), layout="constrained")
        axes = figure.subplots()
        for curve in dict.fromkeys(point.curve for point in points):
            mine = [point for point in points if point.curve == curve]
            axes.plot(
                [point.events for point in mine],
                [point.ratio or 1.0 for point in mine],
                marker="o",
                label=curve,
            )
        axes.axhline(1 / SLOWER_MAX, linestyle=":", color="black", label="the least we promise")
        axes.set_xscale("log")
        axes.set_ylim(bottom=0)
        axes.set_xlabel("stored events")
        axes.set_ylabel("speed, the first being 1")
        axes.legend()
        figure.savefig(FILE, format="svg", metadata={"Date": None})

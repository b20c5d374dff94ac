"""The worked example of docs/method.md, recomputed from the law and the shipped weights."""

import re
from fractions import Fraction
from pathlib import Path

import pytest

from domain.numbers import pressure
from tests.domain.made import WEIGHTS, day, fact

PAGE = (Path(__file__).parents[2] / "docs" / "method.md").read_text(encoding="utf-8")


def test_the_worked_example_is_what_the_law_gives() -> None:
    """Every factor of its table, the sum, the score and the points of each claim."""
    facts = (
        fact("objection_lodged", "2025-09-01", by="NOR"),
        fact("statement_of_criticism", "2025-07-02", by="NOR", strength="regret"),
        fact("statement_of_criticism", "2025-08-31", by="NOR", strength="regret"),
    )
    found = pressure(facts, "FIN", day("2025-09-30"), WEIGHTS)
    terms = {term.claim: term for term in found.terms}
    rows = re.findall(r"^\| Norway [^|]*\| (\w+) \|(.*)\|$", PAGE, re.MULTILINE)
    assert len(rows) == len(facts)
    for one, (instrument, cells) in zip(facts, rows, strict=True):
        term = terms[one.claim]
        told = [float(Fraction(cell.strip())) for cell in cells.split("|")]
        assert term.instrument == instrument
        factors = [term.w, term.half_life_days, term.a, term.s, term.nu, term.n, term.age_days]
        assert told[:-1] == factors
        assert told[-1] == pytest.approx(term.c, abs=5e-5)
    total = sum(term.c for term in found.terms)
    points = [terms[one.claim].points for one in facts]
    assert f"`S = {total:.4f}`" in PAGE
    assert f"= {found.score:.2f}`" in PAGE
    told_points = re.search(r"stands for ([\d.]+) .* for ([\d.]+), the second for ([\d.]+)", PAGE)
    assert told_points is not None
    assert [float(text.rstrip(".")) for text in told_points.groups()] == pytest.approx(
        points, abs=0.005
    )

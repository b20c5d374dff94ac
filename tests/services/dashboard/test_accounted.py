"""The page that opens a number reads the same whether few claims may enter it, and the readable law
is asked of them, or many, and columns are; so do its files, and those of a government's records."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest

from benchmarks.histories import events as generated
from domain.events import encode
from projections.accounts import ORDERS
from projections.dossier import MEASURES
from services.dashboard.models import explain
from services.dashboard.screens import numbers
from services.wiring import AppendRequest
from tests.projections.columnar.opened.test_outlining import plain
from tests.services.running import WORKSPACE, Running, running

EVENTS = 900
CODES = ("KIR", "FRA")
CLOCKS = f"on=2023-12-31&known_at=seq:{EVENTS - 1}"
CHANGES = re.compile(r'<section class="sec" aria-labelledby="change-h">.*?</section>', re.DOTALL)
OWN = "w_statement=1.5&a_ngo=0.25"


@pytest.fixture(scope="module")
def site(module_dsn: str) -> Iterator[Running]:
    """A server that keeps no page, with a made history."""
    with running(module_dsn, pages_bytes_max="0") as found:
        made = tuple(encode(one.event) for one in generated(5, EVENTS))
        request = AppendRequest(events=made, recorded_by="made")
        found.call(found.house.appender.append(WORKSPACE, request))
        found.caught_up()
        yield found


@pytest.fixture(scope="module")
def reader(site: Running) -> Iterator[httpx.Client]:
    """Somebody who reads."""
    with site.client("viewer") as client:
        yield client


def page(reader: httpx.Client, path: str) -> str:
    """A page as it is sent, without what would change the number."""
    answer = reader.get(path, headers={"accept-encoding": "identity"})
    assert answer.status_code == 200
    return CHANGES.sub("", answer.text)


def rows(reader: httpx.Client, path: str) -> Any:
    """A file as plain values, its numbers to 1e-9."""
    answer = reader.get(f"{path}&format=json")
    assert answer.status_code == 200
    return plain(msgspec.json.decode(answer.content))


@pytest.mark.parametrize("measure", list(MEASURES))
@pytest.mark.parametrize("code", CODES)
def test_a_number_of_many_claims_opens_as_one_of_few(
    reader: httpx.Client, monkeypatch: pytest.MonkeyPatch, code: str, measure: str
) -> None:
    """In every order, with lists that are cut and with weights of one's own, to the letter; only
    what would change the number is told of few claims alone. The file has the same terms."""
    monkeypatch.setattr(explain, "TERMS_MAX", 7)
    monkeypatch.setattr(explain, "EXCLUDED_MAX", 3)
    monkeypatch.setattr(numbers, "TERMS_MAX", 7)
    monkeypatch.setattr(numbers, "EXCLUDED_MAX", 3)
    paths = [f"/governments/{code}/{measure}?{CLOCKS}&order={order}" for order in ORDERS]
    if measure == "pressure":
        paths.append(f"{paths[0]}&{OWN}")
    few = [(page(reader, path), rows(reader, path)) for path in paths]
    monkeypatch.setattr(numbers, "FACTS_MAX", 0)
    many = [(page(reader, path), rows(reader, path)) for path in paths]
    for one, other in zip(few, many, strict=True):
        assert one == other
    assert len(few[0][1]["rows"]) > 10 or measure != "pressure"


def test_records_are_told_with_the_points_of_their_terms(reader: httpx.Client) -> None:
    """The file of a government's records says of each what the explanation says it adds."""
    for code in CODES:
        records = rows(reader, f"/governments/{code}?{CLOCKS}")["rows"]
        told = reader.get(f"/api/v1/governments/{code}/pressure?{CLOCKS}").json()
        points = {term["claim"]: plain(term["points"]) for term in told["terms"] if term["points"]}
        found = {r["claim"]: r["pressure_points"] for r in records if r["pressure_points"]}
        assert found == points
        assert len(points) > 5

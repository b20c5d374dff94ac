"""What does not fit the shape of a claim is named, all of it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.claims import read_submission
from domain.errors import InvalidClaim
from domain.kinds import DETAILS_OF

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("as_text", [False, True])
def test_every_part_that_does_not_fit_is_named(as_text: bool) -> None:
    """Whatever part does not fit, each fault of each part is named, so that one look at the answer
    mends the claim; of parts that fit, what a rule says against them too."""
    plain = {
        "treaty": "NPT",
        "occurred_on": "2025-13",
        "summary": "",
        "kind": "open_letter",
        "actors": [{"kind": "ngo", "name": "A"}, {"kind": "alien", "name": "B", "planet": 4}],
        "targets": ["FIN", 5],
        "details": {"stance": "bad", "signatories": 0, "odd": 1},
        "sources": [{"reliability": "Z"}, {"credibility": 9}],
        "od/d": 1,
    }
    sent: Any = json.dumps(plain).encode() if as_text else plain
    with pytest.raises(InvalidClaim) as refused:
        read_submission(sent, details_of=DETAILS_OF, now=NOW, new_id="new")
    assert {error.pointer for error in refused.value.errors} == {
        "/treaty", "/occurred_on", "/summary", "/actors/1/kind", "/actors/1/planet", "/targets/1",
        "/details/stance", "/details/signatories", "/details/odd", "/sources/0/reliability",
        "/sources/1/credibility", "/od~1d",
    }  # fmt: skip
    with pytest.raises(InvalidClaim) as refused:
        read_submission(b"{}" if as_text else {}, details_of=DETAILS_OF, now=NOW, new_id="new")
    missing = {"/kind", "/treaty", "/occurred_on", "/summary"}
    assert {error.pointer for error in refused.value.errors} == missing

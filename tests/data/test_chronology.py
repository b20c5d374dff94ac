"""The shipped chronology: every line is a valid claim, and together they say what the status table
says.
"""

import json
import re
from collections import Counter
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest

from domain.claims import Submission, read_submission
from domain.clocks import KnownAt
from domain.dates import partial_date
from domain.facts import Facts, facts_of
from domain.governments import GOVERNMENTS
from domain.kinds import DETAILS_OF
from domain.known import known_since_by_sources
from domain.numbers import backing, erosion, pressure
from domain.standing import Standing, standing_on
from domain.treaties import APMBC, CCM, Treaty
from domain.weights import read_weights
from infra import shipped
from projections.histories import believed, fold_all
from tests import status_table
from tests.histories import Log

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LINES = shipped.chronology_path().read_text(encoding="utf-8").splitlines()
RAW: dict[str, dict[str, Any]] = {line["id"]: line for line in map(json.loads, LINES)}


def submission(line: str) -> Submission:
    return read_submission(
        line.encode(),
        details_of=DETAILS_OF,
        now=NOW,
        new_id="made",
        backfill=True,
        restate=True,
    )


SUBMISSIONS = {read.claim.id: read for read in map(submission, LINES)}


def grouped_facts() -> list[Facts]:
    """The facts of the accepted and otherwise judged claims, as an import leaves them."""
    earliest = {read.claim.id: read.same_as[0] for read in SUBMISSIONS.values() if read.same_as}
    return [
        facts_of(
            read.claim,
            position=position,
            status=read.status or "accepted",
            happening=earliest.get(read.claim.id, read.claim.id),
        )
        for position, read in enumerate(SUBMISSIONS.values(), 1)
    ]


FACTS = grouped_facts()
WEIGHTS = read_weights(shipped.weights())


def standing(government: str, on: str, treaty: Treaty = APMBC) -> Standing:
    return standing_on(treaty, government, FACTS, date.fromisoformat(on))


@cache
def known_by(moment: datetime) -> list[Facts]:
    """The facts known at a moment of the past, as an import of the file brings them in."""
    log = Log()
    for read in SUBMISSIONS.values():
        desk = log.desk()
        desk.record(read, accepted=True, now=NOW, backfilled=True)
        log.keep(desk, at=NOW, by="import")
    return [v.facts for v in believed(fold_all(log.events), KnownAt(moment=moment))]


def test_the_file_holds_what_its_readme_counts() -> None:
    """484 claims: 175 of the chronology, 309 made from the status table."""
    made = [i for i in RAW if re.fullmatch(r"[a-z]{3}-apmbc-[a-z-]+", i)]
    endings = Counter(i.split("-apmbc-")[1] for i in made)
    assert endings == {
        "signed": 133,
        "joined": 166,
        "withdrawal-deposited": 5,
        "withdrawal-effective": 5,
    }
    assert (len(LINES), len(RAW) - len(made)) == (484, 175)


def test_no_id_is_used_twice() -> None:
    """Every line has its own id."""
    assert len(RAW) == len(LINES)


def test_the_lines_are_in_order() -> None:
    """The lines are ordered by first day, then by id."""
    keys = [(read.claim.date.first_day, read.claim.id) for read in SUBMISSIONS.values()]
    assert keys == sorted(keys)


def test_every_reference_leads_to_a_claim_of_the_file() -> None:
    """Relations and sameness name claims of the file; sameness names an earlier line."""
    places = {claim: number for number, claim in enumerate(RAW)}
    for claim, read in SUBMISSIONS.items():
        for relation in read.claim.relates_to:
            assert relation.claim in places, (claim, relation)
            assert relation.claim != claim
        for other in read.same_as:
            assert places[other] < places[claim], (claim, other)
            assert SUBMISSIONS[other].claim.kind == read.claim.kind
            assert SUBMISSIONS[other].claim.targets == read.claim.targets


def test_every_claim_has_a_graded_source_and_is_public() -> None:
    """Each claim names who published it, each source is graded, and nothing is internal."""
    for read in SUBMISSIONS.values():
        assert read.claim.sources, read.claim.id
        assert read.claim.visibility == "public"
        for source in read.claim.sources:
            given = (source.title, source.publisher, source.reliability, source.credibility)
            assert all(given), read.claim.id


def test_every_verdict_has_its_reason() -> None:
    """A contested, refuted or superseded claim says why, in one sentence; the others are
    accepted."""
    judged = {c: read for c, read in SUBMISSIONS.items() if read.status is not None}
    counted = Counter(read.status for read in judged.values())
    assert counted == {"contested": 8, "refuted": 5, "superseded": 1}
    for claim, read in SUBMISSIONS.items():
        if claim in judged:
            reason = read.status_reason or ""
            assert reason.endswith("."), claim
            assert reason.count(". ") == reason.count("Art. ")
        else:
            assert read.status_reason is None


def test_refuted_claims_have_no_credible_source() -> None:
    """What is shown to be false is graded improbable."""
    for read in SUBMISSIONS.values():
        if read.status == "refuted":
            assert {source.credibility for source in read.claim.sources} == {5}


def test_nothing_is_known_before_it_happened() -> None:
    """By its sources or by its own word, no claim is known before its first day; only a message
    written for a day was out a week before it."""
    early = {
        claim
        for claim, read in SUBMISSIONS.items()
        if (read.known_since or known_since_by_sources(read.claim, NOW)).date()
        < read.claim.date.first_day
    }
    assert early == {"unsg-2025-04-04-message"}


def test_a_disputed_day_is_an_interval_that_holds_every_value() -> None:
    """Where sources differ on the day, the date of the claim spans what they say, unless one of
    them plainly errs."""
    for read in SUBMISSIONS.values():
        for disputed in read.claim.details.disputed:
            if disputed.field != "occurred_on" or read.claim.id == "1999-entry-into-force":
                continue
            first, last = sorted(str(value) for value in disputed.values)
            assert read.claim.occurred_on == f"{first}/{last}"


def test_unknown_quantities_are_left_out() -> None:
    """No quantity is null, and none is 0 but where a count of 0 was reported."""
    zeros: list[str] = []

    def look(value: object, path: str) -> None:
        assert value is not None, path
        if isinstance(value, dict):
            for key, inner in value.items():
                look(inner, f"{path}/{key}")
        elif isinstance(value, list):
            for inner in value:
                look(inner, path)
        elif value == 0 and not isinstance(value, bool):
            zeros.append(path)

    for claim, line in RAW.items():
        look(line, claim)
    assert all(re.search(r"/votes/(against|abstain)$", path) for path in zeros)


def test_nothing_says_how_the_file_was_made() -> None:
    """No text of the shipped files speaks of tools, scrapes, recollections or other working
    papers."""
    words = re.compile(r"\b(seed|find_string|from memory|own memory|scrapes?|session)\b", re.I)
    for claim, line in RAW.items():
        spoken = re.sub(r'"(url|id|claim)": "[^"]*"', "", json.dumps(line, ensure_ascii=False))
        assert not words.search(spoken), claim
    for row in shipped.status_rows():
        assert not words.search(re.sub(r"https?://\S+", "", " ".join(row.values())))


def test_who_was_only_called_upon_is_no_target() -> None:
    """Governments that were asked to act, or might receive, are not counted as criticised or
    acting."""
    assert RAW["tha-2025-08-13-japan-support"]["targets"] == ["KHM"]
    assert RAW["mcphedran-2025-07"]["targets"] == ["UKR"]
    for claim, government in (
        ("fin-2025-production-plan", "FIN"),
        ("ltu-2025-production-plan", "LTU"),
        ("pol-2025-12-production-decision", "POL"),
    ):
        assert RAW[claim]["targets"] == [government]


def test_every_vote_to_leave_is_carried_and_weakens() -> None:
    """A parliament's vote in the file weakens the norm and was carried, so that it moves the
    stage."""
    votes = [fact for fact in FACTS if fact.kind == "parliament_vote"]
    assert len(votes) == 9
    assert all(fact.stance == "weakens" and fact.carried for fact in votes)


@pytest.mark.parametrize("row", shipped.status_rows(), ids=lambda row: row["iso_alpha3"])
def test_the_claims_say_of_each_state_what_the_table_says(row: dict[str, str]) -> None:
    """Folded from the claims, the steps of each state are those of its row, without surprise."""
    after = standing(row["iso_alpha3"], "2026-11-01")

    def told(day: date | None) -> str:
        return day.isoformat() if day else ""

    assert told(after.signed_on) == row["signed"]
    assert told(after.deposited_on) == row["deposited"]
    assert told(after.in_force_on) == row["entry_into_force"]
    assert told(after.received_on) == row["withdrawal_deposited"]
    assert told(after.leaves_on) == row["withdrawal_effective"]
    assert after.surprises == ()


@pytest.mark.parametrize("on", status_table.telling_days(), ids=date.isoformat)
def test_the_claims_count_as_the_table_counts(on: date) -> None:
    """Deposits and entries into force counted from the claims equal those of the table alone."""
    standings = [standing_on(APMBC, code, FACTS, on) for code in GOVERNMENTS]
    staying = [s for s in standings if s.status in ("acceding", "party", "leaving")]
    in_force = [s for s in staying if s.in_force_on is not None and s.in_force_on <= on]
    assert (len(staying), len(in_force)) == status_table.counts(on)


def test_the_five_exits() -> None:
    """The five are leaving from deposit, and former parties from the confirmed day of effect."""
    for row in shipped.status_rows():
        if not row["withdrawal_effective"]:
            continue
        effect = date.fromisoformat(row["withdrawal_effective"])
        before = standing_on(APMBC, row["iso_alpha3"], FACTS, effect - date.resolution)
        after = standing_on(APMBC, row["iso_alpha3"], FACTS, effect)
        assert (before.status, before.expected_on, before.confirmed) == ("leaving", effect, False)
        assert (after.status, after.since, after.confirmed) == ("former_party", effect, True)


def test_ukraine_stays_a_party_with_a_disputed_claim() -> None:
    """The claimed suspension changes nothing in law and is disputed by the six who object."""
    ukraine = standing("UKR", "2026-02-20")
    assert (ukraine.status, ukraine.claimed) == ("party", "suspended")
    assert ukraine.disputed_by == ("AUT", "BEL", "CHE", "COL", "NOR", "NZL")
    assert standing("UKR", "2025-07-16").claimed is None


def test_the_cluster_munition_treaty_is_told_where_it_bears_on_2025() -> None:
    """Lithuania left the CCM on 6 March 2025, Vanuatu is bound by it from 1 March 2026."""
    assert standing("LTU", "2025-03-05", CCM).status == "leaving"
    assert standing("LTU", "2025-03-06", CCM).status == "former_party"
    assert standing("VUT", "2026-02-28", CCM).status == "acceding"
    assert standing("VUT", "2026-03-01", CCM).since == date(2026, 3, 1)


def test_the_numbers_of_poland_before_its_exit() -> None:
    """On 19 February 2026 Poland's erosion and pressure rest on the claims they should."""
    on = date(2026, 2, 19)
    eroded = erosion(FACTS, "POL", on, WEIGHTS)
    assert (eroded.floor, eroded.floor_claim) == (50.0, "pol-2025-withdrawal-deposited")
    assert {term.claim for term in eroded.terms} == {
        "pol-2025-03-kk-production",
        "belma-2025-capacity",
        "pol-2025-12-production-decision",
        "pol-2026-02-19-tusk-48h",
    }
    pressed = pressure(FACTS, "POL", on, WEIGHTS)
    heard = {term.claim: term for term in pressed.terms}
    assert heard["22msp-2025-regret-withdrawals"].n == 93
    assert heard["22msp-2025-regret-withdrawals"].instrument == "forum_statement"
    assert heard["rus-2025-zakharova-criticises"].c == 0.0
    assert "misreport-2025-06-pol-3-years" not in heard
    assert backing(FACTS, "POL", on, WEIGHTS).score == 0.0


def test_one_package_told_twice_counts_once() -> None:
    """The package of 2 December 2024 enters the erosion of its supplier once."""
    terms = erosion(FACTS, "USA", date(2025, 1, 1), WEIGHTS).terms
    told = {"usa-2024-12-02-package-725m", "usa-2024-transfer-tranche-2"}
    assert len(told & {term.claim for term in terms}) == 1


def test_what_supports_leaving_is_backing_and_never_pressure() -> None:
    """Those who speak for leaving or against limits count as backing, their critics as pressure."""
    for government, on, claim in (
        ("FIN", date(2024, 12, 31), "fin-2024-12-06-initiative"),
        ("USA", date(2022, 12, 31), "usa-2022-congress-gop-letter"),
        ("EST", date(2024, 12, 31), "est-2024-11-polluaas-oped"),
    ):
        assert claim in {t.claim for t in backing(FACTS, government, on, WEIGHTS).terms}
        assert claim not in {t.claim for t in pressure(FACTS, government, on, WEIGHTS).terms}


def test_every_date_in_the_details_lies_in_the_calendar() -> None:
    """Deposit, effective and entry days of legal claims are whole days."""
    for line in RAW.values():
        for field in ("deposit_date", "effective_date", "entry_into_force"):
            if field in line["details"]:
                assert partial_date(line["details"][field]).is_day, line["id"]


@pytest.mark.parametrize("code", ["EST", "LTU", "LVA"])
def test_the_baltic_exits_are_expected_until_they_are_known(code: str) -> None:
    """On 26 December 2025 the three are leaving, on the 27th they have left; asked of the 27th with
    what was known in the autumn, the exit is one that was expected and not confirmed."""
    last, first = date(2025, 12, 26), date(2025, 12, 27)
    before, after = standing_on(APMBC, code, FACTS, last), standing_on(APMBC, code, FACTS, first)
    assert (before.status, before.expected_on) == ("leaving", first)
    assert (after.status, after.confirmed) == ("former_party", True)
    known = known_by(datetime(2025, 10, 1, tzinfo=UTC))
    expected = standing_on(APMBC, code, known, last)
    assert (expected.status, expected.expected_on, expected.confirmed) == ("leaving", first, False)
    passed = standing_on(APMBC, code, known, first)
    assert (passed.status, passed.since, passed.confirmed) == ("former_party", first, False)


def test_a_misreported_exit_moves_nothing() -> None:
    """Lithuania did not leave on the day of a vote, nor Ukraine in June: both are refuted, and no
    standing follows from them."""
    refuted = {f.claim: f.status for f in FACTS}
    for claim in ("ltu-2025-exit-date-misreport", "misreport-2025-12-ukr-withdrew"):
        assert refuted[claim] == "refuted"
    without = [f for f in FACTS if f.status != "refuted"]
    for code in ("LTU", "UKR"):
        for on in ("2025-05-09", "2025-12-02", "2025-12-27"):
            day = date.fromisoformat(on)
            assert standing_on(APMBC, code, FACTS, day) == standing_on(APMBC, code, without, day)
    assert standing("LTU", "2025-05-09").status == "party"


def test_montenegro_succeeded() -> None:
    """The stored entry into force wins over the computed one: a succession is not counted in
    months."""
    montenegro = standing("MNE", "2025-01-01")
    assert (montenegro.status, montenegro.since) == ("party", date(2007, 4, 1))
    assert montenegro.deposited_on == date(2006, 10, 23)

"""The Government page of Poland on the eve of its exit, and of governments with less on file.

Events and dates are of the record; grades, scores and review states are illustrative.
"""

import math
from datetime import date, timedelta

import msgspec

from domain.dates import partial_date
from services.dashboard.charts.figures import (
    DayMark,
    Interval,
    Lane,
    LaneKey,
    Mark,
    Measure,
    Series,
    SeriesPoint,
    Timeline,
)
from services.dashboard.clocks import ClockReading
from services.dashboard.formats import date_text
from services.dashboard.models.shapes import (
    ClaimStatus,
    Countdown,
    Evidence,
    GovernmentPage,
    LogLine,
    Number,
    Record,
    RecordFilter,
    Source,
    Stage,
    TreatyStanding,
)
from services.dashboard.sentences import StandingFacts, standing_sentence
from tests.services.dashboard.samples import EVE, NOW, frame

DEPOSIT = "pol-2025-withdrawal-deposited"
RECORDS: tuple[tuple[str, str, LaneKey, str, str, float | None], ...] = (
    *(
        ("amnesty-2026-poland", "2026-02", "criticism", title, "Pollar News", 3.0)
        for title in ("Amnesty International: harm without a real defence gain",)
    ),
    (
        *("pol-2026-02-caliber-misreport", "2026-02-19", "legal"),
        *("Poland begins the procedure to leave", "Caliber.Az", None),
    ),
    (
        *("pol-2026-02-19-tusk-48h", "2026-02-19", "mines"),
        *("Tusk: the border can be mined within 48 hours", "Reuters via The Star", None),
    ),
    (
        *("pol-2025-12-production-decision", "2025-12-17", "mines"),
        *("Deputy minister confirms production for East Shield", "Devdiscourse (Reuters)", None),
    ),
    (
        *("belma-2025-capacity", "2025-12-17", "mines"),
        *("Belma states capacity of up to 1.2 million a year, all types", "RCO News", None),
    ),
    (
        *("22msp-2025-regret-withdrawals", "2025-12-05", "criticism"),
        *("93 states parties aligned in regretting the five exits", "Anadolu Agency", 29.9),
    ),
    (
        *("npa-2025-universalization-statement", "2025-12-02", "criticism"),
        *("NPA: returning to the weapon is not the answer", "Norwegian People's Aid", 2.6),
    ),
    (
        *("nakamitsu-2025-12-02", "2025-12-02", "criticism"),
        *("UN disarmament chief: fear does not justify weakening the treaty", "Anadolu", 5.9),
    ),
    (
        *("unsg-2025-message-22msp", "2025-12-01", "criticism"),
        *("UN Secretary-General deeply concerned, message to the 22MSP", "UN News", 5.9),
    ),
    (
        *("icrc-2025-carbonnier-22msp", "2025-12-01", "criticism"),
        *("ICRC vice-president asks the 22MSP to defend the norm", "ICRC and 1 more", 6.4),
    ),
    (
        *(DEPOSIT, "2025-08-20", "legal"),
        *("Instrument of withdrawal received by the depositary", "Human Rights Watch", None),
    ),
    (
        *("axworthy-2025-07-ctv", "2025-07", "criticism"),
        *("Lloyd Axworthy: others may follow", "CTV News via Daily8", 0.2),
    ),
    (
        *("pol-2025-president-assent", "2025-07-24", "legal"),
        *("President signs the act", "TASS, 16 Jan 2026 and 2 more", None),
    ),
    (
        *("pol-2025-pgz-ready", "2025-07-09", "mines"),
        *("State group PGZ said to be ready to make mines in the millions", "Pravda EN", None),
    ),
    (
        *("ohchr-2025-turk", "2025-07-02", "criticism"),
        *("UN human rights chief gravely alarmed by six states", "OHCHR via Scoop", 1.1),
    ),
    (
        *("can-2025-07-02-gac", "2025-07-02", "other"),
        *("Canada: difficult decisions, treaty support a priority", "National Observer", None),
    ),
    (
        *("hrw-2025-07-01-five-withdraw", "2025-07-01", "criticism"),
        *("Human Rights Watch: five exits endanger civilians", "HRW via tolerance.ca", 0.3),
    ),
    (
        *("rus-2025-zakharova-criticises", "2025-06", "criticism"),
        *("Russia calls the reassessment perplexing", "Pravda network (Poland)", None),
    ),
    (
        *("icrc-ifrc-2025-06-joint", "2025-06", "criticism"),
        *("ICRC and IFRC joint statement at the intersessionals", "Gaya One", 6.5),
    ),
    (
        *("icrc-2025-spoljaric-intersessionals", "2025-06~", "criticism"),
        *("ICRC president warns that the consensus is fracturing", "LiCAS News", 3.2),
    ),
    (
        *("misreport-2025-06-pol-3-years", "2025-06-26", "legal"),
        *("A three-year notice period applies", "lareport.news", None),
    ),
    (
        *("pol-2025-sejm-vote", "2025-06-25/2025-06-26", "legal"),
        *("Sejm adopts the act, 413 to 15, 3 abstaining", "TASS and 2 more", None),
    ),
    (
        *("nobel-2025-joint-statement", "2025-06-17", "criticism"),
        *("100 Nobel laureates ask five states to reconsider", "The Baltic Times", 2.4),
    ),
    (
        *("unsg-2025-06-statement", "2025-06-16", "criticism"),
        *("UN Secretary-General gravely concerned by five plans", "UN Press", 1.0),
    ),
    (
        *("wemove-2025-05-petition", "2025-05", "criticism"),
        *("WeMove Europe opens a petition to five governments", "WeMove Europe", 0.3),
    ),
    (
        *("eu-2025-04-takes-note", "2025-04", "other"),
        *("European Commission takes note of the five plans", "trendsnnews.com", None),
    ),
    (
        *("pol-2025-03-kk-production", "2025-03-20", "mines"),
        *("Defence minister plans to resume production", "Devdiscourse", None),
    ),
    (
        *("ltu-lva-est-pol-2025-mod-recommendation", "2025-03-18", "legal"),
        *("Four defence ministers jointly recommend leaving", "Politico via DNYUZ", None),
    ),
    (
        *("hi-2025-03-18", "2025-03-18", "criticism"),
        *("Humanity & Inclusion condemns the recommendation", "HI Canada", 0.2),
    ),
    (
        *("pol-2025-03-07-tusk", "2025-03-07", "legal"),
        *("Tusk tells parliament he will recommend leaving", "The Brussels Times", None),
    ),
)
REFUTED = frozenset({"pol-2026-02-caliber-misreport", "misreport-2025-06-pol-3-years"})
STATES: dict[str, tuple[ClaimStatus, bool, str]] = {
    "pol-2025-sejm-vote": ("accepted", True, "Day disputed"),
    "rus-2025-zakharova-criticises": ("accepted", False, "Grade D, not counted"),
    "amnesty-2026-poland": ("pending", True, ""),
    "pol-2026-02-caliber-misreport": ("refuted", False, ""),
    "misreport-2025-06-pol-3-years": ("refuted", False, ""),
}


def poland(reading: ClockReading = NOW, *, opened: bool = True) -> GovernmentPage:
    """Everything a Government page can show; with one claim opened unless told otherwise."""
    pairs = (("event", DEPOSIT),) if opened else ()
    return GovernmentPage(
        frame=frame("Poland", "/governments/POL", reading=reading, pairs=pairs, concerns=("POL",)),
        code="POL",
        name="Poland",
        standings=(_leaving(), _never_joined()),
        countdown=Countdown("Takes effect, expected", date(2025, 8, 20), date(2026, 2, 20), EVE),
        numbers=(
            Number(
                measure="erosion",
                now=_now(_series("erosion", 420.0), 9),
                series=_series("erosion", 420.0),
                note="Legal stage 45 (deposited), plus five recorded acts on mines.",
            ),
            Number(
                measure="pressure",
                now=_now(_series("pressure", 90.0), 16),
                series=_series("pressure", 90.0),
                note="16 counted statements. Recorded criticism, not effect.",
            ),
        ),
        backing="none recorded.",
        timeline=timeline(chosen=DEPOSIT if opened else None),
        records=tuple(record(row) for row in RECORDS),
        filter=RecordFilter(shown=len(RECORDS), total=len(RECORDS)),
        evidence=evidence() if opened else None,
    )


def uncollected() -> GovernmentPage:
    """A government of which nothing was recorded."""
    return msgspec.structs.replace(tonga(), filter=RecordFilter(shown=0, total=0))


def tonga() -> GovernmentPage:
    """A government with its joining and nothing else on file, narrowed by a mistyped filter."""
    facts = StandingFacts(
        status="party",
        instrument="accession",
        deposited_on=date(2025, 6, 24),
        in_force_on=date(2025, 12, 1),
    )
    return GovernmentPage(
        frame=frame("Tonga", "/governments/TON", concerns=("TON",)),
        code="TON",
        name="Tonga",
        standings=(
            TreatyStanding(
                treaty="APMBC",
                treaty_name="Mine Ban Treaty",
                status="party",
                sentence=standing_sentence(facts),
            ),
        ),
        countdown=None,
        numbers=tuple(
            Number(measure=measure, now=Interval(0, 0, 0), series=None, note="No act on file.")
            for measure in MEASURES
        ),
        backing="none recorded.",
        timeline=Timeline(date(2025, 1, 1), EVE, EVE, _lanes(None)[3:], earlier=1),
        records=(),
        filter=RecordFilter(
            from_typed="31 Feb 2025", from_error="31 Feb 2025 does not exist.", shown=0, total=2
        ),
    )


MEASURES: tuple[Measure, ...] = ("erosion", "pressure")


def record(row: tuple[str, str, LaneKey, str, str, float | None]) -> Record:
    """One row of the list of records."""
    claim, when, lane, title, sources, points = row
    status, counted, note = STATES.get(claim, ("accepted", True, ""))
    return Record(
        claim=claim,
        occurred_on=when,
        lane=lane,
        title=title,
        sources=sources,
        status=status,
        counted=counted,
        note=note,
        points=points,
    )


def timeline(chosen: str | None = None) -> Timeline:
    """The records as marks, and the exit that is expected."""
    return Timeline(date(2025, 1, 1), date(2026, 3, 15), EVE, _lanes(chosen), earlier=1)


def _lanes(chosen: str | None) -> tuple[Lane, ...]:
    expected = Mark(
        day=date(2026, 2, 20),
        first_day=date(2026, 2, 20),
        last_day=date(2026, 2, 20),
        when="20 Feb 2026",
        title="withdrawal takes effect",
        href="#legal-APMBC",
        state="expected",
        note="expected",
    )
    named: tuple[tuple[LaneKey, str, str], ...] = (
        ("legal", "Legal steps", "own acts"),
        ("mines", "Mines", "make, buy, lay"),
        ("criticism", "Criticism", "recorded against it"),
        ("other", "Other", "neutral or backing"),
    )
    return tuple(
        Lane(
            key,
            label,
            sub,
            tuple(mark(row, chosen) for row in RECORDS if row[2] == key)
            + ((expected,) if key == "legal" else ()),
        )
        for key, label, sub in named
    )


def mark(row: tuple[str, str, LaneKey, str, str, float | None], chosen: str | None) -> Mark:
    """One record as a mark of the timeline."""
    claim, when, _, title, _, _ = row
    found = partial_date(when)
    _, counted, note = STATES.get(claim, ("accepted", True, ""))
    state = "refuted" if claim in REFUTED else "counted" if counted else "not_counted"
    return Mark(
        day=found.representative_day,
        first_day=found.first_day,
        last_day=found.last_day,
        when=date_text(when),
        title=title,
        href=f"#e-{claim}",
        state=state,  # type: ignore[arg-type]  # one of three words, each rendered in a test
        note=note or ("refuted" if claim in REFUTED else ""),
        chosen=claim == chosen,
    )


def _series(measure: Measure, half_life_days: float) -> Series:
    """Acts of four days, each fading by half in `half_life_days`, as score, low and high."""
    acts = ((75, 20, 4), (150, 30, 10), (231, 42, 18), (340, 38, 16))
    points = []
    for days in sorted(
        {*range(0, 415, 9), 414, *(at - 1 for at, *_ in acts), *(a[0] for a in acts)}
    ):
        sums = [0.0, 0.0, 0.0]
        for at, size, spread in acts:
            fade = 2 ** (-(days - at) / half_life_days) if days >= at else 0.0
            for index, width in enumerate((size, size - spread, size + spread)):
                sums[index] += width * fade
        score, low, high = (100 * (1 - math.exp(-total / 60)) for total in sums)
        points.append(SeriesPoint(date(2025, 1, 1) + timedelta(days=days), score, low, high))
    return Series(measure, tuple(points), (DayMark(date(2025, 8, 20), "Deposited"),))


def _now(series: Series, claims: int) -> Interval:
    last = series.points[-1]
    return Interval(last.score, last.low, last.high, claims)


def _leaving() -> TreatyStanding:
    facts = StandingFacts(
        status="leaving",
        instrument="ratification",
        deposited_on=date(2012, 12, 27),
        in_force_on=date(2013, 6, 1),
        received_on=date(2025, 8, 20),
        expected_on=date(2026, 2, 20),
    )
    rows: tuple[tuple[str, str, str | None, str, str], ...] = (
        *(
            (
                "done",
                "Announced",
                "2025-03-07",
                "Prime minister, to parliament",
                "The Brussels Times",
            ),
        ),
        ("done", "Recommended", "2025-03-18", "Four defence ministers, one statement", "Politico"),
        (
            *("disputed", "Sejm vote", "2025-06-25/2025-06-26"),
            *("413 to 15, 3 abstaining. Outlets differ on the day", "TASS, 26 Jun 2025; Babel"),
        ),
        (
            *("missing", "Senate vote", None),
            *("No source on file by 19 Feb 2026", "No source"),
        ),
        ("done", "President signed", "2025-07-24", "Act of denunciation", "TASS, 16 Jan 2026"),
        (
            *("done", "Deposited", "2025-08-20"),
            *("Received by the UN Secretary-General", "Human Rights Watch, 1 Dec 2025"),
        ),
        (
            *("expected", "Takes effect", "2026-02-20"),
            *("Computed: receipt plus six months, Art. 20(3)", "Same date in TASS"),
        ),
    )
    stages = tuple(
        Stage(
            title=title,
            state=state,  # type: ignore[arg-type]  # a table of samples
            when=when,
            summary=summary,
            sources=sources,
            claim=DEPOSIT if title == "Deposited" else None,
        )
        for state, title, when, summary, sources in rows
    )
    return TreatyStanding(
        treaty="APMBC",
        treaty_name="Mine Ban Treaty",
        status="leaving",
        sentence=standing_sentence(facts),
        title="How Poland is leaving",
        stages=stages,
    )


def _never_joined() -> TreatyStanding:
    name = "Convention on Cluster Munitions"
    facts = StandingFacts(status="not_party")
    return TreatyStanding(
        treaty="CCM", treaty_name=name, status="not_party", sentence=standing_sentence(facts)
    )


def evidence() -> Evidence:
    """The deposit, opened."""
    return Evidence(
        claim=DEPOSIT,
        kind="Legal step",
        title="Poland deposited its instrument of withdrawal",
        text="The UN Secretary-General, as depositary, received Poland’s instrument of withdrawal "
        "from the Mine Ban Treaty on 20 Aug 2025. The treaty’s six months run from that day.",
        status="accepted",
        occurred_on="2025-08-20",
        published_on=date(2025, 12, 1),
        recorded_on=date(2026, 1, 9),
        known_since=date(2025, 12, 1),
        sources=(
            Source(
                publisher="Human Rights Watch",
                title="Release on Landmine Monitor 2025, read via Mirage News",
                url="https://www.miragenews.com/urgent-call-strengthen-landmine-ban-1580664",
                published_on="2025-12-01",
                reliability="A",
                credibility=2,
            ),
            Source(
                publisher="Pravda network (Poland)",
                title="A copy without a web address",
                url="javascript:alert(1)",
                published_on=None,
                reliability="D",
                credibility=5,
                language="ru",
            ),
        ),
        facts=(("Effective date", "20 Feb 2026"),),
        consequences=(
            ("Takes effect ", date(2026, 2, 20), " unless Poland is then in armed conflict."),
            ("Erosion: legal stage 45.",),
        ),
        history=(
            LogLine(date(2026, 1, 9), 188, "Brought in from the shipped chronology"),
            LogLine(date(2026, 1, 16), 402, "Corrected: TASS names the same effective date"),
        ),
    )

"""One realistic page model of each kind, on the eve of Poland's exit; no test and no store.

Events and dates are of the record; grades, scores and review states are illustrative.
"""

from datetime import UTC, date, datetime

from services.dashboard.charts.figures import BoundStep, BoundSteps, Interval
from services.dashboard.clocks import ClockReading, Clocks
from services.dashboard.frame import Frame, Link, Live, NavItem, Person, Weighing
from services.dashboard.language import _
from services.dashboard.models.governments import BY_NAME, heads_of
from services.dashboard.models.shapes import (
    Again,
    BoardRow,
    Change,
    ErrorPage,
    Fact,
    GapRow,
    GovernmentsPage,
    LegalDate,
    LoginPage,
    QuietGroup,
    StatusChoice,
    TodayPage,
    Waiting,
)
from services.dashboard.sentences import (
    StandingNote,
    nothing_headline,
    nothing_lead,
    today_headline,
    today_lead,
)
from services.dashboard.visit import NAV, is_under

EVE = date(2026, 2, 19)
NOW = ClockReading(clocks=Clocks())
PAST = ClockReading(clocks=Clocks(on=date(2025, 12, 27), known_at="2025-12-05"))
MISTYPED = ClockReading(
    clocks=Clocks(),
    on_typed="31 Feb 2025",
    known_typed="soon",
    on_error="31 Feb 2025 does not exist. Enter a real date.",
    known_error="“soon” is not a date we can read. Enter a day, month or year.",
)
UKRAINE = StandingNote("Ukraine", "suspended the treaty")


def frame(
    title: str,
    path: str,
    *,
    reading: ClockReading = NOW,
    pairs: tuple[tuple[str, str], ...] = (),
    concerns: tuple[str, ...] = (),
    faults: tuple[str, ...] = (),
    weighing: Weighing | None = None,
) -> Frame:
    """A frame with a signed-in reviewer and every page of the navigation."""
    presets = (
        ("Day before the Baltic deposits", (("on", "2025-06-26"),)),
        ("Baltic exits", (("on", "2025-12-27"),)),
        ("As known at the 22MSP", (("on", "2025-12-27"), ("known_at", "2025-12-05"))),
    )
    return Frame(
        title=title,
        path=path,
        today=EVE,
        reading=reading,
        live=Live(
            position=412,
            recorded_at=datetime(2026, 2, 19, 9, 10, tzinfo=UTC),
            concerns=concerns,
        ),
        csrf_token="token-of-the-session",
        person=Person("Mira Okafor", "reviewer", "demo"),
        nav=tuple(NavItem(_(label), to, is_under(path, to)) for label, to, _role in NAV),
        pairs=pairs,
        presets=tuple(Link(label, path, pinned + pairs, pinned=True) for label, pinned in presets),
        footer=(Link("API", "/api", pinned=True),),
        faults=faults,
        method="" if weighing is None else weighing.method,
        weighing=weighing,
    )


def bound() -> BoundSteps:
    """States bound from 2025 to the spring of 2026."""
    return BoundSteps(
        since=date(2025, 1, 1),
        until=date(2026, 4, 1),
        today=EVE,
        count=164,
        steps=(
            BoundStep(date(2025, 9, 1), 165, joined=("Marshall Islands",)),
            BoundStep(date(2025, 12, 1), 166, joined=("Tonga",)),
            BoundStep(date(2025, 12, 27), 163, left=("Estonia", "Latvia", "Lithuania")),
            BoundStep(date(2026, 1, 10), 162, left=("Finland",)),
            BoundStep(date(2026, 2, 20), 161, left=("Poland",), expected=True),
        ),
    )


def today(reading: ClockReading = NOW) -> TodayPage:
    """Today, on the eve."""
    figure = bound()
    return TodayPage(
        frame=frame("Today", "/today", reading=reading),
        on=EVE,
        headline=today_headline(figure),
        lead=today_lead(figure, (UKRAINE,)),
        bound=figure,
        facts=(
            Fact("Bound today", 162, "deposited and in force"),
            Fact("Leaving", 1, "Poland, tomorrow", "leaving"),
            Fact("Contested", 1, "Ukraine, counted as bound", "contested"),
            Fact("Left", 4, "since 27 Dec 2025", "former_party"),
            Fact("Joining", 0, "last: Tonga, 1 Dec 2025", "acceding"),
            Fact("Not party", 31, "never joined", "not_party"),
        ),
        dates=_dates(),
        waiting=_waiting(),
        waiting_count=7,
        gaps=_gaps(),
        further=3,
        little=1,
        changes=_changes(),
        changes_say="the latest 6 of 412 records and decisions",
    )


def empty_today() -> TodayPage:
    """Today in a workspace that holds nothing yet."""
    return TodayPage(
        frame=frame("Today", "/today", faults=("The board could not take in position 400.",)),
        on=EVE,
        headline=nothing_headline(EVE),
        lead=nothing_lead(EVE),
        bound=None,
        facts=(),
        dates=(),
        waiting=(),
        waiting_count=0,
        gaps=(),
        changes=(),
        changes_say="nothing on file",
    )


def _dates() -> tuple[LegalDate, ...]:
    return (
        LegalDate(
            on=date(2026, 2, 20),
            who="Poland",
            code="POL",
            what="withdrawal takes effect",
            basis="Six months after the depositary received it on 20 Aug 2025, Art. 20(3)",
            state="expected",
        ),
        LegalDate(
            on=date(2026, 2, 28),
            who="Marshall Islands",
            code="MHL",
            what="first transparency report",
            basis="180 days after entry into force on 1 Sep 2025, Art. 7",
            state="computed",
        ),
        LegalDate(
            on=date(2026, 3, 1),
            who="Vanuatu",
            code="VUT",
            what="Convention on Cluster Munitions enters into force",
            basis="Accession deposited 5 Sep 2025. Another treaty",
            state="expected",
        ),
        LegalDate(
            on=date(2026, 4, 30),
            who="All parties",
            what="yearly transparency reports",
            basis="Every 30 April, Art. 7",
            state="computed",
        ),
        LegalDate(
            on=None,
            when="After the conflict ends",
            who="Ukraine",
            code="UKR",
            what="no exit can take effect",
            basis="No instrument of withdrawal on record. Claims suspension since 18 Jul 2025; "
            "the 22MSP final report says the treaty does not allow it",
            state="disputed",
        ),
        LegalDate(
            on=date(2033, 12, 1),
            who="Ukraine",
            code="UKR",
            what="mine clearance deadline",
            basis="Extension granted in Nov 2023. No stored source yet",
            state="unverified",
        ),
    )


def _waiting() -> tuple[Waiting, ...]:
    return (
        Waiting(
            claim="22msp-2025-regret-withdrawals",
            code="POL",
            state="pending",
            title="93 states parties regret five exits",
            note="One outlet, grade B. Accepted, it moves Pressure on Poland and four others.",
        ),
        Waiting(
            claim="pol-2026-02-caliber-misreport",
            code="POL",
            state="contested",
            title="Caliber.Az: Poland “announces withdrawal”",
            note="If accepted as stated it would restart a clock that ends tomorrow.",
        ),
        Waiting(
            claim="us-2024-12-02-package",
            code=None,
            state="duplicate",
            title="US package of 2 Dec 2024, two reports",
            note="Counted once on suggestion; needs a person.",
        ),
    )


def _gap(
    code: str,
    name: str,
    status: str,
    erosion: tuple[float, float, float],
    pressure: tuple[float, float, float] | None,
    critic: tuple[str, str] | None,
    verdict: str = "none",
) -> GapRow:
    return GapRow(
        code=code,
        name=name,
        status=status,  # type: ignore[arg-type]  # a table of samples; every row renders in a test
        erosion=Interval(*erosion, claims=5),
        pressure=Interval(*pressure, claims=4) if pressure else Interval(0, 0, 0),
        last_critic=critic[0] if critic else None,
        last_on=critic[1] if critic else None,
        verdict=verdict,  # type: ignore[arg-type]  # the same
    )


def _gaps() -> tuple[GapRow, ...]:
    joint = ("93 states parties, jointly", "2025-12-05")
    return (
        _gap("KHM", "Cambodia", "party", (11, 0, 20.2), (31, 20.1, 45), ("Thailand", "2025-12-05")),
        _gap("EST", "Estonia", "former_party", (60, 60, 60), (67.5, 48.5, 81), joint),
        _gap("FIN", "Finland", "former_party", (69.9, 67.8, 72.5), (64, 40.5, 77.9), joint),
        _gap("LVA", "Latvia", "former_party", (60, 60, 60), (67.5, 48.5, 81), joint),
        _gap("LTU", "Lithuania", "former_party", (69.7, 67.6, 72.2), (67.5, 48.5, 81), joint),
        _gap(
            *("POL", "Poland", "leaving", (69.2, 64, 73.7), (68.8, 48.7, 81.7)),
            ("Amnesty International", "2026-02"),
        ),
        _gap(
            *("RUS", "Russian Federation", "not_party", (54.3, 43.9, 66.5), None),
            ("Human Rights Watch", "2022-11"),
            "collect",
        ),
        _gap(
            *("UKR", "Ukraine", "contested", (51, 34.7, 61.8), (92.2, 83.8, 97.5)),
            ("22MSP final report", "2025-12-05"),
        ),
        _gap(
            *("USA", "United States of America", "not_party", (48.3, 41, 55.7), (10.1, 6, 16.8)),
            ("ICBL", "2025-12~"),
            "gap",
        ),
    )


def _changes() -> tuple[Change, ...]:
    return (
        Change(
            claim="pol-2026-02-19-tusk-48h",
            code="POL",
            kind="new",
            occurred_on="2026-02-19",
            known_on=EVE,
            what="Poland: the prime minister says the eastern border can be mined within 48 hours",
            source="Reuters via The Star",
            effects=("Poland, Erosion 61 → 69",),
        ),
        Change(
            claim="pol-2026-02-caliber-misreport",
            code="POL",
            kind="refuted",
            occurred_on="2026-02-19",
            known_on=EVE,
            what="Poland begins the procedure to leave",
            source="Caliber.Az. Refuted: the instrument was deposited six months earlier",
        ),
        Change(
            claim="amnesty-2026-poland",
            code="POL",
            kind="new",
            occurred_on="2026-02",
            known_on=EVE,
            what="Amnesty International criticises Poland’s return to the weapon",
            source="Pollar News, one outlet",
            effects=("Poland, Pressure 67 → 69",),
        ),
        Change(
            claim="fin-2026-01-procurement",
            code="FIN",
            kind="accepted",
            occurred_on="2026-01-14",
            known_on=date(2026, 1, 14),
            what="Finland: the armed forces will buy antipersonnel mines and train with them",
            source="Reuters via Internazionale. First mines in 2027",
            effects=("Finland, Erosion 64 → 71",),
        ),
        Change(
            claim="fin-2026-effective",
            code="FIN",
            kind="confirmed",
            occurred_on="2026-01-10",
            known_on=date(2026, 1, 10),
            back_filled=True,
            what="Finland: withdrawal takes effect, as computed from 10 Jul 2025",
            source="UNN; Censor.NET",
            effects=("States bound 163 → 162", "Finland, Erosion 51 → 64"),
        ),
        Change(
            claim="1997-oslo-adoption",
            code=None,
            kind="new",
            occurred_on="1997-09-18",
            known_on=date(2026, 1, 9),
            back_filled=True,
            what="The treaty text was adopted in Oslo",
            source="UN Audiovisual Library of International Law",
        ),
    )


def weighing(method: str = "") -> Weighing:
    """A choice between the published weights and two sets of the workspace."""
    mark = f"+{method}/2" if method else ""
    return Weighing(
        method=method,
        methods=tuple(f"{name}/1{mark}" for name in ("erosion", "pressure", "backing")),
        choices=(("cautious", "cautious/1"), ("louder", "louder/2")),
    )


def governments(weighing: Weighing | None = None) -> GovernmentsPage:
    """The board: nine governments with acts on file, the others by their standing."""
    notes = {"POL": "expected 20 Feb 2026", "FIN": "10 Jan 2026", "UKR": "counted as bound"}
    rows = tuple(
        BoardRow(
            code=row.code,
            name=row.name,
            status=row.status,
            status_note=notes.get(row.code, ""),
            erosion=row.erosion,
            pressure=row.pressure,
            backing=Interval(3.2, 0, 6.1, claims=1) if row.code == "UKR" else Interval(0, 0, 0),
            claims=31,
            waiting=2 if row.code == "POL" else 0,
            latest="Tusk: the border can be mined within 48 hours",
            latest_on="2026-02-19",
        )
        for row in _gaps()
    )
    party = ("Afghanistan", "Albania", "Algeria", "Andorra", "Angola", "Argentina", "Australia")
    return GovernmentsPage(
        frame=frame("Governments", "/governments", weighing=weighing),
        on=EVE,
        lead=("162 of 197 states are bound by the Mine Ban Treaty on ", EVE, ". 4 have left."),
        heads=heads_of(BY_NAME),
        choices=(
            StatusChoice("", "All", 197, current=True),
            StatusChoice("leaving", "Leaving", 1),
            StatusChoice("former_party", "Left", 4),
            StatusChoice("contested", "Contested", 1),
            StatusChoice("party", "State Party", 160),
            StatusChoice("not_party", "Not party", 31),
        ),
        rows=rows,
        total=len(rows),
        quiet=(
            QuietGroup("party", tuple((f"AA{chr(65 + n)}", name) for n, name in enumerate(party))),
            QuietGroup("not_party", (("CHN", "China"), ("IND", "India"), ("PAK", "Pakistan"))),
        ),
    )


def no_governments() -> GovernmentsPage:
    """The board narrowed to nothing."""
    return GovernmentsPage(
        frame=frame("Governments", "/governments", pairs=(("q", "Atlantis"),)),
        on=EVE,
        lead=("162 of 197 states are bound by the Mine Ban Treaty on ", EVE, "."),
        choices=(StatusChoice("", "All", 197, current=True),),
        asked="Atlantis",
    )


def login(error: str | None = None) -> LoginPage:
    """The form, empty or after a refusal."""
    email = "mira@example.org" if error else ""
    return LoginPage(csrf_token="token", next="/today?on=2025-12-27", email=email, error=error)


def typed_again() -> ErrorPage:
    """A form that came after the login ended, with what was typed."""
    again = Again(path="/record", fields=(("summary", "Finland said so."), ("action", "record")))
    return ErrorPage(
        status=401,
        title="Your login ended while you wrote",
        detail="The form was sent without a login that lasts, and was not taken.",
        todo="Go back, or begin with",
        request_id="7f3a-19c2",
        again=again,
    )


def error(*, framed: bool = True) -> ErrorPage:
    """A page that does not exist, for somebody signed in or not."""
    return ErrorPage(
        status=404,
        title="No such government",
        detail="“ATL” is not a government of the status table.",
        todo="Use its three-letter code, such as FIN, or",
        request_id="7f3a-19c2",
        frame=frame("No such government", "/governments/ATL") if framed else None,
        links=(Link("look through the list", "/governments"),),
    )

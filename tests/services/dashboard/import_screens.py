"""The pages Import in each of their states; no store is asked."""

from datetime import UTC, datetime

import msgspec

from services.dashboard.models.imports import ImportPage, ImportsPage, import_page
from services.wiring import Import, ImportColumn, ImportRow
from tests.services.dashboard.samples import PAST, frame

ADA = "person:ada"
COLUMNS = (
    ImportColumn("A", "Date", "occurred_on"),
    ImportColumn("B", "Typ", "kind"),
    ImportColumn("C", "Treaty", "treaty"),
    ImportColumn("D", "Land", "targets"),
    ImportColumn("E", "What happened", "summary"),
    ImportColumn("F", "Quelle", "sources.1.publisher"),
    ImportColumn("G", "Our notes"),
    ImportColumn("H", "Sorce 1 adress", None, "sources.1.url"),
)
ROWS = (
    ImportRow(
        number=2,
        fate="new",
        claim="import-1",
        kind="parliament_vote",
        occurred_on="2024-07-18",
        title="Seimas, cluster munition treaty: 103 to 0, 4 abstaining",
        targets=("LTU",),
    ),
    ImportRow(
        number=3,
        fate="likely",
        claim="import-2",
        kind="parliament_vote",
        occurred_on="2025-06-04",
        title="Riigikogu: 81 to 1, 7 abstaining",
        targets=("EST",),
        detail="The Riigikogu voted 81 to 1 to leave.",
        beside="est-2025-riigikogu-vote",
        likeness=0.9,
    ),
    ImportRow(
        number=4,
        fate="duplicate",
        claim="pol-2025-withdrawal-deposited",
        kind="withdrawal_instrument_deposited",
        occurred_on="2025-08-20",
        title="Instrument deposited",
        targets=("POL",),
        detail="accepted, recorded at position 7",
        beside="pol-2025-withdrawal-deposited",
    ),
    ImportRow(
        number=5,
        fate="conflict",
        claim="lva-2025-vote",
        kind="parliament_vote",
        occurred_on="2025-04-16",
        title="68 to 14",
        targets=("LVA", "EST", "LTU", "FIN"),
        detail="details: 66 to 14 on file, 68 to 14 here",
        beside="lva-2025-vote",
    ),
    ImportRow(
        number=6,
        fate="error",
        detail="'31.02.2025' does not exist in the calendar; write 2025-02-28",
        cell="A6",
    ),
)
COUNTS = {"new": 51, "likely": 1, "duplicate": 2, "conflict": 1, "error": 1}


def table(state: str = "ready", **more: object) -> Import:
    """A table that somebody uploaded."""
    one = Import(
        name="a1b2c3d4e5f6",
        by=ADA,
        filename="cluster-history.csv",
        received_at=datetime(2026, 2, 19, 9, tzinfo=UTC),
        says="CSV, UTF-8, parted by ;",
        state=state,  # type: ignore[arg-type]  # one of the states
        columns=COLUMNS,
        rows=56,
        done=56,
    )
    return msgspec.structs.replace(one, **more)


def page(
    one: Import,
    *,
    rows: tuple[ImportRow, ...] = ROWS,
    counts: dict[str, int] = COUNTS,
    show: str = "",
    is_moving: bool = False,
    is_stale: bool = False,
    refusal: str = "",
) -> ImportPage:
    """The page of one table."""
    return import_page(
        frame("Import", f"/import/{one.name}", pairs=(("show", show),) if show else ()),
        one,
        rows,
        counts,
        by=ADA,
        show=show,
        begun=bool(show),
        cells={6: ["31.02.2025", "parliament vote", "CCM", "Lithuania"]},
        choices={("likely", "same"): 1} if show == "likely" else {},
        is_moving=is_moving,
        is_stale=is_stale,
        refusal=refusal,
    )


def pages() -> dict[str, msgspec.Struct]:
    """Name -> page model."""
    latest = (table(), table("imported", recorded=51), table("undone", recorded=51, retracted=50))
    many = tuple(msgspec.structs.replace(ROWS[0], number=n) for n in range(2, 60))
    recorded = {"recorded": 51, "position": 463}
    left = (("est-2025-riigikogu-vote", "accepted (position 470)"),)
    unmatched = (*COLUMNS[:2], ImportColumn("C", "Contract"), *COLUMNS[3:])
    return {
        "imports": ImportsPage(frame=frame("Import", "/import"), latest=latest, bytes_max=2**25),
        "imports-empty": ImportsPage(frame=frame("Import", "/import"), latest=(), bytes_max=2**25),
        "imports-refused": ImportsPage(
            frame=frame("Import", "/import"),
            latest=(),
            bytes_max=2**25,
            refusal="The file cannot be read as a table of claims: it is empty.",
        ),
        "imports-past": ImportsPage(
            frame=frame("Import", "/import", reading=PAST), latest=(), bytes_max=2**25, past=True
        ),
        "import": page(table()),
        "import-long": page(table(), rows=many, show="new"),
        "import-chosen": page(
            table(),
            rows=(msgspec.structs.replace(ROWS[1], choice="same"),),
            show="likely",
        ),
        "import-none": page(table(), rows=(), show="conflict"),
        "import-columns": page(table("columns", columns=unmatched), rows=(), counts={}),
        "import-reading": page(table("reading", done=20), rows=(), counts={}, is_moving=True),
        "import-broken-off": page(table("importing", done=20), is_stale=True),
        "import-refused": page(
            table("refused", problem="The file cannot be read: row 7 is too long.", rows=6),
            rows=(),
            counts={},
        ),
        "import-by-command": page(table("imported", **recorded, columns=()), rows=(), counts={}),
        "import-recorded": page(table("imported", **recorded)),
        "import-undone": page(table("undone", **recorded, retracted=50, left=left, left_count=1)),
        "import-not-now": page(table(), refusal="It is being recorded. Look at it again."),
    }

"""Counts of states parties straight from the status table, independent of the code under test; it
imports nothing of article20.
"""

import csv
from datetime import date
from pathlib import Path

TABLE = Path(__file__).resolve().parents[1] / "data" / "apmbc-status.csv"


def rows() -> list[dict[str, str]]:
    """The rows of the table, by column name."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def counts(on: date) -> tuple[int, int]:
    """States whose instrument is deposited and states for which the treaty is in force, on a day.

    A state is left out from the day its withdrawal takes effect. ISO days compare as texts.
    """
    day = on.isoformat()
    staying = [
        row
        for row in rows()
        if not (row["withdrawal_effective"] and row["withdrawal_effective"] <= day)
    ]
    deposited = [row for row in staying if row["deposited"] and row["deposited"] <= day]
    in_force = [row for row in deposited if row["entry_into_force"] <= day]
    return len(deposited), len(in_force)


def telling_days() -> list[date]:
    """Days on which the counts are worth comparing: around every exit of 2025-26, around the last
    joinings, and spread over the life of the treaty; 40 or more."""
    one_day = date.resolution
    turns = {row["withdrawal_effective"] for row in rows()} | {
        row[column]
        for row in rows()
        for column in ("withdrawal_deposited", "deposited", "entry_into_force")
        if row[column] >= "2011"
    }
    around = {
        date.fromisoformat(turn) + step
        for turn in turns
        if turn
        for step in (-one_day, 0 * one_day, one_day)
    }
    spread = {date(year, month, 1) for year in range(1997, 2027) for month in (3, 12)}
    return sorted(around | spread | {date(2025, 3, 31), date(2026, 2, 21)})

"""What `import` does in the house: claims that were checked are recorded, a file is tried, an
import is taken back; it reads no file itself, and is loaded only when it is needed.
"""

import asyncio
import shlex
from functools import partial
from typing import Any, Final

import click
import msgspec

from domain.errors import StoreUnavailable
from services.cli.claim_files import Checked, Fault, Faults, Source
from services.cli.housing import in_house
from services.cli.options import Common
from services.cli.output import counted, progress, say_json, say_table
from services.cli.refusals import Refused
from services.house import House
from services.intake.lines import Line
from services.intake.recorded_lines import Tally, declare_same
from services.tables.bringing import Brought, author_of, bring_all
from services.tables.judging import judge, undo
from services.wiring import Import, ImportColumn, ImportNotFound

LOOKED_UP_LINES: Final = 500
LIKELY_WAIT_SECONDS_MAX: Final = 60.0
LEFT_SAID_MAX: Final = 100
STOPPING: Final = (KeyboardInterrupt, asyncio.CancelledError)
"""As what a command learns that somebody ends it."""
BROKEN_OFF: Final = "It was broken off: import the file again for the rest."
FATES: Final = {
    "new": "new",
    "likely": "likely_duplicate",
    "duplicate": "already_there",
    "conflict": "refused",
    "error": "faulty",
}
"""What may become of a line -> the word of this command for it."""


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """What would become of one line, and why; `beside`: the claim on file it is like."""

    line: int
    claim: str | None
    fate: str
    detail: str = ""
    beside: str | None = None


def record_all(
    common: Common, source: Source, name: str, checked: Checked, faults: Faults
) -> Tally:
    """Record what was checked under the name of an import; what became of it.

    Whatever breaks it off goes on its way with a note of what was recorded by then.
    """
    brought = Brought()

    async def work(house: House) -> Tally:
        before = await _before(house, common.workspace(), name)
        keep = partial(_keep, house, common, source, name, checked, brought, before)
        try:
            tally = await _record(house, common, name, checked, faults, brought)
        except BaseException as ended:
            if not isinstance(ended, StoreUnavailable):
                await keep(problem=BROKEN_OFF)
            raise
        await keep()
        return tally

    try:
        return in_house(common, work, missing="first")
    except BaseException as ended:
        if brought.new or brought.asked or brought.already_there:
            ended.add_note(_so_far(common, name, checked, brought))
        elif isinstance(ended, STOPPING):
            ended.add_note("Nothing was recorded.")
        raise


def undo_command(common: Common, name: str) -> str:
    """What takes an import back, ready to be pasted."""
    said = ["article20 import --undo", name]
    for option in ("workspace", "data_dir"):
        if option in common.said:
            said += [f"--{option.replace('_', '-')}", shlex.quote(common.said[option])]
    if "database_url" in common.said:
        said += ["--database-url ..."]  # it may hold a password, which is not for the screen
    return " ".join(said)


def _so_far(common: Common, name: str, checked: Checked, brought: Brought) -> str:
    """What was recorded before an import was broken off, and how to go on or back."""
    said = f"{brought.new:,} of {counted(checked.claims, 'claim')} "
    said += "was recorded" if brought.new == 1 else "were recorded"
    if brought.asked:
        said += f", perhaps as many as {brought.new + brought.asked:,}"
    if brought.already_there:
        said += f", {brought.already_there:,} were there already"
    return (
        f"{said}: import the file again for the rest, nothing is recorded twice, "
        f"or take them back with `{undo_command(common, name)}`."
    )


async def _record(
    house: House, common: Common, name: str, checked: Checked, faults: Faults, brought: Brought
) -> Tally:
    workspace, by = common.workspace(), author_of(name)

    def refuse(line: int, detail: str) -> None:
        faults.add(Fault(line, "", detail))

    # Named from the start, for whoever finds it killed.
    with progress(f"Importing as {name}", checked.claims, "claims") as advance:
        await bring_all(
            house,
            workspace,
            name,
            checked,
            by=by,
            into=brought,
            refuse=refuse,
            advance=advance,
        )
    tally = Tally(
        new=brought.new,
        already_there=brought.already_there,
        refused=brought.refused,
        faulty=checked.faulty,
    )
    await declare_same(house, workspace, checked.pairs, by, refuse, tally)
    return tally


async def _before(house: House, workspace: str, name: str) -> Import | None:
    """What is kept of an earlier run of an import, unless that was undone."""
    try:
        before, _ = await house.imports.one(workspace, name)
    except ImportNotFound:
        return None
    return before if before.state == "imported" else None


async def _keep(
    house: House,
    common: Common,
    source: Source,
    name: str,
    checked: Checked,
    brought: Brought,
    before: Import | None,
    *,
    problem: str = "",
) -> None:
    """Show an import that brought something among the others on their page, with what it brought
    before it was broken off."""
    if not brought.new and (before is None or not before.problem):
        return
    kept = Import(
        name=name,
        by=author_of(name),
        filename=source.path.name,
        received_at=house.now(),
        says=source.says,
        state="imported",
        columns=tuple(
            ImportColumn(m.letter, m.header, m.path, m.suggestion) for m in source.matches
        ),
        rows=checked.lines,
        done=checked.lines,
        recorded=brought.new + (before.recorded if before else 0),
        already_there=brought.already_there,
        refused=brought.refused,
        position=brought.position,
        problem=problem,
    )
    await house.imports.keep(common.workspace(), kept)


def try_out(common: Common, source: Source, *, accepted: bool) -> None:
    """Say per line what would become of it; Refused where something would be refused."""
    in_house(common, lambda house: _try_out(house, common, source, accepted=accepted), project=True)


async def _try_out(house: House, common: Common, source: Source, *, accepted: bool) -> None:
    workspace = common.workspace()
    await house.views.wait_for(
        workspace, await house.store.head(workspace), LIKELY_WAIT_SECONDS_MAX
    )
    found: list[Foreseen] = []
    seen: dict[str, int] = {}
    waiting: list[Line] = []
    with progress("Looking up", None, f"{source.noun}s") as advance:

        async def look_up() -> None:
            for one in await judge(house, workspace, waiting, seen, likely=True):
                status = (one.submission.status if one.submission else None) or (
                    "accepted" if accepted else "pending"
                )
                detail = (
                    f"resembles {one.beside}: {one.detail}" if one.fate == "likely" else one.detail
                )
                found.append(
                    Foreseen(
                        line=one.line.number,
                        claim=one.submission.claim.id if one.submission else None,
                        fate=FATES[one.fate],
                        detail=detail or status,
                        beside=one.beside or None,
                    )
                )
            advance(len(waiting))
            waiting.clear()

        for line in source.lines(house.now()):
            waiting.append(line)
            if len(waiting) == LOOKED_UP_LINES:
                await look_up()
        await look_up()
    source.say_columns()
    if common.as_json:
        say_json(found)
    else:
        words = [(f.line, f.claim, f.fate.replace("_", " "), f.detail) for f in found]
        say_table((source.noun, "claim", "would be", "because"), words)
    refused = sum(f.fate in ("refused", "faulty") for f in found)
    if refused:
        raise Refused(
            what=f"{counted(refused, source.noun)} of {len(found):,} would be refused.",
            how="The table says why.",
        )


def take_back(common: Common, name: str) -> None:
    """Take back what an import brought, and say what was left."""

    async def work(house: House) -> Any:
        workspace = common.workspace()
        reason = f"import {name} was undone"
        undone = await undo(house, workspace, name, by=author_of(name), reason=reason)
        known = {one.name: one for one in await house.imports.latest(workspace, 1000)}
        if name in known:
            one = known[name]
            one.state, one.retracted = "undone", one.retracted + undone.retracted
            one.left, one.left_count = tuple(undone.left[:LEFT_SAID_MAX]), len(undone.left)
            one.problem = ""
            await house.imports.keep(workspace, one)
        return undone

    try:
        undone = in_house(common, work)
    except (*STOPPING, StoreUnavailable) as ended:
        ended.add_note(f"Do it again for what is left: `{undo_command(common, name)}`.")
        raise
    if common.as_json:
        say_json(undone)
        return
    said = f"Took back {counted(undone.retracted, 'claim')} of import {name}"
    said += f"; {undone.already:,} were taken back already" if undone.already else ""
    click.echo(f"{said}.")
    for claim, why in undone.left[:LEFT_SAID_MAX]:
        click.echo(f"Left {claim}: {why}")
    if len(undone.left) > LEFT_SAID_MAX:
        click.echo(f"… and {len(undone.left) - LEFT_SAID_MAX:,} more were left.")

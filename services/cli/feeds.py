"""`feed`: the Atom and RSS feeds that are polled; their entries become drafts, never claims."""

from collections.abc import Sequence

import click

from services.cli.housing import in_house
from services.cli.options import STORE, Command, Common, Group, options
from services.cli.output import say_facts, say_json, say_list
from services.cli.refusals import Refused
from services.feeding import Polled, add_feed, poll_all_due, poll_due
from services.house import House
from services.wiring import Feed, FeedNotFound

COLUMNS = {
    **{"feed": "feed", "url": "url", "title": "title", "polled": "polled_at"},
    **{"next": "next_poll_at", "failures": "failures", "last error": "last_error"},
    "disabled": "disabled_at",
}
"""Heading of a list of feeds -> the field below it."""


@click.group("feed", short_help="Add, list, poll, disable Atom and RSS feeds.", cls=Group)
def feed() -> None:
    """Add, list, poll and disable the Atom and RSS feeds whose entries become drafts."""


@feed.command(cls=Command)
@click.argument("name", metavar="NAME")
@click.argument("url", metavar="URL")
@options(*STORE, "format")
@click.pass_obj
def add(common: Common, name: str, url: str) -> None:
    """Add a feed; a server polls it soon, and again and again."""

    async def work(house: House) -> Feed:
        return await add_feed(house, common.workspace(), name, url)

    found = in_house(common, work, missing="first")
    if common.as_json:
        say_json(found)
    else:
        say_facts([("feed", found.feed), ("url", found.url)])


@feed.command("list", cls=Command)
@options(*STORE, "format")
@click.pass_obj
def list_(common: Common) -> None:
    """List the feeds of the workspace; disabled ones stay listed."""

    async def work(house: House) -> list[Feed]:
        return await house.feeds.listed(common.workspace())

    say_list(in_house(common, work), COLUMNS, as_json=common.as_json)


@feed.command(cls=Command)
@click.argument("name", metavar="[NAME]", required=False)
@options(*STORE, "format")
@click.pass_obj
def poll(common: Common, name: str | None) -> None:
    """Ask the feed NAME now, or every feed that is due; says how many drafts are new."""

    async def work(house: House) -> list[Polled]:
        if name is None:
            return await poll_all_due(house, common.workspace())
        found = await poll_due(house, common.workspace(), name)
        if not found:
            raise FeedNotFound(feed=name[:80], workspace=common.workspace())
        return found

    _say_polled(common, in_house(common, work))


@feed.command(cls=Command)
@click.argument("name", metavar="NAME")
@options(*STORE)
@click.pass_obj
def disable(common: Common, name: str) -> None:
    """Poll a feed no longer; its drafts stay."""

    async def work(house: House) -> Feed:
        return await house.feeds.switch(common.workspace(), name, on=False)

    click.echo(f"{in_house(common, work).feed} is disabled; it is polled no longer.")


@feed.command(cls=Command)
@click.argument("name", metavar="NAME")
@options(*STORE)
@click.pass_obj
def enable(common: Common, name: str) -> None:
    """Poll a disabled feed again."""

    async def work(house: House) -> Feed:
        return await house.feeds.switch(common.workspace(), name, on=True)

    click.echo(f"{in_house(common, work).feed} is enabled; it is polled soon.")


def _say_polled(common: Common, found: Sequence[Polled]) -> None:
    columns = {"feed": "feed", "new drafts": "drafts", "unchanged": "unchanged", "error": "error"}
    say_list(found, columns, as_json=common.as_json)
    failed = [one for one in found if one.error is not None]
    if failed:
        raise Refused(
            what=f"{len(failed)} of {len(found)} feeds could not be read: {failed[0].error}",
            how="See `article20 feed list`.",
        )

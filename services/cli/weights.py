"""`weights`: a workspace's own sets of weights, listed, defined and withdrawn; numbers are reckoned
elsewhere."""

from typing import BinaryIO, Final

import click
import msgspec

from domain.weight_events import WeightChanges
from projections.weight_sets import WeightSetList
from services.cli.housing import in_house
from services.cli.options import STORE, Command, Common, Group, options
from services.cli.output import say_json, say_table
from services.cli.refusals import Refused
from services.house import House
from services.weighing import WeightsReceipt, decide_weights, offered

DECIDED_BY: Final = "cli"


@click.group(short_help="Keep weights of your own.", cls=Group)
def weights() -> None:
    """Keep sets of weights of your own beside the published ones, each under a name.

    Numbers are asked for with them by `--method NAME`, and name them in their methods.
    """


@weights.command("list", cls=Command)
@options("known_at", *STORE, "format")
@click.pass_obj
def list_weights(common: Common) -> None:
    """List the sets that --method may name, and where each differs from the published weights."""
    known_at = common.known_at()

    async def work(house: House) -> WeightSetList:
        return (await offered(house, common.workspace(), known_at))[1]

    found = in_house(common, work)
    if common.as_json:
        say_json(found)
        return
    rows = [
        (one.name, one.version, msgspec.json.encode(one.changes).decode(), one.reason)
        for one in found.sets
    ]
    say_table(("name", "version", "changes", "reason"), rows)


@weights.command(cls=Command)
@click.argument("name", metavar="NAME")
@click.argument("file", metavar="FILE", type=click.File("rb"))
@click.option("--reason", required=True, metavar="TEXT", help="Why you weigh otherwise.")
@options(*STORE, "format")
@click.pass_obj
def define(common: Common, name: str, file: BinaryIO, reason: str) -> None:
    """Define the set NAME by FILE, a JSON object of what differs; - is stdin.

    Such as {"instruments": {"objection": 10}, "actors": {"ngo": 1}}.
    """
    try:
        changes = msgspec.json.decode(file.read(), type=WeightChanges)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Refused(
            what=f"{file.name} is not a set of weights ({error}).",
            how='Write a JSON object such as {"instruments": {"objection": 10}}.',
        ) from error

    async def work(house: House) -> WeightsReceipt:
        receipt, _ = await decide_weights(
            house,
            common.workspace(),
            name,
            lambda desk: desk.define(changes, reason=reason),
            by=DECIDED_BY,
        )
        return receipt

    receipt = in_house(common, work, missing="first")
    _say(common, receipt, f"Weights {name} read so from now on")


@weights.command(cls=Command)
@click.argument("name", metavar="NAME")
@click.option("--reason", required=True, metavar="TEXT", help="Why they are offered no longer.")
@options(*STORE, "format")
@click.pass_obj
def withdraw(common: Common, name: str, reason: str) -> None:
    """Offer the set NAME no longer; answers as known before can still be asked for with it."""

    async def work(house: House) -> WeightsReceipt:
        receipt, _ = await decide_weights(
            house,
            common.workspace(),
            name,
            lambda desk: desk.withdraw(reason=reason),
            by=DECIDED_BY,
        )
        return receipt

    _say(common, in_house(common, work), f"Weights {name} are offered no longer")


def _say(common: Common, receipt: WeightsReceipt, text: str) -> None:
    if common.as_json:
        say_json(receipt)
    else:
        click.echo(f"{text} (position {receipt.position}).")

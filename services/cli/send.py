"""`send`: signs claims and posts them to a webhook, as a partner's system would; it reads no store
and never sends anything unsigned."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import click
import httpx
import msgspec
from standardwebhooks import Webhook
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from domain.errors import Article20Error
from services.cli.options import Command, Common, options
from services.cli.output import say_json
from services.cli.refusals import Refused

URL_DEFAULT: Final = "http://127.0.0.1:8020"
SECRET_VARIABLE: Final = "WEBHOOK_SECRET"
TRIES_MAX: Final = 5
WAIT_SECONDS_FIRST: Final = 0.5
WAIT_SECONDS_MAX: Final = 30.0
TIMEOUT_SECONDS: Final = 30.0
RETRYABLE: Final = frozenset({429, 503})


class Unanswered(Article20Error):
    """{url} did not take the webhook after {tries} tries ({reason}). Check the address and that the
    server runs, and send it again as it is: an id that arrived counts once."""

    slug, status, retryable = "unanswered", 503, True


class _TryAgain(Exception):
    """The server asked for patience, or did not answer; `after_seconds` where it said how long."""

    def __init__(self, reason: str, after_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.after_seconds = after_seconds


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the server said to one webhook: status, JSON body, and whether it was a repetition."""

    webhook_id: str
    status: int
    replayed: bool
    body: Any


@click.command(cls=Command, short_help="Sign claims and send them to a webhook.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--url", default=URL_DEFAULT, show_default=True, help="The server, or the webhook's address."
)
@click.option("--source", metavar="NAME", help="The webhook source to send as.")
@click.option(
    "--secret",
    envvar=SECRET_VARIABLE,
    metavar="WHSEC",
    help=f"Its secret; better given as {SECRET_VARIABLE}, which other users cannot see.",
)
@options("format")
@click.pass_obj
def send(common: Common, file: Path, url: str, source: str | None, secret: str | None) -> None:
    """Sign each claim of FILE (JSON or JSONL, - for stdin) and post it to a webhook.

    The webhook's id is made from the claim, so sending a file again is harmless. Only 429, 503 and
    lost connections are tried again, with the same id.
    """
    address = _address(url, source)
    signer = _signer(secret)
    bodies = list(_bodies(file))
    answers = []
    with httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False) as client:
        for body in bodies:
            answer = post(client, address, signer, body)
            answers.append(answer)
            if not common.as_json:
                click.echo(_line(answer))
    if common.as_json:
        say_json(answers)
    refused = sum(not 200 <= answer.status < 300 for answer in answers)
    if refused:
        raise Refused(
            what=f"{refused} of {len(answers)} refused by {address}.",
            how="The answer above says why.",
        )


def post(client: httpx.Client, address: str, signer: Webhook, body: str) -> Answer:
    """What the server answers to `body`, signed anew for each try; Unanswered when it never
    does."""
    webhook_id = f"article20-{hashlib.sha256(body.encode()).hexdigest()[:32]}"

    def attempt() -> Answer:
        now = datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signer.sign(webhook_id, now, body),
        }
        try:
            response = client.post(address, content=body.encode(), headers=headers)
        except httpx.TransportError as error:
            raise _TryAgain(str(error) or type(error).__name__) from error
        if response.status_code in RETRYABLE:
            raise _TryAgain(f"answer {response.status_code}", _retry_after(response))
        return Answer(
            webhook_id=webhook_id,
            status=response.status_code,
            replayed=response.headers.get("idempotent-replayed") == "true",
            body=_decoded(response),
        )

    retrying = Retrying(
        stop=stop_after_attempt(TRIES_MAX),
        wait=_wait_seconds,
        retry=retry_if_exception_type(_TryAgain),
        reraise=True,
    )
    try:
        return retrying(attempt)
    except _TryAgain as error:
        raise Unanswered(url=address, tries=TRIES_MAX, reason=str(error)) from error


def _wait_seconds(state: RetryCallState) -> float:
    """As long as the server asked for, else twice as long as before; never longer than bounded."""
    error = state.outcome.exception() if state.outcome is not None else None
    asked = error.after_seconds if isinstance(error, _TryAgain) else None
    doubled: float = WAIT_SECONDS_FIRST * 2 ** (state.attempt_number - 1)
    return min(asked if asked is not None else doubled, WAIT_SECONDS_MAX)


def _retry_after(response: httpx.Response) -> float | None:
    """The seconds of a Retry-After header, given as a number or as a date."""
    text = response.headers.get("retry-after", "")
    if text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _address(url: str, source: str | None) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise click.BadParameter("begin with http:// or https://", param_hint="--url")
    if parts.path.strip("/"):
        return url
    if source is None:
        raise click.UsageError(
            "Say which webhook source to send as: --source NAME, or its address as --url."
        )
    return f"{url.rstrip('/')}/hooks/{source}"


def _signer(secret: str | None) -> Webhook:
    if not secret:
        raise click.UsageError(f"Give the source's secret as {SECRET_VARIABLE} or --secret.")
    try:
        return Webhook(secret)
    except (ValueError, RuntimeError) as error:
        raise click.BadParameter(
            "not a secret of the form whsec_…, as `webhook-source add` printed it",
            param_hint="--secret",
        ) from error


def _bodies(file: Path) -> Iterator[str]:
    """Each claim of the file as it is written there: the whole file, or one a line."""
    with click.open_file(str(file), encoding="utf-8") as opened:
        try:
            text = opened.read()
        except UnicodeDecodeError as error:
            raise Refused(what=f"{file} is not UTF-8.", how="Save it as UTF-8.") from error
    try:
        whole = msgspec.json.decode(text)
    except msgspec.DecodeError:
        # At line feeds alone: a text may hold other characters that break lines.
        yield from (line for line in text.split("\n") if line.strip())
        return
    if isinstance(whole, list):
        yield from (msgspec.json.encode(claim).decode() for claim in whole)
    else:
        yield text


def _decoded(response: httpx.Response) -> Any:
    try:
        return msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        return response.text[:400]


def _line(answer: Answer) -> str:
    body = answer.body if isinstance(answer.body, dict) else {"detail": answer.body}
    if 200 <= answer.status < 300:
        again = ", received before" if answer.replayed else ""
        said = f"{body.get('status')} at position {body.get('position')}{again}"
        return f"{answer.status} {body.get('claim')}: {said}"
    detail = str(body.get("detail", ""))
    faults = "".join(
        f" {error.get('pointer') or '/'}: {error.get('detail')}."
        for error in body.get("errors", ())
        if isinstance(error, dict) and str(error.get("detail")) not in detail
    )
    return f"{answer.status} {body.get('title', '')}: {detail}{faults}"

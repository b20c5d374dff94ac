"""`article20 send` against a server that verifies with the official library and answers as told."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from standardwebhooks import Webhook

from services.cli import send as sending
from services.cli.program import program

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CLAIM = {"kind": "statement_of_criticism", "summary": "Zażółć gęślą jaźń."}


class Partner(ThreadingHTTPServer):
    """Answers each request with the next of `answers`, the last one for ever; keeps what came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[tuple[int, dict[str, str], Any]] = [
            (201, {}, {"claim": "a", "position": 7, "status": "pending"})
        ]
        self.received: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Partner

    def do_POST(self) -> None:  # the name that http.server calls
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.received.append((self.path, headers, body))
        answers = self.server.answers
        status, extra, answer = answers.pop(0) if len(answers) > 1 else answers[0]
        sent = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {"content-length": str(len(sent)), **extra}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.fixture
def partner() -> Iterator[Partner]:
    server = Partner()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)


@pytest.fixture
def claim_file(tmp_path: Path) -> Path:
    path = tmp_path / "claim.json"
    path.write_text(json.dumps(CLAIM, ensure_ascii=False, indent=2), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "WAIT_SECONDS_FIRST", 0.001)


def send(*arguments: str | Path, secret: str = SECRET, stdin: str | None = None) -> Result:
    return CliRunner().invoke(
        program,
        ["send", *map(str, arguments)],
        env={"WEBHOOK_SECRET": secret},
        input=stdin,
    )


def test_what_arrives_is_signed(partner: Partner, claim_file: Path) -> None:
    """The official library accepts the signature over the very bytes that arrived."""
    result = send(claim_file, "--url", partner.url, "--source", "monitor")
    assert result.exit_code == 0, result.output
    assert result.output == "201 a: pending at position 7\n"
    ((path, headers, body),) = partner.received
    assert path == "/hooks/monitor"
    assert headers["content-type"] == "application/json"
    assert body == claim_file.read_bytes()
    assert Webhook(SECRET).verify(body, headers) == CLAIM


def test_the_address_of_a_webhook_is_taken_as_it_is(partner: Partner, claim_file: Path) -> None:
    """An address with a path needs no name of a source."""
    assert send(claim_file, "--url", f"{partner.url}/hooks/else?atomic=true").exit_code == 0
    assert partner.received[0][0] == "/hooks/else?atomic=true"


def test_each_line_is_a_webhook_of_its_own(partner: Partner) -> None:
    """Of a JSONL file each line is sent as it stands, with an id of its own."""
    lines = ['{"id": "a"}', "", '{"id":  "b"}']
    result = send("-", "--url", partner.url, "--source", "s", stdin="\n".join(lines))
    assert result.exit_code == 0, result.output
    assert [body.decode() for _, _, body in partner.received] == ['{"id": "a"}', '{"id":  "b"}']
    assert len({headers["webhook-id"] for _, headers, _ in partner.received}) == 2


def test_a_line_ends_where_the_file_says_so(partner: Partner) -> None:
    """Characters within a text that break lines elsewhere do not part a claim."""
    said = {**CLAIM, "summary": "One\u2028two\u0085three."}
    line = json.dumps(said, ensure_ascii=False)
    result = send("-", "--url", partner.url, "--source", "s", stdin=f"{line}\r\n{line}\n")
    assert result.exit_code == 0, result.output
    assert [json.loads(body) for _, _, body in partner.received] == [said, said]


def test_sending_again_repeats_the_id(partner: Partner, claim_file: Path) -> None:
    """The id follows from the claim, so that a file sent twice is one delivery to the server."""
    for _ in range(2):
        send(claim_file, "--url", partner.url, "--source", "s")
    first, second = (headers["webhook-id"] for _, headers, _ in partner.received)
    assert first == second


@pytest.mark.parametrize("status", [429, 503])
def test_patience_is_kept_with_the_same_id(partner: Partner, claim_file: Path, status: int) -> None:
    """After 429 and 503 the webhook is sent again, after Retry-After, under the same id."""
    partner.answers.insert(0, (status, {"retry-after": "0"}, {}))
    assert send(claim_file, "--url", partner.url, "--source", "s").exit_code == 0
    assert len(partner.received) == 2
    assert len({headers["webhook-id"] for _, headers, _ in partner.received}) == 1


def test_patience_ends(partner: Partner, claim_file: Path) -> None:
    """A server that never takes it is given up on after a few tries, in one line."""
    partner.answers = [(503, {}, {})]
    result = send(claim_file, "--url", partner.url, "--source", "s")
    assert isinstance(result.exception, sending.Unanswered)
    assert "answer 503" in str(result.exception)
    assert len(partner.received) == sending.TRIES_MAX


def test_a_server_that_is_away_is_said_to_be(partner: Partner, claim_file: Path) -> None:
    """A refused connection is tried again a few times, then said."""
    partner.server_close()
    result = send(claim_file, "--url", partner.url, "--source", "s")
    assert isinstance(result.exception, sending.Unanswered)


def test_a_refusal_is_final(partner: Partner, claim_file: Path) -> None:
    """What the server refuses is not sent again; its reasons are said."""
    problem = {
        "title": "Invalid claim",
        "detail": "The claim is not valid.",
        "errors": [{"pointer": "/kind", "detail": "required; add it"}],
    }
    partner.answers = [(422, {}, problem)]
    result = send(claim_file, "--url", partner.url, "--source", "s")
    assert result.exception is not None
    assert "1 of 1 refused" in str(result.exception)
    assert "422 Invalid claim: The claim is not valid. /kind: required; add it." in result.output
    assert len(partner.received) == 1
    problem["detail"] = "The claim is not valid: /kind: required; add it. Mend it."
    partner.answers = [(422, {}, problem)]
    result = send(claim_file, "--url", partner.url, "--source", "s")
    assert result.output.count("required; add it") == 1


def test_answers_come_as_json_on_demand(partner: Partner, claim_file: Path) -> None:
    """With --format json the answers are one array, repetitions marked."""
    partner.answers = [(200, {"idempotent-replayed": "true"}, {"claim": "a"})]
    result = send(claim_file, "--url", partner.url, "--source", "s", "--format", "json")
    (answer,) = json.loads(result.stdout)
    assert answer["status"] == 200
    assert answer["replayed"] is True
    assert answer["body"] == {"claim": "a"}


@pytest.mark.parametrize(
    ("arguments", "secret", "said"),
    [
        (["--source", "s"], "", "WEBHOOK_SECRET"),
        (["--source", "s"], "whsec_not-base64-é", "whsec_"),
        ([], SECRET, "--source"),
        (["--source", "s", "--url", "ftp://x"], SECRET, "https://"),
        (["--source", "s", "--on", "2025-01-01"], SECRET, "--on"),
    ],
)
def test_a_wrong_call_is_said(
    claim_file: Path, arguments: list[str], secret: str, said: str
) -> None:
    """Without a secret, with one that is none, without a source, with what is no address: usage."""
    result = send(claim_file, *arguments, secret=secret)
    assert result.exit_code == 2
    assert said in result.output

"""`demo` and `serve` as processes: what they print, how fast they are back, and that they leave
nothing running."""

import base64
import json
import os
import re
import signal
import socket
import stat
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import psutil
import pytest

from tests import loopback
from tests.services.cli.program import (
    STOP_SECONDS_MAX,
    Program,
    first_line,
    program_folder,
    started,
)

KEPT = "demo-logins.json"


def postgres_in(program: Program) -> list[int]:
    """The process ids of PostgreSQL servers that work in the data folder."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = " ".join(process.info["cmdline"] or [])
        if "postgres" in words and str(program.data_dir) in words:
            found.append(process.pid)
    return found


class Ran(NamedTuple):
    """What a demo said, what there was while it ran, how it ended, and what was left."""

    said: dict[str, Any]
    answers: dict[str, int]
    heads: dict[str, int]
    kept: dict[str, str]
    mode: int
    servers: list[int]
    returncode: int
    err: str
    left: list[int]
    port: int


def demo(program: Program, *arguments: str, **environ: str) -> Any:
    """A running demo."""
    return started(program, "demo", *arguments, **environ)


def ran(program: Program, how: signal.Signals) -> Ran:
    """A demo that ran until it got a signal."""
    port, kept = loopback.free_port(), program.data_dir / KEPT
    with demo(program, "--format", "json", PORT=str(port)) as process:
        said = json.loads(first_line(process))
        answers = {
            path: loopback.get(f"{said['url']}{path}", follow_redirects=False).status_code
            for path in ("/healthz", "/today")
        }
        found = program.answer("status", "--format", "json")["workspaces"]
        heads = {w["workspace"]: w["head"] for w in found}
        passwords, mode = json.loads(kept.read_text()), stat.S_IMODE(kept.stat().st_mode)
        servers = postgres_in(program)
        process.send_signal(how)
        _, err = process.communicate(timeout=STOP_SECONDS_MAX)
    left = postgres_in(program)
    return Ran(said, answers, heads, passwords, mode, servers, process.returncode, err, left, port)


@pytest.fixture(scope="module")
def folder() -> Iterator[Program]:
    """One data folder for all demos of this module."""
    with program_folder() as program:
        yield program


@pytest.fixture(scope="module")
def first(folder: Program) -> Ran:
    """The first demo in the folder, ended by Ctrl-C."""
    return ran(folder, signal.SIGINT)


@pytest.fixture(scope="module")
def second(folder: Program, first: Ran) -> Ran:
    """The demo after the first, ended politely."""
    assert first.said
    return ran(folder, signal.SIGTERM)


@pytest.fixture(scope="module")
def third(folder: Program, second: Ran) -> Ran:
    """The demo after the second, the file of passwords being lost; its terminal is closed."""
    assert second.said
    (folder.data_dir / KEPT).unlink()
    return ran(folder, signal.SIGHUP)


@pytest.fixture(scope="module")
def furnished(folder: Program, second: Ran) -> Program:
    """The folder with everything a demo leaves in it."""
    assert second.said
    return folder


def test_a_demo_is_furnished(first: Ran) -> None:
    """The chronology, a login per role, a webhook source and a claim to send are there; the
    passwords lie in a file that only its owner may read."""
    assert [login["role"] for login in first.said["logins"]] == [
        "viewer", "contributor", "reviewer", "admin",
    ]  # fmt: skip
    for login in first.said["logins"]:
        assert login["email"] == f"{login['role']}@demo.example"
        assert len(login["password"]) >= 12
    assert base64.b64decode(first.said["secret"].removeprefix("whsec_"))
    assert first.mode == 0o600
    assert first.heads["demo"] > 484
    assert first.answers["/healthz"] == 200
    assert first.answers["/today"] in (302, 303)


def test_running_it_again_changes_nothing(first: Ran, second: Ran) -> None:
    """A second start has the same logins, the same secret and the same log."""
    for name in ("logins", "source", "secret"):
        assert first.said[name] == second.said[name], name
    assert first.heads == second.heads


def test_lost_passwords_are_made_anew(second: Ran, third: Ran) -> None:
    """Without the file of passwords, everybody gets another one, and it is the one that works."""
    assert not set(third.kept.values()) & set(second.kept.values())
    assert {login["password"] for login in third.said["logins"]} == set(third.kept.values())


@pytest.mark.parametrize("number", ["first", "second", "third"])
def test_ending_it_stops_everything(number: str, request: pytest.FixtureRequest) -> None:
    """Ctrl-C, a polite end and a closed terminal leave no server and no PostgreSQL."""
    ended: Ran = request.getfixturevalue(number)
    assert ended.servers
    assert ended.left == []
    assert ended.returncode == (1 if number == "third" else 0), ended.err
    assert "Traceback" not in ended.err
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", ended.port)) != 0


@pytest.mark.parametrize("seconds", [0.0, 0.5])
def test_ending_it_while_it_starts_stops_everything(furnished: Program, seconds: float) -> None:
    """Whenever Ctrl-C comes, PostgreSQL is stopped with the rest, and nothing is a traceback."""
    with demo(furnished, "--port", str(loopback.free_port())) as process:
        assert "Starting PostgreSQL" in first_line(process)
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=STOP_SECONDS_MAX)
        assert "Traceback" not in err
    assert postgres_in(furnished) == []


def test_the_command_it_prints_sends_a_webhook(furnished: Program) -> None:
    """What it prints can be pasted: the claim is accepted, and a second time known already."""
    with started(furnished, "demo", "--port", str(loopback.free_port())) as process:
        assert process.stdout is not None
        shown = ""
        while "Ctrl-C" not in shown:
            shown += first_line(process)
        (line,) = re.findall(r"^  (WEBHOOK_SECRET=.+)$", shown, re.MULTILINE)
        ends = [furnished.in_shell(line) for _ in range(2)]
        (token_line,) = re.findall(r"^  (.+ token create .+)$", shown, re.MULTILINE)
        made = furnished.in_shell(f"{token_line} --format json")
        (url,) = re.findall(r"The dashboard is at (\S+)", shown)
        head = loopback.get(
            f"{url}/api/v1/claims/demo-campaign-criticises-finland",
            headers={"Authorization": f"Bearer {json.loads(made.stdout)['token']}"},
            params={"min_position": "1"},
        )
    assert ends[0].returncode == 0, ends[0].stderr
    assert "accepted at position" in ends[0].stdout
    assert ends[1].stdout.endswith("received before\n")
    assert head.status_code == 200
    assert head.json()["status"] == "accepted"


def test_a_taken_port_is_one_line(folder: Program) -> None:
    """Where the port is taken, one line says so and what to do, before anything is started."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        for command in ("demo", "serve"):
            refused = folder.refused(command, "--port", str(port))
            assert f"port {port} of 127.0.0.1 is taken" in refused
            assert "--port" in refused
    assert postgres_in(folder) == []


def test_a_folder_that_cannot_be_written_is_one_line(folder: Program) -> None:
    """Where the data folder cannot be written, one line says so and what to do."""
    port = str(loopback.free_port())
    ended = folder("demo", "--port", port, "--data-dir", "/proc/article20", "--format", "json")
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert "the data folder /proc/article20 cannot be used" in ended.stderr


def test_a_server_serves_until_it_is_ended(furnished: Program) -> None:
    """`serve` says where it serves once it does, and ends with 0."""
    port = loopback.free_port()
    with started(furnished, "serve", "--port", str(port), "--workspace", "demo") as process:
        assert first_line(process) == (
            f"Serving http://127.0.0.1:{port}, workspace demo. Ctrl-C stops.\n"
        )
        assert loopback.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
        os.kill(process.pid, signal.SIGTERM)
        process.communicate(timeout=STOP_SECONDS_MAX)
        assert process.returncode == 0
    assert postgres_in(furnished) == []

"""`demo` and `serve` as processes: what they print, how fast they are back, and that they leave
nothing running."""

import base64
import json
import os
import re
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from tests import loopback
from tests.services.cli.program import (
    STOP_SECONDS_MAX,
    Program,
    first_line,
    free_port,
    program_folder,
    started,
)


def postgres_in(program: Program) -> list[int]:
    """The process ids of PostgreSQL servers that work in the data folder."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = " ".join(process.info["cmdline"] or [])
        if "postgres" in words and str(program.data_dir) in words:
            found.append(process.pid)
    return found


@pytest.fixture(scope="module")
def furnished() -> Iterator[Program]:
    """A data folder in which a demo has run once."""
    with program_folder() as program:
        port = str(free_port())
        with started(program, "demo", "--port", port, "--format", "json") as process:
            first_line(process)
        yield program


def demo(program: Program, *arguments: str, **environ: str) -> Any:
    """A running demo with what it said about itself."""
    return started(program, "demo", "--format", "json", *arguments, **environ)


def test_a_demo_is_furnished(furnished: Program) -> None:
    """The chronology, a login per role, a webhook source and a claim to send are there; the
    passwords lie in a file that only its owner may read."""
    with demo(furnished, PORT=str(free_port())) as process:
        said = json.loads(first_line(process))
        assert [login["role"] for login in said["logins"]] == [
            "viewer", "contributor", "reviewer", "admin",
        ]  # fmt: skip
        for login in said["logins"]:
            assert login["email"] == f"{login['role']}@demo.example"
            assert len(login["password"]) >= 12
        assert base64.b64decode(said["secret"].removeprefix("whsec_"))
        kept = furnished.data_dir / "demo-logins.json"
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert loopback.get(f"{said['url']}/healthz").status_code == 200
        led = loopback.get(f"{said['url']}/today", follow_redirects=False)
        assert led.status_code in (302, 303)


def test_running_it_again_changes_nothing(furnished: Program) -> None:
    """A second start has the same logins, the same secret and the same log."""
    said, heads = [], []
    for _ in range(2):
        with demo(furnished, "--port", str(free_port())) as process:
            facts = json.loads(first_line(process))
            found = furnished.answer("status", "--format", "json")["workspaces"]
            heads.append({w["workspace"]: w["head"] for w in found})
            said.append({name: facts[name] for name in ("logins", "source", "secret")})
    assert said[0] == said[1]
    assert heads[0]["demo"] == heads[1]["demo"] > 484


def test_the_command_it_prints_sends_a_webhook(furnished: Program) -> None:
    """What it prints can be pasted: the claim is accepted, and a second time known already."""
    with started(furnished, "demo", "--port", str(free_port())) as process:
        assert process.stdout is not None
        shown = ""
        while "Ctrl-C" not in shown:
            shown += first_line(process)
        (line,) = re.findall(r"^  (WEBHOOK_SECRET=.+)$", shown, re.MULTILINE)
        ends = [
            subprocess.run(
                ["bash", "-c", line],
                env=furnished.environ,
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
            for _ in range(2)
        ]
        (token_line,) = re.findall(r"^  (.+ token create .+)$", shown, re.MULTILINE)
        made = subprocess.run(
            ["bash", "-c", f"{token_line} --format json"],
            env=furnished.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
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


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ending_it_stops_everything(furnished: Program, how: signal.Signals) -> None:
    """Ctrl-C, a polite end and a closed terminal leave no server and no PostgreSQL."""
    port = free_port()
    with demo(furnished, "--port", str(port)) as process:
        first_line(process)
        assert postgres_in(furnished)
        process.send_signal(how)
        _, err = process.communicate(timeout=STOP_SECONDS_MAX)
        assert process.returncode == (1 if how == signal.SIGHUP else 0), err
        assert "Traceback" not in err
    assert postgres_in(furnished) == []
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize("seconds", [0.8, 1.1, 1.4])
def test_ending_it_while_it_starts_stops_everything(furnished: Program, seconds: float) -> None:
    """Whenever Ctrl-C comes, PostgreSQL is stopped with the rest, and nothing is a traceback."""
    with demo(furnished, "--port", str(free_port())) as process:
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=STOP_SECONDS_MAX)
        assert "Traceback" not in err
    assert postgres_in(furnished) == []


def test_a_taken_port_is_one_line(furnished: Program) -> None:
    """Where the port is taken, one line says so and what to do, before anything is started."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        for command in ("demo", "serve"):
            refused = furnished.refused(command, "--port", str(port))
            assert f"port {port} of 127.0.0.1 is taken" in refused
            assert "--port" in refused
    assert postgres_in(furnished) == []


def test_a_folder_that_cannot_be_written_is_one_line(furnished: Program) -> None:
    """Where the data folder cannot be written, one line says so and what to do."""
    refused = furnished.spawn(
        "demo", "--port", str(free_port()), "--data-dir", "/proc/article20", "--format", "json"
    )
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 1
    assert "the data folder /proc/article20 cannot be used" in refused.stderr


def test_lost_passwords_are_made_anew(furnished: Program) -> None:
    """Without the file of passwords, everybody gets another one, and it is the one that works."""
    kept = furnished.data_dir / "demo-logins.json"
    before = json.loads(kept.read_text())
    kept.unlink()
    with demo(furnished, "--port", str(free_port())) as process:
        said = json.loads(first_line(process))
    assert json.loads(kept.read_text()) != before
    assert {login["password"] for login in said["logins"]} == set(
        json.loads(kept.read_text()).values()
    )


def test_a_server_serves_until_it_is_ended(furnished: Program) -> None:
    """`serve` says where it serves once it does, and ends with 0."""
    port = free_port()
    with started(furnished, "serve", "--port", str(port), "--workspace", "demo") as process:
        assert first_line(process) == (
            f"Serving http://127.0.0.1:{port}, workspace demo. Ctrl-C stops.\n"
        )
        assert loopback.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
        os.kill(process.pid, signal.SIGTERM)
        process.communicate(timeout=STOP_SECONDS_MAX)
        assert process.returncode == 0
    assert postgres_in(furnished) == []

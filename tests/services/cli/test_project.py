"""Views brought forward by a process of its own, beside a server that leaves it to others."""

import signal
import subprocess
import time

from tests import loopback
from tests.services.cli.program import COMMAND, STOP_SECONDS_MAX, Program, first_line, started

WAIT_SECONDS_MAX = 120


def test_a_process_of_its_own_brings_the_views_forward(article20: Program) -> None:
    """A server that leaves the views to others answers from them once `project` runs beside it; it
    ends politely, and the server goes on."""
    port = loopback.free_port()
    claims = article20.data_dir / "claims.jsonl"
    claims.write_text(
        '{"id": "one", "kind": "statement_of_criticism", "treaty": "APMBC", '
        '"occurred_on": "2026-02-20", "actors": [{"kind": "state", "code": "NOR"}], '
        '"targets": ["FIN"], "summary": "Norway regretted it.", "details": {}, '
        '"sources": [{"publisher": "NRK", "published_on": "2026-02-20"}]}'
    )
    with started(article20, "serve", "--port", str(port), ARTICLE20_PROJECT="false") as server:
        first_line(server)
        article20.done("import", claims)
        assert article20.answer("status", "--format", "json")["projecting"] is False
        with started(article20, "project") as projector:
            assert "Bringing the views forward" in first_line(projector)
            ends_at = time.monotonic() + WAIT_SECONDS_MAX
            while article20.answer("status", "--format", "json")["lag_events"]:
                assert time.monotonic() < ends_at
                time.sleep(0.1)
            assert loopback.get(f"http://127.0.0.1:{port}/readyz").json()["lag_events"] == 0
        assert projector.returncode == 0
        assert loopback.get(f"http://127.0.0.1:{port}/healthz").status_code == 200


def test_what_runs_under_nohup_goes_on_when_the_terminal_hangs_up(article20: Program) -> None:
    """A hang-up that its starter had ignored ends nothing: it goes on until it is ended politely,
    and that is no failure."""
    with subprocess.Popen(
        ["nohup", *COMMAND, "project"],
        env=article20.environ,
        cwd=article20.data_dir,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as projector:
        first_line(projector)
        for number in (signal.SIGHUP, signal.SIGTERM):
            projector.send_signal(number)
        assert projector.wait(STOP_SECONDS_MAX) == 0

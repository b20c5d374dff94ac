"""A server whose embedded PostgreSQL is killed under it."""

import os
import signal
import time

from infra.postgres import embedded
from tests import clusters, loopback
from tests.services.cli.program import Program, first_line, program_folder, started

WAIT_SECONDS_MAX = 60
CLAIM = (
    '{"id": "one", "kind": "statement_of_criticism", "treaty": "APMBC", '
    '"occurred_on": "2026-02-20", "actors": [{"kind": "state", "code": "NOR"}], '
    '"targets": ["FIN"], "summary": "Norway regretted it.", "details": {}, '
    '"sources": [{"publisher": "NRK", "published_on": "2026-02-20"}]}'
)


def postmaster(article20: Program) -> int | None:
    """The process that the data folder names as its server; None while it names none."""
    file = article20.data_dir / embedded.FOLDER / "postmaster.pid"
    try:
        return int(file.read_text().splitlines()[0])
    except (FileNotFoundError, IndexError):
        return None


def test_a_postgres_that_is_killed_under_a_server_is_started_again_by_it() -> None:
    """Nobody else has to come: the server starts it again, says so, is ready within moments, holds
    what was recorded, and stops it in the end."""
    port = loopback.free_port()
    with program_folder() as article20:
        clusters.copied(article20.data_dir)
        with started(article20, "serve", "--port", str(port)) as server:
            first_line(server)
            article20.done("import", "-", stdin=CLAIM)
            for _ in range(2):
                killed = postmaster(article20)
                assert killed is not None
                os.kill(killed, signal.SIGKILL)
                ends_at = time.monotonic() + WAIT_SECONDS_MAX
                while not _is_ready_over_another(article20, port, killed):
                    assert time.monotonic() < ends_at
                    time.sleep(0.1)
            assert "sound" in article20.done("verify")
            assert '"id":"one"' in article20.done("export", "--out", "-").replace(" ", "")
            server.send_signal(signal.SIGTERM)
            _, said = server.communicate(timeout=WAIT_SECONDS_MAX)
        assert server.returncode == 0
        assert said.count("PostgreSQL was gone, and is started again") == 2
        assert not (article20.data_dir / embedded.FOLDER / "postmaster.pid").exists()


def _is_ready_over_another(article20: Program, port: int, killed: int) -> bool:
    if postmaster(article20) in (None, killed):
        return False
    return loopback.get(f"http://127.0.0.1:{port}/readyz").status_code == 200

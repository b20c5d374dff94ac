"""The page for senders: its examples are taken from it and run against a real server, and its table
is what the program answers."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import Article20Error
from services.settings import Settings
from tests.house.tree import ROOT
from tests.services.running import WORKSPACE, Running

PAGE = (ROOT / "docs" / "submitting.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^```\w+ (\S+)\n(.+?)^```$", PAGE, re.DOTALL | re.MULTILINE))
TIMEOUT_SECONDS = 120
ROW = re.compile(r"^\| (\d{3}) \| (?:`([a-z-]+)`)? ?\|", re.MULTILINE)


class Sender:
    """A folder with the examples of the page in it, as a reader would have saved them."""

    def __init__(self, site: Running, folder: Path) -> None:
        self.site, self.folder = site, folder
        for name, text in EXAMPLES.items():
            (folder / name).write_text(text, encoding="utf-8")

    def run(self, name: str, **environ: str) -> list[str]:
        """The lines that an example prints; it must end well."""
        plain = {n: v for n, v in os.environ.items() if not n.startswith(("ARTICLE20", "WEBHOOK"))}
        command = ["bash", "-eu", name] if name.endswith(".sh") else [sys.executable, name]
        ended = subprocess.run(
            command,
            cwd=self.folder,
            env=plain | environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )
        assert (ended.returncode, ended.stderr) == (0, ""), ended
        return ended.stdout.splitlines()

    def send(self, name: str, source: str) -> list[str]:
        """What an example prints that sends as one of the sources."""
        return self.run(
            name,
            WEBHOOK_URL=f"{self.site.url}/hooks/{source}",
            WEBHOOK_SECRET=self.site.secrets[source],
        )


@pytest.fixture
def sender(site: Running, tmp_path: Path) -> Sender:
    """The examples, ready to be run."""
    return Sender(site, tmp_path)


def test_a_claim_is_sent_by_python_and_by_the_shell(sender: Sender) -> None:
    """Python records the claim and is answered the same again; the shell, under another id, finds
    it there."""
    site = sender.site
    source = site.source(trusted=False)
    head = site.head()
    (said,) = sender.send("send.py", source)
    status, _, receipt = said.partition(" ")
    claim = json.loads(EXAMPLES["claim.json"])["id"]
    assert status == "201"
    assert json.loads(receipt) == {"claim": claim, "position": head + 1, "status": "pending"}
    assert sender.send("send.py", source) == [f"200 {receipt}"]
    assert sender.send("send.sh", source) == [receipt, "200"]
    assert site.head() == head + 1


def test_the_shell_alone_is_enough(sender: Sender) -> None:
    """Only curl and openssl are needed to record a claim, whatever letters it has."""
    text = EXAMPLES["claim.json"].replace("fin-2026-criticism", "by-curl")
    text = text.replace("having left", "leaving (wyjście, выход)").rstrip("\n")
    (sender.folder / "claim.json").write_text(text, encoding="utf-8")
    receipt, status = sender.send("send.sh", sender.site.source())
    assert (status, json.loads(receipt)["status"]) == ("201", "accepted")


def test_events_of_the_sdk_are_taken_once(sender: Sender) -> None:
    """Both forms of event are recorded, and answered the same again."""
    source = sender.site.source()
    first = sender.send("events.py", source)
    assert [line.partition(" ")[0] for line in first] == ["201", "201"]
    claims = [json.loads(line.partition(" ")[2])["claim"] for line in first]
    assert claims == ["structured", "binary"]
    assert sender.send("events.py", source) == [line.replace("201", "200", 1) for line in first]


def test_a_batch_is_answered_as_the_page_says(sender: Sender) -> None:
    """Each event has its own answer, and the good ones stand."""
    source = sender.site.source()
    expected = ["207", "0 batched-0 201", "1 batched-1 201", "2 batched-2 422"]
    assert sender.send("batch.py", source) == expected
    assert sender.send("batch.py", source) == [line.replace(" 201", " 200") for line in expected]


def test_a_key_pair_is_made_and_signs(sender: Sender) -> None:
    """The key that the page makes is taken, and what it signs is genuine."""
    site = sender.site
    private, public = sender.run("make_key.py")
    site.call(site.house.sources.add(WORKSPACE, "by-key", trusted=True, public_key=public))
    text = EXAMPLES["claim.json"].replace("fin-2026-criticism", "by-key")
    (sender.folder / "claim.json").write_text(text, encoding="utf-8")
    environ = {"WEBHOOK_URL": f"{site.url}/hooks/by-key", "WEBHOOK_PRIVATE_KEY": private}
    (said,) = sender.run("send_ed25519.py", **environ)
    assert said.startswith("201 ")


def test_every_refusal_of_the_table_is_one(site: Running) -> None:
    """Each problem that the page names is an error of the program with that status."""
    known = {(str(one.status), one.slug) for one in _errors(Article20Error)}
    rows = ROW.findall(PAGE)
    assert len(rows) == PAGE.count("\n| ") - 2  # the head and the rule below it
    assert {row for row in rows if row[1]} <= known


def _errors(kind: type[Article20Error]) -> Iterator[type[Article20Error]]:
    for one in kind.__subclasses__():
        yield one
        yield from _errors(one)


def test_the_bounds_are_those_of_the_settings() -> None:
    """Each number on the page is the default of its setting."""
    settings = Settings()
    for said in (
        f"beyond {settings.body_bytes_max // 1024} KiB",
        f"{settings.batch_bytes_max // 1024**2} MiB for a batch",
        f"Up to {settings.batch_items_max} events",
        f"more than {settings.signature_tolerance_seconds} s off",
        f"good for {settings.rotation_overlap_hours} hours",
        f"kept for {settings.refused_bodies_days_max} days",
    ):
        assert said in PAGE, said

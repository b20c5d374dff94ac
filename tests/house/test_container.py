"""The image and the two services around it, judged from their text; no engine is started."""

import json
import re
from functools import cache
from typing import Any

import yaml

from tests.house import tree

TAG = re.compile(r"^[a-z0-9./-]+:[\w.-]*\d[\w.-]*$")
SECRET = re.compile(r"(PASSWORD|SECRET|KEY|TOKEN|DATABASE_URL)$")


@cache
def instructions() -> list[tuple[str, str]]:
    """Instruction and argument of each line of the Dockerfile, continued lines joined."""
    text = (tree.ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def last(word: str) -> str:
    """The argument of the last such instruction: the one that holds in the image."""
    return [rest for instruction, rest in instructions() if instruction == word][-1]


@cache
def compose() -> dict[str, Any]:
    text = (tree.ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def test_images_are_named_by_version() -> None:
    """No image is `latest` or without a tag."""
    built_on = [rest.split(" AS ")[0] for word, rest in instructions() if word == "FROM"]
    run = [service["image"] for service in compose()["services"].values()]
    for image in (*built_on, *run):
        assert TAG.match(image), image


def test_the_store_is_postgresql_18() -> None:
    """The store is the engine that article20 embeds, with its data in a named volume at the place
    where the image of that version keeps them."""
    store = compose()["services"]["postgres"]
    assert store["image"] == "postgres:18"
    assert "postgres:/var/lib/postgresql" in store["volumes"]
    assert "postgres" in compose()["volumes"]


def test_the_image_runs_as_nobody_of_importance() -> None:
    """The program runs under a numeric user other than root, so that an engine can check it."""
    user, _, group = last("USER").partition(":")
    assert int(user) > 0
    assert int(group) > 0
    after = [word for word, _ in instructions()]
    assert "RUN" not in after[len(after) - after[::-1].index("USER") :]


def test_the_image_knows_whether_it_is_well() -> None:
    """The health check asks /healthz with Python, the one client the image is sure to have."""
    _, _, command = last("HEALTHCHECK").partition("CMD ")
    words = json.loads(command)
    assert words[:2] == ["python", "-c"]
    compile(words[2], "HEALTHCHECK", "exec")
    assert "/healthz" in words[2]
    assert f":{last('EXPOSE')}/" in words[2]


def test_programs_receive_signals() -> None:
    """The program is started without a shell in between, so that it can stop in order."""
    assert json.loads(last("ENTRYPOINT")) == ["article20"]
    assert json.loads(last("CMD")) == ["serve"]


def test_the_image_installs_by_hash_alone() -> None:
    """Whatever is installed into the image comes from a lock file or from the tree."""
    for word, rest in instructions():
        if word == "RUN":
            for step in rest.split("&&"):
                if "pip install" in step:
                    assert "--require-hashes" in step or "--no-index --no-deps" in step, step


def test_the_image_gets_what_the_wheel_is_made_of() -> None:
    """Every folder that ships, and what the build reads, is copied and let through to the
    engine."""
    copied = {source for word, rest in instructions() if word == "COPY" for source in rest.split()}
    ignore = (tree.ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignore[1] == "*"
    for name in (*tree.SHIPPED, "requirements", "pyproject.toml", "README.md", "LICENSE"):
        assert name in copied, name
        assert f"!{name}" in ignore, name


def test_both_services_are_watched_and_come_back() -> None:
    """The store has a health check, the image brings its own; both restart, and article20 waits
    until the store is well."""
    services = compose()["services"]
    assert "pg_isready" in services["postgres"]["healthcheck"]["test"]
    assert services["article20"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert {service["restart"] for service in services.values()} == {"unless-stopped"}


def test_secrets_are_files() -> None:
    """No password stands in the file or in the environment; each is a secret that git ignores."""
    for name, service in compose()["services"].items():
        assert service["secrets"], name
        for variable in service["environment"]:
            assert not SECRET.search(variable), f"{name}: {variable} should be given as a file"
        for secret in service["secrets"]:
            assert compose()["secrets"][secret]["file"].startswith("./secrets/")
    assert "/secrets/" in (tree.ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_only_this_machine_reaches_the_program() -> None:
    """The port is bound to loopback, the store has none, and the container may do little."""
    services = compose()["services"]
    assert "ports" not in services["postgres"]
    program = services["article20"]
    assert all(port.startswith("127.0.0.1:") for port in program["ports"])
    assert program["read_only"] is True
    assert program["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in program["security_opt"]

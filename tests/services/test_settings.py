"""Settings from an environment: what is taken, and what is refused in one line."""

from pathlib import Path

import pytest

from domain.errors import SetupRefused
from services.settings import Settings, read_settings, user_data_dir

HOME = {"HOME": "/home/ada"}


def test_nothing_needs_to_be_set() -> None:
    """An empty environment gives the defaults, with the data in the user's own folder."""
    settings = read_settings(HOME)
    assert (settings.host, settings.port) == ("127.0.0.1", 8020)
    assert settings.data_dir.is_relative_to("/home/ada")
    assert settings.data_dir.name == "article20"
    assert settings.database_url == ""


def test_the_data_folder_follows_the_desktop_standard() -> None:
    """XDG_DATA_HOME says where a user's data lie."""
    assert user_data_dir({"XDG_DATA_HOME": "/data", **HOME}) == Path("/data/article20")


def test_values_are_read_by_their_types() -> None:
    """Numbers, words and folders come out of text as what they are."""
    settings = read_settings(
        {
            **HOME,
            "ARTICLE20_PORT": "8021",
            "ARTICLE20_LIVE_HEARTBEAT_SECONDS": "2.5",
            "ARTICLE20_LOG_LEVEL": "debug",
            "ARTICLE20_DATA_DIR": "relative/folder",
            "UNRELATED": "1",
        }
    )
    assert settings.port == 8021
    assert settings.live_heartbeat_seconds == 2.5
    assert settings.log_level == "debug"
    assert settings.data_dir == Path.cwd() / "relative" / "folder"


def test_a_value_may_come_from_a_file(tmp_path: Path) -> None:
    """NAME_FILE names a file that holds the value; its last line break is not part of it."""
    file = tmp_path / "url"
    file.write_text("postgresql://ada:secret@db/article20\n")
    settings = read_settings({**HOME, "ARTICLE20_DATABASE_URL_FILE": str(file)})
    assert settings.database_url == "postgresql://ada:secret@db/article20"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ARTICLE20_PROT", "8021"),
        ("ARTICLE20_PORT", "web"),
        ("ARTICLE20_PORT", "0"),
        ("ARTICLE20_PORT", "70000"),
        ("ARTICLE20_PORT", ""),
        ("ARTICLE20_LOG_LEVEL", "loud"),
        ("ARTICLE20_WORKSPACE", "Our Coalition"),
        ("ARTICLE20_DATA_DIR", ""),
        ("ARTICLE20_DATABASE_URL", "mysql://db"),
        ("ARTICLE20_DATABASE_URL_FILE", "/nowhere/url"),
        ("ARTICLE20_SECRET_KEY", "short"),
        ("ARTICLE20_SECRET_KEY_PREVIOUS", "long enough, but without the new one"),
        ("ARTICLE20_PUBLIC_URL", "article20.example.org"),
        ("ARTICLE20_PUBLIC_URL", "https://example.org/article20"),
        ("ARTICLE20_BATCH_BYTES_MAX", "2048"),
        ("ARTICLE20_LIVE_HEARTBEAT_SECONDS", "0"),
        ("ARTICLE20_LIVE_HEARTBEAT_SECONDS", "nan"),
        ("ARTICLE20_LIVE_HEARTBEAT_SECONDS", "inf"),
    ],
)
def test_what_is_unknown_or_malformed_is_refused(variable: str, value: str) -> None:
    """A setting that is unknown or not usable is refused by name, in one line, without its
    value."""
    with pytest.raises(SetupRefused) as refused:
        read_settings({**HOME, variable: value})
    said = str(refused.value)
    assert variable in said
    assert "\n" not in said
    if "SECRET" in variable:
        assert value not in said


def test_a_value_and_a_file_are_one_too_many(tmp_path: Path) -> None:
    """Which of the two counts would be a guess."""
    file = tmp_path / "port"
    file.write_text("8021")
    environ = {**HOME, "ARTICLE20_PORT": "8022", "ARTICLE20_PORT_FILE": str(file)}
    with pytest.raises(SetupRefused, match="given twice"):
        read_settings(environ)


def test_every_bound_names_its_unit() -> None:
    """A number among the settings ends in its unit or its kind, so that nobody has to guess."""
    units = ("_max", "_seconds", "_hours", "port")
    numbers = [
        name
        for name, kind in Settings.__annotations__.items()
        if any(word in str(kind) for word in ("int", "float"))
    ]
    assert numbers
    assert [name for name in numbers if not name.endswith(units)] == []

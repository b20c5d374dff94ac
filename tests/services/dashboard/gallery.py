"""Every page sample under the name of its file, and the rendering of all of them into a folder."""

from pathlib import Path

import msgspec

from services.dashboard.assets import PREFIX, assets
from services.dashboard.render import render
from tests.services.dashboard import poland, samples


def pages() -> dict[str, msgspec.Struct]:
    """File name (without ending) -> page model."""
    return {
        "today": samples.today(),
        "today-past": samples.today(samples.PAST),
        "today-mistyped": samples.today(samples.MISTYPED),
        "today-empty": samples.empty_today(),
        "governments": samples.governments(),
        "governments-none": samples.no_governments(),
        "government": poland.poland(),
        "government-past": poland.poland(samples.PAST, opened=False),
        "government-quiet": poland.tonga(),
        "login": samples.login(),
        "login-refused": samples.login("Email and password do not match an account here."),
        "error": samples.error(),
        "error-plain": samples.error(framed=False),
    }


def write(folder: Path) -> list[Path]:
    """Render every sample and its assets into `folder`, as a plain file server expects them."""
    static = folder / PREFIX.strip("/")
    static.mkdir(parents=True, exist_ok=True)
    for asset in assets().values():
        (static / asset.name).write_bytes(asset.body)
    written = []
    for name, page in pages().items():
        path = folder / f"{name}.html"
        path.write_text(render(page), encoding="utf-8")
        written.append(path)
    return written

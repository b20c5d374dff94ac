"""Takes pictures of every sample page, for people to look at; no test depends on a picture.

`python -m tests.services.dashboard.shots FOLDER` writes one per page, width and scheme, drawn
without script.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests.services.dashboard import gallery
from tests.services.dashboard.stage import served

WIDTHS_PX: Final = (390, 1440)
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
EXPECT_MILLISECONDS_MAX: Final = 60_000
"""How long a page may take until it shows what is expected of it: a machine may be busy."""
ARGS: Final = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run"),
)


def chromium(playwright: Playwright) -> Browser:
    """Chromium, named by ARTICLE20_TEST_CHROMIUM or found on the path, its shell first."""
    found = filter(None, map(shutil.which, ("chromium-headless-shell", "chromium")))
    expect.set_options(timeout=EXPECT_MILLISECONDS_MAX)
    program = os.environ.get("ARTICLE20_TEST_CHROMIUM") or next(found, None)
    return playwright.chromium.launch(executable_path=program, args=list(ARGS))


def take(folder: Path) -> None:
    """Write `PAGE-WIDTH-SCHEME.png` for every sample."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, served() as stage:
        for name, page in gallery.pages().items():
            stage.show(f"/{name}", page)
        browser = chromium(playwright)
        for width in WIDTHS_PX:
            for scheme in SCHEMES:
                context = browser.new_context(
                    viewport={"width": width, "height": 900},
                    color_scheme=scheme,
                    java_script_enabled=False,
                )
                window = context.new_page()
                for name in gallery.pages():
                    window.goto(f"{stage.address}/{name}")
                    path = folder / f"{name}-{width}-{scheme}.png"
                    window.screenshot(path=str(path), full_page=True)
                context.close()
        browser.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]))

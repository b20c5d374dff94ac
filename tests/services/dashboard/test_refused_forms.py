"""Refused forms: whoever is told what is wrong stands where it can be mended."""

import pytest

from services.dashboard.render import render
from tests.services.dashboard import gallery
from tests.services.dashboard.markup import Markup

PAGES = gallery.in_english()
WRONG = "[aria-invalid]"
TOLD = ".state[data-kind=error][role=alert]"
FOCUSED = "main [autofocus], .clockbar [autofocus]"
REFUSED = sorted(
    name for name, page in PAGES.items() if Markup(render(page)).all(f"{WRONG}, {TOLD}")
)


@pytest.mark.parametrize("name", REFUSED)
def test_the_focus_is_where_something_is_wrong(name: str) -> None:
    """One thing of the page has the focus as it opens, without script: the list of what is wrong,
    the first field that is, or, where no field can be named, the refusal itself."""
    page = Markup(render(PAGES[name]))
    focused = page.all(FOCUSED)
    assert len(focused) == 1
    wrong = [*page.all(f"#wrong, #stands, {WRONG}")] or page.all(TOLD)
    assert focused[0] is wrong[0]

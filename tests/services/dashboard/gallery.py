"""Every page sample by name, for tests and pictures."""

from functools import cache

import msgspec

from services.dashboard.answering import not_allowed
from tests.services.dashboard import (
    campaign_screens,
    desk_screens,
    form_screens,
    import_screens,
    interface_screens,
    people_screens,
    poland,
    samples,
    screens,
    sources_screens,
)


@cache
def in_english() -> dict[str, msgspec.Struct]:
    """Name -> page model, in English; made once for all tests of a process."""
    return pages()


def pages() -> dict[str, msgspec.Struct]:
    """Name -> page model, in the language that is chosen."""
    return {
        "today": samples.today(),
        "today-past": samples.today(samples.PAST),
        "today-mistyped": samples.today(samples.MISTYPED),
        "today-empty": samples.empty_today(),
        "governments": samples.governments(samples.weighing()),
        "governments-weighed": samples.governments(samples.weighing("louder")),
        "governments-none": samples.no_governments(),
        "government": poland.poland(),
        "government-past": poland.poland(samples.PAST, opened=False),
        "government-quiet": poland.tonga(),
        "government-empty": poland.uncollected(),
        "login": samples.login(),
        "login-refused": samples.login("Email and password do not match an account here."),
        "error": samples.error(),
        "error-plain": samples.error(framed=False),
        "error-again": samples.typed_again(),
        "error-role": not_allowed(samples.error(framed=False), "contributor", "viewer"),
        **screens.pages(),
        **desk_screens.pages(),
        **campaign_screens.pages(),
        **import_screens.pages(),
        **interface_screens.pages(),
        **people_screens.pages(),
        **form_screens.pages(),
        **sources_screens.pages(),
    }

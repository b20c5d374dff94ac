"""Templates say what they always say without working it out each time."""

from collections.abc import Iterator

import pytest
from markupsafe import Markup

from services.dashboard.language import ENGLISH, choose, template_text, tongue
from services.dashboard.settling import SettlingEnvironment


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    choose(tongue(ENGLISH))


def test_what_never_changes_is_worked_out_once() -> None:
    """A call with constants alone is made when a template is compiled, in whatever place it stands;
    one with a value of the page is made each time it is drawn, and what it says is escaped."""
    calls: list[str] = []

    def say(*words: str) -> Markup:
        calls.append(" ".join(words))
        return Markup("<b>{}</b>").format(" ".join(words))

    environment = SettlingEnvironment({"say": say}, autoescape=True)
    text = "{% macro as(it) %}({{ it }}){% endmacro %}"
    text += "{{ say('a', 'b') }}{{ as(say('c')) }}{{ say(x) }}"
    template = environment.from_string(text)
    assert calls == ["a b", "c"]
    drawn = [template.render(x=x) for x in ("1", "<2>")]
    assert drawn == [
        "<b>a b</b>(<b>c</b>)<b>1</b>",
        "<b>a b</b>(<b>c</b>)<b>&lt;2&gt;</b>",
    ]
    assert calls == ["a b", "c", "1", "<2>"]


def test_a_name_that_is_the_templates_own_is_not_settled() -> None:
    """Where a template gives a settled name to something of its own, that is called."""
    environment = SettlingEnvironment({"say": lambda word: f"settled {word}"}, autoescape=True)
    text = "{% for say in mine %}{{ say('a') }}{% endfor %}"
    assert environment.from_string(text).render(mine=[str.upper]) == "A"


def test_every_language_has_words_of_its_own() -> None:
    """What is settled in one language is not said in another."""
    said = {}
    for code in ("en", "fr", "es"):
        choose(tongue(code))
        environment = SettlingEnvironment({"_": template_text}, autoescape=True)
        said[code] = environment.from_string('{{ _("Today") }}').render()
    assert said == {"en": "Today", "fr": "Aujourd’hui", "es": "Hoy"}

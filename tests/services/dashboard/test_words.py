"""The words of the dashboard: the catalogues hold them all, and no page says another one."""

import re
from collections.abc import Iterator
from functools import cache

import pytest
from babel.messages import Catalog
from babel.messages.pofile import read_po

from docs.words import extracted
from projections.dossier import MEASURES
from services.dashboard import words
from services.dashboard.language import ENGLISH, LANGUAGES, catalogue_path, choose, tongue
from tests import chronology
from tests.services.dashboard import test_built

OTHERS = tuple(code for code in LANGUAGES if code != ENGLISH)
PLACES = re.compile(r"%\((\w+)\)[a-z]|\{(\w+)(?:![rs])?\}")
SAID_IN = ("aria-label", "title", "placeholder", "alt", "label", "data-l", "data-says-name")
"""Attributes that hold words for people."""


@cache
def catalogue(code: str) -> Catalog:
    """The catalogue of a language as it stands."""
    with catalogue_path(code).open("rb") as file:
        return read_po(file, locale=code)


@cache
def of_the_code() -> Catalog:
    """Every word of the code."""
    return extracted()


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    choose(tongue(ENGLISH))


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_holds_the_words_of_the_code_and_no_others(code: str) -> None:
    """None is missing, none is left over, none is a guess: `make words` brings them in line."""
    wanted = {message.id for message in of_the_code() if message.id}
    held = {message.id for message in catalogue(code) if message.id}
    assert wanted - held == set()
    assert held - wanted == set()
    assert [message.id for message in catalogue(code) if message.id and message.fuzzy] == []


@pytest.mark.parametrize("code", OTHERS)
def test_every_word_is_translated_with_its_values(code: str) -> None:
    """A translation is there, in each of its forms, names the values of the text, and holds nothing
    that would break out of a page."""
    forms = catalogue(code).num_plurals
    for message in catalogue(code):
        if not message.id:
            continue
        texts = message.id if isinstance(message.id, tuple | list) else (message.id,)
        told = message.string
        said = [str(one or "") for one in (told if isinstance(told, tuple | list) else (told,))]
        assert len(said) == (forms if len(texts) > 1 else 1), message.id
        assert all(said), message.id
        assert _places(said[-1]) == _places(texts[-1]), message.id
        for one in said:
            assert _places(one) <= _places(texts[-1]), message.id
            assert not set(one) & set('<>"') - set(texts[-1]), message.id


def test_the_reasons_of_the_domain_are_in_the_catalogues() -> None:
    """What a number leaves out, and why, is said in every language."""
    held = {message.id for message in of_the_code()}
    reasons = {
        out.reason
        for code in ("FIN", "LTU", "POL", "UKR", "RUS")
        for measure in MEASURES.values()
        for out in measure(
            [version.facts for version in chronology.versions(government=code)],
            code,
            test_built.EVE,
            chronology.weights(),
        ).excluded
    }
    assert reasons
    assert reasons <= held
    assert set(words.LEFT_OUT) <= held


def _places(text: str) -> set[str]:
    return {one or other for one, other in PLACES.findall(text)}

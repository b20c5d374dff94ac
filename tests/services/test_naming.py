"""Governments by their usual spellings: each name one government, and no guess."""

import pytest

from domain.governments import GOVERNMENTS
from services.naming import UnknownGovernment, government_of
from services.wiring import government_spellings


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Turkey", "TUR"), ("Türkiye", "TUR"), ("turkiye", "TUR"), ("Turquie", "TUR"),
        ("Swaziland", "SWZ"), ("Eswatini", "SWZ"), ("eSwatini", "SWZ"),
        ("Macedonia", "MKD"), ("North Macedonia", "MKD"), ("FYROM", "MKD"),
        ("Czech Republic", "CZE"), ("Czechia", "CZE"), ("the Czech Republic", "CZE"),
        ("Burma", "MMR"), ("Myanmar", "MMR"), ("Myanmar (Burma)", "MMR"),
        ("Côte d’Ivoire", "CIV"), ("cote d'ivoire", "CIV"), ("Ivory Coast", "CIV"),
        ("Iran", "IRN"), ("Islamic Republic of Iran", "IRN"),
        ("Holland", "NLD"), ("Kingdom of the Netherlands", "NLD"),
        ("DRC", "COD"), ("Congo", "COG"), ("Congo-Brazzaville", "COG"), ("Zaire", "COD"),
        ("South Korea", "KOR"), ("DPRK", "PRK"), ("Viet Nam", "VNM"), ("Vietnam", "VNM"),
        ("the United States", "USA"), ("U.S.", "USA"), ("Estados Unidos", "USA"),
        ("UK", "GBR"), ("Royaume-Uni", "GBR"), ("St. Lucia", "LCA"), ("Saint Lucia", "LCA"),
        ("fin", "FIN"), ("FI", "FIN"), ("  Finland ", "FIN"), ("Финляндия", "FIN"), ("芬兰", "FIN"),
        ("Cabo Verde", "CPV"), ("Cape Verde", "CPV"), ("Palestine", "PSE"), ("Vatican", "VAT"),
        ("Kingdom of Norway", "NOR"), ("NO", "NOR"), ("Guinea-Bissau", "GNB"), ("Guinea", "GIN"),
    ],
)  # fmt: skip
def test_a_usual_spelling_names_its_government(text: str, code: str) -> None:
    """Accents, case, former names and other languages lead to the one government meant."""
    assert government_of(text) == code


def test_every_name_and_every_added_spelling_names_its_own() -> None:
    """No spelling of one government is read as another one."""
    for code, name in (*GOVERNMENTS.items(), *government_spellings()):
        assert government_of(name) == code, name
        assert government_of(code.lower()) == code


@pytest.mark.parametrize("text", ["", "Korea", "no", "is", "Atlantis", "Sudan and Chad", "x" * 500])
def test_what_names_none_is_never_guessed(text: str) -> None:
    """A name of none, of two, or of a common word is refused."""
    with pytest.raises(UnknownGovernment):
        government_of(text)


def test_a_misspelling_is_answered_with_what_it_resembles() -> None:
    """Who mistypes is offered the names that come near."""
    with pytest.raises(UnknownGovernment) as refused:
        government_of("Finlannd")
    assert "Finland" in refused.value.near
    with pytest.raises(UnknownGovernment) as refused:
        government_of("Lithunia")
    assert refused.value.near[0] == "Lithuania"

"""Treaties by the names people use for them, in the languages of the product: by the city, by what
they ban, in short and in full; it never guesses, and suggests nothing."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final

from domain.treaties import TREATIES

NAME_CHARS_MAX: Final = 200

USED: Final[dict[str, tuple[str, ...]]] = {
    "APMBC": (
        "MBT", "Ottawa", "Ottawa Treaty", "Ottawa Convention", "Mine Ban Convention",
        "Anti-Personnel Mine Ban Treaty", "Anti-Personnel Mine Ban Convention",
        "Antipersonnel Mine Ban Treaty", "Antipersonnel Mine Ban Convention",
        "Convention d'Ottawa", "Traité d'Ottawa",
        "Traité d'interdiction des mines", "Convention d'interdiction des mines",
        "Traité sur l'interdiction des mines", "Convention sur l'interdiction des mines",
        "Traité d'interdiction des mines antipersonnel",
        "Convention sur l'interdiction des mines antipersonnel",
        "Convention sur l'interdiction de l'emploi, du stockage, de la production et du transfert"
        " des mines antipersonnel et sur leur destruction",
        "Convención de Ottawa", "Tratado de Ottawa",
        "Tratado de Prohibición de Minas", "Convención de Prohibición de Minas",
        "Tratado para la Prohibición de Minas", "Tratado sobre la Prohibición de Minas",
        "Tratado de Prohibición de Minas Antipersonal",
        "Convención sobre la Prohibición de Minas Antipersonal",
        "Convención sobre la prohibición del empleo, almacenamiento, producción y transferencia"
        " de minas antipersonal y sobre su destrucción",
        "Ottawa-Konvention", "Ottawa-Vertrag", "Ottawa-Übereinkommen",
    ),
    "CCM": (
        "Oslo", "Oslo Treaty", "Oslo Convention", "Cluster Munitions Convention",
        "Cluster Munition Convention", "Cluster Munitions Treaty", "Treaty on Cluster Munitions",
        "Cluster Bomb Treaty",
        "CASM", "Convention d'Oslo", "Traité d'Oslo",
        "Convention sur les armes à sous-munitions", "Traité sur les armes à sous-munitions",
        "Convención de Oslo", "Tratado de Oslo",
        "Convención sobre Municiones en Racimo", "Tratado sobre Municiones en Racimo",
        "Convención sobre Municiones de Racimo",
        "Oslo-Konvention", "Oslo-Übereinkommen", "Übereinkommen über Streumunition",
    ),
}  # fmt: skip
"""Code -> what people write for it besides its code and the names the treaty itself has."""

_SAID_BESIDES: Final = frozenset({
    "the", "on", "of", "d", "l", "de", "des", "du", "la", "las", "le", "les", "del", "sur", "para",
    "sobre",
})  # fmt: skip


@lru_cache(maxsize=1024)
def treaty_code(text: str) -> str | None:
    """The code of the treaty that a code in any case or a name means; None where it means none."""
    return None if len(text) > NAME_CHARS_MAX else _known().get(_folded(text))


@cache
def _known() -> dict[str, str]:
    return {
        _folded(name): code
        for code, one in TREATIES.items()
        for name in (code, one.name, one.short_name, *USED.get(code, ()))
    }


def _folded(name: str) -> str:
    """A name without case, accents, punctuation, and words that say nothing."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(word for word in re.findall(r"\w+", plain) if word not in _SAID_BESIDES)

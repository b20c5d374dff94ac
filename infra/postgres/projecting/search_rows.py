"""What versions are found by, as rows: one for each version that may tell something new, and the
words that the vocabulary lacks; it sends nothing.

What a feature is says `projections.finding`. Rows are the same however they are made, so that a
replay proves them.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from struct import Struct
from typing import Any, Final

from infra.postgres.projecting.copying import INT4, INT8, INT_OID, text
from infra.postgres.projecting.sheets import Sheet
from projections.finding import (
    features_beside,
    features_in,
    features_of,
    grams_of,
    is_word,
    key_of,
    tells_anew,
)
from projections.histories import Version
from projections.spans import Span

FEATURES_HELD_MAX: Final = 500_000
"""So many features are held packed during a build, at most 100 MB; then it begins anew."""
TEXTS_HELD: Final = 4096
"""Of so many texts that come again and again all features are held packed, some kilobytes each."""
PENDING_KILOBYTES: Final = 256
"""What a projector lets wait beside an index: so much is looked through by every search."""
PENDING_OF_BUILD_KILOBYTES: Final = 16_384
"""The same during a bulk build: what is put in together is put in sooner."""
_array: Final = Struct(">iiiiii")
_number: Final = Struct(">ii").pack
_recorded: Final = Struct(">iq").pack
_SEARCH_COLUMNS: Final = (7).to_bytes(2, "big")
_WORD_COLUMNS: Final = (2).to_bytes(2, "big")


class SearchPacker:
    """Packs what versions are found by for one build: `searches`, and in `words` each word once.

    `held_max`: how many features are held before some may come again.
    """

    def __init__(self, held_max: int = FEATURES_HELD_MAX) -> None:
        self.searches = Sheet("staged_search", make="stage_searches", fill="fill_searches")
        self.words = Sheet("staged_word", make="stage_words", fill="fill_words")
        self.sheets = (self.words, self.searches)
        self.held_max = held_max
        self._held: dict[str, bytes] = {}
        self._packed_in = lru_cache(maxsize=TEXTS_HELD)(self._packed_of)

    def pack(self, version: Version, texts: Sequence[str], day: bytes, begins: bytes) -> None:
        """Pack the row of a version that tells something new.

        `texts`: `projections.search.texts_of` its claim; `day`: a column; `begins`: see
        `infra.postgres.projecting.bulk_rows.begins_of`.
        """
        if not tells_anew(version):
            return
        claim = version.claim
        # As `features_of`, but what is in the texts that come again is not looked for again.
        own, *others = texts
        packed = self._packed(features_in(own))
        for text_held in others:
            packed |= self._packed_in(text_held)
        packed |= self._packed(features_beside(claim))
        parts = packed.values()
        self.searches.rows.append(
            b"".join(
                (
                    _SEARCH_COLUMNS,
                    begins,
                    text(claim.id),
                    day,
                    _recorded(INT8, version.recorded_position),
                    _head(len(parts)),
                    *parts,
                )
            )
        )

    def _packed_of(self, text_held: str) -> dict[str, bytes]:
        return self._packed(features_in(text_held))

    def _packed(self, features: list[str]) -> dict[str, bytes]:
        """Features in their order, each with what stands for it in a row."""
        found: dict[str, Any] = dict(zip(features, map(self._held.get, features), strict=True))
        if None in found.values():  # one that was not met before, as a claim's own mostly is
            return {feature: packed or self._hold(feature) for feature, packed in found.items()}
        return found

    def _hold(self, feature: str) -> bytes:
        if len(self._held) >= self.held_max:
            self._held.clear()
        packed = self._held[feature] = _number(INT4, key_of(feature))
        if is_word(feature):
            grams = grams_of(feature)
            body = b"".join([_number(INT4, gram) for gram in grams])
            self.words.rows.append(_WORD_COLUMNS + text(feature) + _head(len(grams)) + body)
        return packed


def search_rows(opened: Iterable[Span]) -> tuple[list[tuple[Any, ...]], list[tuple[str, str]]]:
    """Rows of `claim_search` and of `search_word` for versions, without workspace and generation;
    keys as one text each, parted by spaces."""
    rows: list[tuple[Any, ...]] = []
    words: dict[str, None] = {}
    for version in (span.version for span in opened):
        if not tells_anew(version):
            continue
        claim = version.claim
        features = features_of(claim)
        words.update((feature, None) for feature in features if is_word(feature))
        rows.append(
            (
                claim.id,
                version.number,
                version.position,
                version.known_from,
                claim.date.representative_day,
                version.recorded_position,
                " ".join([str(key_of(feature)) for feature in features]),
            )
        )
    return rows, [_word_row(word) for word in sorted(words)]


def _word_row(word: str) -> tuple[str, str]:
    """A row of `search_word`: a word, and its grams as one text."""
    return word, " ".join(map(str, grams_of(word)))


def _head(count: int) -> bytes:
    """What the column of an array of so many numbers begins with."""
    return _array.pack(20 + 8 * count, 1, 0, INT_OID, count, 1)

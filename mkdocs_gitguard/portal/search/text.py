"""What a word is, and when two texts are the same: the one half of the search whose other half is `search.js`.

Both sides must agree on every character, so the rules are few: NFKD without marks
(https://www.unicode.org/reports/tr15/), small letters, no character beyond the Basic Multilingual Plane (whose order
differs between Python and JavaScript), one blank for any white space.
"""

import unicodedata
from collections.abc import Iterator
from typing import Final

from mkdocs_gitguard.late_pattern import late_pattern

LONGEST_WORD: Final = 32
"""Characters that are looked at; what is typed is cut likewise."""
LONGEST_NAME: Final = 160
_WORD: Final = late_pattern(r"[^\W_]+")
_PIECE: Final = late_pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_MIXED: Final = late_pattern(r"[a-z][A-Z]|[A-Z][A-Z][a-z]")
_BEYOND: Final = late_pattern("[\U00010000-\U0010ffff\ud800-\udfff]")


def folded(text: str) -> str:
    """Return a text as it is compared: without case, marks and odd white space."""
    if not text.isascii():
        text = _BEYOND.sub("", unicodedata.normalize("NFKD", text))
        text = "".join(character for character in text if not unicodedata.category(character).startswith("M"))
    return " ".join(text.lower().split())


def folded_name(name: str) -> str:
    """Return a name as the table of names has it."""
    return folded(name)[:LONGEST_NAME]


def words_of(text: str) -> Iterator[str]:
    """Yield the words of a text, each run of letters and digits being one, in order, some perhaps twice."""
    for word in _WORD.findall(folded(text)):
        yield word[:LONGEST_WORD]


def pieces_of(text: str) -> Iterator[str]:
    """Yield the parts of words that are written in camel case: `K8sRequiredLabels` gives required and labels too."""
    for word in _WORD.findall(text):
        if _MIXED.search(word):
            for piece in _PIECE.findall(word):
                if len(piece) > 1:
                    yield piece.lower()[:LONGEST_WORD]

"""Names of people in commits: which are whole, and which says most."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

_NO_NAMES: Final = frozenset(
    ["your name", "unknown user", "github actions", "no name", "first last", "john doe", "jane doe", "unknown author"]
)
_FEWEST_NAME_WORDS: Final = 2
_LOST: Final = re.compile(r"[\x00-\x1f\x7f-\x9f?\u2500-\u259f\ufffd\ud800-\udfff]|\\x?[0-9a-fA-F]{2,3}|&#?\w{1,10};")
"""What stands where a character was lost: question marks, replacement characters, escapes, entities."""
_CODE_PAGES: Final = ("cp1252", "latin-1", "cp1250", "cp1251", "mac_roman", "cp437")


@lru_cache(16_384)
def is_garbled(name: str) -> bool:
    """Whether a name was written in one encoding and read in another, or lost characters on its way."""
    if _LOST.search(name) or not name.strip():
        return True
    return not name.isascii() and any(_was_read_as(page, name) for page in _CODE_PAGES)


def _was_read_as(page: str, name: str) -> bool:
    """Whether a name is the bytes of UTF-8, read as characters of a code page."""
    try:
        return name.encode(page).decode("utf-8") != name
    except UnicodeError:
        return False


def full_name(name: str) -> str:
    """Return a name of several words in the form in which it is compared, `""` for what tells nobody apart."""
    if is_garbled(name):
        return ""
    folded = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    words = [word for word in folded.split() if len(word.strip(".")) > 1]
    return folded if len(words) >= _FEWEST_NAME_WORDS and folded not in _NO_NAMES and "@" not in folded else ""


def best_name(counts: Mapping[str, int]) -> str:
    """Return the name that somebody is shown by: a whole one before a garbled one, a full one, the most used."""
    return max(counts, key=lambda name: (not is_garbled(name), bool(full_name(name)), counts[name], name), default="")

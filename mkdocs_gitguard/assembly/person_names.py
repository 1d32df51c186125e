"""Names of people in commits: which are whole, and which says most."""

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from mkdocs_gitguard.late_pattern import late_pattern

_NO_NAMES: Final = frozenset(
    ["your name", "unknown user", "github actions", "no name", "first last", "john doe", "jane doe", "unknown author"]
)
_PLACEHOLDERS: Final = frozenset(
    ["root", "user", "unknown", "none", "admin", "author", "noname", "(no author)", "localhost"]
)
"""Names of one word that programs make up; those of several are among `_NO_NAMES`."""
_FEWEST_NAME_WORDS: Final = 2
_LOST: Final = late_pattern(
    r"[\x00-\x1f\x7f-\x9f?\u2500-\u259f\ufffd\ud800-\udfff]|\\x?[0-9a-fA-F]{2,3}|\\u[0-9a-fA-F]{4}|[%=][0-9A-F]{2}|&#?\w{1,10};"
)
"""What stands where a character was lost: question marks, replacement characters, escapes, entities."""
_MIXED: Final = late_pattern(
    r"[A-Za-z][\u3040-\u9fff\uac00-\ud7af\uff61-\uff9f]|[\u3040-\u9fff\uac00-\ud7af\uff61-\uff9f][A-Za-z]"
)
"""Letters of two writings in one word, as when UTF-8 is read as an encoding of East Asia."""
_CODE_PAGES: Final = ("cp1252", "latin-1", "cp1250", "cp1251", "mac_roman", "cp437")
_WIDE_CODE_PAGES: Final = ("gb18030", "cp932", "cp949", "big5")


@lru_cache(16_384)
def is_garbled(name: str) -> bool:
    """Whether a name was written in one encoding and read in another, or lost characters on its way."""
    if _LOST.search(name) or not name.strip():
        return True
    if name.isascii():
        return False
    pages = (*_CODE_PAGES, *_WIDE_CODE_PAGES) if _MIXED.search(name) else _CODE_PAGES
    return any(_was_read_as(page, name) for page in pages)


def _was_read_as(page: str, name: str) -> bool:
    """Whether a name is the bytes of UTF-8, read as characters of a code page."""
    try:
        return name.encode(page).decode("utf-8") != name
    except UnicodeError:
        return False


@lru_cache(16_384)
def full_name(name: str) -> str:
    """Return a name of several words in the form in which it is compared, `""` for what tells nobody apart."""
    if is_garbled(name):
        return ""
    folded = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    words = [word for word in folded.split() if len(word.strip(".")) > 1]
    return folded if len(words) >= _FEWEST_NAME_WORDS and folded not in _NO_NAMES and "@" not in folded else ""


def best_name(counts: Mapping[str, int]) -> str:
    """Return the name that somebody is shown by: a whole one before a garbled one, then a full one, the most used."""
    return max(
        counts,
        key=lambda name: (not is_garbled(name), _is_name(name), bool(full_name(name)), counts[name], name),
        default="",
    )


def _is_name(name: str) -> bool:
    """Whether it is a name at all, and not an address or what a program writes for one."""
    return "@" not in name and name.strip().casefold() not in _PLACEHOLDERS

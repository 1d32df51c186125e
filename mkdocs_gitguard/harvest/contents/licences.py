"""Which licence a text is, as an SPDX identifier (https://spdx.org/licenses/).

Told by phrases that stand in one licence's text only, or by an `SPDX-License-Identifier` line. A text that is not
recognised is not guessed at.
"""

from collections.abc import Iterable
from typing import Final

from mkdocs_gitguard.late_pattern import late_pattern

_FILE_NAME: Final = late_pattern(
    r"(?i)^(?:un)?(?P<stem>licen[cs]e|copying|mit-licen[cs]e)(?P<middle>[-_.][\w.-]+)??(?P<ending>\.(?:md|txt|rst))?$"
)
_IDENTIFIER: Final = late_pattern(
    r"SPDX-License-Identifier:\s*([A-Za-z0-9.+-]+(?:\s+(?:AND|OR|WITH)\s+[A-Za-z0-9.+-]+)*)"
)
_NOT_WORDS: Final = late_pattern(r"[^a-z0-9.]+")

_PHRASES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("AGPL-3.0", ("gnu affero general public license version 3",)),
    ("LGPL-3.0", ("gnu lesser general public license version 3",)),
    ("LGPL-2.1", ("gnu lesser general public license version 2.1",)),
    ("GPL-3.0", ("gnu general public license version 3",)),
    ("GPL-2.0", ("gnu general public license version 2",)),
    ("MPL-2.0", ("mozilla public license version 2.0",)),
    ("EPL-2.0", ("eclipse public license v 2.0",)),
    ("EUPL-1.2", ("european union public licence v. 1.2",)),
    ("Apache-2.0", ("apache license version 2.0", "www.apache.org licenses license 2.0")),
    ("BSL-1.0", ("boost software license version 1.0",)),
    ("BUSL-1.1", ("business source license 1.1",)),
    ("CC0-1.0", ("cc0 1.0 universal",)),
    ("CC-BY-SA-4.0", ("attribution sharealike 4.0 international",)),
    ("CC-BY-4.0", ("attribution 4.0 international",)),
    ("Unlicense", ("this is free and unencumbered software released into the public domain",)),
    ("0BSD", ("zero clause bsd", "bsd zero clause")),
    ("WTFPL", ("do what the fuck you want to public license",)),
    ("Zlib", ("the origin of this software must not be misrepresented",)),
    ("PostgreSQL", ("postgresql license",)),
)
_PERMISSIVE: Final = "permission is hereby granted free of charge to any person obtaining a copy"
_ISC: Final = "permission to use copy modify and or distribute this software for any purpose"
_BSD: Final = "redistributions of source code must retain the above copyright notice"
_BSD_THIRD: Final = late_pattern(r"neither the names? of|may (?:not )?be used to endorse or promote")
_BSD_FOURTH: Final = "all advertising materials mentioning features"


def find_licence(paths: Iterable[str]) -> str:
    """Return the licence file among top-level `paths`, the plainest name first, or `""`."""
    candidates = [(match, path) for path in paths if "/" not in path and (match := _FILE_NAME.match(path))]
    return min(
        candidates,
        key=lambda item: (bool(item[0]["middle"]), item[0]["stem"].lower() == "copying", item[1]),
        default=(None, ""),
    )[1]


def licence_of(text: str) -> str:
    """Return the SPDX identifier of a licence's text, or `""`."""
    if identifier := _IDENTIFIER.search(text[:2_000]):
        return " ".join(identifier[1].split())
    words = _NOT_WORDS.sub(" ", text.lower())
    # The name stands at a licence's head; further down it may be another licence that this one speaks of.
    head = words[:1_500]
    named = next((name for name, phrases in _PHRASES if any(phrase in head for phrase in phrases)), "")
    return named or _unnamed(words)


def _unnamed(words: str) -> str:
    """Return the identifier of a short licence that does not say its own name."""
    if _PERMISSIVE in words and "the software is provided as is" in words:
        return "MIT"
    if _ISC in words:
        return "ISC" if "appear in all copies" in words else "0BSD"
    if _BSD not in words:
        return ""
    if _BSD_FOURTH in words:
        return "BSD-4-Clause"
    return "BSD-3-Clause" if _BSD_THIRD.search(words) else "BSD-2-Clause"

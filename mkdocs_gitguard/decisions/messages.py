"""Texts with fixed parts: how the message of a rule is told from those of others.

Rules of one name (`deny` in a Rego package, the validations of a CEL policy) share their key, and engines report the
message only. Its fixed parts stand in the rule's source: in a literal, in `sprintf`'s format, in a template string.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from mkdocs_gitguard.late_pattern import late_pattern

_VERB: Final = late_pattern(r"%%|%[-+# 0]*[0-9*]*(?:\.[0-9*]*)?(?:\[[0-9]+\])?[a-zA-Z]")

Pattern = tuple[str, ...]
"""The fixed parts of a text, in order; anything may stand between them."""
ANY_TEXT: Final[Pattern] = ("", "")


def joined(pieces: Iterable[Pattern]) -> Pattern:
    """Return the pattern of texts that are written one after the other."""
    parts = [""]
    for first, *others in pieces:
        parts[-1] += first
        parts += others
    # What stands between two gaps and is empty is not a part: the gaps are one.
    return (parts[0], *(part for part in parts[1:-1] if part), parts[-1]) if len(parts) > 1 else (parts[0],)


def sprintf_pieces(form: str) -> Iterator[tuple[str, str]]:
    """Yield the fixed texts of a format of Go's `fmt`, each with the verb that follows it, `""` after the last."""
    fixed, start = "", 0
    for match in _VERB.finditer(form):
        fixed += form[start : match.start()]
        start = match.end()
        if match.group() == "%%":
            fixed += "%"
        else:
            yield fixed, match.group()
            fixed = ""
    yield fixed + form[start:], ""


def fits(pattern: Pattern, message: str) -> bool:
    """Tell whether the fixed parts fill the message, anything between them. Linear: no expression that backtracks."""
    first, last = pattern[0], pattern[-1]
    if len(pattern) == 1:
        return message == first
    if not message.startswith(first) or not message.endswith(last) or len(message) < len(first) + len(last):
        return False
    position, end = len(first), len(message) - len(last)
    for part in pattern[1:-1]:
        place = message.find(part, position, end)
        if place < 0:
            return False
        position = place + len(part)
    return True

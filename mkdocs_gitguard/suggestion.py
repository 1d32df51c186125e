"""The name that was probably meant, where one that nobody knows was written."""

import difflib
from collections.abc import Iterable


def did_you_mean(written: str, known: Iterable[str], *, is_quoted: bool = False) -> str:
    """Return "Did you mean NAME?", with the known name that is most like the written one, or `""` if none is.

    Capitals and small letters count as the same.

    Args:
        written: the name that is not known.
        known: those that are.
        is_quoted: put NAME in quotes.
    """
    by_folded = {name.casefold(): name for name in known}
    closest = difflib.get_close_matches(written.casefold(), by_folded, n=1)
    if not closest:
        return ""
    name = by_folded[closest[0]]
    return f"Did you mean {name!r}?" if is_quoted else f"Did you mean {name}?"

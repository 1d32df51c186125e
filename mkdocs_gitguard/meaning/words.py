"""Which words of a text tell something: the same for all that is compared, here and in `search.js`."""

from __future__ import annotations

from typing import Final

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.portal.search.text import words_of

DIMENSIONS: Final = 128
"""Of the 256: the model is trained so that the first ones tell most (Matryoshka learning)."""
_STOP_WORDS: Final = """
a about after all am an and any are as at be been before but by can could did do does for from get gets give had has
have he her here him his how i if in into is it its just like made make makes many may me might more most much must my
no not of on one or our out say says see shall she should show so some still than that the their them then there these
they this those to under up us use was we were what when where which who whom whose why will with without would you your
"""
STOP_WORDS: Final = frozenset(_STOP_WORDS.split())
"""Stand in any question, and tell nothing."""
_CAMEL: Final = late_pattern(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def telling_words(text: str) -> list[str]:
    """Return the words of a text that tell something, each once, in order."""
    words = dict.fromkeys(words_of(_CAMEL.sub(" ", text)))
    return [word for word in words if len(word) > 1 and word not in STOP_WORDS]

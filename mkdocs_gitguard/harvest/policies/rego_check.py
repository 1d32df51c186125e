"""Finds where Rego does not parse, in whichever version of the language it is written."""

import re
from typing import Final, NamedTuple

from mkdocs_gitguard.harvest.policies.rego_parser import Mistake, mistakes

MOST: Final = 5
"""Problems that are told of one text: what follows from the first ones helps nobody."""

_IS_V1: Final = re.compile(r"^[ \t]*import[ \t]+rego\.v1\b", re.MULTILINE)


class RegoProblem(NamedTuple):
    """What could not be read."""

    message: str
    line: int


def check_rego(text: str, starts: list[int]) -> list[RegoProblem]:
    """Return what OPA would refuse in a text, the first few places in source order.

    A text is fine if it is fine as v0 or as v1. If it is neither, it is told of as the version that it is closer to.
    `starts` are where its statements begin, rising, in characters.
    """
    found = _mistakes(text, starts)
    return [RegoProblem(message, text.count("\n", 0, at) + 1) for at, message in found]


def _mistakes(text: str, starts: list[int]) -> list[Mistake]:
    as_v1 = mistakes(text, starts, is_v1=True, most=MOST)
    if not as_v1:
        return []
    as_v0 = mistakes(text, starts, is_v1=False, most=MOST)
    if not as_v0:
        return []
    return min(as_v1, as_v0, key=lambda found: (len(found), -found[0].at))

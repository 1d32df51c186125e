"""Owners in a text, as GitLab 17.10 finds them: ee/lib/gitlab/code_owners/reference_extractor.rb.

They are found wherever they stand: what cannot be part of a name ends it, so `@ann, @bob` and `(@ann)` name two and
one. Names are those of lib/gitlab/path_regex.rb, FULL_NAMESPACE_FORMAT_REGEX.
"""

import re
from typing import Final

_WORD: Final = re.compile(r"\S+", re.ASCII)
_PART: Final = r"(?:[a-zA-Z0-9_.][a-zA-Z0-9_.-]{0,253}[a-zA-Z0-9_-]|[a-zA-Z0-9_])(?<!\.git)(?<!\.atom)"
_NAME: Final = re.compile(rf"(?<![\w@])@(?:{_PART}/){{0,20}}{_PART}", re.ASCII)
_ROLE: Final = re.compile(r"\A@@(?:developer|maintainer|owner)s?(?=\s|\Z)", re.ASCII | re.IGNORECASE)
_EMAIL: Final = re.compile(r"[^@\s]{1,100}@[^@\s]{1,255}(?<!\W)", re.ASCII)
_PLAUSIBLE: Final = re.compile(r"[^@\s()<>\[\]{},;:\"\\|`]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
"""GitLab takes `(@ann` for an address too, which nobody can have."""


def owners_in(text: str) -> tuple[str, ...]:
    """Return the owners that a text names, each once, in its order: `@user`, `@group/subgroup`, `@@role`, `a@b.c`."""
    placed_owners: list[tuple[int, str]] = []
    for word in _WORD.finditer(text):
        if "@" not in word[0]:
            continue
        start, whole = word.start(), word[0]
        for expression in (_NAME, _ROLE):
            placed_owners += [(start + match.start(), match[0]) for match in expression.finditer(whole)]
        placed_owners += [
            (start + match.start(), match[0]) for match in _EMAIL.finditer(whole) if _PLAUSIBLE.fullmatch(match[0])
        ]
    return tuple(dict.fromkeys(owner for _, owner in sorted(placed_owners)))

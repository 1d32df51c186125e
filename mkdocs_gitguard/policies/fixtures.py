"""Tells which files lie in folders for tests."""

import re
from functools import lru_cache
from typing import Final

from mkdocs_gitguard.late_pattern import late_pattern

_CODE: Final = late_pattern(r"(?:\A|/)(?:testdata|fixtures?|e2e|\.[^/]*test[^/]*)/", re.IGNORECASE)
"""For languages whose tests are told by their own names, so that a folder `test` is a folder like any other."""
_OTHER: Final = late_pattern(
    r"(?:\A|/)(?:\.[^/]*test[^/]*|(?:[\w-]+[-_])?(?:tests?|testdata|fixtures?)|e2e)/", re.IGNORECASE
)


def is_fixture(path: str) -> bool:
    """Return whether a path lies in a folder for tests, whose policies apply to nothing: `testdata/`."""
    folder, slash, _ = path.rpartition("/")
    return _holds_fixtures(folder + slash, _CODE if path.endswith((".rego", ".cedar")) else _OTHER)


@lru_cache(maxsize=1_000)
def _holds_fixtures(folder: str, names: re.Pattern[str]) -> bool:
    return names.search(folder) is not None

"""The site's own rules: regular expressions of the setting `pull_request_patterns`, each with a time limit.

A message is a stranger's, and Python's own expressions cannot be interrupted; so these run in the package `regex`,
which can. A rule that takes too long on a message is left out from there on, and told.
"""

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, Final, NamedTuple

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.late_pattern import late_pattern

_LONGEST_PATTERN: Final = 500
_LONGEST_SEARCH: Final = 0.5
"""Seconds for one message. Usual ones take microseconds."""
_NESTED_REPEAT: Final = late_pattern(r"\((?:[^()\\]|\\.)*(?:[*+]|\{\d*,\d*\})(?:[^()\\]|\\.)*\)(?:[*+]|\{\d*,)")


class SiteMatch(NamedTuple):
    """What a rule of the site's finds."""

    evidence: str
    digits: str
    title: str
    branch: str


class SiteRules:
    """The site's rules, for the reading of one repository.

    Attributes:
        slow: names of those that took too long and are no longer tried.
    """

    def __init__(self, patterns: Mapping[str, str]) -> None:
        """Compile them: regular expressions by name.

        A pattern is searched in the whole message (`^` and `$` match at each line) and has the groups `number` and, if
        it can, `title` and `branch`.

        Raises:
            SettingError: a pattern is not a regular expression, has no group `number`, or repeats a repetition.
        """
        self.slow: list[str] = []
        self._rules = {name: _compiled(name, pattern) for name, pattern in patterns.items()}

    def __bool__(self) -> bool:
        return bool(self._rules)

    def matches(self, message: str) -> Iterator[SiteMatch]:
        """Yield what the rules find in a message, one each at most, in the order of the setting."""
        for name, pattern in self._rules.items():
            if name in self.slow:
                continue
            try:
                match = pattern.search(message, timeout=_LONGEST_SEARCH)
            except TimeoutError:
                self.slow.append(name)
                continue
            if match is not None:
                groups: Mapping[str, str | None] = match.groupdict()
                yield SiteMatch(
                    f"site:{name}",
                    groups["number"] or "",
                    (groups.get("title") or "").partition("\n")[0].strip(),
                    groups.get("branch") or "",
                )


def _compiled(name: str, pattern: str) -> Any:
    setting = f"pull_request_patterns: {name}"
    if len(pattern) > _LONGEST_PATTERN:
        raise SettingError(
            f"{setting}: the pattern has {len(pattern)} characters.", hint=f"Keep it under {_LONGEST_PATTERN}."
        )
    try:
        re.compile(pattern, re.MULTILINE)
        regex = import_module("regex")  # of use to few sites, and not small
        compiled = regex.compile(pattern, regex.MULTILINE | regex.VERSION0)
    except (re.error, ValueError, RecursionError, OverflowError) as error:
        raise SettingError(
            f"{setting}: {pattern!r} is not a regular expression: {error}.", hint="Fix the pattern."
        ) from error
    except ImportError as error:
        raise SettingError(
            f"{setting}: patterns need the package `regex`, which is not there.", hint="Run `pip install regex`."
        ) from error
    if "number" not in compiled.groupindex:
        raise SettingError(
            f"{setting}: {pattern!r} has no group for the number.",
            hint=r"Put (?P<number>\d+) where the pull request's number stands.",
        )
    if _NESTED_REPEAT.search(pattern):
        raise SettingError(
            f"{setting}: {pattern!r} repeats a group that repeats itself, which can take for ever.",
            hint="Write it without a repetition inside a repeated group.",
        )
    return compiled

"""Which repositories a phase shows, told by their names before any of them is opened.

The choice is made on names alone, so a repository that is left out is never read, and nothing of it can leak.
A share such as `10%` takes the first repositories of a stable rank: the rank is a hash of the name, the number is
rounded up (3 repositories give 1, where a threshold on the hash gave none in 57 of 500 trials), and a larger share
only ever adds repositories.
"""

import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.model import Record
from mkdocs_gitguard.suggestion import did_you_mean

_SHARE: Final = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)%")
_INCLUDE: Final = "CODEX_REPO_INCLUDE_LIST"
_EXCLUDE: Final = "CODEX_REPO_EXCLUDE_LIST"


class Choice(Record, frozen=True, kw_only=True):
    """What was decided on one repository, and why."""

    name: str
    """`namespace/name`."""
    is_kept: bool
    reason: str


class Selection(Record, frozen=True, kw_only=True):
    """What a phase shows of a portfolio."""

    choices: tuple[Choice, ...]
    """In the order that the names came in. Names of repositories left out stand here: never put it into a page."""
    notes: tuple[str, ...] = ()
    """Entries of the lists that matched nothing, a sentence each. For the log, not for a page."""

    @property
    def kept(self) -> tuple[str, ...]:
        """The names to harvest."""
        return tuple(choice.name for choice in self.choices if choice.is_kept)


class IncludeList(NamedTuple):
    """An include list taken apart."""

    share: Decimal | None
    """Percent."""
    patterns: tuple[str, ...]


def parse_include(entries: Iterable[str]) -> IncludeList:
    """Tell the share of an include list from its names and globs.

    Raises:
        SettingError: two shares, or one above 100 %.
    """
    share: Decimal | None = None
    patterns = []
    for entry in entries:
        match = _SHARE.fullmatch(entry)
        if not match and "%" not in entry:
            patterns.append(entry)
        elif not match or Decimal(match[1]) > 100:  # noqa: PLR2004 a share of the whole
            raise SettingError(f"{_INCLUDE} holds {entry!r}.", hint="A share goes from 0% to 100%.")
        elif share is not None:
            raise SettingError(f"{_INCLUDE} holds two shares, {share}% and {entry}.", hint="Keep one.")
        else:
            share = Decimal(match[1])
    return IncludeList(share, tuple(patterns))


def stable_rank(name: str) -> str:
    """Return a repository's place in the order of a gradual rollout: a hash of its name, so that it never changes."""
    return hashlib.sha256(b"gitguard-rollout\x00" + name.encode()).hexdigest()


def how_many(share: Decimal, of: int) -> int:
    """Return how many repositories a share in percent is, rounded up."""
    return math.ceil(share * of / 100)


def matches(pattern: str, name: str) -> bool:
    """Say whether a list's entry means a repository.

    An entry without `/` is compared with the last part of the name; `*` matches any characters.
    """
    return fnmatchcase(name if "/" in pattern else name.rpartition("/")[2], pattern)


def select(names: Sequence[str], *, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> Selection:
    """Choose repositories.

    Args:
        names: `namespace/name` of every repository that the site names; a name that comes twice counts once.
        include: names, globs and at most one share; empty means all. Names and globs beside a share are pins.
        exclude: names and globs; wins over `include`, and its letters' case does not matter, so that a veto holds.

    Raises:
        SettingError: there are repositories, and the include list matches none or the exclude list all; or the share
            is wrong.
    """
    share, patterns = parse_include(include)
    names = tuple(dict.fromkeys(names))
    vetoes = {name: entry for name in names for entry in reversed(exclude) if matches(entry.lower(), name.lower())}
    eligible = [name for name in names if name not in vetoes]
    pins = {name: entry for name in eligible for entry in reversed(patterns) if matches(entry, name)}
    taken = how_many(share, len(eligible)) if share is not None else 0
    ranked = {name: place for place, name in enumerate(sorted(eligible, key=stable_rank), start=1)}

    def choose(name: str) -> Choice:
        if name in vetoes:
            return Choice(name=name, is_kept=False, reason=f"{_EXCLUDE} names {vetoes[name]}")
        if not include:
            return Choice(name=name, is_kept=True, reason=f"{_INCLUDE} is empty: all repositories")
        if name in pins:
            return Choice(name=name, is_kept=True, reason=f"{_INCLUDE} names {pins[name]}")
        if share is None:
            return Choice(name=name, is_kept=False, reason=f"{_INCLUDE} does not name it")
        place = f"place {ranked[name]} of {len(eligible)} by stable rank, {share}% takes {taken}"
        return Choice(name=name, is_kept=ranked[name] <= taken, reason=place)

    selection = Selection(choices=tuple(map(choose, names)), notes=tuple(_notes(names, patterns, exclude)))
    if names and len(vetoes) == len(names):
        raise SettingError(f"{_EXCLUDE} leaves out every repository.", hint="Take an entry out of it.")
    if names and include and not pins and not taken:
        raise SettingError(
            f"{_INCLUDE} is {','.join(include)!r}, which matches none of the {len(names)} repositories.",
            hint=" ".join(_notes(names, patterns, ())) or "Name one, or raise the share.",
        )
    return selection


def _notes(names: Sequence[str], patterns: Sequence[str], exclude: Sequence[str]) -> Iterable[str]:
    for variable, entries in ((_INCLUDE, patterns), (_EXCLUDE, exclude)):
        for entry in entries:
            if not any(
                matches(entry, name) or (variable == _EXCLUDE and matches(entry.lower(), name.lower()))
                for name in names
            ):
                yield f"{entry} in {variable} matches no repository. {did_you_mean(entry, names)}".rstrip()

"""Which repositories a phase shows, told by what they are called before any of them is read.

The choice is made on names, URLs and folders alone, so a repository that is left out is never read, and nothing of it
can leak.
A share such as `10%` takes the first repositories of a stable rank: the rank is a hash of the name, the number is
rounded up (3 repositories give 1, where a threshold on the hash gave none in 57 of 500 trials), and a larger share
only ever adds repositories.
"""

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.git.spellings import ListEntry, Spellings
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Record
from mkdocs_gitguard.suggestion import did_you_mean

_SHARE: Final = late_pattern(r"(\d{1,3}(?:\.\d{1,6})?)%")
INCLUDE_LIST: Final = "CODEX_REPO_INCLUDE_LIST"
"""The setting that holds what is shown, if not all is."""
EXCLUDE_LIST: Final = "CODEX_REPO_EXCLUDE_LIST"
"""The setting that holds the vetoes."""


class RepositoryCandidate(Record, frozen=True, kw_only=True):
    """One repository to choose, however often and under whatever names the site has it."""

    name: str
    """`namespace/name`, which its place in a share hangs on."""
    spellings: Spellings
    """What it is called, so that an entry of a list may mean it."""
    borrowed: Spellings = Spellings()
    """What the repositories are called that its git folder leads into: a veto on one of them is one on it."""


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
    include_notes: tuple[str, ...] = ()
    """Of the entries of the include list that matched nothing, a sentence each. For the log, not for a page."""
    veto_notes: tuple[tuple[str, str], ...] = ()
    """The vetoes that matched nothing, each with such a sentence."""

    @property
    def notes(self) -> tuple[str, ...]:
        """All these sentences."""
        return (*self.include_notes, *(note for _, note in self.veto_notes))

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
            raise SettingError(f"{INCLUDE_LIST} holds {entry!r}.", hint="Write a share from 0% to 100%.")
        elif share is not None:
            raise SettingError(f"{INCLUDE_LIST} holds two shares, {share}% and {entry}.", hint="Keep one.")
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
    """Say whether a list's entry means the repository of that name."""
    return ListEntry(pattern).means(Spellings(names=(name,)))


def select(
    repositories: Sequence[str | RepositoryCandidate],
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    folder: Path | None = None,
    suggest_hidden: bool = True,
) -> Selection:
    """Choose repositories.

    Args:
        repositories: `namespace/name` of every repository that the site names, or more of what it is called; one that
            comes twice counts once.
        include: names, globs, URLs, folders and at most one share; empty means all. Others beside a share are pins.
        exclude: names, globs, URLs and folders; wins over `include`, and its letters' case does not matter, so that a
            veto holds.
        folder: where relative folders in the lists count from.
        suggest_hidden: notes and errors may name a repository that is left out, where it looks like what was meant.

    Raises:
        SettingError: there are repositories, and the include list matches none or the exclude list all; or the share
            is wrong.
    """
    share, patterns = parse_include(include)
    candidates = tuple(
        dict.fromkeys(
            RepositoryCandidate(name=item, spellings=Spellings(names=(item,))) if isinstance(item, str) else item
            for item in repositories
        )
    )
    wanted = [ListEntry(entry, base=folder) for entry in patterns]
    unwanted = [ListEntry(entry, loosely=True, base=folder) for entry in exclude]
    vetoes = {
        candidate: entry.text
        for candidate in candidates
        for entry in reversed(unwanted)
        if entry.means(candidate.spellings) or entry.means(candidate.borrowed)
    }
    eligible = [candidate for candidate in candidates if candidate not in vetoes]
    pins = {
        candidate: entry.text
        for candidate in eligible
        for entry in reversed(wanted)
        if entry.means(candidate.spellings)
    }
    names = sorted({candidate.name for candidate in eligible}, key=stable_rank)
    ranked = {name: place for place, name in enumerate(names, start=1)}
    taken = how_many(share, len(ranked)) if share is not None else 0

    def choose(candidate: RepositoryCandidate) -> Choice:
        name = candidate.name
        if candidate in vetoes:
            return Choice(name=name, is_kept=False, reason=f"{EXCLUDE_LIST} names {vetoes[candidate]}")
        if not include:
            return Choice(name=name, is_kept=True, reason=f"{INCLUDE_LIST} is empty: all repositories")
        if candidate in pins:
            return Choice(name=name, is_kept=True, reason=f"{INCLUDE_LIST} names {pins[candidate]}")
        if share is None:
            return Choice(name=name, is_kept=False, reason=f"{INCLUDE_LIST} does not name it")
        place = f"place {ranked[name]} of {len(ranked)} by stable rank, {share}% takes {taken}"
        return Choice(name=name, is_kept=ranked[name] <= taken, reason=place)

    choices = tuple(map(choose, candidates))
    near = [choice.name for choice in choices if choice.is_kept or suggest_hidden]
    include_notes = tuple(note for _, note in _notes(INCLUDE_LIST, wanted, candidates, near))
    veto_notes = tuple(_notes(EXCLUDE_LIST, unwanted, candidates, near))
    if candidates and len(vetoes) == len(candidates):
        raise SettingError(f"{EXCLUDE_LIST} leaves out every repository.", hint="Take an entry out of it.")
    if candidates and include and not pins and not taken:
        raise SettingError(
            f"{INCLUDE_LIST} is {','.join(include)!r}, which matches none of the {len(candidates)} repositories.",
            hint=" ".join(include_notes) or "Name one, or raise the share.",
        )
    return Selection(choices=choices, include_notes=include_notes, veto_notes=veto_notes)


def _notes(
    variable: str, entries: Iterable[ListEntry], candidates: Sequence[RepositoryCandidate], near: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Yield each entry that matches nothing, with what is to be said of it."""
    for entry in entries:
        if not any(entry.means(candidate.spellings) or entry.means(candidate.borrowed) for candidate in candidates):
            note = f"{entry.text} in {variable} matches no repository. {did_you_mean(entry.text, near)}".rstrip()
            yield entry.text, note

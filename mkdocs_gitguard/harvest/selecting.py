"""The rollout's choice among a site's repositories, by what each of them is and not by what its entry calls it.

Two clones, URLs or work trees of one repository are one: shown together or not at all. One whose git folder leads into
another by links or alternates holds the other's content: it is not shown without it. And what is told of entries that
give no repository names none that may be left out.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

from msgspec.structs import replace

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.git.borrowing import borrowed_folders
from mkdocs_gitguard.git.config import remote_urls
from mkdocs_gitguard.git.remote import parse_remote
from mkdocs_gitguard.git.spellings import ListEntry, Spellings, Unnameable, spellings_of
from mkdocs_gitguard.harvest.sources import NAMESAKE, RepositorySource, Sources, directory_at
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Finding
from mkdocs_gitguard.rollout.selection import RepositoryCandidate, parse_include, select

_BETWEEN_PARTS: Final = late_pattern(r"[/\x00-\x1f]")
_MOST_STEPS: Final = 6
"""From clone to clone, or from one git folder into the next."""


_MAY_BE_LEFT_OUT: Final = Finding(
    code="not-found",
    severity="error",
    message="An entry of `repositories` gives no repository; it may be of one that is left out.",
    hint="Build in a phase that shows all repositories to see which entry, and why.",
    source="repositories",
)


class Chosen(NamedTuple):
    """What may be shown of a site's repositories."""

    sources: tuple[RepositorySource, ...]
    findings: tuple[Finding, ...]
    """Of those, and of entries that give nothing; they name nothing that is left out."""
    left_out: tuple[Spellings, ...] = ()
    """What the others are called. Never put it into a page."""
    notes: tuple[str, ...] = ()
    """Entries of the lists that matched nothing, a sentence each. For the log, not for a page."""


def choose(named: Sources, folder: Path, *, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> Chosen:
    """Choose among the repositories that a site names.

    Args:
        named: what `expand` gave.
        folder: of the site; relative folders in the lists count from it.
        include: see `rollout.selection.select`.
        exclude: as above.

    Raises:
        SettingError: the lists leave nothing, or are wrong.
    """
    if not include and not exclude:
        return Chosen(named.sources, named.findings)
    groups = _groups(map(_NamedRepository, named.sources))
    clones = _named_folders((*parse_include(include).patterns, *exclude), folder)
    candidates = [_candidate(group, clones) for group in groups]
    selection = select(candidates, include=include, exclude=exclude, folder=folder, suggest_hidden=False)
    reasons = dict(zip(dict.fromkeys(candidates), selection.choices, strict=True))
    kept = [group for group, candidate in zip(groups, candidates, strict=True) if reasons[candidate].is_kept]
    unknown = [group for group in kept if _may_be_vetoed(group, exclude, folder)]
    kept = [group for group in kept if group not in unknown]
    hidden = [group for group in groups if group not in kept]
    while leading := [group for group in kept if hidden and _leads_into(group, hidden)]:
        hidden += leading
        kept = [group for group in kept if group not in leading]
    if groups and not kept:
        raise SettingError(
            "The git folders of all repositories that CODEX_REPO_INCLUDE_LIST and CODEX_REPO_EXCLUDE_LIST leave lead "
            "into repositories that are left out.",
            hint="Clone them anew, without `--shared` and `--reference`.",
        )
    shown = {repository.source.id for group in kept for repository in group}
    left_out = tuple(candidates[groups.index(group)].spellings for group in hidden)
    refused = [_at(folder, spellings) for spellings in named.refused.values()]
    refused += [_relative(repository.source, folder) for group in unknown for repository in group]
    return Chosen(
        tuple(source for source in named.sources if source.id in shown),
        (
            *_findings(named, shown, left_out, folder, include=include, exclude=exclude),
            *([_MAY_BE_LEFT_OUT] if unknown else []),
        ),
        left_out,
        # The log is public where a veto names what is there, and gives no repository.
        (
            *selection.include_notes,
            *(
                note
                for entry, note in selection.veto_notes
                if not any(_is_vetoed(item, (entry,), folder) for item in refused)
            ),
        ),
    )


def names_of(source: RepositorySource) -> Spellings:
    """Return all that a repository is called, by its entry, its remotes and where it lies."""
    return _NamedRepository(source).spellings


class _NamedRepository:
    """One source, with what tells whether it is the same repository as another."""

    def __init__(self, source: RepositorySource) -> None:
        self.source = source
        self.spellings = Spellings(names=(source.given_label, source.label)) + _places(source.folder)
        self.keys: set[str] = set()
        urls = [source.url] if source.url else []
        if source.forge:
            self.spellings += spellings_of(source.forge.web_url)
        if source.directory:
            urls += self._identify(source.directory.common_dir)
        for _ in range(_MOST_STEPS):
            urls = [step for url in urls for step in self._follow(url)]
        self.keys |= {url.lower() for url in self.spellings.urls}

    @cached_property
    def borrowed(self) -> dict[Path, Spellings]:
        """Git folders that its own leads into, and what their repositories are called."""
        led_to: dict[Path, None] = {}
        waiting = [self.source.directory] if self.source.directory else []
        for _ in range(_MOST_STEPS):
            folders = [folder for directory in waiting for folder in borrowed_folders(directory)]
            waiting = [opened for folder in folders if folder not in led_to and (opened := directory_at(folder))]
            led_to.update(dict.fromkeys(folders))
        return {folder: _called(folder) for folder in led_to}

    def _identify(self, common_dir: Path) -> tuple[str, ...]:
        self.keys.add(os.path.realpath(common_dir))
        self.spellings += _places(common_dir)
        return remote_urls(common_dir)

    def _follow(self, url: str) -> tuple[str, ...]:
        """Take a remote's name; return where its own remote is, if it is a clone on the same disk."""
        self.spellings += spellings_of(url)
        remote = parse_remote(url)
        if remote is None or remote.host:
            return ()
        opened = directory_at(self.source.folder / url.removeprefix("file://"))
        return self._identify(opened.common_dir) if opened else ()


def _called(git_dir: Path) -> Spellings:
    """Return what the repository of a git folder is called, which need not be one of the site."""
    spellings = _places(git_dir)
    for url in remote_urls(git_dir):
        spellings += spellings_of(url)
    return spellings


def _places(folder: Path) -> Spellings:
    real = Path(os.path.realpath(folder))
    places = (folder, real, *([real.parent] if real.name == ".git" else []))
    return Spellings(places=tuple(dict.fromkeys(map(str, places))))


_Group = list[_NamedRepository]


def _groups(repositories: Iterable[_NamedRepository]) -> list[_Group]:
    """Put those together that are one repository, in the order of the first of each."""
    group_of: dict[str, _Group] = {}
    groups: list[_Group] = []
    for repository in repositories:
        same = {id(group): group for key in repository.keys if (group := group_of.get(key)) is not None}
        merged = min(same.values(), key=groups.index) if same else []
        if not same:
            groups.append(merged)
        for group in same.values():
            if group is not merged:
                merged += group
                groups = [other for other in groups if other is not group]
        merged.append(repository)
        group_of.update(dict.fromkeys((key for member in merged for key in member.keys), merged))
    return groups


def _named_folders(entries: Iterable[str], base: Path) -> list[tuple[set[str], Spellings]]:
    """Return the git folders that the lists name: by what a clone of the same repository is known, and as folders."""
    clones = []
    for place in dict.fromkeys(place for entry in entries for place in ListEntry(entry, base=base).folders):
        opened = directory_at(place)
        if opened is not None:
            called = _called(opened.common_dir)
            keys = {os.path.realpath(opened.common_dir), *(url.lower() for url in called.urls)}
            clones.append((keys, _places(place)))
    return clones


def _may_be_vetoed(group: _Group, exclude: Sequence[str], folder: Path) -> bool:
    """Tell whether a folder that gives no repository, and so has no name of its own, may be of one that is vetoed."""
    return all(
        repository.source.directory is None
        and not repository.source.url
        and _is_vetoed(_relative(repository.source, folder), exclude, folder)
        for repository in group
    )


def _relative(source: RepositorySource, folder: Path) -> Spellings:
    return Spellings(names=(source.given_label,), places=(os.path.relpath(source.folder, folder),))


def _at(folder: Path, spellings: Spellings) -> Spellings:
    return spellings + Spellings(places=tuple(os.path.normpath(folder / place) for place in spellings.places))


def _candidate(group: _Group, clones: Iterable[tuple[set[str], Spellings]]) -> RepositoryCandidate:
    spellings, borrowed = Spellings(), Spellings()
    for keys, places in clones:
        if any(keys & repository.keys for repository in group):
            spellings += places
    for repository in group:
        spellings += repository.spellings
        for called in repository.borrowed.values():
            borrowed += called
    return RepositoryCandidate(name=group[0].source.given_label, spellings=spellings, borrowed=borrowed)


def _leads_into(group: _Group, hidden: Iterable[_Group]) -> bool:
    keys = {key for other in hidden for repository in other for key in repository.keys}
    for repository in group:
        for folder, called in repository.borrowed.items():
            urls = {url.lower() for url in called.urls}
            if keys & {os.path.realpath(folder), *urls}:
                return True
    return False


def _findings(
    named: Sources,
    shown: set[str],
    left_out: Iterable[Spellings],
    folder: Path,
    *,
    include: Sequence[str],
    exclude: Sequence[str],
) -> Iterator[Finding]:
    unnameable = Unnameable(left_out)
    patterns = [ListEntry(entry, base=folder) for entry in parse_include(include).patterns]
    ids = {source.label: source.id for source in named.sources}
    numbered = {source.id: ids[source.given_label] for source in named.sources}
    for finding in dict.fromkeys(named.findings):
        if finding.repository:
            if finding.repository in shown and (finding.code != NAMESAKE or numbered[finding.repository] in shown):
                yield finding
            continue
        spellings = _at(folder, named.refused.get(finding.source, Spellings()))
        is_named = not include or any(entry.means(spellings) for entry in patterns)
        if is_named and not _is_vetoed(spellings, exclude, folder) and not _names_one(spellings, unnameable):
            yield finding
        else:
            yield replace(_MAY_BE_LEFT_OUT, code=finding.code, severity=finding.severity)


def _is_vetoed(spellings: Spellings, exclude: Iterable[str], folder: Path) -> bool:
    """Tell whether a veto may mean what an entry wanted to name, of which only parts may be known."""
    parts = {part.lower().removesuffix(".git") for text in _texts(spellings) for part in _BETWEEN_PARTS.split(text)}
    for entry in exclude:
        last = entry.lower().rstrip("/").removesuffix(".git").rpartition("/")[2]
        if ListEntry(entry, loosely=True, base=folder).means(spellings) or (
            last.strip("*?") and any(fnmatchcase(part, last) for part in parts)
        ):
            return True
    return False


def _names_one(spellings: Spellings, unnameable: Unnameable) -> bool:
    return any(unnameable.is_bare(part) for text in _texts(spellings) for part in _BETWEEN_PARTS.split(text))


def _texts(spellings: Spellings) -> tuple[str, ...]:
    return (*spellings.names, *spellings.urls, *spellings.places)

"""Who changes what: drift between owners and contributors, and the truck factor."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

from mkdocs_gitguard.model import Contributor, Drift, Standing, TruckFactor

_MOST_CONTRIBUTORS: Final = 5
_MAIN_AUTHOR: Final = 0.75
"""Share of the most frequent author's commits from which on somebody is a main author of a file."""


class Authored(NamedTuple):
    """Commits of one person to one file. A person may have several rows for a file."""

    path: str
    owner: str
    commits: int
    last_at: int
    """Unix seconds."""


def drift(
    authored: Iterable[Authored],
    lines: Mapping[str, Collection[int]],
    standing: Callable[[int, str], Standing],
) -> tuple[Drift, ...]:
    """Return who really changes the files of each rule, by line.

    Args:
        authored: without bots; paths that are not in `lines` do not count.
        lines: by path, the lines of the rules that decide for it.
        standing: whether a person (second argument) is an owner by the rule at a line.
    """
    commits: defaultdict[int, Counter[str]] = defaultdict(Counter)
    last: dict[tuple[int, str], int] = {}
    for path, owner, count, last_at in authored:
        for line in lines.get(path, ()):
            commits[line][owner] += count
            last[line, owner] = max(last_at, last.get((line, owner), 0))
    return tuple(
        Drift(
            line=line,
            contributors=tuple(
                Contributor(
                    owner=owner,
                    commits=count,
                    last_at=datetime.fromtimestamp(last[line, owner], UTC),
                    standing=standing(line, owner),
                )
                for owner, count in sorted(people.items(), key=lambda item: (-item[1], item[0]))[:_MOST_CONTRIBUTORS]
            ),
        )
        for line, people in sorted(commits.items())
    )


def truck_factor(authored: Iterable[Authored], files: Collection[str]) -> TruckFactor:
    """Return the truck factor over the files that are there (`TruckFactor` tells how)."""
    present = set(files)
    by_file: dict[str, dict[str, int]] = {}
    for path, owner, count, _ in authored:
        if path in present:
            people = by_file.setdefault(path, {})
            people[owner] = people.get(owner, 0) + count
    authors: dict[str, set[str]] = {}
    main_of: defaultdict[str, set[str]] = defaultdict(set)
    for path, people in by_file.items():
        least = max(people.values()) * _MAIN_AUTHOR
        main = authors[path] = {owner for owner, count in people.items() if count >= least}
        for owner in main:
            main_of[owner].add(path)
    gone: list[str] = []
    orphans = 0
    while main_of and orphans * 2 <= len(authors):
        owner = min(main_of, key=lambda person: (-len(main_of[person]), person))
        for path in main_of.pop(owner):
            authors[path].discard(owner)
            orphans += not authors[path]
        gone.append(owner)
    return TruckFactor(people=tuple(gone), files=len(authors))

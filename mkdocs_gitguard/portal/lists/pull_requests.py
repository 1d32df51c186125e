"""Which pull requests get a page: the newest of each repository, as many as the site has room for."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mkdocs_gitguard.model import Flags, HostLimits, PullRequest, Snapshot

# Estimates of bytes, measured with Material on made organisations (benchmarks/organisation.py) and public repositories:
# they gave 908 MB where it was 862, 546 MB where it was 520, 305 MB where it was 294, and 435 MB where it was 445.
_FIXED_BYTES: Final = 6_000_000
"""Of what every site has: the theme's assets, Mermaid, the search index without its entries, schemas."""
_BYTES: Final[Mapping[str, int]] = MappingProxyType(
    {"repositories": 150_000, "owners": 16_000, "policies": 41_000, "rules": 700}
)
"""Of a node's page, those about it, and its file in the Graph API, by the snapshot's field."""
_RULE: Final = 4_100
"""Of a rule's page beside that, or of what leads on from where it once stood."""
_DECISION: Final = 20_000
"""Of one with a page; `_ROW` for others."""
_ROW: Final = 1_600
"""Of what stands in tables only: its row, its part of a shard, of lists and of exports."""
_PULL_REQUEST: Final = 1_400
"""Of one without a page, which changed no file."""
_CHANGED_FILE: Final = 45
"""Of a changed file in the Graph API."""
_PAGE: Final = 16_400
_FILE_ON_PAGE: Final = 520
_MOST_FILES: Final = 300
"""Of one pull request that its page lists."""
_FIXED_FILES: Final = 300
_INDEXES: Final = 6
"""Pages about a repository that are not its own: pull requests and years, code owners, decisions."""
_PER_SHARD: Final = 100
_FILL: Final = 0.9
"""How full the estimate fills the budget, because it is one."""


def room_for_pages(snapshot: Snapshot, limits: HostLimits, *, flags: Flags, decision_pages: int) -> int | None:
    """Return for how many pages of pull requests there is room beside all else; None: for any number.

    An estimate from what the snapshot holds, so that the same snapshot always gives the same pages.

    Args:
        snapshot: what is shown.
        limits: of the host, or of the site's own choice.
        flags: what is turned on.
        decision_pages: how many decisions get a page at most.
    """
    room: list[float] = []
    changes = snapshot.pull_requests
    # At most: the only rule of a policy has no page but what is left at its former place.
    rules = len({(rule.policy, rule.name) for rule in snapshot.rules if rule.keys or rule.title or rule.description})
    decided = min(decision_pages, len(snapshot.decisions))
    if limits.bytes and changes:
        files = [len(change.files) for change in changes]
        taken = (
            _FIXED_BYTES
            + sum(len(getattr(snapshot, field)) * size for field, size in _BYTES.items())
            + rules * _RULE
            + decided * _DECISION
            + (len(snapshot.decisions) - decided) * _ROW
            + len(changes) * _PULL_REQUEST
            + sum(files) * _CHANGED_FILE
        )
        shown = sum(files) - sum([number - _MOST_FILES for number in files if number > _MOST_FILES])
        page = _PAGE + _FILE_ON_PAGE * shown / len(changes)
        room.append((_FILL * limits.bytes - taken) / page)
    others = (
        len(snapshot.repositories) * (1 + _INDEXES) + len(snapshot.owners) + len(snapshot.policies) + rules + decided
    )
    nodes = others + len(snapshot.rules) + len(changes) + len(snapshot.decisions)
    api = int(flags.graph_api)
    # A page is a file in a folder of its own, and with the Graph API another file.
    for most, entries in ((limits.files, 1), (limits.entries, 2)):
        if most:
            number = _FIXED_FILES + others * (entries + api) + api * nodes / _PER_SHARD
            room.append((_FILL * most - number) / (entries + api))
    return max(0, int(min(room))) if room else None


def numbers_of_pages(groups: Mapping[str, Sequence[PullRequest]], *, most: int, room: int | None) -> Mapping[str, int]:
    """Return how many pull requests of each repository get a page, its newest.

    Where there is not room for all, every repository gets as many as any other that has so many; what is left over
    goes to those whose next one is the newest.

    Args:
        groups: by repository, its pull requests in their order: the newest first.
        most: of one repository.
        room: for all together; None: for any number.
    """
    wanted = {repository: min(most, len(changes)) for repository, changes in groups.items()}
    if room is None or sum(wanted.values()) <= room:
        return wanted
    level = _level(sorted(wanted.values()), room)
    numbers = {repository: min(number, level) for repository, number in wanted.items()}
    more = [repository for repository, number in wanted.items() if number > level]
    more.sort(key=lambda repository: (-groups[repository][level].merged_at.timestamp(), repository))
    for repository in more[: room - sum(numbers.values())]:
        numbers[repository] += 1
    return numbers


def _level(wanted: Sequence[int], room: int) -> int:
    """Return the largest number that all may have, those who want less left at that. `wanted` ascends."""
    for place, number in enumerate(wanted):
        waiting = len(wanted) - place
        if number * waiting > room:
            return room // waiting
        room -= number
    return max(wanted, default=0)

"""Which pull requests get a page: the newest of each repository, as many as the site has room for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mkdocs_gitguard.model import Flags, HostLimits, PullRequest, Snapshot

# Upper estimates, measured on made organisations and public ones with Material (benchmarks/organisation.py).
_PULL_REQUEST_BYTES: Final = 24_000
"""Of the page, its entry in the search index and its JSON file."""
_PAGE_BYTES: Final = 40_000
"""Of any other page, likewise."""
_RULE_BYTES: Final = 14_000
"""Of the page of a rule, which holds no source, likewise."""
_NODE_BYTES: Final = 1_500
"""Of a node in shards, lists and exports of the Graph API."""
_SOURCE_FACTOR: Final = 8
"""How many times larger a policy's source is on its pages."""
_FIXED_BYTES: Final = 8_000_000
"""Of what every site has: the theme's assets, Mermaid, schemas."""
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
    others = (
        len(snapshot.repositories) * (1 + _INDEXES)
        + len(snapshot.owners)
        + len(snapshot.policies)
        + min(decision_pages, len(snapshot.decisions))
    )
    # At most: the only rule of a policy has no page but what is left at its former place.
    rules = len({(rule.policy, rule.name) for rule in snapshot.rules if rule.keys or rule.title or rule.description})
    pages = others + rules
    nodes = len(snapshot.pull_requests) + len(snapshot.decisions) + len(snapshot.rules) + others
    sources = sum(len(source.text) for source in snapshot.sources)
    api = int(flags.graph_api)
    room: list[float] = []
    if limits.bytes:
        taken = _FIXED_BYTES + others * _PAGE_BYTES + rules * _RULE_BYTES
        taken += sources * _SOURCE_FACTOR + api * nodes * _NODE_BYTES
        room.append((_FILL * limits.bytes - taken) / _PULL_REQUEST_BYTES)
    # A page is a file in a folder of its own, and with the Graph API another file.
    for most, entries in ((limits.files, 1), (limits.entries, 2)):
        if most:
            files = _FIXED_FILES + pages * (entries + api) + api * nodes / _PER_SHARD
            room.append((_FILL * most - files) / (entries + api))
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

"""What each owner has in each repository, by its CODEOWNERS file."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from mkdocs_gitguard.model.graph_answers import Holding
from mkdocs_gitguard.model.ownership import Ownership, OwnershipRule

MOST_HELD: Final = 8
"""How many of an owner's repositories `places_of` has in the order of their files."""


def holdings_of(ownerships: Iterable[Ownership]) -> dict[str, tuple[Holding, ...]]:
    """Return by owner id what each that a CODEOWNERS file names has in each repository, most files first."""
    holdings: defaultdict[str, list[Holding]] = defaultdict(list)
    for ownership in ownerships:
        rules: defaultdict[str, list[OwnershipRule]] = defaultdict(list)
        for rule in ownership.rules:
            for owner in rule.owners:
                rules[owner].append(rule)
        for share in ownership.owners:
            theirs = rules[share.owner]
            patterns = tuple(dict.fromkeys(rule.pattern for rule in theirs if rule.files))
            idle = tuple(rule for rule in theirs if not rule.files)
            holdings[share.owner].append(Holding(ownership.repository, ownership.files, share.files, patterns, idle))
    return {
        owner: tuple(sorted(theirs, key=lambda holding: (-holding.files, holding.repository)))
        for owner, theirs in holdings.items()
    }


def places_of(holdings: Mapping[str, Sequence[Holding]]) -> dict[str, tuple[str, ...]]:
    """Return by owner id where they have something: first where they have most files, then the others by name.

    Less than holdings, which change more often, as does the order of all.
    """
    places = {owner: [one.repository for one in theirs] for owner, theirs in holdings.items()}
    return {owner: (*theirs[:MOST_HELD], *sorted(theirs[MOST_HELD:])) for owner, theirs in places.items()}

"""Addresses under which somebody else's name stands a few times: a commit made on another's machine, a wrong trailer.

Such a pair of a name and an address joins nobody: otherwise one slip makes one person of two. It is told from somebody
who goes by two names by the numbers: both the name, with other addresses, and the address, with another name, stand in
many times as many commits; and the two names have no word in common.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from mkdocs_gitguard.assembly.addresses import is_shared
from mkdocs_gitguard.assembly.person_names import full_name

_TIMES: Final = 20
"""How many times as many commits make a pair a slip."""


class Doubtful(NamedTuple):
    """Addresses under which several names stand, whatever the numbers are."""

    names: Mapping[str, Mapping[str, Sequence[int]]]
    """By address, the full names under it, each with the places of its identities."""
    places: Mapping[str, Sequence[int]]
    """By full name, where it stands with any address."""


def doubtful(identities: Iterable[tuple[str, str]]) -> Doubtful:
    """Return the addresses of which some names may be slips.

    Args:
        identities: names and addresses.
    """
    names: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, (name, email) in enumerate(identities):
        whole = full_name(name)
        if whole and not is_shared(email):
            names[email.lower()][whole].append(place)
            places[whole].append(place)
    several = {email: dict(known) for email, known in names.items() if len(known) > 1}
    return Doubtful(several, {name: places[name] for known in several.values() for name in known})


def slips(doubts: Doubtful, commits: Sequence[int]) -> frozenset[int]:
    """Return the places of the identities that are slips.

    Args:
        doubts: the addresses in question.
        commits: by place, how many commits bear an identity.
    """
    total = {name: sum(map(commits.__getitem__, places)) for name, places in doubts.places.items()}
    strays = set[int]()
    for names in doubts.names.values():
        numbers = {name: sum(map(commits.__getitem__, places)) for name, places in names.items()}
        for name, places in names.items():
            if _is_slip(name, numbers[name], total[name] - numbers[name], numbers):
                strays.update(places)
    return frozenset(strays)


def _is_slip(name: str, number: int, elsewhere: int, at_address: Mapping[str, int]) -> bool:
    fewest = _TIMES * (number + 1)
    return elsewhere >= fewest and any(
        other_number >= fewest and _are_others(name, other) for other, other_number in at_address.items()
    )


def _are_others(one: str, other: str) -> bool:
    """Whether two names are certainly not one in two forms: they share no word, and no writing parts them."""
    first, second = _plain(one), _plain(other)
    return first.isascii() and second.isascii() and not set(first.split()) & set(second.split())


def _plain(name: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))

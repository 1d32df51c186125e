"""Addresses under which somebody else's name stands a few times: a commit made on another's machine, a wrong trailer.

Such a pair of a name and an address joins nobody: otherwise one slip makes one person of two. It is told from somebody
who goes by two names by the numbers: both the name, with other addresses, and the address, with another name, stand in
many times as many commits; and the two names have no word in common.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final

from mkdocs_gitguard.assembly.addresses import is_shared
from mkdocs_gitguard.assembly.person_names import full_name

_TIMES: Final = 20
"""How many times as many commits make a pair a slip."""


def stray_pairs(commits: Iterable[tuple[str, str, int]]) -> frozenset[tuple[str, str]]:
    """Return the pairs of a name and an address (small letters) that are slips.

    Args:
        commits: names, addresses, and how many commits bear them.
    """
    pairs: Counter[tuple[str, str]] = Counter()
    spellings: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for name, email, number in commits:
        whole = full_name(name)
        if whole and not is_shared(email):
            pair = (whole, email.lower())
            pairs[pair] += number
            spellings[pair].add(name)
    by_name: defaultdict[str, int] = defaultdict(int)
    by_email: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (name, email), number in pairs.items():
        by_name[name] += number
        by_email[email][name] = number
    return frozenset(
        (spelling, email)
        for email, names in by_email.items()
        if len(names) > 1
        for name, number in names.items()
        if _is_slip(name, number, by_name[name] - number, names)
        for spelling in spellings[name, email]
    )


def _is_slip(name: str, number: int, elsewhere: int, at_address: dict[str, int]) -> bool:
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

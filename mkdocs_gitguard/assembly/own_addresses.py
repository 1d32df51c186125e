"""E-mail addresses that are one person's alone, for files that a site or a repository keeps: no page ever shows one."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final

from mkdocs_gitguard.assembly.addresses import is_shared, noreply_login
from mkdocs_gitguard.assembly.core import Core
from mkdocs_gitguard.model.printable import printable

_MOST: Final = 5


def own_addresses(core: Core) -> defaultdict[str, list[str]]:
    """Return by owner the addresses that are theirs alone, the most used first, at most five."""
    addresses: defaultdict[str, list[str]] = defaultdict(list)
    for owner, uses in _uses(core).items():
        addresses[owner] = sorted(uses, key=lambda email: (-uses[email].total(), email))[:_MOST]
    return addresses


def own_address_in(core: Core, repositories: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return by repository and owner the address that is theirs alone and that they use most there.

    Args:
        core: who is who.
        repositories: node ids.
    """
    most: dict[str, dict[str, tuple[int, str]]] = {repository: {} for repository in repositories}
    for owner, uses in _uses(core).items():
        for email, in_each in uses.items():
            for repository in in_each.keys() & most.keys():
                use = -in_each[repository], email
                most[repository][owner] = min(use, most[repository].get(owner, use))
    return {repository: {owner: email for owner, (_, email) in of.items()} for repository, of in most.items()}


def _uses(core: Core) -> dict[str, dict[str, Counter[str]]]:
    """Return by owner and address that is theirs alone how often it is used in each repository."""
    uses: defaultdict[str, defaultdict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for key, facts in core.facts.items():
        for place, identity in enumerate(facts.history.identities):
            owner = core.owner(key, place)
            email = identity.email.lower()
            if owner and not is_shared(email) and not noreply_login(email)[1] and printable(email) == email:
                uses[owner][email][key] += identity.commits + 1
    bearers = Counter(email for emails in uses.values() for email in emails)
    return {
        owner: {email: in_each for email, in_each in emails.items() if bearers[email] == 1}
        for owner, emails in uses.items()
    }

"""E-mail addresses that are one person's alone, for files that a site or a repository keeps: no page ever shows one."""

from collections import Counter, defaultdict
from typing import Final

from mkdocs_gitguard.assembly.addresses import is_shared, noreply_login
from mkdocs_gitguard.assembly.core import Core
from mkdocs_gitguard.model.printable import printable

_MOST: Final = 5


def own_addresses(core: Core, repository: str = "") -> defaultdict[str, list[str]]:
    """Return by owner the addresses that are theirs alone, the most used first, at most five.

    Args:
        core: who is who.
        repository: node id of one whose commits alone tell what is used; `""` for all.
    """
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for key, facts in core.facts.items():
        for place, identity in enumerate(facts.history.identities):
            owner = core.owner(key, place)
            email = identity.email.lower()
            if owner and not is_shared(email) and not noreply_login(email)[1] and printable(email) == email:
                counts[owner][email] += identity.commits + 1 if repository in ("", key) else 0
    bearers = Counter(email for emails in counts.values() for email in emails)
    addresses: defaultdict[str, list[str]] = defaultdict(list)
    for owner, emails in counts.items():
        ordered = sorted((email for email in emails if emails[email]), key=lambda email: (-emails[email], email))
        addresses[owner] = [email for email in ordered if bearers[email] == 1][:_MOST]
    return addresses

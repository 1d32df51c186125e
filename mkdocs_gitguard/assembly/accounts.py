"""Which logins are known for certain to be somebody's, and on which host.

An address or a fork tells the host itself. The CODEOWNERS file of a repository names logins of that repository's host:
one that is certainly somebody's elsewhere, and that such a file names, is theirs there too.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from mkdocs_gitguard.assembly.addresses import GITHUB, noreply_login
from mkdocs_gitguard.assembly.claims import ClaimOrigin, Member
from mkdocs_gitguard.assembly.people_file import Person
from mkdocs_gitguard.model import Account, LoginEvidence, Owner
from mkdocs_gitguard.model.printable import printable


def accounts_of(
    members: Iterable[Member], person: Person | None, further: Iterable[LoginEvidence]
) -> tuple[Account, ...]:
    """Return the accounts that addresses, the people file and forks tell of one person.

    Args:
        members: their identities.
        person: their entry of the people file. Of its logins the main one alone: others may be earlier ones.
        further: logins that no address tells; likeness is not certain.
    """
    uses: Counter[tuple[str, str]] = Counter()
    for member in members:
        for host, login, _ in map(noreply_login, sorted(member.addresses)):
            if login:
                uses[host, login] += member.identity.commits + 1
    for one in further:
        if not one.is_probable:
            uses[GITHUB, one.login] += 1
    if person and person.login:
        uses["", person.login] += 1
    ordered = sorted(uses, key=lambda one: (one[0], -uses[one], one[1]))
    return tuple(Account(host=printable(host), login=printable(login)) for host, login in ordered)


def with_named_accounts(
    owners: Mapping[str, Owner], by_login: Mapping[str, str], sources: Sequence[ClaimOrigin]
) -> dict[str, Owner]:
    """Return the owners with the accounts that CODEOWNERS files tell: those that name a login which is known elsewhere.

    Args:
        owners: by id.
        by_login: login in small letters to owner id.
        sources: the repositories, with their host and the logins that they name.
    """
    result = dict(owners)
    for host, login in sorted({(one.host, login) for one in sources if one.host for login in one.sought}):
        owner = result.get(by_login.get(login.lower(), ""))
        if owner is None or all(one.login.lower() != login.lower() for one in owner.accounts):
            continue
        if all(one.host != host for one in owner.accounts):
            accounts = sorted((*owner.accounts, Account(host=host, login=login)), key=lambda one: one.host)
            result[owner.id] = msgspec.structs.replace(owner, accounts=tuple(accounts))
    return result

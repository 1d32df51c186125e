"""What the histories of repositories claim: the names and addresses in their commits, before it is known who is who."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from mkdocs_gitguard.assembly.mailmap import Mailmap
from mkdocs_gitguard.assembly.people_file import Person
from mkdocs_gitguard.assembly.stray_addresses import stray_pairs
from mkdocs_gitguard.harvest.history.records import Identity


class ClaimOrigin(NamedTuple):
    """The identities of one repository, as its history has them, and its .mailmap."""

    repository: str
    identities: Sequence[Identity]
    mailmap: str = ""
    forks: Mapping[str, Mapping[int, int]] = MappingProxyType({})
    """Login on GitHub to how many pull requests from its fork each identity (by index) wrote."""
    sought: Collection[str] = ()
    """Logins that its CODEOWNERS file names."""
    host: str = ""
    """Of its pages."""


class Member(NamedTuple):
    """One raw identity, with its proper name and address."""

    repository: str
    key: str
    """Of this one raw identity among those that are joined: see `identity_key`."""
    name: str
    email: str
    raw_email: str
    identity: Identity
    is_stray: bool = False
    """Whether the address is another's: see `stray_addresses`."""

    @property
    def addresses(self) -> set[str]:
        """Those that are theirs."""
        return set() if self.is_stray else {self.email, self.raw_email}


def members_of(sources: Iterable[ClaimOrigin], people: Sequence[Person]) -> Sequence[Member]:
    """Return the raw identities of all repositories; an address that the people file names is never a slip."""
    members = [
        Member(
            source.repository,
            identity_key(source.repository, index),
            *mailmap.proper(identity.name, identity.email),
            identity.email,
            identity,
        )
        for source in sources
        for mailmap in (Mailmap(source.mailmap),)
        for index, identity in enumerate(source.identities)
    ]
    in_file = {email.lower() for person in people for email in person.emails}
    strays = {
        (name, email)
        for name, email in stray_pairs((member.name, member.email, member.identity.commits) for member in members)
        if email not in in_file
    }
    return [one._replace(is_stray=(one.name, one.email.lower()) in strays) for one in members] if strays else members


def identity_key(repository: str, place: int) -> str:
    """Return the key of one raw identity among those that are joined.

    Args:
        repository: node id.
        place: index of the identity.
    """
    return f"identity:{repository}\0{place}"

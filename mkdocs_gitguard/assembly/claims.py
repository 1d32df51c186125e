"""What the histories of repositories claim: the names and addresses in their commits, before it is known who is who."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain
from types import MappingProxyType
from typing import NamedTuple

from mkdocs_gitguard.assembly.kept_parts import KeptParts
from mkdocs_gitguard.assembly.mailmap import Mailmap
from mkdocs_gitguard.assembly.people_file import Person
from mkdocs_gitguard.assembly.probable_logins import sought_logins
from mkdocs_gitguard.assembly.stray_addresses import Doubtful, doubtful, slips
from mkdocs_gitguard.harvest.facts import RepositoryFacts
from mkdocs_gitguard.harvest.history.records import Identity
from mkdocs_gitguard.model import host_of

_Names = tuple[str, str, str]
"""Proper name, proper address and raw address of an identity."""


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
    """Of this one raw identity among those that are joined: its repository, and its place there."""
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


def origin_of(facts: RepositoryFacts) -> ClaimOrigin:
    """Return what the history of a repository claims."""
    return ClaimOrigin(
        facts.about.id,
        facts.history.identities,
        facts.text(".mailmap"),
        _forks(facts),
        sought_logins(facts.codeowners),
        host_of(facts.about.forge),
    )


def _forks(facts: RepositoryFacts) -> dict[str, Counter[int]]:
    """Return by login who wrote the pull requests that came from its fork (`login/branch` in a merge's message)."""
    writers: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for commit in (*facts.history.line, *facts.history.nested):
        login, slash, _ = commit.claim.source_branch.partition("/")
        if slash and commit.tip and commit.claim.evidence == "github-merge-commit":
            writers[login.lower()][commit.author] += 1
    writers.pop(facts.about.namespace.lower(), None)
    return writers


class Claims(NamedTuple):
    """What all repositories claim."""

    members: Sequence[Member]
    """Their raw identities."""
    told_apart_by: tuple[object, ...]
    """All that the members are told apart by beside numbers: equal as long as nobody is new, or called otherwise."""


def claims_of(sources: Iterable[ClaimOrigin], people: Sequence[Person], kept: KeptParts) -> Claims:
    """Return what repositories claim; an address that the people file names is never a slip.

    Args:
        sources: the repositories.
        people: the site's people file.
        kept: what was made of each repository the last time.
    """
    members: list[Member] = []
    names: dict[str, Sequence[_Names]] = {}
    for source in sources:
        theirs = kept.once("members", source.repository, (source,), partial(_members_in, source))
        members += theirs
        names[source.repository] = kept.once("names", source.repository, (theirs,), partial(_names_in, theirs))
    every = tuple(names.items())
    doubts = kept.once("doubtful", "", (every,), partial(_doubtful, names.values()))
    in_file = {email.lower() for person in people for email in person.emails}
    strays = slips(doubts, [member.identity.commits for member in members])
    strays = frozenset(place for place in strays if members[place].email.lower() not in in_file)
    for place in strays:
        members[place] = members[place]._replace(is_stray=True)
    return Claims(members, (every, strays))


def _names_in(members: Iterable[Member]) -> tuple[_Names, ...]:
    return tuple((member.name, member.email, member.raw_email) for member in members)


def _doubtful(names: Iterable[Iterable[_Names]]) -> Doubtful:
    return doubtful((name, email) for name, email, _ in chain.from_iterable(names))


def _members_in(source: ClaimOrigin) -> tuple[Member, ...]:
    mailmap = Mailmap(source.mailmap)
    return tuple(
        Member(
            source.repository,
            f"identity:{source.repository}\0{index}",
            *mailmap.proper(identity.name, identity.email),
            identity.email,
            identity,
        )
        for index, identity in enumerate(source.identities)
    )

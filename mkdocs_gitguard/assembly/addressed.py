"""Who is one person by the people file, names and addresses: that on which no number of commits has a say.

Nearly every merge leaves all of it as it was, so that it is worked out only where a name, an address or a slip is new.
"""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_gitguard.assembly.addresses import GITHUB, is_bot, is_shared, noreply_login
from mkdocs_gitguard.assembly.joined_keys import JoinedKeys
from mkdocs_gitguard.assembly.person_names import full_name
from mkdocs_gitguard.harvest.history.records import is_forge

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from mkdocs_gitguard.assembly.claims import Claims, Member
    from mkdocs_gitguard.assembly.kept_parts import KeptParts
    from mkdocs_gitguard.assembly.people_file import Person


class Addressed(NamedTuple):
    """Which identities addresses make one person's. A group is named by the key that stands for it."""

    groups: JoinedKeys
    """Belongs to this record: who joins more joins them in a copy."""
    roots: Sequence[str]
    """The group of each identity, in their order."""
    places: Mapping[str, Sequence[int]]
    """By group, its identities: their places in that order. Groups in the order of their first."""
    forges: frozenset[int]
    """Places of the identities that are a forge's own."""
    logins: Mapping[str, frozenset[str]]
    """By group, the logins (`forge/login`) in its noreply addresses."""
    namesakes: Sequence[Sequence[str]]
    """Groups that share a full name, by that name; programs left out."""

    def roots_in(self, groups: JoinedKeys) -> dict[str, str]:
        """Return for each group the one that it belongs to when more have been joined."""
        return dict(zip(self.places, map(groups.find, self.places), strict=True))

    def places_by(self, roots: Mapping[str, str]) -> dict[str, Sequence[int]]:
        """Return by group where its identities are, when more have been joined: see `roots_in`; in the same order."""
        joined: dict[str, Sequence[int]] = {}
        for own, root in roots.items():
            joined[root] = (*joined[root], *self.places[own]) if root in joined else self.places[own]
        return joined


def addressed(claims: Claims, people: Sequence[Person], bots: Collection[str], kept: KeptParts) -> Addressed:
    """Return whom addresses make one person.

    Args:
        claims: of all repositories.
        people: the site's people file.
        bots: names and logins of further programs.
        kept: what was made of everybody the last time.
    """
    made_of = (claims.told_apart_by, tuple(people), tuple(bots))
    return kept.once("addressed", "", made_of, partial(_addressed, claims.members, people, bots))


def _addressed(members: Sequence[Member], people: Sequence[Person], bots: Collection[str]) -> Addressed:
    groups = JoinedKeys()
    for number, person in enumerate(people):
        for key in _person_keys(person):
            groups.join(person_key(number), key)
    for member in members:
        if not member.is_stray:
            groups.join(member.key, _key(member.name, member.email))
            _join_login(groups, member)
    roots = [groups.find(member.key) for member in members]
    places: defaultdict[str, list[int]] = defaultdict(list)
    logins: defaultdict[str, set[str]] = defaultdict(set)
    bearers: defaultdict[str, set[str]] = defaultdict(set)
    for place, (root, member) in enumerate(zip(roots, members, strict=True)):
        places[root].append(place)
        forge, login, _ = noreply_login(member.raw_email)
        if login and not member.is_stray:
            logins[root].add(f"{forge}/{login}")
        name = full_name(member.name)
        if name and not is_bot(member.name, login, bots, member.email):
            bearers[name].add(root)
    return Addressed(
        groups,
        roots,
        dict(places),
        frozenset(place for place, one in enumerate(members) if is_forge(one.identity.name, one.raw_email)),
        {root: frozenset(known) for root, known in logins.items()},
        [sorted(bearers[name]) for name in sorted(bearers) if len(bearers[name]) > 1],
    )


def person_key(number: int) -> str:
    """Return the key of an entry of the people file among those that are joined."""
    return f"person:{number}"


def _key(name: str, email: str) -> str:
    return f"shared:{name}\0{email.lower()}" if is_shared(email) else f"email:{email.lower()}"


def _person_keys(person: Person) -> Iterable[str]:
    for email in person.emails:
        yield f"email:{email.lower()}"
        forge, login, _ = noreply_login(email)
        if login:
            yield f"login:{forge}/{login}"
    # The site's people file does not say on which forge: on GitHub, and on any other that is spoken of.
    for login in (person.login, *person.logins):
        if login:
            yield f"login:{GITHUB}/{login.lower()}"
            yield f"anywhere:{login.lower()}"


def _join_login(groups: JoinedKeys, member: Member) -> None:
    for email in {member.email, member.raw_email}:
        forge, login, number = noreply_login(email)
        if login:
            groups.join(member.key, f"login:{forge}/{login}")
            if number:
                # The number stays when the login changes.
                groups.join(member.key, f"account:{forge}/{number}")

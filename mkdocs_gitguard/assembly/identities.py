"""Who is who: from the names and addresses in commits to owners.

What makes two identities one person, the surest first: the site's people file, a repository's .mailmap, the same
login in a forge's noreply address, the same e-mail address (unless it is a slip: `stray_addresses`), the fork that
somebody's pull requests come from, and the same full name where no second login bears it. A name of one word never
counts: too many people are called `admin` or `Alex`. Last come the logins that CODEOWNERS files name and nobody has by
then: see `probable_logins`.

E-mail addresses are never shown: somebody who is known by address only gets an id made from the name and a digest.
"""

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

from msgspec.structs import replace

from mkdocs_gitguard.assembly.accounts import accounts_of, with_named_accounts
from mkdocs_gitguard.assembly.addressed import Addressed, addressed, person_key
from mkdocs_gitguard.assembly.addresses import GITHUB, is_bot, is_shared, noreply_login
from mkdocs_gitguard.assembly.claims import ClaimOrigin, Member, claims_of
from mkdocs_gitguard.assembly.fork_logins import join_forks
from mkdocs_gitguard.assembly.joined_keys import JoinedKeys
from mkdocs_gitguard.assembly.kept_parts import KeptParts
from mkdocs_gitguard.assembly.people_file import Person
from mkdocs_gitguard.assembly.person_names import best_name
from mkdocs_gitguard.assembly.probable_logins import Bearer, probable_logins
from mkdocs_gitguard.harvest.history.tags import committed_at
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import LoginEvidence, Owner, node_id
from mkdocs_gitguard.model.printable import printable

_ADDRESS_END: Final = late_pattern(r"(?<=\S)@\S+\.\S+")

_DIGEST_LENGTH: Final = 8


class Roster(NamedTuple):
    """Who is who in the repositories that it was made of."""

    owners: Mapping[str, Owner]
    """People and bots by id. Teams too, where the people file puts somebody seen in one."""
    by_identity: Mapping[str, Sequence[str]]
    """Repository id to owner ids, by index of identity; `""` for the forge itself."""
    by_login: Mapping[str, str]
    """Login (small letters) to owner id, of everybody seen or in the people file."""
    by_email: Mapping[str, str]
    """E-mail address (small letters) to owner id, of everybody seen or in the people file."""


def identify(
    sources: Iterable[ClaimOrigin],
    people: Sequence[Person] = (),
    bots: Collection[str] = (),
    kept: KeptParts | None = None,
) -> Roster:
    """Return who is who.

    Args:
        sources: the kept repositories; nothing of any other can show through.
        people: the site's people file.
        bots: names and logins of further programs.
        kept: what was made of everybody the last time.
    """
    sources, kept = tuple(sources), kept or KeptParts()
    claims = claims_of(sources, people, kept)
    members, by_address = claims.members, addressed(claims, people, bots, kept)
    groups = by_address.groups.copy()
    logins = defaultdict(frozenset[str], by_address.logins)
    by_fork = join_forks(groups, sources, members, by_address, logins)
    _join_names(groups, by_address.namesakes, logins)
    by_likeness = _join_alike(groups, sources, members, by_address, logins, people=people, bots=bots, by_fork=by_fork)
    person_of = {groups.find(person_key(number)): person for number, person in enumerate(people)}
    further: defaultdict[str, list[LoginEvidence]] = defaultdict(list)
    for key, evidence in (*by_fork.items(), *by_likeness.items()):
        further[groups.find(key)].append(evidence)
    roster = _directory(_Joined(sources, groups, members, by_address, person_of, further), bots, kept)
    return roster._replace(owners=with_named_accounts(roster.owners, roster.by_login, sources))


def _join_alike(
    groups: JoinedKeys,
    sources: Sequence[ClaimOrigin],
    members: Sequence[Member],
    by_address: Addressed,
    logins: defaultdict[str, frozenset[str]],
    *,
    people: Sequence[Person],
    bots: Collection[str],
    by_fork: Mapping[str, LoginEvidence],
) -> dict[str, LoginEvidence]:
    """Join groups to the logins that CODEOWNERS files name, where forks, names or addresses make them probable."""
    taken = {login.partition("/")[2] for known in logins.values() for login in known}
    seen = frozenset(by_address.roots_in(groups).values()) if people else frozenset[str]()
    for number, person in enumerate(people):
        if groups.find(person_key(number)) in seen:
            taken |= {login.lower() for login in (person.login, *person.logins)}
    sought = {one.repository: [login for login in one.sought if login.lower() not in taken] for one in sources}
    bearers: defaultdict[str, list[Bearer]] = defaultdict(list)
    for root, member in zip(by_address.roots, members, strict=True):
        if sought[member.repository] and not is_bot(member.name, "", bots, member.email):
            email = "" if is_shared(member.email) else member.email
            bearers[member.repository].append(Bearer(member.name, email, groups.find(root)))
    in_file = {groups.find(person_key(number)) for number, person in enumerate(people) if person.login}
    # An account that was renamed has its earlier name on its forks.
    of_forks = {f"{GITHUB}/{evidence.login}" for evidence in by_fork.values()}

    def is_free(root: str) -> bool:
        return root not in in_file and logins[root] <= of_forks

    evidence: dict[str, LoginEvidence] = {}
    for entries in probable_logins(sought, bearers, is_free):
        login, root, likeness, text = entries[0]
        for entry in entries[1:]:
            groups.join(root, entry.root)
        groups.join(root, f"login:{GITHUB}/{login.lower()}")
        logins[groups.find(root)] |= {f"{GITHUB}/{login.lower()}"}
        evidence[root] = LoginEvidence(login=login, evidence=likeness, text=printable(text), is_probable=True)
    rest = {login.lower() for named in sought.values() for login in named}
    rest -= {one.login.lower() for one in evidence.values()}
    return evidence | join_forks(groups, sources, members, by_address, logins, sought=rest)


def _join_names(
    groups: JoinedKeys, namesakes: Iterable[Iterable[str]], logins: defaultdict[str, frozenset[str]]
) -> None:
    """Join groups that share a full name, unless two of them have different logins."""
    for roots in namesakes:
        bearers = {groups.find(root) for root in roots}
        with_login = [root for root in bearers if logins[root]]
        if len(bearers) > 1 and len(with_login) <= 1:
            first, *others = sorted(bearers)
            known = frozenset[str]().union(*(logins[root] for root in bearers))
            for other in others:
                groups.join(first, other)
            logins[groups.find(first)] |= known


class _Joined(NamedTuple):
    """Who belongs together, before it is said what they are called."""

    sources: Sequence[ClaimOrigin]
    groups: JoinedKeys
    members: Sequence[Member]
    by_address: Addressed
    person_of: Mapping[str, Person]
    further: Mapping[str, Sequence[LoginEvidence]]
    """Logins that no address tells, by group."""


def _directory(joined: _Joined, bots: Collection[str], kept: KeptParts) -> Roster:
    sources, groups, members, by_address, person_of, further = joined
    owners: dict[str, Owner] = {}
    id_of: dict[str, str] = {}
    roots = by_address.roots_in(groups)
    made_of = {
        root: (theirs, person_of.get(root), further.get(root, ()), bots)
        for root, places in by_address.places_by(roots).items()
        if (theirs := [members[place] for place in places if place not in by_address.forges])
    }
    named = kept.once_each("owners", made_of, _named)
    # Those whose id is sure come first; of two who want the same one the busier gets it.
    order = sorted(named, key=lambda root: (root not in person_of, -named[root].commits, root))
    for root in order:
        owner = named[root].owner
        owner = owner if owner.id not in owners else replace(owner, id=named[root].unsure)
        owners[owner.id] = owner
        id_of[root] = owner.id
    owner_of = {own: id_of.get(root, "") for own, root in roots.items()}
    every = map(owner_of.__getitem__, by_address.roots)
    by_identity = {source.repository: [*islice(every, len(source.identities))] for source in sources}
    teams = {team for owner in owners.values() for team in owner.teams}
    owners |= {team: Owner(id=team, type="team", name=team.partition(":team/")[2]) for team in teams}
    return Roster(
        owners=dict(sorted(owners.items())),
        by_identity=by_identity,
        by_login=_by_login([owners[id_of[root]] for root in order], person_of, id_of),
        by_email=_by_email({root: named[root].emails for root in order}, person_of, id_of),
    )


def _by_login(seen: Iterable[Owner], person_of: Mapping[str, Person], id_of: Mapping[str, str]) -> dict[str, str]:
    by_login: dict[str, str] = {}
    for owner in seen:
        for login in owner.logins:
            by_login.setdefault(login.lower(), owner.id)
    for root, person in person_of.items():
        for login in filter(None, (person.login, *person.logins)):
            by_login[login.lower()] = id_of.get(root) or _person_id(person)
    return by_login


def _by_email(
    seen: Mapping[str, Sequence[str]], person_of: Mapping[str, Person], id_of: Mapping[str, str]
) -> dict[str, str]:
    by_email: dict[str, str] = {}
    for root, emails in seen.items():
        for email in emails:
            by_email.setdefault(email, id_of[root])
    for root, person in person_of.items():
        for email in person.emails:
            by_email[email.lower()] = id_of.get(root) or _person_id(person)
    return by_email


class _Named(NamedTuple):
    """Somebody, as they are called where nobody else is called so."""

    owner: Owner
    unsure: str
    """Their id where another has theirs."""
    commits: int
    """Of all their identities."""
    emails: Sequence[str]
    """Those that are theirs alone, in small letters."""


def _named(made_of: tuple[Sequence[Member], Person | None, Sequence[LoginEvidence], Collection[str]]) -> _Named:
    members, person, further, bots = made_of
    logins: Counter[str] = Counter(evidence.login for evidence in further)
    names: Counter[str] = Counter()
    for member in members:
        for email in member.addresses:
            _, login, _ = noreply_login(email)
            if login:
                logins[login] += member.identity.commits + 1
        names[member.name] += member.identity.commits + 1
    ranked = sorted(logins, key=lambda login: (-logins[login], login))
    if person:
        ranked = list(dict.fromkeys([*filter(None, (person.login, *person.logins)), *ranked]))
    name = (person.name if person else "") or best_name(names)
    # Some give their address as their name.
    shown = printable(_ADDRESS_END.sub("", name).strip()) or (ranked[0] if ranked else "") or "Unknown"
    first = min(members, key=lambda member: (member.identity.first_seen, member.email, member.name))
    digest = hashlib.sha256(f"{first.name}\0{first.email.lower()}".encode("utf-8", "surrogatepass")).hexdigest()
    unsure = node_id("owner", "user", f"{_slug(shown)}~{digest[:_DIGEST_LENGTH]}")
    owner_id = node_id("owner", "user", ranked[0].lower()) if ranked else unsure
    if person:
        owner_id = _person_id(person) if person.login else owner_id
    owner = Owner(
        id=owner_id,
        type="user",
        name=shown,
        logins=tuple(printable(login) for login in ranked),
        login_evidence=tuple(sorted(further, key=lambda one: one.login)),
        accounts=accounts_of(members, person, further),
        is_bot=is_bot(name, ranked[0] if ranked else "", bots, first.raw_email),
        is_alumnus=bool(person and person.alumni),
        teams=tuple(sorted(team_id(team) for team in person.teams)) if person else (),
        first_at=committed_at(min(member.identity.first_seen for member in members)),
        last_at=committed_at(max(member.identity.last_seen for member in members)),
    )
    emails = sorted({email.lower() for member in members for email in member.addresses})
    commits = sum(member.identity.commits for member in members)
    return _Named(owner, unsure, commits, [email for email in emails if not is_shared(email)])


def team_id(team: str) -> str:
    """Return the id of the team that a people file or CODEOWNERS writes as `organization/team`."""
    return node_id("owner", "team", *team.removeprefix("@").lower().split("/"))


def _person_id(person: Person) -> str:
    if person.login:
        return node_id("owner", "user", person.login.lower())
    digest = hashlib.sha256(f"{person.name}\0{person.emails[0].lower()}".encode()).hexdigest()
    return node_id("owner", "user", f"{_slug(person.name or 'person')}~{digest[:_DIGEST_LENGTH]}")


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "person"

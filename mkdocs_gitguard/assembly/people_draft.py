"""A draft of the site's people file: for each code owner whom nobody in history is known to be, who it may be, and why.

Whoever is probable already, and whoever is likely for two reasons that do not depend on each other, stands as an
entry; for one reason alone the entry is a comment. Evidence stands above each. Nothing is written for those whom the
people file has.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from mkdocs_gitguard.assembly.core import Core
from mkdocs_gitguard.assembly.own_addresses import own_addresses
from mkdocs_gitguard.assembly.probable_logins import squeezed
from mkdocs_gitguard.harvest.history.records import Identity
from mkdocs_gitguard.model import Owner, Ownership, name_of
from mkdocs_gitguard.model.printable import printable

_HEAD: Final = """\
# A draft of who is who, by `gitguard people suggest`. Read it, correct it, and name it in mkdocs.yml:
# `people: people.yml`.
# Each entry tells why. What begins with `#` is a guess for one reason only: take the `#` away where it is right.
# E-mail addresses are never shown in the portal, but they stand here: keep this file where they may be read.
"""
_NOBODY: Final = "# Named as owners, but nobody in the history of those repositories is like them:"
_MOST_CANDIDATES: Final = 3
_SHORTEST: Final = 4
"""Letters of a login that can be likened to a name."""
_LARGE_SHARE: Final = 0.5
"""Of the commits to an owner's files, above which somebody's share is a reason."""


class _Candidate(NamedTuple):
    owner: str
    reasons: tuple[str, ...]


class _Wanted(NamedTuple):
    """A code owner whom nobody is known to be."""

    login: str
    files: int
    repositories: tuple[str, ...]
    candidates: tuple[_Candidate, ...]


def draft_people(core: Core, ownership: Sequence[Ownership]) -> str:
    """Return the draft, as text of a people file: to be put behind the entries of the one that is there, if any.

    Args:
        core: who is who by now.
        ownership: of the repositories.
    """
    addresses = own_addresses(core)
    entries: list[str] = []
    nobody: list[str] = []
    taken: set[str] = set()
    for owner in core.roster.owners.values():
        why = [evidence for evidence in owner.login_evidence if evidence.is_probable]
        if why:
            taken.add(owner.id)
        # With no address an entry would match nobody.
        if why and addresses[owner.id]:
            reason = {
                "name": f"a name of theirs is {printable(why[0].text)!r}",
                "address": "the address is like the login",
                "pull-request-fork": f"{why[0].text} pull requests came from that fork",
            }[why[0].evidence]
            known = [login for login in owner.logins if login.lower() != why[0].login.lower()]
            entries.append(_entry(why[0].login, owner, addresses[owner.id], [f"Probably: {reason}."], logins=known))
    for wanted in _wanted(core, ownership):
        place = f"{wanted.files:,} files in {', '.join(wanted.repositories[:3])}"
        place = place.replace("1 files", "1 file") if wanted.files == 1 else place
        candidates = [one for one in wanted.candidates if one.owner not in taken and addresses[one.owner]]
        if not candidates:
            nobody.append(f"#   @{wanted.login}: {place}")
            continue
        sure = [one for one in candidates if len(one.reasons) > 1]
        is_sure = len(sure) == 1
        for one in sure if is_sure else candidates[:_MOST_CANDIDATES]:
            owner = core.roster.owners[one.owner]
            text = _entry(wanted.login, owner, addresses[one.owner], [f"Owner of {place}.", *one.reasons])
            if is_sure:
                taken.add(one.owner)
            entries.append(text if is_sure else _as_comment(text))
    body = "\n".join(entries) + ("\n" + "\n".join([_NOBODY, *nobody]) + "\n" if nobody else "")
    return body if core.people else f"{_HEAD}\npeople:\n{body}" if entries else f"{_HEAD}\npeople: []\n{body}"


def _as_comment(entry: str) -> str:
    lines = (line if line.lstrip().startswith("#") else f"  # {line[2:]}" for line in entry.split("\n") if line)
    return "\n".join(lines) + "\n"


def _entry(
    login: str, owner: Owner, addresses: Sequence[str], reasons: Sequence[str], *, logins: Sequence[str] = ()
) -> str:
    lines = [f"  # {reason}" for reason in reasons]
    lines += [f"  - login: {_scalar(login)}", f"    name: {_scalar(owner.name)}"]
    if addresses:
        lines.append(f"    emails: [{', '.join(map(_scalar, addresses))}]")
    if logins:
        lines.append(f"    logins: [{', '.join(map(_scalar, logins))}]")
    return "\n".join(lines) + "\n"


def _scalar(text: str) -> str:
    return json.dumps(printable(text), ensure_ascii=False)


def _wanted(core: Core, ownership: Sequence[Ownership]) -> Iterator[_Wanted]:
    """Yield the owners whom nobody is known to be, those with most files first."""
    unknown = {owner.id: owner for owner in core.owner_names.added() if owner.type == "user" and owner.logins}
    files: Counter[str] = Counter()
    places: defaultdict[str, list[Ownership]] = defaultdict(list)
    for one in ownership:
        for share in one.owners:
            if share.owner in unknown:
                files[share.owner] += share.files
                places[share.owner].append(one)
    for owner in sorted(files, key=lambda key: (-files[key], key)):
        reasons: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for one in places[owner]:
            for person, identity in _people(core, one.repository):
                if reason := _likeness(unknown[owner].logins[0], identity):
                    reasons[person][reason] = None
            for person, reason in _writers(core, one, owner):
                reasons[person][reason] = None
        ranked = sorted(reasons, key=lambda person: (-len(reasons[person]), person))
        yield _Wanted(
            unknown[owner].logins[0],
            files[owner],
            tuple(name_of(one.repository) for one in places[owner]),
            tuple(_Candidate(person, tuple(reasons[person])) for person in ranked),
        )


def _people(core: Core, repository: str) -> Iterator[tuple[str, Identity]]:
    for place, identity in enumerate(core.facts[repository].history.identities):
        person = core.owner(repository, place)
        if person and not core.roster.owners[person].is_bot and not core.roster.owners[person].logins:
            yield person, identity


def _likeness(login: str, identity: Identity) -> str:
    """Return what a login and somebody's name or address have in common, `""` for nothing."""
    form = squeezed(login)
    letters = form.rstrip("0123456789")
    words = [squeezed(word) for word in identity.name.split() if squeezed(word)]
    local = squeezed(identity.email.partition("@")[0].partition("+")[0])
    if len(letters) >= _SHORTEST and len(words) > 1 and _is_made_of(letters, words[0], words[-1]):
        return f"The login is made of the name: {printable(identity.name)}."
    if min(len(form), len(local)) > _SHORTEST and (form in local or local in form):
        return "The login is part of the address, or the other way round."
    return ""


def _is_made_of(letters: str, first: str, last: str) -> bool:
    """Whether letters are the beginnings of two names: `ssieb` of Samuel Sieb, `kevinb` of Kevin Burke."""
    cuts = range(1, len(letters))
    return any(
        (first.startswith(letters[:cut]) and last.startswith(letters[cut:]))
        or (last.startswith(letters[:cut]) and first.startswith(letters[cut:]))
        for cut in cuts
    )


def _writers(core: Core, ownership: Ownership, owner: str) -> Iterator[tuple[str, str]]:
    """Yield who has written most of what an owner alone owns."""
    theirs = {rule.line for rule in ownership.rules if rule.owners == (owner,)}
    commits: Counter[str] = Counter()
    for drift in ownership.drift:
        if drift.line in theirs:
            for contributor in drift.contributors:
                commits[contributor.owner] += contributor.commits
    for person, count in commits.most_common(1):
        known = core.roster.owners.get(person)
        if known and not known.logins and count > _LARGE_SHARE * commits.total():
            yield person, f"Wrote {count:,} of the {commits.total():,} commits to what they alone own."

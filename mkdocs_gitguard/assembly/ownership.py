"""Ownership as a stage of the assembly: `assemble(facts, stages=[contribute_ownership, ...])`."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import attrgetter

from mkdocs_gitguard.assembly.core import Core, Parts
from mkdocs_gitguard.assembly.identities import team_id
from mkdocs_gitguard.assembly.people_file import Person
from mkdocs_gitguard.codeowners import Dialect, dialect_of
from mkdocs_gitguard.harvest.history.records import unpack
from mkdocs_gitguard.model import Owner
from mkdocs_gitguard.model.printable import printable
from mkdocs_gitguard.ownership.analysis import OwnershipInput, OwnershipResult, analyse
from mkdocs_gitguard.ownership.authorship import Authored
from mkdocs_gitguard.ownership.backstage_catalog import CATALOG_NAMES
from mkdocs_gitguard.ownership.owner_names import OwnerNames


def contribute_ownership(core: Core, dialects: Mapping[str, Dialect] | None = None) -> Parts:
    """Return the ownership of every kept repository, with the owners that only CODEOWNERS files name.

    Args:
        core: what the facts alone tell.
        dialects: by repository id, whose rules of reading apply where the site says so; else the forge's.
    """
    directory = core.roster
    names = OwnerNames(
        directory.owners.values(), logins=directory.by_login, emails=directory.by_email, unseen=_unseen(core)
    )
    changes = {key: tuple(group) for key, group in groupby(core.pull_requests, key=attrgetter("repository"))}
    results: list[OwnershipResult] = []
    for key, facts in core.facts.items():
        files = tuple(printable(path.decode("utf-8", "surrogateescape")) for path, _ in facts.files())
        given = OwnershipInput(
            repository=key,
            files=files,
            codeowners=facts.codeowners,
            folders=facts.codeowners_folders,
            dialect=(dialects or {}).get(key)
            or dialect_of(facts.about.forge.name if facts.about.forge else "other", files),
            pull_requests=changes.get(key, ()),
            authored=tuple(_authored(core, key)),
            catalog=next(filter(None, map(facts.text, CATALOG_NAMES)), ""),
        )
        results.append(analyse(given, names))
    return Parts(
        owners=names.added(),
        ownership=tuple(result.ownership for result in results),
        relations=tuple(relation for result in results for relation in result.relations),
        findings=tuple(finding for result in results for finding in result.findings),
    )


def _authored(core: Core, key: str) -> Iterator[Authored]:
    rows = core.facts[key].history.authorship
    paths = core.paths[key]
    columns = (unpack(rows.paths), unpack(rows.identities), unpack(rows.commits), unpack(rows.last_at))
    for path, identity, commits, last_at in zip(*columns, strict=True):
        owner = core.owner(key, identity)
        if owner:
            yield Authored(paths[path], owner, commits, last_at)


def _unseen(core: Core) -> dict[str, Owner]:
    """Return those whom only the people file knows, by the id that a CODEOWNERS file would resolve to."""
    found: dict[str, Owner] = {}
    for person in core.people:
        owner = _owner_id(core, person)
        if owner and owner not in core.roster.owners:
            logins = tuple(filter(None, (person.login, *person.logins)))
            found[owner] = Owner(
                id=owner,
                type="user",
                name=person.name or (logins[0] if logins else person.emails[0]),
                logins=logins,
                is_alumnus=person.alumni,
                teams=tuple(sorted(map(team_id, person.teams))),
            )
    return found


def _owner_id(core: Core, person: Person) -> str:
    for login in filter(None, (person.login, *person.logins)):
        if owner := core.roster.by_login.get(login.lower()):
            return owner
    return next((owner for email in person.emails if (owner := core.roster.by_email.get(email.lower()))), "")

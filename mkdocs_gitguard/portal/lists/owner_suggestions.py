"""Who may own what no line of a repository's CODEOWNERS file is about, with the lines that would say so."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.codeowners import parse
from mkdocs_gitguard.codeowners.additions import Addition, additions_to, is_name
from mkdocs_gitguard.codeowners.from_rules import ruleset_from
from mkdocs_gitguard.codeowners.suggestions import reviews_of, suggestions
from mkdocs_gitguard.model import host_of, login_on
from mkdocs_gitguard.model.printable import original
from mkdocs_gitguard.portal.path_answers import ruleset_of
from mkdocs_gitguard.words import count, day, forge_title

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from mkdocs_gitguard.codeowners import Dialect, Ruleset
    from mkdocs_gitguard.codeowners.additions import Added
    from mkdocs_gitguard.codeowners.suggestions import Evidence, Suggestion
    from mkdocs_gitguard.model import Graph, Owner, Ownership, PullRequest, Repository
    from mkdocs_gitguard.portal.now import Now


_NO_ADDRESSES: Final[Mapping[str, str]] = MappingProxyType({})


class Names(NamedTuple):
    """How the CODEOWNERS file of a repository names people: as its forge knows them, and nothing is guessed."""

    dialect: Dialect
    host: str
    """Of the repository's pages, `""` for none."""
    addresses: Mapping[str, str] = _NO_ADDRESSES
    """E-mail address by owner id. Pages have none: addresses are never shown."""

    def written(self, owner: Owner) -> str:
        """Return `@login`, where that of the host is known, else the address, where the forge takes one, else `""`."""
        login = login_on(owner, self.host)
        candidates = (f"@{login}" if login else "", self.addresses.get(owner.id, ""))
        return next((name for name in candidates if name and is_name(name, self.dialect)), "")


class Suggested(NamedTuple):
    """What is suggested for one repository."""

    places: tuple[Suggestion, ...]
    additions: tuple[Addition, ...]
    """The same as lines."""
    names: Names


def suggested_owners(
    graph: Graph,
    now: Now,
    repository: Repository,
    ownership: Ownership,
    addresses: Mapping[str, str] = _NO_ADDRESSES,
) -> Suggested:
    """Return who may own each place of a repository that no line of its CODEOWNERS file is about.

    Nobody who is a bot, has left or was not seen for a year. What a line leaves without an owner, somebody wanted so.

    Args:
        graph: of the snapshot, and of what events say of reviews.
        now: the moment.
        repository: with its files.
        ownership: of it.
        addresses: e-mail addresses by owner id, to name those by whose login is not known; none for a page.
    """
    paths = [file.path for file in repository.files]
    if ownership.path:
        numbers = ruleset_of(ownership).matching_many(map(original, paths))
        unmatched = {path for path, matching in zip(paths, numbers, strict=True) if not matching}
    else:
        unmatched = set(paths)
    names = Names(ownership.dialect, host_of(repository.forge), addresses)
    if not unmatched:
        return Suggested((), (), names)

    def may_own(owner_id: str) -> bool:
        owner = graph.owners.get(owner_id)
        return owner is not None and _is_there(owner, now)

    def reviewers(change: PullRequest) -> Iterator[str]:
        status = graph.statuses.get(change.id)
        for review in status.reviews if status else ():
            yield graph.owners_by_login.get(review.login.lower(), "")

    reviews = reviews_of(repository, graph.pull_requests.get(repository.id, ()), reviewers)
    places = suggestions(repository.files, unmatched, reviews, may_own)
    return Suggested(places, tuple(_addition(graph, place, names) for place in places), names)


def reading_note(repository: Repository, ownership: Ownership) -> str:
    """Return what has to be known of a repository whose forge reads no CODEOWNERS file, or is not known, else `""`."""
    forge = repository.forge.name if repository.forge else "other"
    dialect = forge_title(ownership.dialect)
    if forge == "azure":
        return f"Azure DevOps itself reads no CODEOWNERS file. The portal does, as {dialect} would."
    return f"Its forge is not known, so that this is written as {dialect} reads it." if forge == "other" else ""


def holding(suggested: Suggested, paths: Collection[str]) -> Suggested:
    """Return what is suggested of those places alone that hold one of some files."""

    def holds(place: Suggestion) -> bool:
        if not place.is_folder:
            return place.path in paths
        return any(path.startswith(f"{place.path}/") for path in paths)

    kept = [pair for pair in zip(suggested.places, suggested.additions, strict=True) if holds(pair[0])]
    return suggested._replace(places=tuple(place for place, _ in kept), additions=tuple(line for _, line in kept))


def lines_for(suggested: Suggested, repository: Repository, ownership: Ownership) -> Added:
    """Return the lines that are to stand above those that are there, where the text of the file is not at hand."""
    before = ruleset_of(ownership)

    def with_lines(lines: Sequence[str]) -> Ruleset:
        added = parse("\n".join(lines), ownership.dialect)
        return added if not before.rules else ruleset_from(ownership.dialect, (*added.rules, *before.rules))

    paths = [file.path for file in repository.files]
    return additions_to(suggested.additions, ownership.dialect, paths, before=before, with_lines=with_lines)


def _is_there(owner: Owner, now: Now) -> bool:
    return owner.type == "user" and not owner.is_bot and now.state_of(owner, ()) == "active"


def _addition(graph: Graph, place: Suggestion, names: Names) -> Addition:
    owners = [(one, graph.owners[one.owner]) for one in place.owners]
    written = tuple(filter(None, (names.written(owner) for _, owner in owners)))
    why = tuple(evidence_line(one, owner, place, names) for one, owner in owners)
    return Addition(place.path, place.is_folder, written, why)


def evidence_line(one: Evidence, owner: Owner, place: Suggestion, names: Names) -> str:
    """Return what somebody did in a place, as a comment tells it."""
    written = names.written(owner)
    where = f" on {names.host}" if names.host else ""
    who = written if written.startswith("@") else f"{owner.name} ({written or f'no login{where} is known'})"
    return f"{who}: {evidence_in_words(one, place)}"


def evidence_in_words(one: Evidence, place: Suggestion) -> str:
    """Return what somebody did in a place in the last year."""
    parts: list[str] = []
    if one.commits:
        least = "at least " if place.files > 1 else ""
        where = f" to {one.files:,} of {count(place.files, 'file')}" if place.files > 1 else ""
        last = f", the last on {day(one.last_at)}" if one.last_at else ""
        parts.append(f"{least}{count(one.commits, 'commit')}{where}, {one.share:.0%} of the changes{last}")
    if one.reviews:
        parts.append(f"reviewed or merged {count(one.reviews, 'pull request')} of others")
    return "; ".join(parts)

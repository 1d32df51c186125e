"""Who may own what no line of a repository's CODEOWNERS file is about, with the lines that would say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mkdocs_gitguard.codeowners import parse
from mkdocs_gitguard.codeowners.additions import Addition, additions_to, certain_owners
from mkdocs_gitguard.codeowners.from_rules import ruleset_from
from mkdocs_gitguard.codeowners.suggestions import reviews_of, suggestions
from mkdocs_gitguard.model.printable import original
from mkdocs_gitguard.portal.path_answers import ruleset_of
from mkdocs_gitguard.portal.words import count, day

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from mkdocs_gitguard.codeowners import Ruleset
    from mkdocs_gitguard.codeowners.additions import Added
    from mkdocs_gitguard.codeowners.suggestions import Evidence, Suggestion
    from mkdocs_gitguard.model import Graph, Owner, Ownership, PullRequest, Repository
    from mkdocs_gitguard.portal.now import Now


class Suggested(NamedTuple):
    """What is suggested for one repository."""

    places: tuple[Suggestion, ...]
    additions: tuple[Addition, ...]
    """The same as lines."""


def suggested_owners(graph: Graph, now: Now, repository: Repository, ownership: Ownership) -> Suggested:
    """Return who may own each place of a repository that no line of its CODEOWNERS file is about.

    Nobody who is a bot, has left or was not seen for a year. What a line leaves without an owner, somebody wanted so.

    Args:
        graph: of the snapshot, and of what events say of reviews.
        now: the moment.
        repository: with its files.
        ownership: of it.
    """
    paths = [file.path for file in repository.files]
    if ownership.path:
        numbers = ruleset_of(ownership).matching_many(map(original, paths))
        unmatched = {path for path, matching in zip(paths, numbers, strict=True) if not matching}
    else:
        unmatched = set(paths)
    if not unmatched:
        return Suggested((), ())

    def may_own(owner_id: str) -> bool:
        owner = graph.owners.get(owner_id)
        return owner is not None and _is_there(owner, now)

    def reviewers(change: PullRequest) -> Iterator[str]:
        status = graph.statuses.get(change.id)
        for review in status.reviews if status else ():
            yield graph.owners_by_login.get(review.login.lower(), "")

    reviews = reviews_of(repository, graph.pull_requests.get(repository.id, ()), reviewers)
    places = suggestions(repository.files, unmatched, reviews, may_own)
    return Suggested(places, tuple(_addition(graph, place) for place in places))


def holding(suggested: Suggested, paths: Collection[str]) -> Suggested:
    """Return what is suggested of those places alone that hold one of some files."""

    def holds(place: Suggestion) -> bool:
        if not place.is_folder:
            return place.path in paths
        return any(path.startswith(f"{place.path}/") for path in paths)

    kept = [(place, line) for place, line in zip(*suggested, strict=True) if holds(place)]
    return Suggested(tuple(place for place, _ in kept), tuple(line for _, line in kept))


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


def certain_login(owner: Owner) -> str:
    """Return what a forge calls a person, where that is known for certain, else `""`."""
    guessed = {one.login for one in owner.login_evidence if one.is_probable}
    return next((login for login in owner.logins if login not in guessed), "")


def _addition(graph: Graph, place: Suggestion) -> Addition:
    owners = {one.owner: graph.owners[one.owner] for one in place.owners}
    logins = {owner_id: login for owner_id, owner in owners.items() if (login := certain_login(owner))}
    why = tuple(evidence_line(one, owners[one.owner], place) for one in place.owners)
    return Addition(place.path, place.is_folder, certain_owners(logins, owners), why)


def evidence_line(one: Evidence, owner: Owner, place: Suggestion) -> str:
    """Return what somebody did in a place, as a comment tells it."""
    login = certain_login(owner)
    who = f"@{login}" if login else f"{owner.name} (no login is known for certain)"
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

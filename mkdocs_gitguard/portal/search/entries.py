"""What of a snapshot can be found, as plain values by group: from its records and from the pages that show them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING, Final

import msgspec

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import (
    Decision,
    Owner,
    Policy,
    PullRequest,
    Rule,
    file_url,
    index_path,
    is_policy,
    name_of,
    path_of,
    pull_request_url,
    tree_url,
)
from mkdocs_gitguard.portal.lists.policies import is_notable
from mkdocs_gitguard.portal.search.segments import (
    ChangeEntry,
    Entry,
    EntryKind,
    Group,
    GroupInput,
    Home,
    base36,
    group_of,
    with_locals,
)
from mkdocs_gitguard.portal.search.shards import number_of
from mkdocs_gitguard.words import day, one_line, web_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mkdocs_gitguard.model import Organization, Repository
    from mkdocs_gitguard.portal.page import PortalPage
    from mkdocs_gitguard.portal.pages import Pages

ON_FORGE: Final = "!"
"""Stands for the URL of a pull request on its forge."""
OPEN_PULL_REQUESTS: Final = "open-pull-requests"
"""Anchor on a repository's page."""
_PLACEHOLDER: Final = "~"
"""Stands for a path or a number in a URL; percent-encoding leaves it as it is."""
_ODD_NUMBER: Final = 90_817_263
"""Stands for a pull request's number where a URL is made; no URL holds it by chance."""
_UNJOINED: Final = late_pattern(r"[-_.]")
_CONTEXT: Final = 160
"""Characters of what tells entries apart."""


def groups_of(pages: Pages) -> list[Group]:
    """Return what the index of a portal holds: what belongs to no repository, then each repository by id."""
    return [group_of(group_id, group) for group_id, group in inputs_of(pages)]


def inputs_of(pages: Pages) -> list[tuple[str, GroupInput]]:
    """Return what can be found by group, as plain values."""
    return list(_Found(pages).groups())


def references_of(pages: Pages) -> dict[str, str]:
    """Return by id how the index names each entry: the number of its group, and its local name there.

    Of a list the id is its path. Pull requests are named by their numbers: see `reference_of_change`.
    """
    entries = _Found(pages).entries()
    references: dict[str, str] = {}
    for place, group in enumerate(["", *(repository.id for repository in pages.portal.snapshot.repositories)]):
        number = number_of(place)
        references |= {entry.id: number + local for local, entry in with_locals(entries[group])}
        if group:
            references[group] = f"{number}r"
    return references


def reference_of_change(repository: str, number: int) -> str:
    """Return how the index names a pull request.

    Args:
        repository: reference of its repository.
        number: its own.
    """
    return f"{repository.removesuffix('r')}c{base36(number)}"


def digest_of(pages: Pages, *others: str) -> bytes:
    """Return the digest of all that the groups of a portal are made of.

    Args:
        pages: of the portal.
        others: what else goes into the index.
    """
    shown = [
        (page.path, page.is_index, page.title, page.nav_title, page.search, page.node, dict(page.shows))
        for page in pages.by_path.values()
    ]
    options = (pages.portal.options.use_directory_urls, pages.portal.flags)
    packed = msgspec.msgpack.encode((pages.portal.graph.digest, options, others, shown))
    return hashlib.blake2b(packed, digest_size=16).digest()


class _Found:
    """Looks up what entries are made of."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._snapshot = pages.portal.snapshot
        self._graph = pages.portal.graph
        self._urls = pages.urls_of_nodes
        self._authors = {owner.id: one_line(owner.name) for owner in self._snapshot.owners}
        self._entries: defaultdict[str, list[Entry]] = defaultdict(list)

    def entries(self) -> defaultdict[str, list[Entry]]:
        """Return by repository what can be found in it, but for itself, pull requests and files; `""`: in none."""
        self._add("", self._organization(self._snapshot.organization))
        for owner in self._snapshot.owners:
            self._add("", self._owner(owner))
        for policy in self._snapshot.policies:
            self._add(policy.repository, self._policy(policy))
        for rule in self._snapshot.rules:
            if policy_of_rule := self._graph.policies.get(rule.policy):
                self._add(policy_of_rule.repository, self._rule(rule, policy_of_rule))
        for decision in self._snapshot.decisions:
            self._add(decision.subject.repository, self._decision(decision))
        self._add_lists()
        return self._entries

    def groups(self) -> Iterator[tuple[str, GroupInput]]:
        self.entries()
        repositories = self._snapshot.repositories
        yield "", GroupInput(None, tuple(self._entries[""]), (), ())
        for repository in repositories:
            yield repository.id, self._group(repository)

    def _add(self, repository: str, entry: Entry) -> None:
        if entry.url:
            self._entries[repository if repository in self._graph.repositories else ""].append(entry)

    def _add_lists(self) -> None:
        homes = {path_of(repository.id).partition("/")[2]: repository.id for repository in self._snapshot.repositories}
        for page in self._pages.by_path.values():
            if page.search and not page.node and len(self._pages.sections_of(page)) <= 1:
                parts = page.path.split("/")
                places = ("/".join(parts[1:end]) for end in range(len(parts), 1, -1))
                self._add(next((homes[place] for place in places if place in homes), ""), self._list(page))

    def _group(self, repository: Repository) -> GroupInput:
        name = _repository_name(repository)
        changes = self._graph.pull_requests.get(repository.id, ())
        before = f"{index_path('pull-request', repository.id)}/"
        after = "/" if self._pages.portal.options.use_directory_urls else ".html"
        url = self._urls.get(repository.id, "")
        # Who types a path wants to know whose it is; that page links to the file.
        has_owners = repository.id in self._graph.ownership
        asked = f"{url}?path={_PLACEHOLDER}#who-to-ask" if url and has_owners else ""
        home = Home(
            entry=Entry(
                kind="r",
                id=repository.id,
                label=one_line(name),
                context=_short(repository.description),
                url=url,
                weight=str(len(changes) or repository.commits),
                # Who types argocd means argo-cd.
                names=(*_ends(name), repository.name, _UNJOINED.sub("", repository.name)),
                text=repository.description,
            ),
            changes=before,
            changes_end=after,
            forge_change=_forge_change(repository),
            file=asked or web_url(file_url(repository.forge, repository.head, _PLACEHOLDER)),
            folder=asked or web_url(tree_url(repository.forge, repository.head, _PLACEHOLDER)),
        )
        return GroupInput(
            home,
            tuple(self._entries[repository.id]),
            (
                *self._open_changes(repository, is_on_forge=bool(home.forge_change)),
                *self._changes(changes, before, after, is_on_forge=bool(home.forge_change)),
            ),
            tuple(file.path for file in repository.files),
        )

    def _organization(self, organization: Organization) -> Entry:
        home = self._pages.by_path.get(self._pages.portal.options.home)
        return Entry(
            kind="o",
            id=organization.id,
            label=one_line(organization.name),
            context="",
            url=self._pages.url(home) if home else "",
            weight="",
            names=(organization.name,),
            text="",
        )

    def _owner(self, owner: Owner) -> Entry:
        kinds: Mapping[str, EntryKind] = {"user": "u", "team": "t", "email": "e"}
        name = name_of(owner.id).partition("/")[2]
        work = self._graph.work_by_owner.get(owner.id)
        logins = owner.logins or ((name,) if owner.type == "team" else ())
        return Entry(
            kind="b" if owner.is_bot else kinds[owner.type],
            id=owner.id,
            label=one_line(owner.name),
            context=_short(" · ".join(f"@{login}" for login in logins)),
            url=self._urls.get(owner.id, ""),
            weight=str(work.commits) if work else "",
            names=(owner.name, *logins, *([name.rpartition("/")[2]] if owner.type == "team" else ())),
            text="",
        )

    def _policy(self, policy: Policy) -> Entry:
        title = policy.title or policy.name
        path = policy.span.path
        kind: EntryKind = "p" if is_policy(policy) else "w" if policy.role == "automation" else "v"
        return Entry(
            kind=kind,
            id=policy.id,
            label=one_line(title),
            context=_short(f"{policy.role} · {path}" if kind == "v" else path),
            url=self._urls.get(policy.id, ""),
            weight="",
            names=(title, policy.name, name_of(policy.id), path.rpartition("/")[2], path, *_called(policy.keys)),
            text=" ".join((policy.category, policy.severity, policy.format, policy.description[:_CONTEXT])),
        )

    def _rule(self, rule: Rule, policy: Policy) -> Entry:
        title = rule.title or rule.name
        return Entry(
            kind="q" if is_policy(policy) and is_notable([rule]) else "h",
            id=rule.id,
            label=one_line(title),
            context=_short(policy.title or policy.name),
            url=self._urls.get(rule.id, ""),
            weight="",
            names=(title, rule.name, f"{policy.name}.{rule.name}", name_of(rule.id), *_called(rule.keys)),
            text=policy.name,
        )

    def _decision(self, decision: Decision) -> Entry:
        message = decision.message or decision.policy_key or name_of(decision.id)
        return Entry(
            kind="d",
            id=decision.id,
            label=_short(f"{decision.outcome}: {message}"),
            context=_short(decision.policy_key),
            url=self._urls.get(decision.id, ""),
            weight=day(decision.at) if decision.at else "",
            names=(),
            text="",
        )

    def _list(self, page: PortalPage) -> Entry:
        return Entry(
            kind="l",
            id=page.path or "home",
            label=one_line(page.title),
            context=_short(page.search),
            url=self._pages.url(page),
            weight="",
            names=(page.title, page.nav_title),
            text="",
        )

    def _changes(
        self, changes: Sequence[PullRequest], before: str, after: str, *, is_on_forge: bool
    ) -> Iterator[ChangeEntry]:
        urls, authors = self._urls, self._authors
        for change in changes:
            url = urls.get(change.id, "") or (ON_FORGE if is_on_forge else self._list_with(change))
            yield ChangeEntry(
                number=change.number,
                title=change.title,
                author=authors.get(change.author, ""),
                author_id=change.author,
                at=change.merged_at,
                branch=change.source_branch,
                url="" if url == f"{before}{change.number}{after}" else url,
            )

    def _open_changes(self, repository: Repository, *, is_on_forge: bool) -> Iterator[ChangeEntry]:
        """Yield the pull requests that events say are open, which have no page."""
        for status in self._graph.open_pull_requests.get(repository.id, ()):
            owner = self._graph.owners_by_login.get(status.author.lower(), "")
            yield ChangeEntry(
                number=status.number,
                title=f"{status.title} (open)",
                author=self._authors.get(owner, one_line(status.author)),
                author_id=owner,
                at=status.opened_at or status.at,
                branch=status.source_branch,
                url=ON_FORGE if is_on_forge else f"{self._urls.get(repository.id, '')}#{OPEN_PULL_REQUESTS}",
            )

    def _list_with(self, change: PullRequest) -> str:
        """Return the URL of the list that a pull request without a page stands in."""
        index = index_path("pull-request", change.repository)
        for path in (f"{index}/year-{change.merged_at.year}", index):
            if path in self._pages.by_path:
                return self._pages.url(self._pages.by_path[path])
        return ""


def _repository_name(repository: Repository) -> str:
    return f"{repository.namespace}/{repository.name}" if repository.namespace else repository.name


def _ends(name: str) -> list[str]:
    """Return a name and its ends from each slash on: of two namespaces people leave out the first."""
    parts = name.split("/")
    return ["/".join(parts[start:]) for start in range(len(parts))]


def _forge_change(repository: Repository) -> str:
    return web_url(pull_request_url(repository.forge, _ODD_NUMBER)).replace(str(_ODD_NUMBER), _PLACEHOLDER)


def _called(keys: tuple[str, ...]) -> Iterator[str]:
    """Yield what decisions call a policy, the keys' own kinds left out."""
    for key in keys:
        scheme, _, name = key.partition(":")
        yield f"data.{name.removeprefix('data.')}" if scheme == "rego-package" else name or key


def _short(text: str) -> str:
    text = one_line(" ".join(text.split()))
    return text if len(text) <= _CONTEXT else f"{text[: _CONTEXT - 1]}…"

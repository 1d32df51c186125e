"""From the raw facts of the kept repositories to the snapshot.

Everything here is a pure function of its arguments. The rollout's selection has dropped whole repositories before:
what is not among the facts cannot show in a name, a count or a person.

A source of further records (code owners, policies, decisions) is a `Stage`: one function, called with the core
of the snapshot, in the list that the caller gives.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache, cached_property, partial
from itertools import chain, islice
from types import MappingProxyType
from typing import Final, TypeVar

import msgspec

from mkdocs_gitguard.assembly.claims import ClaimOrigin, origin_of
from mkdocs_gitguard.assembly.descriptions import description_of
from mkdocs_gitguard.assembly.file_entries import file_entries
from mkdocs_gitguard.assembly.guard import Guard
from mkdocs_gitguard.assembly.identities import Roster, identify
from mkdocs_gitguard.assembly.kept_parts import KeptParts, as_before
from mkdocs_gitguard.assembly.people_file import Person
from mkdocs_gitguard.assembly.pull_request_relations import relations_of
from mkdocs_gitguard.assembly.pull_requests import Settled, settle
from mkdocs_gitguard.assembly.unseen_people import unseen
from mkdocs_gitguard.codeowners import Dialect, dialect_of
from mkdocs_gitguard.codeowners.ruleset import CodeOwners, read_code_owners
from mkdocs_gitguard.errors import Interruption
from mkdocs_gitguard.git.tree import path_texts
from mkdocs_gitguard.harvest.facts import RepositoryFacts
from mkdocs_gitguard.harvest.history.records import STATUSES, LineCommit, by_month, path_and_status, unpack
from mkdocs_gitguard.harvest.history.tags import committed_at
from mkdocs_gitguard.model import (
    Contribution,
    Decision,
    DirectCommit,
    FileChange,
    Finding,
    MonthActivity,
    Organization,
    Owner,
    Ownership,
    Policy,
    PolicyException,
    PullRequest,
    Record,
    Relation,
    Repository,
    Rule,
    SourceText,
    name_of,
    node_id,
)
from mkdocs_gitguard.model.printable import printable
from mkdocs_gitguard.ownership.owner_names import OwnerNames

_DIRECT_COMMITS: Final = 20
_TASK: Final = "put together"
_CHANGES: Final = "pull requests"

_Result = TypeVar("_Result")


class Core:
    """What the facts alone tell; stages read it.

    Attributes:
        facts: of the kept repositories, by repository id. One that raised something is not among them.
        organization: whose portal this is.
        people: the site's people file.
        guard: what single repositories raised.
        kept: what was put together earlier in this process, for stages too.
        roster: who is who in the kept repositories.
        settled: by repository id, which commit brought which pull request.
        paths: by repository id, the paths that `History` names by index, fit to be shown.
        files: by repository id, the paths of the head's tree, fit to be shown, in the order of `facts.files()`.
        pull_requests_of: by repository id, newest first; the very ones of the last assembly where nothing has changed.
    """

    facts: Mapping[str, RepositoryFacts]
    roster: Roster
    settled: Mapping[str, Settled]
    paths: Mapping[str, Sequence[str]]
    files: Mapping[str, Sequence[str]]
    pull_requests_of: Mapping[str, tuple[PullRequest, ...]]

    def __init__(
        self,
        facts: Sequence[RepositoryFacts],
        *,
        organization: Organization,
        people: Sequence[Person] = (),
        bots: Collection[str] = (),
        guard: Guard | None = None,
        digests: Mapping[str, bytes] = MappingProxyType({}),
        kept: KeptParts | None = None,
    ) -> None:
        """Tell who is who, which pull request is which, and what each repository is.

        Args:
            facts: of every kept repository, in any order.
            organization: whose portal this is.
            people: the site's people file.
            bots: names and logins of programs that commit, beside the known ones.
            guard: collects what could not be put together.
            digests: by repository id, of its facts; one without is put together anew.
            kept: what was put together earlier in this process.
        """
        self.organization = organization
        self.people = tuple(people)
        self.guard = guard or Guard()
        self.kept = kept or KeptParts()
        self.kept.begin()
        self._bots = bots
        self._digests = digests
        self._code_owners: dict[tuple[str, Dialect | None], CodeOwners] = {}
        self.facts = {one.about.id: one for one in sorted(facts, key=lambda f: f.about.id)}
        # People are told apart over all repositories, so without one of them the others are looked at anew.
        while failed := self._put_together():
            self.facts = {key: one for key, one in self.facts.items() if key not in failed}

    def _put_together(self) -> set[str]:
        """Make everything; return the repositories that raised something."""
        failed: set[str] = set()

        def for_each_repository(
            task: str, function: Callable[[str], _Result], *, is_written: bool = True, is_named: bool = False
        ) -> dict[str, _Result]:
            made: dict[str, _Result] = {}
            for key, one in self.facts.items():
                if key in failed:
                    continue
                attempt = partial(self.guard.attempt, one.about, _TASK, partial(function, key), is_written=is_written)
                inputs = self.inputs_of(key) if is_named else (self._digests.get(key, b""),)
                result = self.kept.once(task, key, inputs, attempt)
                if result is None:
                    failed.add(key)
                else:
                    made[key] = result
            return made

        self.paths = for_each_repository("paths", lambda key: self.facts[key].history.path_names())
        self.files = for_each_repository("files", lambda key: path_texts(self.facts[key].file_paths))
        self.settled = for_each_repository("settled", lambda key: settle(self.facts[key]))
        origins = for_each_repository("origin", lambda key: origin_of(self.facts[key]), is_written=False)
        if failed:
            return failed
        try:
            self.roster = identify(origins.values(), self.people, self._bots, self.kept)
        except Interruption:
            raise
        except Exception:
            if failed := self._not_identified(origins):
                return failed
            raise
        self._repositories = for_each_repository("repository", lambda key: _repository(self, key), is_named=True)
        self.pull_requests_of = for_each_repository(
            _CHANGES, lambda key: _known_pull_requests(self, key), is_named=True
        )
        return failed

    def inputs_of(self, repository: str) -> tuple[object, ...]:
        """Return what the records of a repository are made of: its facts, as a digest, and who its identities are."""
        return self._digests.get(repository, b""), tuple(self.roster.by_identity[repository])

    def _not_identified(self, origins: Mapping[str, ClaimOrigin]) -> set[str]:
        """Return those repositories whose people cannot be told apart from those of the others before."""
        kept: dict[str, ClaimOrigin] = {}
        for key, origin in origins.items():
            kept[key] = origin
            task = partial(identify, tuple(kept.values()), self.people, self._bots)
            if self.guard.attempt(self.facts[key].about, _TASK, task, is_written=False) is None:
                del kept[key]
        return origins.keys() - kept.keys()

    @property
    def repositories(self) -> tuple[Repository, ...]:
        """By id."""
        return tuple(self._repositories.values())

    @cached_property
    def pull_requests(self) -> tuple[PullRequest, ...]:
        """By repository, then newest first."""
        return tuple(chain.from_iterable(self.pull_requests_of.values()))

    def relations_of_pull_requests(self) -> dict[str, tuple[Relation, ...]]:
        """Return by repository where each pull request belongs, and who wrote it; nobody else tells that of one.

        They are in order, and the very ones of the last assembly where they are the same.
        """
        relations: dict[str, tuple[Relation, ...]] = {}
        for repository, group in self.pull_requests_of.items():
            before = self.kept.last("relations", repository, tuple) or ()
            made = partial(relations_of, group, before)
            relations[repository] = self.kept.once("relations", repository, (group,), made)
        return relations

    @cached_property
    def owner_names(self) -> OwnerNames:
        """What resolves the owners that CODEOWNERS files write, for all stages."""
        roster = self.roster
        return OwnerNames(
            roster.owners.values(), logins=roster.by_login, emails=roster.by_email, unseen=unseen(self.people, roster)
        )

    def code_owners(self, repository: str, dialect: Dialect | None = None) -> CodeOwners:
        """Return the code owners of a repository, by the forge's rules or those of the dialect that the site says."""
        known = self._code_owners.get((repository, dialect))
        if known is None:
            facts = self.facts[repository]
            forge = facts.about.forge.name if facts.about.forge else "other"
            known = read_code_owners(
                facts.codeowners,
                dialect or dialect_of(forge, self.files[repository]),
                repository=repository,
                folders=facts.codeowners_folders,
            )
            self._code_owners[repository, dialect] = known
        return known

    def code_owners_read_from(self, repository: str, dialect: Dialect | None = None) -> tuple[object, ...]:
        """Return all that the code owners of a repository are read from, for what is kept as long as it is the same."""
        facts = self.facts[repository]
        return facts.codeowners, facts.codeowners_folders, self.code_owners(repository, dialect).dialect

    def owner(self, repository: str, identity: int) -> str:
        """Return the owner id of an identity of a repository's history; `""` for -1 and for the forge itself."""
        return self.roster.by_identity[repository][identity] if identity >= 0 else ""

    def changes(self, repository: str) -> Iterator[tuple[LineCommit, int]]:
        """Yield the commits of a first-parent line, newest first, each with its pull request's number or 0."""
        numbers = self.settled[repository].numbers
        for commit in self.facts[repository].history.line:
            yield commit, numbers.get(commit.commit, 0)


class Parts(Record, frozen=True, kw_only=True):
    """Records that a stage adds to the snapshot. Order does not matter."""

    owners: tuple[Owner, ...] = ()
    """Owners that no history knows: teams, addresses, people who never committed. One that is known already stays."""
    policies: tuple[Policy, ...] = ()
    rules: tuple[Rule, ...] = ()
    exceptions: tuple[PolicyException, ...] = ()
    decisions: tuple[Decision, ...] = ()
    ownership: tuple[Ownership, ...] = ()
    relations: tuple[Relation, ...] = ()
    findings: tuple[Finding, ...] = ()
    sources: tuple[SourceText, ...] = ()


Stage = Callable[[Core], Parts]


def _repository(core: Core, key: str) -> Repository:
    facts = core.facts[key]
    history = facts.history
    return Repository(
        id=key,
        namespace=facts.about.namespace,
        name=facts.about.name,
        description=description_of(facts),
        readme_path=facts.readme_path,
        readme_summary=facts.readme_summary,
        licence=facts.licence,
        licence_path=facts.licence_path,
        forge=facts.about.forge,
        default_branch=facts.default_branch,
        head=facts.head,
        head_at=committed_at(facts.head_at) if facts.head else None,
        first_at=committed_at(history.first_at) if history.commits else None,
        is_shallow=facts.is_shallow,
        is_partial=facts.is_partial,
        commits=history.commits,
        languages=facts.languages,
        tags=facts.tags,
        activity=tuple(_activity(core, key)),
        contributors=tuple(_contributors(core, key)),
        direct_commits=tuple(islice(_direct_commits(core, key), _DIRECT_COMMITS)),
        files=tuple(file_entries(facts, core.files[key], core.roster.by_identity[key])),
    )


def _activity(core: Core, key: str) -> Iterator[MonthActivity]:
    history = core.facts[key].history
    commits = dict(history.months)
    brought = Counter([*core.settled[key].named, *(further.commit for further in core.settled[key].further)])
    moments = (commit.at for commit in (*history.line, *history.nested) for _ in range(brought[commit.commit]))
    merged = dict(by_month(moments))
    for month in sorted(commits.keys() | merged.keys()):
        yield MonthActivity(month=month, commits=commits.get(month, 0), pull_requests=merged.get(month, 0))


def _direct_commits(core: Core, key: str) -> Iterator[DirectCommit]:
    named = core.settled[key].named
    for commit in core.facts[key].history.line:
        if commit.commit not in named:
            yield DirectCommit(
                commit=commit.commit,
                title=printable(commit.claim.title),
                author=core.owner(key, commit.author),
                at=committed_at(commit.at),
            )


def _contributors(core: Core, key: str) -> list[Contribution]:
    contributions: dict[str, Contribution] = {}
    for index, identity in enumerate(core.facts[key].history.identities):
        owner = core.owner(key, index)
        if not identity.commits or not owner:
            continue
        known = contributions.get(owner)
        first_at, last_at = committed_at(identity.first_at), committed_at(identity.last_at)
        contributions[owner] = Contribution(
            owner=owner,
            commits=identity.commits + (known.commits if known else 0),
            first_at=min(first_at, known.first_at) if known else first_at,
            last_at=max(last_at, known.last_at) if known else last_at,
        )
    return sorted(contributions.values(), key=lambda contribution: (-contribution.commits, contribution.owner))


def _known_pull_requests(core: Core, key: str) -> tuple[PullRequest, ...]:
    before: tuple[PullRequest, ...] = core.kept.last(_CHANGES, key, tuple) or ()
    made, known = ({one.number: one for one in some} for some in (_pull_requests(core, key), before))
    return tuple(as_before(made, known).values())


def _pull_requests(core: Core, key: str) -> Iterator[PullRequest]:
    facts = core.facts[key]
    settled = core.settled[key]
    counted = {counts.commit: counts for counts in facts.line_counts}
    # Most paths are touched by many pull requests, and are one object in all of them.
    file_change = cache(partial(_file_change, core.paths[key]))
    by_commit = {commit.commit: commit for commit in (*facts.history.line, *facts.history.nested)}

    namespace = name_of(key)
    brought = [(sha, named, by_commit[sha].claim.title) for sha, named in settled.named.items()]
    brought += [(further.commit, further.named, further.title) for further in settled.further]
    for sha, (number, evidence, confidence), title in sorted(
        brought, key=lambda item: (-by_commit[item[0]].at, -item[1].number)
    ):
        commit = by_commit[sha]
        files = [*map(file_change, unpack(commit.files))]
        if sha in counted:
            lines = {count.path: count for count in counted[sha].files}
            files = [
                msgspec.structs.replace(
                    file, additions=lines[file.path].additions, deletions=lines[file.path].deletions
                )
                if file.path in lines
                else file
                for file in files
            ]
        author = core.owner(key, commit.author)
        co_authors = dict.fromkeys(core.owner(key, person) for person in commit.co_authors)
        yield PullRequest(
            id=node_id("pull-request", namespace, str(number)),
            repository=key,
            number=number,
            title=printable(title or commit.claim.title),
            author=author,
            merger=core.owner(key, commit.merger),
            merged_at=committed_at(commit.at),
            commit=sha,
            source_branch=printable(commit.claim.source_branch),
            co_authors=tuple(sorted(owner for owner in co_authors if owner and owner != author)),
            files=tuple(files),
            commits=commit.commits or None,
            reverts=settled.reverts.get(sha),
            backport_of=settled.backports.get(sha),
            evidence=evidence,
            confidence=confidence,
        )


def _file_change(paths: Sequence[str], touch: int) -> FileChange:
    path, status = path_and_status(touch)
    return FileChange(path=paths[path], status=STATUSES[status])

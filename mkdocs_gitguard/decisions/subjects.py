"""Whom a decision is about: the repository and the pull request of this portal that a report's words mean."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, Literal

from msgspec.structs import replace

from mkdocs_gitguard.decisions.redaction import redact_text
from mkdocs_gitguard.decisions.report import ReportedDecision
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import PullRequest, Repository, Subject

_SCHEME: Final = late_pattern(r"(?:[a-z][a-z0-9+.-]*://)?(?:[^/@\s]*@)?")
_SHORTEST_COMMIT: Final = 7
_COMMIT: Final = late_pattern(r"(?i)[0-9a-f]{7,64}\Z")


@lru_cache(maxsize=1 << 14)
def plain_name(text: str) -> str:
    """Return a repository's name or URL in one spelling: `github.com/acme/billing`, `acme/billing`."""
    name = _SCHEME.sub("", text.strip().lower(), count=1)
    host, colon, rest = name.partition(":")
    if colon and "/" not in host:
        # git@host:path, or host:port/path
        port, slash, path = rest.partition("/")
        name = f"{host}/{path}" if slash and port.isdigit() else f"{host}/{rest}"
    return name.partition("?")[0].partition("#")[0].strip("/").removesuffix(".git")


class RepositoryNames:
    """Repositories by everything that reports call them."""

    def __init__(self, repositories: Iterable[Repository]) -> None:
        """Index names, URLs and, where only one repository has it, the bare name."""
        self._ids: dict[str, str] = {}
        bare: defaultdict[str, list[str]] = defaultdict(list)
        for repository in repositories:
            self._ids[plain_name(f"{repository.namespace}/{repository.name}")] = repository.id
            self._ids[repository.id] = repository.id
            if repository.forge and repository.forge.web_url:
                self._ids[plain_name(repository.forge.web_url)] = repository.id
            bare[repository.name.lower()].append(repository.id)
        for name, ids in bare.items():
            if len(ids) == 1:
                self._ids.setdefault(name, ids[0])

    @property
    def known(self) -> Mapping[str, str]:
        """By all that they are called, the repositories' ids."""
        return self._ids

    def find(self, text: str) -> str:
        """Return the node id of the repository that a report calls so, `""` if it is not of this portal."""
        name = plain_name(text)
        repository = self._ids.get(text) or self._ids.get(name)
        if repository or not name:
            return repository or ""
        # A clone URL of another host than the forge's: `ssh.github.com/acme/billing`.
        _, _, path = name.partition("/")
        return self._ids.get(path, "") if "/" in path and "." in name.partition("/")[0] else ""


class PullRequestIndex:
    """Pull requests of one repository by number, by commit and by time."""

    def __init__(self, pull_requests: Sequence[PullRequest]) -> None:
        """Index them."""
        self._numbers = {one.number: one.id for one in pull_requests}
        self._commits = {one.commit: one.id for one in pull_requests}
        self._line = sorted((one.merged_at, one.id) for one in pull_requests)
        self._hashes = sorted((one.commit, one.id) for one in pull_requests)

    def find(self, decision: ReportedDecision) -> tuple[str, Literal["", "number", "commit", "time"]]:
        """Return the id of the pull request that a decision is about, `""` for none, and what told."""
        subject = decision.subject
        if subject.pull_request:
            return self._numbers.get(subject.pull_request, ""), "number"
        if subject.commit:
            return self._by_commit(subject.commit.lower()), "commit"
        if decision.at is None or not self._line:
            return "", ""
        position = bisect_right(self._line, (decision.at, "\U0010ffff"))
        return (self._line[position - 1][1] if position else ""), "time"

    def _by_commit(self, commit: str) -> str:
        if pull_request := self._commits.get(commit):
            return pull_request
        if len(commit) < _SHORTEST_COMMIT:
            return ""
        position = bisect_right(self._hashes, (commit, ""))
        matches = [identity for full, identity in self._hashes[position : position + 2] if full.startswith(commit)]
        return matches[0] if len(matches) == 1 else ""


class PullRequests:
    """The pull requests of each repository, indexed when a decision is about one."""

    def __init__(
        self, by_repository: Mapping[str, Sequence[PullRequest]], before: "PullRequests | None" = None
    ) -> None:
        """Take those of each repository, by its id; the indexes of earlier ones hold where it has the same."""
        self._by_repository = by_repository
        self._known: dict[str, PullRequestIndex] = {}
        if before is not None:
            self._known = {
                repository: index
                for repository, index in before._known.items()  # noqa: SLF001 - of the same class
                if before._by_repository.get(repository, ()) == by_repository.get(repository, ())  # noqa: SLF001 - as above
            }

    def of(self, repository: str) -> PullRequestIndex:
        """Return the index of a repository's, given by its id; the very one as long as it has the same."""
        known = self._known.get(repository)
        if known is None:
            known = self._known[repository] = PullRequestIndex(self._by_repository.get(repository, ()))
        return known


def subject_of(decision: ReportedDecision, repository: str, index: PullRequestIndex | None) -> Subject:
    """Return the subject of a decision, its repository already found.

    Args:
        decision: as it was reported.
        repository: node id, `""`: unknown.
        index: of the repository's pull requests; None: it is unknown.
    """
    reported = decision.subject
    subject = Subject(
        repository=repository,
        name=redact_text(reported.name or ("" if repository else reported.repository)),
        commit=reported.commit if _COMMIT.match(reported.commit) else redact_text(reported.commit),
        path=redact_text(reported.path),
        line=reported.line,
    )
    if index is None:
        return subject
    pull_request, by = index.find(decision)
    return replace(subject, pull_request=pull_request, pull_request_by=by) if pull_request else subject

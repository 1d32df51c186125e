"""Whom a decision is about: the repository and the pull request of this portal that a report's words mean."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, Literal

from mkdocs_gitguard.decisions.redaction import redact_text
from mkdocs_gitguard.decisions.report import ReportedDecision
from mkdocs_gitguard.model import PullRequest, Repository, Subject

_SCHEME: Final = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?(?:[^/@\s]*@)?")
_SHORTEST_COMMIT: Final = 7
_COMMIT: Final = re.compile(r"(?i)[0-9a-f]{7,64}\Z")


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


class PullRequests:
    """Pull requests by number, by commit and by time."""

    def __init__(self, pull_requests: Iterable[PullRequest]) -> None:
        """Index them."""
        self._numbers: dict[tuple[str, int], str] = {}
        self._commits: dict[tuple[str, str], str] = {}
        groups: defaultdict[str, list[PullRequest]] = defaultdict(list)
        for pull_request in pull_requests:
            self._numbers[pull_request.repository, pull_request.number] = pull_request.id
            self._commits[pull_request.repository, pull_request.commit] = pull_request.id
            groups[pull_request.repository].append(pull_request)
        self._lines = {
            repository: sorted((pull.merged_at, pull.id) for pull in group) for repository, group in groups.items()
        }
        self._hashes = {
            repository: sorted((pull.commit, pull.id) for pull in group) for repository, group in groups.items()
        }

    def subject(self, decision: ReportedDecision, repository: str) -> Subject:
        """Return the decision's subject, its repository already found (`""`: unknown)."""
        reported = decision.subject
        subject = Subject(
            repository=repository,
            name=redact_text(reported.name or ("" if repository else reported.repository)),
            commit=reported.commit if _COMMIT.match(reported.commit) else redact_text(reported.commit),
            path=redact_text(reported.path),
            line=reported.line,
        )
        if not repository:
            return subject
        pull_request, by = self._find(decision, repository)
        if not pull_request:
            return subject
        return Subject(
            repository=repository,
            name=subject.name,
            commit=subject.commit,
            pull_request=pull_request,
            pull_request_by=by,
            path=subject.path,
            line=subject.line,
        )

    def _find(self, decision: ReportedDecision, repository: str) -> tuple[str, Literal["", "number", "commit", "time"]]:
        subject = decision.subject
        if subject.pull_request:
            return self._numbers.get((repository, subject.pull_request), ""), "number"
        if subject.commit:
            return self._by_commit(repository, subject.commit.lower()), "commit"
        line = self._lines.get(repository, [])
        if decision.at is None or not line:
            return "", ""
        position = bisect_right(line, (decision.at, "\U0010ffff"))
        return (line[position - 1][1] if position else ""), "time"

    def _by_commit(self, repository: str, commit: str) -> str:
        if pull_request := self._commits.get((repository, commit)):
            return pull_request
        if len(commit) < _SHORTEST_COMMIT:
            return ""
        hashes = self._hashes.get(repository, [])
        position = bisect_right(hashes, (commit, ""))
        matches = [identity for full, identity in hashes[position : position + 2] if full.startswith(commit)]
        return matches[0] if len(matches) == 1 else ""

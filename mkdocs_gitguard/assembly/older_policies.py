"""Policies as they stood when decisions were made, where that is not their text of today.

A report that names the policies' commit is judged by that commit. Any other is judged by its time: where a policy's
file changed after the decision, by the commit that had changed it last before.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec

from mkdocs_gitguard.decisions.policy_index import PolicySet, is_commit
from mkdocs_gitguard.decisions.report import ReportedDecision
from mkdocs_gitguard.decisions.resolve import change_in_force
from mkdocs_gitguard.errors import GitCommandError
from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.harvest.contents.policy_files import read_policy_files
from mkdocs_gitguard.model import Finding, Policy, Rule
from mkdocs_gitguard.policies.file_scan import FileScan
from mkdocs_gitguard.policies.link import link
from mkdocs_gitguard.policies.read import reading_versions

MOST_COMMITS: Final = 40
"""Older commits of one repository that are read."""


class OlderPolicies(NamedTuple):
    """What was read of older commits."""

    sets: tuple[PolicySet, ...]
    findings: tuple[Finding, ...]


def wanted_commits(
    decisions: Iterable[ReportedDecision],
    policies: Sequence[Policy],
    rules: Sequence[Rule],
    repository_of: Callable[[str], str],
) -> Mapping[str, Sequence[str]]:
    """Return which commits of which repositories decide, those that most decisions ask for first. Pure.

    Args:
        decisions: what the reports say.
        policies: at the heads, with `changes`.
        rules: at the heads.
        repository_of: node id of the repository that a report calls so, `""` for none.
    """
    by_id = {policy.id: policy for policy in policies}
    by_key: defaultdict[str, dict[str, Policy]] = defaultdict(dict)
    for rule in rules:
        if rule.policy in by_id:
            for key in rule.keys:
                by_key[key][rule.policy] = by_id[rule.policy]
    for policy in policies:
        for key in policy.keys:
            by_key[key][policy.id] = policy
    policy_repositories = sorted({policy.repository for policy in policies})
    asked: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for decision in decisions:
        for repository, commit in _asked_for(decision, by_key, policy_repositories, repository_of):
            asked[repository][commit] += 1
    return {
        repository: [commit for commit, _ in sorted(commits.items(), key=lambda item: (-item[1], item[0]))]
        for repository, commits in sorted(asked.items())
    }


def _asked_for(
    decision: ReportedDecision,
    by_key: Mapping[str, Mapping[str, Policy]],
    policy_repositories: Sequence[str],
    repository_of: Callable[[str], str],
) -> Iterator[tuple[str, str]]:
    policy_repository = repository_of(decision.policies) if decision.policies else ""
    if commits := [revision for revision in decision.named_revisions if is_commit(revision)]:
        # Without a word on the repository, each that holds policies is asked whether it knows the commit.
        yield from (
            (repository, commit)
            for commit in commits
            for repository in ([policy_repository] if decision.policies else policy_repositories)
            if repository
        )
        return
    if decision.at is None:
        return
    for claim in decision.claims:
        hits = next((by_key[key] for key in (claim.family, *claim.keys) if key in by_key), {})
        for policy in hits.values():
            if policy.changes and policy.changes[0].at > decision.at and policy_repository in {"", policy.repository}:
                change = change_in_force(policy, decision.at)
                if change:
                    yield policy.repository, change.commit


def read_older(
    open_repository: Callable[[], GitRepository | None],
    identity: str,
    commits: Sequence[str],
    head: str,
    known: Iterable[FileScan] = (),
    *,
    kept: MutableMapping[str, str] | None = None,
) -> OlderPolicies:
    """Return the policies of a repository at older commits; commits that it does not have are passed over.

    Args:
        open_repository: gives the repository, opened; called where something is not kept. None: it is not at hand.
        identity: its node id.
        commits: ids of commits or their beginnings; those past `MOST_COMMITS` become a finding.
        head: the commit that is read already.
        known: scans of the head's files, so that only files that differ are read.
        kept: what earlier builds have read, by digest; what is read now is added.
    """
    kept = {} if kept is None else kept
    sets: dict[str, PolicySet] = {}
    unread: list[str] = []
    for wanted in commits[:MOST_COMMITS]:
        if wanted == head:
            continue
        scans = _kept_scans(kept, identity, wanted)
        if scans is not None:
            sets[wanted] = _policy_set(scans, identity, wanted)
        else:
            unread.append(wanted)
    repository = open_repository() if unread else None
    if repository is None:
        unread = []
    known = tuple(known) if unread else ()
    for wanted in unread:
        assert repository is not None  # noqa: S101 - else there is nothing to read
        commit = repository.resolve(wanted)
        if not commit or commit == head or commit in sets:
            continue
        try:
            scans = read_policy_files(repository, repository.tree(commit), known)
        except GitCommandError:
            # The id is that of a tag or tree, or its objects are not in this clone: the head's text has to do, and
            # the resolver says of each such decision that the commit was not read.
            continue
        kept[_key(identity, commit)] = msgspec.json.encode(scans).decode()
        sets[commit] = _policy_set(scans, identity, commit)
    findings = []
    if len(commits) > MOST_COMMITS:
        more = len(commits) - MOST_COMMITS
        findings.append(
            Finding(
                code="decision-older-policies",
                severity="info",
                message=f"Decisions were made at {len(commits)} older states of its policies; {more} were not read.",
                hint="Leave old reports out of `decisions:`.",
                repository=identity,
            )
        )
    return OlderPolicies(tuple(sets[commit] for commit in sorted(sets)), tuple(findings))


def _policy_set(scans: Iterable[FileScan], identity: str, commit: str) -> PolicySet:
    scan = link(scans, identity, commit)
    texts = {source.blob: source.text for source in scan.sources}
    return PolicySet(identity, commit, scan.policies, scan.rules, texts, is_head=False)


def _kept_scans(kept: Mapping[str, str], identity: str, commit: str) -> tuple[FileScan, ...] | None:
    """Return what was read of a commit, given by its whole id; None where nothing is kept of it, or it is damaged."""
    try:
        return _DECODER.decode(kept[_key(identity, commit)])
    except (KeyError, msgspec.MsgspecError, RecursionError):
        return None


def _key(identity: str, commit: str) -> str:
    return sha256(repr((identity, commit, reading_versions())).encode()).hexdigest()


_DECODER: Final = msgspec.json.Decoder(tuple[FileScan, ...])

"""Policies of one opened repository at any commit, read from its git objects alone: no history, no cache."""

from typing import NamedTuple

from mkdocs_gitguard.codeowners import dialect_of
from mkdocs_gitguard.codeowners.ruleset import read_code_owners
from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.harvest.commit_files import commit_at, files_of
from mkdocs_gitguard.harvest.contents.policy_files import read_policy_files
from mkdocs_gitguard.model import ForgeName
from mkdocs_gitguard.policies.link import PolicyScan, link


class RepositoryPolicies(NamedTuple):
    """What a repository holds at a commit."""

    commit: str
    scan: PolicyScan
    owners: dict[str, tuple[str, ...]]
    """By path of a policy's file, its code owners as CODEOWNERS writes them; ownerless files are left out."""
    has_codeowners: bool


def read_policies(
    repository: GitRepository, node: str, *, ref: str = "HEAD", forge: ForgeName = "other"
) -> RepositoryPolicies:
    """Return the policies of a repository, whose node id is `node`, at `ref`.

    Raises:
        SourceError: there is no such commit.
        GitCommandError: git failed.
    """
    commit = commit_at(repository, ref)
    listed = repository.tree(commit)
    tree = files_of(repository, commit, listed)
    scan = link(read_policy_files(repository, listed), node, commit)
    owners = read_code_owners(tree.codeowners, dialect_of(forge, tree.files), repository=node, folders=tree.folders)
    by_path = owners.by_path({policy.span.path for policy in scan.policies})
    return RepositoryPolicies(commit, scan, by_path, bool(owners.chosen.path))

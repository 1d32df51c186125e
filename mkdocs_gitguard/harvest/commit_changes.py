"""What lies between two commits of one opened repository, read from its git objects alone: no history, no cache."""

from typing import Final, NamedTuple

from mkdocs_gitguard.codeowners import Match, dialect_of
from mkdocs_gitguard.codeowners.ruleset import read_code_owners
from mkdocs_gitguard.errors import SourceError
from mkdocs_gitguard.git.process import GitProcessError
from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.git.tree import path_texts
from mkdocs_gitguard.harvest.commit_files import commit_at, files_of
from mkdocs_gitguard.harvest.contents.policy_files import read_policy_files
from mkdocs_gitguard.harvest.contents.skip_comments import read_skip_comments
from mkdocs_gitguard.model import ForgeName
from mkdocs_gitguard.policies.link import PolicyScan, link

MOST_PATHS: Final = 20_000
"""Changed paths that are looked at."""
_NONE: Final = 1
"""Git's exit code where two commits have no ancestor in common."""


class CommitChanges(NamedTuple):
    """What a head brings that is not in its base."""

    merge_base: str
    head: str
    paths: tuple[str, ...]
    """That it adds, changes or deletes, fit to be shown, at most `MOST_PATHS`."""
    is_cut: bool
    owners: dict[str, Match]
    """Of each of them, by the base's CODEOWNERS, which is the one that forges go by."""
    codeowners_path: str
    """That file; `""` for none."""
    before: PolicyScan
    """What the merge base holds."""
    after: PolicyScan


def between(repository: GitRepository, node: str, *, base: str, head: str, forge: ForgeName = "other") -> CommitChanges:
    """Return what `head` brings since it left `base`, in a repository whose node id is `node`.

    Raises:
        SourceError: there is no such commit, or the two have none in common.
        GitCommandError: git failed.
    """
    base_commit, head_commit = commit_at(repository, base), commit_at(repository, head)
    merge_base = _merge_base(repository, base_commit, head_commit)
    options = ("diff-tree", "-r", "-z", "--name-only", "--no-renames", "--end-of-options")
    listed = repository.output(*options, merge_base, head_commit)
    paths = path_texts(listed.removesuffix(b"\0"))
    base_tree = repository.tree(base_commit)
    files = files_of(repository, base_commit, base_tree)
    code_owners = read_code_owners(
        files.codeowners, dialect_of(forge, files.files), repository=node, folders=files.folders
    )
    kept_paths = paths[:MOST_PATHS]
    before = _scan(repository, node, merge_base)
    return CommitChanges(
        merge_base=merge_base,
        head=head_commit,
        paths=tuple(kept_paths),
        is_cut=len(paths) > MOST_PATHS,
        owners=dict(zip(kept_paths, code_owners.ruleset.match_many(kept_paths), strict=True)),
        codeowners_path=code_owners.chosen.path,
        before=before,
        after=_scan(repository, node, head_commit),
    )


def _merge_base(repository: GitRepository, base: str, head: str) -> str:
    try:
        return repository.output("merge-base", "--end-of-options", base, head).decode("ascii").split("\n")[0]
    except GitProcessError as error:
        if error.exit_code != _NONE:
            raise
        raise SourceError(
            f"{repository.label}: {base[:12]} and {head[:12]} have no commit in common.",
            hint="Check out with `fetch-depth: 0`.",
        ) from error


def _scan(repository: GitRepository, node: str, commit: str) -> PolicyScan:
    tree = repository.tree(commit)
    files = (*read_policy_files(repository, tree), *read_skip_comments(repository, commit, tree).scans)
    return link(files, node, commit)

"""Pull requests that left no number in any message, found by the refs that forges keep of them.

`refs/pull/N/head` (GitHub, Gitea) and `refs/merge-requests/N/head` (GitLab) stay at a pull request's last commit for
ever. Most repositories are cloned without them; where they were fetched they name what messages do not. Only commits
whose message says no number are looked at.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from mkdocs_gitguard.git.directory import PULL_REF_FOLDERS, GitDirectory
from mkdocs_gitguard.harvest.history.records import LineCommit
from mkdocs_gitguard.model import Confidence, Record

_HEAD: Final = b"/head"

TIP_ARGUMENTS: Final = (
    "log",
    "--no-walk=unsorted",
    "--stdin",
    "--ignore-missing",
    "--no-show-signature",
    "--no-notes",
    "--encoding=UTF-8",
    "-z",
    "--format=%H%x00=%ae%x00%at",
)
"""The arguments of the `git log` whose output `parse_tips` reads."""


class PullRef(Record, frozen=True, kw_only=True, array_like=True):
    """A commit of the first-parent line that a pull ref names."""

    commit: str
    number: int
    evidence: str
    """`pull-ref`: the merge of the ref's commit; `pull-ref-commit`: that commit itself; `pull-ref-rebase`: a copy of
    it, by author and time."""
    confidence: Confidence


class Tip(NamedTuple):
    """Who wrote the last commit of a pull request, and when."""

    email: str
    authored_at: int


def unnamed_refs(directory: GitDirectory, line: Sequence[LineCommit]) -> dict[int, str]:
    """Return the commits of those fetched pull requests that no commit of the line names, by number."""
    named = {commit.claim.number for commit in line}
    refs: dict[int, str] = {}
    for folder in PULL_REF_FOLDERS:
        for name, commit in directory.refs_like(folder, rb"[0-9]{1,8}" + _HEAD).items():
            number = int(name[len(folder) : -len(_HEAD)])
            if number not in named:
                refs[number] = commit.decode("ascii")
    return refs


def tip_input(line: Sequence[LineCommit], refs: Mapping[int, str]) -> bytes:
    """Return what `git log` is to read: the commits of those refs that may have been rebased; nothing if none can."""
    if all(commit.claim.number or commit.tip for commit in line):
        return b""
    known = {commit.commit for commit in line} | {commit.tip for commit in line}
    return "".join(f"{commit}\n" for commit in sorted({*refs.values()} - known)).encode("ascii")


def parse_tips(output: bytes, moments: Collection[int]) -> dict[str, Tip]:
    """Return author and time by commit.

    Args:
        output: what `git log` with `TIP_ARGUMENTS` prints.
        moments: of all tips, those authored at one of these are wanted.
    """
    wanted = {b"%d" % at for at in moments}
    fields = output.split(b"\0")
    return {
        fields[place].decode("ascii", "replace"): Tip(
            fields[place + 1][1:].decode("utf-8", "replace").strip(), int(fields[place + 2])
        )
        for place, at in zip(range(0, len(fields), 3), fields[2::3], strict=False)
        if at in wanted
    }


def match_refs(
    line: Sequence[LineCommit], emails: Sequence[str], refs: Mapping[int, str], tips: Mapping[str, Tip]
) -> tuple[PullRef, ...]:
    """Return which commits without a number are which pull requests, in the line's order.

    Args:
        line: the first-parent line.
        emails: addresses by index of identity.
        refs: of the pull requests that no message names.
        tips: what is known of the refs' commits.
    """
    by_commit: dict[str, int] = {}
    by_author: dict[Tip, int] = {}
    # Of two pull requests with one head, the younger is the one that was merged: the elder was closed for it.
    for number, tip in sorted(refs.items()):
        by_commit[tip] = number
        if tip in tips:
            by_author[tips[tip]] = number
    pull_refs: list[PullRef] = []
    taken: set[int] = set()
    for commit in line:
        if commit.claim.number:
            continue
        rebased = 0 if commit.tip else by_author.get(Tip(emails[commit.author], commit.authored_at), 0)
        ways: tuple[tuple[int, str, Confidence], ...] = (
            (by_commit.get(commit.tip, 0), "pull-ref", "high"),
            (by_commit.get(commit.commit, 0), "pull-ref-commit", "low"),
            (rebased, "pull-ref-rebase", "low"),
        )
        for named, evidence, confidence in ways:
            if named and named not in taken:
                taken.add(named)
                pull_refs.append(PullRef(commit=commit.commit, number=named, evidence=evidence, confidence=confidence))
                break
    return tuple(pull_refs)

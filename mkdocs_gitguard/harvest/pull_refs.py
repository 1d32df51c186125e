"""Pull requests that left no number in any message, found by the refs that forges keep of them.

`refs/pull/N/head` (GitHub, Gitea) and `refs/merge-requests/N/head` (GitLab) stay at a pull request's last commit for
ever. Most repositories are cloned without them; where they were fetched they name what messages do not. Only commits
whose message says no number are looked at.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from mkdocs_gitguard.harvest.history import LineCommit
from mkdocs_gitguard.model import Confidence, Record

PULL_REF_FOLDERS: Final = ("refs/pull/", "refs/merge-requests/")
_PULL_REF: Final = re.compile(r"refs/(?:pull|merge-requests)/(\d{1,8})/head")

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


def pull_refs(refs: Mapping[str, str]) -> dict[int, str]:
    """Return the commits of pull requests by number, from object ids by name of ref."""
    return {int(found[1]): commit for name, commit in refs.items() if (found := _PULL_REF.fullmatch(name))}


def unnamed(line: Sequence[LineCommit], refs: Mapping[int, str]) -> dict[int, str]:
    """Return the refs of pull requests that no commit of the line names."""
    named = {commit.claim.number for commit in line}
    return {number: commit for number, commit in refs.items() if number not in named}


def tip_input(line: Sequence[LineCommit], refs: Mapping[int, str]) -> Iterator[bytes]:
    """Yield what `git log` is to read: the commits of those refs that may have been rebased; nothing if none can."""
    if any(not commit.claim.number and not commit.tip for commit in line):
        known = {commit.commit for commit in line} | {commit.tip for commit in line}
        for commit in sorted({*refs.values()} - known):
            yield f"{commit}\n".encode()


def parse_tips(chunks: Iterable[bytes]) -> dict[str, Tip]:
    """Return author and time by commit, from what `git log` with `TIP_ARGUMENTS` prints."""
    fields = b"".join(chunks).split(b"\0")
    return {
        commit.decode("ascii", "replace"): Tip(email[1:].decode("utf-8", "replace").strip(), int(at))
        for commit, email, at in zip(fields[::3], fields[1::3], fields[2::3], strict=False)
        if at.isdigit()
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
    found: list[PullRef] = []
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
                found.append(PullRef(commit=commit.commit, number=named, evidence=evidence, confidence=confidence))
                break
    return tuple(found)

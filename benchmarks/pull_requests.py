"""Precision and recall of pull requests recovered from history, against fetched pull refs.

    python -m benchmarks.pull_requests [--misses N] GIT_DIR...

Each GIT_DIR is a repository with `refs/pull/N/head`, which GitHub keeps for every pull request ever opened, at its
last head commit. The recovery under test sees the default branch only; the refs are read here, as the judge.

**What a merged pull request is.** Pull request N is merged if

1. *merged*: its head commit is reachable from the default branch's head. The commit that brought it is the oldest
   one of the first-parent line from which it is reachable. Or
2. *squashed or rebased*: a commit of the first-parent line makes the same change as the pull request as a whole
   (from the merge base with the default branch to the head commit): the same paths, each with the same content
   after it (blob ids). Such a commit is looked for among all, whatever number it names. Or
3. *squashed on top of others' changes*: contents differ because the same files had moved on meanwhile, or because
   the merger touched it up; then the commit has the same set of paths, and it was written by an author of one of the
   pull request's commits, and its subject, numbers taken off, is the subject of one of them.

A pull request of which 1 to 3 hold only for an empty change, and one whose head commit stands on the first-parent
line before the pull request can have existed (a branch without commits of its own), count for nothing.

**Precision**: of the numbers that the recovery names, the part that is true. Number N at commit C is *true* if N has
a ref and: C brought its head (1), or C makes its change (2), or C touches the same set of paths, or C has the same
author or subject and at least half of the paths in common (3, made wider here because a commit that names N and does
what N does is not wrong for having lost a file in conflict), or, where C is a merge off the first-parent line, C's
second parent is N's head. It is *false* if N has no ref although younger ones have, or has a ref whose change has no
path in common with C. What is neither is *unclear*, counted as false, and listed by `--misses`.

**Recall**: of the merged pull requests (1, 2, 3) that left a trace, the part that the recovery names. A trace is N
behind `#`, `!`, `GH-`, `PR`, `pull request` or in an address of a pull request (`/pull/N`), anywhere in the message of
the commit that brought it, also where the message speaks of an issue or of another repository. The column `all`
counts also those that left none, and those that came in by way of another branch's merge.

Take projects with words of their own too: nodejs/node-gyp (`PR-URL:`), bitcoin-core/secp256k1 (`Merge owner/name#N:`),
rust-lang/rustup (`Auto merge of #N`), golang/tools (`GitHub-Pull-Request:`), facebook/watchman (`Pull Request
resolved:`), python/mypy.

The last columns are the same with the recovery allowed to see the refs (`pull-ref` evidence): what a site gains
that fetches them.
"""

import argparse
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from re import compile as regex
from typing import NamedTuple

import msgspec

from mkdocs_gitguard.assembly.pull_requests import settle
from mkdocs_gitguard.git.forges import find_forge
from mkdocs_gitguard.git.remote import parse_remote
from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.harvest.facts import FactsOptions, RepositoryAbout
from mkdocs_gitguard.harvest.read_facts import read_facts

_REF = regex(r"refs/pull/(\d+)/head")
_NUMBER = regex(r"\s*\(?[#!]\d+\)?")
_TRACE = regex(
    r"(?:[#!]|\bGH-|/(?:pull|pulls|merge_requests|pull-requests|pullrequest)/|\b(?:PR|pull request) )(\d+)\b"
)

Change = dict[bytes, bytes]
"""Path to the blob after the change."""


class Commit(NamedTuple):
    """What the judge knows of a commit."""

    id: str
    parents: tuple[str, ...]
    author: str
    at: int
    message: str
    change: Change


class Truth(NamedTuple):
    """What pull request N was."""

    brought_by: frozenset[str]
    """Commits of the first-parent line that brought it; empty where it was not merged."""
    tip: str
    change: Change
    authors: frozenset[str]
    subjects: frozenset[str]


def _git(git_dir: str, *args: str, stdin: bytes = b"") -> bytes:
    return subprocess.run(
        ["git", "--git-dir", git_dir, *args], input=stdin, stdout=subprocess.PIPE, check=True, timeout=1800
    ).stdout


def _commits(git_dir: str, *args: str, stdin: bytes = b"") -> Iterator[Commit]:
    out = _git(
        git_dir,
        "log",
        "-z",
        "--raw",
        "--no-abbrev",
        "--no-renames",
        "--diff-merges=first-parent",
        "--root",
        "--format=%x00%H%x00=%P%x00=%ae%x00%ct%x00=%B",
        *args,
        stdin=stdin,
    )
    for record in out.split(b"\0\0"):
        fields = record.strip(b"\0").split(b"\0")
        if len(fields) < 5:
            continue
        change = {path: entry.split(b" ")[3] for entry, path in zip(fields[5::2], fields[6::2], strict=False)}
        yield Commit(
            fields[0].decode(),
            tuple(fields[1][1:].decode().split()),
            fields[2][1:].decode("utf-8", "replace").lower(),
            int(fields[3]),
            fields[4][1:].decode("utf-8", "replace"),
            change,
        )


def _subject(message: str) -> str:
    return " ".join(_NUMBER.sub("", message.strip().partition("\n")[0]).lower().split())


def _brought(line: list[Commit], parents: dict[str, tuple[str, ...]]) -> dict[str, int]:
    """Return, for each commit reachable, the place on the line (0 is the oldest) of the one that brought it."""
    place: dict[str, int] = {}
    for index, commit in enumerate(line):
        waiting = [commit.id]
        while waiting:
            sha = waiting.pop()
            if sha not in place:
                place[sha] = index
                waiting.extend(parents.get(sha, ()))
    return place


def _changes(git_dir: str, pairs: Iterable[tuple[str, str]]) -> dict[str, Change]:
    """Return the change from base to tip, for each (tip, base)."""
    text = "".join(f"{tip} {base}\n" for tip, base in pairs).encode()
    out = _git(git_dir, "diff-tree", "--stdin", "-z", "-r", "--raw", "--no-abbrev", "--no-renames", stdin=text)
    changes: dict[str, Change] = {}
    fields = out.split(b"\0")
    index = 0
    current: Change = {}
    while index < len(fields) - 1:
        field = fields[index]
        if field.startswith(b":"):
            current[fields[index + 1]] = field.split(b" ")[3]
            index += 2
        else:
            current = changes.setdefault(field.decode(), {})
            index += 1
    return changes


def judge(git_dir: str, head: str) -> tuple[list[Commit], dict[int, Truth]]:
    """Return the first-parent line, oldest first, and the truth about every pull request that has a ref."""
    line = list(_commits(git_dir, "--first-parent", head))[::-1]
    reachable = {
        fields[0]: tuple(fields[1:])
        for fields in (row.split() for row in _git(git_dir, "rev-list", "--parents", head).decode().splitlines())
    }
    place = _brought(line, reachable)
    on_line = {commit.id for commit in line}
    tips = {
        int(match[1]): sha
        for sha, name in (row.split(" ", 1) for row in _git(git_dir, "show-ref").decode().splitlines())
        if (match := _REF.fullmatch(name))
    }
    outside = {
        commit.id: commit
        for commit in _commits(
            git_dir, "--stdin", stdin="".join(f"{tip}\n" for tip in set(tips.values())).encode() + f"^{head}\n".encode()
        )
    }
    own: dict[int, list[str]] = {}
    bases: dict[str, str] = {}
    for number, tip in tips.items():
        own_commits, border = _own(tip, outside, reachable)
        own[number] = own_commits
        if own_commits and border:
            bases[tip] = max(border, key=lambda sha: place[sha])
    changes = _changes(git_dir, bases.items())
    by_change: defaultdict[frozenset[tuple[bytes, bytes]], list[str]] = defaultdict(list)
    by_looks: defaultdict[tuple[frozenset[bytes], str, str], list[str]] = defaultdict(list)
    for commit in line:
        if commit.change:
            by_change[frozenset(commit.change.items())].append(commit.id)
            by_looks[frozenset(commit.change), commit.author, _subject(commit.message)].append(commit.id)
    truth: dict[int, Truth] = {}
    info = {commit.id: commit for commit in (*line, *outside.values())}
    merged_info = {commit.id: commit for commit in _commits(git_dir, "--no-merges", head)}
    for number, tip in tips.items():
        if tip in place:
            index = place[tip]
            by = frozenset() if tip in on_line else frozenset([line[index].id])
            # A branch without commits of its own, or one that was pushed straight to the default branch.
            one = merged_info.get(tip) or info.get(tip)
            author = frozenset([one.author]) if one else frozenset()
            subjects = frozenset([_subject(one.message)]) if one else frozenset()
            truth[number] = Truth(by, tip, line[index].change, author, subjects)
            continue
        change = changes.get(tip, {})
        authors = frozenset(outside[sha].author for sha in own[number])
        subjects = frozenset(_subject(outside[sha].message) for sha in own[number])
        by_content = by_change.get(frozenset(change.items()), []) if change else []
        paths = frozenset(change)
        alike = [
            sha
            for author in authors
            for subject in subjects
            for sha in by_looks.get((paths, author, subject), ())
            if change
        ]
        truth[number] = Truth(frozenset(by_content or alike), tip, change, authors, subjects)
    return line, truth


def _own(tip: str, outside: dict[str, Commit], reachable: dict[str, tuple[str, ...]]) -> tuple[list[str], list[str]]:
    """Return the commits of a pull request that are not on the default branch, and where they leave it."""
    own: dict[str, None] = {}
    border: dict[str, None] = {}
    waiting = [tip]
    while waiting:
        sha = waiting.pop()
        if sha in reachable:
            border[sha] = None
        elif sha in outside and sha not in own:
            own[sha] = None
            waiting.extend(outside[sha].parents)
    return list(own), list(border)


def is_true(commit: Commit, truth: Truth) -> bool:
    """Whether a commit that names a pull request brought it."""
    if commit.id in truth.brought_by:
        return True
    if commit.change and commit.change.keys() == truth.change.keys():
        return True
    common = len(commit.change.keys() & truth.change.keys())
    subject = _subject(commit.message)
    same = commit.author in truth.authors or subject in truth.subjects
    return same and common * 2 >= max(len(commit.change), 1)


class Row(NamedTuple):
    """What was counted in one repository, or in all."""

    name: str
    line: int
    named: int
    wrong: int
    traced: int
    missed: int
    merged: int
    recognised: int
    by_ref: int
    by_ref_wrong: int
    found_with_refs: int

    def cells(self) -> list[str]:
        """Return it as the table shows it."""
        return [
            self.name,
            str(self.line),
            str(self.named),
            str(self.wrong),
            _share(self.named - self.wrong, self.named),
            str(self.traced),
            str(self.missed),
            _share(self.traced - self.missed, self.traced),
            str(self.merged),
            _share(self.recognised, self.merged),
            str(self.by_ref),
            str(self.by_ref_wrong),
            _share(self.found_with_refs, self.merged),
        ]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2%}" if whole else "no data"


def measure(git_dir: str, misses: int) -> Row:
    """Return one row of the table."""
    owner, _, name = Path(git_dir).parent.name.partition("+")
    repository = GitRepository.open(Path(git_dir))
    facts = read_facts(
        repository,
        RepositoryAbout(
            id=f"repository:{owner}/{name}",
            namespace=owner,
            name=name,
            forge=find_forge(parse_remote(f"https://github.com/{owner}/{name}")),
        ),
        FactsOptions(line_counts=0),
    )
    line, truth = judge(git_dir, facts.head)
    by_id = {commit.id: commit for commit in line}
    youngest = max(truth, default=0)
    seeing = settle(facts)
    claimed = {named.number: sha for sha, named in settle(msgspec.structs.replace(facts, pull_refs=())).named.items()}
    evidence = {commit.commit: commit.claim.evidence for commit in facts.history.line}
    nested = {commit.commit: commit.tip for commit in facts.history.nested}
    wrong: list[tuple[int, str]] = []
    judged = 0
    for number, sha in sorted(claimed.items()):
        if number > youngest:
            continue
        judged += 1
        if sha in by_id:
            is_right = number in truth and is_true(by_id[sha], truth[number])
        else:
            is_right = number in truth and truth[number].tip == nested[sha]
        if not is_right:
            wrong.append((number, sha))
    merged = {number: one for number, one in truth.items() if one.brought_by}
    traced = {
        number
        for number, one in merged.items()
        if any(str(number) in _TRACE.findall(by_id[sha].message) for sha in one.brought_by)
    }
    missed = sorted(traced - claimed.keys())
    for number, sha in wrong[:misses]:
        if sha not in by_id:
            print(f"  claimed #{number} {sha[:10]} nested, tip {nested[sha][:10]}, ref {truth.get(number)}"[:200])
            continue
        has = truth.get(number)
        common = len(by_id[sha].change.keys() & has.change.keys()) if has else -1
        print(
            f"  claimed #{number} {sha[:10]} {evidence[sha]} common={common}/{len(by_id[sha].change)} "
            f"authors={by_id[sha].author, has and sorted(has.authors)[:2]}: {by_id[sha].message.splitlines()[:1]}"
        )
    for number in missed[:misses]:
        [sha, *_] = merged[number].brought_by
        print(f"  missed #{number} {sha[:10]}: {by_id[sha].message.strip()[:200]!r}")
    by_ref = {one.number: sha for sha, one in seeing.named.items() if one.evidence.startswith("pull-ref")}
    # The ref cannot be its own judge: a commit found by it is right if it brings the head, or makes the change.
    ref_right = [number for number, sha in by_ref.items() if number in truth and is_true(by_id[sha], truth[number])]
    return Row(
        f"{owner}/{name}",
        line=len(line),
        named=judged,
        wrong=len(wrong),
        traced=len(traced),
        missed=len(missed),
        merged=len(merged),
        recognised=len(merged.keys() & claimed.keys()),
        by_ref=len(by_ref),
        by_ref_wrong=len(by_ref) - len(ref_right),
        found_with_refs=len(merged.keys() & (claimed.keys() | by_ref.keys())),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--misses", type=int, default=0, help="print so many errors of each kind a repository")
    parser.add_argument("git_dirs", nargs="+")
    arguments = parser.parse_args()
    heads = [
        "repository",
        "line",
        "named",
        "wrong",
        "precision",
        "traced",
        "missed",
        "recall",
        "merged",
        "of all",
        "by ref",
        "wrong",
        "of all",
    ]
    print(" | ".join(heads))
    rows: list[Row] = []
    for git_dir in arguments.git_dirs:
        rows.append(measure(git_dir, arguments.misses))
        print(" | ".join(rows[-1].cells()), flush=True)
    print(" | ".join(Row("all", *(sum(row[place] for row in rows) for place in range(1, len(Row._fields)))).cells()))


if __name__ == "__main__":
    main()

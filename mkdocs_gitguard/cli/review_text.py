"""The comment on a pull request: whose files it touches, which policies, exceptions and findings. Pure text."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from mkdocs_gitguard.cli.markdown_text import in_code
from mkdocs_gitguard.model import Snapshot, SourceText, is_policy
from mkdocs_gitguard.model.portal_changes import changes_since
from mkdocs_gitguard.model.portal_state import state_of
from mkdocs_gitguard.words import count, day

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mkdocs_gitguard.harvest.commit_changes import CommitChanges
    from mkdocs_gitguard.model import Finding, Flags, Organization, PolicyException, Repository
    from mkdocs_gitguard.policies.link import PolicyScan

MARKER: Final = "<!-- gitguard-changes -->"
"""Marks the comment, so that the next run changes it instead of adding another."""
_MOST: Final = 30
"""Lines of one list: a comment has room for 65,536 characters."""
_MOST_PATHS: Final = 3
_WORDS: Final = {"added": "new", "changed": "changed", "removed": "removed"}


def review(changes: CommitChanges, organization: Organization, repository: Repository, flags: Flags) -> str:
    """Return the comment, in GitHub's Markdown; what the rollout's flags hide is not in it.

    Args:
        changes: what the pull request brings.
        organization: whose portal it is.
        repository: the repository.
        flags: what the portal shows.
    """
    number = f"more than {len(changes.paths):,} files" if changes.is_cut else count(len(changes.paths), "file")
    lines = [MARKER, f"### What this changes: {number}", ""]
    if flags.owners:
        lines += _owners(changes)
    if flags.policy_transparency:
        lines += _policies(changes, organization, repository)
        lines += _exceptions(changes.before.exceptions, changes.after.exceptions)
        lines += _findings("New findings", _beyond(changes.after.findings, changes.before.findings))
        lines += _findings("Findings that it cures", _beyond(changes.before.findings, changes.after.findings))
    return "\n".join(lines)


def _owners(changes: CommitChanges) -> list[str]:
    if not changes.codeowners_path:
        return ["No CODEOWNERS file says who owns them.", ""]
    paths: defaultdict[str, list[str]] = defaultdict(list)
    for path, match in changes.owners.items():
        for owner in dict.fromkeys(match.owners):
            paths[owner].append(path)
    unowned = [path for path, match in changes.owners.items() if not match.owners]
    by_number = sorted(paths.items(), key=lambda item: (-len(item[1]), item[0]))
    rows = [f"- {in_code(owner)}: {_some(own)}" for owner, own in by_number]
    if unowned:
        rows.append(f"- nobody: {_some(unowned)}")
    if changes.codeowners_path in changes.owners:
        rows.append(f"- It changes {in_code(changes.codeowners_path)} itself.")
    return _section("Owners", rows)


def _some(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _MOST_PATHS:,} more" if len(paths) > _MOST_PATHS else ""
    return f"{count(len(paths), 'file')}, {', '.join(map(in_code, paths[:_MOST_PATHS]))}{more}"


def _policies(changes: CommitChanges, organization: Organization, repository: Repository) -> list[str]:
    before = _snapshot(changes.before, organization, repository)
    after = _snapshot(changes.after, organization, repository)
    places = {policy.id: policy for policy in (*changes.before.policies, *changes.after.policies)}
    rows = []
    for one in changes_since(state_of(before), after, "").policies:
        policy = places[one.id]
        rules = ", ".join(f"{in_code(rule.rpartition('#')[2])} {_WORDS[how]}" for rule, how in one.rules.items())
        title = in_code(policy.title or policy.name)
        rows.append(f"- {_WORDS[one.change]}: {title} in {in_code(policy.span.path)}{f': {rules}' if rules else ''}")
    return _section("Policies", rows)


def _snapshot(scan: PolicyScan, organization: Organization, repository: Repository) -> Snapshot:
    return Snapshot(
        organization=organization,
        repositories=(repository,),
        policies=tuple(filter(is_policy, scan.policies)),
        rules=scan.rules,
        sources=tuple(SourceText(blob=one.blob, text=one.text) for one in scan.sources),
    )


def _exceptions(before: Sequence[PolicyException], after: Sequence[PolicyException]) -> list[str]:
    rows = [f"- new: {_exception(one)}" for one in after if _content(one) not in set(map(_content, before))]
    rows += [f"- removed: {_exception(one)}" for one in before if _content(one) not in set(map(_content, after))]
    return _section("Exceptions from policies", rows)


def _content(one: PolicyException) -> PolicyException:
    """Return an exception without where it stands in its file."""
    return replace(one, span=replace(one.span, first_line=1, last_line=1, commit="", blob=""))


def _exception(one: PolicyException) -> str:
    until = f", until {day(one.ends_at)}" if one.ends_at else ""
    reason = f", because {in_code(one.reason)}" if one.reason else ""
    return f"{in_code(one.name)} in {in_code(f'{one.span.path}:{one.span.first_line}')}{until}{reason}"


def _findings(title: str, findings: Sequence[Finding]) -> list[str]:
    return _section(
        title,
        [
            f"- {one.severity}, {in_code(f'{one.path}:{one.line}' if one.line else one.path)}: {in_code(one.message)}"
            for one in findings
        ],
    )


def _beyond(findings: Iterable[Finding], others: Iterable[Finding]) -> list[Finding]:
    """Return the findings that are not among the others, wherever in their file they stand."""
    left = Counter(replace(one, line=0) for one in others)
    beyond = []
    for one in findings:
        key = replace(one, line=0)
        if left[key] > 0:
            left[key] -= 1
        else:
            beyond.append(one)
    return beyond


def _section(title: str, rows: Sequence[str]) -> list[str]:
    if not rows:
        return []
    more = [f"- and {len(rows) - _MOST:,} more"] if len(rows) > _MOST else []
    return [f"**{title}**", "", *rows[:_MOST], *more, ""]

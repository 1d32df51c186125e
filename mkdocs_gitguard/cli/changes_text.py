"""What has changed since a release, as Markdown. Pure text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.cli.markdown_text import in_code
from mkdocs_gitguard.model import name_of
from mkdocs_gitguard.words import count, day

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mkdocs_gitguard.model import Finding, Snapshot
    from mkdocs_gitguard.model.portal_changes import PolicyChange, PortalChanges

_MOST: Final = 100
"""Lines of one list."""


def as_markdown(changes: PortalChanges, snapshot: Snapshot) -> str:
    """Return changes as Markdown, each list cut where nobody reads on."""
    names = {owner.id: owner.name for owner in snapshot.owners}
    lines = [f"# Changes since {in_code(changes.since)}", ""]
    if changes.is_same:
        return "\n".join([*lines, "Nothing has changed.", ""])
    if changes.repositories_gone:
        lines += [f"{count(changes.repositories_gone, 'repository is', 'repositories are')} not shown any more.", ""]
    lines += _section("New repositories", [f"- {in_code(name_of(key))}" for key in changes.repositories_added])
    lines += _section(
        "Releases", [f"- {in_code(name_of(one.repository))} {in_code(one.name)}" for one in changes.releases]
    )
    lines += _section(
        "Pull requests merged",
        [
            f"- {in_code(f'{name_of(one.repository)}#{one.number}')} {in_code(one.title)}"
            f"{f' by {in_code(names[one.author])}' if one.author in names else ''}, {day(one.merged_at)}"
            for one in changes.pull_requests
        ],
    )
    lines += _section("Policies", [_policy(one) for one in changes.policies])
    lines += _section("Code owners changed", [f"- {in_code(name_of(key))}" for key in changes.owners_changed])
    lines += _section("New findings", list(_findings(changes.findings_added)))
    lines += _section("Findings that are gone", list(_findings(changes.findings_gone)))
    if changes.is_cut:
        lines += ["Of very many findings the most severe are compared.", ""]
    return "\n".join(lines if any(line.startswith("## ") for line in lines) else [*lines, "Nothing to tell of.", ""])


def _section(title: str, rows: Sequence[str]) -> list[str]:
    if not rows:
        return []
    more = [f"- and {len(rows) - _MOST:,} more"] if len(rows) > _MOST else []
    return [f"## {title} ({len(rows):,})", "", *rows[:_MOST], *more, ""]


def _policy(one: PolicyChange) -> str:
    rules = ", ".join(f"{in_code(rule.rpartition('#')[2])} {change}" for rule, change in list(one.rules.items())[:10])
    more = f" and {len(one.rules) - 10:,} more" if len(one.rules) > 10 else ""  # noqa: PLR2004 - as above
    title = f" {in_code(one.title)}" if one.title else ""
    return f"- {one.change}: {in_code(name_of(one.id))}{title}{f': {rules}{more}' if rules else ''}"


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    for one in findings:
        place = name_of(one.repository) + (f": {one.path}" if one.path else "") if one.repository else one.source
        yield f"- {one.severity}{f' {in_code(place)}' if place else ''}: {in_code(one.message)}"

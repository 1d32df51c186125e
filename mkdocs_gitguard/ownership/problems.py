"""What is wrong with a CODEOWNERS file, line by line, and in sum for the portal."""

from collections import Counter
from typing import Final, NamedTuple

from mkdocs_gitguard.model import Finding, Ownership, OwnershipRule, Severity


class ProblemKind(NamedTuple):
    """A kind of problem."""

    severity: Severity
    title: str
    """What it is, in a few words."""
    several: str
    """What to say of several, behind their number."""
    hint: str
    """What to do."""


_OWNERS: Final = "Write `@user`, `@organization/team` or an e-mail address."

PROBLEM_KINDS: Final[dict[str, ProblemKind]] = {
    "invalid-pattern": ProblemKind(
        "error",
        "A pattern that the forge does not take",
        "lines have a pattern that the forge skips",
        "Write it without what the forge does not take.",
    ),
    "invalid-owner": ProblemKind(
        "error",
        "Something that is not an owner, where an owner should stand",
        "invalid owners",
        _OWNERS,
    ),
    "invalid-section": ProblemKind(
        "warning", "A section heading with a fault", "section headings have a fault", "Fix the heading."
    ),
    "missing-owner": ProblemKind(
        "warning", "A line without an owner, where the forge wants one", "lines lack an owner", "Name an owner."
    ),
    "unreadable": ProblemKind("error", "A line that is not text", "lines are not text", "Save the file as UTF-8."),
    "unsupported": ProblemKind(
        "warning",
        "An expression that the forge takes and this program cannot read",
        "expressions cannot be read here",
        "Say it without references to groups, atomic groups and scripts, or take the figures for what they are.",
    ),
    "dead-rule": ProblemKind(
        "warning", "A line that matches no file", "lines match no file", "Delete the line, or correct its path."
    ),
    "shadowed-rule": ProblemKind(
        "warning",
        "A line that matches files, but other lines decide for all of them",
        "lines match only files for which later lines decide",
        "Delete the line, or move it below those that decide.",
    ),
    "duplicate-rule": ProblemKind(
        "warning", "A line that says the same paths as a later one", "lines are said again later", "Delete one of them."
    ),
    "unowned-files": ProblemKind("info", "Files without an owner", "times", "Give the folder an owner."),
}
"""By name."""

_STATE_KINDS: Final = {"dead": "dead-rule", "shadowed": "shadowed-rule", "duplicate": "duplicate-rule"}


class OwnersProblem(NamedTuple):
    """One line's problem."""

    kind: str
    """A key of `PROBLEM_KINDS`."""
    severity: Severity
    line: int
    """From 1; 0 for the file as a whole."""
    column: int
    message: str


def problems(ownership: Ownership) -> tuple[OwnersProblem, ...]:
    """Return everything that is wrong with the file, by line."""
    of_file = [
        OwnersProblem(fault.kind, PROBLEM_KINDS[fault.kind].severity, fault.line, fault.column, fault.message)
        for fault in ownership.faults
    ]
    for rule in ownership.rules:
        kind = _STATE_KINDS.get(rule.state)
        # A fork or a template may well name folders that are to come; nothing is dead where there is nothing.
        if kind is not None and ownership.files:
            of_file.append(OwnersProblem(kind, PROBLEM_KINDS[kind].severity, rule.line, 1, _say(rule)))
    unowned = ownership.files - ownership.owned
    if ownership.path and unowned:
        message = f"{unowned:,} of {ownership.files:,} files have no owner."
        of_file.append(OwnersProblem("unowned-files", "info", 0, 1, message))
    return tuple(sorted(of_file, key=lambda problem: (problem.line, problem.column, problem.kind)))


def _say(rule: OwnershipRule) -> str:
    by = ", ".join(map(str, rule.by))
    lines = "line" if len(rule.by) == 1 else "lines"
    if rule.state == "dead":
        return f"`{rule.pattern}` matches no file."
    if rule.state == "duplicate":
        return f"`{rule.pattern}` is said again on {lines} {by}, which counts."
    files = "file" if rule.matched == 1 else "files"
    decide = "decides" if len(rule.by) == 1 else "decide"
    return f"`{rule.pattern}` matches {rule.matched:,} {files}, but {lines} {by} {decide} for all."


def findings(ownership: Ownership) -> tuple[Finding, ...]:
    """Return what the portal should tell of the file: one finding for each kind of problem, with the first line.

    A line without effect is news for whoever keeps the file, not trouble with the portal: there it is `info`.
    """
    by_kind: Counter[str] = Counter()
    first: dict[str, OwnersProblem] = {}
    for problem in problems(ownership):
        if problem.kind == "unowned-files":
            continue  # the ownership page shows the share and the folders
        by_kind[problem.kind] += 1
        first.setdefault(problem.kind, problem)
    findings = []
    for kind, count in by_kind.items():
        problem = first[kind]
        message = (
            problem.message if count == 1 else f"{count:,} {PROBLEM_KINDS[kind].several}; the first: {problem.message}"
        )
        hint = (
            PROBLEM_KINDS[kind].hint
            if count == 1
            else f"{PROBLEM_KINDS[kind].hint} `gitguard owners check` names every line."
        )
        findings.append(
            Finding(
                code=f"codeowners-{kind}",
                severity="info" if kind in _STATE_KINDS.values() else PROBLEM_KINDS[kind].severity,
                message=message,
                hint=hint,
                repository=ownership.repository,
                path=ownership.path,
                line=problem.line,
            )
        )
    return tuple(sorted(findings, key=lambda finding: (finding.line, finding.code)))

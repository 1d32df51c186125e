"""What is wrong with a CODEOWNERS file, line by line, and in sum for the portal."""

from collections import Counter
from typing import Final, NamedTuple

from mkdocs_gitguard.model import Finding, Ownership, OwnershipRule, Severity

KINDS: Final[dict[str, tuple[Severity, str]]] = {
    "invalid-pattern": ("error", "A pattern that the forge does not take"),
    "invalid-owner": ("error", "Something that is no owner where an owner should stand"),
    "invalid-section": ("warning", "A section heading with a fault"),
    "missing-owner": ("warning", "A line without an owner where the forge wants one"),
    "unreadable": ("error", "A line that is not text"),
    "unsupported": ("warning", "An expression that the forge takes and this program cannot read"),
    "dead-rule": ("warning", "A line that matches no file"),
    "shadowed-rule": ("warning", "A line that matches files, but later lines decide for all of them"),
    "duplicate-rule": ("warning", "A line that says the same paths as a later one"),
    "unowned-files": ("info", "Files without an owner"),
}
"""Each kind of problem, how bad it is, and what it is in a few words."""

_STATE_KINDS: Final = {"dead": "dead-rule", "shadowed": "shadowed-rule", "duplicate": "duplicate-rule"}


class Problem(NamedTuple):
    """One line's problem."""

    kind: str
    """A key of `KINDS`."""
    severity: Severity
    line: int
    """From 1; 0 for the file as a whole."""
    column: int
    message: str


def problems(ownership: Ownership) -> tuple[Problem, ...]:
    """Return everything that is wrong with the file, by line."""
    found = [
        Problem(fault.kind, KINDS[fault.kind][0], fault.line, fault.column, fault.message) for fault in ownership.faults
    ]
    for rule in ownership.rules:
        kind = _STATE_KINDS.get(rule.state)
        # A fork or a template may well name folders that are to come; nothing is dead where there is nothing.
        if kind is not None and ownership.files:
            found.append(Problem(kind, KINDS[kind][0], rule.line, 1, _say(rule)))
    unowned = ownership.files - ownership.owned
    if ownership.path and unowned:
        message = f"{unowned:,} of {ownership.files:,} files have no owner."
        found.append(Problem("unowned-files", "info", 0, 1, message))
    return tuple(sorted(found, key=lambda problem: (problem.line, problem.column, problem.kind)))


def _say(rule: OwnershipRule) -> str:
    by = ", ".join(map(str, rule.by))
    lines = "line" if len(rule.by) == 1 else "lines"
    if rule.state == "dead":
        return f"{rule.pattern} matches no file."
    if rule.state == "duplicate":
        return f"{rule.pattern} is said again on {lines} {by}, which counts."
    files = "file" if rule.matched == 1 else "files"
    return (
        f"{rule.pattern} matches {rule.matched:,} {files}, but {lines} {by} decide{'s' * (len(rule.by) == 1)} for all."
    )


def findings(ownership: Ownership) -> tuple[Finding, ...]:
    """Return what the portal should tell of the file: one finding for each kind of problem, with the first line."""
    by_kind: Counter[str] = Counter()
    first: dict[str, Problem] = {}
    for problem in problems(ownership):
        by_kind[problem.kind] += 1
        first.setdefault(problem.kind, problem)
    found = []
    for kind, count in by_kind.items():
        problem = first[kind]
        severity, title = KINDS[kind]
        message = (
            problem.message if count == 1 else f"{count:,} times: {title[0].lower()}{title[1:]}. {problem.message}"
        )
        found.append(
            Finding(
                code=f"codeowners-{kind}",
                severity=severity,
                message=message,
                hint="`gitguard owners check` names every line.",
                repository=ownership.repository,
                path=ownership.path,
                line=problem.line,
            )
        )
    return tuple(sorted(found, key=lambda finding: (finding.line, finding.code)))

"""A finding in words, for the build's log and for the terminal."""

from mkdocs_gitguard.log_text import log_line
from mkdocs_gitguard.model import Finding


def in_words(finding: Finding) -> str:
    """Return a finding as one line: where, what, what to do, and its code; its severity stands before it."""
    about = finding.source or finding.repository.partition(":")[2]
    return log_line(worded(finding, subject=" ".join(filter(None, [about, place_of(finding)]))))


def worded(finding: Finding, *, subject: str) -> str:
    """Return what a finding says of a subject, `""` for none: what, what to do, and its code."""
    parts = [f"{subject}:" if subject else "", finding.message, finding.hint, f"[{finding.code}]"]
    return " ".join(filter(None, parts))


def place_of(finding: Finding) -> str:
    """Return path and line, as far as a finding has any."""
    return finding.path + (f":{finding.line}" if finding.line else "")

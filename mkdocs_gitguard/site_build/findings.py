"""A finding in words, for the build's log and for the terminal."""

from mkdocs_gitguard.log_text import log_line
from mkdocs_gitguard.model import Finding


def in_words(finding: Finding) -> str:
    """Return a finding as one line: where, what, what to do, and its code; its severity stands before it."""
    about = finding.source or finding.repository.partition(":")[2]
    place = ":".join([finding.path, *([str(finding.line)] if finding.line else [])])
    return finding_line(" ".join(filter(None, [about, place])), finding.message, finding.hint, finding.code)


def finding_line(subject: str, message: str, hint: str, code: str) -> str:
    """Return one line, which is nothing but text: `subject: message hint [code]`, without what is empty."""
    # What git says of itself ends without a full stop.
    sentence = message if message.endswith((".", "!", "?", ":")) or not hint else f"{message}."
    parts = [f"{subject}:" if subject else "", sentence, hint, f"[{code}]"]
    return log_line(" ".join(filter(None, parts)))

"""Problems of one repository, and the findings made of them."""

import re
from typing import Final

from mkdocs_gitguard.errors import GitGuardError, SourceError
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Finding, Severity

_OBJECTS_MISSING: Final = late_pattern(
    r"bad object|unable to read|missing (?:blob|tree|commit|object)|loose object|corrupt|not a valid object"
    r"|could not (?:read|parse|get) |bad tree|not a tree object|inflate|Not a valid object|unable to find"
    r"|promisor|cannot give",
    re.IGNORECASE,
)
_OUT_OF_MEMORY: Final = late_pattern(r"out of memory|malloc failed|mmap failed|cannot allocate", re.IGNORECASE)
_CONFIG_BROKEN: Final = late_pattern(
    r"bad config|bad (?:numeric|boolean) config|repository version|repository extension"
)


class RepositoryError(SourceError):
    """A repository cannot be read; `code` names the kind of problem in findings."""

    def __init__(self, code: str, message: str, *, hint: str = "") -> None:
        """Keep the code beside the message."""
        super().__init__(message, hint=hint)
        self.code = code


def code_of(error: GitGuardError) -> str:
    """Return the stable name of the kind of problem."""
    if isinstance(error, RepositoryError):
        return error.code
    if _OUT_OF_MEMORY.search(error.message):
        return "too-large"
    if _CONFIG_BROKEN.search(error.message):
        return "broken-config"
    if _OBJECTS_MISSING.search(error.message):
        return "missing-objects"
    return "unreadable"


_HINTS: Final = {
    "too-large": "Leave the repository out, or name a branch that holds less.",
    "missing-objects": "Clone the repository again, or run `git fsck` in it to see what is gone.",
    "broken-config": "Repair the repository's `config` file, or install a newer git.",
    "unreadable": "Run the same git command in the repository to see more.",
}


def finding_of(
    error: GitGuardError, *, repository: str, entry: str, severity: Severity = "error", code: str = ""
) -> Finding:
    """Return a problem as a finding.

    Args:
        error: the problem.
        repository: node id.
        entry: the entry of `repositories` at fault.
        severity: `error` where the repository is not shown for it.
        code: where the error itself does not know.
    """
    code = code or code_of(error)
    return Finding(
        code=code,
        severity=severity,
        message=error.message,
        hint=error.hint or _HINTS.get(code, ""),
        repository=repository,
        source=entry,
    )

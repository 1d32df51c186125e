"""Whatever is raised while one repository is worked on, as a finding of that repository.

A repository is somebody else's: it can hold what nobody thought of. One guard where it is read and one where it is
put together keep that to itself; where it was raised stands in the debug log.
"""

import logging
import traceback
from typing import Final

from mkdocs_gitguard.errors import GitGuardError, Interruption, mask_credentials
from mkdocs_gitguard.git.problems import finding_of
from mkdocs_gitguard.model import Finding

_LOG: Final = logging.getLogger("mkdocs.plugins.gitguard")
"""Under MkDocs' own logger, so that `--verbose` and LOG_LEVEL show it."""


def failure_of(error: Exception, *, label: str, repository: str, entry: str = "", task: str = "read") -> Finding:
    """Return what was raised as a finding, and log where.

    Args:
        error: any exception. One that must end the whole build is raised again.
        label: what messages call the repository.
        repository: its node id.
        entry: the entry of `repositories` that names it.
        task: what was being done with it: it could not be … .

    Raises:
        Interruption: the error is one.
    """
    if isinstance(error, Interruption):
        raise error
    if isinstance(error, GitGuardError):
        return finding_of(error, repository=repository, entry=entry)
    if isinstance(error, OSError):
        return Finding(
            code="unreadable",
            severity="error",
            message=f"{label} cannot be {task}: {error.strerror}.",
            hint="Check the disk, and who may read the folder.",
            repository=repository,
            source=entry,
        )
    trace = "".join(traceback.format_exception(error))
    _LOG.debug("%s could not be %s:\n%s", label, task, mask_credentials(trace))
    reason = "there is not enough memory" if isinstance(error, MemoryError) else type(error).__name__
    return Finding(
        code="unexpected",
        severity="error",
        message=f"{label} could not be {task}: {reason}.",
        hint="Set LOG_LEVEL=debug to see where, and report it to the authors of mkdocs-gitguard.",
        repository=repository,
        source=entry,
    )

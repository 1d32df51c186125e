"""Puts repositories together one by one: what one of them raises becomes a finding of it, and costs no other."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from mkdocs_gitguard.harvest.facts import RepositoryAbout
from mkdocs_gitguard.harvest.failures import failure_of
from mkdocs_gitguard.model import Finding

_Result = TypeVar("_Result")


class Guard:
    """Collects what went wrong.

    Attributes:
        findings: one for each repository and task that failed.
    """

    def __init__(self) -> None:
        """Begin with nothing wrong."""
        self.findings = list[Finding]()

    def attempt(
        self,
        about: RepositoryAbout,
        task: str,
        function: Callable[[], _Result],
        *,
        is_written: bool = True,
        known: _Result | None = None,
    ) -> _Result | None:
        """Return what a function returns; None where it raises, or returns what no file could hold.

        Args:
            about: the repository that it works on.
            task: what is done, for the finding: the repository could not be … .
            function: what may raise.
            is_written: whether what it returns are records that stand in files later.
            known: what was returned the last time, and need not be tried again if it is the very same.

        Raises:
            Interruption: the whole build is to end.
        """
        try:
            result = function()
            # Numbers over 64 bits and halves of characters: else they end the build when it is written.
            if is_written and result is not known:
                msgspec.msgpack.encode(result)
        except Exception as error:  # noqa: BLE001 - the guard: whatever a repository holds costs only itself
            label = f"{about.namespace}/{about.name}"
            self.findings.append(failure_of(error, label=label, repository=about.id, entry=about.source, task=task))
            return None
        return result

"""Where the lines of a repository's files stand, and by which commit they are named."""

from collections.abc import Mapping
from typing import NamedTuple

from mkdocs_gitguard.model import SourceSpan
from mkdocs_gitguard.policies.file_scan import FileScan


class SourceLines(NamedTuple):
    """The files of one repository at one commit.

    A file's lines are named by the commit that last changed it, where that is known: it holds them as the head does,
    and they keep their name while only other files change.
    """

    repository: str
    """Node id."""
    commit: str
    """What the repository stands at."""
    changed_at: Mapping[str, str]
    """By path, the commit of the first-parent line that last changed a file."""

    def span(self, file: FileScan, first: int, last: int) -> SourceSpan:
        """Return lines of a file, by which they count from 1, both ends included."""
        return SourceSpan(
            repository=self.repository,
            path=file.path,
            first_line=first,
            last_line=last,
            commit=self.changed_at.get(file.path, self.commit),
            blob=file.blob,
        )

"""The files of a pull request as HTML, each below its folder.

They are put together here, not in a template: they are most of what a portal of many pull requests shows, and macros
that call each other take four times as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.portal.ui import trusted
from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from markupsafe import Markup

    from mkdocs_gitguard.model import FileChange
    from mkdocs_gitguard.portal.lists.changed_files import ChangedFolder
    from mkdocs_gitguard.portal.ui import Ui

_STATUSES: Final[Mapping[str, str]] = {
    status: f'<span class="gg-status gg-{status}" title="{status}" role="img" aria-label="{status}"></span>'
    for status in ("added", "modified", "deleted", "type-changed")
}
_OWNERS_OF_FOLDER: Final = 3
_OWNERS_OF_FILE: Final = 2


class ChangedRows(NamedTuple):
    """What the rows of a pull request's files are made with."""

    ui: Ui
    link: Callable[[str, str], Markup]
    """Links a file's path, under a text, to its content after the change."""
    owners_of: Mapping[str, Sequence[str]]
    """By path, who owns a file whose folder does not tell it."""
    has_lines: bool
    """Whether it is known how many lines were added and deleted."""

    def of(self, folder: ChangedFolder) -> Markup:
        """Return the rows of what is in a folder: its folders, each with its own rows, then its files."""
        return trusted("".join(self._rows(folder)))

    def _rows(self, folder: ChangedFolder) -> Iterator[str]:
        for inner in folder.folders.values():
            yield self._folder(inner)
            yield from self._rows(inner)
            yield "</div></details>\n"
        for name, file in folder.files:
            yield self._file(name, file)

    def _folder(self, folder: ChangedFolder) -> str:
        owners = (
            f'<span class="gg-muted">{self._names(folder.owners, _OWNERS_OF_FOLDER)}</span>' if folder.owners else ""
        )
        lines = _lines(folder.additions, folder.deletions) if self.has_lines else ""
        return (
            f'<details class="gg-folder"{" open" if folder.is_open else ""}><summary>'
            f'<span class="gg-file">{self.ui.name(folder.name)}/</span>'
            f'<span class="gg-muted">{count(folder.number, "file")}</span>{owners}{lines}</summary>\n'
            '<div class="gg-inner">'
        )

    def _file(self, name: str, file: FileChange) -> str:
        shown = self.ui.name(name) if file.status == "deleted" else self.link(file.path, name)
        owners = self.owners_of.get(file.path)
        owned = (
            ""
            if owners is None
            else f'<span class="gg-muted">{self._names(owners, _OWNERS_OF_FILE) or "no owner"}</span>'
        )
        lines = ""
        if self.has_lines:
            is_binary = file.additions is None and file.deletions is None
            lines = _BINARY if is_binary else _lines(file.additions or 0, file.deletions or 0)
        return (
            f'<div class="gg-entry">{_STATUSES[file.status]}<span class="gg-file">{shown}</span>{owned}{lines}</div>\n'
        )

    def _names(self, owners: Sequence[str], most: int) -> str:
        names = ", ".join(self.ui.name(self.ui.title(owner)) for owner in owners[:most])
        return f"{names} and {len(owners) - most} more" if len(owners) > most else names


_BINARY: Final = '<span class="gg-lines">binary</span>'


def _lines(additions: int, deletions: int) -> str:
    return f'<span class="gg-lines"><span class="gg-add">+{additions:,}</span> &minus;{deletions:,}</span>'

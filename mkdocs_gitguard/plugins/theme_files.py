"""Has MkDocs look for a theme's files past hidden folders, of which it copies nothing.

Material has 14,000 icons in one. MkDocs lists all of them at each build, and matches each with a dozen patterns
(1.6, mkdocs/structure/files.py, `add_files_from_theme`): a twentieth of what a small site takes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from jinja2 import FileSystemLoader
from mkdocs.theme import Theme

if TYPE_CHECKING:
    from jinja2 import Environment


def pass_over_hidden(theme: Theme) -> None:
    """Have a theme list no templates below hidden folders. One of another class is left as it is."""
    if type(theme) is Theme:
        theme.__class__ = _LeanTheme


class _LeanTheme(Theme):
    """A theme that lists less. Templates below hidden folders are found by their names as ever."""

    def get_env(self) -> Environment:
        """Return the environment, as MkDocs makes it."""
        env = super().get_env()
        loader = env.loader
        if type(loader) is FileSystemLoader:
            env.loader = _LeanLoader(loader.searchpath, loader.encoding, loader.followlinks)
        return env


class _LeanLoader(FileSystemLoader):
    def list_templates(self) -> list[str]:
        """Return the names of all templates that stand below no hidden folder."""
        names: set[str] = set()
        for searched in self.searchpath:
            for folder, folders, files in os.walk(searched, followlinks=self.followlinks):
                folders[:] = [name for name in folders if not name.startswith(".")]
                inner = folder[len(searched) :].strip(os.sep).replace(os.sep, "/")
                names.update(f"{inner}/{name}" if inner else name for name in files)
        return sorted(names)

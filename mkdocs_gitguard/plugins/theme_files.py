"""Spares a build what a theme costs without need: the list of hidden files, and what was compiled before.

Material has 14,000 icons in a hidden folder, of which MkDocs copies nothing. It lists all of them at each build, and
matches each with a dozen patterns (1.6, mkdocs/structure/files.py, `add_files_from_theme`): a twentieth of what a small
site takes. Material's search has its templates of words compiled three times before MkDocs begins to build
(9.6, material/plugins/search/plugin.py, `_translate`): as much again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import FileSystemLoader
from mkdocs.theme import Theme

from mkdocs_gitguard.site_build.epoch import package_digest
from mkdocs_gitguard.state.compiled_templates import COMPILED
from mkdocs_gitguard.state.tree import paths_below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinja2 import Environment


def spare(theme: Theme) -> None:
    """Have a theme list no templates below hidden folders, and compile each once.

    One of another class stays as it is.
    """
    COMPILED.begin(package_digest())
    if type(theme) is Theme:
        theme.__class__ = _LeanTheme


class _LeanTheme(Theme):
    """A theme that does less. Templates below hidden folders are found by their names as ever."""

    def get_env(self) -> Environment:
        """Return the environment, as MkDocs makes it."""
        env = super().get_env()
        loader = env.loader
        if type(loader) is FileSystemLoader:
            env.loader = _LeanLoader(loader.searchpath, loader.encoding, loader.followlinks)
            env.bytecode_cache = COMPILED.of(env)
        return env


class _LeanLoader(FileSystemLoader):
    def list_templates(self) -> list[str]:
        """Return the names of all templates that stand below no hidden folder."""
        return sorted({path for folder in self.searchpath for path in self._shown_in(folder)})

    def _shown_in(self, folder: str) -> Iterator[str]:
        return paths_below(folder, lambda name: name.startswith("."), follows_links=self.followlinks)

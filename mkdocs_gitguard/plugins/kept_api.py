"""The site's Graph API, kept over the emptying of the site's folder.

MkDocs deletes every file of the site before a build. The Graph API of a large portal is a hundred thousand files, of
which a build changes few: moved out of the way before and back after it, they need not be deleted and made anew, which
takes longer than making the pages.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.graph_api import API_ROOT
from mkdocs_gitguard.state.folder import make_state_folder

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

_FOLDER: Final = "api-of-the-site"


class KeptApi:
    """The Graph API of one site. What is kept is only ever a shortcut: where it cannot be moved, it is made anew."""

    def __init__(self, config: MkDocsConfig, state: Path) -> None:
        """Tell where things are.

        Args:
            config: of the site.
            state: the plugin's state folder, where it waits.
        """
        self._site = Path(config.site_dir)
        self._kept = state / _FOLDER

    def set_aside(self) -> None:
        """Move it out of the site. For before MkDocs empties the site's folder."""
        target = self._site / API_ROOT
        # A link could lead to somebody else's folder.
        if target.is_dir() and not (target.is_symlink() or target.parent.is_symlink()):
            with suppress(OSError):
                self.drop()
                make_state_folder(self._kept.parent)
                target.rename(self._kept)

    def bring_back(self) -> None:
        """Move it back to the site, as it was, in place of what stands there."""
        if self._kept.is_dir():
            target = self._site / API_ROOT
            with suppress(OSError):
                shutil.rmtree(target, ignore_errors=True)
                target.parent.mkdir(parents=True, exist_ok=True)
                self._kept.rename(target)

    def drop(self) -> None:
        """Delete what is kept: this site has no Graph API any more."""
        shutil.rmtree(self._kept, ignore_errors=True)

"""A build that ends at once where its site stands as it would be built again, else leaves word for the next one."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.exceptions import PluginError
from mkdocs.utils import CountHandler

from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.plugins.standing_key import digest_of_inputs, standing_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mkdocs.config.defaults import MkDocsConfig

    from mkdocs_gitguard.plugins.own_pages import OwnPages
    from mkdocs_gitguard.site_build.build_watch import BuildWatch, Succeeded
    from mkdocs_gitguard.site_build.site import Site
    from mkdocs_gitguard.site_build.status import Status


class StandingBuild:
    """One build of a site of which all that goes into it can be told: see `standing_key.wants_to_stand`."""

    def __init__(
        self,
        config: MkDocsConfig,
        site: Site,
        watch: BuildWatch,
        forges: Mapping[object, object],
        state_folder: Path,
    ) -> None:
        """Look at nothing yet.

        Args:
            config: of the site.
            site: what was read.
            watch: of the build.
            forges: the plugin's option.
            state_folder: where is kept what the last build left.
        """
        self._config = config
        self._site = site
        self._watch = watch
        self._forges = forges
        self._state_folder = state_folder
        self._inputs = b""
        self._warnings = CountHandler(level=logging.WARNING)
        self.status: Status | None = None
        """What the pages of rollout, service levels and drills show; None before `holds`."""

    def holds(self) -> bool:
        """Tell whether the site stands: then that is remembered, and the build is over.

        Raises:
            PluginError: the state folder cannot be written, or a setting is wrong.
        """
        try:
            self._inputs = digest_of_inputs(self._site, self._config)
            self.status = self._status()
            key = self._key(self.status)
            if key and self._watch.stands(self._site, Path(self._config.site_dir), key):
                return True
        except GitGuardError as error:
            raise PluginError(str(error)) from error
        logging.getLogger("mkdocs").addHandler(self._warnings)
        return False

    def keep(self, build: Succeeded, own: OwnPages) -> None:
        """Keep the site as one that stands, if the build has warned of nothing: it would have to warn again.

        Args:
            build: what is known of the build.
            own: its pages.

        Raises:
            SettingError: a setting is wrong.
        """
        logging.getLogger("mkdocs").removeHandler(self._warnings)
        # The next build is shown what this one has measured.
        if not self._warnings.get_counts() and (key := self._key(self._status())):
            self._watch.keep_standing(key, build, sum(own.counted))

    def _status(self) -> Status:
        return self._watch.status(self._site, repo_url=self._config.repo_url, forges=self._forges)

    def _key(self, status: Status) -> bytes:
        return standing_key(self._inputs, status, self._state_folder)

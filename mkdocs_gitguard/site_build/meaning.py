"""What the texts of a site mean, by the model that its options name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_gitguard.clock import system_clock
from mkdocs_gitguard.meaning.router import Router
from mkdocs_gitguard.meaning.settings import read_settings
from mkdocs_gitguard.site_build.log import log
from mkdocs_gitguard.words import day

if TYPE_CHECKING:
    from mkdocs_gitguard.model import Meaning
    from mkdocs_gitguard.site_build.options import GitGuardConfig
    from mkdocs_gitguard.site_build.site import Site


def router_of(site: Site, options: GitGuardConfig, state_folder: Path | None) -> Router:
    """Return what gives the models of a site.

    Args:
        site: what was read.
        options: of the plugin.
        state_folder: that keeps vectors; None: nowhere.

    Raises:
        SettingError: the option `embeddings` is wrong.
    """
    root = Path(options.config_file_path).parent if options.config_file_path else Path()
    return Router(
        read_settings(options.embeddings),
        root=root.absolute(),
        state_folder=state_folder,
        key=site.settings.codex_embeddings_key,
        today=day(system_clock()),
        warn=lambda sentence: log.warning("Embeddings: %s The rest waits for a later build.", sentence),
    )


def meaning_of(site: Site, options: GitGuardConfig, state_folder: Path | None) -> Meaning:
    """Return what the texts of a site mean.

    Raises:
        SettingError: no model is installed, one cannot be read, or the option `embeddings` is wrong.
    """
    meaning = router_of(site, options, state_folder).meaning_of(site.snapshot)
    counts = meaning.counts
    done = counts.kept, counts.embedded, counts.waiting
    log.info("Embeddings (%s): %d texts kept, %d made, %d waiting", meaning.model, *done)
    return meaning

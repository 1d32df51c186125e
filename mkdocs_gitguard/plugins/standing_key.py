"""The digest of all that goes into a site, where all of it can be told.

Of a site with a part that may read anything, `known_parts`, there is none.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from mkdocs.utils import get_build_date

from mkdocs_gitguard.clock import system_clock
from mkdocs_gitguard.plugins.known_parts import pages_stand_alone, unknown_part
from mkdocs_gitguard.plugins.site_epoch import plain_settings, theme_settings
from mkdocs_gitguard.rollout.settings import DECLARATIONS
from mkdocs_gitguard.scorecards import CHECKS
from mkdocs_gitguard.settings_files import settings_files
from mkdocs_gitguard.site_build.epoch import UnstableError, file_digest, package_digest, theme_digest, value_digest
from mkdocs_gitguard.site_build.key import key_of
from mkdocs_gitguard.site_build.shown_figures import news_of
from mkdocs_gitguard.site_build.trend_file import kept_trend
from mkdocs_gitguard.site_build.wishes import CLEAN, EXPLAIN, STANDING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.config.defaults import MkDocsConfig

    from mkdocs_gitguard.model import Checklist
    from mkdocs_gitguard.site_build.site import Site
    from mkdocs_gitguard.site_build.status import Status

_LOOKED_AT_BELOW: Final = frozenset(["plugins", "theme", "hooks"])


def wants_to_stand(config: MkDocsConfig) -> bool:
    """Tell whether the build may end where the site stands, as who has asked for it says, and all can be told."""
    is_asked = os.environ.get(STANDING) and not os.environ.get(CLEAN) and not os.environ.get(EXPLAIN)
    return bool(is_asked) and not unknown_part(config) and pages_stand_alone(config)


def digest_of_inputs(site: Site, config: MkDocsConfig) -> bytes:
    """Return the digest of what goes into a site and no build changes; `b""`: it has none.

    Args:
        site: what was read.
        config: of the site, which `wants_to_stand`, before plugins add to it.
    """
    if not site.key or site.flags.embeddings:
        return b""
    custom = [config.theme.custom_dir] if config.theme.custom_dir else []
    root = Path(config.config_file_path).parent
    try:
        settings = value_digest(
            {
                "site": plain_settings(config, _LOOKED_AT_BELOW),
                "theme": theme_settings(config),
                "plugins": [(name, dict(plugin.config)) for name, plugin in config.plugins.items()],
            }
        )
    except UnstableError:
        return b""
    return key_of(
        (
            site.key,
            site.shown,
            site.budget,
            site.settings.phase,
            [(key, repr(getattr(site.settings, key))) for key in DECLARATIONS],
            package_digest(),
            sorted(_installed()),
            theme_digest(config.theme.dirs, custom),
            settings,
            get_build_date(),
            system_clock().date().isoformat(),
            [(label, file_digest(path)) for path, label in settings_files(root, CHECKS).items()],
            list(_files_of(Path(config.docs_dir))),
        )
    )


def standing_key(inputs: bytes, status: Status, state_folder: Path) -> bytes:
    """Return the digest of all that goes into a site; `b""`: it has none.

    Args:
        inputs: from `digest_of_inputs`.
        status: what the pages of rollout, service levels and drills show.
        state_folder: where the trend is kept.
    """
    return key_of((inputs, _without_figures(status), kept_trend(state_folder))) if inputs else b""


def _installed() -> Iterator[str]:
    """Yield what is installed, with its versions: the names of the folders in which its metadata stand."""
    for folder in dict.fromkeys(sys.path):
        try:
            yield from (name for name in os.listdir(folder) if name.endswith((".dist-info", ".egg-info")))  # noqa: PTH208 - names are all that is asked
        except OSError:
            continue


def _files_of(folder: Path) -> Iterator[tuple[str, str]]:
    # As MkDocs looks for them (mkdocs/structure/files.py: get_files).
    for where, folders, files in os.walk(folder, followlinks=True):
        folders.sort()
        yield from ((path, file_digest(Path(path))) for name in sorted(files) if (path := os.path.join(where, name)))  # noqa: PTH118 - as above


def _without_figures(status: Status) -> object:
    """Return a status without what each build measures anew: how long that stays, `BuildWatch.stands` knows."""
    rollout = status.rollout and msgspec.structs.replace(
        status.rollout, checklists=tuple(map(_states_of, status.rollout.checklists))
    )
    levels = status.levels and news_of(status.levels)
    return rollout, levels, status.drills, status.drill_set


def _states_of(checklist: Checklist) -> Checklist:
    checks = tuple(msgspec.structs.replace(check, evidence="", at=None) for check in checklist.checks)
    return msgspec.structs.replace(checklist, checks=checks)

"""Sites that the user has called their own, remembered outside of every repository."""

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.state.files import replace_file
from mkdocs_gitguard.state.user_folders import user_state_folder

_FILE: Final = "own-sites.json"
EVERYTHING: Final = "*"
"""Stands for whatever a site does: said of one that the user has laid down."""


def allowed(config_file: Path) -> frozenset[str]:
    """Return for which reasons the user's word was given for a site: those of `reasons_for_a_word`, or `EVERYTHING`.

    The word is for the site at this path, so that it still holds when a file that is run has changed; it is asked for
    again when the site runs something new.
    """
    with suppress(SettingError):
        return frozenset(_remembered().get(_key(config_file), ()))
    return frozenset()


def remember(config_file: Path, reasons: Iterable[str]) -> None:
    """Remember the user's word.

    Raises:
        SettingError: the user's state folder cannot be written.
    """
    path = user_state_folder() / _FILE
    sites = _remembered()
    key = _key(config_file)
    sites[key] = sorted({*sites.get(key, ()), *reasons})
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_file(path, (json.dumps(sites, indent=1, sort_keys=True) + "\n").encode())
    except OSError as error:
        raise SettingError(
            f"{path} cannot be written: {error.strerror}.", hint="Set XDG_STATE_HOME to a folder that can."
        ) from error


def _remembered() -> dict[str, list[str]]:
    try:
        content = json.loads((user_state_folder() / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return {
        path: [reason for reason in reasons if isinstance(reason, str)]
        for path, reasons in (content.items() if isinstance(content, dict) else ())
        if isinstance(reasons, list)
    }


def _key(config_file: Path) -> str:
    # The file's own link is not followed: MkDocs runs what lies beside the link.
    return str(Path(os.path.realpath(config_file.absolute().parent)) / config_file.name)

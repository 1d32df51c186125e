"""The environment in which git reads a repository that nobody trusts: what it may see, and what it may not run.

The variables are described in git(1), git-config(1) and, for `GIT_CONFIG_COUNT`, at
https://git-scm.com/docs/git-config#ENVIRONMENT.
"""

import atexit
import os
from collections.abc import Mapping
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Final

from mkdocs_gitguard.git.config import object_format
from mkdocs_gitguard.git.directory import GitDirectory
from mkdocs_gitguard.git.process import config_environment

_READING_CONFIG: Final[Mapping[str, str]] = {
    # Programs that a repository's own configuration could have run.
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "core.sshCommand": "false",
    "core.askPass": "",
    "core.alternateRefsCommand": "",
    "credential.helper": "",
    "diff.external": "",
    "gpg.program": "false",
    "gpg.ssh.program": "false",
    "gpg.x509.program": "false",
    "log.showSignature": "false",
    # A larger file counts as binary, so that counting lines does not read it.
    "core.bigFileThreshold": "1m",
    # Settings that change what is printed.
    "color.ui": "false",
    "core.quotePath": "true",
    "i18n.logOutputEncoding": "UTF-8",
    # Whoever owns the files: the site's configuration names them. Only for this process.
    "safe.directory": "*",
}
_ENVIRONMENT: Final[Mapping[str, str]] = {
    "GIT_ALTERNATE_OBJECT_DIRECTORIES": "",
    "GIT_NAMESPACE": "",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_PARAMETERS": "",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    # For a git without GIT_NO_LAZY_FETCH (before 2.45.1): no transport may be used.
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_OPTIONAL_LOCKS": "0",
    # Written by the buffer, not by the commit: our pipe is not a terminal.
    "GIT_FLUSH": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_GLOB_PATHSPECS": "0",
    "GIT_NOGLOB_PATHSPECS": "0",
    "GIT_ICASE_PATHSPECS": "0",
    **config_environment(_READING_CONFIG),
}
_EMPTY_REPOSITORIES: Final[dict[str, Path]] = {}
"""By object format."""


def environment_for_refs(directory: GitDirectory) -> dict[str, str]:
    """Return the environment in which git looks into the repository itself, runs nothing else and asks nobody."""
    return {
        **_ENVIRONMENT,
        "GIT_DIR": str(directory.git_dir),
        "GIT_COMMON_DIR": str(directory.common_dir),
        "GIT_OBJECT_DIRECTORY": str(directory.common_dir / "objects"),
        # Else git looks for the folder that the repository's own `core.worktree` names, and fails without it.
        "GIT_WORK_TREE": str(directory.git_dir),
    }


def environment_for_objects(directory: GitDirectory) -> dict[str, str]:
    """Return the environment in which git sees the repository's objects, and nothing else of it.

    It also knows of no remote that missing objects could be fetched from, so that they are told as missing.
    """
    empty = _empty_repository(object_format(directory.common_dir))
    return {
        **_ENVIRONMENT,
        "GIT_DIR": str(empty),
        "GIT_COMMON_DIR": str(empty),
        "GIT_OBJECT_DIRECTORY": str(directory.common_dir / "objects"),
        "GIT_WORK_TREE": str(empty),
    }


def _empty_repository(object_format: str) -> Path:
    """Return a repository without anything in it, which goes when Python ends."""
    known = _EMPTY_REPOSITORIES.get(object_format)
    # A process that runs for weeks outlives what is cleaned out of temporary folders.
    if known is not None and (known / "HEAD").is_file():
        return known
    path = Path(mkdtemp(prefix="gitguard-"))
    atexit.register(rmtree, path, ignore_errors=True)
    version = 1 if object_format == "sha256" else 0
    extensions = "[extensions]\n\tobjectFormat = sha256\n" if version else ""
    (path / "refs").mkdir()
    (path / "HEAD").write_text("ref: refs/heads/none\n", encoding="ascii")
    (path / "config").write_text(
        f"[core]\n\trepositoryformatversion = {version}\n\tbare = true\n{extensions}", encoding="ascii"
    )
    _EMPTY_REPOSITORIES[object_format] = path
    return path

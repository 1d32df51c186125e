"""The few values read from a repository's own configuration: where it came from, and how long its object ids are.

Read by hand, since starting git for it would cost more than all else that an unmoved repository needs. Syntax:
https://git-scm.com/docs/git-config#_syntax. Includes are not followed: the file is untrusted.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mkdocs_gitguard.bounded_file import read_start
from mkdocs_gitguard.git.files import LARGEST_CONFIG, read_whole
from mkdocs_gitguard.late_pattern import late_pattern

_SECTION: Final = late_pattern(r'^\s*\[\s*(?P<section>[A-Za-z0-9.-]+)(?:\s+"(?P<subsection>(?:[^"\\]|\\.)*)")?\s*\]')
_VARIABLE: Final = late_pattern(r"^\s*(?P<name>[A-Za-z][A-Za-z0-9-]*)\s*=\s*(?P<value>.*)$")
_PART: Final = late_pattern(r'"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^"#;]+)|(?P<comment>[#;])')
_DEEPEST_INCLUDE: Final = 10
"""As git's own MAX_INCLUDE_DEPTH."""


def remote_url(common_dir: Path) -> str:
    """Return the first URL of the remote `origin`, or `""`."""
    return _read(common_dir, ("remote", "origin"), "url")


def remote_urls(common_dir: Path) -> tuple[str, ...]:
    """Return the URLs of the remote `origin`, those to push to as well; where it has none, those of all remotes.

    Where the repository's or the user's configuration has git use another URL in the place of one (`insteadOf`), both
    are among them.
    """
    variables = list(_variables(_text(common_dir)))
    urls = [
        (place[1], value)
        for place, name, value in variables
        if place[0] == "remote" and name in ("url", "pushurl") and value
    ]
    named = [value for remote, value in urls if remote == "origin"] or [value for _, value in urls]
    if not named:
        return ()
    of_user = [variable for file in _user_files() for variable in _variables(_content(file))]
    instead = [
        (value, place[1] or "")
        for place, name, value in (*of_user, *variables)
        if place[0] == "url" and name in ("insteadof", "pushinsteadof") and value
    ]
    rewritten = (f"{base}{url[len(start) :]}" for url in named for start, base in instead if url.startswith(start))
    return tuple(dict.fromkeys((*named, *rewritten)))


def object_format(common_dir: Path) -> str:
    """Return `sha1` or `sha256`."""
    return "sha256" if _read(common_dir, ("extensions", None), "objectformat").lower() == "sha256" else "sha1"


def check_includes(*files: Path) -> None:
    """Look at the files that configuration files include, which git would open.

    Args:
        files: configuration files; those that are not there are passed over.

    Raises:
        RepositoryError: one of them is a pipe or device, at which git would wait for ever, or is too large.
    """
    seen: set[Path] = set()
    waiting = [(file, 0) for file in files]
    while waiting:
        file, depth = waiting.pop()
        if file in seen or depth > _DEEPEST_INCLUDE:
            continue
        seen.add(file)
        try:
            text = read_whole(file, LARGEST_CONFIG).decode("utf-8", "surrogateescape")
        except OSError:
            continue
        for (section, _), name, value in _variables(text):
            if section in ("include", "includeif") and name == "path" and "\0" not in value:
                waiting.append((file.parent / os.path.expanduser(value), depth + 1))  # noqa: PTH111 - must not raise


def _read(common_dir: Path, section: tuple[str, str | None], name: str) -> str:
    text = _text(common_dir)
    return next((value for inside, known, value in _variables(text) if (inside, known) == (section, name)), "")


def _text(common_dir: Path) -> str:
    return _content(common_dir / "config")


def _content(file: Path) -> str:
    try:
        return read_start(file, LARGEST_CONFIG).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""


def _user_files() -> Iterator[Path]:
    """Yield the user's own configuration files: https://git-scm.com/docs/git-config#FILES."""
    if given := os.environ.get("GIT_CONFIG_GLOBAL", ""):
        yield Path(given)
        return
    home = os.path.expanduser("~")  # noqa: PTH111 - must not raise without a home
    yield Path(os.environ.get("XDG_CONFIG_HOME", "") or Path(home, ".config"), "git", "config")
    yield Path(home, ".gitconfig")


def _variables(text: str) -> Iterator[tuple[tuple[str, str | None], str, str]]:
    """Yield section and subsection, name and value of each variable, in order."""
    section: tuple[str, str | None] = ("", None)
    for line in text.replace("\\\n", "").split("\n"):
        if header := _SECTION.match(line):
            section = (header["section"].lower(), header["subsection"])
            line = line[header.end() :]  # noqa: PLW2901 - a variable may follow in the same line
        if variable := _VARIABLE.match(line):
            yield section, variable["name"].lower(), _value(variable["value"])


def _value(text: str) -> str:
    value = ""
    for part in _PART.finditer(text):
        if part["comment"]:
            break
        value += re.sub(r"\\(.)", r"\1", part["quoted"] if part["quoted"] is not None else part["plain"])
    return value.strip()

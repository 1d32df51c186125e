"""The few values read from a repository's own configuration: where it came from, and how long its object ids are.

Read by hand, since starting git for it would cost more than all else that an unmoved repository needs. Syntax:
https://git-scm.com/docs/git-config#_syntax. Includes are not followed: the file is untrusted.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_SECTION: Final = re.compile(r'^\s*\[\s*(?P<section>[A-Za-z0-9.-]+)(?:\s+"(?P<subsection>(?:[^"\\]|\\.)*)")?\s*\]')
_VARIABLE: Final = re.compile(r"^\s*(?P<name>[A-Za-z][A-Za-z0-9-]*)\s*=\s*(?P<value>.*)$")
_PART: Final = re.compile(r'"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^"#;]+)|(?P<comment>[#;])')
_LARGEST: Final = 1 << 20


def remote_url(common_dir: Path) -> str:
    """Return the first URL of the remote `origin`, or `""`."""
    return _read(common_dir, ("remote", "origin"), "url")


def remote_urls(common_dir: Path) -> tuple[str, ...]:
    """Return the URLs of the remote `origin`; where there is none, those of all remotes."""
    urls = [
        (place[1], value)
        for place, name, value in _variables(_text(common_dir))
        if place[0] == "remote" and name == "url" and value
    ]
    return tuple(value for remote, value in urls if remote == "origin") or tuple(value for _, value in urls)


def object_format(common_dir: Path) -> str:
    """Return `sha1` or `sha256`."""
    return "sha256" if _read(common_dir, ("extensions", None), "objectformat").lower() == "sha256" else "sha1"


def _read(common_dir: Path, section: tuple[str, str | None], name: str) -> str:
    text = _text(common_dir)
    return next((value for inside, known, value in _variables(text) if (inside, known) == (section, name)), "")


def _text(common_dir: Path) -> str:
    try:
        with (common_dir / "config").open("rb") as file:
            return file.read(_LARGEST).decode("utf-8", "replace")
    except OSError:
        return ""


def _variables(text: str) -> Iterator[tuple[tuple[str, str | None], str, str]]:
    """Yield section and subsection, name and value of each variable, in order."""
    section: tuple[str, str | None] = ("", None)
    for line in text.splitlines():
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

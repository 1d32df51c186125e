"""The one value read from a repository's own configuration: where it came from.

Read by hand, since starting git for it would cost more than all else that an unmoved repository needs. Syntax:
https://git-scm.com/docs/git-config#_syntax. Includes are not followed: the file is untrusted.
"""

import re
from pathlib import Path
from typing import Final

_SECTION: Final = re.compile(r'^\s*\[\s*remote\s+"origin"\s*\]', re.IGNORECASE)
_ANY_SECTION: Final = re.compile(r"^\s*\[")
_URL: Final = re.compile(r"^\s*url\s*=\s*(?P<value>.*)$", re.IGNORECASE)
_PART: Final = re.compile(r'"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^"#;]+)|(?P<comment>[#;])')
_LARGEST: Final = 1 << 20


def remote_url(common_dir: Path) -> str:
    """Return the first URL of the remote `origin`, or `""`."""
    try:
        with (common_dir / "config").open("rb") as file:
            lines = file.read(_LARGEST).decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    inside = False
    for line in lines:
        if _ANY_SECTION.match(line):
            inside = _SECTION.match(line) is not None
        elif inside and (match := _URL.match(line)):
            return _value(match["value"])
    return ""


def _value(text: str) -> str:
    value = ""
    for part in _PART.finditer(text):
        if part["comment"]:
            break
        value += re.sub(r"\\(.)", r"\1", part["quoted"] if part["quoted"] is not None else part["plain"])
    return value.strip()

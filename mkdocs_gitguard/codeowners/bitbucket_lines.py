"""Lines of a CODEOWNERS file, read as Bitbucket Cloud and Data Center read them.

Patterns have the very exceptions to gitignore's language that GitHub's have, and the last line that matches counts:
https://support.atlassian.com/bitbucket-cloud/docs/set-up-and-use-code-owners/,
https://confluence.atlassian.com/bitbucketserver/code-owners-1296171116.html. What becomes of a line with a fault is
said nowhere: it is skipped whole, as on GitHub.
"""

import re
from typing import Final

from mkdocs_gitguard.codeowners.github_lines import parse_patterns
from mkdocs_gitguard.codeowners.lines import Parsed

_OWNER: Final = re.compile(
    r"(?P<name>@[\w.-]+(?:/[\w.-]+)?)(?::[a-z_]+(?:\(\d+\))?)?|[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}", re.ASCII
)
"""How many of a group are asked, as `:random(2)` or `:least_busy(1)`, does not belong to its name."""


def parse_bitbucket(text: str) -> Parsed:
    """Read the file as Bitbucket does."""
    return parse_patterns(text, _owner, "neither `@user`, `@workspace/group` nor an e-mail address")


def _owner(word: str) -> str:
    match = _OWNER.fullmatch(word)
    return (match["name"] or word) if match else ""

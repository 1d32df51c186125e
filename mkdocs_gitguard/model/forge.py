"""The forge that hosts a repository, and its URL patterns. Pure text: nothing here asks the network."""

import re
from typing import Final, Literal
from urllib.parse import quote, urlsplit

from mkdocs_gitguard.model.printable import original
from mkdocs_gitguard.model.record import Record

PLAIN_PATH: Final = re.compile(r"[A-Za-z0-9_.~/-]*")
"""What is the same when it is percent-encoded, if a slash may stand in it: almost all paths, and each commit."""
ForgeName = Literal["github", "gitlab", "bitbucket", "gitea", "forgejo", "azure", "other"]


class Forge(Record, frozen=True, kw_only=True):
    """Where a repository's facts can be seen. A pattern is `""` where the forge has no such page.

    Patterns are `str.format` templates over `sha`, `path`, `first`, `last`, `number`, `login`, `tag`, `branch`, each
    percent-encoded when it is filled in.
    """

    name: ForgeName
    web_url: str
    """The repository's home page, without a trailing slash."""
    commit: str = ""
    file: str = ""
    line: str = ""
    """One line; appended to `file`."""
    lines: str = ""
    """A range of lines; appended to `file`."""
    tree: str = ""
    pull_request: str = ""
    user: str = ""
    tag: str = ""
    edit: str = ""


def host_of(forge: Forge | None) -> str:
    """Return the host of a repository's pages, in small letters and without a port; `""` for none."""
    return (urlsplit(forge.web_url).hostname or "") if forge else ""


def commit_url(forge: Forge | None, sha: str) -> str:
    """Return the commit's page, or `""`."""
    return _fill(forge.commit, sha=sha) if forge and sha else ""


def file_url(forge: Forge | None, sha: str, path: str, first: int = 0, last: int = 0) -> str:
    """Return the file's page at a commit, at its lines `first` to `last` (1-based) if given, or `""`."""
    if not forge or not sha:
        return ""
    url = _fill(forge.file, sha=sha, path=path)
    if not url or not first:
        return url
    if last > first and forge.lines:
        return url + _fill(forge.lines, first=str(first), last=str(last))
    return url + _fill(forge.line, first=str(first))


def edit_url(forge: Forge | None, branch: str, path: str) -> str:
    """Return where a file is edited on a branch, or `""`."""
    return _fill(forge.edit, branch=branch, path=path) if forge and branch else ""


def tree_url(forge: Forge | None, sha: str, path: str = "") -> str:
    """Return the page of a folder at a commit, or `""`."""
    return _fill(forge.tree, sha=sha, path=path).rstrip("/") if forge and sha else ""


def pull_request_url(forge: Forge | None, number: int) -> str:
    """Return the pull request's page, or `""`."""
    # Digits need no quoting, and a portal asks for each of its pull requests.
    return forge.pull_request.format(number=number) if forge else ""


def user_url(forge: Forge | None, login: str) -> str:
    """Return the user's page, or `""`."""
    return _fill(forge.user, login=login) if forge and login else ""


def tag_url(forge: Forge | None, tag: str) -> str:
    """Return the tag's page, or `""`."""
    return _fill(forge.tag, tag=tag) if forge else ""


def _fill(pattern: str, **values: str) -> str:
    if not pattern:
        return ""
    return pattern.format(**{key: _quoted(key, value) for key, value in values.items()})


def _quoted(key: str, value: str) -> str:
    """Return a value percent-encoded; a path as git has it, not as `printable` shows it."""
    if PLAIN_PATH.fullmatch(value) and (key == "path" or "/" not in value):
        return value
    if key != "path":
        return quote(value, safe="")
    return quote(original(value).encode("utf-8", "surrogateescape"), safe="/")

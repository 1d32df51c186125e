"""All that one repository is called: names, URLs, folders; and whether a text means it.

Whoever leaves a repository out names it in one of these ways, and reports name it in others.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from glob import has_magic
from os.path import expanduser, join, normpath, realpath
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from mkdocs_gitguard.git.remote import Remote, parse_remote
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Record

_BETWEEN: Final = late_pattern(r"[^\w.~-]+")
_FILLERS: Final = frozenset(["_git", "v3", "defaultcollection", "scm", "projects", "repos", "repositories", "-"])
"""Parts of the forges' paths that belong to no name: Azure DevOps, Bitbucket Server, GitLab."""
_AZURE_API: Final = late_pattern(r"/_apis/git/(?=repositories/)", re.IGNORECASE)
"""https://learn.microsoft.com/rest/api/azure/devops/git/repositories/get-repository (7.1)"""
_PLACE: Final = late_pattern(r"/|\.{1,2}[/\\]|~[^/\\]*[/\\]|[A-Za-z]:[/\\]|file:", re.IGNORECASE)
"""How the path of a folder begins, on the machine of whoever wrote a report."""
_COMMIT: Final = late_pattern(r"[0-9a-f]{7,64}")
_MOST_DECODED: Final = 3
_LONGEST: Final = 4_000
"""Characters of a text that are looked at; a URL is shorter."""


class Spellings(Record, frozen=True, kw_only=True):
    """What one repository is called. As given: letters' case is left to those who compare."""

    names: tuple[str, ...] = ()
    """`namespace/name`: as the site calls it first."""
    urls: tuple[str, ...] = ()
    """`host/path` of its remotes and its home page, without user, port and the forge's fillers."""
    places: tuple[str, ...] = ()
    """Folders, absolute: as the site gives them, and with all links followed."""

    def __add__(self, other: "Spellings") -> "Spellings":
        """Return those of both."""
        return Spellings(
            names=tuple(dict.fromkeys(self.names + other.names)),
            urls=tuple(dict.fromkeys(self.urls + other.urls)),
            places=tuple(dict.fromkeys(self.places + other.places)),
        )


def spellings_of(url: str) -> Spellings:
    """Return what a remote's URL says of the repository's name; nothing of a folder's."""
    remote = parse_remote(url) if url else None
    if remote is None or not remote.host:
        return Spellings()
    return Spellings(names=("/".join(remote.path),), urls=(_address(remote),))


class ListEntry:
    """An entry of the rollout's lists, ready to be compared.

    It is a name or a glob of names (`acme/web-*`; without `/` it is compared with the last part of the name, and `*`
    matches any characters), a URL in any form, or a folder.
    """

    def __init__(self, text: str, *, loosely: bool = False, base: Path | None = None) -> None:
        """Read the entry.

        Args:
            text: as it stands in the list.
            loosely: letters' case does not matter, and what lies below a URL means it too: for a veto.
            base: where relative folders count from.
        """
        self.text = text
        self._loosely = loosely
        remote = parse_remote(text)
        names_a_host = remote is not None and bool(remote.host)
        plain = _address(remote) if remote is not None and names_a_host else unquote(text) if loosely else text
        self._plain = self._cased(plain.rstrip("/").removesuffix(".git") or text)
        first = plain.partition("/")[0]
        # A glob of names means names: `g*/secret` is not a host with a g, and `acme/*` not what lies in that folder.
        self._may_be_url = names_a_host or ("." in first.strip(".") and not has_magic(first))
        self._folders: tuple[str, ...] = ()
        self._plain_folders: tuple[str, ...] = ()
        is_folder = text.startswith(("/", ".", "~")) or (loosely and "/" in text and not has_magic(text))
        if is_folder and "\0" not in text:
            folder = normpath(join(base or "", expanduser(text)))  # noqa: PTH111, PTH118 - Path's raises without a home
            real = folder if has_magic(folder) else realpath(folder)
            self._folders = tuple(map(self._cased, dict.fromkeys((folder, real))))
            self._plain_folders = () if has_magic(folder) else (folder,)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders that it may mean, absolute; none where it holds wildcards."""
        return tuple(map(Path, self._plain_folders))

    def means(self, spellings: Spellings) -> bool:
        """Tell whether a repository is meant."""
        names = map(self._cased, spellings.names)
        if any(fnmatchcase(name if "/" in self._plain else name.rpartition("/")[2], self._plain) for name in names):
            return True
        urls = map(self._cased, spellings.urls if self._may_be_url else ())
        if any(fnmatchcase(url, self._plain) or (self._loosely and self._plain.startswith(f"{url}/")) for url in urls):
            return True
        places = map(self._cased, spellings.places if self._folders else ())
        return any(fnmatchcase(place, folder) for place in places for folder in self._folders)

    def _cased(self, text: str) -> str:
        return text.lower() if self._loosely else text


class Unnameable:
    """Repositories that must not be named, found in any text that names them."""

    def __init__(self, repositories: Iterable[Spellings]) -> None:
        """Index their names: of `acme/platform/billing` also `platform/billing`, which reports write."""
        self._bare: set[tuple[str, ...]] = set()
        self._urls: set[str] = set()
        self._runs: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
        for spellings in repositories:
            self._urls |= {url.lower() for url in spellings.urls}
            for name in spellings.names:
                segments = name.split("/")
                if last := tuple(_parts(segments[-1])):
                    self._bare.add(last)
                for start in range(len(segments) - 1):
                    if last and (run := tuple(_parts("/".join(segments[start:])))):
                        self._runs[run[0]].add(run)

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self._bare)

    def has_address(self, text: str) -> bool:
        """Tell whether a text is the URL of one of them, or of something below it, on the very same host."""
        remote = parse_remote(_decoded(text))
        if remote is None or not (remote.host or "." in remote.path[0]):
            return False
        # Without a scheme the host is the first part of the path.
        address = (_address(remote) if remote.host else "/".join(remote.path)).lower()
        return any(address == url or address.startswith(f"{url}/") for url in self._urls)

    def is_bare(self, text: str) -> bool:
        """Tell whether a text is the last part of the name of one of them, with or without a commit."""
        parts = [part for part in _parts(text) if not _COMMIT.fullmatch(part)] or _parts(text)
        return tuple(parts) in self._bare

    def is_place(self, text: str) -> bool:
        """Tell whether a text is the path of a folder that is called as one of them is."""
        decoded = _decoded(text)
        if not _PLACE.match(decoded):
            return False
        return tuple(_parts(decoded.replace("\\", "/").rstrip("/").rpartition("/")[2])) in self._bare

    def is_in(self, text: str) -> bool:
        """Tell whether two or more parts of the name of one of them stand in a text, side by side."""
        parts = _parts(text)
        remote = parse_remote(_decoded(text))
        readings = [
            parts,
            [part for part in parts if part not in _FILLERS],
            _parts("/".join(remote.path) if remote else ""),
        ]
        # A number may be a name, or a port between host and path.
        readings += [[part for part in reading if not part.isdecimal()] for reading in readings]
        return any(self._holds(reading) for reading in readings)

    def is_meant(self, text: str, *, is_known: Callable[[str], object]) -> bool:
        """Tell whether a text that is a repository's name or URL means one of them.

        Args:
            text: as a report or the site writes it.
            is_known: says whether it is the name of a repository that may be named. A bare name or a URL counts before
                that: one that two repositories bear tells of neither, and on another host is another repository.
        """
        if self.is_bare(text) or self.has_address(text):
            return True
        return (self.is_place(text) or self.is_in(text)) and not is_known(text)

    def _holds(self, parts: list[str]) -> bool:
        return any(
            tuple(parts[place : place + len(run)]) == run
            for place, part in enumerate(parts)
            for run in self._runs.get(part, ())
        )


def _address(remote: Remote) -> str:
    return "/".join((remote.host, *remote.path))


def _decoded(text: str) -> str:
    text = text[:_LONGEST].strip()
    for _ in range(_MOST_DECODED):
        plain = unquote(text)
        if plain == text:
            break
        text = plain
    return text


def _parts(text: str) -> list[str]:
    plain = _AZURE_API.sub("/", _decoded(text))
    if not plain.isascii():
        # What cannot be seen, and letters of another width, make no other name.
        visible = "".join(character for character in plain if unicodedata.category(character) != "Cf")
        plain = unicodedata.normalize("NFKC", visible)
    parts = (part.strip(".~") for part in _BETWEEN.split(plain.lower()) if part != ".git")
    return [name for part in parts if (name := part.removesuffix(".git").removesuffix(".wiki"))]

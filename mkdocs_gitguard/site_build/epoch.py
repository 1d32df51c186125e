"""What goes into all pages of a site, as digests by the word for it: if one differs, every page is made again.

Files count by their content, never by their times; templates that might stand in front of others count by their
absence too, because whole folders are digested. A value that cannot be told by its content (a function of a plugin's
own, say) has no digest, and then nothing is kept: see `UnstableError`.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import date, datetime
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import cache_from_source
from pathlib import Path, PurePath
from typing import Any, Final

from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.state.file_state import state_in
from mkdocs_gitguard.state.files import replace_file
from mkdocs_gitguard.state.tree import files_below, paths_below

_PACKAGES: Final = (
    "Jinja2",
    "MarkupSafe",
    "Pygments",
    "merman",
    "mkdocs",
    "mkdocs-material",
    "msgspec",
)
_TEMPLATES: Final = (".html", ".xml")
_BESIDE: Final = cache_from_source(__file__)
_TICKS: Final = 10_000_000_000
"""Nanoseconds, longer than any file system's clock needs to tick."""
_NOT_TEMPLATES: Final = frozenset([".icons", "assets", "__pycache__"])
"""Folders of a theme whose files a template can only name: their names stand in the templates and in the options."""


class UnstableError(GitGuardError):
    """A value has no digest that would be the same in the next build."""


@cache
def package_digest() -> str:
    """Return the digest of this package's own code, templates and assets, and of the versions of what writes pages."""
    versions = [f"python {sys.version_info.major}.{sys.version_info.minor}"]
    for name in _PACKAGES:
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            versions.append(f"{name} none")
    return _digest([*versions, digest_of_code(Path(__file__).parents[1], kept=Path(_BESIDE).with_suffix(".digest"))])


def digest_of_code(package: Path, *, kept: Path) -> str:
    """Return the digest of a package's files; where all stand as they did, that which was kept.

    Args:
        package: its folder; Python's bytecode in it does not count.
        kept: a file beside that bytecode, and trusted as that is.
    """
    # Where a package is made of links, what they lead to counts.
    states = {
        path: state_in(entry.stat())
        for path, entry in files_below(package)
        if "__pycache__" not in path.split("/") and entry.is_file()
    }
    key = hashlib.sha256(repr(sorted(states.items())).encode("utf-8", "surrogatepass")).hexdigest()
    with suppress(OSError, ValueError):
        of_states, digest = kept.read_text(encoding="ascii").split()
        if of_states == key:
            return digest
    digest = _digest(f"{path} {file_digest(package / path)}" for path in sorted(states))
    youngest = max((state.changed for state in states.values()), default=0)
    # One that was just written may be written again, and stand the same: the clock of a file system ticks slowly.
    if time.time_ns() - youngest > _TICKS and not sys.dont_write_bytecode:
        with suppress(OSError):
            kept.parent.mkdir(exist_ok=True)
            replace_file(kept, f"{key} {digest}".encode("ascii"))
    return digest


def theme_digest(folders: Iterable[str], own: Iterable[str]) -> str:
    """Return the digest of a theme's templates, the portal's own that a theme overrides among them.

    Args:
        folders: of the theme, in the order in which they are searched.
        own: those among them that are the user's, of which every file counts.
    """
    own_folders = {Path(folder).absolute() for folder in own}
    parts: list[str] = []
    for folder in map(Path, folders):
        is_own = folder.absolute() in own_folders
        parts += (
            f"{path} {file_digest(folder / path)}"
            for path in _below(folder, frozenset() if is_own else _NOT_TEMPLATES)
            if is_own or path.endswith(_TEMPLATES)
        )
    return _digest(parts)


def mentions(folders: Iterable[str], word: str) -> bool:
    """Tell whether a template of a theme mentions a word."""
    return any(
        word.encode() in (Path(folder) / path).read_bytes()
        for folder in folders
        for path in _below(Path(folder), _NOT_TEMPLATES)
        if path.endswith(_TEMPLATES)
    )


def value_digest(value: object) -> str:
    """Return the digest of options: mappings, lists, plain values, paths.

    Raises:
        UnstableError: there is something else in it.
    """
    return _digest([_stable(value)])


def _stable(value: Any) -> str:
    match value:
        case None | bool() | int() | float() | str():
            shown = f"{type(value).__name__} {value!r}"
        case PurePath() | datetime() | date():
            shown = f"{type(value).__name__} {value}"
        case Mapping():
            shown = "{" + ", ".join(sorted(f"{_stable(key)}: {_stable(item)}" for key, item in value.items())) + "}"
        case AbstractSet():
            shown = "set(" + ", ".join(sorted(map(_stable, value))) + ")"
        case Sequence():
            shown = "[" + ", ".join(map(_stable, value)) + "]"
        case partial():
            shown = f"partial {_stable(value.func)} {_stable(value.args)} {_stable(value.keywords)}"
        case _:
            shown = f"code {_code_name(value)}"
    return shown


def _code_name(value: Any) -> str:
    module, name = getattr(value, "__module__", ""), getattr(value, "__qualname__", "")
    if not module or not name or "<" in name or not callable(value):
        raise UnstableError(f"{type(value).__module__}.{type(value).__qualname__} has no digest.")
    return f"{module}.{name}"


def _below(folder: Path, left_out: AbstractSet[str]) -> list[str]:
    return sorted(paths_below(str(folder), (left_out | {"__pycache__"}).__contains__))


def file_digest(path: Path) -> str:
    """Return the digest of a file's bytes; where it cannot be read, why."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        return f"unreadable {error.errno}"


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]

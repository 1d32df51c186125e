"""What other packages register: the one loader of entry points, for policy formats, decision formats and targets.

https://packaging.python.org/en/latest/specifications/entry-points/
"""

import os
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from mkdocs_gitguard.errors import SettingError

POLICY_FORMATS: Final = "mkdocs_gitguard.policy_formats"
"""The group of policy formats."""
DECISION_FORMATS: Final = "mkdocs_gitguard.decision_formats"
"""The group of formats of decision reports."""


class _Named(Protocol):
    @property
    def name(self) -> str: ...


class _Selectable(Protocol):
    """What Python 3.11 and later ones return as different classes."""

    def select(self, *, group: str) -> EntryPoints: ...


N = TypeVar("N", bound=_Named)


class Registered(NamedTuple):
    """An entry point, not yet imported."""

    entry: EntryPoint

    @property
    def name(self) -> str:
        """What stands on its left side."""
        return self.entry.name

    @property
    def identity(self) -> str:
        """What changes when another package, or another version of it, registers something else under the name."""
        distribution = self.entry.dist
        package = f" {distribution.name} {distribution.version}" if distribution else ""
        return f"{self.entry.name} {self.entry.value}{package}"

    def load(self) -> Any:
        """Import what it names.

        Raises:
            SettingError: it cannot be imported, whatever the reason.
        """
        try:
            return self.entry.load()
        except (Exception, SystemExit) as error:
            raise self.refused(f"cannot be imported: {type(error).__name__}: {error}") from error

    def refused(self, why: str, *, hint: str = "Fix or uninstall the package that registers it.") -> SettingError:
        """Return the error that names the entry point and its package.

        Args:
            why: goes on where the name ends, without a full stop.
            hint: what to do.
        """
        distribution = self.entry.dist
        package = f" of {distribution.name} {distribution.version}" if distribution else ""
        return SettingError(
            f"The entry point {self.entry.group}:{self.entry.name} ({self.entry.value}){package} {why}.", hint=hint
        )


def registered(group: str) -> Iterator[Registered]:
    """Yield what installed packages register in a group, by name."""
    for entry in sorted(in_group(group), key=lambda entry: (entry.name, entry.value)):
        yield Registered(entry)


def in_group(group: str) -> Iterable[EntryPoint]:
    """Return what installed packages register in a group, in no order.

    All packages are looked through for it, which is done again where one may have come, gone or changed.
    """
    return _all_entry_points(tuple((folder, _last_change(folder)) for folder in sys.path)).select(group=group)


@lru_cache(maxsize=1)
def _all_entry_points(_folders: tuple[tuple[str, int], ...]) -> _Selectable:
    return entry_points()


def _last_change(folder: str) -> int:
    try:
        return os.stat(folder).st_mtime_ns  # noqa: PTH116 - of what need not be a folder, twenty times
    except OSError:
        return 0


def load_named(group: str, kind: type[N], built_in: Iterable[N]) -> dict[str, N]:
    """Return the built-in objects and those that installed packages register, by the names that they give themselves.

    Args:
        group: of the entry points.
        kind: what each must be an instance of; `mkdocs_gitguard.extend` names it.
        built_in: ours, first.

    Raises:
        SettingError: an entry point cannot be imported, is something else, or takes a name that is taken.
    """
    known = {item.name: item for item in built_in}
    for entry_point in registered(group):
        loaded = entry_point.load()
        if not isinstance(loaded, kind):
            raise entry_point.refused(
                f"is not a {kind.__name__}", hint=f"Register an instance of mkdocs_gitguard.extend.{kind.__name__}."
            )
        if loaded.name in known:
            raise entry_point.refused(
                f"calls itself {loaded.name!r}, which is taken",
                hint="Give it another name, or uninstall one of the two packages.",
            )
        known[loaded.name] = loaded
    return known

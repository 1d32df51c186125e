"""Checks as files: `config/scorecards/*.yml`, one check a file, named by the file.

title: README
level: bronze
check: readme
when: files > 0
why: Whoever comes by knows what it is for.
hint: Add a README.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, cast, get_args

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Severity
from mkdocs_gitguard.scorecards import CHECKS
from mkdocs_gitguard.scorecards.expression import Condition, ExpressionError, read_condition
from mkdocs_gitguard.scorecards.facts import FACTS
from mkdocs_gitguard.settings_files import SettingsMapping, documents_of, refuse, settings_files

if TYPE_CHECKING:
    from pathlib import Path

    import yaml

Level = Literal["bronze", "silver", "gold"]
LEVELS: Final[tuple[Level, ...]] = get_args(Level)
"""From the first that a repository reaches to the last."""

_LARGEST: Final = 1 << 16
_MOST: Final = 100
_NAME: Final = late_pattern(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_KEYS: Final = ("title", "level", "check", "when", "why", "hint", "severity")
_TYPES: Final = {name: kind.type for name, kind in FACTS.items()}


class CardCheck(NamedTuple):
    """One check of a scorecard."""

    name: str
    title: str
    level: Level
    check: Condition
    """What must hold."""
    when: Condition | None
    """Of which repositories it is asked; None: of all."""
    why: str
    hint: str
    severity: Severity
    """How bad `gitguard scorecard check` finds it where it does not hold."""
    file: str
    """That it was read from, as messages call it."""

    @property
    def said(self) -> tuple[str | None, ...]:
        """All that it says, to be compared: a condition is a function, which equals no other, read from its text."""
        return (*(part.text if isinstance(part, Condition) else part for part in self),)


def checks_of(root: Path) -> tuple[CardCheck, ...]:
    """Return the checks of a site, by level and name: ours, and those of its own folder `config/scorecards`.

    A file of the site's own replaces ours of the same name; an empty one takes it away.

    Raises:
        SettingError: a file is wrong; the message names file and line.
    """
    files = settings_files(root, CHECKS)
    if len(files) > _MOST:
        raise SettingError(f"config/{CHECKS} has more than {_MOST} checks.", hint="Remove some of its files.")
    checks = [check for path, label in files.items() if (check := read_check(path, label)) is not None]
    return tuple(sorted(checks, key=lambda check: (LEVELS.index(check.level), check.name)))


def read_check(path: Path, label: str = "") -> CardCheck | None:
    """Return the check of a file, None for an empty one.

    Args:
        path: of the file.
        label: what messages call it; the path if not given.

    Raises:
        SettingError: the file cannot be read, or is not a check; the message names file and line.
    """
    label = label or str(path)
    documents = documents_of(path, label, largest=_LARGEST)
    if not documents:
        return None
    if len(documents) > 1:
        refuse(label, documents[1], "This is a second check.", "Write each check into a file of its own.")
    if not _NAME.fullmatch(path.stem):
        refuse(label, documents[0], f"{path.stem!r} is not a name.", "Use small letters, digits and hyphens.")
    return _Sheet(documents[0], label).check(path.stem)


class _Sheet(SettingsMapping):
    """The mapping of a file."""

    def __init__(self, node: yaml.Node, label: str) -> None:
        super().__init__(node, label, "", instead=f"Write {', '.join(_KEYS)}.")
        self.only(*_KEYS)

    def check(self, name: str) -> CardCheck:
        return CardCheck(
            name=name,
            title=self._words("title"),
            level=cast("Level", self.choice("level", LEVELS, "bronze")),
            check=self._condition("check"),
            when=self._condition("when") if self.has("when") else None,
            why=self._words("why", ""),
            hint=self._words("hint", ""),
            severity=cast("Severity", self.choice("severity", get_args(Severity), "warning")),
            file=self.label,
        )

    def _words(self, key: str, default: str | None = None) -> str:
        return " ".join(self.text(key, default, takes_bool=True).split())

    def _condition(self, key: str) -> Condition:
        try:
            return read_condition(self._words(key), _TYPES)
        except ExpressionError as error:
            self.refuse(f"`{key}`: {error}", error.hint, self.node(key))

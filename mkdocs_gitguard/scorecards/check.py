"""Checks as files: `config/scorecards/*.yml`, one check a file, named by the file.

title: README
level: bronze
check: readme
when: files > 0
why: Whoever comes by knows what it is for.
hint: Add a README.md.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, NoReturn, cast, get_args

import yaml

from mkdocs_gitguard.bounded_file import read_file
from mkdocs_gitguard.bounded_yaml import compose_documents, value_of
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.model import Severity
from mkdocs_gitguard.scorecards.expression import Condition, ExpressionError, read_condition
from mkdocs_gitguard.scorecards.facts import FACTS
from mkdocs_gitguard.suggestion import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection

Level = Literal["bronze", "silver", "gold"]
LEVELS: Final[tuple[Level, ...]] = get_args(Level)
"""From the first that a repository reaches to the last."""

CHECKS: Final = Path("config", "scorecards")
"""Folder of a site's own checks, from its `mkdocs.yml`."""
_PACKAGE: Final = Path(__file__).parents[1]
_LARGEST: Final = 1 << 16
_MOST: Final = 100
_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
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


def checks_of(root: Path) -> tuple[CardCheck, ...]:
    """Return the checks of a site, by level and name: ours, and those of its own folder `config/scorecards`.

    A file of the site's own replaces ours of the same name; an empty one takes it away.

    Raises:
        SettingError: a file is wrong; the message names file and line.
    """
    files: dict[str, tuple[Path, str]] = {}
    for folder, prefix in ((packaged_checks(), "mkdocs_gitguard"), (root / CHECKS, "")):
        if folder.is_dir():
            for path in sorted(folder.iterdir()):
                if path.suffix in {".yml", ".yaml"}:
                    files[path.stem] = path, "/".join(filter(None, (prefix, *CHECKS.parts, path.name)))
    if len(files) > _MOST:
        raise SettingError(f"{CHECKS.as_posix()} has more than {_MOST} checks.", hint="Remove some of its files.")
    checks = [check for path, label in files.values() if (check := read_check(path, label)) is not None]
    return tuple(sorted(checks, key=lambda check: (LEVELS.index(check.level), check.name)))


def packaged_checks() -> Path:
    """Return the folder of our own checks: packaged in a wheel, beside the package in a checkout."""
    packaged = _PACKAGE / "_config" / "scorecards"
    return packaged if packaged.is_dir() else _PACKAGE.parent / CHECKS


def read_check(path: Path, label: str = "") -> CardCheck | None:
    """Return the check of a file, None for an empty one.

    Args:
        path: of the file.
        label: what messages call it; the path if not given.

    Raises:
        SettingError: the file cannot be read, or is not a check; the message names file and line.
    """
    label = label or str(path)
    try:
        documents = list(compose_documents(read_file(path, _LARGEST)))
    except OSError as error:
        raise SettingError(f"{label} cannot be read: {error.strerror}.", hint="See that it is a file.") from error
    except yaml.YAMLError as error:
        position = getattr(error, "problem_mark", None)
        place = f"{label}:{position.line + 1}" if position is not None else label
        raise SettingError(
            f"{place}: this is not YAML: {getattr(error, 'problem', None) or error}.", hint="Fix the line."
        ) from error
    if not documents:
        return None
    if len(documents) > 1:
        _refuse(label, documents[1], "This is a second check.", "Write each check into a file of its own.")
    if not _NAME.fullmatch(path.stem):
        _refuse(label, documents[0], f"{path.stem!r} is not a name.", "Use small letters, digits and hyphens.")
    return _Sheet(documents[0], label).check(path.stem)


def _refuse(label: str, node: yaml.Node, message: str, hint: str) -> NoReturn:
    raise SettingError(f"{label}:{node.start_mark.line + 1}: {message}", hint=hint)


class _Sheet:
    """The mapping of a file, which knows its lines."""

    def __init__(self, node: yaml.Node, label: str) -> None:
        self._top, self._label = node, label
        self._nodes: dict[str, yaml.Node] = {}
        if not isinstance(node, yaml.MappingNode):
            _refuse(label, node, "The file is not a mapping.", f"Write {', '.join(_KEYS)}.")
        for key, value in node.value:
            name = str(key.value)
            if name in self._nodes:
                _refuse(label, key, f"`{name}` is set twice.", "Remove one of the two.")
            if name not in _KEYS:
                hint = did_you_mean(name, _KEYS) or f"Leave it out, or write one of: {', '.join(_KEYS)}."
                _refuse(label, key, f"`{name}` is not read.", hint)
            self._nodes[name] = value

    def check(self, name: str) -> CardCheck:
        return CardCheck(
            name=name,
            title=self._text("title"),
            level=cast("Level", self._choice("level", LEVELS, "bronze")),
            check=self._condition("check"),
            when=self._condition("when") if "when" in self._nodes else None,
            why=self._text("why", ""),
            hint=self._text("hint", ""),
            severity=cast("Severity", self._choice("severity", get_args(Severity), "warning")),
            file=self._label,
        )

    def _text(self, key: str, default: str | None = None) -> str:
        node = self._nodes.get(key)
        if node is None:
            if default is None:
                _refuse(self._label, self._top, f"`{key}` is missing.", "Add it.")
            return default
        try:
            value = value_of(node)
        except yaml.YAMLError as error:
            _refuse(self._label, node, f"`{key}` cannot be read: {error}.", "Write another value.")
        if isinstance(value, bool):
            # `check: true`, which YAML takes for itself.
            value = str(value).lower()
        if not isinstance(value, str) or not value.strip():
            _refuse(self._label, node, f"`{key}` is not a text.", "Write some words.")
        return " ".join(value.split())

    def _choice(self, key: str, choices: Collection[str], default: str) -> str:
        text = self._text(key, default)
        if text not in choices:
            hint = did_you_mean(text, choices) or f"Write one of: {', '.join(choices)}."
            _refuse(self._label, self._nodes[key], f"`{key}` is {text!r}.", hint)
        return text

    def _condition(self, key: str) -> Condition:
        text = self._text(key)
        try:
            return read_condition(text, _TYPES)
        except ExpressionError as error:
            _refuse(self._label, self._nodes[key], f"`{key}`: {error}", error.hint)

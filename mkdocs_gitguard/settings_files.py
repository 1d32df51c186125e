"""Files of settings in YAML: ours, and a site's own in their place; errors name the line."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

import yaml

from mkdocs_gitguard.bounded_file import read_file
from mkdocs_gitguard.bounded_yaml import compose_documents, value_of
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.suggestion import did_you_mean

_PACKAGE: Final = Path(__file__).parent


def packaged_folder(name: str) -> Path:
    """Return a folder of our own settings: Hatch puts it into the package, a checkout has it beside the package.

    Args:
        name: of a folder in `config`.
    """
    packaged = _PACKAGE / "_config" / name
    return packaged if packaged.is_dir() else _PACKAGE.parent / "config" / name


def settings_files(root: Path, name: str) -> Mapping[Path, str]:
    """Return files of settings, each with what messages call it: ours, and a site's own in place of those of its name.

    Args:
        root: the site's folder.
        name: of a folder in `config`.
    """
    files: dict[str, tuple[Path, str]] = {}
    for folder, prefix in ((packaged_folder(name), "mkdocs_gitguard/"), (root / "config" / name, "")):
        if folder.is_dir():
            for path in sorted(folder.iterdir()):
                if path.suffix in {".yml", ".yaml"}:
                    files[path.stem] = path, f"{prefix}config/{name}/{path.name}"
    return dict(files.values())


def documents_of(path: Path, label: str, *, largest: int) -> list[yaml.Node]:
    """Return the documents of a file.

    Args:
        path: of the file.
        label: what messages call it.
        largest: bytes that it may have.

    Raises:
        SettingError: it cannot be read, or is not YAML; the message names file and line.
    """
    try:
        return list(compose_documents(read_file(path, largest)))
    except OSError as error:
        raise SettingError(f"{label} cannot be read: {error.strerror}.", hint="See that it is a file.") from error
    except yaml.YAMLError as error:
        position = getattr(error, "problem_mark", None)
        place = f"{label}:{position.line + 1}" if position is not None else label
        raise SettingError(
            f"{place}: this is not YAML: {getattr(error, 'problem', None) or error}.", hint="Fix the line."
        ) from error


def refuse(label: str, node: yaml.Node, message: str, hint: str) -> NoReturn:
    """Raise an error with the line of a node.

    Raises:
        SettingError: always.
    """
    raise SettingError(f"{label}:{node.start_mark.line + 1}: {message}", hint=hint)


class SettingsMapping:
    """A mapping of a file, which knows its lines and refuses what is not read. All errors are `SettingError`s."""

    def __init__(self, node: yaml.Node, label: str, what: str, *, instead: str) -> None:
        """Take a node.

        Args:
            node: of a document.
            label: what messages call the file.
            what: what they call the mapping; `""` for the file itself.
            instead: what to do where it is not a mapping.
        """
        self.label = label
        self.what = what
        self.top = node
        self._nodes: dict[str, yaml.Node] = {}
        self._keys: dict[str, yaml.Node] = {}
        if not isinstance(node, yaml.MappingNode):
            self.refuse(f"{f'`{what}`' if what else 'The file'} is not a mapping.", instead)
        for key, value in node.value:
            name = str(key.value)
            if name in self._nodes:
                self.refuse(f"`{self.called(name)}` is set twice.", "Remove one of the two.", key)
            self._nodes[name], self._keys[name] = value, key

    @property
    def line(self) -> int:
        """The line at which it begins."""
        return int(self.top.start_mark.line) + 1

    def called(self, name: str) -> str:
        """Return what messages call a key."""
        return f"{self.what}.{name}" if self.what else name

    def refuse(self, message: str, hint: str, node: yaml.Node | None = None) -> NoReturn:
        """Raise an error with the line of a node, or of this mapping."""
        refuse(self.label, node if node is not None else self.top, message, hint)

    def only(self, *names: str) -> None:
        """Refuse any key that is not among these."""
        for name, node in self._keys.items():
            if name not in names:
                hint = did_you_mean(name, names) or f"Leave it out, or write one of: {', '.join(names)}."
                self.refuse(f"`{self.called(name)}` is not read.", hint, node)

    def has(self, name: str) -> bool:
        """Tell whether a key is there."""
        return name in self._nodes

    def node(self, name: str) -> yaml.Node:
        """Return what stands under a key."""
        if name not in self._nodes:
            self.refuse(f"`{self.called(name)}` is missing.", "Add it.")
        return self._nodes[name]

    def value(self, name: str) -> Any:
        """Return a plain value."""
        node = self.node(name)
        try:
            return value_of(node)
        except yaml.YAMLError as error:
            self.refuse(f"`{self.called(name)}` cannot be read: {error}.", "Write another value.", node)

    def text(self, name: str, default: str | None = None, *, takes_bool: bool = False) -> str:
        """Return a text.

        Args:
            name: of the key.
            default: what a missing key stands for; None: it must not be missing.
            takes_bool: whether `true`, which YAML takes for itself, is the word.
        """
        if default is not None and name not in self._nodes:
            return default
        value = self.value(name)
        if takes_bool and isinstance(value, bool):
            value = str(value).lower()
        if not isinstance(value, str) or not value.strip():
            self.refuse(f"`{self.called(name)}` is not a text.", "Write some words.", self.node(name))
        return value.strip()

    def choice(self, name: str, choices: Iterable[str], default: str | None = None) -> str:
        """Return one of some words."""
        text, known = self.text(name, default), list(choices)
        if text not in known:
            hint = did_you_mean(text, known) or f"Write one of: {', '.join(known)}."
            self.refuse(f"`{self.called(name)}` is {text!r}.", hint, self.node(name))
        return text

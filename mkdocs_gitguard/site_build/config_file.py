"""A site's `mkdocs.yml`, read as data: nothing that it names is imported or run.

What it says is what MkDocs 1.6 makes of it (`mkdocs.utils.yaml.yaml_load`): `INHERIT`, merge keys and `!ENV` count. A
tag that would make MkDocs import Python stays what it is, a tag.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml
import yaml_env_tag  # type: ignore[import-untyped] # MkDocs' own reading of `!ENV`

from mkdocs_gitguard.errors import SettingError

CONFIG_NAMES: Final = ("mkdocs.yml", "mkdocs.yaml")
"""In the order in which MkDocs looks for them."""
PLUGIN: Final = "gitguard"

_LARGEST: Final = 1 << 20
"""Bytes."""
_DEEPEST: Final = 60
_MOST_NODES: Final = 100_000
"""Of one file, with every alias and merge key counted as often as it is used."""
_LONGEST_LINE_OF_PARENTS: Final = 20
_PYTHON_TAG: Final = "tag:yaml.org,2002:python/"
_GROUPS: Final = ("group", "material/group")


class Tagged(NamedTuple):
    """A value that MkDocs would make by Python code that its tag names."""

    tag: str


class SiteFile(NamedTuple):
    """What a `mkdocs.yml` says, with what it inherits."""

    path: Path
    """Absolute."""
    values: Mapping[str, Any]
    files: tuple[Path, ...]
    """Itself, and the files that it inherits from."""
    variables: frozenset[str]
    """Names of the environment variables that it asks for."""
    tags: frozenset[str]
    """Python tags, as `!!python/name:os.system`."""

    @property
    def folder(self) -> Path:
        """Where relative paths count from."""
        return self.path.parent

    @property
    def site_name(self) -> str:
        """The site's title."""
        return str(self.values.get("site_name") or "")

    @property
    def site_url(self) -> str:
        """Where the site is published, `""` where it does not say."""
        return str(self.values.get("site_url") or "")

    @property
    def site_dir(self) -> str:
        """The folder that is built into, absolute."""
        return self._path("site_dir", "site")

    @property
    def docs_dir(self) -> str:
        """The folder of the site's own pages, absolute."""
        return self._path("docs_dir", "docs")

    @property
    def use_directory_urls(self) -> bool:
        """Whether pages are folders."""
        return self.values.get("use_directory_urls", True) is not False

    @property
    def theme(self) -> Mapping[str, Any]:
        """What is said of the theme; a name alone is a mapping with that name."""
        theme = self.values.get("theme")
        return theme if isinstance(theme, Mapping) else {"name": theme or "mkdocs"}

    def _path(self, name: str, default: str) -> str:
        value = self.values.get(name)
        text = value if isinstance(value, str) and value else default
        return os.path.normpath(os.path.join(self.folder, text))  # noqa: PTH118 - not resolved: MkDocs does not either


class ListedPlugin(NamedTuple):
    """An entry of `plugins:`, or of a group in it."""

    name: str
    """As MkDocs looks it up, less the folder of a theme's own namespace."""
    options: Any
    is_on: bool
    """False: it, or the group that it stands in, has `enabled: false`."""


def read_site_file(path: Path) -> SiteFile:
    """Read a `mkdocs.yml`.

    Raises:
        SettingError: it cannot be read, or MkDocs could not use it: broken YAML, a parent that is not there.
    """
    path = path.absolute()
    notes = _Notes()
    values = _read(path, notes)
    return SiteFile(path, values, tuple(notes.files), frozenset(notes.variables), frozenset(notes.tags))


def listed_plugins(site: SiteFile) -> Iterator[ListedPlugin]:
    """Yield the plugins that a site lists, groups of Material's group plugin opened.

    Raises:
        SettingError: the list cannot be understood.
    """
    yield from _listed(site.values.get("plugins"), site.path, is_on=True)


def plugin_options(site: SiteFile) -> Mapping[str, Any] | None:
    """Return what a site says to the plugin `gitguard`; None where it does not list it.

    Raises:
        SettingError: it lists the plugin and turns it off, or `plugins:` cannot be understood.
    """
    entries = [plugin for plugin in listed_plugins(site) if plugin.name == PLUGIN]
    on = [plugin for plugin in entries if plugin.is_on]
    if len(on) > 1:
        raise SettingError(
            f"{site.path} lists the plugin gitguard {len(on)} times.", hint="Write one entry, with all options."
        )
    entry = on[0] if on else None
    if entry is None:
        if entries:
            raise SettingError(
                f"{site.path} lists the plugin gitguard, but turns it or its group off (`enabled`).",
                hint="Turn it on, or name another site with --config-file.",
            )
        return None
    options = entry.options or {}
    if not isinstance(options, Mapping):
        raise SettingError(f"{site.path}: what follows `gitguard:` is not a mapping.", hint="Write `option: value`.")
    # MkDocs takes this one for itself.
    return {name: value for name, value in options.items() if name != "enabled"}


def _listed(plugins: Any, path: Path, *, is_on: bool) -> Iterator[ListedPlugin]:
    if plugins is None:
        return
    if not isinstance(plugins, list | tuple | Mapping):
        raise SettingError(f"{path}: `plugins` is not a list.", hint="Write `- gitguard` below it.")
    entries = [plugins] if isinstance(plugins, Mapping) else plugins
    for entry in entries:
        if isinstance(entry, Mapping) and entry is not plugins and len(entry) != 1:
            raise SettingError(
                f"{path}: an entry of `plugins` has {len(entry)} names, and MkDocs takes one.",
                hint="Write each plugin after a `-` of its own, and its options deeper than its name.",
            )
        for name, options in entry.items() if isinstance(entry, Mapping) else ((entry, {}),):
            if not isinstance(name, str):
                raise SettingError(f"{path}: {name!r} is not a plugin's name.", hint="Write it in quotes.")
            given = options if isinstance(options, Mapping) else {}
            is_group = name in _GROUPS
            if (is_group or name.removeprefix("/") == PLUGIN) and not isinstance(given.get("enabled", True), bool):
                raise SettingError(
                    f"{path}: `enabled` of the plugin {name} is {given['enabled']!r}.", hint="Write true or false."
                )
            entry_is_on = is_on and given.get("enabled", not is_group) is not False
            if is_group:
                yield ListedPlugin(name, {}, entry_is_on)
                yield from _listed(given.get("plugins"), path, is_on=entry_is_on)
            else:
                yield ListedPlugin(name.removeprefix("/"), options, entry_is_on)


class _Notes:
    """What was met while a file and its parents were read."""

    def __init__(self) -> None:
        self.files: list[Path] = []
        self.variables: set[str] = set()
        self.tags: set[str] = set()


def _read(path: Path, notes: _Notes) -> dict[str, Any]:
    if path in notes.files or len(notes.files) > _LONGEST_LINE_OF_PARENTS:
        raise SettingError(f"{path} inherits from itself (`INHERIT`).", hint="Take one of the lines out.")
    notes.files.append(path)
    values = _parse(_bytes_of(path), path, notes)
    if "INHERIT" not in values:
        return values
    parent = values.pop("INHERIT")
    if not isinstance(parent, str):
        raise SettingError(f"{path}: `INHERIT` is not a path.", hint="Write the path of the file to inherit from.")
    return _merged(_read(Path(os.path.normpath(path.parent / parent)), notes), values)


def _bytes_of(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise SettingError(f"{path} is not a file.", hint="Name a mkdocs.yml with --config-file.")
        if status.st_size > _LARGEST:
            raise SettingError(f"{path} is larger than {_LARGEST:,} bytes.", hint="Take out what is not configuration.")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SettingError(f"{path} cannot be read: {reason}.", hint="Fix the path, or who may read it.") from error


def _parse(data: bytes, path: Path, notes: _Notes) -> dict[str, Any]:
    try:
        _refuse_depth(data, path)
        loader = _DataLoader(data)
        try:
            loader.notes = notes
            node = loader.get_single_node()
            if node is None:
                return {}
            _refuse_size(node, path)
            values = loader.construct_document(node)
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError, TypeError, OverflowError) as error:
        reason = " ".join(str(error).split())
        raise SettingError(
            f"{path} is not YAML that MkDocs can read: {reason}.",
            hint="Fix it there; or name another site with --config-file.",
        ) from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise SettingError(f"{path} is not a mapping of settings.", hint="Fix it there: write `site_name: …` first.")
    return values


def _refuse_depth(data: bytes, path: Path) -> None:
    """Refuse what is nested so deeply that it could only be read by recursion without end, as MkDocs does."""
    depth = 0
    for event in yaml.parse(data, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise SettingError(
                f"{path} is nested more than {_DEEPEST} deep.",
                hint="Fix it there; or name another site with --config-file.",
            )


def _refuse_size(top: yaml.Node, path: Path) -> None:
    """Refuse a few lines that stand for millions of values by aliases and merge keys, or for one that holds itself."""
    measured: dict[int, tuple[int, int] | None] = {}

    def measure(node: yaml.Node) -> tuple[int, int]:
        """Return how many values a node stands for, and how deep they are nested."""
        key = id(node)
        if key not in measured:
            measured[key] = None
            inner = node.value if isinstance(node, yaml.CollectionNode) else ()
            parts = [measure(part) for item in inner for part in (item if isinstance(item, tuple) else (item,))]
            measured[key] = 1 + sum(size for size, _ in parts), 1 + max((depth for _, depth in parts), default=0)
        known = measured[key]
        if known is None:
            raise SettingError(f"{path} has a value that holds itself.", hint="Take the alias out.")
        if known[0] > _MOST_NODES or known[1] > _DEEPEST:
            raise SettingError(
                f"{path} stands for more than {_MOST_NODES:,} values, or nests them more than {_DEEPEST} deep.",
                hint="Take aliases and merge keys out.",
            )
        return known

    measure(top)


def _merged(parent: dict[str, Any], child: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parent's values with the child's over them, mapping by mapping; lists are replaced as a whole."""
    merged = dict(parent)
    for key, value in child.items():
        old = merged.get(key)
        merged[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


class _DataLoader(yaml.SafeLoader):
    """Makes values of nodes as MkDocs' loader does, without Python objects."""

    notes: _Notes

    def construct_variable(self, node: yaml.Node) -> Any:
        """Return what `!ENV` stands for, and note which variables it asks for."""
        asked = node.value[:-1] if isinstance(node, yaml.SequenceNode) and len(node.value) > 1 else node.value
        names = [part.value for part in asked] if isinstance(asked, list) else [asked]
        self.notes.variables.update(str(name) for name in names)
        return yaml_env_tag.construct_env_tag(self, node)

    def construct_python(self, suffix: str, node: yaml.Node) -> Tagged:
        """Return the tag of what only Python code could make."""
        del node
        self.notes.tags.add(f"!!python/{suffix}")
        return Tagged(f"!!python/{suffix}")

    def construct_relative(self, node: yaml.Node) -> str:
        """Return the text of a path that MkDocs makes relative to something."""
        return str(node.value)


_DataLoader.add_constructor("!ENV", _DataLoader.construct_variable)
_DataLoader.add_constructor("!relative", _DataLoader.construct_relative)
_DataLoader.add_multi_constructor(_PYTHON_TAG, _DataLoader.construct_python)

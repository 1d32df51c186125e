"""Whether a site is plain: whether building it runs nothing that it brings, and shows and empties only what is its own.

A plain site is built wherever it comes from. Any other one needs the word of the user, for MkDocs imports its hooks,
hands its folders to its plugins and runs its templates.
"""

import glob
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from mkdocs_gitguard.errors import SettingError, mask_credentials
from mkdocs_gitguard.git.remote import parse_remote
from mkdocs_gitguard.git.tracked import tracked_names, work_tree_of
from mkdocs_gitguard.rollout.resolve import resolve_settings
from mkdocs_gitguard.site_build.config_file import PLUGIN, SiteFile, listed_plugins, plugin_options
from mkdocs_gitguard.state.folder import find_link_out

_RUNS: Final[Mapping[str, str]] = {"hooks": "Python files", "extra_templates": "templates"}
"""Settings of MkDocs that name what is run."""
_PLAIN_PLUGINS: Final = frozenset(
    {PLUGIN, "gitguard-graph-api", "search", "group", "material/group", "material/search"}
)
_PLAIN_WITHOUT_OPTIONS: Final = frozenset(
    {"meta", "offline", "tags", "material/meta", "material/offline", "material/tags"}
)
"""Plugins whose options name files to read or write."""
PLAIN_EXTENSIONS: Final = frozenset(
    (
        *("abbr", "admonition", "attr_list", "codehilite", "def_list", "extra", "fenced_code", "footnotes"),
        *("legacy_attrs", "legacy_em", "md_in_html", "meta", "nl2br", "sane_lists", "smarty", "tables", "toc"),
        *("wikilinks", "pymdownx.arithmatex", "pymdownx.betterem", "pymdownx.blocks.admonition"),
        *("pymdownx.blocks.caption", "pymdownx.blocks.definition", "pymdownx.blocks.details", "pymdownx.blocks.tab"),
        *("pymdownx.caret", "pymdownx.critic", "pymdownx.details", "pymdownx.emoji", "pymdownx.escapeall"),
        *("pymdownx.extra", "pymdownx.highlight", "pymdownx.inlinehilite", "pymdownx.keys", "pymdownx.magiclink"),
        *("pymdownx.mark", "pymdownx.progressbar", "pymdownx.saneheaders", "pymdownx.smartsymbols"),
        *("pymdownx.striphtml", "pymdownx.superfences", "pymdownx.tabbed", "pymdownx.tasklist", "pymdownx.tilde"),
    )
)
"""Those that read no file but the page (`pymdownx.snippets` and `b64` do)."""
_PLAIN_TAGS: Final = frozenset(
    {
        "!!python/name:material.extensions.emoji.twemoji",
        "!!python/name:material.extensions.emoji.to_svg",
        "!!python/name:pymdownx.superfences.fence_code_format",
        "!!python/name:pymdownx.superfences.fence_div_format",
        "!!python/name:pymdownx.slugs.uslugify",
        "!!python/object/apply:pymdownx.slugs.slugify",
    }
)
"""Those of Material's own documentation: functions without effects, of packages that stand beside MkDocs."""
_TELLING_NOTHING: Final = frozenset({"", "0", "1", "false", "no", "off", "on", "true", "yes"})
"""What a variable may hold and not be a secret: it turns something on or off, as `CI` does, or is not set at all."""
_LONGEST_SHOWN: Final = 100
_PATHS: Final = ("decisions", "people", "repositories", "snapshot")
"""Options of ours that name what is read."""


def reasons_for_a_word(site: SiteFile, *, is_emptied: bool) -> tuple[str, ...]:
    """Return what a site would do beyond what a plain one does, each thing in words; none: it is plain.

    Args:
        site: what its `mkdocs.yml` says.
        is_emptied: whether its own `site_dir` is built into, which MkDocs empties first.

    Raises:
        SettingError: `plugins:` cannot be understood.
        SourceError: git cannot tell whether the site came with its repository.
    """
    top = work_tree_of(site.folder) or site.folder.resolve()
    reasons = [*_code(site), *_own_folders(site, top, is_emptied=is_emptied)]
    if tracked_names(site.folder, (site.path.name,)):
        reasons += _from_outside(site, top)
    return tuple(dict.fromkeys(reasons))


def event_server_of(site: SiteFile) -> str:
    """Return in words which server a site's own env file names for the event log; `""`: it names none."""
    phase = (plugin_options(site) or {}).get("phase", "")
    # What is wrong with the settings is told where they are used.
    with suppress(SettingError):
        settings = resolve_settings(phase if isinstance(phase, str) else "", environ=os.environ, root=site.folder)
        origin = settings.origins["JETSTREAM_URL"]
        if settings.jetstream_url and origin.kind == "file":
            server = _shown(mask_credentials(settings.jetstream_url))
            return f"`JETSTREAM_URL` (asks a server: {server}, {origin})"
    return ""


def _code(site: SiteFile) -> Iterator[str]:
    """Yield what of the site is run, and which programs it would hand its folders to."""
    for name, what in _RUNS.items():
        if value := site.values.get(name):
            yield f"`{name}` ({what}: {_shown(value)})"
    if folder := site.theme.get("custom_dir"):
        yield f"`theme.custom_dir` (templates: {_shown(folder)})"
    for plugin in listed_plugins(site):
        has_options = bool(plugin.options)
        if plugin.name not in _PLAIN_PLUGINS and (plugin.name not in _PLAIN_WITHOUT_OPTIONS or has_options):
            yield f"the plugin {_shown(plugin.name)}{' with options' if plugin.name in _PLAIN_WITHOUT_OPTIONS else ''}"
    for extension in _names(site.values.get("markdown_extensions")):
        if extension.removeprefix("markdown.extensions.") not in PLAIN_EXTENSIONS:
            yield f"the Markdown extension {_shown(extension)}"
    yield from (f"the tag {_shown(tag)}" for tag in sorted(site.tags - _PLAIN_TAGS))


def _own_folders(site: SiteFile, top: Path, *, is_emptied: bool) -> Iterator[str]:
    """Yield folders that are written or copied as the site's own and may be somebody else's."""
    folder = site.folder.resolve()
    if is_emptied:
        built = Path(os.path.realpath(site.site_dir))
        if not _is_in(built, folder) or built == folder or find_link_out(Path(site.site_dir)) is not None:
            yield f"`site_dir` (emptied and written: {_shown(site.site_dir)}, or a link in it, leads out of the site)"
    docs = Path(os.path.realpath(site.docs_dir))
    links = (Path(os.path.realpath(link)) for link in _links_below(docs)) if _is_in(docs, top) else iter([docs])
    if not all(_is_in(path, top) for path in links):
        yield f"`docs_dir` (copied: {_shown(site.docs_dir)}, or a link in it, leads out of the repository)"
    state = (plugin_options(site) or {}).get("state_dir", "")
    if isinstance(state, str) and not _is_in(Path(os.path.realpath(folder / state)), folder):
        yield f"the option `state_dir` (written: {_shown(state)})"


def _from_outside(site: SiteFile, top: Path) -> Iterator[str]:
    """Yield what a site that came with a repository would show of what did not."""
    telling = [name for name in sorted(site.variables) if os.environ.get(name, "").casefold() not in _TELLING_NOTHING]
    if telling:
        yield f"`!ENV` (shows variables of the environment: {_shown(telling)})"
    for file in site.files:
        if not _is_in(Path(os.path.realpath(file)), top):
            yield f"`INHERIT` (reads {_shown(str(file))})"
    options = plugin_options(site) or {}
    if options.get("events", True) and (server := event_server_of(site)):
        yield server
    if embeddings := options.get("embeddings"):
        yield f"the option `embeddings` (sends texts and a key away, or reads a model: {_shown(str(embeddings))})"
    for name in _PATHS:
        for entry in _entries(options.get(name)):
            if not all(_is_in(path, top) for path in _places(entry, site.folder)):
                yield f"the option `{name}` (shows {_shown(entry)}, which is not part of the repository)"


def _entries(value: Any) -> Iterator[str]:
    """Yield the paths and URLs of an option: text, or mappings with `path` or `url`, or a list of them."""
    for item in value if isinstance(value, list) else [value]:
        named = [item.get("path"), item.get("url")] if isinstance(item, Mapping) else [item]
        # An entry's `url` beside its `path` only says where that came from.
        yield from (part for part in named[: 1 if named[0] else 2] if isinstance(part, str) and part)


def _places(entry: str, folder: Path) -> Iterable[Path]:
    """Return where an entry leads, links followed; somewhere outside for a URL."""
    path = str(Path(entry.removeprefix("file://")).expanduser())
    remote = parse_remote(entry)
    if remote is not None and remote.scheme != "file" and not (folder / path).exists():
        return [Path(os.path.sep)]
    # As `harvest.sources` expands it.
    matches = glob.glob(path, root_dir=folder, recursive=True) if glob.has_magic(path) else [path]  # noqa: PTH207
    return [Path(os.path.realpath(folder / match)) for match in matches]


def _is_in(path: Path, top: Path) -> bool:
    """Tell whether a path, links followed, is part of a folder; what git keeps for itself is not."""
    return path.is_relative_to(top) and ".git" not in path.relative_to(top).parts


def _links_below(folder: Path) -> Iterator[str]:
    for parent, folders, files in os.walk(folder):
        yield from (path for name in (*folders, *files) if os.path.islink(path := os.path.join(parent, name)))  # noqa: PTH114,PTH118


def _names(value: Any) -> Iterator[str]:
    """Yield the names of a list or mapping of things with options."""
    for item in value if isinstance(value, list | Mapping) else ():
        yield from (str(name) for name in (item if isinstance(item, Mapping) else [item]))


def _shown(value: Any) -> str:
    """Return a value as it may be shown, and so that two that differ are shown as different."""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    shown = "".join(character if character.isprintable() else "?" for character in text)[:_LONGEST_SHOWN]
    if shown == text:
        return text
    return f"{shown}… {hashlib.sha256(text.encode('utf-8', 'backslashreplace')).hexdigest()[:8]}"

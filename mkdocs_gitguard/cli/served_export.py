"""What `gitguard api serve` may serve: whose export a folder holds, and whether the lists in force still allow it."""

import os
from collections.abc import Iterator
from pathlib import Path

from mkdocs_gitguard.cli.loaded_site import LoadedSite, load_own_site, load_site
from mkdocs_gitguard.errors import SettingError, SourceError
from mkdocs_gitguard.git.spellings import ListEntry, Spellings, spellings_of
from mkdocs_gitguard.graph_api.client import Client
from mkdocs_gitguard.graph_api.layout import API_ROOT
from mkdocs_gitguard.model import name_of
from mkdocs_gitguard.rollout.build_record import BuildRecord, kept
from mkdocs_gitguard.rollout.selection import EXCLUDE_LIST, INCLUDE_LIST, parse_include
from mkdocs_gitguard.rollout.settings import Settings
from mkdocs_gitguard.site_build.made_site import made_site_around

_AGAIN = "Run `gitguard build`."


def site_of(root: Path, config_file: Path | None = None) -> LoadedSite | None:
    """Return the site that an export is of: the named one, else the nearest around it, else that of the current folder.

    Args:
        root: the export's folder.
        config_file: the `mkdocs.yml` that the user has named.

    Raises:
        SettingError: a `mkdocs.yml` on the way is broken, or its state folder is not ours.
    """
    if config_file is not None:
        return load_site(Path(), config_file)
    for folder in _folders_around(root):
        site = load_own_site(made_site_around(folder) or folder)
        if site is not None:
            return site
    return load_own_site(Path())


def refuse_left_out(root: Path, site: LoadedSite | None, settings: Settings) -> None:
    """Refuse an export that holds a repository which the lists leave out, or was built before they said so.

    Args:
        root: the export's folder.
        site: whose export it is, as far as that is known.
        settings: in force.

    Raises:
        SettingError: it is not to be served.
        SourceError: it cannot be read.
    """
    record = kept(site.state_folder, BuildRecord) if site is not None else None
    vetoes = set(settings.codex_repo_exclude_list)
    if site is not None and vetoes:
        real = root.resolve()
        is_last_build = record is not None and real.is_relative_to(record.site)
        is_of_some_build = real.is_relative_to(os.path.realpath(site.config.site_dir))
        # Without a record the last build has not ended well, and what stands there may be of an earlier one.
        if (is_last_build or is_of_some_build) and not (is_last_build and record and vetoes <= set(record.vetoes)):
            raise SettingError(f"{root} was built before {EXCLUDE_LIST} became what it is.", hint=_AGAIN)
    folder = site.folder if site is not None else Path()
    for list_name in _lists_against(root, folder, settings):
        raise SettingError(f"{root} holds a repository that {list_name} leaves out.", hint=_AGAIN)


def _folders_around(root: Path) -> Iterator[Path]:
    """Yield the folders around the site that an export stands in: by its path as given first, then by its real one."""
    inner = len(Path(API_ROOT).parts)
    paths = [Path(os.path.abspath(root)), Path(os.path.realpath(root))]  # noqa: PTH100 - without `..`
    tops = [path.parents[inner - 1] if path.parts[-inner:] == Path(API_ROOT).parts else path for path in paths]
    yield from dict.fromkeys(folder for top in tops for folder in top.parents)


def _lists_against(root: Path, folder: Path, settings: Settings) -> Iterator[str]:
    """Yield the list that leaves out a repository of the export, for each such repository."""
    share, patterns = parse_include(settings.codex_repo_include_list)
    wanted = [ListEntry(entry, base=folder) for entry in patterns]
    unwanted = [ListEntry(entry, loosely=True, base=folder) for entry in settings.codex_repo_exclude_list]
    if not wanted and not unwanted:
        return
    for spellings in _repositories(root):
        if any(entry.means(spellings) for entry in unwanted):
            yield EXCLUDE_LIST
        # Which repositories a share takes only a build knows.
        elif wanted and share is None and not any(entry.means(spellings) for entry in wanted):
            yield INCLUDE_LIST


def _repositories(root: Path) -> Iterator[Spellings]:
    """Yield what each repository of an export is called."""
    client = Client(root)
    try:
        if not any(entry["kind"] == "repository" for entry in client.index()["kinds"]):
            return
        for item in client.nodes("repository"):
            forge = client.node(item["id"])["attributes"].get("forge") or {}
            yield Spellings(names=(name_of(item["id"]),)) + spellings_of(forge.get("web_url", ""))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise SourceError(f"{root} holds no Graph API export that can be read.", hint=_AGAIN) from error

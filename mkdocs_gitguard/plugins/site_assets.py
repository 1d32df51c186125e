"""Files of the site beside its pages: ours go in, those of the theme that no page loads stay out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mkdocs.structure.files import File

from mkdocs_gitguard.portal.own_assets import bundled

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

    from mkdocs_gitguard.plugins.own_pages import OwnPages
    from mkdocs_gitguard.portal import Pages

_SOURCE_MAPS: Final = (".js.map", ".css.map")
"""For who debugs the theme: browsers ask for them only where their tools are open, and do without."""
_LUNR: Final = "assets/javascripts/lunr/"
"""Where Material keeps what its search loads by the index's languages (`integrations/search/worker/main` of 9.x)."""
_SEGMENTERS: Final = {"ja": "tinyseg.js", "jp": "tinyseg.js", "hi": "wordcut.js", "th": "wordcut.js"}


def add_assets(
    pages: Pages, files: Files, config: MkDocsConfig, taken: Collection[str], own: OwnPages | None = None
) -> None:
    """Add the portal's assets. A file of the user's own, one of those `taken`, wins over ours.

    Args:
        pages: the portal's.
        files: of the site.
        config: of the site.
        taken: paths in the site.
        own: writes those files that no page loads, of which a large portal has thousands; None: MkDocs does.
    """
    styles: list[str] = []
    for asset in (*bundled(pages.assets(), taken), *pages.redirects()):
        if asset.path not in taken and (own is None or not own.take(asset)):
            files.append(File.generated(config, asset.path, content=asset.data))
        if asset.load == "style":
            styles.append(asset.path)
        elif asset.load == "script":
            config.extra_javascript.append(asset.path)
    config.extra_css[:0] = styles


def leave_out_unused(files: Files, config: MkDocsConfig) -> None:
    """Take those files of the theme out that no page loads: source maps, and the search's other languages.

    What the user put into `docs_dir` or `custom_dir` stays, whatever it is called. To be called when all plugins know
    the languages.
    """
    custom = config.theme.custom_dir
    of_theme = {folder for folder in config.theme.dirs if folder != custom}
    wanted = _wanted_by_search(config)
    for file in list(files):
        if file.src_dir in of_theme and (
            file.src_uri.endswith(_SOURCE_MAPS)
            or (wanted is not None and file.src_uri.startswith(_LUNR) and file.src_uri not in wanted)
        ):
            files.remove(file)


def _wanted_by_search(config: MkDocsConfig) -> frozenset[str] | None:
    """Return what Material's search loads of `_LUNR`, None where nobody can tell which languages it is for."""
    searches = [plugin for name, plugin in config.plugins.items() if name.rpartition("/")[2] == "search"]
    languages = [plugin.config.get("lang") for plugin in searches]
    if config.theme.name != "material" or not languages or not all(languages):
        return None
    names = dict.fromkeys(name for given in languages for name in ([given] if isinstance(given, str) else given))
    return frozenset(f"{_LUNR}{path}" for path in _loaded([name for name in names if name != "en"], len(names)))


def _loaded(foreign: Collection[str], number: int) -> Iterator[str]:
    if number > 1:
        yield "min/lunr.multi.min.js"
    if foreign or number > 1:
        yield "min/lunr.stemmer.support.min.js"
    for name in foreign:
        yield f"min/lunr.{name}.min.js"
        if name in _SEGMENTERS:
            yield _SEGMENTERS[name]

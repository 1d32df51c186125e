"""Beside mkdocs-static-i18n, which builds the site once for each language: the portal is made once.

All builds but the first happen within the first one's event `post_build`, over the same config and the same plugins
(1.3.1, `plugin.py`). In those the portal's pages are there to be linked to, and stand in the navigation; they are not
made again.
"""

from __future__ import annotations

from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mkdocs.structure.files import Files, InclusionLevel

from mkdocs_gitguard.plugins.mkdocs_pages import GeneratedPage, OwnFile
from mkdocs_gitguard.plugins.navigation import place_pages
from mkdocs_gitguard.plugins.neighbours import owner_of, spare_generated
from mkdocs_gitguard.words import title_html

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.nav import Navigation
    from mkdocs.structure.pages import Page
    from mkdocs.utils.templates import TemplateContext

_MODULE: Final = "mkdocs_static_i18n.plugin"
_OURS: Final = "mkdocs_gitguard.plugins."
_OF_EACH_BUILD: Final = frozenset(["template_context", "post_template", "serve", "startup", "shutdown"])
"""Events in which ours takes part whatever the language: templates are written by each build, over those before."""
_SITEMAP: Final = "sitemap.xml"


class Linked(NamedTuple):
    """What of the portal other languages link to."""

    sections: Mapping[str, GeneratedPage]
    """By path, the pages that MkDocs has made."""
    others: Mapping[str, OwnFile]
    """By path, the files of those that it has not."""
    in_nav: bool
    """Whether sections are put into the navigation."""


class _Mapped(NamedTuple):
    """What the plugin's template of the sitemap reads of a file."""

    page: Any
    url: str
    alternates: Mapping[str, Any]


def translator_of(config: MkDocsConfig) -> Any:
    """Return the plugin that builds the site for each language, None if there is none."""
    return next((plugin for plugin in config.plugins.values() if type(plugin).__module__ == _MODULE), None)


def taken_places(files: Files, config: MkDocsConfig) -> set[str]:
    """Return what the site's own files take, as paths in the site: also where translated ones will stand."""
    taken = {file.dest_uri for file in files if file.inclusion is not InclusionLevel.EXCLUDED}
    translator = translator_of(config)
    if translator is not None:
        translated = translator.reconfigure_files(_split(files)[0], config)
        taken |= {file.dest_uri for file in translated if file.inclusion is not InclusionLevel.EXCLUDED}
    return taken


def get_on(config: MkDocsConfig, main: object, linked: Callable[[], Linked]) -> None:
    """Let our plugins and others get on: each is shown what it has to do with, and the portal is made once.

    Args:
        config: of the site.
        main: the plugin `gitguard`.
        linked: gives the pages of the first build.
    """
    spare_generated(config)
    translator = translator_of(config)
    if translator is None:
        return
    languages = _Languages(translator, main, linked)
    for event, methods in config.plugins.events.items():
        methods[:] = [languages.fitted(event, method) for method in methods]
    config.plugins.events["post_build"].insert(0, languages.forget_page)
    config.plugins.events["template_context"].append(languages.with_portal)


def _split(files: Iterable[Any]) -> tuple[Files, list[Any]]:
    """Return the files that have a source, and those whose content was generated, which the plugin cannot look at."""
    files = [*files]
    return Files([file for file in files if file.abs_src_path]), [file for file in files if not file.abs_src_path]


class _Fitted:
    """A method of an event, with something else in its place in some builds."""

    def __init__(self, method: Callable[..., Any], run: Callable[..., Any]) -> None:
        self.__self__ = owner_of(method)
        self._run = run

    def __call__(self, *items: Any, **context: Any) -> Any:
        return self._run(*items, **context)


class _Languages:
    """The builds of one site."""

    def __init__(self, translator: Any, main: object, linked: Callable[[], Linked]) -> None:
        self._translator = translator
        self._main = main
        self._linked = linked
        self._mapped: list[_Mapped] = []

    def fitted(self, event: str, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return what runs in the place of a method."""
        owner = owner_of(method)
        if owner is self._translator:
            replaced: dict[str, Callable[..., Any]] = {
                "files": self._translate,
                "nav": self._keep_sections,
                "page_context": self._page_context,
            }
            return _Fitted(method, partial(replaced[event], method)) if event in replaced else method
        if event in _OF_EACH_BUILD or not type(owner).__module__.startswith(_OURS):
            return method
        instead: dict[str, Callable[..., None]] = (
            {"files": self._link, "nav": self._place} if owner is self._main else {}
        )
        return _Fitted(method, partial(self._in_first_build, method, instead.get(event)))

    def _in_first_build(
        self, method: Callable[..., Any], instead: Callable[..., None] | None, *items: Any, **context: Any
    ) -> Any:
        if not self._translator.building:
            return method(*items, **context)
        return None if instead is None else instead(*items, **context)

    def _translate(self, method: Callable[..., Files], files: Files, *, config: MkDocsConfig) -> Files:
        with_source, generated = _split(files)
        translated = method(with_source, config=config)
        for file in generated:
            translated.append(file)
        return translated

    def _keep_sections(self, method: Callable[..., Navigation], nav: Navigation, **context: Any) -> Navigation:
        """Keep our sections where each language has a folder: of the navigation the plugin takes that folder alone."""
        before = nav.items
        translated = method(nav, **context)
        kept = {id(item) for item in translated.items}
        translated.items.extend(item for item in before if id(item) not in kept and _is_of_portal(item))
        return translated

    def _page_context(
        self, method: Callable[..., Any], *items: Any, page: Page, config: MkDocsConfig, **more: Any
    ) -> Any:
        if isinstance(page, GeneratedPage):
            self.forget_page(config=config)
            return None
        return method(*items, page=page, config=config, **more)

    def _link(self, files: Files, *, config: MkDocsConfig) -> None:
        """Add the portal's files as what can be linked to."""
        linked = self._linked()
        for file in linked.others.values():
            files.append(file)
        for page in linked.sections.values():
            file = OwnFile.at(config, page.file.src_uri, page.file.dest_uri)
            page.title = title_html(page.portal_page.nav_title or page.portal_page.title)
            page.parent = page.previous_page = page.next_page = None
            file.page = page
            files.append(file)

    def _place(self, nav: Navigation, *, config: MkDocsConfig, **_: Any) -> None:
        linked = self._linked()
        place_pages(nav, linked.sections, config, in_nav=linked.in_nav)

    def forget_page(self, *, config: MkDocsConfig, **_: Any) -> None:
        """Lead from pages of ours to each language's home: the last page's own translations are still in the config."""
        if self._translator.extra_alternate and not self._translator.building:
            # An attribute, as the plugin sets it, which templates find before the setting.
            config.extra.alternate = deepcopy(self._translator.extra_alternate)  # type: ignore[attr-defined]

    def with_portal(self, context: TemplateContext, *, template_name: str, config: MkDocsConfig) -> TemplateContext:
        """List the portal's pages in the sitemap, whose template knows translated pages alone."""
        if template_name == _SITEMAP and config.site_url:
            if not self._translator.building:
                pages = [file.page for file in context.get("pages") or () if not hasattr(file, "alternates")]
                self._mapped = [_Mapped(page, "", {}) for page in pages if page is not None]
            translated: dict[str, Any] = {
                "i18n_alternates": {**self._translator.i18n_files_per_language, "": self._mapped}
            }
            context.update(translated)  # type: ignore[typeddict-item] # MkDocs' own keys are known alone
        return context


def _is_of_portal(item: Any) -> bool:
    return any(isinstance(page, GeneratedPage) for page in (item, *(item.children or ())))

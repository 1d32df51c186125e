"""Pages that differ only in what they say share one rendering of the theme.

A theme's templates cost more than a page's body: Material's take two thirds of a build. The theme is rendered once for
a group of generated pages with marks in place of title, body and so on; each page of the group is those parts with its
own words between them.

That this gives the theme's very bytes is not assumed but tried, for each group: a probe page, whose words hold what a
template could trip over and which stands at another URL, is rendered by the theme and filled in, and the two must be
equal. Where they are not, because a theme quotes, cuts or looks at something else of a page, the theme renders every
page of the group.

Headings are words of the page too where they are plain (the rules of a policy), so that pages with as many headings in
the same order share a rendering; with a theme that cannot have that, pages of the very same headings do.

Either way the theme's white space is taken out around the body (`squeeze`), of a group's parts once. Where no other
plugin looks at pages, so is what stands on all of them alike (`lean_frame`).
"""

from __future__ import annotations

import copy
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, pass_context
from mkdocs.structure.pages import Page

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.plugins.lean_frame import LeanFrame
from mkdocs_gitguard.plugins.mkdocs_pages import GeneratedPage, OwnFile, table_of_contents
from mkdocs_gitguard.plugins.squeeze import around, squeeze, squeeze_around
from mkdocs_gitguard.portal import Heading
from mkdocs_gitguard.state.compiled_templates import COMPILED
from mkdocs_gitguard.words import title_html

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Template
    from jinja2.runtime import Context

    from mkdocs_gitguard.portal.page import Asset

TEMPLATE: Final = "gitguard-frame.html"
"""What a generated page names as its template, in its metadata."""

_ENOUGH: Final = 1
"""So many pages of a group are left to the theme: of four, three renderings are spared by two probes, of two none."""
_MOST: Final = 10_000
"""Groups that are told apart before it begins anew: pages may have headings that no other has, and a process that stays
makes them without end."""
_EACH_ITS_OWN: Final = frozenset(["page", "build_date_utc", "gitguard_frame"])
"""Of a page's context; all else must be equal within a group."""
_MARKS: Final = {
    "title": "ggmark1title",
    "content": '<h1 id="top">ggmark2content</h1>',
    "canonical_url": "ggmark3canonical",
    "abs_url": "ggmark4abs",
    "edit_url": "ggmark5edit",
    "update_date": "ggmark6date",
    "meta.title": "ggmark7title",
    "meta.description": "ggmark8description",
    "toc": "ggmark9toc",
}
_AWKWARD: Final = "Aé &amp; &lt;b&gt; &#x27;q&#x27; &quot;Q&quot; \\ \\n {{ x }} {% y %} ${z} " + "long " * 60
_PROBE: Final = {
    "title": f"1 {_AWKWARD}",
    "content": '<h1 id="top">x &amp; y</h1><p>\\ {{ z }} <code>&lt;script&gt;</code></p>',
    "canonical_url": "https://portal.example.org/a%20b/%21c/~d/",
    "abs_url": "/a%20b/%21c/~d/",
    "edit_url": "https://forge.example.org/x/edit/y?z=1",
    "update_date": "1999-12-31",
    "meta.title": f"2 {_AWKWARD}",
    "meta.description": f"3 {_AWKWARD}",
    "toc": f"4 {_AWKWARD}",
}
_PLAIN: Final = late_pattern(r"[^\s&<>\"']+(?: [^\s&<>\"']+)*")
"""Text that is the same in HTML, and with its tags taken out: themes do so in the attributes of a table of contents."""
_PLAIN_ANCHOR: Final = late_pattern(r"[\w.-]+", re.ASCII)
_PLAIN_PROBE: Final = "Aé \\ \\n {{ x }} {% y %} ${z} " + "long " * 59 + "long"


class _Group(NamedTuple):
    """What the first page of a group had, and the theme's parts once they are tried."""

    context: Mapping[str, Any]
    """Without what belongs to the page alone: a page leads to the whole portal of its build."""
    parts: list[str] | None
    parent: object
    """Of the page, kept so that nothing else is called by its id."""


class Frames:
    """The groups of one build, and of those that follow it on the short path."""

    def __init__(self, *, may_be_lean: bool = False) -> None:
        """Know no group yet.

        Args:
            may_be_lean: whether pages need not look to other plugins as the theme makes them.
        """
        self.lean_frame = LeanFrame() if may_be_lean else None
        """What of the theme's output stands in files."""
        self._groups: dict[tuple[object, ...], _Group] = {}
        self._counts: dict[tuple[object, ...], int] = {}
        self._may_fill_headings = True
        """Whether the theme has so far printed headings as they are."""

    def install(self, environment: Environment) -> None:
        """Give the theme's environment the template that generated pages name."""

        @pass_context
        def gitguard_frame(context: Context) -> str:
            return self.render(environment.get_template("main.html"), context.get_all())

        environment.globals["gitguard_frame"] = gitguard_frame
        # A file, not a string: section-index insists that each template has a file name.
        frame = FileSystemLoader(Path(__file__).parent / "templates")
        environment.loader = ChoiceLoader([frame, environment.loader]) if environment.loader else frame
        environment.bytecode_cache = environment.bytecode_cache or COMPILED.of(environment)

    @property
    def files(self) -> list[Asset]:
        """The files that hold what of the theme is alike on all pages."""
        return [] if self.lean_frame is None else [*self.lean_frame.files]

    @property
    def may_learn(self) -> bool:
        """Whether it is still to be found out what of the theme's output is alike on all pages."""
        return self.lean_frame is not None and not self.lean_frame.has_learnt

    def learn(self, template: Template, page: GeneratedPage, context: Mapping[str, Any]) -> None:
        """Find out what of the theme's output is alike on all pages, from what it makes of a specimen."""
        if self.lean_frame is not None:
            pages = (_with_words(page, words) for words in (_MARKS, _PROBE))
            moments = (datetime(year, 1, 1, tzinfo=UTC) for year in (2001, 2002))
            outputs = [
                squeeze(template.render({**context, "page": other, "build_date_utc": moment}))
                for other, moment in zip(pages, moments, strict=True)
            ]
            self.lean_frame.learn(outputs, context["base_url"])

    def learn_navigation(self, template: Template, page: GeneratedPage, context: Mapping[str, Any]) -> None:
        """Find out how the theme writes the navigation on pages of a section, from what it makes of a specimen."""
        if self.lean_frame is not None:
            moment = datetime(2001, 1, 1, tzinfo=UTC)
            output = squeeze(template.render({**context, "page": page, "build_date_utc": moment}))
            ways = (other for other in (context["nav"].homepage, page.parent) if isinstance(other, Page))
            links = [("" if way.url in {".", "./"} else way.url, way.title) for way in ways]
            self.lean_frame.learn_navigation(output, context["base_url"], links, _MARKS.values())

    def render(self, template: Template, context: Mapping[str, Any]) -> str:
        """Return a page's output: that of `template.render(context)`, squeezed around the body."""
        page = context["page"]
        if not isinstance(page, GeneratedPage):
            return template.render(context)
        if page.previous_page or page.next_page or not page.has_own_toc:
            return self._rendered(template, context)
        values = _values(page) | (_headings(page) if self._may_fill_headings else {})
        if not _are_plain(values):
            return self._rendered(template, context)
        key = _key(page, values, context)
        if len(self._counts) > _MOST:
            self._counts.clear()
            self._groups.clear()
        count = self._counts[key] = self._counts.get(key, 0) + 1
        if count <= _ENOUGH:
            return self._rendered(template, context)
        group = self._groups.get(key)
        if group is None:
            parts = self._tried_parts(template, context, page, values)
            if parts is None and self._may_fill_headings:
                # Pages of the very same headings may share a rendering where those of others may not.
                self._may_fill_headings = self._tried_parts(template, context, page, _values(page)) is None
            group = self._groups[key] = _Group(
                {**context, **dict.fromkeys(_EACH_ITS_OWN & context.keys())}, parts, page.parent
            )
        if group.parts is None or not _is_alike(group.context, context):
            return self._rendered(template, context)
        return _fill(group.parts, values)

    def _rendered(self, template: Template, context: Mapping[str, Any]) -> str:
        return self._squeezed(template.render(context), context["page"].content or "", context)

    def _squeezed(self, html: str, body: str, context: Mapping[str, Any]) -> str:
        squeezed, lean_frame = squeeze_around(html, body), self.lean_frame
        # Pages in the navigation are made before anything is learnt, and are few.
        if lean_frame is None or not isinstance(context["page"].file, OwnFile):
            return squeezed
        return around(squeezed, body, lambda part: lean_frame.lean(part, context["base_url"]))

    def _tried_parts(
        self, template: Template, context: Mapping[str, Any], page: GeneratedPage, values: Mapping[str, str]
    ) -> list[str] | None:
        """Return the theme's output parted at the marks and squeezed, each mark's name at the odd places.

        None if filling them is not what the theme makes.
        """
        marks = {name: _MARKS.get(name) or f"ggmark{name.replace('.', 'x')}z" for name in values}
        output = template.render({**context, "page": _with_words(page, marks)})
        words = {name: _PROBE.get(name) or _probe_of_heading(name) for name in values}
        probe = _with_words(page, words)
        probe.file = _elsewhere(page)
        if _fill(_parted(output, marks), words) != template.render({**context, "page": probe}):
            return None
        return _parted(self._squeezed(output, marks.get("content", ""), context), marks)


def _are_plain(values: Mapping[str, str]) -> bool:
    """Tell whether the white space around every value is the theme's, so that it can be taken out before they are."""
    return all(name == "content" or (value == value.strip() and "\n" not in value) for name, value in values.items())


def _values(page: GeneratedPage) -> dict[str, str]:
    """Return what of a page the theme may print, by the names of `_MARKS`; what is None or not there is left out."""
    values = {
        "title": page.title,
        "content": page.content,
        "canonical_url": page.canonical_url,
        "abs_url": page.abs_url,
        "edit_url": page.edit_url,
        "update_date": page.update_date,
        "meta.title": page.meta.get("title"),
        "meta.description": page.meta.get("description"),
        "toc": page.toc.items[0].title,
    }
    return {name: value for name, value in values.items() if value}


def _headings(page: GeneratedPage) -> dict[str, str]:
    """Return the headings that a theme may print as any others: their texts and anchors by their places."""
    values: dict[str, str] = {}
    for place, heading in enumerate(page.headings):
        text, anchor = heading.text, heading.anchor
        if _PLAIN.fullmatch(text) and title_html(text) == text and _PLAIN_ANCHOR.fullmatch(anchor):
            values |= {f"heading.{place}": text, f"anchor.{place}": anchor}
    return values


def _probe_of_heading(name: str) -> str:
    kind, _, place = name.partition(".")
    return f"{place} {_PLAIN_PROBE}" if kind == "heading" else f"Probe-_.{place}"


def _key(page: GeneratedPage, values: Mapping[str, str], context: Mapping[str, Any]) -> tuple[object, ...]:
    rest = {name: value for name, value in page.meta.items() if name not in {"title", "description"}}
    return (
        id(page.parent),
        context["base_url"],
        tuple(
            heading.level if f"heading.{place}" in values else heading for place, heading in enumerate(page.headings)
        ),
        tuple(values),
        repr(rest),
        # A plugin that hangs something of its own on a page must not lose it.
        tuple(vars(page)),
    )


def _is_alike(first: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if first.keys() != other.keys():
        return False
    return all(
        name in _EACH_ITS_OWN or first[name] is value or bool(first[name] == value) for name, value in other.items()
    )


def _parted(output: str, marks: Mapping[str, str]) -> list[str]:
    names = {placeholder: name for name, placeholder in marks.items()}
    parts = re.split("(" + "|".join(map(re.escape, names)) + ")", output)
    parts[1::2] = [names[placeholder] for placeholder in parts[1::2]]
    return parts


def _fill(parts: list[str], values: Mapping[str, str]) -> str:
    filled = parts.copy()
    filled[1::2] = [values[name] for name in parts[1::2]]
    return "".join(filled)


def _with_words(page: GeneratedPage, words: Mapping[str, str]) -> GeneratedPage:
    """Return a copy of a page that says something else."""
    other = copy.copy(page)
    other.meta = dict(page.meta)
    headings, root = [*page.headings], ""
    for name, value in words.items():
        owner, _, key = name.partition(".")
        if owner == "meta":
            other.meta[key] = value
        elif owner == "toc":
            root = value
        elif owner == "heading":
            headings[int(key)] = replace(headings[int(key)], text=value)
        elif owner == "anchor":
            headings[int(key)] = replace(headings[int(key)], anchor=value)
        else:
            setattr(other, name, value)
    other.headings = tuple(headings)
    other.toc = table_of_contents(root, headings)
    return other


def specimen_of(page: GeneratedPage, folder: str = "gitguard", section: GeneratedPage | None = None) -> GeneratedPage:
    """Return a page in a place of its own that has all that a page can have, whichever page it is made of.

    What is learnt from it stands in pages that are kept when others come and go.

    Args:
        page: any.
        folder: where the specimen stands.
        section: what it belongs to.
    """
    other = copy.copy(page)
    other.meta = {name: value for name, value in page.meta.items() if name == "template"}
    other.parent = section  # type: ignore[assignment] # a page has what themes read
    other.headings = (Heading(2, "one", "One"), Heading(3, "two", "Two"))
    other.file = _elsewhere(page, folder)
    return _with_words(other, _MARKS)


def _elsewhere(page: GeneratedPage, folder: str | None = None) -> Any:
    """Return a copy of the page's file under another name, as deep as it is where no folder is given."""
    file = copy.copy(page.file)
    is_index = folder is None and file.name == "index" and "/" in file.src_uri
    if folder is None:
        folder = file.src_uri.rpartition("/")[0]
    if is_index:
        folder = folder.rpartition("/")[0]
    for made in ("url", "name", "abs_dest_path"):
        file.__dict__.pop(made, None)
    source, target = ("ggprobe/index.md", "ggprobe/index.html") if is_index else ("ggprobe.md", "ggprobe.html")
    if file.use_directory_urls:
        target = "ggprobe/index.html"
    file.src_uri = f"{folder}/{source}".lstrip("/")
    file.dest_uri = f"{folder}/{target}".lstrip("/")
    return file

"""Snapshot in, page objects out. No MkDocs, no git: the adapter in `plugins/gitguard.py` hands these pages to MkDocs.

`Portal` is what one build shows: a snapshot's graph, the moment, flags, options, templates. `Pages` are the pages that
views make of it, by path. A page is written on a `Sheet`, which knows the graph, the moment and the page's links, and
nothing else.

A **view** is one module in `portal/views/` that gives a `View`, named once in `portal/views/__init__.py`. It brings

- `pages`: the pages it makes, each a `PortalPage` whose body is written only when it is wanted, and
- `panels`: sections for other views' pages, by the type of record that such a page shows. A repository page embeds the
  panels for `Repository`, a pull-request page those for `PullRequest`, an owner's page `Owner`, a policy's page
  `Policy`, a rule's page `Rule` (the only rule of a policy stands on the policy's), the home page `Organization`. A
  panel that has nothing to say returns None.
- `assets`: further files of the site (a style sheet, a script, data for a script).

A whole view, `portal/views/runbooks.py`:

    def pages(portal: Portal) -> Iterator[PortalPage]:
        yield PortalPage(
            path="runbook",
            title="Runbooks",
            write=_index,
            is_traced=False,
            nav=70,
            nav_group="Health",
            search="Every runbook and how it went.",
        )

    def _index(sheet: Sheet) -> Markup:
        return sheet.render("gitguard/runbooks.html", repositories=sheet.graph.snapshot.repositories)

    def _on_a_repository(sheet: Sheet, repository: Repository) -> Panel | None:
        return Panel("Runbooks", sheet.render("gitguard/runbook_panel.html", repository=repository))

    VIEW = View(name="runbooks", needs="chaos_engineering", pages=pages, panels={Repository: (_on_a_repository,)})

and its template `portal/templates/gitguard/runbooks.html` (autoescaped, undefined names are errors, and a user's theme
folder may hold another of the same name):

    {% for repository in repositories %}
    {{ heading(2, repository.name, repository.name) }}
    <p>{{ ui.node(repository.id) }} {{ ui.time(repository.head_at) }} <a href="{{ link('runbook') }}">All</a></p>
    {% endfor %}

The contract:

- A page's `path` is `path_of(id)` for a node, the kind or another folder for a section's index (`is_index=True`), `""`
  for home. Its `title` is plain text. The adapter writes the `<h1>` unless the body has one of its own.
- Links are always made by `sheet.link(id or path)`, which gives a URL relative to the page, or `""` where the portal
  has no such page (its view is off, or a pull request too old for a page); `ui.node(id)` falls back to plain text.
- A page is bounded. A table that may be longer than a person reads stands in parts (`portal/lists/parts.py`): the first
  on its page, the others on the pages of `further_pages`; any other list ends with how many more there are.
- Headings are written by `heading(level, anchor, text)`, so that they stand in the page's table of contents.
- Everything from outside goes through autoescaping as it stands; only `Markup` made by templates is trusted. Names of
  people, paths and titles go through `ui.name(text)`, which isolates their direction and shows control characters.
- Templates see what the view names, and `sheet`, `graph`, `now`, `formats`, `ui`, `link` and `heading`.
- The moment of the build is `sheet.now`: relative words come from `ui.time` and `ui.ago`, months from `now.months`.
  Nothing else may ask a clock.
- What a page reads can be told. It asks the graph for a node, for the others of a relation, or an index for one key
  (`graph.policies_by_repository.get(id, ())`), and never walks through any of them; it takes answers of `sheet.now`,
  not its moment. An overview that needs the whole (`sheet.graph.snapshot`) says so: `is_traced=False`.
- `formats[policy.format].title` is what people call a policy's format; a third party's comes from its `PolicyFormat`.
"""

from mkdocs_gitguard.portal.page import Asset, Heading, Panel, PortalPage, Sheet, View, Written
from mkdocs_gitguard.portal.pages import Pages
from mkdocs_gitguard.portal.portal import Options, Portal

__all__ = ["Asset", "Heading", "Options", "Pages", "Panel", "Portal", "PortalPage", "Sheet", "View", "Written"]

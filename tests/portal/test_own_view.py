"""The view that the docstring of `mkdocs_gitguard.portal` writes out is one."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from make.portal import html_of, pages_of
from make.snapshot import likely
from markupsafe import Markup

import mkdocs_gitguard.portal
from mkdocs_gitguard.model import Repository
from mkdocs_gitguard.portal import Panel, Portal, PortalPage, Sheet, View
from mkdocs_gitguard.portal.views import VIEWS

_BLOCK = re.compile(r"\n\n((?:    [^\n]*\n|\n)+)")


def test_the_view_of_the_docstring_is_one(tmp_path: Path) -> None:
    python, template = (textwrap.dedent(block) for block in _BLOCK.findall(mkdocs_gitguard.portal.__doc__))
    names = {kind.__name__: kind for kind in (Iterator, Markup, Panel, Portal, PortalPage, Repository, Sheet, View)}
    exec(python, names)
    (tmp_path / "gitguard").mkdir()
    (tmp_path / "gitguard" / "runbooks.html").write_text(template)
    (tmp_path / "gitguard" / "runbook_panel.html").write_text("<p>None of {{ ui.name(repository.name) }} yet.</p>")
    pages = pages_of(likely(), views=[*VIEWS, names["VIEW"]], template_folders=(str(tmp_path),))
    page = html_of(pages, "runbook")
    assert '<h2 id="billing">billing' in page
    assert 'href="../repository/acme/billing/"' in page
    assert 'href="./">All</a>' in page
    assert "None of <bdi>billing</bdi> yet." in html_of(pages, "repository/acme/billing")

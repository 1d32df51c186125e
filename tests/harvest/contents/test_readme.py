"""A README's first prose, as plain text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.harvest.contents.readme import LONGEST_SUMMARY, find_readme, summarise

MARKDOWN = """---
title: x
---
<!-- a comment
over lines -->
# Billing

[![CI](https://ci/badge.svg)](https://ci) ![logo](logo.png)

<p align="center"><img src="x.png"></p>

```sh
pip install billing now please
```

**Billing** sends [invoices](https://example.org/a_(b)) in `any` currency. It is _fast_, and
uses [WSGI] &amp; more.

- a list is not prose at all

> [!NOTE]
> Quoted prose counts as well.

| a | b | c d |
"""

RST = """
Billing
=======

.. image:: https://ci/badge.svg
   :target: https://ci

Billing sends `invoices <https://example.org>`_ with :class:`~billing.Invoice` in |any| currency.

.. code:: python

    import billing and more

Second paragraph stands here.
"""


def test_markdown() -> None:
    assert summarise(MARKDOWN) == (
        "Billing sends invoices in any currency.",
        "Billing sends invoices in any currency. It is fast, and uses WSGI & more.\nQuoted prose counts as well.",
    )


def test_restructured_text() -> None:
    assert summarise(RST, "README.rst") == (
        "Billing sends invoices with billing.Invoice in currency.",
        "Billing sends invoices with billing.Invoice in currency.\nSecond paragraph stands here.",
    )


@pytest.mark.parametrize(
    "above",
    [
        "[![Build Status][ci]][link] [![Docs of it all][docs]][site]",
        "[![Standards Icon]][Standards Link] [![Format Code Icon]][Format Link]",
        "[![Build status now]](https://ci)",
        "[![Build status now][]][ci]",
        "![Build status now]",
        "[![Version of it (all)](https://ci/a_(b).svg)](https://ci/(c))",
        "[![a b c d]][e] [![f g][h]](i) ![j k][l]",
        "[Docs site](a) | [Web site](b) | [Chat room](c)",
        "[Docs site][a] • [Web site][b] · [Chat room][c]",
        "**[Docs site](a)** - **[Web site here](b)**",
        "[Documentation of the tool](a)",
        "[Docs site] | [Web site] | [Chat room]",
        "Website: <https://a.example> | Docs: <https://b.example>",
        "<a href='x'>Docs site</a> | <a href='y'>Web site here</a>",
        "For issues, please go to the issue tracker.",
    ],
)
def test_badges_and_lines_of_links_are_no_description(above: str) -> None:
    assert summarise(f"# X\n\n{above}\n\nIt [sends](s) all [invoices][i].\n\n[i]: x").description == (
        "It sends all invoices."
    )


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ("# billing - sends all invoices\n\n## Install\n\nRun this and that.", "Sends all invoices"),
        ("# billing\nIt sends [invoices](x) :seedling: now[^1].\n", "It sends invoices now."),
        ("<div>\n<img src=x>\n<h1>Billing</h1>\n<h3>A billing service.</h3>\n</div>", "A billing service."),
        ("# Billing\n\n### A documentation theme as plain as books\n", "A documentation theme as plain as books"),
        ("## Contributors\n\nMade with love and care.\n\n# Billing\n\nAll about invoices.\n", "All about invoices."),
        ("## Announcement: The chat room is open!\n\n# Billing\n\nAll about invoices.\n", "All about invoices."),
        ("# Billing\n\n## Purpose\n\nBilling exists to bill.\n", "Billing exists to bill."),
        ("Billing\n=======\n\nUsage\n-----\n\nRun the thing twice.\n", ""),
        ("# Billing\n\n## How it differs\n\nCompared to X, it does more:\n\n* a\n", ""),
        ("# Billing\n\nThe naming of the policies follows a format, as described here.\n", ""),
        ("# Billing\n\nThis repository has moved to another forge.\n\nThank you for your interest in it!\n", ""),
        ("# Billing\n\nA set of types used in ledgers, including:\n\n- a\n", "A set of types used in ledgers"),
        ("# Billing\n\nGot a question? We are always happy to answer!\n", ""),
    ],
)
def test_a_description_is_what_the_repository_is(text: str, description: str) -> None:
    assert summarise(text).description == description


@pytest.mark.parametrize(
    "text", ["", "# Title\n", "\x00", "```\nnever closed", "[x]: https://a\n", "![a](b)", "\ufeff"]
)
def test_nothing_to_say(text: str) -> None:
    assert summarise(text) == ("", "")


@given(st.text())
def test_any_text_gives_a_bounded_summary_on_one_line_each(text: str) -> None:
    description, summary = summarise(text)
    assert len(summary) <= LONGEST_SUMMARY
    assert "\n" not in description
    assert "\r" not in summary


@pytest.mark.parametrize(
    "unit", ["[", "![", "[a](", "`", "*", "_a", "<!--", "<a", "```\n", ".. a\n  b\n", "[[]", "**a* "]
)
def test_repeated_markup_is_bounded_too(unit: str) -> None:
    assert len(summarise(unit * 100_000).summary) <= LONGEST_SUMMARY
    assert len(summarise(unit * 100_000, "README.rst").summary) <= LONGEST_SUMMARY


@pytest.mark.parametrize(
    ("paths", "chosen"),
    [
        (["README.rst", "README.md", "docs/README.md"], "README.md"),
        (["docs/readme.md", ".github/README.md"], ".github/README.md"),
        (["src/README.md", "README", "READMES.md"], "README"),
        ([], ""),
    ],
)
def test_which_readme_is_shown(paths: list[str], chosen: str) -> None:
    assert find_readme(paths) == chosen

"""Text as an attacker would write it, and what a terminal or a CI runner would obey in it."""

import re
import unicodedata

from hypothesis import strategies as st

_PIECES = [
    "\x1b[31m",
    "\x1b]0;x\x07",
    "\x9b2J",
    "\r",
    "\n",
    "\r\n",
    "\x85",
    "\u2028",
    "\x0b",
    "\x0c",
    "\x08",
    "\x7f",
    "\u202e",
    "\u2066",
    "\u200f",
    "::add-mask::x",
    "::stop-commands::x",
    "::error::x",
    " ::debug::",
    "\u00a0::group::",
    "##[add-mask]x",
    "##[error]",
    "##vso[task.setvariable variable=x]y",
    "##teamcity[x]",
    "#",
    ":",
    "[",
]

HOSTILE_LABELS = (
    'say "hi"',
    "`code` **bold** _it_",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a]b[c{d}e(f)g",
    "end",
    "click n0 callback",
    "%%{init: {'securityLevel': 'loose'}}%%",
    "%% comment",
    "a --> b",
    "a;b",
    "graph TD; x-->y",
    "#35;",
    "&amp;&lt;&#60;",
    "1. first",
    "- item",
    "* item",
    "# heading",
    "line\nbreak\r\nand\ttab",
    "\x00\x01\x1b[31m",
    "\u202eevil\u202c",
    "\u200bzero",
    "$$x^2$$",
    "javascript:alert(1)",
    "fa:fa-car",
    "a|b|c",
    "~!@$^*+=?\\",
    "'single'",
    ":::class",
    "subgraph x",
    "\U0001f600 \u00e9\u00fc \u6f22\u5b57 \u0627\u0644\u0639",
    "https://evil.example/",
    "style n0 fill:red",
    " ",
    "",
    "x" * 5000,
)
"""What would be markup, a link or an end of the drawing in Mermaid, HTML or Markdown."""


def hostile_text(*, is_whole: bool = False) -> st.SearchStrategy[str]:
    """Return a strategy for text with commands and control characters in it.

    Args:
        is_whole: without lone surrogates, so that it can be written as UTF-8.
    """
    characters = st.characters(codec="utf-8") if is_whole else st.characters(exclude_categories=[])
    return st.lists(st.sampled_from(_PIECES) | st.text(characters, max_size=3), max_size=8).map("".join)


def controls(shown: str) -> list[str]:
    """Return what a terminal would obey or hide: control and direction characters, but line feeds and tabs."""
    return [
        character
        for character in shown
        if (unicodedata.category(character) == "Cc" and character not in "\n\t")
        or unicodedata.bidirectional(character) in {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
        or character in "\u061c\u200e\u200f\u2028\u2029"
    ]


def commands(shown: str) -> list[str]:
    """Return the lines in which a CI runner would find a command, line ends as .NET's `ReadLine` knows them."""
    lines = re.split(r"\r\n|\r|\n", shown)
    return [line for line in lines if line.lstrip().startswith("::") or re.search(r"##\w*\[", line)]

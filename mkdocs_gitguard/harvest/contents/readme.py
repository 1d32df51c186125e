"""What a README says first, as plain text.

Markdown, reStructuredText or plain; never a full parser: a summary that is a little too short is better than one with
markup in it. Repetitions in the expressions are bounded, so that no text takes long.
"""

import html
import re
from collections.abc import Iterable
from itertools import takewhile
from typing import Final, NamedTuple

LONGEST_SUMMARY: Final = 1_000
LONGEST_DESCRIPTION: Final = 200
_FEWEST_WORDS: Final = 3
_NO_MARKS: Final = {1: None, 2: None}
_LONGEST_INPUT: Final = 64 * 1024

_NAME: Final = re.compile(r"(?i)^readme(?:\.(?P<ending>md|markdown|rst|txt|adoc|org))?$")
_FOLDERS: Final = ("", ".github/", "docs/")
_ENDINGS: Final = ("md", "markdown", "rst", "adoc", "txt", "", "org")

_COMMENT: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FRONT_MATTER: Final = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_FENCE: Final = re.compile(r"^(?P<mark>`{3,9}|~{3,9})[^\n]*\n.*?(?:^(?P=mark)[^\n]*$|\Z)", re.DOTALL | re.MULTILINE)
_DIRECTIVE: Final = re.compile(r"^\.\. [^\n]*(?:\n(?:[ \t]+[^\n]*|[ \t]*(?=\n[ \t]+\S)))*", re.MULTILINE)
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>")
_GOAL: Final = r"(?:\([^()]{0,500}(?:\([^()]{0,500}\)[^()]{0,500}){0,4}\)|\[[^\]]{0,500}\])"
"""Where a link or an image leads: an address in round brackets, or the name of a definition in square ones."""
_BADGE: Final = re.compile(rf"\[!\[[^\]]{{0,500}}\]{_GOAL}?\]{_GOAL}?")
_IMAGE: Final = re.compile(rf"!\[[^\]]{{0,500}}\]{_GOAL}?")
_LINK: Final = re.compile(rf"\[(?P<text>[^\[\]]{{0,500}})\]{_GOAL}")
_HTML_LINK: Final = re.compile(r"<a\s[^<>]{0,2000}>(?P<text>[^<>]{0,500})</a>", re.IGNORECASE)
_LINKED: Final = re.compile("\x01[^\x01\x02]*\x02")
"""A link's text, marked until it is known whether its line holds anything else."""
_MARKED: Final = "\x01\\g<text>\x02"
_LABEL: Final = re.compile(r"\w[\w -]{0,40}:")
_POINTER: Final = re.compile(
    r"(?:for\b[^.]{0,80}?,? (?:please|see|visit|go to|read|refer|check)\b|(?:please )?(?:see|visit|go to|refer to)\b)",
    re.IGNORECASE,
)
"""How a sentence begins that sends the reader elsewhere: it says nothing of the repository."""
_SHORTCUT: Final = re.compile(r"(?<![\]\w])\[(?P<text>[^\[\]!^][^\[\]]{0,500})\](?![\[(:])")
_AUTOLINK: Final = re.compile(r"<(?P<url>https?://[^<>\s]+)>")
_DEFINITION: Final = re.compile(r"^ {0,3}\[[^\]]+\]:\s*\S.*$", re.MULTILINE)
_RST_LINK: Final = re.compile(r"`(?P<text>[^`<]{0,500}?)\s{0,9}<[^`>]{0,500}>`__?")
_RST_ROLE: Final = re.compile(r":[\w.+:-]{1,60}:`~?(?P<text>[^`]{0,500})`")
_RST_REFERENCE: Final = re.compile(r"`(?P<text>[^`]{1,500})`__?|\|[^|\n]{1,500}\|(?:__?)?")
_EMPHASIS: Final = re.compile(r"(?<!\w)(\*{1,3}|_{1,3})(?=\S)(?P<text>.{1,300}?)(?<=\S)\1(?!\w)", re.DOTALL)
_CODE: Final = re.compile(r"(`{1,3})(?P<text>.{1,300}?)\1", re.DOTALL)
_UNDERLINE: Final = re.compile(r"^\s*([=\-~^\"'`#*+.:_])\1{2,}\s*$")
_BLOCK_MARK: Final = re.compile(r"^\s{0,3}(?:#{1,6}\s|[-*+]\s|\d+[.)]\s|\||=+\s|:\w[\w-]*:)")
_QUOTE: Final = re.compile(r"^\s{0,3}>\s?(?:\[!\w+\]\s*)?", re.MULTILINE)
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\"'(])")


class ReadmeSummary(NamedTuple):
    """The first sentence and the first paragraphs, plain text on one line each paragraph."""

    description: str
    summary: str


def find_readme(paths: Iterable[str]) -> str:
    """Return the README that a forge would show: root, then `.github/`, then `docs/`; Markdown first; or `""`."""
    candidates = []
    for path in paths:
        folder, _, name = path.rpartition("/")
        prefix = f"{folder}/" if folder else ""
        if prefix in _FOLDERS and (match := _NAME.match(name)):
            candidates.append((_FOLDERS.index(prefix), _ENDINGS.index((match["ending"] or "").lower()), path))
    return min(candidates, default=(0, 0, ""))[2]


def summarise(text: str, path: str = "README.md") -> ReadmeSummary:
    """Return the first prose of a README: headings, badges, images, code, lists, tables and HTML left out."""
    text = text[:_LONGEST_INPUT].removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = _FRONT_MATTER.sub("", text.translate(_NO_MARKS))
    text = _COMMENT.sub("", text)
    text = _FENCE.sub("\n", text)
    if path.lower().endswith(".rst"):
        text = _DIRECTIVE.sub("\n", text)
        text = _RST_ROLE.sub(r"\g<text>", text)
        text = _RST_LINK.sub(_MARKED, text)
        text = _RST_REFERENCE.sub(lambda match: match["text"] or "", text)
    else:
        text = _DEFINITION.sub("", text)
        text = _BADGE.sub("", text)
        text = _IMAGE.sub("", text)
        text = _LINK.sub(_MARKED, text)
        text = _SHORTCUT.sub(_MARKED, text)
    paragraphs: list[str] = []
    length = 0
    for block in re.split(r"\n[ \t]*\n", text):
        paragraph = _paragraph(block)
        if paragraph:
            paragraphs.append(paragraph)
            length += len(paragraph)
            if length >= LONGEST_SUMMARY:
                break
    if not paragraphs:
        return ReadmeSummary("", "")
    return ReadmeSummary(
        _cut(_first_sentence(paragraphs), LONGEST_DESCRIPTION),
        _cut("\n".join(paragraphs), LONGEST_SUMMARY),
    )


def _first_sentence(paragraphs: list[str]) -> str:
    """Return the first sentence that says something, else the first paragraph."""
    sentences = [sentence for paragraph in paragraphs for sentence in _SENTENCE_END.split(paragraph)]
    long = [sentence for sentence in sentences if len(sentence.split()) > _FEWEST_WORDS]
    return next((sentence for sentence in long if not _POINTER.match(sentence)), (*long, paragraphs[0])[0])


def _paragraph(block: str) -> str:
    """Return a block as one line of prose, or `""` if it is none."""
    lines = _QUOTE.sub("", block).split("\n")
    if any(map(_UNDERLINE.match, lines)) or not lines[0].strip():
        lines = _after_heading(lines)
    if not lines or _BLOCK_MARK.match(lines[0]) or lines[0].startswith(("    ", "\t")):
        return ""
    prose = " ".join(" ".join(takewhile(lambda line: not _BLOCK_MARK.match(line), lines)).split())
    prose = _HTML_LINK.sub(_MARKED, _AUTOLINK.sub("\x01\\g<url>\x02", prose))
    if _LINKED.search(prose) and not any(map(str.isalpha, _LABEL.sub("", _TAG.sub("", _LINKED.sub("", prose))))):
        return ""
    prose = prose.translate(_NO_MARKS)
    prose = _TAG.sub("", prose)
    prose = _CODE.sub(r"\g<text>", prose)
    for _ in range(2):
        prose = _EMPHASIS.sub(r"\g<text>", prose)
    prose = " ".join(html.unescape(prose).split())
    # A line of links or a lone name is not a sentence.
    return prose if len(prose.split()) >= _FEWEST_WORDS and any(map(str.isalpha, prose)) else ""


def _after_heading(lines: list[str]) -> list[str]:
    """Return the lines below the last underline of a block, which are what follows an underlined heading."""
    last = max((index for index, line in enumerate(lines) if _UNDERLINE.match(line)), default=-1)
    rest = lines[last + 1 :]
    while rest and not rest[0].strip():
        rest = rest[1:]
    return rest


def _cut(text: str, longest: int) -> str:
    """Return `text`, cut at a word's end with an ellipsis if it is longer than `longest` characters."""
    if len(text) <= longest:
        return text
    return text[: longest - 1].rsplit(None, 1)[0].rstrip(",;:") + "…"

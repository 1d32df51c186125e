"""What a README says first, as plain text.

Markdown, reStructuredText or plain; never a full parser: a summary that is a little too short is better than one with
markup in it. Repetitions in the expressions are bounded, so that no text takes long.
"""

import html
import re
from collections.abc import Iterable, Iterator
from itertools import dropwhile, takewhile
from typing import Final, NamedTuple

from mkdocs_gitguard.late_pattern import late_pattern

LONGEST_SUMMARY: Final = 1_000
LONGEST_DESCRIPTION: Final = 200
_FEWEST_WORDS: Final = 3
_NO_MARKS: Final = {1: None, 2: None}
_LONGEST_INPUT: Final = 64 * 1024

_NAME: Final = late_pattern(r"(?i)^readme(?:\.(?P<ending>md|markdown|rst|txt|adoc|org))?$")
_FOLDERS: Final = ("", ".github/", "docs/")
_ENDINGS: Final = ("md", "markdown", "rst", "adoc", "txt", "", "org")

_COMMENT: Final = late_pattern(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FRONT_MATTER: Final = late_pattern(r"\A---\n.*?\n---\n", re.DOTALL)
_FENCE: Final = late_pattern(r"^(?P<mark>`{3,9}|~{3,9})[^\n]*\n.*?(?:^(?P=mark)[^\n]*$|\Z)", re.DOTALL | re.MULTILINE)
_DIRECTIVE: Final = late_pattern(r"^\.\. [^\n]*(?:\n(?:[ \t]+[^\n]*|[ \t]*(?=\n[ \t]+\S)))*", re.MULTILINE)
_TAG: Final = late_pattern(r"</?[a-zA-Z][^<>]{0,2000}>")
_GOAL: Final = r"(?:\([^()]{0,500}(?:\([^()]{0,500}\)[^()]{0,500}){0,4}\)|\[[^\]]{0,500}\])"
"""Where a link or an image leads: an address in round brackets, or the name of a definition in square ones."""
_BADGE: Final = late_pattern(rf"\[!\[[^\]]{{0,500}}\]{_GOAL}?\]{_GOAL}?")
_IMAGE: Final = late_pattern(rf"!\[[^\]]{{0,500}}\]{_GOAL}?")
_LINK: Final = late_pattern(rf"\[(?P<text>[^\[\]]{{0,500}})\]{_GOAL}")
_HTML_LINK: Final = late_pattern(r"<a\s[^<>]{0,2000}>(?P<text>[^<>]{0,500})</a>", re.IGNORECASE)
_LINKED: Final = late_pattern("\x01[^\x01\x02]*\x02")
"""A link's text, marked until it is known whether its line holds anything else."""
_MARKED: Final = "\x01\\g<text>\x02"
_LABEL: Final = late_pattern(r"\w[\w -]{0,40}:")
_NO_DESCRIPTION: Final = late_pattern(
    r"""(?ix)
    (?:for|if|when|while|after|before|once|since|as|in\ order|to|from|by|with|because|although|compared|looking|want)\b
    |(?:please|see|visit|go|refer|read|check|click|run|use|install|download|note|notice|warning|important|follow|join
      |need|try|make|clone|get|start|looking|welcome|thanks?|hello|hi|copyright|licen[sc]ed|status|version|sponsored
      |below|here|there|these|those|we|you|i|our|your|he|they|but|and|or|so|also|however|currently|now|new)\b
    |th(?:is|e)\ (?:readme|file|document|page|section|guide|naming|following|latest|current|documentation|docs)\b
    """
)
"""How a sentence begins that sends the reader elsewhere, or goes on from one before it."""
_TELLS_ELSEWHERE: Final = late_pattern(
    r"(?i)\b(?:(?:as|is|are) (?:described|documented|explained|published) (?:here|below|in)|click here"
    r"|see (?:here|below|the)|(?:has|have) (?:been )?moved|deprecated|no longer (?:maintained|supported)|unmaintained"
    r"|work in progress)\b"
)
_TELLING_SECTION: Final = late_pattern(
    r"(?i)(?:about(?: .{1,40})?|purpose|overview|introduction|description|summary|abstract|synopsis"
    r"|what(?: is|['\u2019]s) .{1,40})[?:]?"
)
"""The heading of a section that says what the repository is."""
_OTHER_SECTION: Final = late_pattern(
    r"(?i)(?:install|usage|us(?:e|ing)\b|getting started|quick|contribut|licen[sc]e|require|prerequi|features?\b|build"
    r"|announce|chang|documentation|docs\b|table of|contents|develop|support|status|how\b|why\b|news|release"
    r"|examples?\b|test)"
)
_TAGLINE: Final = late_pattern(r".{1,60}?(?::| [-\u2013\u2014|]) (?P<text>\S.*)")
"""A title that goes on to say what it is the title of: `regexp2 - full featured regular expressions for Go`."""
_MOST_PARAGRAPHS: Final = 2
"""Of a section that are looked at: what stands further down is about something else."""
_FEWEST_IN_SENTENCE: Final = 3
_SHORTCUT: Final = late_pattern(r"(?<![\]\w])\[(?P<text>[^\[\]!^][^\[\]]{0,500})\](?![\[(:])")
_AUTOLINK: Final = late_pattern(r"<(?P<url>https?://[^<>\s]+)>")
_DEFINITION: Final = late_pattern(r"^ {0,3}\[[^\]]+\]:\s*\S.*$", re.MULTILINE)
_RST_LINK: Final = late_pattern(r"`(?P<text>[^`<]{0,500}?)\s{0,9}<[^`>]{0,500}>`__?")
_RST_ROLE: Final = late_pattern(r":[\w.+:-]{1,60}:`~?(?P<text>[^`]{0,500})`")
_RST_REFERENCE: Final = late_pattern(r"`(?P<text>[^`]{1,500})`__?|\|[^|\n]{1,500}\|(?:__?)?")
_EMPHASIS: Final = late_pattern(r"(?<!\w)(\*{1,3}|_{1,3})(?=\S)(?P<text>.{1,300}?)(?<=\S)\1(?!\w)", re.DOTALL)
_CODE: Final = late_pattern(r"(`{1,3})(?P<text>.{1,300}?)\1", re.DOTALL)
_UNDERLINE: Final = late_pattern(r"^\s*([=\-~^\"'`#*+.:_])\1{2,}\s*$")
_HEADING: Final = late_pattern(r"^ {0,3}(?P<level>#{1,6})[ \t]+(?P<text>[^\n]*?)[ \t#]*$")
_HTML_HEADING: Final = late_pattern(
    r"^\s*(?:<[^<>]{0,200}>\s*){0,4}<h(?P<level>[1-6])[^<>]{0,200}>(?P<text>.*)$", re.IGNORECASE
)
_FOOTNOTE: Final = late_pattern(r"\[\^[^\]\n]{1,40}\]")
_EMOJI: Final = late_pattern(r"\s*(?::[a-z0-9_+-]{2,40}:|[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff]+)\s*")
_BLOCK_MARK: Final = late_pattern(r"^\s{0,3}(?:#{1,6}\s|[-*+]\s|\d+[.)]\s|\||=+\s|:\w[\w-]*:)")
_QUOTE: Final = late_pattern(r"^\s{0,3}>\s?(?:\[!\w+\]\s*)?", re.MULTILINE)
_SENTENCE_END: Final = late_pattern(r"(?<=[.!?])\s+(?=[A-Z0-9\"'(])")


class ReadmeSummary(NamedTuple):
    """The first sentence and the first paragraphs, plain text on one line each paragraph."""

    description: str
    summary: str


def find_readme(paths: Iterable[str]) -> str:
    """Return the README that a forge would show: root, then `.github/`, then `docs/`; Markdown first; or `""`."""
    candidates = []
    # A tree has ten thousands of paths, hardly any of which stand so near its root.
    for path in (path for path in paths if "/" not in path or path.startswith(_FOLDERS[1:])):
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
    describing: list[str] = []
    # How many paragraphs since the last heading, how many headings, and whether here stands what the repository is:
    # before any heading, and below the title.
    number = headings = titles = 0
    is_telling = True
    for level, lines in _parts(text):
        if level:
            heading = _plain(" ".join(lines))
            is_title = not titles and (level == 1 or not headings) and not _OTHER_SECTION.match(heading)
            if is_title and (match := _TAGLINE.fullmatch(heading)):
                describing.append(match["text"][0].upper() + match["text"][1:])
            is_sentence = len(heading.split()) > _FEWEST_IN_SENTENCE + 1 or heading.endswith(".")
            if titles and is_telling and not number and is_sentence and not _OTHER_SECTION.match(heading):
                describing.append(heading)
            is_telling = is_title or bool(_TELLING_SECTION.fullmatch(heading))
            headings += 1
            titles += is_title
            number = 0
        elif paragraph := _paragraph(lines):
            paragraphs.append(paragraph)
            number += 1
            if is_telling and number <= _MOST_PARAGRAPHS:
                describing.append(paragraph)
    return ReadmeSummary(
        _cut(_describing_sentence(describing), LONGEST_DESCRIPTION),
        _cut("\n".join(paragraphs), LONGEST_SUMMARY),
    )


def _describing_sentence(paragraphs: list[str]) -> str:
    """Return the first sentence that says what the repository is, or `""`: none is better than a wrong one."""
    for paragraph in paragraphs:
        for sentence in _SENTENCE_END.split(paragraph):
            plain = _FOOTNOTE.sub("", _EMOJI.sub(" ", sentence)).strip()
            is_cut_off = plain.endswith((":", ",", ";", "?"))
            if plain.endswith(":"):
                # `extensions used in machine learning libraries, including:`
                plain, comma, _ = plain.rpartition(",")
                is_cut_off = not comma
            is_whole = len(plain.split()) >= _FEWEST_IN_SENTENCE and not is_cut_off
            if is_whole and not _NO_DESCRIPTION.match(plain) and not _TELLS_ELSEWHERE.search(plain):
                return plain
    return ""


def _parts(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the headings and the blocks of a README in order: the heading's level, 0 for others, and the lines."""
    for block in re.split(r"\n[ \t]*\n", text):
        lines: list[str] = []
        for line in _QUOTE.sub("", block).split("\n"):
            heading = _HEADING.match(line) or _HTML_HEADING.match(line)
            if heading:
                yield 0, lines
                yield int(heading["level"]) if heading["level"].isdigit() else len(heading["level"]), [heading["text"]]
                lines = []
            elif _UNDERLINE.match(line):
                # What stands above is the heading; nothing does above its first line in reStructuredText.
                if lines:
                    yield 1 if "=" in line else 2, lines
                lines = []
            else:
                lines.append(line)
        yield 0, lines


def _paragraph(lines: list[str]) -> str:
    """Return a block as one line of prose, or `""` if it is none."""
    lines = list(dropwhile(lambda line: not line.strip(), lines))
    if not lines or _BLOCK_MARK.match(lines[0]) or lines[0].startswith(("    ", "\t")):
        return ""
    prose = " ".join(" ".join(takewhile(lambda line: not _BLOCK_MARK.match(line), lines)).split())
    prose = _HTML_LINK.sub(_MARKED, _AUTOLINK.sub("\x01\\g<url>\x02", prose))
    if _LINKED.search(prose) and not any(map(str.isalpha, _LABEL.sub("", _TAG.sub("", _LINKED.sub("", prose))))):
        return ""
    prose = _plain(prose)
    # A line of links or a lone name is not a sentence.
    return prose if len(prose.split()) >= _FEWEST_WORDS and any(map(str.isalpha, prose)) else ""


def _plain(prose: str) -> str:
    """Return a line without markup."""
    prose = _TAG.sub("", prose.translate(_NO_MARKS))
    prose = _CODE.sub(r"\g<text>", prose)
    for _ in range(2):
        prose = _EMPHASIS.sub(r"\g<text>", prose)
    return " ".join(html.unescape(prose).split())


def _cut(text: str, longest: int) -> str:
    """Return `text`, cut at a word's end with an ellipsis if it is longer than `longest` characters."""
    if len(text) <= longest:
        return text
    return text[: longest - 1].rsplit(None, 1)[0].rstrip(",;:") + "…"

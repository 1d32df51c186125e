"""Lines of a CODEOWNERS file, read as GitLab 17.10 reads them: ee/lib/gitlab/code_owners/{file,section_parser}.rb.

A line whose beginning has the form of a heading is one, also `[a-c]*.rb @ann`. What a heading says behind the first
character that it cannot read is lost.
"""

import re
from typing import Final, NamedTuple

from mkdocs_gitguard.codeowners.gitlab_owners import owners_in
from mkdocs_gitguard.codeowners.lines import Parsed, ParsedRule, Replaced, Word, readable_lines
from mkdocs_gitguard.codeowners.pattern import RUBY_SPACE, PathPattern, PatternError, compile_gitlab, normalise_gitlab
from mkdocs_gitguard.codeowners.records import InvalidLine, OwnerRule, Section

_HEADING: Final = re.compile(
    r"(?P<optional>\^)?\[(?P<name>[^\]]*)\](?:\[(?P<approvals>\d*)\])?(?P<owners>\s+[@\w.\-/\s+]*)?", re.ASCII
)
_BROKEN_HEADING: Final = re.compile(r"\^?\[[^\]]+$")
_GAP: Final = re.compile(r"(?<!\\)\s+", re.ASCII)
_WORD: Final = re.compile(r"\S+", re.ASCII)
_DEFAULT_KEY: Final = "codeowners"
"""What GitLab calls the section of the entries above the first heading; a later heading of that name means it."""
_MOST_APPROVALS: Final = 100_000


class _Heading(NamedTuple):
    """What the heading above an entry says for it."""

    name: str = ""
    is_optional: bool = False
    owners: tuple[str, ...] = ()


class _Sections:
    """The sections of a file, by the case of their first heading."""

    def __init__(self) -> None:
        self._by_key = {_DEFAULT_KEY: ""}
        self._sections: dict[str, Section] = {}
        self._flags: dict[str, dict[str, bool]] = {}

    def open(self, heading: re.Match[str], line: int, owners: tuple[str, ...]) -> _Heading:
        """Note a heading; GitLab does not look for an earlier one before there is any."""
        written = heading["name"]
        is_first = set(self._sections) <= {""}
        name = "" if written == _DEFAULT_KEY else written
        if not is_first:
            name = self._by_key.get(written.casefold(), name)
        self._by_key.setdefault(written.casefold(), name)
        is_optional = bool(heading["optional"])
        earlier = self._sections.get(name)
        self._sections[name] = Section(
            name=earlier.name if earlier else written,
            line=earlier.line if earlier else line,
            is_optional=is_optional and (earlier is None or earlier.is_optional),
            approvals=_approvals(heading["approvals"]),
            default_owners=owners,
        )
        return _Heading(name, is_optional, owners)

    def note_entry(self, heading: _Heading, pattern: str) -> None:
        """Note whose heading an entry stands below: a section is optional if all its entries are."""
        self._flags.setdefault(heading.name, {})[pattern] = heading.is_optional

    def all(self) -> list[Section]:
        """Return the sections, in order of their first headings."""
        return [
            Section(
                name=section.name,
                line=section.line,
                is_optional=all(self._flags[name].values()) if self._flags.get(name) else section.is_optional,
                approvals=section.approvals,
                default_owners=section.default_owners,
            )
            for name, section in self._sections.items()
        ]


def parse_gitlab(text: str) -> Parsed:
    """Read the file as GitLab does: sections with defaults, owners wherever a line names them.

    An entry whose pattern has the same text as an earlier one's in its section takes that one's place.
    """
    parsed = Parsed([], [], [], [])
    if "\0" in text[:8000]:
        message = "The file holds NUL bytes: GitLab takes it for binary and reads nothing of it."
        parsed.invalid.append(InvalidLine(line=0, column=1, kind="unreadable", message=message))
        return parsed
    sections = _Sections()
    heading = _Heading()
    places: dict[tuple[str, str], int] = {}
    for number, line in readable_lines(text, parsed.invalid):
        content = line.strip(RUBY_SPACE)
        if not content or content.isspace():
            continue
        indent = len(line) - len(line.lstrip(RUBY_SPACE))
        if opening := _HEADING.match(content):
            heading = sections.open(opening, number, owners_in(opening["owners"] or ""))
            parsed.invalid.extend(_heading_faults(opening, Word(content, indent + 1), number))
            continue
        if _BROKEN_HEADING.match(content):
            message = "The section heading has no closing `]`: GitLab reads the line as a path and its owners."
            column = indent + content.index("[") + 1
            parsed.invalid.append(
                InvalidLine(line=number, column=column, kind="invalid-section", message=message, is_skipped=False)
            )
        entry = _entry(number, Word(content, indent + 1), heading, parsed.invalid)
        if entry is None:
            continue
        rule, compiled = entry
        key = normalise_gitlab(rule.pattern)
        sections.note_entry(heading, key)
        place = places.setdefault((heading.name, key), len(parsed.rules))
        parsed.replaced.extend(Replaced(earlier.rule, number) for earlier in parsed.rules[place : place + 1])
        parsed.rules[place : place + 1] = [ParsedRule(rule, compiled)]
    parsed.sections.extend(sections.all())
    return parsed


def _heading_faults(heading: re.Match[str], content: Word, number: int) -> list[InvalidLine]:
    """Return what is wrong with a heading, which is one nevertheless."""

    def fault(message: str, offset: int = 0) -> InvalidLine:
        column = content.column + offset
        return InvalidLine(line=number, column=column, kind="invalid-section", message=message, is_skipped=False)

    faults = []
    if not heading["name"].strip():
        faults.append(fault("The section heading has no name."))
    rest = content.text[heading.end() :]
    if rest:
        message = f"GitLab reads the section heading up to `{rest[0]}`: what stands from there on is lost."
        faults.append(fault(message, heading.end()))
    elif heading["owners"] and not owners_in(heading["owners"]):
        message = "None of the section's default owners is `@user`, `@group`, `@@role` or an e-mail address."
        faults.append(fault(message, heading.end("owners") - len(heading["owners"].lstrip())))
    approvals = (heading["approvals"] or "").lstrip("0")
    if heading["optional"] and approvals:
        faults.append(fault("An optional section asks for approvals: GitLab leaves the number out."))
    if len(approvals) >= len(str(_MOST_APPROVALS)):
        faults.append(fault(f"The section asks for more than {_MOST_APPROVALS:,} approvals."))
    return faults


def _approvals(digits: str | None) -> int:
    digits = (digits or "").lstrip("0")
    return max(1, int(digits)) if 0 < len(digits) < len(str(_MOST_APPROVALS)) else _MOST_APPROVALS if digits else 1


def _entry(
    number: int, content: Word, heading: _Heading, invalid: list[InvalidLine]
) -> tuple[OwnerRule, PathPattern] | None:
    gap = _GAP.search(content.text)
    written = content.text[: gap.start()] if gap else content.text
    is_exclusion = written.startswith("!")
    pattern = written[1:] if is_exclusion else written
    try:
        compiled = compile_gitlab(pattern)
    except PatternError as error:
        message = f"Invalid pattern: {error}."
        invalid.append(InvalidLine(line=number, column=content.column, kind="invalid-pattern", message=message))
        return None
    owners: tuple[str, ...] = ()
    if not is_exclusion:
        named: dict[str, None] = {}
        words = list(_WORD.finditer(content.text, gap.end())) if gap else []
        for word in words:
            owners_of_word = owners_in(word[0])
            named.update(dict.fromkeys(owners_of_word))
            if not owners_of_word:
                message = f"Malformed owner {word[0]}: GitLab leaves it out."
                column = content.column + word.start()
                invalid.append(
                    InvalidLine(line=number, column=column, kind="invalid-owner", message=message, is_skipped=False)
                )
        owners = tuple(named) if words else heading.owners
        if not owners:
            message = "The entry has no owner: GitLab takes it as approved."
            invalid.append(InvalidLine(line=number, column=1, kind="missing-owner", message=message, is_skipped=False))
    rule = OwnerRule(pattern=pattern, owners=owners, line=number, section=heading.name, is_exclusion=is_exclusion)
    return rule, compiled

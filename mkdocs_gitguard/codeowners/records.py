"""What a CODEOWNERS file says, line by line."""

from collections.abc import Sequence
from typing import Literal

from mkdocs_gitguard.model import Record

Dialect = Literal["github", "gitlab", "bitbucket", "gitea", "forgejo"]
"""Whose rules of reading apply."""


class OwnerRule(Record, frozen=True, kw_only=True):
    """One line that gives paths to owners, or takes owners away from them."""

    pattern: str
    """As written, escapes included; without the leading `!` of GitLab, Gitea and Forgejo."""
    owners: tuple[str, ...] = ()
    """As written: `@user`, `@org/team`, `@@role`, `name@host`. Empty: whoever it wins for has no owner."""
    line: int
    """From 1."""
    section: str = ""
    """GitLab's section, in the case of its first heading; `""` for none."""
    is_exclusion: bool = False
    """GitLab: exempts its paths from the section."""
    is_negated: bool = False
    """Gitea, Forgejo: holds for every path that the pattern does not match."""
    comment: str = ""
    """What stands behind an inline `#`."""


class Section(Record, frozen=True, kw_only=True):
    """A section of GitLab's: the sum of all headings of that name."""

    name: str
    line: int
    """Of the first heading."""
    is_optional: bool = False
    """True only if every heading of the name is (`^[Name]`)."""
    approvals: int = 1
    """How many approvals the last heading asks for."""
    default_owners: tuple[str, ...] = ()
    """Of the last heading: each heading's defaults hold for the lines under it."""


class InvalidLine(Record, frozen=True, kw_only=True):
    """A line, or a part of one, that the forge does not take."""

    line: int
    """From 1; 0 for the file as a whole."""
    column: int
    """From 1, in characters."""
    kind: Literal["invalid-pattern", "invalid-owner", "missing-owner", "invalid-section", "unreadable", "unsupported"]
    message: str
    is_skipped: bool = True
    """True if the whole line counts for nothing, False if only the part at fault does."""


class Match(Record, frozen=True, kw_only=True):
    """Who owns a path, and which line says so."""

    owners: tuple[str, ...] = ()
    """Every owner, in order of the lines, each once."""
    rule: OwnerRule | None = None
    """The line that won; with several (`entries`) the last of them; None where no line matches."""
    line: int = 0
    """The rule's line; 0 for none."""
    section: str = ""
    entries: tuple[OwnerRule, ...] = ()
    """GitHub, Bitbucket: the winner. GitLab: one winner of each section. Gitea, Forgejo: every line that matches."""

    @classmethod
    def of(cls, entries: Sequence[OwnerRule]) -> "Match":
        """Return the match that the winning lines make."""
        if not entries:
            return NO_MATCH
        last = max(entries, key=lambda entry: entry.line)
        owners = tuple(dict.fromkeys(owner for entry in entries for owner in entry.owners))
        return cls(owners=owners, rule=last, line=last.line, section=last.section, entries=tuple(entries))


NO_MATCH = Match()

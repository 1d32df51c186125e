"""A parsed CODEOWNERS file that can be asked who owns a path."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from mkdocs_gitguard.codeowners.bitbucket_lines import parse_bitbucket
from mkdocs_gitguard.codeowners.expression_index import ExpressionIndex
from mkdocs_gitguard.codeowners.files import ChosenFile, CodeownersFile, choose
from mkdocs_gitguard.codeowners.gitea_lines import parse_forgejo, parse_gitea
from mkdocs_gitguard.codeowners.github_lines import parse_github
from mkdocs_gitguard.codeowners.gitlab_lines import parse_gitlab
from mkdocs_gitguard.codeowners.lines import Parsed, Replaced
from mkdocs_gitguard.codeowners.pattern import PathPattern
from mkdocs_gitguard.codeowners.pattern_index import PatternIndex
from mkdocs_gitguard.codeowners.records import Dialect, InvalidLine, Match, OwnerRule, Section
from mkdocs_gitguard.codeowners.regexp import Regexp
from mkdocs_gitguard.model import Record
from mkdocs_gitguard.model.printable import original

_PARSERS: Final = {
    "github": parse_github,
    "gitlab": parse_gitlab,
    "bitbucket": parse_bitbucket,
    "gitea": parse_gitea,
    "forgejo": parse_forgejo,
}
_LAST_WINS: Final = frozenset(["github", "bitbucket"])
"""Dialects in which of all lines that match the last one counts alone."""
_BY_EXPRESSION: Final = frozenset(["gitea", "forgejo"])
"""Dialects in which regular expressions tell paths, and every line that matches counts."""


class Candidate(Record, frozen=True, kw_only=True):
    """A line that matches a path, and whether it counts."""

    rule: OwnerRule
    is_winner: bool
    reason: str
    """Why it counts or does not, one clause."""


class Ruleset:
    """The rules of one file, in the order of precedence: a later one wins."""

    def __init__(self, dialect: Dialect, parsed: Parsed) -> None:
        """Index the parsed lines."""
        self.dialect = dialect
        self.rules: tuple[OwnerRule, ...] = tuple(entry.rule for entry in parsed.rules)
        self.sections: tuple[Section, ...] = tuple(parsed.sections)
        self.replaced: tuple[Replaced, ...] = tuple(parsed.replaced)
        self.invalid: tuple[InvalidLine, ...] = tuple(sorted(parsed.invalid, key=lambda line: (line.line, line.column)))
        self.twins: dict[int, tuple[int, ...]] = {}
        """By the number of the last rule of several with one meaning, the numbers of the earlier: they never count."""
        self._patterns = list(self._distinct(parsed))
        self._expressions = ExpressionIndex(
            (number, entry.pattern, entry.rule.is_negated)
            for number, entry in enumerate(parsed.rules)
            if isinstance(entry.pattern, Regexp)
        )

    def match(self, path: str) -> Match:
        """Return who owns `path`, `/` between its parts, relative to the repository's root."""
        if self.dialect in _BY_EXPRESSION:
            return self._match_of(self._expressions.find(path))
        return self._winners.find(path)

    def match_many(self, paths: Iterable[str]) -> list[Match]:
        """Return the match of each path, in order; fastest where paths of one folder stand together.

        Paths with the same winner share one `Match`, so that the answer for many paths is small.
        """
        return list(map(self.match, paths) if self.dialect in _BY_EXPRESSION else self._winners.walk(paths))

    def matching(self, path: str) -> tuple[int, ...]:
        """Return the numbers (places in `rules`) of every rule whose pattern matches, ascending, twins left out."""
        if self.dialect in _BY_EXPRESSION:
            return self._expressions.find(path)
        return self._all.find(path)

    def matching_many(self, paths: Iterable[str]) -> list[tuple[int, ...]]:
        """Return what `matching` says of each path, in order."""
        return list(map(self.matching, paths) if self.dialect in _BY_EXPRESSION else self._all.walk(paths))

    def explain(self, path: str) -> tuple[Candidate, ...]:
        """Return every line that matches `path`, in order of the file, each with why it won or lost."""
        winners = {entry.line for entry in self.match(path).entries}
        numbers = self.matching(path)
        twins = (twin for number in numbers for twin in self.twins.get(number, ()))
        candidates = [self.rules[number] for number in sorted({*numbers, *twins})]
        return tuple(
            Candidate(rule=rule, is_winner=rule.line in winners, reason=self._reason(rule, candidates, winners))
            for rule in sorted(candidates, key=lambda rule: rule.line)
        )

    def _reason(self, rule: OwnerRule, candidates: list[OwnerRule], winners: set[int]) -> str:
        if rule.line in winners:
            if self.dialect in _BY_EXPRESSION:
                return "every matching line counts"
            return f"last match in section [{rule.section}]" if rule.section else "last match"
        rivals = [rival for rival in candidates if rival.section == rule.section]
        excluding = next((rival for rival in rivals if rival.is_exclusion), None)
        if excluding is rule:
            return "exempts the path from its section"
        if excluding is not None:
            return f"the section is exempt by line {excluding.line}"
        return f"line {rivals[-1].line} comes later"

    @cached_property
    def _winners(self) -> PatternIndex[Match]:
        return PatternIndex(self._patterns, self._match_of, last_only=self.dialect in _LAST_WINS)

    @cached_property
    def _all(self) -> PatternIndex[tuple[int, ...]]:
        return PatternIndex(self._patterns, lambda numbers: numbers, last_only=False)

    def _distinct(self, parsed: Parsed) -> Iterator[tuple[int, PathPattern]]:
        """Yield each pattern once, with the number of the rule that it last stands in: earlier ones cannot win."""
        places: defaultdict[tuple[str, bool, PathPattern], list[int]] = defaultdict(list)
        for number, entry in enumerate(parsed.rules):
            if isinstance(entry.pattern, PathPattern):
                places[entry.rule.section, entry.rule.is_exclusion, entry.pattern].append(number)
        for (_, _, pattern), numbers in places.items():
            *earlier, last = numbers
            if earlier:
                self.twins[last] = tuple(earlier)
            yield last, pattern

    def winning(self, numbers: Sequence[int]) -> tuple[int, ...]:
        """Return which of the rules that match one path (as `matching` gives them) count, by line."""
        if self.dialect in _LAST_WINS:
            return tuple(numbers[-1:])
        if self.dialect in _BY_EXPRESSION:
            return tuple(numbers)
        winners: dict[str, int] = {}
        exempt: set[str] = set()
        for number in numbers:
            rule = self.rules[number]
            winners[rule.section] = number
            if rule.is_exclusion:
                exempt.add(rule.section)
        counting = (number for section, number in winners.items() if section not in exempt)
        return tuple(sorted(counting, key=lambda number: self.rules[number].line))

    def _match_of(self, numbers: tuple[int, ...]) -> Match:
        return Match.of([self.rules[number] for number in self.winning(numbers)])


def parse(text: str, dialect: Dialect = "github") -> Ruleset:
    """Parse the text of a CODEOWNERS file as `dialect` reads it.

    Lines that the forge does not take are in `Ruleset.invalid`; there is no text that raises. Undecodable bytes may
    stand in the text as surrogates (`surrogateescape`); their lines are invalid.
    """
    return Ruleset(dialect, _PARSERS[dialect](text))


class CodeOwners(NamedTuple):
    """The CODEOWNERS file of one repository, read once for all that ask."""

    dialect: Dialect
    chosen: ChosenFile
    ruleset: Ruleset

    def by_path(self, paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return by path (as `printable` shows it) the owners as the file writes them; ownerless ones are left out."""
        if not self.chosen.path:
            return {}
        matches = ((path, self.ruleset.match(original(path)).owners) for path in sorted(paths))
        return {path: names for path, names in matches if names}


def read_code_owners(
    files: Iterable[CodeownersFile], dialect: Dialect, *, repository: str, folders: Sequence[str] = ()
) -> CodeOwners:
    """Return the code owners of a repository: see `choose` and `parse`."""
    chosen = choose(files, dialect, repository=repository, folders=folders)
    return CodeOwners(dialect, chosen, parse(chosen.text, dialect))

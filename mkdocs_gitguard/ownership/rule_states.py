"""What each line of a CODEOWNERS file is good for, given the files that are there."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from mkdocs_gitguard.codeowners import Match, OwnerRule, Ruleset
from mkdocs_gitguard.model import OwnershipRule, RuleState

_MOST_RIVALS: Final = 10
_MOST_EXAMPLES: Final = 50
_NOTHING: Final = Match()


class RuleStates(NamedTuple):
    """The ruleset's say over all files."""

    rules: tuple[OwnershipRule, ...]
    """By line."""
    matches: dict[str, Match]
    """By path."""


def rule_states_of(
    ruleset: Ruleset,
    files: Sequence[str],
    resolve: Callable[[str], str],
    *,
    spelling: Callable[[str], str] = str,
) -> RuleStates:
    """Return what every rule wins, and why some win nothing.

    Args:
        ruleset: the parsed file.
        files: paths of the head commit's tree; fastest in the order of their folders.
        resolve: written owner to owner id.
        spelling: a path of `files` to what patterns are held against.
    """
    sets: Counter[tuple[int, ...]] = Counter()
    first: defaultdict[tuple[int, ...], list[str]] = defaultdict(list)
    numbers_of: dict[str, tuple[int, ...]] = {}
    for path, numbers in zip(files, ruleset.matching_many(map(spelling, files)), strict=True):
        sets[numbers] += 1
        if sets[numbers] <= _MOST_EXAMPLES:
            first[numbers].append(path)
        numbers_of[path] = numbers
    matched: Counter[int] = Counter()
    won: Counter[int] = Counter()
    examples: defaultdict[int, list[str]] = defaultdict(list)
    rivals: defaultdict[int, Counter[int]] = defaultdict(Counter)
    match_of: dict[tuple[int, ...], Match] = {}
    for numbers, count in sets.items():
        winning = ruleset.winning(numbers)
        match_of[numbers] = Match.of([ruleset.rules[number] for number in winning])
        deciding = _deciding(ruleset, numbers, winning)
        for number in numbers:
            matched[number] += count
            by = deciding[ruleset.rules[number].section]
            if number in winning or number in by:
                won[number] += count
                examples[number] = sorted([*examples[number], *first[numbers]])[:_MOST_EXAMPLES]
            else:
                for rival in by:
                    rivals[number][ruleset.rules[rival].line] += count
    twins = {twin: last for last, earlier in ruleset.twins.items() for twin in earlier}
    rules = [
        _rule(rule, resolve, "duplicate", (ruleset.rules[twins[number]].line,), matched=matched[twins[number]])
        if number in twins
        else _judged(rule, resolve, (won[number], matched[number]), examples[number], rivals[number])
        for number, rule in enumerate(ruleset.rules)
    ]
    rules += [_rule(replaced.rule, resolve, "duplicate", (replaced.by,)) for replaced in ruleset.replaced]
    return RuleStates(
        tuple(sorted(rules, key=lambda rule: rule.line)),
        {path: match_of.get(numbers, _NOTHING) for path, numbers in numbers_of.items()},
    )


def _deciding(ruleset: Ruleset, numbers: Sequence[int], winning: Sequence[int]) -> defaultdict[str, list[int]]:
    """Return by section which rules decide for a path: the winner, or the exclusion that exempts it."""
    deciding: defaultdict[str, list[int]] = defaultdict(list)
    for number in winning:
        deciding[ruleset.rules[number].section].append(number)
    for number in numbers:
        rule = ruleset.rules[number]
        if rule.is_exclusion and not deciding[rule.section]:
            deciding[rule.section].append(number)
    return deciding


def _judged(
    rule: OwnerRule,
    resolve: Callable[[str], str],
    counts: tuple[int, int],
    examples: Sequence[str],
    rivals: Counter[int],
) -> OwnershipRule:
    won, matched = counts
    if won:
        return _rule(rule, resolve, "wins", files=won, examples=tuple(examples), matched=matched)
    by = tuple(line for line, _ in sorted(rivals.items(), key=lambda item: (-item[1], item[0]))[:_MOST_RIVALS])
    return _rule(rule, resolve, "shadowed" if matched else "dead", by, matched=matched)


def _rule(
    rule: OwnerRule,
    resolve: Callable[[str], str],
    state: RuleState,
    by: tuple[int, ...] = (),
    *,
    files: int = 0,
    examples: tuple[str, ...] = (),
    matched: int = 0,
) -> OwnershipRule:
    return OwnershipRule(
        line=rule.line,
        pattern=rule.pattern,
        owners=tuple(dict.fromkeys(map(resolve, rule.owners))),
        section=rule.section,
        files=files,
        examples=examples,
        matched=matched,
        state=state,
        by=by,
        is_exclusion=rule.is_exclusion,
        is_negated=rule.is_negated,
    )


def paths_won(matches: dict[str, Match]) -> Iterator[tuple[str, int]]:
    """Yield each path with the line of every rule that decides for it."""
    for path, match in matches.items():
        for entry in match.entries:
            yield path, entry.line

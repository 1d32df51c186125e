"""A ruleset made again of rules that were read before, for those who have no text of the file."""

from collections.abc import Iterable

from mkdocs_gitguard.codeowners.lines import Parsed, ParsedRule
from mkdocs_gitguard.codeowners.pattern import (
    PathPattern,
    PatternError,
    compile_github,
    compile_gitlab,
    normalise_gitlab,
)
from mkdocs_gitguard.codeowners.records import Dialect, OwnerRule
from mkdocs_gitguard.codeowners.regexp import Language, Regexp, RegexpError
from mkdocs_gitguard.codeowners.ruleset import Ruleset


def ruleset_from(dialect: Dialect, rules: Iterable[OwnerRule]) -> Ruleset:
    """Return the ruleset of a file whose rules are known.

    Args:
        dialect: whose rules of reading apply.
        rules: all that the file's own ruleset has, those that later lines replace too, by line.
    """
    parsed = Parsed([], [], [], [])
    places: dict[tuple[str, str], int] = {}
    for rule in rules:
        compiled = compiled_rule(dialect, rule)
        if compiled is None:
            continue
        place = len(parsed.rules)
        if dialect == "gitlab":
            # As when the file was read: the same text takes the earlier one's place.
            place = places.setdefault((rule.section, normalise_gitlab(rule.pattern)), place)
        parsed.rules[place : place + 1] = [ParsedRule(rule, compiled)]
    return Ruleset(dialect, parsed)


def compiled_rule(dialect: Dialect, rule: OwnerRule) -> PathPattern | Regexp | None:
    """Return the pattern of a rule; None for one that does not compile, which no file's ruleset has."""
    try:
        if dialect in ("github", "bitbucket"):
            return compile_github(rule.pattern)
        if dialect == "gitlab":
            return compile_gitlab(rule.pattern)
        language: Language = "regexp2" if dialect == "gitea" else "re2"
        return Regexp(f"^{expression_of(dialect, rule)}$", language)
    except (PatternError, RegexpError):
        return None


def expression_of(dialect: Dialect, rule: OwnerRule) -> str:
    """Return the regular expression that Gitea and Forgejo make of a rule's pattern, without what they put around."""
    return rule.pattern.removeprefix("/") if dialect == "gitea" else rule.pattern

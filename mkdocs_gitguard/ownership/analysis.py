"""One repository's ownership from its facts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final, NamedTuple

from mkdocs_gitguard.codeowners import Ruleset
from mkdocs_gitguard.codeowners.ruleset import CodeOwners
from mkdocs_gitguard.errors import ParseError
from mkdocs_gitguard.model import (
    Drift,
    Finding,
    OwnerShare,
    Ownership,
    OwnershipFault,
    OwnershipRule,
    OwnershipSection,
    PullRequest,
    Relation,
    Standing,
)
from mkdocs_gitguard.model.printable import original
from mkdocs_gitguard.ownership.areas import AreaTree
from mkdocs_gitguard.ownership.authorship import Authored, drift, truck_factor
from mkdocs_gitguard.ownership.backstage_catalog import CATALOG_NAMES, catalog_owner
from mkdocs_gitguard.ownership.owner_names import OwnerNames
from mkdocs_gitguard.ownership.participation import KnownParticipation, memoised
from mkdocs_gitguard.ownership.problems import findings
from mkdocs_gitguard.ownership.rule_states import RuleStates, paths_won, rule_states_of

_MOST_FAULTS: Final = 1_000
_NO_RULES: Final = RuleStates((), {})


class OwnershipInput(NamedTuple):
    """What is known of a repository."""

    repository: str
    """Node id."""
    files: Sequence[str]
    """Paths of the head commit's tree, by path, as `printable` shows them."""
    code_owners: CodeOwners
    pull_requests: Sequence[PullRequest] = ()
    """Newest first."""
    authored: Sequence[Authored] = ()
    """Who changed which file, bots included; empty where history is not whole."""
    catalog: str = ""
    """Text of the Backstage catalog file."""


class OwnershipResult(NamedTuple):
    """What the code owners of one repository come to: records, relations and findings."""

    ownership: Ownership
    relations: tuple[Relation, ...]
    """`owned_by`, of the repository to each owner, with the patterns and how many files."""
    findings: tuple[Finding, ...]


def analyse(given: OwnershipInput, names: OwnerNames, known: KnownParticipation | None = None) -> OwnershipResult:
    """Return the ownership of one repository.

    Args:
        given: its facts.
        names: knows people and teams, and learns the owners that only this repository names.
        known: of its pull requests, from the last time, when its code owners were read from the same.
    """

    def resolve(written: str) -> str:
        return names.resolve(written, given.repository)

    dialect, chosen, ruleset = given.code_owners
    # Patterns are about paths as git has them, records show them escaped.
    verdict = rule_states_of(ruleset, given.files, resolve, spelling=original) if chosen.path else _NO_RULES
    owners_of = memoised(lambda path: verdict.matches.get(path) or ruleset.match(original(path)), resolve)
    # Of many repositories there is no such file, and nothing to ask.
    owned = [(path, owners_of(path) if chosen.path else ()) for path in given.files]
    tree = AreaTree(owned if chosen.path else ())
    is_bot = cache(names.is_bot)
    written = [row for row in given.authored if not is_bot(row.owner)]
    catalog, trouble = _catalog(given, names)
    ownership = Ownership(
        repository=given.repository,
        path=chosen.path,
        dialect=dialect,
        ignored=chosen.ignored,
        files=len(owned),
        owned=sum(1 for _, owners in owned if owners),
        rules=verdict.rules,
        sections=_sections(ruleset),
        faults=_faults(ruleset),
        owners=_shares(verdict.rules, owned),
        areas=tree.areas(),
        unowned=tree.unowned(),
        drift=_drift(verdict, written, names),
        truck_factor=truck_factor(written, given.files) if written else None,
        pull_requests=(known or KnownParticipation()).of(
            given.pull_requests, owners_of, names, [rule.owners for rule in verdict.rules]
        )
        if verdict.rules
        else (),
        catalog_owner=catalog,
    )
    return OwnershipResult(ownership, _relations(ownership), (*chosen.findings, *findings(ownership), *trouble))


def _catalog(given: OwnershipInput, names: OwnerNames) -> tuple[str, tuple[Finding, ...]]:
    try:
        written = catalog_owner(given.catalog, given.repository) if given.catalog else ""
    except ParseError as error:
        path = next((name for name in CATALOG_NAMES if name in given.files), CATALOG_NAMES[0])
        finding = Finding(
            code="catalog-unreadable",
            severity="warning",
            message=error.message,
            hint=error.hint,
            repository=given.repository,
            path=path,
        )
        return "", (finding,)
    return names.resolve(written, given.repository) if written else "", ()


def _sections(ruleset: Ruleset) -> tuple[OwnershipSection, ...]:
    return tuple(
        OwnershipSection(
            name=section.name, line=section.line, is_optional=section.is_optional, approvals=section.approvals
        )
        for section in ruleset.sections
    )


def _faults(ruleset: Ruleset) -> tuple[OwnershipFault, ...]:
    return tuple(
        OwnershipFault(
            line=fault.line,
            column=fault.column,
            kind=fault.kind,
            message=fault.message,
            is_skipped=fault.is_skipped,
        )
        for fault in ruleset.invalid[:_MOST_FAULTS]
    )


def _shares(rules: Iterable[OwnershipRule], owned: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[OwnerShare, ...]:
    """Return every owner that a line names, with the files that are really theirs."""
    files = dict.fromkeys((owner for rule in rules for owner in rule.owners), 0)
    for _, owners in owned:
        for owner in owners:
            files[owner] += 1
    ordered = sorted(files.items(), key=lambda item: (-item[1], item[0]))
    return tuple(OwnerShare(owner=owner, files=count) for owner, count in ordered)


def _drift(verdict: RuleStates, authored: Sequence[Authored], names: OwnerNames) -> tuple[Drift, ...]:
    rules = {rule.line: rule for rule in verdict.rules if rule.owners}
    lines: defaultdict[str, list[int]] = defaultdict(list)
    for path, line in paths_won(verdict.matches):
        if line in rules:
            lines[path].append(line)

    def standing(line: int, person: str) -> Standing:
        owners = rules[line].owners
        if person in owners or any(person in names.members(owner) for owner in owners):
            return "owner"
        is_open = any(names.is_group(owner) and not names.members(owner) for owner in owners)
        return "unknown" if is_open else "not-owner"

    return drift(authored, lines, standing)


def _relations(ownership: Ownership) -> tuple[Relation, ...]:
    """Return who owns the repository or parts of it: the patterns of the rules that decide for at least one file."""
    patterns: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for rule in ownership.rules:
        if rule.files:
            for owner in rule.owners:
                patterns[owner][rule.pattern] = None
    relations = [
        Relation(
            type="owned_by",
            source=ownership.repository,
            target=share.owner,
            paths=tuple(patterns[share.owner]),
            files=share.files,
        )
        for share in ownership.owners
        if share.files
    ]
    if ownership.catalog_owner and all(relation.target != ownership.catalog_owner for relation in relations):
        relations.append(Relation(type="owned_by", source=ownership.repository, target=ownership.catalog_owner))
    return tuple(sorted(relations, key=lambda relation: relation.target))

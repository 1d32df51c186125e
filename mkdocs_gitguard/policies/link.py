"""Joins what the files of one repository say: ids, tests with what they test, annotations with what they speak for."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import (
    Evidence,
    Finding,
    Policy,
    PolicyException,
    PolicyTest,
    ResourceScope,
    Rule,
    SourceText,
    name_of,
    node_id,
    rego_ref,
    rule_id,
)
from mkdocs_gitguard.policies.application import PlacedUse
from mkdocs_gitguard.policies.exceptions import exceptions_of
from mkdocs_gitguard.policies.file_scan import Description, FileScan, FoundPolicy, FoundRule, FoundTest, Inherited
from mkdocs_gitguard.policies.registry import policy_formats
from mkdocs_gitguard.policies.roles import roles_of
from mkdocs_gitguard.policies.source_lines import SourceLines
from mkdocs_gitguard.policies.unique_names import UniqueNames

MOST_TEST_LINKS: Final = 200_000
"""Links of tests to policies and rules of one repository that are kept. The largest public collections have some
thousands; ten thousand tests of ten thousand rules of one name would have a hundred million."""
_DEEPEST_REFERENCE: Final = 100
"""Segments by which a test's reference is shortened at most until it names a rule or package."""
_LAST_SEGMENT: Final = late_pattern(r'(?:\.[^.\["\]]+|\["(?:[^"\\]|\\.)*"\])\Z')


class PolicyScan(NamedTuple):
    """The policies of one repository at one commit."""

    policies: tuple[Policy, ...]
    """By id."""
    rules: tuple[Rule, ...]
    """By id."""
    findings: tuple[Finding, ...]
    sources: tuple[SourceText, ...]
    """By blob."""
    uses: tuple[PlacedUse, ...] = ()
    """Places that say which policies are asked about the repository, by path."""
    exceptions: tuple[PolicyException, ...] = ()
    """From policies of this repository or of others, by id; which policies, `exceptions.with_policies` tells."""


class _Placed(NamedTuple):
    """A policy with its id and the file it stands in."""

    id: str
    scanned: FoundPolicy
    file: FileScan
    rule_ids: tuple[str, ...]


def link(
    scans: Iterable[FileScan], repository: str, commit: str, *, changed_at: Mapping[str, str] | None = None
) -> PolicyScan:
    """Return policies, rules, findings and source texts of a repository at a commit.

    Args:
        scans: of its files.
        repository: its node id.
        commit: what it stands at.
        changed_at: see `SourceLines`.
    """
    files = sorted(scans, key=lambda scan: scan.path)
    at = SourceLines(repository, commit, changed_at or {})
    placed, findings = _place(files, repository)
    exceptions, cut = exceptions_of(files, at)
    findings += cut
    tests = _Tests(placed, at)
    for file in files:
        for test in file.tests:
            tests.add(test, file)
    if tests.is_cut:
        findings.append(
            Finding(
                code="policy-tests-cut",
                severity="warning",
                message=f"Tests name policies and rules more than {MOST_TEST_LINKS:,} times; the rest is left out.",
                hint="Give rules names of their own, so that a test names those that it is about.",
            )
        )
    inheritance = _Inheritance(files)
    policies: list[Policy] = []
    rules: list[Rule] = []
    for place in placed:
        policy = _policy(place, inheritance, tests, at)
        policies.append(policy)
        rules += _rules(place, policy, inheritance, tests, at)
    automation = {known.name for known in policy_formats() if known.is_automation}
    roles = roles_of(policies, automation, {place.id: place.scanned.package for place in placed})
    policies = [
        replace(policy, role=roles[policy.id].name, version_of=roles[policy.id].version_of) for policy in policies
    ]
    kept = {policy.span.blob for policy in policies} | {test.span.blob for policy in policies for test in policy.tests}
    texts = {file.blob: file for file in files if file.blob in kept}
    return PolicyScan(
        policies=tuple(sorted(policies, key=lambda policy: policy.id)),
        rules=tuple(sorted(rules, key=lambda rule: rule.id)),
        findings=tuple(
            replace(finding, repository=repository)
            for finding in (*(f for file in files for f in file.findings), *findings)
        ),
        sources=tuple(
            SourceText(blob=blob, text=file.text, is_truncated=file.is_truncated)
            for blob, file in sorted(texts.items())
        ),
        uses=tuple(PlacedUse(use, repository, file.path) for file in files for use in file.uses),
        exceptions=exceptions,
    )


_NAMED_RULES: Final = frozenset(["kyverno", "semgrep", "custodian"])
"""Formats that ask for a name of its own for each rule. In Rego, definitions of one name are one rule."""


def _place(files: Sequence[FileScan], repository: str) -> tuple[list[_Placed], list[Finding]]:
    """Give every policy its id.

    A name that stands once in the repository is enough; of a name that stands in several files, each takes its path
    too. Only policies of one name in one file are told apart by order, and that is a finding.
    """
    groups: defaultdict[tuple[str, str], list[tuple[FileScan, FoundPolicy]]] = defaultdict(list)
    for file in files:
        for policy in file.policies:
            groups[policy.format, policy.name].append((file, policy))
    placed: list[_Placed] = []
    findings: list[Finding] = []
    taken = UniqueNames()
    for (form, name), group in groups.items():
        for file, policy in group:
            parts = (name_of(repository), form, name, *((file.path,) if len(group) > 1 and file.path != name else ()))
            wanted = node_id("policy", *parts)
            identity = taken.give(wanted)
            if identity != wanted:
                findings.append(
                    Finding(
                        code="policy-duplicate-id",
                        severity="warning",
                        message=f"The file holds {policy.type} {policy.shown_name or policy.name} more than once.",
                        hint="Give each a name of its own: decisions cannot tell them apart.",
                        path=file.path,
                        line=policy.first_line,
                    )
                )
            placed.append(_Placed(identity, policy, file, _rule_ids(identity, policy.rules)))
            findings += _double_rules(file, policy)
    return placed, findings


def _double_rules(file: FileScan, policy: FoundPolicy) -> Iterator[Finding]:
    """Yield a finding for each rule whose name another of its policy has, in formats where a name is one rule's."""
    if policy.format not in _NAMED_RULES:
        return
    seen: set[str] = set()
    for rule in policy.rules:
        # Where the source gives no name, the rule bears its kind's, which many share.
        if rule.name in seen and rule.keys and rule.type != "cel":
            yield Finding(
                code="rule-duplicate-id",
                severity="warning",
                message=f"{policy.type} {policy.shown_name or policy.name} holds the rule {rule.name} more than once.",
                hint="Give each a name of its own: decisions cannot tell them apart.",
                path=file.path,
                line=rule.first_line,
            )
        seen.add(rule.name)


def _rule_ids(policy: str, rules: Sequence[FoundRule]) -> tuple[str, ...]:
    """Return an id for each definition: its name, and where several share that, its label or else its number."""
    names: defaultdict[str, int] = defaultdict(int)
    labels: defaultdict[tuple[str, str], int] = defaultdict(int)
    for rule in rules:
        names[rule.name] += 1
        labels[rule.name, rule.label] += 1
    ids: list[str] = []
    taken = UniqueNames()
    for rule in rules:
        name = rule.name
        if names[rule.name] > 1 and rule.label and labels[rule.name, rule.label] == 1:
            name = f"{rule.name}~{rule.label}"
        ids.append(rule_id(policy, taken.give(name)))
    return tuple(ids)


def _policy(place: _Placed, inheritance: "_Inheritance", tests: "_Tests", at: SourceLines) -> Policy:
    scanned = place.scanned
    about = inheritance.of_policy(scanned)
    return Policy(
        id=place.id,
        repository=at.repository,
        format=scanned.format,
        type=scanned.type,
        name=scanned.shown_name or scanned.name,
        title=about.title,
        description=about.description,
        severity=about.severity,
        category=about.category,
        related=about.related,
        enforcement=scanned.enforcement,
        scopes=_scopes(place, at.repository),
        span=at.span(place.file, scanned.first_line, scanned.last_line),
        rules=place.rule_ids,
        metadata_line=scanned.metadata_line,
        tests=tests.of(place.id),
        keys=scanned.keys,
    )


def _scopes(place: _Placed, repository: str) -> tuple[ResourceScope, ...]:
    scanned = place.scanned
    if not scanned.resources:
        return ()
    evidence = Evidence(
        basis="bound",
        what="its own match",
        repository=repository,
        path=place.file.path,
        line=scanned.resources_line or scanned.first_line,
    )
    return (ResourceScope(resources=scanned.resources, evidence=evidence),)


def _rules(
    place: _Placed, policy: Policy, inheritance: "_Inheritance", tests: "_Tests", at: SourceLines
) -> Iterator[Rule]:
    for identity, scanned in zip(place.rule_ids, place.scanned.rules, strict=True):
        about = inheritance.of_rule(scanned, place.scanned)
        yield Rule(
            id=identity,
            policy=place.id,
            name=scanned.name,
            type=scanned.type,
            title=about.title,
            description=about.description,
            severity=about.severity or policy.severity,
            category=about.category or policy.category,
            related=about.related,
            span=at.span(place.file, scanned.first_line, scanned.last_line),
            metadata_line=scanned.metadata_line,
            tests=tests.of(identity),
            keys=scanned.keys,
        )


class _Inheritance:
    """Rego annotations that speak for a whole package, the packages below it, or all rules of a name."""

    def __init__(self, files: Sequence[FileScan]) -> None:
        self._by_scope: dict[tuple[str, tuple[str, ...], str], Description] = {}
        self._below: dict[tuple[int, str], int] = {}
        """A tree of packages: number of one and a segment to the number of the package below; 0 is above all."""
        self._above: dict[int, Description] = {}
        """What is said of all below a package, by its number."""
        for file in files:
            for record in file.inherited:
                self._by_scope.setdefault(_scope_key(record), record.about)
                if record.scope == "subpackages":
                    number = 0
                    for segment in record.package:
                        number = self._below.setdefault((number, segment), len(self._below) + 1)
                    self._above.setdefault(number, record.about)

    def of_policy(self, policy: FoundPolicy) -> Description:
        about = policy.about
        if not policy.package:
            return about
        for scope in ("package", "subpackages"):
            about = _filled(about, self._by_scope.get((scope, policy.package, "")))
        return self._from_above(about, policy.package)

    def of_rule(self, rule: FoundRule, policy: FoundPolicy) -> Description:
        if not policy.package:
            return rule.about
        return _filled(rule.about, self._by_scope.get(("document", policy.package, rule.name)))

    def _from_above(self, about: Description, package: tuple[str, ...]) -> Description:
        """Fill in what the packages above say of severity, category and links: their titles are their own."""
        number = 0
        speaking: list[Description] = []
        for segment in package[:-1]:
            number = self._below.get((number, segment), 0)
            if not number:
                break
            if number in self._above:
                speaking.append(self._above[number])
        for above in reversed(speaking):
            about = _filled(about, replace(above, title="", description=""))
        return about


def _scope_key(record: Inherited) -> tuple[str, tuple[str, ...], str]:
    return record.scope, record.package, record.rule


def _filled(about: Description, other: Description | None) -> Description:
    if other is None:
        return about
    return Description(
        title=about.title or other.title,
        description=about.description or other.description,
        severity=about.severity or other.severity,
        category=about.category or other.category,
        related=about.related or other.related,
    )


class _Tests:
    """Which tests exercise which policies and rules."""

    def __init__(self, placed: Sequence[_Placed], at: SourceLines) -> None:
        self._at = at
        self._by_node: defaultdict[str, dict[PolicyTest, None]] = defaultdict(dict)
        self._by_key: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)  # key -> (policy, rule or "")
        self._in_file: defaultdict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        """(path, key) -> (policy, rule or ""); the key `""` for all that decide."""
        self._meant: dict[str, Sequence[tuple[str, str]]] = {}
        """What targets of tests stand for."""
        self._links = 0
        self.is_cut = False
        """Whether there were more links than are kept."""
        for place in placed:
            self._add_of_file(place)
            for key in place.scanned.keys:
                self._by_key[key].append((place.id, ""))
            if place.scanned.package:
                self._by_key[f"rego:{rego_ref(('data', *place.scanned.package))}"].append((place.id, ""))
            for identity, rule in zip(place.rule_ids, place.scanned.rules, strict=True):
                for key in rule.keys:
                    self._by_key[key].append((place.id, identity))

    def of(self, node: str) -> tuple[PolicyTest, ...]:
        tests = self._by_node.get(node, {})
        return tuple(sorted(tests, key=lambda test: (test.span.path, test.span.first_line, test.name)))

    def add(self, test: FoundTest, file: FileScan) -> None:
        record = PolicyTest(name=test.name, span=self._at.span(file, test.first_line, test.last_line))
        for target in test.targets:
            for policy, rule in self._resolve(target):
                self._links += 1
                if self._links > MOST_TEST_LINKS:
                    self.is_cut = True
                    return
                self._by_node[policy][record] = None
                if rule:
                    self._by_node[rule][record] = None

    def _add_of_file(self, place: _Placed) -> None:
        """Remember what tests mean that name a file: its policy and the rules of a key, or all that decide."""
        path = place.file.path
        keys = {"": None, **dict.fromkeys(place.scanned.keys)}
        for rule in place.scanned.rules:
            keys |= dict.fromkeys(rule.keys)
        for key in keys:
            self._in_file[path, key].append((place.id, ""))
        for identity, rule in zip(place.rule_ids, place.scanned.rules, strict=True):
            for key in dict.fromkeys(("", *rule.keys)) if rule.keys else ():
                self._in_file[path, key].append((place.id, identity))

    def _resolve(self, target: str) -> Sequence[tuple[str, str]]:
        # Tests of a file mostly name the same.
        known = self._meant.get(target)
        if known is None:
            known = self._meant[target] = self._looked_up(target)
        return known

    def _looked_up(self, target: str) -> Sequence[tuple[str, str]]:
        if target.startswith("path:"):
            path, _, key = target.removeprefix("path:").partition("#")
            return self._in_file.get((path, key), ())
        name = target
        for _ in range(_DEEPEST_REFERENCE):
            if name in self._by_key:
                return self._by_key[name]
            name = _shorter(name) if target.startswith("rego:") else ""
            if not name:
                break
        return ()


def _shorter(reference: str) -> str:
    """Return a Rego reference without its last segment, or `""` where there is only one."""
    if not reference.endswith("]"):
        return reference.rpartition(".")[0]
    shorter = _LAST_SEGMENT.sub("", reference)
    return shorter if shorter != reference else ""

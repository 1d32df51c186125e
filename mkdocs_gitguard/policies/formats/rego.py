"""OPA Rego: a file is a policy, its rules are its rules, and `test_*` rules are tests of what they mention."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Final, Literal, NamedTuple

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Finding, policy_key, rego_package_key, rego_ref, rego_rule_key, rego_segments
from mkdocs_gitguard.policies.exception_fields import MOST_EXCEPTIONS, broken_date, cut, moment_of
from mkdocs_gitguard.policies.file_scan import (
    Description,
    FoundException,
    FoundPolicy,
    FoundRule,
    FoundTest,
    Inherited,
)
from mkdocs_gitguard.policies.format import Found, PolicyFormat, PolicySource
from mkdocs_gitguard.policies.rego.metadata import Annotations, Scope, read_annotations
from mkdocs_gitguard.policies.rego.outline import RegoModule, RegoRule, scan_rego

_TEST_NAME: Final = late_pattern(r"(?:todo_)?test_")
# These begin with what they look for and look back from there, as patterns are searched for faster by their beginning.
_TEXT_AND_COMMENTS: Final = late_pattern(r"""\"(?<!\[")(?>(?:[^"\\\n]++|\\.)*)"|`[^`]*+`|\#[^\n]*+""")
_MOCKED: Final = late_pattern(r"with(?<!\wwith)\s+[\w.]+(?:\[[^\]\n]*\])?")
_REFERENCE: Final = late_pattern(r"""[A-Za-z_](?<![\w."].)\w*+(?>(?:\.[A-Za-z_]\w*+|\["[^"\n]*+"\])*)""")
_MOST_PREFIXES: Final = 8
"""Beginnings of one rule's reference by which it is found."""
_NO_REFERENCES: Final = frozenset(
    {"input", "some", "every", "in", "if", "not", "with", "as", "contains", "else", "count", "true", "false", "null"}
)

BROKEN_HINT: Final = "Fix it here: OPA refuses to load the Rego as it is, and `opa check` shows the same place."


class RegoAnnotated(NamedTuple):
    """A module's rules and what its annotation blocks say of them."""

    package: Annotations | None
    """Of scope `package`."""
    rules: tuple[tuple[RegoRule, Annotations | None], ...]
    inherited: tuple[Inherited, ...]


def read_rego(source: PolicySource) -> Found:
    """Return what a Rego file holds."""
    module = scan_rego(source.text)
    findings = [
        source.finding("rego-broken", "warning", problem.message, problem.line, BROKEN_HINT)
        for problem in module.problems
    ]
    annotated, problems = annotate(module, source)
    tests = _tests(module, source.text)
    is_test_file = bool(tests) and (
        source.name.endswith("_test.rego") or (bool(module.package) and module.package[-1].endswith("_test"))
    )
    if is_test_file or _is_leftover(source, module):
        return Found(tests=tests, inherited=annotated.inherited, findings=(*findings, *problems))
    about = annotated.package.about if annotated.package else Description()
    lines = source.text.rstrip().count("\n") + 1
    policy = FoundPolicy(
        format="rego",
        type="package",
        name=rego_ref(module.package) if module.package else source.path,
        about=about,
        first_line=annotated.package.line if annotated.package else max(module.package_line, 1),
        last_line=max(lines, module.package_line, 1),
        metadata_line=annotated.package.line if annotated.package else 0,
        rules=tuple(
            _found_rule(rule, annotations, module.package)
            for rule, annotations in annotated.rules
            if not _TEST_NAME.match(rule.name)
        ),
        keys=_policy_keys(module, annotated.package),
        package=module.package,
    )
    starts = tuple(_starts(annotated, policy, source, findings))
    return Found(
        policies=(policy,),
        tests=tests,
        inherited=annotated.inherited,
        findings=(*findings, *problems),
        exceptions=starts[:MOST_EXCEPTIONS],
    )


def annotate(module: RegoModule, source: PolicySource, *, line_offset: int = 0) -> tuple[RegoAnnotated, list[Finding]]:
    """Join a module's annotation blocks to the statements they stand above.

    As OPA does it (`attachAnnotationsNodes` in its `v1/ast/annotations.go`): a block belongs to the first statement
    that begins below the block's first line, however far it is and though the block stands inside of another; without
    a scope it speaks for that statement alone, or as an entrypoint for all rules of its name.
    """
    findings: list[Finding] = []
    package: Annotations | None = None
    by_rule: dict[RegoRule, Annotations] = {}
    inherited: dict[tuple[str, str], Inherited] = {}
    for block in module.annotations:
        annotations, problems = read_annotations(block)
        findings += [
            source.finding("broken-metadata", "warning", problem.message, problem.line + line_offset)
            for problem in problems
        ]
        if annotations is None:
            continue
        target = _below(module, block.first_line)
        scope = annotations.scope or _own_scope(target, annotations)
        problem = _misplaced(scope, target, annotations)
        name = target.name if isinstance(target, RegoRule) else ""
        if not problem and scope != "rule" and (scope, name) in inherited:
            problem = f"A METADATA block with scope {scope!r} stands above the same twice: OPA takes one."
        if problem:
            findings.append(source.finding("broken-metadata", "warning", problem, block.first_line + line_offset))
            continue
        if scope == "package":
            package = annotations
        if scope != "rule":
            inherited[scope, name] = Inherited(scope=scope, package=module.package, rule=name, about=annotations.about)
        # Of several blocks above one rule the closest speaks for it.
        if isinstance(target, RegoRule) and (scope == "rule" or target not in by_rule):
            by_rule[target] = annotations
    rules = tuple((rule, by_rule.get(rule)) for rule in module.rules)
    return RegoAnnotated(package, rules, tuple(inherited.values())), findings


def _below(module: RegoModule, line: int) -> RegoRule | Literal["package", "import", ""]:
    """Return the first statement that begins below a line."""
    number = bisect_right(module.rules, line, key=attrgetter("first_line"))
    rule = module.rules[number] if number < len(module.rules) else None
    imported = bisect_right(module.import_lines, line)
    import_line = module.import_lines[imported] if imported < len(module.import_lines) else 0
    rule_line = rule.first_line if rule else 0
    places = {module.package_line: "package", import_line: "import", rule_line: "rule"}
    first = min((place for place in places if place > line), default=0)
    match places.get(first):
        case "package":
            return "package"
        case "import":
            return "import"
        case "rule" if rule is not None:
            return rule
    return ""


def _own_scope(target: "RegoRule | str", annotations: Annotations) -> Scope:
    """Return the scope of a block that names none."""
    if isinstance(target, RegoRule):
        return "document" if annotations.is_entrypoint else "rule"
    return "package"


def _misplaced(scope: Scope, target: "RegoRule | str", annotations: Annotations) -> str:
    """Return why OPA refuses a block where it stands, `""` if it does not."""
    if target in ("", "import"):
        where = "an import" if target else "nothing"
        return f"The METADATA block stands above {where}, so it can belong to no package and no rule."
    is_for_rule = scope in ("rule", "document")
    if is_for_rule != isinstance(target, RegoRule):
        below = "the package" if is_for_rule else "a rule"
        return f"The METADATA block with scope {scope!r} stands above nothing that it can belong to, but above {below}."
    if annotations.is_entrypoint and scope not in ("document", "package"):
        return f"The METADATA block is an entrypoint, which scope {scope!r} cannot be: only document and package can."
    return ""


def _is_leftover(source: PolicySource, module: RegoModule) -> bool:
    """Tell whether the file holds no policy at all: nothing but blanks, or a test file without a test."""
    if not module.rules and not module.package_line:
        return True
    return source.name.endswith("_test.rego")


def _found_rule(rule: RegoRule, annotations: Annotations | None, package: tuple[str, ...]) -> FoundRule:
    segments = rule.name.split(".")
    # `deny.low := …` also makes a part of what a query for `deny` gives.
    ends = (len(segments), *range(min(len(segments) - 1, _MOST_PREFIXES), 0, -1))
    keys = [rego_rule_key(package, *segments[:end]) for end in ends] if package else []
    label = ""
    if annotations:
        if annotations.short_name:
            # Conforma's results call a rule by the last segment of its package.
            codes = (rego_ref((*package, annotations.short_name)), rego_ref((*package[-1:], annotations.short_name)))
            keys += (f"rego-code:{code}" for code in dict.fromkeys(codes))
        keys += [policy_key("rego-id", name) for name in annotations.ids]
        label = annotations.short_name or next(iter(annotations.ids), "")
    return FoundRule(
        name=rule.name,
        label=label,
        type=rule.type,
        about=annotations.about if annotations else Description(),
        first_line=rule.first_line,
        last_line=rule.last_line,
        metadata_line=annotations.line if annotations else 0,
        keys=tuple(keys),
    )


def _policy_keys(module: RegoModule, annotations: Annotations | None) -> tuple[str, ...]:
    package = (rego_package_key(module.package),) if module.package else ()
    ids = annotations.ids if annotations else ()
    return (*package, *(policy_key("rego-id", name) for name in ids))


def _starts(
    annotated: RegoAnnotated, policy: FoundPolicy, source: PolicySource, findings: list[Finding]
) -> Iterator[FoundException]:
    """Yield for each rule that comes into force on a day what keeps it out of force until then."""
    places = [(annotated.package, policy.shown_name or policy.name, policy.first_line, policy.first_line, policy.keys)]
    places += [
        (annotations, rule.name, rule.first_line, rule.last_line, _found_rule(rule, annotations, policy.package).keys)
        for rule, annotations in annotated.rules
    ]
    for annotations, name, first, last, keys in places:
        if annotations is None or not annotations.effective_on:
            continue
        moment = moment_of(annotations.effective_on)
        if moment is None:
            findings.append(broken_date(source, annotations.line, "effective_on", annotations.effective_on))
            continue
        yield FoundException(
            format="rego",
            type="start",
            name=cut(annotations.short_name or annotations.about.title or name),
            scope="before this day violations are warnings",
            starts_at=moment,
            first_line=annotations.line or first,
            last_line=last,
            # Of a rule's keys those that are its own: others of its name may be in force.
            keys=tuple(key for key in keys if not key.startswith("rego:")) or keys[:1],
        )


def _tests(module: RegoModule, text: str) -> tuple[FoundTest, ...]:
    tests = [rule for rule in module.rules if _TEST_NAME.match(rule.name)]
    if not tests:
        return ()
    bodies: dict[str, list[str]] = {}
    for rule in module.rules:
        bodies.setdefault(rule.name, []).append(text[rule.start : rule.end])
    mentions = {name: _mentions(content) for name, content in bodies.items()}
    target_of = _Targets({imported.name: imported.path for imported in module.imports}, module.package)
    return tuple(
        FoundTest(
            name=rule.name,
            first_line=rule.first_line,
            last_line=rule.last_line,
            targets=tuple(dict.fromkeys(filter(None, map(target_of.__getitem__, _with_helpers(rule.name, mentions))))),
        )
        for rule in tests
    )


def _mentions(bodies: list[str]) -> dict[str, None]:
    """Return the references in rules of one name, strings, comments and what `with` replaces left out."""
    references: dict[str, None] = {}
    for body in bodies:
        code = _MOCKED.sub(" ", _TEXT_AND_COMMENTS.sub(" ", body))
        references.update(dict.fromkeys(_REFERENCE.findall(code)))
    return references


def _with_helpers(name: str, mentions: dict[str, dict[str, None]]) -> Iterable[str]:
    """Yield what a test mentions, and what the rules of its own file that it mentions mention in turn."""
    seen = {name}
    waiting = [name]
    while waiting:
        for reference in mentions[waiting.pop()]:
            yield reference
            if reference in mentions and reference not in seen:
                seen.add(reference)
                waiting.append(reference)


class _Targets(dict[str, str]):
    """By reference, the key of what it means in a module, or `""` where that is not a rule."""

    def __init__(self, imports: dict[str, tuple[str, ...]], package: tuple[str, ...]) -> None:
        super().__init__()
        self._imports = imports
        self._own = rego_ref(("data", *package))

    def __missing__(self, reference: str) -> str:
        self[reference] = target = self._target(reference)
        return target

    def _target(self, reference: str) -> str:
        first = reference.partition(".")[0].partition("[")[0]
        if first in _NO_REFERENCES or reference.startswith(("test_", "todo_test_")):
            return ""
        rest = reference[len(first) :]
        if "[" in rest:
            rest = rego_ref(("", *rego_segments(reference)[1:]))
        path = self._imports.get(first)
        if path is not None and path[0] == "data":
            return f"rego:{rego_ref(path)}{rest}"
        if first == "data":
            return f"rego:data{rest}"
        return f"rego:{self._own}.{first}{rest}" if path is None else ""


FORMAT: Final = PolicyFormat("rego", "OPA Rego", lambda path: path.endswith(".rego"), (), read_rego)

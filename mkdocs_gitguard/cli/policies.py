"""`gitguard policies`: which policies repositories hold, where each rule stands, and what is wrong with them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click
import msgspec
from msgspec.structs import replace

from mkdocs_gitguard.cli.checking import NotCheckedError, end_check, ref_option, report_option, strict_option
from mkdocs_gitguard.cli.finding_report import Check, Checked, Problem
from mkdocs_gitguard.cli.lazy_group import Group, examples
from mkdocs_gitguard.cli.loaded_site import load_own_site
from mkdocs_gitguard.cli.output import echo, echo_json, echo_lines
from mkdocs_gitguard.cli.repositories import repositories_option
from mkdocs_gitguard.decisions.subjects import plain_name
from mkdocs_gitguard.errors import GitGuardError, SourceError
from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.harvest.commit_policies import RepositoryPolicies, read_policies
from mkdocs_gitguard.harvest.options import HarvestOptions
from mkdocs_gitguard.harvest.sources import RepositorySource, expand
from mkdocs_gitguard.model import POLICY_ROLES, Finding, is_described, is_policy, is_tested, name_of
from mkdocs_gitguard.policies.application import applications
from mkdocs_gitguard.policies.registry import policy_formats
from mkdocs_gitguard.site_build.made_site import repositories_at
from mkdocs_gitguard.site_build.shown_sources import shown_sources
from mkdocs_gitguard.site_build.state_folder import state_folder_of
from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mkdocs_gitguard.model import Policy, Relation, Rule

_ERRORS: Final = frozenset({"broken-metadata", "policy-duplicate-id", "rego-broken", "cedar-broken", "yaml-broken"})
"""What the portal shows as warnings and a check fails on."""
_CHECK: Final = Check("gitguard policies check", "gitguard-policies-check")

_repositories_option = repositories_option("A folder or a glob, instead of what the site here names.")
_form_option = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


class _Opened(NamedTuple):
    source: RepositorySource
    contents: RepositoryPolicies

    def policies(self) -> Iterator[tuple[Policy, list[Rule]]]:
        rules: dict[str, list[Rule]] = {}
        for rule in self.contents.scan.rules:
            rules.setdefault(rule.policy, []).append(rule)
        for policy in self.contents.scan.policies:
            yield policy, sorted(rules.get(policy.id, []), key=lambda rule: rule.span.first_line)


@click.group(
    "policies",
    cls=Group,
    epilog=examples(
        "gitguard policies list               # every policy with its lines",
        "gitguard policies show repo.guard    # its rules, tests and owners",
        "gitguard policies check --strict     # in CI",
    ),
)
def policies() -> None:
    """Tell which policies repositories hold, and check them.

    The repositories are those of the site here, else the current one.
    """


@policies.command(
    "list", epilog=examples("gitguard policies list", "gitguard policies list -r ../guardrails --format json")
)
@_repositories_option
@_form_option
@ref_option
def list_(*, repositories: tuple[str, ...], form: str, ref: str) -> None:
    """List every policy: its id, its lines, and how many rules and tests it has.

    Workflows, samples, test data and older versions are marked: [automation], [sample], [test], [version]. As JSON
    that is the `role`.
    """
    opened = [_open(source, ref) for source in _sources(repositories)]
    if form == "json":
        echo_json(
            json.dumps([_as_value(one, policy, rules) for one in opened for policy, rules in one.policies()], indent=2)
        )
        return
    for one in opened:
        for policy, rules in one.policies():
            numbers = f"{count(len(rules), 'rule')}, {count(len(policy.tests), 'test')}"
            title = f"  {policy.title}" if policy.title else ""
            role = "" if is_policy(policy) else f"  [{policy.role}]"
            echo(f"{name_of(policy.id)}  {_place(policy)}  {numbers}{role}{title}")
        echo(f"{one.source.label}: {_in_numbers(one.contents.scan.policies)}.", err=True)


@policies.command(
    "show",
    epilog=examples(
        "gitguard policies show repo.guard", "gitguard policies show policies/guard.rego -r ../guardrails --format json"
    ),
)
@click.argument("policy", metavar="POLICY")
@_repositories_option
@_form_option
@ref_option
def show(*, policy: str, repositories: tuple[str, ...], form: str, ref: str) -> None:
    """Show a policy, given by its id, name or file: what it says of itself, each rule's lines, its tests and owners.

    What it applies to is told as far as the files of the repositories named bind it.

    As JSON it is an object, or a list where several policies bear the name.
    """
    opened = [_open(source, ref) for source in _sources(repositories)]
    matches = [(one, record, rules) for one in opened for record, rules in one.policies() if _is_named(record, policy)]
    if not matches:
        raise SourceError(
            f"There is no policy {policy!r}.", hint="Choose one of those that `gitguard policies list` shows."
        )
    if form == "json":
        values = [_as_value(*match) for match in matches]
        echo_json(json.dumps(values[0] if len(values) == 1 else values, indent=2))
        return
    relations = _applications(opened)
    for number, (one, record, rules) in enumerate(matches):
        if number:
            echo()
        applying = [relation for relation in relations if relation.target == record.id]
        echo_lines(_in_words(one, record, rules, applying))


@policies.command(
    "check",
    epilog=examples("gitguard policies check --strict", "gitguard policies check --format sarif > policies.sarif"),
)
@_repositories_option
@report_option
@strict_option
@ref_option
def check(*, repositories: tuple[str, ...], form: str, ref: str, strict: bool) -> None:
    """Check policies: broken METADATA, files that do not parse, equal names, policies without tests or owners.

    Exit code 0: nothing wrong (or warnings only); 1: errors (with --strict, or warnings); 2: it could not be checked.
    """
    try:
        results = [_check(_open(source, ref)) for source in _sources(repositories)]
    except GitGuardError as error:
        raise NotCheckedError(str(error)) from error
    end_check(results, _CHECK, form=form, strict=strict)


def _sources(repositories: tuple[str, ...]) -> Sequence[RepositorySource]:
    folder = Path()
    site = None if repositories else load_own_site(folder)
    if site is None:
        options = HarvestOptions(repositories=repositories or tuple(repositories_at(folder.absolute())))
        sources = expand(options).sources
        if repositories and any(source.url for source in sources):
            # Their mirrors lie here: not such as a repository has brought.
            state_folder_of(folder, str(options.state_dir))
    else:
        sources = shown_sources(site.options, site.folder, site.state_folder)
    if not sources:
        raise SourceError("No repository is named.", hint="Name one with -r, or change into one.")
    return sources


def _open(source: RepositorySource, ref: str) -> _Opened:
    if source.url and not source.folder.exists():
        raise SourceError(
            f"{source.label} is a clone URL that has not been fetched.", hint="Run `gitguard harvest` once."
        )
    repository = GitRepository.open(source.folder, label=source.label)
    forge = source.forge.name if source.forge else "other"
    wanted = source.branch if source.branch and ref == "HEAD" else ref
    return _Opened(source, read_policies(repository, source.id, ref=wanted, forge=forge))


def _check(opened: _Opened) -> Checked:
    contents = opened.contents
    findings = [
        replace(finding, severity="error") if finding.code in _ERRORS else finding for finding in contents.scan.findings
    ]
    findings += (
        finding
        for policy, rules in opened.policies()
        if is_policy(policy)
        for finding in _missing(policy, rules, contents)
    )
    findings.sort(key=lambda finding: (finding.path, finding.line, finding.code))
    number = _in_numbers(contents.scan.policies)
    return Checked(
        opened.source.label,
        [
            Problem(finding.code, finding.severity, finding.message, finding.hint, finding.path, finding.line)
            for finding in findings
        ],
        lambda numbers: f"{number}: {numbers}.",
        facts={},
        details={"findings": msgspec.to_builtins(findings)},
    )


def _in_numbers(policies: Sequence[Policy]) -> str:
    """Return how many policies there are, and how much beside them: `3 policies (and 2 automation, 1 sample)`."""
    roles = Counter(policy.role for policy in policies)
    others = ", ".join(f"{roles[role]:,} {role}" for role in POLICY_ROLES if role != "policy" and roles[role])
    return count(roles["policy"], "policy", "policies") + (f" (and {others})" if others else "")


def _missing(policy: Policy, rules: Sequence[Rule], contents: RepositoryPolicies) -> Iterator[Finding]:
    """Yield what a policy lacks."""

    def finding(code: str, message: str, hint: str) -> Finding:
        return Finding(
            code=code,
            severity="warning",
            message=message,
            hint=hint,
            repository=policy.repository,
            path=policy.span.path,
            line=policy.span.first_line,
        )

    name = f"{policy.type} {policy.name}"
    if contents.has_codeowners and policy.span.path not in contents.owners:
        yield finding("policy-without-owner", f"Nobody owns {name}.", "Add a line to CODEOWNERS.")
    testable = {known.name for known in policy_formats() if known.is_testable}
    if rules and policy.format in testable and not is_tested(policy, rules):
        yield finding("policy-without-tests", f"No test exercises {name}.", "Write one.")
    if not is_described(policy, rules):
        yield finding("policy-without-description", f"Nothing says what {name} is for.", "Give it a title.")


def _is_named(policy: Policy, wanted: str) -> bool:
    return wanted in (policy.id, name_of(policy.id), policy.name, policy.span.path)


def _place(policy: Policy) -> str:
    return f"{policy.span.path}:{policy.span.first_line}-{policy.span.last_line}"


def _as_value(opened: _Opened, policy: Policy, rules: Sequence[Rule]) -> dict[str, Any]:
    value: dict[str, Any] = msgspec.to_builtins(policy)
    value["owners"] = list(opened.contents.owners.get(policy.span.path, ()))
    value["rules"] = msgspec.to_builtins(rules)
    del value["changes"]
    return value


def _applications(opened: Sequence[_Opened]) -> list[Relation]:
    """Return which of the repositories are subject to which of their policies, as far as their files say."""
    names: dict[str, str] = {}
    for one in opened:
        web_url = one.source.forge.web_url if one.source.forge else ""
        called = (name_of(one.source.id), one.source.url, web_url)
        names |= {plain_name(name): one.source.id for name in called if name}
    return list(
        applications(
            [policy for one in opened for policy in one.contents.scan.policies],
            [one.source.id for one in opened],
            uses=(use for one in opened for use in one.contents.scan.uses),
            find=lambda name: names.get(plain_name(name), ""),
        )
    )


def _in_words(opened: _Opened, policy: Policy, rules: Sequence[Rule], applying: Sequence[Relation]) -> Iterator[str]:
    yield f"{policy.title or policy.name}"
    yield f"  {policy.id}"
    yield f"  {policy.format} {policy.type} {policy.name}"
    yield f"  {_place(policy)} at {policy.span.commit}"
    if grading := ", ".join(filter(None, (policy.severity, policy.category))):
        yield f"  {grading}"
    if not is_policy(policy):
        yield f"  {policy.role}{f' of {policy.version_of}' if policy.version_of else ''}"
    for scope in policy.scopes:
        place = f"{scope.evidence.path}:{scope.evidence.line}"
        yield f"  applies to: {', '.join(scope.resources)} ({scope.evidence.what}, {place})"
    for relation in applying:
        for evidence in relation.evidence:
            yield f"  applies to: {name_of(relation.source)} ({evidence.what}, {evidence.path}:{evidence.line})"
    yield f"  owners: {' '.join(opened.contents.owners.get(policy.span.path, ())) or 'none'}"
    yield from (f"  {url}" for url in policy.related)
    yield from (f"  | {line}" for line in policy.description.splitlines())
    for rule in rules:
        lines = f"{rule.span.first_line}-{rule.span.last_line}"
        tests = f"  {count(len(rule.tests), 'test')}" if rule.tests else ""
        yield f"  {lines:>9}  {rule.name} ({rule.type}){tests}{f'  {rule.title}' if rule.title else ''}"
    yield from (f"  test  {test.span.path}:{test.span.first_line}  {test.name}" for test in policy.tests)

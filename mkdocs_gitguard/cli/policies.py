"""`gitguard policies`: which policies repositories hold, where each rule stands, and what is wrong with them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click
import msgspec
from msgspec.structs import replace

from mkdocs_gitguard.cli.finding_report import REPORTS, Checked
from mkdocs_gitguard.cli.site import load_own_site
from mkdocs_gitguard.errors import GitGuardError, SourceError
from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.harvest.commit_policies import RepositoryPolicies, read_policies
from mkdocs_gitguard.harvest.options import HarvestOptions
from mkdocs_gitguard.harvest.sources import RepositorySource, expand
from mkdocs_gitguard.model import Finding, name_of
from mkdocs_gitguard.site_build.made_site import repositories_at
from mkdocs_gitguard.site_build.state_folder import state_folder_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mkdocs_gitguard.model import Policy, Rule

_ERRORS: Final = frozenset({"broken-metadata", "policy-duplicate-id", "rego-broken", "cedar-broken", "yaml-broken"})
"""What the portal shows as warnings and a check fails on."""
_WITHOUT_TESTS: Final = frozenset({"workflow", "github-ruleset", "cedar", "custodian", "checkov"})
"""Formats whose tests, if there are any, cannot be told from other files."""
_PROBLEMS: Final = 1

_repositories_argument = click.argument("repositories", metavar="[REPOSITORY]...", nargs=-1)
_ref_option = click.option("--ref", default="HEAD", show_default=True, help="Branch, tag or commit to read.")
_form_option = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


class _NotCheckedError(click.ClickException):
    """Nothing can be said, which is not the same as that something is wrong."""

    exit_code = 2


class _Opened(NamedTuple):
    source: RepositorySource
    found: RepositoryPolicies

    def policies(self) -> Iterator[tuple[Policy, list[Rule]]]:
        rules: dict[str, list[Rule]] = {}
        for rule in self.found.scan.rules:
            rules.setdefault(rule.policy, []).append(rule)
        for policy in self.found.scan.policies:
            yield policy, sorted(rules.get(policy.id, []), key=lambda rule: rule.span.first_line)


@click.group("policies")
def policies() -> None:
    """Tell which policies repositories hold, and where each rule stands.

    REPOSITORY is a folder or a glob; by default those of the mkdocs.yml at hand, else the repository stood in.
    """


@policies.command("list")
@_repositories_argument
@_form_option
@_ref_option
def list_(*, repositories: tuple[str, ...], form: str, ref: str) -> None:
    """List every policy: its id, its lines, and how many rules and tests it has."""
    opened = [_open(source, ref) for source in _sources(repositories)]
    if form == "json":
        click.echo(
            json.dumps([_as_value(one, policy, rules) for one in opened for policy, rules in one.policies()], indent=2)
        )
        return
    for one in opened:
        for policy, rules in one.policies():
            said = f"{_count(len(rules), 'rule')}, {_count(len(policy.tests), 'test')}"
            title = f"  {policy.title}" if policy.title else ""
            click.echo(f"{name_of(policy.id)}  {_place(policy)}  {said}{title}")
        click.echo(f"{one.source.label}: {_count(len(one.found.scan.policies), 'policy', 'policies')}.", err=True)


@policies.command("show")
@click.argument("policy", metavar="POLICY")
@_repositories_argument
@_form_option
@_ref_option
def show(*, policy: str, repositories: tuple[str, ...], form: str, ref: str) -> None:
    """Show a policy, given by its id, name or file: what it says of itself, each rule's lines, its tests and owners."""
    opened = [_open(source, ref) for source in _sources(repositories)]
    matches = [(one, record, rules) for one in opened for record, rules in one.policies() if _is_named(record, policy)]
    if not matches:
        raise click.ClickException(f"There is no policy {policy!r}. See: gitguard policies list")
    if form == "json":
        click.echo(json.dumps([_as_value(*match) for match in matches], indent=2))
        return
    click.echo("\n\n".join("\n".join(_in_words(*match)) for match in matches))


@policies.command("check")
@_repositories_argument
@click.option("--format", "form", type=click.Choice(list(REPORTS)), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="Fail on warnings too.")
@_ref_option
def check(*, repositories: tuple[str, ...], form: str, ref: str, strict: bool) -> None:
    """Check policies: broken METADATA, files that do not parse, equal names, policies without tests or owners.

    Exit code 0: nothing wrong (or warnings only); 1: errors (with --strict, or warnings); 2: it could not be checked.
    """
    try:
        results = [_check(_open(source, ref)) for source in _sources(repositories)]
    except GitGuardError as error:
        raise _NotCheckedError(str(error)) from error
    report = REPORTS[form](results, "gitguard policies check")
    if report:
        click.echo(report)
    bad = sum(result.count("error") + (result.count("warning") if strict else 0) for result in results)
    sys.exit(_PROBLEMS if bad else 0)


def _sources(repositories: tuple[str, ...]) -> Sequence[RepositorySource]:
    folder = Path()
    options = HarvestOptions(repositories=repositories)
    if not repositories:
        loaded = load_own_site(folder)
        if loaded is None:
            options = HarvestOptions(repositories=tuple(repositories_at(folder.absolute())))
        else:
            entries: list[Any] = loaded.options.repositories
            options = HarvestOptions(repositories=tuple(entries), folder=loaded.folder, state_dir=loaded.state_folder)
    sources = expand(options).sources
    if repositories and any(source.url for source in sources):
        # Their mirrors lie here: not such as a repository has brought.
        state_folder_of(folder, str(options.state_dir))
    if not sources:
        raise SourceError("No repository is named.", hint="Stand in one, or name one.")
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
    found = opened.found
    findings = [
        replace(finding, severity="error") if finding.code in _ERRORS else finding for finding in found.scan.findings
    ]
    findings += (finding for policy, rules in opened.policies() for finding in _missing(policy, rules, found))
    findings.sort(key=lambda finding: (finding.path, finding.line, finding.code))
    number = len(found.scan.policies)
    return Checked(opened.source.label, findings, _count(number, "policy", "policies"))


def _missing(policy: Policy, rules: Sequence[Rule], found: RepositoryPolicies) -> Iterator[Finding]:
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
    if found.has_codeowners and policy.span.path not in found.owners:
        yield finding("policy-without-owner", f"Nobody owns {name}.", "Add a line to CODEOWNERS.")
    if rules and not policy.tests and policy.format not in _WITHOUT_TESTS:
        yield finding("policy-without-tests", f"No test exercises {name}.", "Write one.")
    if not (policy.title or policy.description) and not any(rule.title or rule.description for rule in rules):
        yield finding("policy-without-description", f"Nothing says what {name} is for.", "Give it a title.")


def _is_named(policy: Policy, wanted: str) -> bool:
    return wanted in (policy.id, name_of(policy.id), policy.name, policy.span.path)


def _place(policy: Policy) -> str:
    return f"{policy.span.path}:{policy.span.first_line}-{policy.span.last_line}"


def _count(number: int, noun: str, plural: str = "") -> str:
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _as_value(opened: _Opened, policy: Policy, rules: Sequence[Rule]) -> dict[str, Any]:
    value: dict[str, Any] = msgspec.to_builtins(policy)
    value["owners"] = list(opened.found.owners.get(policy.span.path, ()))
    value["rules"] = msgspec.to_builtins(rules)
    del value["changes"]
    return value


def _in_words(opened: _Opened, policy: Policy, rules: Sequence[Rule]) -> Iterator[str]:
    yield f"{policy.title or policy.name}"
    yield f"  {policy.id}"
    yield f"  {policy.format} {policy.type} {policy.name}"
    yield f"  {_place(policy)} at {policy.span.commit}"
    if said := ", ".join(filter(None, (policy.severity, policy.category))):
        yield f"  {said}"
    yield f"  owners: {' '.join(opened.found.owners.get(policy.span.path, ())) or 'none'}"
    yield from (f"  {url}" for url in policy.related)
    yield from (f"  | {line}" for line in policy.description.splitlines())
    for rule in rules:
        lines = f"{rule.span.first_line}-{rule.span.last_line}"
        tests = f"  {_count(len(rule.tests), 'test')}" if rule.tests else ""
        yield f"  {lines:>9}  {rule.name} ({rule.type}){tests}{f'  {rule.title}' if rule.title else ''}"
    yield from (f"  test  {test.span.path}:{test.span.first_line}  {test.name}" for test in policy.tests)

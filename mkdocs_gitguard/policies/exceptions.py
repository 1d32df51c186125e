"""Exceptions of one repository: each with an id, and with the policies that it is from where those are known."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from mkdocs_gitguard.model import Finding, Policy, PolicyException, Rule, name_of, node_id
from mkdocs_gitguard.policies.file_scan import FileScan, FoundException
from mkdocs_gitguard.policies.roles import role_of_place
from mkdocs_gitguard.policies.source_lines import SourceLines
from mkdocs_gitguard.policies.unique_names import UniqueNames

MOST_OF_A_REPOSITORY: Final = 10_000
"""Exceptions that are kept; the largest public repositories have some hundreds."""
_MOST_POLICIES: Final = 10
"""Of other repositories that one exception is from."""


def exceptions_of(
    files: Iterable[FileScan], at: SourceLines
) -> tuple[tuple[PolicyException, ...], tuple[Finding, ...]]:
    """Return the exceptions that the files of a repository hold, by id, and what went wrong.

    What stands among samples and test data excepts nothing and is left out.
    """
    placed = list(_placed(sorted(files, key=lambda file: file.path), at))
    findings: list[Finding] = []
    if len(placed) > MOST_OF_A_REPOSITORY:
        findings.append(
            Finding(
                code="exceptions-cut",
                severity="warning",
                message=f"{len(placed):,} exceptions from policies stand here; {MOST_OF_A_REPOSITORY:,} are shown.",
                hint="Turn a rule off that is skipped everywhere.",
                repository=at.repository,
            )
        )
    return tuple(sorted(placed[:MOST_OF_A_REPOSITORY], key=lambda one: one.id)), tuple(findings)


def _placed(files: Iterable[FileScan], at: SourceLines) -> Iterator[PolicyException]:
    names = UniqueNames()
    for file in files:
        if not file.exceptions or role_of_place(file.path) != "policy":
            continue
        for one in file.exceptions:
            wanted = node_id("exception", name_of(at.repository), one.format, file.path, one.name)
            yield _exception(one, file, names.give(wanted), at)


def _exception(one: FoundException, file: FileScan, identity: str, at: SourceLines) -> PolicyException:
    return PolicyException(
        id=identity,
        repository=at.repository,
        format=one.format,
        type=one.type,
        name=one.name,
        scope=one.scope,
        reason=one.reason,
        reference=one.reference,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        span=at.span(file, one.first_line, one.last_line),
        keys=one.keys,
    )


def with_policies(
    exceptions: Iterable[PolicyException], policies: Sequence[Policy], rules: Sequence[Rule]
) -> Iterator[PolicyException]:
    """Yield the exceptions of all repositories, each with the policies that its keys lead to.

    Those of its own repository count before those of others.
    """
    by_key: defaultdict[str, dict[str, None]] = defaultdict(dict)
    repositories = {policy.id: policy.repository for policy in policies if policy.role == "policy"}
    for policy in policies:
        for key in policy.keys if policy.id in repositories else ():
            by_key[key][policy.id] = None
    for rule in rules:
        for key in rule.keys if rule.policy in repositories else ():
            by_key[key][rule.policy] = None
    for one in exceptions:
        known = sorted({policy for key in one.keys for policy in by_key.get(key, ())})
        own = [policy for policy in known if repositories[policy] == one.repository]
        yield replace(one, policies=tuple((own or known)[:_MOST_POLICIES]))

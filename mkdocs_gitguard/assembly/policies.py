"""Policies as a stage of the assembly: `assemble(facts, stages=[contribute_policies, ...])`."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache, partial
from itertools import islice
from typing import Final, NamedTuple

from msgspec.structs import replace

from mkdocs_gitguard.assembly.core import Core, Parts
from mkdocs_gitguard.codeowners import Dialect
from mkdocs_gitguard.decisions.subjects import RepositoryNames
from mkdocs_gitguard.harvest.history.records import LineCommit
from mkdocs_gitguard.harvest.history.tags import committed_at
from mkdocs_gitguard.model import (
    Change,
    Finding,
    Policy,
    PolicyException,
    PullRequest,
    Relation,
    Rule,
    name_of,
    node_id,
)
from mkdocs_gitguard.ownership.owner_names import OwnerNames
from mkdocs_gitguard.policies import FileScan
from mkdocs_gitguard.policies.application import Governance, applications, with_scopes
from mkdocs_gitguard.policies.exceptions import with_policies
from mkdocs_gitguard.policies.link import PolicyScan, link

MOST_POLICY_TOUCHES: Final = 500_000
"""Relations of one repository's pull requests to its policies. Large public collections have ten thousand; ten thousand
policies in one file that ten thousand pull requests touch would have a hundred million."""
MOST_CHANGES: Final = 30
"""Newest changes of a policy's file that the snapshot holds."""


def contribute_policies(
    core: Core, *, governance: Sequence[Governance] = (), dialects: Mapping[str, Dialect] | None = None
) -> Parts:
    """Return the policies of every kept repository and how they hang together with the rest.

    Args:
        core: what the facts alone tell.
        governance: the site's setting `governs`.
        dialects: by repository id, whose rules of reading CODEOWNERS apply where the site says so; else the forge's.
    """
    names = core.owner_names
    scans: list[PolicyScan] = []
    for key in core.facts:
        dialect = (dialects or {}).get(key)

        def scanned(names: OwnerNames, key: str = key, dialect: Dialect | None = dialect) -> PolicyScan | None:
            task = partial(_scan, core, key, names, dialect)
            known = core.kept.last("told of policies", key, PolicyScan)
            return core.guard.attempt(core.facts[key].about, "searched for policies", task, known=known)

        scan = core.kept.once_named("policies", key, (*core.inputs_of(key), dialect), names, scanned, kind=PolicyScan)
        if scan is not None:
            scans.append(scan)
    repositories = RepositoryNames(core.repositories)
    made = partial(_together, scans, tuple(core.facts), governance, repositories)
    # Their ids are among what repositories are known by.
    together = core.kept.once("policies of all", "", (scans, governance, repositories.known), made)
    return Parts(
        owners=names.added(),
        policies=together.policies,
        rules=together.rules,
        exceptions=together.exceptions,
        relations=(*together.relations, *_touches(core, together.policies)),
        findings=tuple(finding for scan in scans for finding in scan.findings),
        sources=tuple(source for scan in scans for source in scan.sources),
    )


class _Together(NamedTuple):
    """What the policies of all repositories come to."""

    policies: tuple[Policy, ...]
    rules: tuple[Rule, ...]
    exceptions: tuple[PolicyException, ...]
    relations: tuple[Relation, ...]


def _together(
    scans: Sequence[PolicyScan],
    repositories: Sequence[str],
    governance: Sequence[Governance],
    names: RepositoryNames,
) -> _Together:
    policies = tuple(with_scopes([policy for scan in scans for policy in scan.policies]))
    rules = tuple(rule for scan in scans for rule in scan.rules)
    exceptions = tuple(with_policies((one for scan in scans for one in scan.exceptions), policies, rules))
    uses = (use for scan in scans for use in scan.uses)
    relations = (
        *_places(policies, rules),
        *_relations_of(exceptions),
        *applications(policies, repositories, governance, uses, names.find),
    )
    return _Together(policies, rules, exceptions, relations)


def _scan(core: Core, key: str, names: OwnerNames, dialect: Dialect | None) -> PolicyScan:
    facts = core.facts[key]
    read = (facts.policy_files, facts.skip_comments)
    once = core.kept.once

    @cache
    def files() -> tuple[FileScan, ...]:
        return (*facts.policy_files.holding(), *facts.skip_comments)

    holding = once("policy files", key, read, lambda: frozenset(file.path for file in files()))
    if not holding:
        return PolicyScan((), (), (), ())
    touched = changes_of(_line(core, key), core.paths[key], holding)
    changed_at = {path: touches[0].commit.commit for path, touches in touched.items()}
    # The head names the lines of those files alone of which it is not known when they were last changed.
    head = "" if changed_at.keys() == holding else facts.head
    scan = once(
        "linked policies",
        key,
        (read, changed_at, head),
        lambda: link(files(), key, facts.head, changed_at=changed_at),
    )
    paths = {policy.span.path for policy in scan.policies}
    # Most commits that change one policy change many.
    distinct = {touch.commit.commit: touch for touches in touched.values() for touch in touches}
    made = {commit: _change(core, key, *touch) for commit, touch in distinct.items()}
    changes = {path: tuple(made[touch.commit.commit] for touch in touched.get(path, ())) for path in paths}
    owned = paths | {one.span.path for one in scan.exceptions}
    written = once(
        "owners of policy files",
        key,
        (core.code_owners_read_from(key, dialect), owned),
        lambda: core.code_owners(key, dialect).by_path(owned),
    )
    owners = {
        path: tuple(dict.fromkeys(names.resolve(name, key) for name in on_path)) for path, on_path in written.items()
    }
    return once("told of policies", key, (scan, changes, owners), lambda: _told(scan, changes, owners))


def _told(
    scan: PolicyScan, changes: Mapping[str, tuple[Change, ...]], owners: Mapping[str, tuple[str, ...]]
) -> PolicyScan:
    """Return a scan with what is told of its files."""
    return scan._replace(
        policies=tuple(
            replace(
                policy,
                changes=changes.get(policy.span.path, ()),
                owners=owners.get(policy.span.path, ()),
            )
            for policy in scan.policies
        ),
        exceptions=tuple(replace(one, owners=owners.get(one.span.path, ())) for one in scan.exceptions),
    )


class Touch(NamedTuple):
    """A commit of the first-parent line that changed a file, and its pull request's number or 0."""

    commit: LineCommit
    number: int


def _line(core: Core, key: str) -> Iterator[Touch]:
    for commit, number in core.changes(key):
        yield Touch(commit, number)


def changes_of(line: Iterator[Touch], path_names: Sequence[str], wanted: AbstractSet[str]) -> dict[str, list[Touch]]:
    """Return the newest changes of each wanted path, `MOST_CHANGES` of one at the most.

    Args:
        line: the first-parent line, newest first.
        path_names: what the line's path numbers stand for.
        wanted: paths, as `path_names` spells them.
    """
    numbers = {number: path for number, path in enumerate(path_names) if path in wanted}
    changes: defaultdict[str, list[Touch]] = defaultdict(list)
    for touch in line:
        for number in filter(numbers.__contains__, touch.commit.touched_paths()):
            of_path = changes[numbers[number]]
            if len(of_path) < MOST_CHANGES:
                of_path.append(touch)
    return dict(changes)


def _change(core: Core, key: str, commit: LineCommit, number: int) -> Change:
    return Change(
        commit=commit.commit,
        at=committed_at(commit.at),
        author=core.owner(key, commit.author),
        pull_request=node_id("pull-request", name_of(key), str(number)) if number else "",
    )


def _places(policies: Sequence[Policy], rules: Sequence[Rule]) -> Iterator[Relation]:
    for policy in policies:
        yield Relation(type="held_in", source=policy.id, target=policy.repository)
        for owner in policy.owners:
            yield Relation(type="owned_by", source=policy.id, target=owner)
    for rule in rules:
        yield Relation(type="part_of", source=rule.id, target=rule.policy)


def _relations_of(exceptions: Sequence[PolicyException]) -> Iterator[Relation]:
    for one in exceptions:
        yield Relation(type="held_in", source=one.id, target=one.repository)
        for owner in one.owners:
            yield Relation(type="owned_by", source=one.id, target=owner)
        for policy in one.policies:
            yield Relation(type="excepts", source=one.id, target=policy)


def _touches(core: Core, policies: Sequence[Policy]) -> Iterator[Relation]:
    of_repository: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for policy in policies:
        of_repository[policy.repository].append((policy.span.path, policy.id))
    for key, pull_requests in core.pull_requests_of.items():
        if places := of_repository.get(key):
            made = partial(_touches_in, pull_requests, places)
            touches = core.kept.once("policy touches", key, (pull_requests, places), made)
            yield from touches[:MOST_POLICY_TOUCHES]
            if len(touches) > MOST_POLICY_TOUCHES:
                core.guard.findings.append(
                    Finding(
                        code="policy-touches-cut",
                        severity="warning",
                        message=f"Pull requests touch policies more than {MOST_POLICY_TOUCHES:,} times; the oldest are "
                        "left out.",
                        hint="Split files that hold very many policies.",
                        repository=key,
                    )
                )


def _touches_in(pull_requests: Sequence[PullRequest], places: Sequence[tuple[str, str]]) -> tuple[Relation, ...]:
    """Return which pull requests of a repository touch its policies: as many as a snapshot takes, and one more.

    Args:
        pull_requests: newest first.
        places: of each policy, its file and its id.
    """
    by_file: defaultdict[str, list[str]] = defaultdict(list)
    for path, policy in places:
        by_file[path].append(policy)
    touches = (
        Relation(type="touches", source=pull_request.id, target=policy)
        for pull_request in pull_requests
        for file in pull_request.files
        for policy in by_file.get(file.path, ())
    )
    return tuple(islice(touches, MOST_POLICY_TOUCHES + 1))

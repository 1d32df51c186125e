"""Which policies apply to which repositories, and why.

The site says so, in its setting `governs`, a list read from the top; the first entry that fits a policy counts:

    governs:
      - policies: "acme/guardrails/rego/*"    # what follows `policy:` in the policy's id
        repositories: ["acme/*"]              # namespace/name
        paths: ["infra/", "*.tf"]             # optional: it applies to these files only

Patterns are those of a shell, and `*` also stands for `/`; a path that ends in `/` stands for all below it. Beside
that, files bind policies:

- a command of a workflow or pipeline asks them (`conftest test --policy policy`), or a Conforma configuration names
  them as its source: they apply to the repository that holds the workflow or the configuration;
- a ruleset or branch protection that is kept as code applies to the repository it stands in; a safe-settings file
  `repos/NAME.yml` to the repository NAME of its namespace; `settings.yml` in a repository called `.github` or `admin`
  to all of its namespace. One that is switched off applies to none.

A repository is not subject to a policy because it holds it: a library of policies for Kubernetes does not apply to its
own README.
What a policy matches in a cluster or a cloud are its scopes; a ConstraintTemplate has those of the Constraints of its
kind. Automation, samples, test data and versions apply to nothing by a file.
"""

import posixpath
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from msgspec.structs import replace

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Evidence, Policy, Record, Relation, ResourceScope, is_policy, name_of
from mkdocs_gitguard.policies.file_scan import PolicyUse

MOST_BOUND: Final = 50_000
"""Policies that the files of one repository bind to it."""
_MOST_SCOPES: Final = 20
"""Scopes of one policy, and reasons of one relation, that are kept."""
_ADMIN_REPOSITORIES: Final = frozenset({".github", "admin"})
_ONE_REPOSITORY: Final = late_pattern(r"(?:.*/)?repos/([^/]+)\.ya?ml")
_KEYS: Final = frozenset({"policies", "repositories", "paths"})


class Governance(Record, frozen=True, kw_only=True):
    """One entry of the setting `governs`."""

    policies: tuple[str, ...] = ("*",)
    repositories: tuple[str, ...] = ("*",)
    paths: tuple[str, ...] = ()
    """Empty: every file."""


class PlacedUse(NamedTuple):
    """A place that says which policies are asked, and where it stands."""

    use: PolicyUse
    repository: str
    """Node id."""
    path: str


def read_governance(value: object) -> tuple[Governance, ...]:
    """Return the setting `governs`.

    Raises:
        SettingError: it is not a list of mappings from known names to patterns.
    """
    if value is None:
        return ()
    if not isinstance(value, list):
        raise SettingError("governs is not a list.", hint="Write a list of entries with policies and repositories.")
    return tuple(_entry(item, number) for number, item in enumerate(value, start=1))


def _entry(item: object, number: int) -> Governance:
    where = f"Entry {number} of governs"
    if not isinstance(item, dict):
        raise SettingError(f"{where} is not a mapping.", hint="Write policies: and repositories: in it.")
    if unknown := sorted(set(map(str, item)) - _KEYS):
        raise SettingError(f"{where} has {', '.join(unknown)}.", hint=f"Use {', '.join(sorted(_KEYS))}.")
    fields: dict[str, tuple[str, ...]] = {}
    for key, patterns in item.items():
        listed = [patterns] if isinstance(patterns, str) else patterns
        if not isinstance(listed, list) or not all(isinstance(pattern, str) and pattern for pattern in listed):
            raise SettingError(
                f"{where}: {key} is not a pattern or a list of patterns.", hint='Write, for instance, "acme/*".'
            )
        fields[str(key)] = tuple(listed)
    return Governance(**fields)


def with_scopes(policies: Sequence[Policy]) -> list[Policy]:
    """Return the policies, each ConstraintTemplate with the scopes of the Constraints of its kind."""
    scopes: defaultdict[str, list[ResourceScope]] = defaultdict(list)
    for policy in filter(is_policy, policies):
        for key in policy.keys:
            scheme, _, name = key.partition(":")
            if scheme == "gatekeeper-constraint":
                scopes[f"gatekeeper:{name.partition('/')[0]}"] += (_bound_by(policy, scope) for scope in policy.scopes)
    return [
        replace(policy, scopes=tuple(bound[:_MOST_SCOPES]))
        if policy.type == "ConstraintTemplate"
        and (bound := [scope for key in policy.keys for scope in scopes.get(key, ())])
        else policy
        for policy in policies
    ]


def _bound_by(constraint: Policy, scope: ResourceScope) -> ResourceScope:
    evidence = replace(scope.evidence, what=f"Constraint {constraint.name}", node=constraint.id)
    return replace(scope, evidence=evidence)


def applications(
    policies: Sequence[Policy],
    repositories: Sequence[str],
    settings: Sequence[Governance] = (),
    uses: Iterable[PlacedUse] = (),
    find: Callable[[str], str] = lambda _: "",
) -> Iterator[Relation]:
    """Yield which repositories are subject to which policies.

    Args:
        policies: of all repositories.
        repositories: node ids of all.
        settings: the site's setting `governs`.
        uses: places that say which policies are asked.
        find: gives the node id of the repository that a name or URL stands for, `""` for none of this site.
    """
    reasons: dict[tuple[str, str, tuple[str, ...]], list[Evidence]] = {}
    for repository, policy, paths, evidence in (
        *_configured(policies, repositories, settings),
        *_by_place(policies, repositories),
        *_by_use(policies, uses, find),
    ):
        known = reasons.setdefault((repository, policy, paths), [])
        if evidence not in known and len(known) < _MOST_SCOPES:
            known.append(evidence)
    for (repository, policy, paths), known in reasons.items():
        yield Relation(type="subject_to", source=repository, target=policy, paths=paths, evidence=tuple(known))


_Reason = tuple[str, str, tuple[str, ...], Evidence]
"""Repository, policy, patterns of paths, and why."""


def _configured(
    policies: Sequence[Policy], repositories: Sequence[str], settings: Sequence[Governance]
) -> Iterator[_Reason]:
    for policy in policies:
        for number, entry in enumerate(settings, start=1):
            if _fits(name_of(policy.id), entry.policies):
                evidence = Evidence(basis="configured", what=f"entry {number} of the setting governs")
                for repository in repositories:
                    if _fits(name_of(repository), entry.repositories):
                        yield repository, policy.id, entry.paths, evidence
                break


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _by_place(policies: Sequence[Policy], repositories: Sequence[str]) -> Iterator[_Reason]:
    for policy in policies:
        if policy.format == "github-ruleset" and is_policy(policy) and policy.enforcement != "disabled":
            evidence = Evidence(
                basis="bound",
                what=f"the {policy.type} is kept here",
                repository=policy.span.repository,
                path=policy.span.path,
                line=policy.span.first_line,
            )
            for repository in _repositories_of_settings(policy, repositories):
                yield repository, policy.id, (), evidence


def _repositories_of_settings(policy: Policy, repositories: Sequence[str]) -> list[str]:
    namespace, _, name = name_of(policy.repository).rpartition("/")
    if match := _ONE_REPOSITORY.fullmatch(policy.span.path):
        wanted = f"{namespace}/{match[1]}"
        return [repository for repository in repositories if name_of(repository) == wanted]
    if name in _ADMIN_REPOSITORIES and posixpath.basename(policy.span.path).startswith("settings."):
        return [repository for repository in repositories if name_of(repository).rpartition("/")[0] == namespace]
    return [policy.repository]


def _by_use(policies: Sequence[Policy], uses: Iterable[PlacedUse], find: Callable[[str], str]) -> Iterator[_Reason]:
    policies_of: defaultdict[str, list[Policy]] = defaultdict(list)
    for policy in filter(is_policy, policies):
        policies_of[policy.repository].append(policy)
    held = {repository: _Held(own) for repository, own in policies_of.items()}
    bound: defaultdict[str, int] = defaultdict(int)
    for use, repository, path in uses:
        holder = find(use.repository) if use.repository else repository
        for policy in held[holder].below(use.path) if holder in held else ():
            bound[repository] += 1
            if bound[repository] > MOST_BOUND:
                break
            evidence = Evidence(
                basis="bound",
                what=f"{use.tool} asks {use.path if use.path != '.' else 'all'}",
                repository=repository,
                path=path,
                line=use.line,
            )
            yield repository, policy.id, (), evidence


class _Held:
    """The policies of a repository, found by the paths of their files."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self._policies = policies
        self._order = sorted(range(len(policies)), key=lambda row: policies[row].span.path)
        self._paths = [policies[row].span.path for row in self._order]

    def below(self, path: str) -> Iterable[Policy]:
        """Return those of a file, or of all files below a folder, in the order in which they were given."""
        if path == ".":
            return self._policies
        at = slice(bisect_left(self._paths, path), bisect_right(self._paths, path))
        # In the order of characters `0` comes next to `/`.
        within = slice(bisect_left(self._paths, f"{path}/"), bisect_left(self._paths, f"{path}0"))
        return map(self._policies.__getitem__, sorted(self._order[at] + self._order[within]))

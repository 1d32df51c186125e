"""Which repositories a policy governs.

The site says so, in its setting `governs`, a list read from the top; the first entry that fits a policy counts:

    governs:
      - policies: "acme/guardrails/rego/*"    # what follows `policy:` in the policy's id
        repositories: ["acme/*"]              # namespace/name
        paths: ["infra/", "*.tf"]             # optional: governs these files only

Patterns are those of a shell, and `*` also stands for `/`; a path that ends in `/` stands for all below it. Where no
entry fits, the policy's own place tells:

- a workflow, a ruleset or any other policy governs the repository it stands in;
- a safe-settings file `repos/NAME.yml` governs the repository NAME of its namespace; `settings.yml` in a repository
  called `.github` or `admin` governs all of its namespace;
- what Kubernetes or a cloud enforces (Gatekeeper, Kyverno, Cloud Custodian) governs no repository.
"""

import posixpath
import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Final

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.model import Policy, Record, Relation, name_of

_RUN_ELSEWHERE: Final = frozenset({"gatekeeper", "kyverno", "custodian"})
_ADMIN_REPOSITORIES: Final = frozenset({".github", "admin"})
_ONE_REPOSITORY: Final = re.compile(r"(?:.*/)?repos/([^/]+)\.ya?ml")
_EVERY_PATH: Final[tuple[str, ...]] = ()
_KEYS: Final = frozenset({"policies", "repositories", "paths"})


class Governance(Record, frozen=True, kw_only=True):
    """One entry of the setting `governs`."""

    policies: tuple[str, ...] = ("*",)
    repositories: tuple[str, ...] = ("*",)
    paths: tuple[str, ...] = ()
    """Empty: every file."""


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


def governs(
    policies: Sequence[Policy], repositories: Sequence[str], settings: Sequence[Governance] = ()
) -> Iterator[Relation]:
    """Yield which repositories, given by node id, are governed by which policies."""
    for policy in policies:
        entry = next((one for one in settings if _fits(name_of(policy.id), one.policies)), None)
        if entry is None:
            governed, paths = _by_place(policy, repositories), _EVERY_PATH
        else:
            governed = [repository for repository in repositories if _fits(name_of(repository), entry.repositories)]
            paths = entry.paths
        for repository in governed:
            yield Relation(type="governed_by", source=repository, target=policy.id, paths=paths)


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _by_place(policy: Policy, repositories: Sequence[str]) -> list[str]:
    if policy.format in _RUN_ELSEWHERE:
        return []
    namespace, _, name = name_of(policy.repository).rpartition("/")
    if policy.format == "github-ruleset":
        if match := _ONE_REPOSITORY.fullmatch(policy.span.path):
            wanted = f"{namespace}/{match[1]}"
            return [repository for repository in repositories if name_of(repository) == wanted]
        if name in _ADMIN_REPOSITORIES and posixpath.basename(policy.span.path).startswith("settings."):
            return [repository for repository in repositories if name_of(repository).rpartition("/")[0] == namespace]
    return [policy.repository]

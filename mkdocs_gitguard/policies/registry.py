"""The formats. A new one is a new file and a line here; a third party's comes by entry point.

[project.entry-points."mkdocs_gitguard.policy_formats"]
sentinel = "acme_gitguard.sentinel:FORMAT"
"""

from functools import cache, lru_cache
from typing import Final

from mkdocs_gitguard.entry_points import POLICY_FORMATS, load_named, registered
from mkdocs_gitguard.policies.format import PolicyFormat
from mkdocs_gitguard.policies.formats import (
    cedar,
    checkov,
    conforma,
    custodian,
    gatekeeper,
    github_settings,
    gitlab_ci,
    kyverno,
    rego,
    semgrep,
    workflows,
)

BUILT_IN: Final = (
    rego.FORMAT,
    gatekeeper.FORMAT,
    kyverno.FORMAT,
    semgrep.FORMAT,
    cedar.FORMAT,
    custodian.FORMAT,
    checkov.FORMAT,
    github_settings.FORMAT,
    workflows.FORMAT,
    gitlab_ci.FORMAT,
    conforma.FORMAT,
)


@cache
def policy_formats() -> tuple[PolicyFormat, ...]:
    """Return the built-in formats and those that installed packages register, by name.

    Raises:
        SettingError: an entry point is not a `PolicyFormat`, cannot be imported, or takes a name that is taken.
    """
    return tuple(load_named(POLICY_FORMATS, PolicyFormat, BUILT_IN).values())


def format_versions() -> tuple[str, ...]:
    """Return the names of the formats, and of each that is registered by entry point by which version of what.

    Raises:
        SettingError: as `policy_formats`.
    """
    return _versions(policy_formats())


@lru_cache(maxsize=1)
def _versions(formats: tuple[PolicyFormat, ...]) -> tuple[str, ...]:
    return (*(known.name for known in formats), *sorted(entry.identity for entry in registered(POLICY_FORMATS)))

"""The formats. A new one is a new file and a line here; a third party's comes by entry point.

[project.entry-points."mkdocs_gitguard.policy_formats"]
sentinel = "acme_gitguard.sentinel:FORMAT"
"""

from functools import cache, lru_cache
from importlib.metadata import entry_points
from typing import Final

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.policies.format import PolicyFormat
from mkdocs_gitguard.policies.formats import (
    cedar,
    checkov,
    custodian,
    gatekeeper,
    github_settings,
    kyverno,
    rego,
    semgrep,
    workflows,
)

ENTRY_POINT_GROUP: Final = "mkdocs_gitguard.policy_formats"
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
)


@cache
def policy_formats() -> tuple[PolicyFormat, ...]:
    """Return the built-in formats and those that installed packages register, by name.

    Raises:
        SettingError: an entry point is no `PolicyFormat`, cannot be imported, or takes a name that is taken.
    """
    found = {known.name: known for known in BUILT_IN}
    for entry in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda entry: entry.name):
        try:
            loaded = entry.load()
        except (ImportError, AttributeError) as error:
            raise SettingError(
                f"The policy format {entry.name!r} ({entry.value}) cannot be imported: {error}.",
                hint="Repair or uninstall the package that registers it.",
            ) from error
        if not isinstance(loaded, PolicyFormat):
            raise SettingError(
                f"The policy format {entry.name!r} ({entry.value}) is not a PolicyFormat.",
                hint="Register an instance of mkdocs_gitguard.policies.PolicyFormat.",
            )
        if loaded.name in found:
            raise SettingError(
                f"The policy format {entry.name!r} ({entry.value}) calls itself {loaded.name!r}, which is taken.",
                hint="Give it another name.",
            )
        found[loaded.name] = loaded
    return tuple(found.values())


def format_versions() -> tuple[str, ...]:
    """Return the names of the formats, and of each that is registered by entry point by which version of what.

    Raises:
        SettingError: as `policy_formats`.
    """
    return _versions(policy_formats())


@lru_cache(maxsize=1)
def _versions(formats: tuple[PolicyFormat, ...]) -> tuple[str, ...]:
    registered = (
        f"{entry.name} {entry.value} {entry.dist.name} {entry.dist.version}" if entry.dist else entry.value
        for entry in entry_points(group=ENTRY_POINT_GROUP)
    )
    return (*(known.name for known in formats), *sorted(registered))

"""What the feature flags mean to a reader: the parts of a portal by name, and which of them a phase hides."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.model import FeatureState, FlagName, Flags
from mkdocs_gitguard.rollout.decision import decide_publish
from mkdocs_gitguard.rollout.resolve import settings_of
from mkdocs_gitguard.rollout.settings import DECLARATIONS, PHASES, Settings


class Feature(NamedTuple):
    """A part of a portal that a flag turns on."""

    flag: FlagName
    name: str
    about: str
    needs_extra: bool = False
    """It needs more than this package, so that a portal without it is whole."""


FEATURES: Final = (
    Feature("owners", "code owners", "Who owns every path, what nobody owns, owners who have left."),
    Feature("policy_transparency", "policies", "Policies, rules and decisions, each linked to its source lines."),
    Feature(
        "mermaid_graphs", "diagrams", "Pictures of how repositories, pull requests, people and policies hang together."
    ),
    Feature("graph_api", "explorer", "The explorer, and the Graph API that it reads: the same facts as JSON."),
    Feature("slo_monitoring", "service levels", "How fresh the portal is, and whether that is good enough."),
    Feature("chaos_engineering", "chaos drills", "Trials of what happens when a part fails."),
    Feature(
        "embeddings",
        "search by meaning",
        "Finds what is about the same in other words, and tells what is related.",
        needs_extra=True,
    ),
)
"""In the order in which they are named. Publishing does not stand here: see `decision`."""


def hidden(flags: Flags) -> tuple[str, ...]:
    """Return the names of the parts that flags hide, of those that need nothing else."""
    return tuple(feature.name for feature in FEATURES if not feature.needs_extra and not getattr(flags, feature.flag))


def shown(flags: Flags) -> tuple[str, ...]:
    """Return the names of the parts that flags show."""
    return tuple(feature.name for feature in FEATURES if getattr(flags, feature.flag))


def what_is_hidden(settings: Settings) -> str:
    """Return one sentence on what the phase hides."""
    names = hidden(settings.flags)
    return f"{settings.phase} hides: {', '.join(names)}." if names else f"{settings.phase} hides nothing."


def what_is_published(settings: Settings) -> str:
    """Return one sentence on whether the phase publishes, and of which repositories."""
    if not decide_publish(settings).allowed:
        return f"{settings.phase} publishes nothing."
    chosen = ", ".join(settings.codex_repo_include_list)
    return f"{settings.phase} publishes {f'some of the repositories ({chosen})' if chosen else 'all repositories'}."


def feature_states(settings: Settings, *, environ: Mapping[str, str], root: Path) -> Iterator[FeatureState]:
    """Yield each feature with whether it is shown, and the phase that brings it.

    Args:
        settings: in force.
        environ: the process environment, which counts in later phases too.
        root: the site's folder, whose phase files count before the packaged ones.

    A later phase whose file is wrong is passed over: that is told where it is chosen.
    """
    later = PHASES[PHASES.index(settings.phase) + 1 :] if settings.phase in PHASES[1:] else PHASES[1:]
    flags_of: dict[str, Flags] = {}
    for phase in later:
        with suppress(SettingError):
            flags_of[phase] = settings_of(phase, environ=environ, root=root).flags
    variables = {item.flag: item.name for item in DECLARATIONS.values() if item.flag}
    for feature in FEATURES:
        is_shown = bool(getattr(settings.flags, feature.flag))
        yield FeatureState(
            name=feature.name,
            about=feature.about,
            variable=variables[feature.flag],
            is_shown=is_shown,
            needs_extra=feature.needs_extra,
            arrives=""
            if is_shown
            else next((name for name, flags in flags_of.items() if getattr(flags, feature.flag)), ""),
        )

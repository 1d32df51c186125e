"""The rollout as people see it: measurements, checks of the plan's criteria, and the history of phases and releases."""

from datetime import datetime
from typing import Literal

from mkdocs_gitguard.model.flags import Flags
from mkdocs_gitguard.model.forge import Forge
from mkdocs_gitguard.model.record import Record

CheckState = Literal["pass", "fail", "no data", "not applicable"]
"""not applicable: nothing in the site's set-up could measure it, and the plan does not ask for it there."""


class Release(Record, frozen=True, kw_only=True):
    """One published state of the portal."""

    id: str
    """`<UTC time>-<first 12 digits of `digest`>`; ids of one target sort in the order of publishing."""
    created_at: datetime
    digest: str
    """SHA-256 over the paths and digests of all files: the content's identity."""
    files: int
    bytes: int
    phase: str
    flags: Flags
    commit: str = ""
    """Commit of the portal's own repository, `""` where the site stands in none."""
    snapshot: str = ""
    """`Graph.digest` of what the portal shows, `""` for a site without one."""


class Measurement(Record, frozen=True, kw_only=True):
    """One number that was measured."""

    name: str
    """Dotted, the thing before the quantity: `build.duration`."""
    value: float
    unit: str = ""
    """`s`, `ms`, `bytes`, `share` (0 to 1), `""` for a count and for yes (1) and no (0)."""
    at: datetime
    evidence: str = ""
    """What was looked at, one sentence. Never the name of a repository: it may be one that a later phase leaves out."""


class CheckResult(Record, frozen=True, kw_only=True):
    """One success criterion of a phase, judged."""

    name: str
    """Stable, for instance `canary.error-rate`."""
    criterion: str
    """The plan's own words."""
    state: CheckState
    evidence: str
    """What the judgement stands on, or what is missing and how to get it."""
    at: datetime | None = None
    """When the oldest number that it stands on was measured."""


class Checklist(Record, frozen=True, kw_only=True):
    """The success criteria of a phase."""

    phase: str
    title: str
    """The plan's heading."""
    checks: tuple[CheckResult, ...]


class PhaseChange(Record, frozen=True, kw_only=True):
    """A step from one phase to another."""

    at: datetime
    action: Literal["promote", "rollback"]
    before: str
    after: str
    who: str
    why: str
    overridden: tuple[str, ...] = ()
    """Names of the checks that did not pass and were overridden."""


class ReleaseEvent(Record, frozen=True, kw_only=True):
    """A release was published, or gone back to."""

    at: datetime
    action: Literal["publish", "rollback"]
    target: str
    release: Release
    who: str
    why: str = ""


class ReleaseNote(Record, frozen=True, kw_only=True):
    """What a release or a step between phases changed, for people."""

    key: str
    """The same for the same note."""
    at: datetime
    title: str
    what: tuple[str, ...]
    """Sentences."""
    for_whom: str
    ask: str
    """Who did it, and knows."""


class SettingValue(Record, frozen=True, kw_only=True):
    """A setting in force, fit to be shown: secrets and lists of repositories are not."""

    name: str
    value: str
    origin: str


class FeatureState(Record, frozen=True, kw_only=True):
    """A part of the portal that a feature flag turns on."""

    name: str
    """In a reader's words: `code owners`."""
    about: str
    variable: str
    """The flag's environment variable."""
    is_shown: bool
    needs_extra: bool = False
    """It needs more than this package, so that a portal without it is whole."""
    arrives: str = ""
    """The next phase of the plan that shows it, where this one does not; `""`: none."""


class RolloutStatus(Record, frozen=True, kw_only=True):
    """Everything that the rollout page shows."""

    phase: str
    phase_origin: str
    plan: str = ""
    """What the rollout plan is, in a sentence or two."""
    plan_page: str = ""
    """URL of the page of the docs that explains it."""
    features: tuple[FeatureState, ...] = ()
    settings: tuple[SettingValue, ...] = ()
    """Feature flags first."""
    may_publish: bool = False
    reasons: tuple[str, ...] = ()
    """Why a publish is allowed or refused."""
    checklists: tuple[Checklist, ...] = ()
    """One for each phase of the plan, in its order."""
    changes: tuple[PhaseChange, ...] = ()
    """Newest first."""
    releases: tuple[ReleaseEvent, ...] = ()
    """Newest first."""
    notes: tuple[ReleaseNote, ...] = ()
    """Newest first."""
    forge: Forge | None = None
    """Where the commits of releases can be seen: of the repository that the site itself stands in."""

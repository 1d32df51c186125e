"""Exceptions from policies that stand in git: what is left out, for whom, why and until when."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, Literal, get_args

from mkdocs_gitguard.model.policy import SourceSpan
from mkdocs_gitguard.model.record import Record

ExceptionType = Literal["exclusion", "exemption", "skip", "start"]
EXCEPTION_TYPES: Final[tuple[ExceptionType, ...]] = get_args(ExceptionType)

EXCEPTION_WORDS: Final[dict[ExceptionType, str]] = {
    "exclusion": "rule left out",
    "exemption": "exempt",
    "skip": "skipped in code",
    "start": "in force from a day on",
}
"""What people call each."""
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class PolicyException(Record, frozen=True, kw_only=True):
    """A place in a repository that keeps a policy or rule from applying, or from applying before a day.

    Whether one has ended depends on the day and is told by whoever shows it.
    """

    id: str
    repository: str
    format: str
    """The registry's name of the policy format: `conforma`, `kyverno`, `gatekeeper`, `semgrep`, `checkov`, `rego`."""
    type: ExceptionType
    """`exclusion`: a configuration leaves a rule out. `exemption`: resources are exempt from it. `skip`: a comment in
    the code that is checked. `start`: no exception, but a rule that is in force from `starts_at` on, if that is given,
    and up to `ends_at`."""
    name: str
    """What it is an exception from, as the source writes it; `every rule` where it names none."""
    scope: str = ""
    """What it holds for, in words: `namespaces kube-system`; `""`: not said."""
    reason: str = ""
    """In the source's own words; `""`: none is given."""
    reference: str = ""
    """http(s) URL that the source gives for it."""
    starts_at: datetime | None = None
    """When it begins; None: at once."""
    ends_at: datetime | None = None
    """When it ends; None: it does not, or the source does not say."""
    span: SourceSpan
    keys: tuple[str, ...] = ()
    """What the policies and rules are called that it is an exception from, in the words of `model/policy_keys.py`."""
    policies: tuple[str, ...] = ()
    """Ids of those that are known, by id."""
    owners: tuple[str, ...] = ()
    """Code owners of the file, by the repository's own CODEOWNERS."""


def ending_first(exceptions: Iterable[PolicyException]) -> list[PolicyException]:
    """Return exceptions by the moment of their end, those without one last, then by id."""
    return sorted(exceptions, key=lambda one: (one.ends_at is None, one.ends_at or one.starts_at or _NEVER, one.id))

"""What is said of a setting, and where its value comes from."""

from dataclasses import dataclass, field
from typing import Final, Generic, NamedTuple, TypeVar

from mkdocs_gitguard.rollout.values import ValueType

T = TypeVar("T")

DECLARATION: Final = "gitguard"
"""Key of a field's metadata."""


class Origin(NamedTuple):
    """Where a value comes from."""

    kind: str
    """`environment`, `file` or `default`."""
    file: str = ""
    line: int = 0
    why: str = ""
    """For a value that follows from another setting: which."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.kind == "file" else self.kind
        return f"{place} ({self.why})" if self.why else place


@dataclass(frozen=True)
class Declaration(Generic[T]):
    """What the one line of a setting says about it."""

    name: str
    """The environment variable."""
    type: ValueType[T]
    default: T
    doc: str
    plan: str
    """Section of the rollout plan that sets it; `""` for one that a deployment needs beside the plan."""
    flag: str = ""
    """The field of `Flags` that it is."""
    group: str = ""
    derived: str = ""
    """How the default follows from other settings."""


def declared(
    name: str,
    value_type: ValueType[T],
    default: T,
    doc: str,
    *,
    group: str,
    plan: str = "",
    flag: str = "",
    derived: str = "",
) -> T:
    """Return a field of the settings that says all that there is to say of it."""
    declaration = Declaration(name, value_type, default, doc, plan, flag, group, derived)
    return field(default=default, metadata={DECLARATION: declaration})

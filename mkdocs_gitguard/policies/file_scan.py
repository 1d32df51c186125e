"""What one file holds, as far as the file alone can tell: the part of a scan that is cached by blob.

Nothing here names a repository or commit, so a file that did not move need not be read again. `link.py` joins what
the files of one repository say into policies and rules.
"""

from datetime import datetime
from typing import Literal

from mkdocs_gitguard.model import ExceptionType, Finding, Record


class Description(Record, frozen=True, kw_only=True):
    """What a policy or rule says of itself."""

    title: str = ""
    description: str = ""
    severity: str = ""
    category: str = ""
    related: tuple[str, ...] = ()
    """http(s) URLs."""


class FoundRule(Record, frozen=True, kw_only=True):
    """One definition of a rule."""

    name: str
    label: str = ""
    """A lasting name for this definition among others of `name`, where the source gives one."""
    type: str = ""
    about: Description = Description()
    first_line: int
    last_line: int
    metadata_line: int = 0
    keys: tuple[str, ...] = ()


class FoundPolicy(Record, frozen=True, kw_only=True):
    """One policy of a file."""

    format: str
    type: str
    name: str
    """What its id is made of: segments joined by `/`."""
    shown_name: str = ""
    """What people call it, where `name` holds more than that."""
    about: Description = Description()
    first_line: int
    last_line: int
    metadata_line: int = 0
    rules: tuple[FoundRule, ...] = ()
    keys: tuple[str, ...] = ()
    enforcement: str = ""
    """The source's own word for what comes of a violation: `deny`, `dryrun`, `Audit`, `disabled`; `""`: not said."""
    resources: tuple[str, ...] = ()
    """Kinds of resources of a cluster or a cloud that it says it applies to, as it writes them."""
    resources_line: int = 0
    """Where it says so."""
    package: tuple[str, ...] = ()
    """Of a Rego file: what `Inherited` records are matched with."""


class FoundTest(Record, frozen=True, kw_only=True):
    """One test and what it exercises."""

    name: str
    first_line: int
    last_line: int
    targets: tuple[str, ...]
    """Keys of rules or policies (a Rego reference may reach beyond the rule), or `path:<file>` for all of a file."""


class PolicyUse(Record, frozen=True, kw_only=True):
    """A place that says which policies are asked about its repository: a command of a workflow, a setting."""

    tool: str
    """In words: `conftest test`."""
    path: str
    """Of a policy's file or a folder of them, in the repository that holds them; `.` for all of it."""
    line: int
    repository: str = ""
    """Name or URL of the repository that holds them; `""`: its own."""


class FoundException(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One exception from policies: see `PolicyException`, whose fields these are."""

    format: str
    type: ExceptionType
    name: str
    scope: str = ""
    reason: str = ""
    reference: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    first_line: int
    last_line: int
    keys: tuple[str, ...] = ()


class Inherited(Record, frozen=True, kw_only=True):
    """A Rego annotation that speaks for more than the rule below it."""

    scope: Literal["package", "subpackages", "document"]
    package: tuple[str, ...]
    rule: str = ""
    about: Description


class FileScan(Record, frozen=True, kw_only=True, array_like=True, omit_defaults=True):
    """All that one file holds. Packed short, because most files that a format wants hold nothing."""

    path: str
    blob: str
    policies: tuple[FoundPolicy, ...] = ()
    tests: tuple[FoundTest, ...] = ()
    inherited: tuple[Inherited, ...] = ()
    findings: tuple[Finding, ...] = ()
    """Without repository: `link` fills it in."""
    text: str = ""
    """Kept where the file holds policies or tests."""
    is_truncated: bool = False
    uses: tuple[PolicyUse, ...] = ()
    exceptions: tuple[FoundException, ...] = ()

    @property
    def is_blank(self) -> bool:
        """Whether the file holds nothing that a format knows."""
        return self == FileScan(path=self.path, blob=self.blob)

"""Relations come in pairs, as Backstage's do: each is stored once and seen from both ends."""

from operator import attrgetter
from typing import Final, Literal

from mkdocs_gitguard.model.record import Record

RelationType = Literal[
    "owned_by", "touches", "subject_to", "held_in", "decided_by", "excepts", "part_of", "authored_by", "member_of"
]

INVERSE: Final[dict[str, str]] = {
    "owned_by": "owner_of",
    "touches": "touched_by",
    "subject_to": "applies_to",
    "held_in": "holds",
    "decided_by": "decided",
    "excepts": "excepted_by",
    "part_of": "has_part",
    "authored_by": "author_of",
    "member_of": "has_member",
}
"""Each relation's name seen from its source, and from its target."""


EvidenceBasis = Literal["configured", "bound", "decided"]

EVIDENCE_WORDS: Final[dict[EvidenceBasis, str]] = {
    "configured": "configured",
    "bound": "bound in the files",
    "decided": "proven by decisions",
}
"""What people call each."""


class Evidence(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One reason for which a policy is said to apply."""

    basis: EvidenceBasis
    """`configured`: the site's setting `governs` says so. `bound`: a file does: a Constraint, a policy's own match, a
    command of a workflow. `decided`: a decision report shows that it was asked."""
    what: str
    """In words, for people: `conftest test --policy policy`."""
    node: str = ""
    """Id of the Constraint that binds it, or of the newest decision; `""` for none."""
    repository: str = ""
    """Id of the repository that `path` and `line` are of, at its head."""
    path: str = ""
    line: int = 0


class Relation(Record, frozen=True, kw_only=True):
    """`source` stands in relation `type` to `target`; `target` in `INVERSE[type]` to `source`."""

    type: RelationType
    source: str
    target: str
    paths: tuple[str, ...] = ()
    """The path groups that it holds for (CODEOWNERS patterns); empty: the whole node."""
    files: int | None = None
    """How many files it holds for, where that is known."""
    evidence: tuple[Evidence, ...] = ()
    """Of `subject_to`: why the policy is said to apply, each reason once."""


relation_key: Final = attrgetter("source", "type", "target", "paths")
"""What tells one relation from all others, and their order in a snapshot."""

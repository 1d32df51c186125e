"""Relations come in pairs, as Backstage's do: each is stored once and seen from both ends."""

from typing import Final, Literal

from mkdocs_gitguard.model.record import Record

RelationType = Literal[
    "owned_by", "touches", "governed_by", "defined_in", "decided_by", "part_of", "authored_by", "member_of"
]

INVERSE: Final[dict[str, str]] = {
    "owned_by": "owner_of",
    "touches": "touched_by",
    "governed_by": "governs",
    "defined_in": "defines",
    "decided_by": "decided",
    "part_of": "has_part",
    "authored_by": "author_of",
    "member_of": "has_member",
}
"""Each relation's name seen from its source, and from its target."""


class Relation(Record, frozen=True, kw_only=True):
    """`source` stands in relation `type` to `target`; `target` in `INVERSE[type]` to `source`."""

    type: RelationType
    source: str
    target: str
    paths: tuple[str, ...] = ()
    """The path groups that it holds for (CODEOWNERS patterns); empty: the whole node."""
    files: int | None = None
    """How many files it holds for, where that is known."""

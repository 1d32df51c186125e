"""Releases: what was published, made of which commit and snapshot, under which flags."""

from datetime import datetime

from mkdocs_gitguard.model.flags import Flags
from mkdocs_gitguard.model.record import Record


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

"""Releases and their targets; rollback.

`release` describes a built site; `checks`, `links` and `secrets` judge it; a target (`directory`, `branch`, `artifact`)
makes it what readers see. Whether it may be published at all is the rollout's say, and is asked before.
"""

from typing import Final

from mkdocs_gitguard.publish.artifact import ArtifactTarget
from mkdocs_gitguard.publish.branch import BranchTarget
from mkdocs_gitguard.publish.directory import DirectoryTarget
from mkdocs_gitguard.publish.target import TargetFactory

TARGETS: Final[dict[str, TargetFactory]] = {
    "directory": DirectoryTarget,
    "gh-pages": BranchTarget,
    "pages-artifact": ArtifactTarget,
}
"""Targets by scheme. A new target is one file and one line here."""

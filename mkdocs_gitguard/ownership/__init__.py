"""Ownership: from a CODEOWNERS file, the tree and history to who owns what, and whether anyone is home.

Pure functions over facts; `analyse` is the whole for one repository, `OwnerNames` knows who is who across all.
"""

from mkdocs_gitguard.ownership.analysis import OwnershipInput, OwnershipResult, analyse
from mkdocs_gitguard.ownership.authorship import Authored
from mkdocs_gitguard.ownership.backstage_catalog import CATALOG_NAMES
from mkdocs_gitguard.ownership.owner_names import OwnerNames
from mkdocs_gitguard.ownership.problems import PROBLEM_KINDS, OwnersProblem, problems

__all__ = [
    "CATALOG_NAMES",
    "PROBLEM_KINDS",
    "Authored",
    "OwnerNames",
    "OwnersProblem",
    "OwnershipInput",
    "OwnershipResult",
    "analyse",
    "problems",
]

"""mkdocs-gitguard: one portal for all of an organisation's git repositories.

The public Python API is small: the errors, the clock and the model are here; the CODEOWNERS parser is
`mkdocs_gitguard.codeowners`.
"""

from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.model import SCHEMA_VERSION, Snapshot

__version__ = "0.1.0"

__all__ = ["SCHEMA_VERSION", "GitGuardError", "Snapshot", "__version__"]

"""mkdocs-gitguard: one portal for all of an organisation's git repositories.

What other packages may use is `mkdocs_gitguard.extend` and `mkdocs_gitguard.codeowners`. Nothing is imported here, so
that each of them loads only what it needs.
"""

__version__ = "0.1.0"

__all__ = ["__version__"]

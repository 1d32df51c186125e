"""CODEOWNERS files: who owns which path, as GitHub, GitLab, Bitbucket, Gitea and Forgejo read them.

ruleset = parse(text, "github")
ruleset.match("src/app.py").owners
"""

from mkdocs_gitguard.codeowners.files import (
    ALL_LOCATIONS,
    LOCATIONS,
    MOST_BYTES,
    ChosenFile,
    CodeownersFile,
    choose,
    dialect_of,
)
from mkdocs_gitguard.codeowners.records import Dialect, InvalidLine, Match, OwnerRule, Section
from mkdocs_gitguard.codeowners.ruleset import Candidate, Ruleset, parse

__all__ = [
    "ALL_LOCATIONS",
    "LOCATIONS",
    "MOST_BYTES",
    "Candidate",
    "ChosenFile",
    "CodeownersFile",
    "Dialect",
    "InvalidLine",
    "Match",
    "OwnerRule",
    "Ruleset",
    "Section",
    "choose",
    "dialect_of",
    "parse",
]

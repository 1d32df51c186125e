"""The raw facts of one repository: what git says, nothing time-relative, nothing of other repositories.

They are cached as they are.
"""

from collections.abc import Iterator
from typing import Final, Literal

from mkdocs_gitguard.codeowners.files import CodeownersFile
from mkdocs_gitguard.harvest.history.line_counts import (
    CommitCounts,
)
from mkdocs_gitguard.harvest.history.pull_refs import (
    PullRef,
)
from mkdocs_gitguard.harvest.history.records import History
from mkdocs_gitguard.model import Finding, Forge, LanguageShare, Record, Tag
from mkdocs_gitguard.policies import FileScan, ScannedFiles

FACTS_VERSION: Final = 15
"""Raised whenever the same repository would give other facts, so that cached ones are not used."""

FileType = Literal["file", "executable", "symlink", "submodule"]
FILE_TYPES: Final[tuple[FileType, ...]] = ("file", "executable", "symlink", "submodule")


class RepositoryAbout(Record, frozen=True, kw_only=True):
    """What the site's configuration and the repository's address say of a repository before it is read."""

    id: str
    """Node id: `repository:acme/billing`."""
    namespace: str
    name: str
    description: str = ""
    """The site's own words; `""` for those of its manifests or README."""
    forge: Forge | None = None
    source: str = ""
    """The entry of the setting `repositories` that named it, credentials masked."""
    branch: str = ""
    """The branch that the site wants read; `""` for the repository's default."""


class FactsOptions(Record, frozen=True, kw_only=True):
    """Settings that change which facts are read."""

    pull_request_patterns: tuple[tuple[str, str], ...] = ()
    """The site's own rules: name and regular expression (see `history.site_rules`)."""
    line_counts: int = 200
    """For how many of the newest pull requests lines are counted."""
    policies: bool = True
    """Whether policy files are read."""


class FileText(Record, frozen=True, kw_only=True, array_like=True):
    """A small text of the head commit that is read later, by those who know what it means."""

    path: str
    blob: str
    text: str


class RepositoryFacts(Record, frozen=True, kw_only=True):
    """Everything that is known of one repository."""

    version: int = FACTS_VERSION
    about: RepositoryAbout
    options: FactsOptions
    default_branch: str = ""
    head: str = ""
    """`""` for a repository without commits."""
    is_shallow: bool = False
    is_partial: bool = False
    history: History = History()
    """Without commits where the clone is shallow: one commit would seem to have written everything."""
    head_at: int = 0
    """Unix seconds."""
    tags: tuple[Tag, ...] = ()
    """Newest first."""
    tag_refs: bytes = b""
    """Digest of where the refs of all tags stood; empty where some of them could not be read."""
    file_paths: bytes = b""
    """Paths of the head's tree as git has them, sorted by bytes, separated by NUL."""
    file_types: bytes = b""
    """For each of them one byte: an index into `FILE_TYPES`."""
    languages: tuple[LanguageShare, ...] = ()
    texts_of: bytes = b""
    """Digest of which contents what follows was read from, up to `texts`; empty where some of them are missing."""
    manifest_description: str = ""
    """See `contents/manifests.py`."""
    readme_path: str = ""
    readme_description: str = ""
    readme_summary: str = ""
    licence: str = ""
    licence_path: str = ""
    codeowners: tuple[CodeownersFile, ...] = ()
    """By path."""
    codeowners_folders: tuple[str, ...] = ()
    """Of the places where forges look for CODEOWNERS, those that are folders."""
    texts: tuple[FileText, ...] = ()
    """By path: .mailmap and catalog-info.yaml, where they are."""
    pull_refs: tuple[PullRef, ...] = ()
    """Commits of the line whose pull request only a fetched pull ref names."""
    line_counts: tuple[CommitCounts, ...] = ()
    """Of the newest pull requests, newest first, unless they touch very many files; of a partial clone only those
    whose contents it holds."""
    policy_formats: tuple[str, ...] = ()
    """With which version of the scan and which formats `policy_files` were read."""
    policy_files: ScannedFiles = ScannedFiles()
    """Every file that a policy format wants, most of which hold nothing."""
    skip_comments: tuple[FileScan, ...] = ()
    """By path, the files with comments that keep a scanner from reporting (`policies/skip_comments.py`): read where
    policy files are."""
    unsearched: bytes = b""
    """Of a partial clone, which files it does not hold, so that they were not searched for those: see
    `contents/skip_comments.py`."""
    findings: tuple[Finding, ...] = ()

    def files(self) -> Iterator[tuple[bytes, FileType]]:
        """Yield path as git has it and type of each file of the head's tree."""
        if self.file_types:
            for path, kind in zip(self.file_paths.split(b"\0"), self.file_types, strict=True):
                yield path, FILE_TYPES[kind]

    def text(self, path: str) -> str:
        """Return one of `texts`, or `""`."""
        return next((text.text for text in self.texts if text.path == path), "")

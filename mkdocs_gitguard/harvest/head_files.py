"""The head's tree, and what the texts in it say that are read of every repository: READMEs, licences, code owners."""

from collections.abc import Mapping
from hashlib import sha256
from itertools import compress
from typing import Final, NamedTuple

from mkdocs_gitguard.codeowners import ALL_LOCATIONS, MOST_BYTES, CodeownersFile
from mkdocs_gitguard.git.repository import Blob, GitRepository
from mkdocs_gitguard.git.tree import CommitTree
from mkdocs_gitguard.harvest.commit_files import codeowners_of, codeowners_rows
from mkdocs_gitguard.harvest.contents.licences import find_licence, licence_of
from mkdocs_gitguard.harvest.contents.manifests import describe, find_manifests
from mkdocs_gitguard.harvest.contents.readme import find_readme, summarise
from mkdocs_gitguard.harvest.facts import FACTS_VERSION, FileText, RepositoryFacts

_LARGEST_TEXT: Final = 512 * 1024
_TEXT_PATHS: Final = frozenset([".mailmap", "catalog-info.yaml", "catalog-info.yml"])


class HeadFiles(NamedTuple):
    """The head's tree, and the texts that are to be read from it."""

    tree: CommitTree
    plain: list[str]
    """Paths of what is neither link nor submodule."""
    readme: str
    licence: str
    manifests: list[str]
    ids: Mapping[str, str]
    """By path, the contents of those texts that are there."""

    @property
    def digest(self) -> bytes:
        """Of which texts there are, and all that they are."""
        links = [(path, self.tree.entry(row).mode) for path, row in codeowners_rows(self.tree)]
        return sha256(
            repr((self.readme, self.licence, self.manifests, sorted(self.ids.items()), links)).encode()
        ).digest()


class HeadTexts(NamedTuple):
    """What the texts say."""

    digest: bytes
    manifest_description: str
    readme_description: str
    readme_summary: str
    licence: str
    codeowners: tuple[CodeownersFile, ...]
    texts: tuple[FileText, ...]


def files_of_head(repository: GitRepository, head: str) -> HeadFiles:
    """Return the files of a commit, and which of them are read.

    Raises:
        GitCommandError: the commit or one of its trees is missing.
    """
    tree = repository.tree(head)
    plain = list(compress(tree.paths, tree.are_files))
    readme, licence, manifests = find_readme(plain), find_licence(plain), find_manifests(plain)
    wanted = [path for path in {*_TEXT_PATHS, *ALL_LOCATIONS, readme, licence, *manifests} if path in tree.rows]
    ids = {path: tree.id(row) for path in wanted if tree.is_file(row := tree.rows[path])}
    return HeadFiles(tree, plain, readme, licence, manifests, ids)


def texts_of_head(repository: GitRepository, files: HeadFiles, earlier: RepositoryFacts | None) -> HeadTexts:
    """Return what the texts say; where all of them are the same as earlier, that is not read again.

    Raises:
        GitCommandError: an object is broken, or git failed.
    """
    digest = files.digest
    if earlier and earlier.version == FACTS_VERSION and earlier.texts_of == digest:
        return HeadTexts(
            digest,
            earlier.manifest_description,
            earlier.readme_description,
            earlier.readme_summary,
            earlier.licence,
            earlier.codeowners,
            earlier.texts,
        )
    blob_by_id = {blob.id: blob for blob in repository.blobs(sorted({*files.ids.values()}), limit=MOST_BYTES)}
    blobs = {path: blob_by_id[blob] for path, blob in files.ids.items()}
    is_whole = all(blob.size >= 0 for blob in blobs.values())
    for path, blob in blobs.items():
        if blob.size > _LARGEST_TEXT and path not in ALL_LOCATIONS:
            blobs[path] = blob._replace(data=None)
    readme = summarise(_text(blobs.get(files.readme)), files.readme)
    return HeadTexts(
        digest if is_whole else b"",
        manifest_description=describe({path: _text(blobs.get(path)) for path in files.manifests}),
        readme_description=readme.description,
        readme_summary=readme.summary,
        licence=licence_of(_text(blobs.get(files.licence))),
        codeowners=codeowners_of(files.tree, blobs),
        texts=tuple(
            FileText(path=path, blob=text.id, text=_text(text))
            for path in sorted(_TEXT_PATHS)
            if (text := blobs.get(path)) and text.data is not None
        ),
    )


def _text(blob: Blob | None) -> str:
    return blob.data.decode("utf-8", "replace") if blob and blob.data is not None else ""

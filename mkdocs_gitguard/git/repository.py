"""The only place that runs git: one opened repository, streamed through GitPython's process plumbing.

A repository is untrusted. Its own configuration can name programs (`core.fsmonitor`, `gpg.program`, external diffs),
its refs can look like options and its objects can be missing. So git is given an empty repository of our own whose
objects are those of the one to be read, and object ids instead of ref names: the other's configuration, hooks,
attributes, grafts and replacements are never looked at. Only to list refs and to resolve names git looks into the
repository itself, with every dangerous setting overridden. Each process has a time limit, and its exit code is
checked: a failed stream looks like a short history otherwise.
"""

import os
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from mkdocs_gitguard.errors import GitCommandError, SourceError
from mkdocs_gitguard.git.config import check_includes
from mkdocs_gitguard.git.directory import GitDirectory, ListedRefs
from mkdocs_gitguard.git.environment import environment_for_objects, environment_for_refs
from mkdocs_gitguard.git.files import check_files
from mkdocs_gitguard.git.problems import RepositoryError
from mkdocs_gitguard.git.process import GitProcessError, run
from mkdocs_gitguard.git.tree import TREE_ARGUMENTS, CommitTree
from mkdocs_gitguard.late_pattern import late_pattern

TIME_LIMIT: Final = 900.0
"""Seconds that one git process may take unless the site says otherwise."""

LARGEST_OUTPUT: Final = 1 << 29
"""Bytes that a git command may print where its output is held as a whole. The tree of a million files has a fifth."""
MOST_FILES: Final = 3_000_000
"""Files of one tree that are listed. The largest public repositories have a million; a small repository whose trees
hold each other many times has any number (a "git bomb")."""

MOST_MEMORY: Final = min(1 << 32, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2)
"""Bytes that one git process may have, packs not counted. A history of a million commits takes a quarter of 4 GiB; the
difference between two trees that hold each other many times takes any number."""

_OBJECT_ID: Final = late_pattern(r"[0-9a-f]{40}|[0-9a-f]{64}")

Fetch = Callable[[Iterable[str]], None]
"""Gets blobs into the repository; raises SourceError if it cannot."""

_NO_SUCH_REVISION: Final = (1, 128)
"""`--quiet` says 1 where there is none; 128 where the name is not a revision or its object is missing."""
_FSCK: Final = "Run `git fsck` in it, or clone it again."

_COMMANDS_ON_OBJECTS: Final = frozenset(["cat-file", "diff-tree", "grep", "log", "ls-tree", "merge-base", "rev-list"])
_COMMANDS_ON_REFS: Final = frozenset(["for-each-ref", "rev-parse"])


class Blob(NamedTuple):
    """A file's content."""

    id: str
    size: int
    """Bytes; -1 where the repository does not hold the object."""
    data: bytes | None
    """None where it is missing or larger than the reader's limit."""


class GitRepository:
    """An opened repository. Reading it changes nothing in it and fetches nothing.

    Only a mirror of our own, which is opened with `fetch`, gets the files that it lacks from where it came from.

    Attributes:
        git_dir: where `HEAD` is.
        label: what messages call it.
        directory: its folders and refs.
        problems: what blobs were asked for and are missing, or could not be fetched.
    """

    def __init__(
        self, directory: GitDirectory, *, label: str, time_limit: float = TIME_LIMIT, fetch: Fetch | None = None
    ) -> None:
        """Take an opened directory; `GitRepository.open` finds it for a path.

        Args:
            directory: where HEAD, refs and objects are.
            label: what messages call the repository, without credentials.
            time_limit: seconds that one process may take.
            fetch: gets blobs that are missing.

        Raises:
            RepositoryError: git would wait for ever at one of its files.
            GitCommandError: git cannot list its refs.
        """
        self.problems: list[RepositoryError] = []
        self._commits: set[str] = set()
        """Ids of commits that were found: one reading asks for the last one read again and again."""
        self._fetch = fetch
        self.git_dir = directory.git_dir
        self.label = label
        self._time_limit = time_limit
        check_files(directory.git_dir, directory.common_dir)
        check_includes(directory.common_dir / "config", directory.git_dir / "config.worktree")
        self._for_objects = environment_for_objects(directory)
        self._for_refs = environment_for_refs(directory)
        self.directory = self._listed(directory) if directory.is_reftable else directory

    @classmethod
    def open(cls, path: Path, *, label: str = "", time_limit: float = TIME_LIMIT) -> "GitRepository":
        """Open the repository at `path`: a work tree, a linked work tree or a bare folder.

        Raises:
            SourceError: there is none.
        """
        label = label or str(path)
        return cls(GitDirectory.find(path, label=label), label=label, time_limit=time_limit)

    @property
    def is_shallow(self) -> bool:
        """Whether history was cut off when it was cloned (`git clone --depth`)."""
        return self.directory.is_shallow

    @property
    def is_partial(self) -> bool:
        """Whether objects were left out when it was cloned (`git clone --filter`)."""
        return self.directory.is_partial

    def resolve(self, ref: str) -> str | None:
        """Return the id of the commit that `ref` names, or None.

        Args:
            ref: `HEAD`, a full or short ref name, or a commit id, abbreviated or whole.

        Raises:
            GitCommandError: git cannot read the repository.
        """
        if not ref or "\0" in ref or "\n" in ref:
            return None
        if ref in self._commits:
            return ref
        if not _OBJECT_ID.fullmatch(ref):
            # A short name can be a tag's as well, which comes first (gitrevisions): git knows.
            is_whole = ref == "HEAD" or ref.startswith(("refs/heads/", "refs/remotes/"))
            if is_whole and (commit := self.directory.read_ref(ref)):
                return commit
        try:
            answer = self.output("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        except GitProcessError as error:
            if error.exit_code in _NO_SUCH_REVISION:
                return None
            raise
        commit = answer.decode("ascii").strip()
        self._commits.add(commit)
        return commit

    def output(self, *args: str, stdin: bytes = b"") -> bytes:
        """Return everything that a reading git command prints.

        Args:
            args: command and arguments. Revisions are object ids, after `--end-of-options`; only `for-each-ref` and
                `rev-parse` know refs.
            stdin: what it reads.

        Raises:
            GitCommandError: it failed or ran out of time.
            RepositoryError: it prints more than `LARGEST_OUTPUT` bytes.
        """
        chunks: list[bytes] = []
        size = 0
        stream = self.stream(*args, stdin=(stdin,) if stdin else ())
        with closing(stream):
            for chunk in stream:
                chunks.append(chunk)
                size += len(chunk)
                if size > LARGEST_OUTPUT:
                    raise RepositoryError(
                        "too-large",
                        f"{self.label}: git {args[0]} gives more than {LARGEST_OUTPUT:,} bytes, which are not read.",
                        hint="Leave the repository out, or name a branch that holds less.",
                    )
        return b"".join(chunks)

    def stream(self, *args: str, stdin: Iterable[bytes] = (), has_magic: bool = False) -> Generator[bytes, None, None]:
        """Yield what a reading git command prints, in chunks as they come.

        The process ends when the iterator does, is closed or is dropped. `stdin` is read in another thread. Paths are
        taken as they are, unless `has_magic`: https://git-scm.com/docs/gitglossary#def_pathspec (git 2.32).

        Raises:
            GitCommandError: it failed or ran out of time; raised after the last chunk.
        """
        if args[0] not in _COMMANDS_ON_OBJECTS | _COMMANDS_ON_REFS:
            raise ValueError(f"git {args[0]} is not a command that only reads.")
        return run(
            ("--no-pager", *(() if has_magic else ("--literal-pathspecs",)), *args),
            folder=self.git_dir,
            environment=self._for_refs if args[0] in _COMMANDS_ON_REFS else self._for_objects,
            label=self.label,
            time_limit=self._time_limit,
            stdin=stdin,
            memory_limit=MOST_MEMORY,
        )

    def blobs(self, ids: Iterable[str], *, limit: int) -> Iterator[Blob]:
        """Yield the content of blobs, in order, without ever holding one that is over `limit`.

        Args:
            ids: object ids, as a tree has them.
            limit: bytes; of a larger blob only the size is read.

        Raises:
            GitCommandError: an object is broken, or git failed.
        """
        wanted = list(ids)
        if not all(map(_OBJECT_ID.fullmatch, wanted)):
            raise ValueError("Blobs are asked for by whole object ids.")
        self.prefetch(wanted)
        sizes = self.sizes(wanted)
        missing = sum(size < 0 for size in sizes.values())
        # Where fetching failed, that is the reason, and has been told.
        if missing and not self.problems:
            self.problems.append(self._lacking(missing))
        contents = self._contents([blob for blob in wanted if 0 <= sizes[blob] <= limit])
        with closing(contents):
            for blob in wanted:
                size = sizes[blob]
                yield Blob(blob, size, next(contents) if 0 <= size <= limit else None)

    def prefetch(self, ids: Iterable[str]) -> None:
        """Fetch those blobs that are missing, all in one request, where this is a mirror of our own.

        Reading them one by one would ask for each by itself. Blobs that cannot be fetched stay missing, and
        `problems` says why.
        """
        if self._fetch is None or not self.is_partial:
            return
        missing = self.missing(ids)
        if missing:
            try:
                self._fetch(sorted(missing))
            except SourceError as error:
                self.problems.append(RepositoryError("files-not-fetched", error.message, hint=error.hint))

    def missing(self, ids: Iterable[str]) -> set[str]:
        """Return those objects that the repository does not hold."""
        listed = self.output("cat-file", "--batch-check=", "--buffer", stdin=_lines(dict.fromkeys(ids)))
        return {line.partition(" ")[0] for line in listed.decode("ascii").splitlines() if line.endswith(" missing")}

    def tree(self, commit: str) -> CommitTree:
        """Return every file, symbolic link and submodule of a commit's tree.

        Raises:
            GitCommandError: the commit or one of its trees is missing.
            RepositoryError: it holds more than `MOST_FILES` files.
        """
        chunks: list[bytes] = []
        size = files = 0
        stream = self.stream(*TREE_ARGUMENTS, commit)
        with closing(stream):
            for chunk in stream:
                chunks.append(chunk)
                size += len(chunk)
                files += chunk.count(b"\0")
                if files > MOST_FILES or size > LARGEST_OUTPUT:
                    raise RepositoryError(
                        "too-large",
                        f"{self.label}: the tree of {commit[:12]} lists more than {MOST_FILES:,} files or "
                        f"{LARGEST_OUTPUT:,} bytes, which are not read.",
                        hint="Leave the repository out, or name a branch that holds less.",
                    )
        return CommitTree(b"".join(chunks))

    def _listed(self, directory: GitDirectory) -> ListedRefs:
        listing = self.output("for-each-ref", "--format=%(refname)%00%(objectname)%00%(symref)")
        # Not `splitlines`: a ref's name may hold what other programs take for a line's end.
        lines = listing.decode("utf-8", "surrogateescape").split("\n")
        refs = {
            name: f"ref: {target}" if target else commit
            for name, commit, target in (line.split("\0") for line in lines if line)
        }
        try:
            head = self.output("rev-parse", "--symbolic-full-name", "HEAD").decode("utf-8", "surrogateescape").strip()
            # A detached HEAD is called `HEAD`.
            head = f"ref: {head}" if head != "HEAD" else self.output("rev-parse", "HEAD").decode("ascii").strip()
        except GitCommandError:
            # A branch without commits has no full name.
            head = ""
        return ListedRefs(directory, refs, head)

    def _lacking(self, count: int) -> RepositoryError:
        what = "one file" if count == 1 else f"{count} files"
        if self._fetch is not None:
            hint = "Harvest again: it is fetched anew."
        elif self.is_partial:
            hint = "Run `git fetch --refetch --no-filter` in the partial clone, or check out its default branch."
        else:
            hint = _FSCK
        return RepositoryError("missing-objects", f"{self.label}: the content of {what} is missing.", hint=hint)

    def sizes(self, ids: Iterable[str]) -> dict[str, int]:
        """Return bytes by blob id, -1 for one that is missing or no blob.

        Args:
            ids: whole object ids, as a tree has them.

        Raises:
            GitCommandError: git failed.
        """
        lines = self.output(
            "cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)", "--buffer", stdin=_lines(ids)
        )
        # `<id> missing` for an object that is not there; its type for one that is not a blob.
        return {
            blob: int(size) if kind == "blob" else -1
            for blob, kind, size in ((*line.split(), "-1")[:3] for line in lines.decode("ascii").splitlines())
        }

    def _contents(self, ids: list[str]) -> Generator[bytes, None, None]:
        if not ids:
            return
        buffer = bytearray()
        chunks = self.stream("cat-file", "--batch=%(objectname) %(objectsize)", "--buffer", stdin=(_lines(ids),))
        for blob in ids:
            header, size = b"", -1
            while size < 0 or len(buffer) < len(header) + size + 2:
                if size < 0 and (end := buffer.find(b"\n")) >= 0:
                    header = bytes(buffer[:end])
                    given, _, length = header.partition(b" ")
                    if given.decode() != blob or not length.isdigit():
                        raise GitCommandError(f"{self.label}: git cat-file cannot give {blob}.", hint=_FSCK)
                    size = int(length)
                    continue
                chunk = next(chunks, b"")
                if not chunk:
                    raise GitCommandError(f"{self.label}: git cat-file stopped before {blob}.", hint=_FSCK)
                buffer += chunk
            start = len(header) + 1
            yield bytes(buffer[start : start + size])
            del buffer[: start + size + 1]
        for _ in chunks:
            raise GitCommandError(f"{self.label}: git cat-file gave more than it was asked for.")


def _lines(ids: Iterable[str]) -> bytes:
    return "".join(f"{blob}\n" for blob in ids).encode("ascii")

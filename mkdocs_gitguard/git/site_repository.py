"""The repository that a site stands in: what its remote holds, and commits made of bytes at hand.

Work tree, index, branches, hooks and attributes have no part in it: files become objects as they are, whatever
`core.autocrlf` or `.gitattributes` say, and no ref is written, not even for a moment. How the remote is reached
(its URLs, credentials, proxies) is the user's own configuration.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from mkdocs_gitguard.errors import GitCommandError
from mkdocs_gitguard.git.config import object_format
from mkdocs_gitguard.git.directory import GitDirectory
from mkdocs_gitguard.git.environment import environment_for_refs
from mkdocs_gitguard.git.problems import RepositoryError
from mkdocs_gitguard.git.process import GitProcessError, config_environment, run
from mkdocs_gitguard.git.remote import parse_remote

REMOTE: Final = "origin"
_PUSHED: Final = "gitguard-pushed"
"""What git calls the remote that is pushed to where it is not the one that is fetched from; known to our calls only."""
_TIME_LIMIT: Final = 600.0
"""Seconds for one process; a push of a first release is the longest."""
_FILE: Final = "100644"
_FOLDER: Final = "40000"
_CONFIG: Final[Mapping[str, str]] = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.pager": "cat",
    "core.alternateRefsCommand": "",
    "log.showSignature": "false",
    "color.ui": "false",
    "i18n.commitEncoding": "UTF-8",
    "i18n.logOutputEncoding": "UTF-8",
    "trailer.separators": ":",
    # One branch is pushed, whatever else the remote's settings would take along.
    f"remote.{REMOTE}.mirror": "false",
    # Nothing that would run on behind our back.
    "gc.auto": "0",
    "maintenance.auto": "false",
    # Whoever owns the files: it is the repository of the site that the user names. Only for this process.
    "safe.directory": "*",
}


class TreeFile(NamedTuple):
    """A file in a commit."""

    mode: str
    """As git writes it: `100644`."""
    blob: str
    """The id of its content."""


class SiteRepository:
    """A repository in which objects are made and pushed, and nothing else is touched."""

    def __init__(self, directory: GitDirectory, *, top: Path) -> None:
        """Take folders that `find` has found.

        Args:
            directory: the repository's folders.
            top: of its work tree; relative URLs of remotes count from there. Messages call the repository so.
        """
        self._directory = directory
        self._top = top
        self._label = str(top)
        self._is_sha256 = object_format(directory.common_dir) == "sha256"

    @classmethod
    def find(cls, folder: Path) -> "SiteRepository | None":
        """Return the repository that a folder stands in, at its root or anywhere below; None where there is none.

        Raises:
            RepositoryError: a `.git` file leads nowhere, as in a work tree whose repository has been moved.
        """
        start = folder.absolute()
        for candidate in (start, *start.parents):
            try:
                return cls(GitDirectory.find(candidate, label=str(candidate)), top=candidate)
            except RepositoryError:
                # A folder `.git` that is not a repository is passed over, as git itself does.
                if (candidate / ".git").is_file():
                    raise
        return None

    def head(self) -> str:
        """Return the commit that is checked out, `""` before the first.

        Raises:
            GitProcessError: git cannot be started or took too long.
        """
        try:
            arguments = ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]
            return self._run(arguments, environment=environment_for_refs(self._directory)).decode().strip()
        except GitProcessError as error:
            if error.exit_code is None:
                raise
            return ""

    def fetch(self, branch: str) -> str:
        """Bring a branch of the remote here, without a ref; return its commit, `""` where there is no such branch.

        Raises:
            GitCommandError: git fails, or the branch was moved meanwhile.
        """
        ref = f"refs/heads/{branch}"
        remote, environment = self._remote_that_is_pushed_to()
        listed = self._run(["ls-remote", remote, ref], environment=environment).decode("utf-8", "replace")
        tips = [commit for commit, _, name in (line.partition("\t") for line in listed.splitlines()) if name == ref]
        if not tips:
            return ""
        flags = ("--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-prune", "--refmap=")
        self._run(["fetch", *flags, remote, ref], environment=environment)
        if self._missing(tips):
            raise GitCommandError(
                f"{self._label}: the branch {branch} was moved while it was fetched.", hint="Try again."
            )
        return tips[0]

    def _remote_that_is_pushed_to(self) -> tuple[str, dict[str, str]]:
        """Return the name to read the remote by, and the environment in which git knows it.

        That is the remote itself, unless its `pushurl` is another repository: what was published stands there.
        """
        environment = self._environment()
        try:
            read, pushed = (
                self._text("remote", "get-url", *flags, REMOTE).partition("\n")[0] for flags in ((), ("--push",))
            )
        except GitProcessError:
            # There is none: whoever reads it says so.
            return REMOTE, environment
        known, there = parse_remote(read), parse_remote(pushed)
        if read == pushed or (known and there and (known.host, known.path) == (there.host, there.path)):
            return REMOTE, environment
        # Not on the command line, which everybody on the machine can see.
        settings = {**_CONFIG, f"remote.{_PUSHED}.url": pushed}
        return _PUSHED, {**environment, **config_environment(settings, beside_users=True)}

    def push(self, commit: str, branch: str) -> None:
        """Let a branch of the remote go on to a commit, in one step on the server; never by force.

        Raises:
            GitProcessError: the push is refused, for instance since somebody else was faster, or git fails.
        """
        flags = ("--no-verify", "--no-signed", "--no-follow-tags", "--recurse-submodules=no")
        self._run(["push", *flags, REMOTE, f"{commit}:refs/heads/{branch}"])

    def trailers(self, commit: str, name: str, *, first_parent: bool = False) -> list[tuple[str, str]]:
        """Return each commit up to `commit` with the value of a trailer (`""`: it has none), newest first.

        Raises:
            GitProcessError: git fails.
        """
        shape = f"--format=%H %(trailers:key={name},valueonly,separator=%x20)"
        rows = self._text("log", shape, *(["--first-parent"] if first_parent else []), commit).splitlines()
        return [(commit_id, value.strip()) for commit_id, _, value in (row.partition(" ") for row in rows)]

    def content(self, commit: str, path: str) -> bytes:
        """Return a file of a commit.

        Raises:
            GitProcessError: there is no such file, or git fails.
        """
        return self._run(["cat-file", "blob", f"{commit}:{path}"])

    def files(self, commit: str) -> dict[str, TreeFile]:
        """Return the files of a commit by path.

        Raises:
            GitProcessError: git fails.
        """
        tree = {}
        for line in self._run(["ls-tree", "-r", "-z", "--full-tree", commit]).split(b"\0")[:-1]:
            head, _, path = line.partition(b"\t")
            mode, _, blob = head.decode("ascii").split(" ")
            tree[path.decode("utf-8", "surrogateescape")] = TreeFile(mode, blob)
        return tree

    def digests(self, blobs: Iterable[str]) -> dict[str, str]:
        """Return the SHA-256 of the content of each blob.

        Raises:
            GitProcessError: one is not there, or git fails.
        """
        wanted = list(dict.fromkeys(blobs))
        digest_of = {}
        reader = _Reader(
            self._chunks(["cat-file", "--batch"], [f"{blob}\n".encode() for blob in wanted]), label=self._label
        )
        for blob in wanted:
            header = reader.line().split(b" ")
            if header[-1:] == [b"missing"]:
                raise GitProcessError(f"{self._label}: the content {blob} is not there.", exit_code=None)
            digest = hashlib.sha256()
            for chunk in reader.take(int(header[2])):
                digest.update(chunk)
            reader.line()
            digest_of[blob] = digest.hexdigest()
        reader.drain()
        return digest_of

    def blob_id(self, content: bytes) -> str:
        """Return the id that git gives a content (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects)."""
        make = hashlib.sha256 if self._is_sha256 else hashlib.sha1
        digest = make(b"blob %d\0" % len(content), usedforsecurity=False)
        digest.update(content)
        return digest.hexdigest()

    def write(self, contents: Iterable[tuple[str, bytes]], *, known: frozenset[str]) -> dict[str, str]:
        """Make contents objects of the repository.

        Args:
            contents: names and contents, read one at a time. What is raised in reading them comes out of here.
            known: blobs that are there already.

        Returns:
            The id of each content, by its name.

        Raises:
            GitProcessError: git fails, for instance since the disk is full.
        """
        ids: dict[str, str] = {}
        fresh: set[str] = set()

        def stream() -> Iterator[bytes]:
            try:
                for name, content in contents:
                    blob = ids[name] = self.blob_id(content)
                    if blob not in known and blob not in fresh:
                        fresh.add(blob)
                        yield b"blob\ndata %d\n" % len(content)
                        yield content
                        yield b"\n"
            finally:
                # Without its last word git takes the stream for torn, and leaves a report of that in the repository.
                yield b"done\n"

        self._run(["fast-import", "--quiet", "--done"], stdin=stream())
        if missing := self._missing(sorted(fresh)):
            raise GitCommandError(f"{self._label}: git has not kept the content {missing[0]}.")
        return ids

    def commit(self, files: Mapping[str, TreeFile], *, parent: str, message: str, when: str) -> str:
        """Make a commit of files whose contents the repository or its remote has.

        Args:
            files: all of them, by path.
            parent: the commit before it, `""` for none.
            message: what it says.
            when: the time of author and committer, as git takes it: `1770000000 +0000`.

        Raises:
            GitProcessError: git fails.
        """
        identity = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        for variable, value in (("NAME", "gitguard"), ("EMAIL", "gitguard@localhost")):
            for role in ("AUTHOR", "COMMITTER"):
                identity[f"GIT_{role}_{variable}"] = os.environ.get(f"GIT_{role}_{variable}") or value
        arguments = ["commit-tree", self._tree(files), *(["-p", parent] if parent else []), "-m", message]
        return self._run(arguments, environment={**self._environment(), **identity}).decode().strip()

    def _tree(self, files: Mapping[str, TreeFile]) -> str:
        """Write the trees of all folders, the deepest first, and return the root's."""
        folders: dict[str, dict[str, tuple[str, str, str]]] = {"": {}}
        for path, file in files.items():
            folder, _, name = path.rpartition("/")
            folders.setdefault(folder, {})[name] = (file.mode, "blob", file.blob)
            while folder:
                folder = folder.rpartition("/")[0]
                folders.setdefault(folder, {})
        trees: dict[str, str] = {}
        for depth in sorted({_depth(folder) for folder in folders}, reverse=True):
            level = sorted(folder for folder in folders if _depth(folder) == depth)
            lines = [line for folder in level for line in (*_lines(folders[folder]), b"\0")]
            made = self._run(["mktree", "-z", "--batch", "--missing"], stdin=lines).decode("ascii").split()
            for folder, tree in zip(level, made, strict=True):
                trees[folder] = tree
                if folder:
                    parent, _, name = folder.rpartition("/")
                    folders[parent][name] = (_FOLDER, "tree", tree)
        return trees[""]

    def _missing(self, objects: Iterable[str]) -> list[str]:
        """Return those of some objects that are not here."""
        lines = [f"{item}\n".encode() for item in objects]
        answer = self._run(["cat-file", "--batch-check=%(objectname) %(objecttype)"], stdin=lines) if lines else b""
        return [line.split(" ")[0] for line in answer.decode("ascii").splitlines() if line.endswith(" missing")]

    def _text(self, *arguments: str) -> str:
        return self._run(arguments).decode("utf-8", "replace")

    def _run(
        self,
        arguments: Iterable[str],
        *,
        stdin: Iterable[bytes] = (),
        environment: Mapping[str, str] | None = None,
    ) -> bytes:
        return b"".join(self._chunks(list(arguments), stdin, environment))

    def _chunks(
        self, arguments: list[str], stdin: Iterable[bytes] = (), environment: Mapping[str, str] | None = None
    ) -> Iterator[bytes]:
        return run(
            arguments,
            folder=self._top,
            environment=environment or self._environment(),
            label=self._label,
            time_limit=_TIME_LIMIT,
            stdin=stdin,
        )

    def _environment(self) -> dict[str, str]:
        directory = self._directory
        return {
            # Named outright, so that git looks for no other repository, and does not ask who owns this one.
            "GIT_DIR": str(directory.git_dir),
            "GIT_COMMON_DIR": str(directory.common_dir),
            "GIT_OBJECT_DIRECTORY": str(directory.common_dir / "objects"),
            "GIT_WORK_TREE": str(directory.git_dir),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": "",
            "GIT_NAMESPACE": "",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            **config_environment(_CONFIG, beside_users=True),
        }


class _Reader:
    """Lines and counted bytes out of chunks."""

    def __init__(self, chunks: Iterator[bytes], *, label: str) -> None:
        self._chunks = chunks
        self._label = label
        self._chunk = b""
        self._at = 0

    def line(self) -> bytes:
        while (end := self._chunk.find(b"\n", self._at)) < 0:
            self._chunk, self._at = self._chunk[self._at :] + self._next(), 0
        line = self._chunk[self._at : end]
        self._at = end + 1
        return line

    def take(self, count: int) -> Iterator[memoryview]:
        while count:
            if self._at >= len(self._chunk):
                self._chunk, self._at = self._next(), 0
            part = memoryview(self._chunk)[self._at : self._at + count]
            self._at += len(part)
            count -= len(part)
            yield part

    def _next(self) -> bytes:
        if chunk := next(self._chunks, b""):
            return chunk
        raise GitProcessError(f"{self._label}: git has said less than it was asked for.", exit_code=None)

    def drain(self) -> None:
        """Read on to the end, where git's exit code is looked at."""
        for _ in self._chunks:
            pass


def is_branch_name(name: str) -> bool:
    """Say whether git allows a name for a branch (https://git-scm.com/docs/git-check-ref-format).

    Raises:
        GitProcessError: git cannot be started.
    """
    try:
        arguments = ["check-ref-format", f"refs/heads/{name}"]
        for _ in run(arguments, folder=Path("/"), environment={}, label=name, time_limit=_TIME_LIMIT):
            pass
    except GitProcessError as error:
        if error.exit_code is None:
            raise
        return False
    return not name.startswith("-") and name != "HEAD"


def _depth(folder: str) -> int:
    return folder.count("/") + 1 if folder else 0


def _lines(entries: Mapping[str, tuple[str, str, str]]) -> Iterator[bytes]:
    for name, (mode, kind, item) in entries.items():
        yield f"{mode} {kind} {item}\t{name}\0".encode("utf-8", "surrogateescape")


def plain_file(blob: str) -> TreeFile:
    """Return a regular file, not to be executed."""
    return TreeFile(_FILE, blob)

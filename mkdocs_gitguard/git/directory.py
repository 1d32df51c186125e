"""A repository's folder read by hand: where HEAD, refs and objects are, without starting git.

Reading HEAD and packed-refs of 200 repositories takes 6 ms this way, starting git for each takes a second. Layout:
https://git-scm.com/docs/gitrepository-layout. References kept as reftable
(https://git-scm.com/docs/reftable) are not read here: `is_reftable` sends the caller to git.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from mkdocs_gitguard.bounded_file import read_start
from mkdocs_gitguard.git.files import LARGEST_PACKED_REFS, read_whole
from mkdocs_gitguard.git.problems import RepositoryError
from mkdocs_gitguard.late_pattern import late_pattern

_COMMIT: Final = late_pattern(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_PACKED_REF: Final = rb"^([0-9a-f]{40}(?:[0-9a-f]{24})?) (%s%s)$"
_NOT_IN_A_REF: Final = late_pattern(r"[\x00-\x20\x7f~^:?*\[\\]")
_DEEPEST_SYMBOLIC_REF: Final = 5
"""As git's own SYMREF_MAXDEPTH."""
PULL_REF_FOLDERS: Final = ("refs/pull/", "refs/merge-requests/")
"""Where GitHub and Gitea, and GitLab, keep the heads of pull requests."""
_OWN_OF_WORK_TREE: Final = ("refs/bisect/", "refs/worktree/", "refs/rewritten/")
"""What, beside HEAD, each linked work tree has of its own (gitrepository-layout, `refs`)."""
_LONGEST_POINTER: Final = 4096
_USUAL_BRANCHES: Final = ("main", "master", "trunk", "develop")


class Head(NamedTuple):
    """Where a repository's default branch stands."""

    branch: str
    """Its short name; `""` for a detached HEAD where no default branch can be made out."""
    commit: str
    """`""` for a branch without commits."""


class GitDirectory:
    """The folders of one repository.

    Attributes:
        git_dir: absolute; holds `HEAD`.
        common_dir: absolute; holds refs and objects. Another than `git_dir` for a linked work tree.
    """

    def __init__(self, git_dir: Path, common_dir: Path) -> None:
        """Take folders that `find` has found."""
        self.git_dir = git_dir
        self.common_dir = common_dir
        self._packed_refs: tuple[tuple[int, int, int], bytes] = ((0, 0, 0), b"")

    @classmethod
    def find(cls, path: Path, *, label: str) -> "GitDirectory":
        """Return the folders of the repository at `path`: a work tree, a linked one, a submodule or a bare folder.

        A bare folder needs no `config` file. Parent folders are not searched.

        Raises:
            RepositoryError: there is no repository, or it cannot be entered.
        """
        try:
            for candidate in (path / ".git", path):
                if candidate.name == ".git" and candidate.is_file():
                    candidate = _pointed_to(candidate, b"gitdir: ")  # noqa: PLW2901 - the folder that it stands for
                if _has_head(candidate):
                    git_dir = candidate.resolve()
                    common_dir = _common_directory(git_dir)
                    if (common_dir / "objects").is_dir():
                        return cls(git_dir, common_dir)
            exists = path.exists()
        except OSError as error:
            raise RepositoryError(
                "no-permission", f"{label} cannot be read: {error.strerror}.", hint="Check who may read the folder."
            ) from error
        if not exists:
            raise RepositoryError(
                "not-found", f"The folder of {label} does not exist.", hint="Check the path in `repositories`."
            )
        raise RepositoryError(
            "not-a-repository",
            f"{label} is not a git repository.",
            hint="Name the folder that holds .git, a bare mirror, or a clone URL.",
        )

    @property
    def is_shallow(self) -> bool:
        """Whether history was cut off when it was cloned."""
        try:
            return (self.common_dir / "shallow").stat().st_size > 0
        except OSError:
            return False

    @property
    def is_partial(self) -> bool:
        """Whether objects were left out when it was cloned: such packs have a `.promisor` file beside them."""
        return any(name.endswith(".promisor") for name in _names(self.common_dir / "objects" / "pack"))

    @property
    def is_reftable(self) -> bool:
        """Whether references are kept in git's newer binary format, which only git reads."""
        return (self.common_dir / "reftable").is_dir()

    def head(self, branch: str = "") -> Head:
        """Return the default branch and its commit.

        It is `branch` if given; else the branch that the remote `origin` calls its default, if it still is there; else
        the one that is checked out. Where that has no commits, or HEAD is detached as GitHub Actions leaves it, the
        usual names are tried, then the only branch there is, then HEAD's own commit. A branch that is checked out is
        read locally, so that commits not yet pushed count; one that is not, is read as last fetched.
        """
        target = self._symbolic("HEAD")
        checked_out = target.removeprefix("refs/heads/") if target.startswith("refs/heads/") else ""
        if branch:
            return Head(branch, self._branch(branch, is_checked_out=branch == checked_out))
        # Where the remote renamed its branch, its HEAD as fetched names one that is gone, and tells nothing.
        fetched = self._symbolic("refs/remotes/origin/HEAD") if self.read_ref("refs/remotes/origin/HEAD") else ""
        remote = fetched.removeprefix("refs/remotes/origin/") if fetched.startswith("refs/remotes/origin/") else ""
        if target.startswith("refs/remotes/origin/"):
            checked_out = target.removeprefix("refs/remotes/origin/")
        for name in filter(None, (remote, checked_out, *_USUAL_BRANCHES)):
            if commit := self._branch(name, is_checked_out=name == checked_out):
                return Head(name, commit)
        branches = self.refs("refs/heads/")
        if len(branches) == 1:
            [(name, commit)] = branches.items()
            return Head(name.removeprefix("refs/heads/"), commit)
        return Head(checked_out, self.read_ref("HEAD"))

    @property
    def checked_out(self) -> str:
        """The ref that HEAD names in the end, `""` where it is detached."""
        return self._symbolic("HEAD")

    def _branch(self, name: str, *, is_checked_out: bool) -> str:
        here, fetched = f"refs/heads/{name}", f"refs/remotes/origin/{name}"
        first, second = (here, fetched) if is_checked_out else (fetched, here)
        return self.read_ref(first) or self.read_ref(second)

    def read_ref(self, name: str) -> str:
        """Return the object id that `name` (`HEAD` or `refs/…`) holds, symbolic ones followed, or `""`."""
        for _ in range(_DEEPEST_SYMBOLIC_REF):
            content = self._loose(name)
            if content.startswith("ref:"):
                name = content[4:].strip()
                continue
            if content:
                return content if _COMMIT.fullmatch(content) else ""
            return self._packed_ref(name)
        return ""

    def _packed_ref(self, name: str) -> str:
        packed = self._packed_content()
        at = packed.find(b" " + name.encode("utf-8", "surrogateescape") + b"\n")
        commit = packed[packed.rfind(b"\n", 0, at) + 1 : at].decode("ascii", "replace") if at >= 0 else ""
        return commit if _COMMIT.fullmatch(commit) else ""

    def refs(self, *prefixes: str) -> dict[str, str]:
        """Return object ids by full name for all refs that begin with one of `prefixes`, by name.

        Args:
            prefixes: whole folders of refs, as `refs/tags/`.
        """
        return {
            name.decode("utf-8", "surrogateescape"): commit.decode("ascii")
            for prefix in sorted(prefixes)
            for name, commit in sorted(self.refs_like(prefix).items())
        }

    def refs_like(self, prefix: str, rest: bytes = rb"[^\n]*") -> dict[bytes, bytes]:
        """Return object ids by full name, both as git has them, for those refs of a folder that are asked for.

        Args:
            prefix: the folder, as `refs/tags/`.
            rest: a regular expression that what follows the folder matches as a whole.
        """
        # Searched as bytes: of ten thousands of refs, most are of pull requests and not wanted.
        folder = prefix.encode("utf-8", "surrogateescape")
        lines = re.compile(_PACKED_REF % (re.escape(folder), rest), re.MULTILINE)
        commits = {name: commit for commit, name in lines.findall(self._packed_lines(prefix))}
        wanted = re.compile(rest)
        for name in self._loose_names(prefix.rstrip("/")):
            raw = name.encode("utf-8", "surrogateescape")
            if wanted.fullmatch(raw, len(folder)) and (commit := self.read_ref(name)):
                commits[raw] = commit.encode("ascii")
        return commits

    def _packed_lines(self, prefix: str) -> memoryview:
        """Return the lines of `packed-refs`, which is sorted, from the first to the last ref that begins so."""
        packed, wanted = self._packed_content(), b" " + prefix.encode("utf-8", "surrogateescape")
        first, last = packed.find(wanted), packed.rfind(wanted)
        if first < 0:
            return memoryview(b"")
        end = packed.find(b"\n", last)
        return memoryview(packed)[packed.rfind(b"\n", 0, first) + 1 : end if end >= 0 else len(packed)]

    def _packed_content(self) -> bytes:
        path = self.common_dir / "packed-refs"
        try:
            status = path.stat()
            # Git replaces the file as a whole whenever it packs refs, also while this object lives.
            version = (status.st_ino, status.st_mtime_ns, status.st_size)
            if version != self._packed_refs[0]:
                self._packed_refs = (version, read_whole(path, LARGEST_PACKED_REFS))
        except OSError:
            return b""
        return self._packed_refs[1]

    def state(self, branch: str = "", *, with_packs: bool = True) -> str:
        """Return a text that changes whenever facts may: where default branch and tags stand, and what was cut off.

        Args:
            branch: as `head` takes it.
            with_packs: whether, in a partial clone, new packs count: they may bring what was missing.
        """
        digest = hashlib.sha256()
        digest.update(b"".join(b"%b\0%b\n" % ref for ref in sorted(self.refs_like("refs/tags/").items())))
        for prefix in PULL_REF_FOLDERS:
            # Ten thousands of them, which lie side by side: their bytes serve as they are. That packing them looks
            # like a change costs little, for nothing else has moved then.
            digest.update(self._packed_lines(prefix))
            for name in self._loose_names(prefix.rstrip("/")):
                digest.update(f"{name}\0{self.read_ref(name)}\n".encode("utf-8", "surrogateescape"))
        with suppress(OSError):
            digest.update(read_start(self.common_dir / "shallow", LARGEST_PACKED_REFS))
        packs = sorted(_names(self.common_dir / "objects" / "pack"))
        is_partial = any(name.endswith(".promisor") for name in packs)
        if with_packs and is_partial:
            digest.update("\0".join(packs).encode())
        return f"{' '.join(self.head(branch))} {'partial' if is_partial else 'whole'} {digest.hexdigest()}"

    def _symbolic(self, name: str) -> str:
        """Return the ref that a symbolic one leads to in the end, as `git symbolic-ref` does; `""` for another."""
        target = ""
        for _ in range(_DEEPEST_SYMBOLIC_REF):
            content = self._loose(target or name)
            if not content.startswith("ref:"):
                return target
            target = content[4:].strip()
        return ""

    def _loose(self, name: str) -> str:
        if not is_ref_name(name):
            return ""
        folder = self.git_dir if name == "HEAD" or name.startswith(_OWN_OF_WORK_TREE) else self.common_dir
        target = _linked_ref(folder / name)
        return f"ref: {target}" if target else _first_line(folder / name)

    def _loose_names(self, folder: str) -> Iterator[str]:
        try:
            entries = sorted(os.scandir(self.common_dir / folder), key=lambda entry: entry.name)
        except OSError:
            return
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from self._loose_names(f"{folder}/{entry.name}")
            elif not entry.name.endswith(".lock"):
                yield f"{folder}/{entry.name}"


class ListedRefs(GitDirectory):
    """A repository whose refs are kept in a format that only git reads; git has listed them."""

    def __init__(self, directory: GitDirectory, refs: Mapping[str, str], head: str) -> None:
        """Take the listing.

        Args:
            directory: the repository's folders.
            refs: object id by full name; `ref: <name>` for a symbolic ref.
            head: what HEAD holds, in the same way.
        """
        super().__init__(directory.git_dir, directory.common_dir)
        self._refs = {**refs, "HEAD": head}

    def _loose(self, name: str) -> str:
        return self._refs.get(name, "")

    def _loose_names(self, folder: str) -> Iterator[str]:
        return (name for name in self._refs if name.startswith(f"{folder}/"))

    def _packed_content(self) -> bytes:
        return b""


def state_of_refs(head: str, refs: Mapping[str, str], branch: str = "") -> str:
    """Return the `state` of a repository of which only the refs are known, as a server lists them.

    Args:
        head: the ref that HEAD names, `""` where that is not known.
        refs: object ids by full name.
        branch: as `GitDirectory.head` takes it.
    """
    nowhere = GitDirectory(Path(os.devnull), Path(os.devnull))
    return ListedRefs(nowhere, refs, f"ref: {head}" if head else "").state(branch, with_packs=False)


def size_of(folder: Path) -> int:
    """Return the bytes of all packs of the repository at `folder`, a measure of how long reading takes; else 0."""
    for objects in (folder / ".git" / "objects", folder / "objects"):
        with suppress(OSError):
            packs = (entry for entry in os.scandir(objects / "pack") if entry.name.endswith(".pack"))
            return sum(entry.stat().st_size for entry in packs)
    return 0


def is_ref_name(name: str) -> bool:
    """Whether `name` is HEAD or a ref's full name that stays inside the repository's folder.

    The rules of https://git-scm.com/docs/git-check-ref-format that keep a name from being a path elsewhere.
    """
    return name == "HEAD" or (
        name.startswith("refs/") and not _NOT_IN_A_REF.search(name) and not {"", ".", ".."} & {*name.split("/")}
    )


def _pointed_to(pointer: Path, prefix: bytes) -> Path:
    content = read_start(pointer, _LONGEST_POINTER)
    target = os.fsdecode(content.removeprefix(prefix).rstrip(b"\r\n"))
    if not content.startswith(prefix) or "\0" in target or "\n" in target:
        return pointer
    return pointer.parent / target


def _has_head(folder: Path) -> bool:
    """Tell whether HEAD is there; as a symbolic link it may dangle, for its branch can be packed (setup.c)."""
    return bool(_linked_ref(folder / "HEAD")) or (folder / "HEAD").is_file()


def _linked_ref(path: Path) -> str:
    """Return the ref that a symbolic link names in the oldest form of a symbolic ref (`core.preferSymlinkRefs`)."""
    try:
        target = os.fsdecode(path.readlink())
    except OSError:
        return ""
    return target if target.startswith("refs/") and is_ref_name(target) else ""


def _common_directory(git_dir: Path) -> Path:
    pointer = git_dir / "commondir"
    return _pointed_to(pointer, b"").resolve() if pointer.is_file() else git_dir


def _first_line(path: Path) -> str:
    try:
        return read_start(path, _LONGEST_POINTER).partition(b"\n")[0].decode("utf-8", "surrogateescape").strip()
    except OSError:
        return ""


def _names(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in os.scandir(folder)]
    except OSError:
        return []

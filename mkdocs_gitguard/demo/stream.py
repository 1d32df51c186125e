"""A history as `git fast-import` reads it: https://git-scm.com/docs/git-fast-import#_input_format (git 2.32)."""

from collections.abc import Callable, Sequence

from mkdocs_gitguard.demo.cast import Person


class Stream:
    """A stream under construction; what is added is handed to `write` at once, so that a history of any length fits."""

    def __init__(self, write: Callable[[bytes], object], *, branch: str = "refs/heads/main") -> None:
        """Begin with nothing; commits go to `branch` where they name no other."""
        self._write = write
        self._branch = branch
        self._known: dict[int, str] = {}
        self.commits = 0

    def known(self, sha: str) -> int:
        """Return a mark for a commit that the repository has already."""
        self.commits += 1
        self._known[self.commits] = sha
        return self.commits

    def commit(
        self,
        message: str,
        who: Person,
        at: int,
        files: Sequence[tuple[str, str]],
        *,
        merged: int = 0,
        onto: int = 0,
        committer: str = "",
        branch: str = "",
    ) -> int:
        """Add a commit and return its mark; `onto` and `merged` are marks of its parents, 0: none given."""
        self.commits += 1
        text = message.encode()
        author = f"{who.name} <{who.email}> {at} +0000"
        parts = [
            f"commit {branch or self._branch}\nmark :{self.commits}\nauthor {author}\n"
            f"committer {committer + f' {at} +0000' if committer else author}\ndata {len(text)}\n".encode(),
            text,
        ]
        if onto:
            parts.append(b"\nfrom " + self._name(onto))
        if merged:
            parts.append(b"\nmerge " + self._name(merged))
        parts.append(b"\n")
        for path, content in files:
            data = content.encode()
            parts.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data))
        self._write(b"".join(parts))
        return self.commits

    def _name(self, commit: int) -> bytes:
        return self._known.get(commit, f":{commit}").encode()

    def tag(self, name: str, object_mark: int, who: Person, at: int) -> None:
        """Add an annotated tag."""
        text = f"Release {name}".encode()
        tagger = f"{who.name} <{who.email}> {at} +0000"
        self._write(f"tag {name}\nfrom :{object_mark}\ntagger {tagger}\ndata {len(text)}\n".encode() + text + b"\n")

    def end(self) -> None:
        """Say that this is all: without it git takes the stream for one that was cut off."""
        self._write(b"done\n")

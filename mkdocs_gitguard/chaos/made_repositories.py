"""Small real git repositories from a seed, made and changed by `git fast-import`. The same seed, the same commits."""

import os
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from mkdocs_gitguard.demo.cast import Person
from mkdocs_gitguard.demo.stream import Stream
from mkdocs_gitguard.git.process import config_environment, run

START: Final = 1_790_000_000
"""Unix seconds of the first commit."""
_PEOPLE: Final = tuple(
    Person(name, login, f"{login}@acme.example", "", has_left=False)
    for name, login in (("Mira Hansen", "mira"), ("Ola Nord", "ola"), ("Ines Silva", "ines"))
)
_TITLES: Final = (
    "Add the retry loop",
    "Fix pagination",
    "Speed up the nightly job",
    "Document rate limits",
    "Guard time zones",
)
_POLICY: Final = (
    "package guard\n\nimport rego.v1\n\n# METADATA\n# title: Every change has an owner\n"
    'deny contains "no owner" if {\n\tcount(input.owners) == 0\n}\n'
)
_TIME_LIMIT: Final = 60.0


class MadeRepository:
    """A bare repository under construction; each commit is an hour after the one before."""

    def __init__(self, folder: Path, *, seed: str, namespace: str = "acme") -> None:
        """Make it, with nothing in it; it is called as its folder, and has a remote on GitHub that is never asked."""
        self.folder = folder
        self.name = folder.name
        self._dice = random.Random(f"{seed} {folder.name}")  # noqa: S311 - to be had again from the seed
        self._commits = 0
        self._pull_requests = 0
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--bare", "--template=")
        self.git("remote", "add", "origin", f"https://github.com/{namespace}/{folder.name}.git")

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        """Run git in it, and return what it prints.

        Raises:
            GitProcessError: it failed.
        """
        environment = {
            **config_environment({"init.defaultBranch": "main", "maintenance.auto": "false", "gc.auto": "0"}),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        output = run(
            arguments,
            folder=self.folder,
            environment=environment,
            label=self.name,
            time_limit=_TIME_LIMIT,
            stdin=[stdin] if stdin else (),
        )
        return b"".join(output).decode("utf-8", "replace").strip()

    @property
    def head(self) -> str:
        """The commit that its branch is at; `""`: none."""
        return self.git("for-each-ref", "--format=%(objectname)", "refs/heads/main")

    def begin(self, *, pull_requests: int = 3, policy: bool = False) -> None:
        """Give it a first commit and some merged pull requests."""
        files = {"README.md": f"# {self.name}\n\nThe {self.name} of Acme.\n", "CODEOWNERS": "* @mira\n/docs/ @ola\n"}
        self.commit("Begin", {**files, "src/a.py": "1\n", **({"policies/guard.rego": _POLICY} if policy else {})})
        for _ in range(pull_requests):
            self.merge()

    def commit(
        self, message: str, files: Mapping[str, str], *, parents: Sequence[str] = (), branch: str = "main"
    ) -> str:
        """Add a commit to a branch, and return its id; without parents it follows the branch's last one."""
        self._commits += 1
        parents = parents or [head for head in [self.head] if head and branch == "main"]
        parts: list[bytes] = []
        stream = Stream(parts.append, branch=f"refs/heads/{branch}")
        onto, merged, *_ = [*map(stream.known, parents), 0, 0]
        who, at = _PEOPLE[self._commits % len(_PEOPLE)], START + 3600 * self._commits
        stream.commit(message, who, at, [*files.items()], onto=onto, merged=merged)
        stream.end()
        self.git("fast-import", "--quiet", "--force", stdin=b"".join(parts))
        return self.git("rev-parse", f"refs/heads/{branch}")

    def merge(self) -> int:
        """Merge a pull request in GitHub's words, and return its number."""
        self._pull_requests += 1
        number, title = self._pull_requests, self._dice.choice(_TITLES)
        base = self.head
        files = {f"src/{self._dice.randrange(5)}.py": f"{number} {self._dice.randrange(1000)}\n"}
        tip = self.commit(title, files, parents=[base], branch=f"topic-{number}")
        message = f"Merge pull request #{number} from acme/topic-{number}\n\n{title} {number}"
        # As fast-import has it, a merge's files are those of its first parent, so that they are given again.
        self.commit(message, files, parents=[base, tip])
        self.git("update-ref", "-d", f"refs/heads/topic-{number}")
        return number

    def force(self, commit: str) -> None:
        """Set the branch to another commit, as a push by force does."""
        self.git("update-ref", "refs/heads/main", commit)

"""Real git repositories for the tests of the harvest, made in a test's own folder."""

import os
import subprocess
from pathlib import Path

from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.harvest.facts import RepositoryAbout

EPOCH = 1_700_000_000


class Scratch:
    """A repository under construction. Every commit has its own second."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = EPOCH
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(
        self, *args: str, author: str = "Mira Hansen <mira@acme.example>", committer: str = "", stdin: str = ""
    ) -> str:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "maintenance.auto",
            "GIT_CONFIG_VALUE_0": "false",
        }
        for role, person in (("AUTHOR", author), ("COMMITTER", committer or author)):
            name, _, email = person.partition(" <")
            environment |= {
                f"GIT_{role}_NAME": name,
                f"GIT_{role}_EMAIL": email.rstrip(">"),
                f"GIT_{role}_DATE": f"{self.clock} +0000",
            }
        done = subprocess.run(
            ["git", *args], cwd=self.folder, env=environment, input=stdin, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(
        self, message: str, *, author: str = "Mira Hansen <mira@acme.example>", committer: str = "", **files: str | None
    ) -> str:
        """Write files (None: delete; `__` in a name is `/`, and a last `_x` stands for `.x`) and commit them."""
        return self.write(
            message, {_path(name): text for name, text in files.items()}, author=author, committer=committer
        )

    def write(
        self,
        message: str,
        files: dict[str, str | None],
        *,
        author: str = "Mira Hansen <mira@acme.example>",
        committer: str = "",
    ) -> str:
        for path, text in files.items():
            target = self.folder / path
            if text is None:
                target.unlink(missing_ok=True)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
        self.clock += 60
        self.git("add", "--all")
        self.git(
            "commit",
            "--quiet",
            "--allow-empty",
            "--allow-empty-message",
            "-m",
            message,
            author=author,
            committer=committer,
        )
        return self.git("rev-parse", "HEAD")

    def merge(
        self, branch: str, message: str, *, author: str = "Ola Nord <ola@acme.example>", committer: str = ""
    ) -> str:
        self.clock += 60
        self.git(
            "merge", "--quiet", "--no-ff", "-X", "theirs", "-m", message, branch, author=author, committer=committer
        )
        return self.git("rev-parse", "HEAD")

    def open(self) -> GitRepository:
        return GitRepository.open(self.folder)


def _path(name: str) -> str:
    stem, dot, ending = name.replace("__", "/").rpartition("_")
    return f"{stem}.{ending}" if dot else ending


ABOUT = RepositoryAbout(id="repository:acme/billing", namespace="acme", name="billing")

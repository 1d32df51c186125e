"""A site of real repositories with a `gitguard watch` of its own, as a process."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import yaml
from make.git import Scratch
from make.servers import PATIENCE

from mkdocs_gitguard.clock import system_moment
from mkdocs_gitguard.events.event import Event, EventRepository
from mkdocs_gitguard.events.opening import open_log


class Service:
    """A site of two repositories, and its watch."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = 0
        self.repositories = {name: Scratch(folder / "repositories" / name) for name in ("billing", "guardrails")}
        for name, scratch in self.repositories.items():
            scratch.git("remote", "add", "origin", f"https://github.com/acme/{name}.git")
            scratch.write("Begin", {"README.md": f"# {name}\n", "CODEOWNERS": "* @mira\n"})
        (folder / "docs").mkdir()
        (folder / "docs" / "about.md").write_text("# About\n")
        self.configure()
        self.process: subprocess.Popen[str] | None = None
        self.environment: dict[str, str] = {}
        """Beside this process's own, for the watch."""

    def configure(self, site_name: str = "Acme", *, theme: str = "mkdocs") -> None:
        options = {"repositories": ["repositories/*"], "strict_findings": "never"}
        config = {
            "site_name": site_name,
            "theme": {"name": theme} | ({"font": False} if theme == "material" else {}),
            "plugins": ["search", {"gitguard": options}],
        }
        (self.folder / "mkdocs.yml").write_text(yaml.safe_dump(config))

    def start(self, *arguments: str) -> None:
        with (self.folder / "watch.log").open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "mkdocs_gitguard", "watch", *(arguments or ("--reconcile", "0"))],
                cwd=self.folder,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self.environment},
                stdout=log,
                stderr=log,
                text=True,
            )

    @property
    def said(self) -> str:
        return (self.folder / "watch.log").read_text()

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def merge(self, name: str) -> int:
        """Merge a pull request, and return its number."""
        self.number += 1
        scratch = self.repositories[name]
        scratch.git("checkout", "--quiet", "-b", f"topic{self.number}")
        scratch.write(f"Work {self.number}", {f"src/{self.number}.py": f"{self.number}\n"})
        scratch.git("checkout", "--quiet", "main")
        scratch.merge(f"topic{self.number}", f"Merge pull request #{self.number} from mira/topic\n\nAdd {self.number}")
        return self.number

    def tell(self, name: str, delivery: str = "") -> None:
        """Put the event into the log, as another process does."""
        repository = EventRepository(name=f"acme/{name}", urls=(f"https://github.com/acme/{name}",))
        event = Event(
            source="github",
            name="push",
            body=json.dumps({"number": self.number, "name": name}).encode(),
            accepted_at=system_moment(),
            delivery=delivery,
            repository=repository,
        )
        self.send(event)

    def send(self, *events: Event) -> None:
        """Put events into the log, as another process does."""
        url = self.environment.get("JETSTREAM_URL", "")
        log = open_log(self.folder / ".gitguard" / "events.db", url=url, stream="watch-test")
        log.append(events)
        log.close()

    def page(self, name: str, number: int) -> Path:
        return self.folder / "site" / "pull-request" / "acme" / name / str(number) / "index.html"

    def await_file(self, path: Path) -> None:
        self.await_that(path.is_file, path)

    def await_text(self, text: str) -> None:
        self.await_that(lambda: text in self.said, text)

    def await_that(self, is_so: Callable[[], object], what: object) -> None:
        end = time.monotonic() + PATIENCE
        while not _holds(is_so):
            assert time.monotonic() < end, (what, self.said)
            assert self.process is None or self.process.poll() is None, self.said
            time.sleep(0.02)


def _holds(is_so: Callable[[], object]) -> bool:
    # A build moves the site's folder away for as long as it takes.
    with suppress(FileNotFoundError):
        return bool(is_so())
    return False

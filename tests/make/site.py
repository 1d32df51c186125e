"""Whole sites for tests: folders with an mkdocs.yml, built by MkDocs itself."""

import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from make import process
from make.snapshot import NOW
from mkdocs.commands.build import build
from mkdocs.config import load_config

from mkdocs_gitguard.model import Snapshot


@dataclass
class Site:
    """A site's folder. `write` lays it down, `build` runs MkDocs in this process, `run` a command in one of its own."""

    folder: Path

    @property
    def output(self) -> Path:
        return self.folder / "site"

    def write(
        self,
        snapshot: Snapshot,
        *,
        options: dict[str, Any] | None = None,
        plugins: list[Any] | None = None,
        docs: dict[str, str] | None = None,
        **config: Any,
    ) -> "Site":
        (self.folder / "docs").mkdir(parents=True, exist_ok=True)
        (self.folder / "snapshot.json").write_bytes(snapshot.to_json())
        for path, text in (docs or {}).items():
            target = self.folder / "docs" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        gitguard = {"gitguard": {"snapshot": "snapshot.json", **(options or {})}}
        listed = [gitguard if plugin == "gitguard" else plugin for plugin in plugins or ["search", "gitguard"]]
        whole = {"site_name": "Acme", "theme": {"name": "material", "font": False}, "plugins": listed, **config}
        (self.folder / "mkdocs.yml").write_text(yaml.safe_dump(whole, sort_keys=False), encoding="utf-8")
        return self

    def build(self, *, strict: bool = False, dirty: bool = False) -> Path:
        logging.getLogger("mkdocs").setLevel(logging.INFO)
        config = load_config(str(self.folder / "mkdocs.yml"), strict=strict)
        config.plugins.on_startup(command="build", dirty=dirty)
        try:
            build(config, dirty=dirty)
        finally:
            config.plugins.on_shutdown()
        return self.output

    def run(self, *command: str, anew: bool = False) -> subprocess.CompletedProcess[str]:
        """Run what `python -m` would.

        Args:
            command: the program, and its arguments.
            anew: whether in a process that has loaded nothing yet, not in a copy of this one.
        """
        environment = {"SOURCE_DATE_EPOCH": str(int(NOW.timestamp())), "NO_MKDOCS_2_WARNING": "1"}
        if command[0] in process.PROGRAMS and not anew:
            return process.run(self.folder, *command, **environment)
        return subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.folder,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def page(self, url: str) -> str:
        path = self.output / url
        return (path / "index.html" if path.is_dir() else path).read_text(encoding="utf-8")

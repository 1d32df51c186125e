"""Drills on a whole portal: a site of made repositories, builds as processes, and the comparison with a clean one."""

from __future__ import annotations

import filecmp
import os
import shutil
from functools import partial
from typing import TYPE_CHECKING, Final

import yaml

from mkdocs_gitguard.chaos.made_repositories import MadeRepository
from mkdocs_gitguard.chaos.processes import fork, wait
from mkdocs_gitguard.chaos.trial import Sandbox, Trial
from mkdocs_gitguard.model.drill import Tally
from mkdocs_gitguard.service.look import EVERYWHERE
from mkdocs_gitguard.service.warm_site import WarmSite

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess
    from pathlib import Path

NAMES: Final = ("billing", "guardrails", "ledger")
_NOT_COMPARED: Final = (
    *("rollout/", "status/", "dashboards/", "metrics/", "drill/", "over-time/"),
    *("api/v1/changes.ndjson", "api/v1/manifest.json", "api/v1/index.json", "api/v1/service-levels.json"),
)
"""What tells of builds before, of which a clean site has had none."""
_SOME: Final = 3
_OWN: Final = frozenset(
    {"docs", "mkdocs.yml", "clean.yml", "repositories", "state", "site", "clean-state", "clean-site"}
)


class PortalTrial(Trial):
    """A trial over a site of a few repositories."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Name the folder."""
        super().__init__(sandbox)
        self.folder = sandbox.folder / "portal"
        self.state = self.folder / "state"
        self.site = self.folder / "site"
        self.repositories: dict[str, MadeRepository] = {}
        self._clean_of: object = None

    def prepare(self) -> None:
        """Make the repositories and the site, and build it."""
        # Builds that fail burn a budget, and the home page says so; a clean site has never failed.
        os.environ["SLO_MONITORING_ENABLED"] = "false"
        for name in NAMES:
            repository = MadeRepository(self.folder / "repositories" / name, seed=str(self.sandbox.dice.random()))
            repository.begin(policy=name == "guardrails")
            self.repositories[name] = repository
        docs = self.folder / "docs"
        docs.mkdir()
        (docs / "about.md").write_text("# About\n")
        self.build_well()
        # Nothing was there before: this build is a clean one.
        shutil.copytree(self.site, self.folder / "clean-site")
        self._clean_of = self._inputs()

    def recover(self) -> None:
        """Build as the next run does."""
        self.build_well()

    def change(self) -> None:
        """Merge a pull request into one repository, and change the owners of another."""
        dice = self.sandbox.dice
        self.repositories[dice.choice(NAMES)].merge()
        owners = f"* @{dice.choice(['mira', 'ola', 'acme/platform'])}\n/src/ @ines\n"
        self.repositories[dice.choice(NAMES)].commit("Owners", {"CODEOWNERS": owners})

    def build(self, *, state: str = "state", site: str = "site") -> BaseProcess:
        """Start a build in a process of its own."""
        name = "mkdocs.yml" if site == "site" else "clean.yml"
        options = {"repositories": self.entries(), "state_dir": state, "strict_findings": "never"}
        config = {
            "site_name": "Acme",
            "site_dir": site,
            "theme": {"name": "material", "font": False},
            "plugins": [{"gitguard": options}],
        }
        (self.folder / name).write_text(yaml.safe_dump(config))
        return fork(partial(WarmSite(self.folder / name).build, EVERYWHERE))

    def entries(self) -> list[dict[str, str]]:
        """Return what the site shows."""
        return [{"path": f"repositories/{name}"} for name in self.repositories]

    def build_well(self) -> None:
        """Build to the end.

        Raises:
            RuntimeError: it failed.
        """
        if code := wait(self.build()):
            raise RuntimeError(f"A build ended with code {code}.")

    def tally(self) -> Tally:
        """Compare what readers see with what a clean build makes of the same repositories."""
        if self._inputs() != self._clean_of:
            for name in ("clean-state", "clean-site"):
                shutil.rmtree(self.folder / name, ignore_errors=True)
            if code := wait(self.build(state="clean-state", site="clean-site")):
                raise RuntimeError(f"A clean build ended with code {code}.")
            self._clean_of = self._inputs()
        warm, clean = _files(self.site), _files(self.folder / "clean-site")
        differing = [
            path
            for path in sorted(warm.keys() | clean.keys())
            if path not in warm or path not in clean or not filecmp.cmp(warm[path], clean[path], shallow=False)
        ]
        missing = [name for name in self.expected() if f"repository/acme/{name}/index.html" not in warm]
        left = [path.name for path in self.folder.iterdir() if path.name not in _OWN]
        return Tally(
            looked_at=len(clean),
            lost=len(missing),
            doubled=len(left),
            differing=len(differing),
            examples=(
                *(f"The page of {name} is missing." for name in missing[:_SOME]),
                *(f"{path} is not that of a clean build." for path in differing[:_SOME]),
                *(f"{name} was left behind." for name in left[:_SOME]),
            ),
        )

    def expected(self) -> list[str]:
        """Return the repositories that must have a page."""
        return [*self.repositories]

    def _inputs(self) -> object:
        heads = [repository.head for repository in self.repositories.values()]
        return self.entries(), heads


def _files(folder: Path) -> dict[str, Path]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    named = ((path.relative_to(folder).as_posix(), path) for path in paths)
    return {name: path for name, path in named if not name.startswith(_NOT_COMPARED)}

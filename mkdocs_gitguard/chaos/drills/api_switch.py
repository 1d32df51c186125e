"""The Graph API is asked without end while releases are switched."""

from __future__ import annotations

import json
import multiprocessing
import shutil
import time
from collections import Counter
from functools import partial
from http.client import HTTPConnection, HTTPException
from importlib.util import find_spec
from typing import TYPE_CHECKING

from mkdocs_gitguard.chaos.broker import free_port
from mkdocs_gitguard.chaos.made_release import manifest_of
from mkdocs_gitguard.chaos.portal_trial import PortalTrial
from mkdocs_gitguard.chaos.processes import fork, kill
from mkdocs_gitguard.chaos.trial import Drill, NotRunError, Sandbox
from mkdocs_gitguard.model.drill import DrillAbout, Tally
from mkdocs_gitguard.publish.directory import DirectoryTarget

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess
    from pathlib import Path

_SWITCHES = 4
_PAUSE = 1.2
"""Seconds between two switches: the server looks for a newer release every second."""
_PATIENCE = 20.0
_WELL = 200
_FORK = multiprocessing.get_context("fork")
_PATHS = ("index.json", "nodes/repository/acme/billing.json", "kinds/repository/index.json")


class _Trial(PortalTrial):
    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._answers: Counter[str] = Counter()
        self._target = DirectoryTarget("public", root=sandbox.folder, keep=3)
        self._server: BaseProcess | None = None
        self._port = free_port()

    def prepare(self) -> None:
        if missing := [name for name in ("starlette", "uvicorn") if find_spec(name) is None]:
            raise NotRunError(f"{missing[0]} is not installed (pip install 'mkdocs-gitguard[api]')")
        super().prepare()
        self._target.publish(self.site, manifest_of(self.site))
        self._server = fork(partial(_serve, self.sandbox.folder / "public" / "current" / "api" / "v1", self._port))
        deadline = time.monotonic() + _PATIENCE
        while _ask(self._port, _PATHS[0]) != "answered":
            if time.monotonic() > deadline:
                raise TimeoutError("The API's server did not come up.")
            time.sleep(0.05)

    def disturb(self) -> None:
        first = self.sandbox.folder / "first"
        shutil.copytree(self.site, first)
        self.change()
        self.build_well()
        is_over, report = _FORK.Value("i", 0), _FORK.Queue()

        def ask_on() -> None:
            answers: Counter[str] = Counter()
            while not is_over.value:
                for path in _PATHS:
                    answers[_ask(self._port, path)] += 1
            report.put(answers)

        asker = fork(ask_on)
        try:
            for number in range(_SWITCHES):
                site = first if number % 2 else self.site
                self._target.publish(site, manifest_of(site))
                time.sleep(_PAUSE)
        finally:
            is_over.value = 1
            self._answers += report.get(timeout=_PATIENCE)
            asker.join()
        self.sandbox.note(f"{self._answers.total()} answers over {_SWITCHES} switches")

    def recover(self) -> None:
        super().recover()
        self._target.publish(self.site, manifest_of(self.site))
        time.sleep(_PAUSE)

    def tally(self) -> Tally:
        tally = super().tally()
        wrong = {what: number for what, number in self._answers.items() if what != "answered"}
        wrong |= {f"served is not what was built: {path}": 1 for path in _PATHS if not self._is_served(path)}
        return Tally(
            looked_at=tally.looked_at + self._answers.total(),
            lost=tally.lost + sum(wrong.values()),
            doubled=tally.doubled,
            differing=tally.differing,
            examples=(*(f"{number} answers: {what}." for what, number in wrong.items()), *tally.examples),
        )

    def _is_served(self, path: str) -> bool:
        return _body(self._port, path) == (self.site / "api" / "v1" / path).read_bytes()

    def put_right(self) -> None:
        if self._server:
            kill(self._server)


def _serve(folder: Path, port: int) -> None:
    import uvicorn  # noqa: PLC0415 - the extra `api`

    from mkdocs_gitguard.graph_api.server import application  # noqa: PLC0415 - as above

    uvicorn.run(application(folder), host="127.0.0.1", port=port, log_level="error")


def _body(port: int, path: str) -> bytes:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", f"/api/v1/{path}")
        response = connection.getresponse()
        body = response.read()
        if response.status != _WELL:
            raise ValueError(f"status {response.status}")
        return body
    finally:
        connection.close()


def _ask(port: int, path: str) -> str:
    try:
        json.loads(_body(port, path))
    except (OSError, HTTPException) as error:
        return type(error).__name__
    except ValueError as error:
        return str(error)[:80]
    return "answered"


DRILL = Drill(
    DrillAbout(
        name="api-switch",
        title="Graph API under load while releases are switched",
        component="Graph API server",
        hypothesis="Every question is answered, whole, while releases are switched, and in the end by the newest.",
        fault=f"Releases are switched {_SWITCHES} times while the API is asked without end.",
        blast_radius="A site, its releases and a server on the loopback, all of the drill's own.",
        time_limit=120,
    ),
    _Trial,
)

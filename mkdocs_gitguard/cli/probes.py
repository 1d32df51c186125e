"""What `gitguard rollout measure` tries out, each with a real request or a real piece of work."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from mkdocs_gitguard.chaos.drills import DRILLS
from mkdocs_gitguard.cli.events_site import events_of
from mkdocs_gitguard.cli.rollout_site import RolloutSite
from mkdocs_gitguard.cli.site_file import strange_server
from mkdocs_gitguard.clock import system_clock
from mkdocs_gitguard.errors import EventError, GitGuardError
from mkdocs_gitguard.git.process import GitProcessError, run
from mkdocs_gitguard.model import Measurement
from mkdocs_gitguard.policies import PolicyFile, policy_formats, scan
from mkdocs_gitguard.portal.diagrams.mermaid import Diagram, fault, load_engine, source
from mkdocs_gitguard.rollout.build_record import BuildRecord, kept
from mkdocs_gitguard.rollout.checks import LEAST_FREE
from mkdocs_gitguard.rollout.settings import PHASES
from mkdocs_gitguard.state.database import EVENTS_FILE
from mkdocs_gitguard.state.measurements import percentile

_HOST: Final = "127.0.0.1"
_ORIGIN: Final = "https://portal.example"
_REQUESTS: Final = 50
_START: Final = 20.0
"""Seconds that the server, or git, may take to answer."""
_TIMEOUT: Final = 5.0
_LONGEST_LOG: Final = 64 * 1024
_LAST_LINES: Final = 3
_SAMPLE: Final = b"package sample\n\nimport rego.v1\n\ndeny contains message if {\n\tmessage := input.reason\n}\n"
_SAMPLE_LINES: Final = (5, 7)


class Answer(NamedTuple):
    """What a server answered."""

    status: int
    headers: Mapping[str, str]
    document: Any
    seconds: float


def measure(site: RolloutSite) -> tuple[Measurement, ...]:
    """Try everything, and return what was measured."""
    is_sound = _state_is_sound(site)
    began = time.perf_counter()
    is_drawn = _diagrams_ready()
    drawing = time.perf_counter() - began
    healthy = {
        "the state file can be read": is_sound,
        "git runs": _git_runs(),
        "the built site is there": _site_is_built(site),
        f"{LEAST_FREE:.0%} of the disk is free": _free(site) >= LEAST_FREE,
    }
    with _server(site) as server:
        served = _api(site, server.port) if server.is_up else {}
    healthy["the server answers on /healthz"] = server.is_up
    failed = [what for what, is_well in healthy.items() if not is_well]
    evidence = f"{len(healthy)} checks" + (f"; not so: {', '.join(failed)}" if failed else "")
    return (
        _measured("health.service", server.is_up, f"the Graph API's server, asked for /healthz{server.complaint}"),
        _measured("health.failed", len(failed), evidence),
        _measured(
            "policies.ready",
            _policies_ready(),
            f"{len(policy_formats())} policy formats, a sample rule found on its lines",
        ),
        _measured("health.database", is_sound, "the state file can be read"),
        *_drills(site),
        _measured("diagrams.ready", is_drawn, "a sample diagram was made and checked"),
        _measured("diagrams.duration", drawing, "a sample diagram was made and checked", "s"),
        *_event_log(site),
        _measured("storage.free", _free(site), "of the disk that holds the state", "share"),
        *(_measured(name, *rest) for name, rest in served.items()),
    )


def _measured(name: str, value: float, evidence: str, unit: str = "") -> Measurement:
    return Measurement(name=name, value=float(value), unit=unit, at=system_clock(), evidence=evidence)


def _api(site: RolloutSite, port: int) -> dict[str, tuple[float, str, str]]:
    """Ask the Graph API as a page of another origin does."""
    url = f"http://{_HOST}:{port}/api/v1/index.json"
    first = _get(url)
    if not site.settings.flags.graph_api:
        is_disabled = first.status == HTTPStatus.NOT_FOUND and "disabled" in json.dumps(first.document)
        return {"api.disabled": (is_disabled, f"GET /api/v1/index.json gave {first.status}", "")}
    answers = [_get(url) for _ in range(_REQUESTS)]
    slowest = percentile([answer.seconds for answer in answers], 95) * 1000
    allowed = first.headers.get("access-control-allow-origin", "")
    wanted = site.settings.graph_api_cors_origins
    is_right = allowed in {"*", _ORIGIN} if set(wanted) & {"*", _ORIGIN} else not allowed
    well = all(answer.status == HTTPStatus.OK for answer in [first, *answers])
    return {
        "api.port": (port if well else 0, f"{_REQUESTS + 1} requests for /api/v1/index.json", ""),
        "api.cors": (is_right and well, f"from {_ORIGIN}: Access-Control-Allow-Origin is {allowed or 'absent'}", ""),
        "api.response": (slowest, f"95 % of {_REQUESTS} requests took at most this long", "ms"),
    }


class _Server(NamedTuple):
    port: int
    is_up: bool
    complaint: str = ""
    """What it said instead of answering, after a colon."""


@contextmanager
def _server(site: RolloutSite) -> Iterator[_Server]:
    """Give the server that runs on the port of the settings, else one of our own."""
    port = site.settings.graph_api_port
    if _is_healthy(port):
        yield _Server(port, is_up=True)
        return
    if not _is_free(port):
        port = _free_port()
    phase = site.settings.phase if site.settings.phase in PHASES else str(site.settings.phase_file)
    origins = [part for origin in site.settings.graph_api_cors_origins for part in ("--origin", origin)]
    command = [sys.executable, "-P", "-m", "mkdocs_gitguard", "api", "serve", str(site.built)]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [*command, "--host", _HOST, "--port", str(port), "--phase", phase, *origins],
            cwd=site.root,
            stdout=log,
            stderr=log,
        )
        try:
            deadline = time.monotonic() + _START
            while process.poll() is None and time.monotonic() < deadline and not _is_healthy(port):
                time.sleep(0.1)
            is_up = process.poll() is None and _is_healthy(port)
            yield _Server(port, is_up, "" if is_up else _complaint(log))
        finally:
            process.terminate()
            process.wait(timeout=_START)


def _complaint(log: IO[bytes]) -> str:
    log.seek(max(0, log.seek(0, os.SEEK_END) - _LONGEST_LOG))
    lines = log.read().decode("utf-8", "replace").split("\n")
    last_lines = " ".join(list(filter(None, map(str.strip, lines)))[-_LAST_LINES:])
    return f": {last_lines}" if last_lines else ": it said nothing"


def _get(url: str) -> Answer:
    request = urllib.request.Request(url, headers={"Origin": _ORIGIN})  # noqa: S310 an address of this machine
    began = time.perf_counter()
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:  # noqa: S310 as above
            status, headers, body = response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            status, headers, body = error.code, error.headers, error.read()
    except OSError as error:
        return Answer(0, {}, str(error), time.perf_counter() - began)
    seconds = time.perf_counter() - began
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    return Answer(status, {name.lower(): value for name, value in headers.items()}, document, seconds)


def _is_healthy(port: int) -> bool:
    answer = _get(f"http://{_HOST}:{port}/healthz")
    return answer.status == HTTPStatus.OK and isinstance(answer.document, dict) and "graph_api" in answer.document


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


def _state_is_sound(site: RolloutSite) -> bool:
    try:
        site.state.measurements()
    except GitGuardError:
        return False
    return True


def _git_runs() -> bool:
    try:
        printed = b"".join(run(["--version"], folder=Path(), environment={}, label="git", time_limit=_START))
    except GitProcessError:
        return False
    return printed.startswith(b"git version")


def _site_is_built(site: RolloutSite) -> bool:
    record = kept(site.state_folder, BuildRecord)
    return record is not None and Path(record.site, "index.html").is_file()


def _policies_ready() -> bool:
    """Have a sample policy read, and its rule found on exactly its lines."""
    scanned = scan([PolicyFile("sample.rego", "0" * 40, _SAMPLE)], "repository:sample/sample", "0" * 40)
    return any((rule.span.first_line, rule.span.last_line) == _SAMPLE_LINES for rule in scanned.rules)


def _diagrams_ready() -> bool:
    """Have a sample diagram made, and checked as every diagram is."""
    diagram = Diagram(title="Sample")
    diagram.connect(diagram.add("repository", 'a "quoted" <name>'), diagram.add("owner", "mira"), "owned by")
    return not fault(source(diagram), load_engine())


def _drills(site: RolloutSite) -> tuple[Measurement, ...]:
    """Have every drill made into an experiment, and each of them checked, where drills are run at all."""
    if not site.settings.chaos_engineering_enabled:
        return ()
    try:
        from mkdocs_gitguard.chaos.experiment import check  # noqa: PLC0415 - the extra `chaos`
    except ImportError as error:
        return (_measured("drills.ready", 0, f"drills need {error.name}, which is not installed"),)
    for drill in DRILLS:
        check(drill.about)
    return (_measured("drills.ready", 1, f"{len(DRILLS)} drills made into experiments, and checked"),)


def _event_log(site: RolloutSite) -> tuple[Measurement, ...]:
    """Measure what the event log takes, and whether its server can be asked, where there is one that may be."""
    if strange_server(site.loaded.config, is_named=site.loaded.is_named):
        return ()
    if not site.settings.jetstream_url:
        size = sum(path.stat().st_size for path in site.state_folder.glob(f"{EVENTS_FILE}*"))
        evidence = f"the event log, {EVENTS_FILE} in the state folder"
        return (_measured("storage.events", size, evidence, "bytes"),)
    try:
        with events_of(site) as log:
            status = log.status()
    except EventError:
        return (_measured("events.connected", 0, "the event log's server, asked for its state"),)
    return (
        _measured("events.connected", 1, "the event log's server, asked for its state"),
        _measured("storage.events", status.bytes, f"the event log, {status.place}", "bytes"),
    )


def _free(site: RolloutSite) -> float:
    folder = site.state_folder if site.state_folder.is_dir() else site.root
    usage = shutil.disk_usage(folder)
    return usage.free / usage.total

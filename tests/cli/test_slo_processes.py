"""Metrics and history as processes of their own: a server that is scraped, and runs that write and take up at once."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from make.servers import PATIENCE, free_port
from make.snapshot import NOW, likely

from mkdocs_gitguard.graph_api import export
from mkdocs_gitguard.model import Graph, Measurement
from mkdocs_gitguard.state.history_file import HISTORY_FILE, read_history_file
from mkdocs_gitguard.state.measurements import Measurements

COMMAND = [sys.executable, "-P", "-m", "mkdocs_gitguard"]


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[Path]:
    """Run a command until the block ends; give the file of what it says."""
    output = folder / "output"
    with output.open("w") as file:
        process = subprocess.Popen([*COMMAND, *arguments], cwd=folder, stdout=file, stderr=file)
    try:
        yield output
    finally:
        process.terminate()
        process.wait(PATIENCE)


def answered(url: str) -> bytes:
    """Return what stands at a URL, as soon as anything does."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with urlopen(url, timeout=PATIENCE) as answer:
                return answer.read()
        except URLError:
            assert time.monotonic() < end, url
            time.sleep(0.05)


def test_a_server_of_the_graph_api_is_scraped_beside_its_answers(tmp_path: Path) -> None:
    pytest.importorskip("uvicorn", reason="the extra `api` is not installed")
    pytest.importorskip("prometheus_client", reason="the extra `metrics` is not installed")
    (tmp_path / "mkdocs.yml").write_text("site_name: Acme\nplugins:\n  - gitguard: {repositories: []}\n")
    (tmp_path / "docs").mkdir()
    export(Graph(likely()), tmp_path / "site" / "api" / "v1", generated_at=NOW)
    # What was measured in the second in which it is asked for is not over yet: the clock counts whole ones.
    Measurements(tmp_path / ".gitguard" / "state.db").remember(
        Measurement(name="build.duration", value=3, unit="s", at=datetime.now(UTC) - timedelta(minutes=1), evidence="")
    )
    port = free_port()
    with running(tmp_path, "api", "serve", "site", "--port", str(port), "--metrics", "127.0.0.1:0") as output:
        url = f"http://127.0.0.1:{port}/api/v1"
        assert json.loads(answered(f"{url}/index.json"))["organization"]
        with pytest.raises(URLError):
            urlopen(f"{url}/nothing.json", timeout=PATIENCE)
        metrics = re.findall(r"Metrics: port (\d+)", output.read_text())[0]
        # An answer is counted once it is sent: whoever has it may ask before that.
        counted: dict[str, str] = {}
        end = time.monotonic() + PATIENCE
        while len(counted) < 2 and time.monotonic() < end:
            text = answered(f"http://127.0.0.1:{metrics}/metrics").decode()
            counted = dict(re.findall(r'gitguard_api_request_duration_seconds_count\{status="(\w+)"\} (\S+)', text))
    assert "gitguard_build_duration_seconds 3.0" in text
    assert counted == {"2xx": "1.0", "4xx": "1.0"}


def test_runs_that_publish_and_take_up_history_at_once_lose_nothing(tmp_path: Path) -> None:
    now = datetime.now(UTC) - timedelta(minutes=1)
    runs = []
    for number in range(3):
        folder = tmp_path / f"run{number}"
        (folder / "docs").mkdir(parents=True)
        (folder / "mkdocs.yml").write_text("site_name: Acme\nplugins:\n  - gitguard: {repositories: []}\n")
        # What all of them have taken up from the release before, and what each has measured itself.
        moments = [now - timedelta(days=3), now - timedelta(minutes=number)]
        Measurements(folder / ".gitguard" / "state.db").remember(
            *(Measurement(name="build.duration", value=float(number), unit="s", at=at) for at in moments[1:]),
            Measurement(name="build.duration", value=99, unit="s", at=moments[0]),
        )
        runs.append(folder)
    shared = tmp_path / "public" / "metrics"

    def at_once(*commands: tuple[Path, str, Path]) -> None:
        started = [
            subprocess.Popen([*COMMAND, "slo", name, str(place)], cwd=folder, stdout=subprocess.DEVNULL)
            for folder, name, place in commands
        ]
        assert [process.wait(PATIENCE) for process in started] == [0] * len(commands)

    # Two publish into one place: what stands there is whole, and of one of them.
    at_once((runs[0], "export", shared), (runs[1], "export", shared), (runs[0], "export", tmp_path / "first"))
    days, damaged = read_history_file(shared / HISTORY_FILE)
    assert days
    assert not damaged
    at_once((runs[1], "export", tmp_path / "second"))
    # Whoever takes up all of them at once knows what each has measured, once.
    at_once(*((runs[2], "import", tmp_path / name) for name in ("first", "second", "public")))
    known = Measurements(runs[2] / ".gitguard" / "state.db").measurements("build.duration")
    assert sorted(item.value for item in known) == [0, 1, 2, 99]


def test_who_judges_objectives_waits_for_neither_git_nor_a_connection() -> None:
    code = "import sys; import mkdocs_gitguard.cli.slo; print(sorted({'git', 'urllib.request', 'mkdocs_gitguard.portal'} & sys.modules.keys()))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"

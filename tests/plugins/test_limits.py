"""BUILD_TIMEOUT ends a build, whatever it is busy with; a build in time is left alone."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from make.git import make_repository

_ENDLESS = 're.match("(?:a|aa)+$", "a" * 200 + "b")'
HOOKS = {
    "blocked": "open({pipe!r}).read()",
    "asleep": "time.sleep(600)",
    "busy": "while True: pass",
    "in a regular expression": _ENDLESS,
    "waiting for a regular expression": f"start(lambda: {_ENDLESS}).join()",
}


def built(folder: Path, hook: str, **environ: str) -> tuple[int, str, float]:
    """Return exit code, output and seconds of a real build with a hook of the user's own."""
    make_repository(folder / "good", {"README.md": "# Good\n\nIt is good in every way.\n"})
    site = folder / "site"
    (site / "docs").mkdir(parents=True)
    (site / "docs/about.md").write_text("# About\n")
    (site / "hook.py").write_text(
        "import re, threading, time\n"
        # What cannot be interrupted would keep a core busy for ten seconds more.
        "from mkdocs_gitguard.plugins import limits\n"
        "limits._GRACE = 2.0\n"
        "def start(work):\n"
        "    thread = threading.Thread(target=work, daemon=True)\n"
        "    thread.start()\n"
        "    return thread\n"
        f"def on_pre_build(config, **_):\n    {hook}\n"
    )
    (site / "mkdocs.yml").write_text(
        "site_name: Portal\nhooks: [hook.py]\nplugins:\n  - gitguard: {repositories: [../good]}\n"
    )
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-P", "-m", "mkdocs", "build"],
        cwd=site,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    return done.returncode, done.stderr, time.monotonic() - begun


@pytest.mark.slow
@pytest.mark.parametrize("what", sorted(HOOKS))
def test_a_build_that_takes_too_long_is_ended(tmp_path: Path, what: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    code, output, seconds = built(tmp_path, HOOKS[what].format(pipe=str(tmp_path / "pipe")), BUILD_TIMEOUT="3s")
    assert code == 1
    assert output.count("longer than BUILD_TIMEOUT, 3 seconds") == 1
    assert "Traceback" not in output
    assert "most recent call first" not in output
    assert seconds < 120


def test_a_build_in_time_leaves_nothing_behind(tmp_path: Path) -> None:
    code, output, _ = built(tmp_path, "pass", BUILD_TIMEOUT="60s")
    assert code == 0
    assert "BUILD_TIMEOUT" not in output
    assert (tmp_path / "site/site/repository/local/good/index.html").is_file()


def test_a_git_folder_that_hangs_costs_itself(tmp_path: Path) -> None:
    bad = make_repository(tmp_path / "bad", {"a": "1"})
    os.mkfifo(bad / ".git/shallow")
    make_repository(tmp_path / "good", {"a": "1"})
    site = tmp_path / "site"
    (site / "docs").mkdir(parents=True)
    (site / "docs/about.md").write_text("# About\n")
    (site / "mkdocs.yml").write_text("site_name: x\nplugins:\n  - gitguard: {repositories: [../good, ../bad]}\n")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "mkdocs", "build"],
        cwd=site,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0
    assert "named pipe" in done.stderr
    assert (site / "site/repository/local/good/index.html").is_file()

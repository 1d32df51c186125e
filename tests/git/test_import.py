"""GitPython is imported where git is first run, and that may be in several threads at once."""

import subprocess
import sys

SCRIPT = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from mkdocs_gitguard.git.process import run

class Slow:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "git.repo":
            time.sleep(0.5)

sys.meta_path.insert(0, Slow)

def version(wait):
    time.sleep(wait)
    return b"".join(run(["--version"], folder=Path(), environment={}, label="git", time_limit=60))

with ThreadPoolExecutor(2) as threads:
    print(*sorted(set(threads.map(version, [0, 0.3]))))
"""


def test_a_second_thread_waits_until_it_knows_where_git_is() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    assert "git version" in done.stdout

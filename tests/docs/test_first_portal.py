"""The first portal of the docs: what the page says to type is typed, one block after the other, in a folder as it says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from make.git import import_commits, make_repository

PAGE = Path(__file__).parents[2] / "docs" / "first-portal.md"
BLOCK = re.compile(r"<!-- first portal: (?P<name>\w+) -->\n```sh\n(?P<commands>.*?)```", re.DOTALL)


@pytest.mark.slow
def test_what_the_page_says_to_type_works(tmp_path: Path) -> None:
    source = tmp_path / "src"
    for name in ("billing", "ledger"):
        files = {"README.md": f"# {name}\n", "CODEOWNERS": "* @mira\n"}
        make_repository(source / name, files, remote=f"https://github.com/acme/{name}.git")
        import_commits(source / name, [("Round half to even (#7)", {"src/round.py": "x = 1\n"})])
    blocks = {match["name"]: match["commands"] for match in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))}
    assert list(blocks) == ["init", "people", "publish", "gates"]
    scripts = Path(sys.executable).parent
    assert shutil.which("gitguard", path=str(scripts))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(blocks.values())],
        cwd=source,
        env={**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (source / "portal/site/index.html").is_file()
    assert (source / "public/current/repository/acme/ledger/index.html").is_file()
    assert "Published release" in done.stdout
    assert "staging hides: code owners, policies, diagrams, explorer, service levels, chaos drills." in done.stdout

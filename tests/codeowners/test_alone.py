"""Code owners can be used alone."""

import subprocess
import sys


def test_the_parser_loads_neither_git_nor_the_harvest() -> None:
    code = "import sys; from mkdocs_gitguard.codeowners import parse; print(*sorted(sys.modules))"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "mkdocs_gitguard.codeowners.ruleset" in modules
    assert not [
        name
        for name in modules
        if name.partition(".")[0] in ("git", "mkdocs", "regex")
        or name.startswith(("mkdocs_gitguard.git", "mkdocs_gitguard.harvest"))
    ]

"""What README and docs say to type is typed: one page, one session of a shell, one block after the other."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from docs.blocks import PAGES, SHELLS, Block, Command, blocks_of, commands_of, first_difference
from make.git import import_commits, make_repository
from make.servers import free_port

TESTS = Path(__file__).parents[1]
NOT_RUN = {
    "installs from the package index": 8,
    "installs the checkout; CI does": 3,
    "what the tutorial begins with, and tests/demo serves it": 1,
    "needs a server that this machine does not have": 4,
    "needs a forge": 3,
    "needs files that nobody owns; tests/cli has them": 1,
    "names a release of another site": 1,
    "shows the figures of a site that has run for a month": 1,
    "tells somebody; tests/slo has receivers": 1,
    "tests/chaos runs drills": 3,
    "tests/workers reads by workers": 1,
    "a walk over five public repositories, as it was": 1,
    "ends only when it is told to; tests/service watches": 2,
}
"""Every reason for which blocks are not run, and how many there are of each."""
RUN = 34
"""How many blocks are run, at least."""
_MOMENT = "1795867200"
"""2026-11-28T12:00Z: what the pages show was printed then, so that history ends then, too."""
_PORTS = {"preview": " --address 127.0.0.1:{}", "events serve": " --port {}", "api serve": " --port {}"}
"""By the command that serves, the option that says where."""
_SERVE_UNTIL = """
serve_until() {
  local text=$1 log=$(mktemp) started waited=0; shift
  setsid "$@" >"$log" 2>&1 &
  started=$!
  until grep -qE -- "$text" "$log"; do
    kill -0 $started 2>/dev/null && [ $((waited += 1)) -lt 1800 ] || { cat "$log"; kill -KILL -- -$started; return 1; }
    sleep 0.1
  done
  kill -TERM $started; wait $started || true
  # Whoever ends it has ended all that it started.
  if kill -KILL -- -$started 2>/dev/null; then echo "something of it went on"; return 1; fi
}
"""


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for the PATH, whose `gitguard` begins at once."""
    folder = tmp_path_factory.mktemp("quick")
    server = subprocess.Popen([sys.executable, "-m", "docs.quick_gitguard", str(folder)], cwd=TESTS)
    while not (folder / "gitguard").exists() or not os.access(folder / "gitguard", os.X_OK):
        assert server.poll() is None
        time.sleep(0.05)
    yield folder
    server.terminate()
    server.wait()


def _repositories(folder: Path) -> Path:
    """Make what a page begins with that speaks of `billing` and `ledger`."""
    for name in ("billing", "ledger"):
        files = {
            "README.md": f"# {name}\n",
            "CODEOWNERS": "* @mira\n",
            "policy/guard.rego": "package guard\n\ndeny := []\n",
        }
        make_repository(folder / name, files, remote=f"https://github.com/acme/{name}.git")
        import_commits(folder / name, [("Round half to even (#7)", {"src/round.py": "x = 1\n"})])
    return folder


def _site(folder: Path, quick: Path) -> Path:
    """Make `h` in a folder, with `billing`, `ledger`, their `portal`, built and published to its `public`."""
    _repositories(folder / "h")
    set_up = "gitguard init portal; cd portal; gitguard build --phase production"
    set_up += "; gitguard publish --phase production --target directory:public"
    code, printed = _shell(f"set -e; {set_up}", folder / "h", quick, folder)
    assert code == 0, printed
    return folder


def _loaded_from_elsewhere(site: Path) -> list[str]:
    """Return what pages and styles of a site have a browser fetch from another host."""
    loading = re.compile(
        rb"<(?:script|img|iframe|source|link(?![^>]*canonical))\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//[^>]*>"
        rb"|url\([\"']?(?:https?:)?//[^)]*\)"
    )
    files = [path for path in site.rglob("*") if path.suffix in (".html", ".css")]
    assert len(files) > 500
    return [f"{path.name}: {match[0]!r}" for path in files for match in [loading.search(path.read_bytes())] if match]


def _shell(script: str, folder: Path, quick: Path, home: Path) -> tuple[int, str]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("GITGUARD", "CODEX", "GIT_"))},
        "PATH": os.pathsep.join([str(quick), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_STATE_HOME": str(home / "state"),
        "SOURCE_DATE_EPOCH": _MOMENT,
        "GIT_CONFIG_GLOBAL": str(home / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "CI": "",
        # A block that lacks its reason may try to install something.
        "PIP_NO_INDEX": "1",
    }
    (home / "gitconfig").write_text(
        "[user]\nname = Mira Hansen\nemail = mira@acme.example\n[init]\ndefaultBranch = main\n"
    )
    done = subprocess.run(
        ["bash", "-uo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1200,
        check=False,
    )
    return done.returncode, done.stdout


def _script(blocks: list[Block]) -> str:
    """Return the session: between what is printed stand marks, which tell block, command and exit code."""
    parts = [_SERVE_UNTIL]
    for number, block in enumerate(blocks):
        if block.language == "console":
            texts = [command.text for command in commands_of(block)]
        else:
            texts = [block.text.rstrip()]
        last = len(texts) - 1
        for place, text in enumerate(texts):
            run = text
            if place == last and "until" in block.wishes:
                *before, served = text.splitlines()
                run = "\n".join([*before, f"serve_until {shlex.quote(block.wishes['until'])} {_served(served)}"])
            keeps_on = "set +e" if block.language == "console" or "exit" in block.wishes else "set -e"
            parts.append(f"printf '\\036%s\\n' {number}.{place}; {keeps_on}\n{run}\nprintf '\\036=%s\\n' $?; set +e")
    return "\n".join(parts)


def _served(line: str) -> str:
    """Return what starts a server of a block: the command itself, at a port that nobody else has."""
    words = re.sub(r"\s+# .*", "", line).removeprefix("gitguard ")
    port = free_port()
    words, asked = re.subn(r"(?<=127\.0\.0\.1:)\d+", str(port), words)
    if not asked:
        words += next((option.format(port) for begin, option in _PORTS.items() if words.startswith(begin)), "")
    return f"{shlex.quote(sys.executable)} -P -m mkdocs_gitguard {words}"


def _check(page: Path, folder: Path, quick: Path, home: Path) -> None:
    """Run a page's blocks in a folder, and compare what they print and how they end with what the page says."""
    blocks = [block for block in blocks_of(page) if block.is_run]
    code, printed = _shell(_script(blocks), folder, quick, home)
    runs: dict[str, tuple[int, list[str]]] = {}
    latest = ""
    for part in printed.split("\036")[1:]:
        head, _, text = part.partition("\n")
        if head.startswith("="):
            runs[latest] = (int(head[1:]), runs[latest][1])
        else:
            latest = head
            runs[latest] = (-1, [line.replace(str(folder), "") for line in text.rstrip("\n").splitlines()])
    problems = []
    for number, block in enumerate(blocks):
        commands = commands_of(block) if block.language == "console" else [Command(block.text, ())]
        for place, command in enumerate(commands):
            ended, lines = runs.get(f"{number}.{place}", (-1, [printed[-3000:]]))
            wanted = int(block.wishes.get("exit", 0)) if place == len(commands) - 1 else 0
            missing = first_difference(command.shown, lines) if command.shown else ""
            if ended != wanted or missing:
                what = f"the page shows: {missing}" if missing else f"it ended with {ended}, not {wanted}"
                problems.append("\n".join([f"{block.place}: {command.text}", what, "it printed:", *lines]))
    assert not problems, "\n\n".join(problems)
    assert code == 0, printed


@pytest.mark.slow
def test_the_tutorial_is_a_session(tmp_path: Path, quick: Path) -> None:
    (page,) = (page for page in PAGES if page.name == "tutorial.md")
    (folder := tmp_path / "h").mkdir()
    _check(page, folder, quick, tmp_path)
    assert _loaded_from_elsewhere(folder / "src/public/current") == [], "see docs/air-gapped.md"


@pytest.mark.slow
def test_the_first_portal_is_a_session(tmp_path: Path, quick: Path) -> None:
    (page,) = (page for page in PAGES if page.name == "first-portal.md")
    _check(page, _repositories(tmp_path / "h"), quick, tmp_path)


@pytest.mark.slow
def test_what_other_pages_say_to_type_works(tmp_path: Path, quick: Path) -> None:
    """In one test, so that one site does for all pages, however many processes run the tests."""
    made = _site(tmp_path / "made", quick)
    problems = []
    for page in PAGES:
        if page.stem in ("tutorial", "first-portal") or not any(block.is_run for block in blocks_of(page)):
            continue
        place = tmp_path / page.stem
        shutil.copytree(made, place, symlinks=True)
        # The site is its user's own at its new place, too.
        owned = place / "state" / "mkdocs-gitguard" / "own-sites.json"
        owned.write_text(owned.read_text().replace(str(made), str(place)))
        try:
            _check(page, place / "h" / "portal", quick, place)
        except AssertionError as error:
            problems.append(str(error))
    assert not problems, "\n\n".join(problems)


def test_what_is_not_run_says_why() -> None:
    blocks = [block for page in PAGES for block in blocks_of(page) if block.language in SHELLS]
    assert Counter(block.wishes["not run"] for block in blocks if not block.is_run) == NOT_RUN
    assert sum(block.is_run for block in blocks) >= RUN

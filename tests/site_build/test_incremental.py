"""The proof of incremental builds: after any sequence of edits a warm build equals a clean one, byte for byte.

GITGUARD_TEST_MINUTES=60 pytest tests/site_build/test_incremental.py -k any_sequence   # as long as you like
"""

import gc
import json
import logging
import os
import random
import shutil
import sys
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal

import pytest
import yaml
from make.events import check_run, pull_request, review
from make.git import Scratch
from make.policy_files import KYVERNO
from make.snapshot import likely
from make.written import last_written
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig

from mkdocs_gitguard.assembly import core, kept_parts
from mkdocs_gitguard.events.event import Event
from mkdocs_gitguard.events.opening import open_log
from mkdocs_gitguard.graph_api import files as api_files
from mkdocs_gitguard.graph_api.export_turns import ExportTurns
from mkdocs_gitguard.model import Graph, kept_work, moves
from mkdocs_gitguard.plugins import own_pages, short_path
from mkdocs_gitguard.plugins.page_maker import PageMaker
from mkdocs_gitguard.plugins.short_path import Standing
from mkdocs_gitguard.portal import recording, traces
from mkdocs_gitguard.portal.lists import parts
from mkdocs_gitguard.service import warm_site
from mkdocs_gitguard.service.look import EVERYWHERE, Look
from mkdocs_gitguard.service.warm_site import KnownLog, WarmSite
from mkdocs_gitguard.site_build import build_watch, keep
from mkdocs_gitguard.site_build.trend_file import TREND_FILE
from mkdocs_gitguard.site_build.wishes import CLEAN, EXPLAIN, STANDING

pytestmark = pytest.mark.slow

NOON = 1_800_000_000
REGO = 'package guard\n\nimport rego.v1\n\n# METADATA\n# title: {title}\ndeny contains "no" if {{\n\tinput.x == {number}\n}}\n'
SEMGREP = "rules:\n- {id: k, languages: [python], message: m, severity: INFO, pattern: x}\n"
SECOND_RULE = '\nwarn contains "old" if input.old\n'
NOT_COMPARED = (
    *("rollout/", "status/", "dashboards/", "metrics/"),
    *("api/v1/changes.ndjson", "api/v1/manifest.json", "api/v1/index.json"),
)
"""What tells of builds before this one: measurements, and what changed since the last export. The warm site has had more
builds than the clean one; that the pages of equal measurements are equal is tests/portal/test_service_levels.py's."""


Happening = Callable[["World", random.Random], None]


MINUTES = float(os.environ.get("GITGUARD_TEST_MINUTES", "0"))
"""How long the proof is to run; 0: as briefly as CI has time for."""


def at_length(steps: int, *, briefly: int) -> int:
    return steps if MINUTES else briefly


FLAGS = ("GRAPH_API_ENABLED", "MERMAID_GRAPHS_ENABLED", "CODEX_OWNERS_ENABLED", "CODEX_EMBEDDINGS_ENABLED")


class World:
    """A site of a few real repositories, and all that can happen to it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, *, theme: str = "material") -> None:
        self.folder = folder
        self.monkeypatch = monkeypatch
        self.now = NOON
        self.number = 0
        self.repositories: dict[str, Scratch] = {}
        self.options: dict[str, Any] = {"people": "people.yml", "decisions": ["reports/*.json"]}
        self.config: dict[str, Any] = {
            "site_name": "Acme",
            "site_url": "https://portal.example.org/",
            "theme": {"name": theme, "custom_dir": "overrides"} | ({"font": False} if theme == "material" else {}),
        }
        self.plugins = ["search"]
        self.environment: dict[str, str] = {}
        self.events: list[Event] = []
        """In the order in which they have come."""
        self.command: Literal["build", "serve", "watch"] = "build"
        """`serve`: all builds are made by one process, and one plugin; `watch`: and by the short path where it can be."""
        self.is_started = False
        self.may_stand = False
        """Whether builds are those of `gitguard build`, which end where the site stands as it would be built again."""
        self.stood = 0
        """How many have."""
        self.watched: WarmSite | None = None
        self.looks = 0
        """How many builds of `watch` there were."""
        self.reconciles = False
        """Whether each third of them looks everywhere."""
        # What was measured of more builds stands in the search, too.
        monkeypatch.setattr(build_watch, "measured", lambda *_, **__: ())
        monkeypatch.setattr(build_watch.BuildWatch, "failed", lambda _: None)
        # So few repositories would fill no second page of a list.
        monkeypatch.setattr(parts, "ROWS", 1)
        monkeypatch.setattr(parts, "FEWER", 1)
        # Plugins that stay would be those of the tests before, with what they know of other sites.
        monkeypatch.setattr(dict(MkDocsConfig._schema)["plugins"], "plugin_cache", {})
        self.names: dict[str, str] = {}
        for name in ("docs", "overrides", "reports"):
            (folder / name).mkdir(parents=True)
        (folder / "docs" / "about.md").write_text("# About\n\n[billing](repository/acme/billing.md)\n")
        (folder / "people.yml").write_text(
            "people:\n  - login: mira\n    name: Mira Hansen\n    emails: [mira@acme.example]\n"
        )
        (folder / "reports" / "a.json").write_text("[]")
        for name in ("billing", "guardrails"):
            self.add_repository(name)

    # What may happen.

    def add_repository(self, name: str = "") -> None:
        # Of one that was removed the folder is still there.
        name = name or f"more{len(list((self.folder / 'repositories').iterdir()))}"
        scratch = self.repositories[name] = Scratch(self.folder / "repositories" / name)
        scratch.clock = NOON - 400 * 86_400 + len(self.repositories)
        scratch.git("remote", "add", "origin", f"https://github.com/acme/{name}.git")
        scratch.write(
            "Begin", {"README.md": f"# {name}\n\nThe {name} of Acme.\n", "CODEOWNERS": "* @mira\n", "src/a.py": "1\n"}
        )
        self.merge(name)
        self.merge(name)

    def merge(self, name: str, title: str = "Add something") -> None:
        self.number += 1
        scratch = self.repositories[name]
        scratch.git("checkout", "--quiet", "-b", f"topic{self.number}")
        scratch.write(
            f"Work {self.number}",
            {f"src/{self.number % 3}.py": f"{self.number}\n"},
            author="Ola Nord <ola@acme.example>",
        )
        scratch.git("checkout", "--quiet", "main")
        scratch.merge(
            f"topic{self.number}", f"Merge pull request #{self.number} from ola/topic\n\n{title} {self.number}"
        )

    def send(self, *events: Event) -> None:
        self.events += events
        append(self.folder / ".gitguard", events)

    def any_name(self, dice: random.Random) -> str:
        return dice.choice(sorted(self.repositories))

    def happen(self, dice: random.Random, events: Sequence[Happening]) -> str:
        event = dice.choice(events)
        event(self, dice)
        return event.__name__

    # What is built.

    @property
    def ids(self) -> list[str]:
        return [f"repository:{self.names.get(key, f'acme/{key}')}" for key in self.repositories]

    def write(self, name: str, state: str, site: str) -> Path:
        entries = [
            {"path": f"repositories/{key}", **({"name": self.names[key]} if key in self.names else {})}
            for key in sorted(self.repositories)
        ]
        options = {"repositories": entries, "state_dir": state, "strict_findings": "never", **self.options}
        path = self.folder / name
        whole = {**self.config, "site_dir": site, "plugins": [*self.plugins, {"gitguard": options}]}
        path.write_text(yaml.safe_dump(whole, sort_keys=False))
        return path

    def build(self, config_file: Path) -> None:
        with self.monkeypatch.context() as patch:
            patch.setenv("SOURCE_DATE_EPOCH", str(self.now))
            patch.setenv("CODEX_EMBEDDINGS_ENABLED", "false" if self.may_stand else "true")
            for key, value in self.environment.items():
                patch.setenv(key, value)
            logging.getLogger("mkdocs").setLevel(logging.WARNING if self.may_stand else logging.CRITICAL)
            if self.command == "watch":
                is_first, self.watched = self.watched is None, self.watched or WarmSite(config_file)
                self.looks += 1
                is_everywhere = self.looks % 3 == 0 and self.reconciles
                self.watched.build(EVERYWHERE if is_everywhere else Look(repositories=frozenset(self.ids)))
                if is_first:
                    self.watched.warm_up(KnownLog())
                return
            config = load_config(str(config_file))
            if self.command == "build" or not self.is_started:
                config.plugins.on_startup(command=self.command, dirty=False)
                self.is_started = True
            if not self.may_stand:
                build(config)
                return
            patch.setenv(STANDING, "1")
            try:
                build(config)
            except SystemExit:
                self.stood += 1
            finally:
                config.plugins.on_shutdown()

    def warm(self) -> dict[str, bytes]:
        self.build(self.write("mkdocs.yml", ".gitguard", "site"))
        return files(self.folder / "site")

    def clean(self) -> dict[str, bytes]:
        for name in ("clean-state", "clean-site"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        if self.events:
            append(self.folder / "clean-state", self.events)
        # What earlier days were is no part of what a build reads: it is remembered, and carried from state to state.
        if (known := self.folder / ".gitguard" / TREND_FILE).exists():
            (self.folder / "clean-state").mkdir(exist_ok=True)
            shutil.copy(known, self.folder / "clean-state" / TREND_FILE)
        plugins = dict(MkDocsConfig._schema)["plugins"]
        with self.monkeypatch.context() as patch:
            patch.setattr(plugins, "plugin_cache", {})
            patch.setattr(self, "command", "build")
            self.build(self.write("clean.yml", "clean-state", "clean-site"))
        return files(self.folder / "clean-site")


def append(state: Path, events: Sequence[Event]) -> None:
    state.mkdir(exist_ok=True)
    log = open_log(state / "events.db")
    log.append(events)
    log.close()


def files(folder: Path) -> dict[str, bytes]:
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    named = ((path.relative_to(folder).as_posix(), path) for path in paths)
    return {name: path.read_bytes() for name, path in named if not name.startswith(NOT_COMPARED)}


def differences(warm: dict[str, bytes], clean: dict[str, bytes]) -> list[str]:
    return [path for path in sorted(warm.keys() | clean.keys()) if warm.get(path) != clean.get(path)]


def commit(world: World, dice: random.Random) -> None:
    world.number += 1
    world.repositories[world.any_name(dice)].write(
        f"Commit {world.number}", {f"docs/{world.number % 4}.md": f"{world.number}\n"}
    )


def merge(world: World, dice: random.Random) -> None:
    world.merge(world.any_name(dice))


def change_exceptions(world: World, dice: random.Random) -> None:
    world.number += 1
    day = time.strftime("%Y-%m-%d", time.gmtime(world.now + dice.choice([-5, 2, 60, 200]) * 86_400))
    entry = f"{{value: a.b{world.number}, effectiveUntil: '{day}'}}"
    files = dice.choice(
        [
            {"ec.yaml": f"sources: [{{policy: [x], volatileConfig: {{exclude: [{entry}]}}}}]\n"},
            {"skip.py": f"x({world.number})  # nosemgrep: a\n"},
            {"skip.py": f"x({world.number})\n"},
        ]
    )
    world.repositories[world.any_name(dice)].write(f"Exception {world.number}", files)


def tag(world: World, dice: random.Random) -> None:
    world.number += 1
    world.repositories[world.any_name(dice)].git("tag", f"v1.{world.number}")


def retitle_by_force(world: World, dice: random.Random) -> None:
    scratch = world.repositories[world.any_name(dice)]
    message = scratch.git("log", "-1", "--format=%B")
    scratch.git("commit", "--quiet", "--amend", "--allow-empty", "-m", f"{message} again")


def throw_away_by_force(world: World, dice: random.Random) -> None:
    scratch = world.repositories[world.any_name(dice)]
    if int(scratch.git("rev-list", "--count", "--first-parent", "HEAD")) > 2:
        scratch.git("reset", "--quiet", "--hard", "HEAD~1")


def add_repository(world: World, dice: random.Random) -> None:
    if len(world.repositories) < 4:
        world.add_repository()


def remove_repository(world: World, dice: random.Random) -> None:
    if len(world.repositories) > 2:
        world.repositories.pop(world.any_name(dice))


def leave_out(world: World, dice: random.Random) -> None:
    world.environment = {"CODEX_ROLLOUT_PHASE": "production", "CODEX_REPO_EXCLUDE_LIST": f"acme/{world.any_name(dice)}"}


def let_in_again(world: World, dice: random.Random) -> None:
    world.environment = {}


def rename(world: World, dice: random.Random) -> None:
    name = world.any_name(dice)
    world.names[name] = f"acme/{name}-{dice.randrange(3)}"


def name_back(world: World, dice: random.Random) -> None:
    world.names.clear()


def change_owners(world: World, dice: random.Random) -> None:
    text = f"* @{dice.choice(['mira', 'ola', 'acme/platform'])}\n/src/ @{dice.choice(['mira', 'ola'])}\n"
    world.repositories[world.any_name(dice)].write("Owners", {"CODEOWNERS": dice.choice([text, None])})


def change_policy(world: World, dice: random.Random) -> None:
    text = REGO.format(title=f"Title {dice.randrange(2)}", number=dice.randrange(2))
    world.repositories["guardrails" if "guardrails" in world.repositories else world.any_name(dice)].write(
        "Policy", {"policies/guard.rego": dice.choice([text, text + SECOND_RULE, None])}
    )


def change_rule(world: World, dice: random.Random) -> None:
    """Let a file hold rules of one format or another, or nothing, beside one that its name may make a test of them."""
    world.repositories[world.any_name(dice)].write(
        "Rule", {"rules/k.yaml": dice.choice([SEMGREP, KYVERNO, None]), "rules/k.test.yaml": "a: 1\n"}
    )


def change_people(world: World, dice: random.Random) -> None:
    name = dice.choice(["Mira Hansen", "Mira H."])
    alumni = dice.choice(["", "    alumni: true\n"])
    people = f"people:\n  - login: mira\n    name: {name}\n    emails: [mira@acme.example]\n    teams: [acme/platform]\n{alumni}"
    (world.folder / "people.yml").write_text(people)


def change_decisions(world: World, dice: random.Random) -> None:
    outcome = dice.choice(["allow", "deny"])
    event = (
        f'[{{"event": "policy.decision", "id": "d{dice.randrange(2)}", "outcome": "{outcome}", "at": "2026-11-0{dice.randint(1, 9)}T00:00:00Z",'
        f' "policy": {{"key": "rego:data.guard.deny"}}, "subject": {{"repository": "acme/billing", "pull_request": {dice.randint(1, 4)}}}}}]'
    )
    (world.folder / "reports" / "a.json").write_text(dice.choice([event, "[]"]))


def events_come(world: World, dice: random.Random) -> None:
    """Let a few come, late ones and ones that came before among them."""
    name = f"acme/{world.any_name(dice)}"
    for _ in range(dice.randint(1, 4)):
        minute, number, kind = dice.randrange(60), dice.choice([1, 3, 101, 102]), dice.randrange(6)
        if kind == 0:
            event = review(number, minute=minute, repository=name, state=dice.choice(["approved", "changes_requested"]))
        elif kind == 1:
            event = check_run(number, minute=minute, repository=name, conclusion=dice.choice(["success", "failure"]))
        elif kind == 2 and world.events:
            event = dice.choice(world.events)
        else:
            event = pull_request(
                number,
                minute=minute,
                repository=name,
                title=f"Title {dice.randrange(3)}",
                draft=dice.random() < 0.3,
                labels=dice.sample(["bug", "urgent", "docs"], dice.randrange(3)),
                reviewers=dice.sample(["mira", "ola"], dice.randrange(3)),
                state=dice.choice(["open", "open", "open", "closed"]),
            )
        world.send(event)


def override_template(world: World, dice: random.Random) -> None:
    target = world.folder / "overrides" / dice.choice(["gitguard/commit_note.html", "partials/footer.html"])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"<footer>{dice.randrange(3)}</footer>\n")


def remove_overrides(world: World, dice: random.Random) -> None:
    shutil.rmtree(world.folder / "overrides")
    (world.folder / "overrides").mkdir()


def change_option(world: World, dice: random.Random) -> None:
    world.options["pull_request_pages"] = dice.choice([1, 2, 200])
    world.options["site_budget"] = dice.choice([{}, {"host": "none", "files": 390}])


def change_theme(world: World, dice: random.Random) -> None:
    world.config["theme"]["features"] = dice.choice([[], ["navigation.top"], ["navigation.tabs"]])


def change_site(world: World, dice: random.Random) -> None:
    world.config["site_name"] = dice.choice(["Acme", "Acme Corp"])
    world.config["use_directory_urls"] = dice.choice([True, True, False])


def change_flags(world: World, dice: random.Random) -> None:
    world.environment = {
        "CODEX_ROLLOUT_PHASE": "production",
        dice.choice(list(FLAGS)): dice.choice(["true", "false"]),
    }


def write_a_page(world: World, dice: random.Random) -> None:
    (world.folder / "docs" / f"page{dice.randrange(2)}.md").write_text(f"# Page {dice.randrange(3)}\n")


def delete_a_page(world: World, dice: random.Random) -> None:
    (world.folder / "docs" / f"page{dice.randrange(2)}.md").unlink(missing_ok=True)


def _outputs(world: World) -> list[Path]:
    return sorted(path for path in (world.folder / "site").rglob("*.*") if path.is_file())


def delete_outputs(world: World, dice: random.Random) -> None:
    for path in dice.sample(_outputs(world), 3):
        path.unlink()


def alter_outputs(world: World, dice: random.Random) -> None:
    for path in dice.sample(_outputs(world), 3):
        data = path.read_bytes()
        path.write_bytes(data.replace(b"e", b"3") if dice.random() < 0.5 else data + b"?")


def put_a_stranger(world: World, dice: random.Random) -> None:
    target = world.folder / "site" / dice.choice(["stray.html", "repository/acme/stray/index.html"])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("stray")


def days_pass(world: World, dice: random.Random) -> None:
    world.now += dice.choice([3_600, 86_400, 40 * 86_400])


def kill_in_the_middle(world: World, dice: random.Random) -> None:
    left = dice.randrange(4)
    original = PageMaker.output

    def output(self: PageMaker, page: Any) -> str:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        return original(self, page)

    dice.choice([change_option, merge])(world, dice)
    with world.monkeypatch.context() as patch:
        patch.setattr(PageMaker, "output", output)
        with suppress(KeyboardInterrupt, SystemExit):
            world.build(world.write("mkdocs.yml", ".gitguard", "site"))


def damage_the_state(world: World, dice: random.Random) -> None:
    state = world.folder / ".gitguard"
    for path in [*state.glob("*.memory"), *state.glob("state.db*")]:
        choice = dice.randrange(3)
        if choice == 0:
            path.unlink()
        elif choice == 1 and path.suffix == ".memory":
            path.write_bytes(path.read_bytes()[: dice.randrange(200)])


def roll_the_state_back(world: World, dice: random.Random) -> None:
    """Bring back the memory of an earlier build, as a backup would."""
    state, backup = world.folder / ".gitguard", world.folder / "backup"
    backup.mkdir(exist_ok=True)
    for path in state.glob("*.memory"):
        old = backup / path.name
        if old.is_file():
            data = path.read_bytes()
            path.write_bytes(old.read_bytes())
            old.write_bytes(data)
        else:
            old.write_bytes(path.read_bytes())


def change_checks(world: World, dice: random.Random) -> None:
    path = world.folder / "config" / "scorecards" / f"{dice.choice(['readme', 'licence', 'own'])}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.unlink()
    elif path.stem == "own":
        path.write_text("title: Few files\nlevel: bronze\ncheck: files < 9\nwhy: Small is beautiful.\n")
    else:
        path.write_text("")


def nothing(world: World, dice: random.Random) -> None:
    pass


EVENTS: Final[list[Happening]] = [
    commit, merge, tag, retitle_by_force, throw_away_by_force, add_repository, remove_repository, leave_out, let_in_again,
    rename, name_back, change_owners, change_policy, change_rule, change_people, change_decisions, events_come, events_come, override_template, remove_overrides,
    change_option, change_theme, change_site, change_flags, write_a_page, delete_a_page, delete_outputs, alter_outputs,
    change_exceptions, change_checks, put_a_stranger, days_pass, kill_in_the_middle, damage_the_state, roll_the_state_back, nothing,
]  # fmt: skip


AFTER_EVENTS: Final = [
    *EVENTS,
    *(commit, merge, tag, retitle_by_force, change_owners, change_policy, change_people, change_decisions) * 4,
]
"""What happens while a portal is watched: much of it is in repositories."""


def run(
    world: World, seed: int, steps: int, *, events: Sequence[Happening] = EVENTS
) -> Iterator[tuple[list[str], list[str]]]:
    """Let things happen; yield what happened so far, and where warm and clean builds differ after each step."""
    dice = random.Random(seed)
    happened: list[str] = []
    for _ in range(steps):
        happened += [world.happen(dice, events) for _ in range(dice.randint(1, 2))]
        yield happened, differences(world.warm(), world.clean())


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2] if MINUTES else [1])
def test_any_sequence_of_edits_gives_what_a_clean_build_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    ends = time.monotonic() + MINUTES * 60 / 2
    edits = steps = 0
    while True:
        shutil.rmtree(tmp_path)
        tmp_path.mkdir()
        world = World(tmp_path, monkeypatch)
        world.warm()
        for happened, differ in run(world, seed, steps=at_length(7, briefly=5)):
            assert differ == [], (seed, happened)
            steps += 1
        edits += len(happened)
        seed += 1_000
        if time.monotonic() > ends:
            break
    if MINUTES:
        with capsys.disabled():
            sys.stdout.write(f"{edits} edits; a warm build and a clean one compared {steps} times\n")


@pytest.mark.slow
def test_sequences_with_builds_of_sites_that_stand_give_what_clean_builds_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, monkeypatch)
    world.may_stand = True
    world.warm()
    dice = random.Random(int(os.environ.get("GITGUARD_TEST_SEED", "7")))
    steps = at_length(12, briefly=8)
    for step in range(steps):
        stood = world.stood
        world.warm()
        # Whatever has happened, the build after it finds nothing to do; one that was warned is not trusted.
        happened = world.happen(dice, EVENTS)
        assert differences(world.warm(), world.clean()) == [], (step, happened)
        assert world.stood >= stood
    assert world.stood > steps // 2


def write_in_place(world: World, path: str, text: str) -> None:
    target = world.folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


UNNOTICED: Final[dict[str, Callable[[World], object]]] = {
    "page of the site": lambda world: write_in_place(world, "docs/about.md", "# About us\n"),
    "another page": lambda world: write_in_place(world, "docs/more.md", "# More\n"),
    "template": lambda world: write_in_place(world, "overrides/gitguard/home.html", "mine"),
    "script of the theme": lambda world: write_in_place(world, "overrides/js/own.js", "1"),
    "people": lambda world: write_in_place(world, "people.yml", "people: [{login: mira, name: Mira H}]\n"),
    "report": lambda world: write_in_place(world, "reports/b.json", "[]"),
    "check": lambda world: write_in_place(world, "config/scorecards/readme.yml", ""),
    "option": lambda world: world.options.update(weeks=1),
    "setting of the site": lambda world: world.config.update(site_name="Acme Ltd"),
    "setting of the theme": lambda world: world.config["theme"].update(font={"text": "Inter"}),
    "flag": lambda world: world.environment.update(GRAPH_API_ENABLED="false"),
    "threshold": lambda world: world.environment.update(CODEX_LATENCY_THRESHOLD_MS="1234"),
    "file that is altered": lambda world: write_in_place(world, "site/about/index.html", "x"),
    "file that is gone": lambda world: (world.folder / "site/sitemap.xml").unlink(),
    "file that has come": lambda world: write_in_place(world, "site/stranger.html", "x"),
    "day": lambda world: setattr(world, "now", world.now + 86_400),
    "merge": lambda world: world.merge("billing"),
}
"""What has to be noticed."""


def test_a_site_that_stands_is_not_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path, monkeypatch)
    world.may_stand = True
    before = world.warm()
    times = {path: last_written(tmp_path / "site" / path) for path in before}
    record = json.loads((tmp_path / ".gitguard" / "build.json").read_text())
    world.now += 60
    assert world.warm() == before
    assert world.stood == 1
    assert {path: last_written(tmp_path / "site" / path) for path in before} == times
    again = json.loads((tmp_path / ".gitguard" / "build.json").read_text())
    assert again["at"] > record["at"]
    assert {**again, "at": 0, "duration": 0} == {**record, "at": 0, "duration": 0}


def test_anything_that_changes_is_seen_where_a_site_stood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path, monkeypatch)
    world.may_stand = True
    world.warm()
    for number, (name, happen) in enumerate(UNNOTICED.items()):
        world.warm()
        assert world.stood == number + 1, name
        happen(world)
        after = world.warm()
        assert world.stood == number + 1, name
    assert differences(after, world.clean()) == []
    world.warm()
    assert world.stood == len(UNNOTICED) + 1


def test_a_site_of_a_given_snapshot_stands_until_that_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, monkeypatch)
    world.may_stand = True
    given = tmp_path / "snapshot.json"
    world.options["snapshot"] = given.name
    given.write_bytes(likely(repositories=2).to_json())
    world.warm()
    before = world.warm()
    assert world.stood == 1
    given.write_bytes(likely(repositories=3).to_json())
    after = world.warm()
    assert world.stood == 1
    assert len(after) > len(before)
    assert differences(after, world.clean()) == []


def test_figures_are_not_older_than_an_hour_where_nothing_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, monkeypatch)
    world.may_stand = True
    world.now = NOON - NOON % 86_400
    world.warm()
    for minutes, stood in ((30, 1), (59, 2), (61, 2), (100, 3)):
        world.now = NOON - NOON % 86_400 + 60 * minutes
        world.warm()
        assert world.stood == stood, minutes
    world.environment["SLO_MONITORING_ENABLED"] = "false"
    world.now += 60
    world.warm()
    world.now += 7_200
    world.warm()
    assert world.stood == 4
    # What ages does so at midnight.
    world.now += 86_400
    world.warm()
    assert world.stood == 4


@pytest.mark.parametrize(
    "name", ["plugin", "hook", "extension", "warning", "--clean", "--explain", "meaning", "moment"]
)
def test_what_cannot_be_told_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    world = World(tmp_path, monkeypatch)
    world.may_stand = True
    if name == "plugin":
        world.plugins = ["search", "redirects"]
    elif name == "hook":
        (tmp_path / "hook.py").write_text("def on_config(config):\n    return config\n")
        world.config["hooks"] = ["hook.py"]
    elif name == "extension":
        world.config["markdown_extensions"] = ["pymdownx.snippets"]
    elif name == "warning":
        (tmp_path / "docs" / "about.md").write_text("[gone](gone.md)\n")
    elif name == "moment":
        world.config["theme"] = {"name": "mkdocs"}
    elif name == "meaning":
        world.environment["CODEX_EMBEDDINGS_ENABLED"] = "true"
    world.warm()
    if name.startswith("--"):
        monkeypatch.setenv({"--clean": CLEAN, "--explain": EXPLAIN}[name], "1")
    world.warm()
    assert world.stood == 0


@pytest.mark.slow
def test_a_process_that_stays_gives_what_a_clean_build_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path, monkeypatch)
    world.command = "serve"
    world.warm()
    for happened, differ in run(world, int(os.environ.get("GITGUARD_TEST_SEED", "3")), at_length(9, briefly=6)):
        assert differ == [], happened


@pytest.mark.slow
def test_a_watch_gives_what_a_clean_build_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path, monkeypatch)
    world.command = "watch"
    world.reconciles = True
    short: list[str] = []
    original = Standing.make
    monkeypatch.setattr(Standing, "make", lambda *args, **options: (short.append(""), original(*args, **options)))
    world.warm()
    steps = at_length(14, briefly=9)
    for happened, differ in run(world, int(os.environ.get("GITGUARD_TEST_SEED", "4")), steps, events=AFTER_EVENTS):
        assert differ == [], happened
    assert len(short) > steps // 3


def test_a_process_that_stays_puts_together_what_has_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path, monkeypatch)
    world.command = "serve"
    world.warm()
    made: list[str] = []
    original = core._repository
    monkeypatch.setattr(core, "_repository", lambda of, key: (made.append(key), original(of, key))[1])
    world.merge("billing")
    world.warm()
    assert made == ["repository:acme/billing"]


def test_a_watch_lets_go_of_the_portals_of_earlier_builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path, monkeypatch)
    world.command = "watch"
    short: list[str] = []
    original = Standing.make
    monkeypatch.setattr(Standing, "make", lambda *args, **options: (short.append(""), original(*args, **options)))
    monkeypatch.delenv("GIT_PYTHON_REFRESH", raising=False)
    world.warm()
    # The process has got ready for events.
    assert short == [""]
    # As the first event does, whose repository is the first that the process reads.
    monkeypatch.setenv("GIT_PYTHON_REFRESH", "quiet")
    portals: list[weakref.ref[Any]] = []
    for _ in range(7):
        world.merge("billing")
        world.warm()
        assert world.watched is not None
        assert world.watched._plugin is not None
        portals.append(weakref.ref(world.watched._plugin.last.pages.values._pages))
    gc.collect()
    assert sum(portal() is not None for portal in portals) <= 2
    assert len(short) == 1 + len(portals)


def test_a_watch_keeps_its_memory_now_and_then_and_an_older_one_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, monkeypatch)
    world.command = "watch"
    world.warm()
    [memory] = (tmp_path / ".gitguard").glob("pages-*.memory")
    first = memory.read_bytes()
    world.merge("billing")
    world.warm()
    assert memory.read_bytes() == first
    assert world.watched is not None
    world.watched.close()
    assert memory.read_bytes() != first
    world.merge("guardrails")
    world.warm()
    # As if it had been killed: nothing is kept of its last round.
    world.watched, world.command = None, "build"
    assert differences(world.warm(), world.clean()) == []


def test_a_watch_writes_through_no_link_that_has_come_into_the_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path / "world", monkeypatch)
    world.command = "watch"
    world.warm()
    elsewhere = tmp_path / "elsewhere"
    pages = tmp_path / "world" / "site" / "repository" / "acme"
    pages.rename(elsewhere)
    pages.symlink_to(elsewhere)
    before = files(elsewhere)
    world.merge("billing")
    assert differences(world.warm(), world.clean()) == []
    assert files(elsewhere) == before
    assert not pages.is_symlink()


@pytest.mark.parametrize("path", ["about/index.html", "404.html", "repository/acme/guardrails/index.html"])
def test_what_was_altered_is_seen_when_the_pages_stand_and_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    world = World(tmp_path, monkeypatch)
    world.command = "watch"
    world.warm()
    (tmp_path / "site" / path).write_text("altered")
    made: list[str] = []
    original = PageMaker.make
    monkeypatch.setattr(PageMaker, "make", lambda of, page: (made.append(page.url), original(of, page))[1])
    world.merge("billing")
    warm = world.warm()
    assert made.index("repository/acme/billing/") >= 0
    assert differences(warm, world.clean()) == []


def test_a_second_build_makes_no_page_and_touches_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path, monkeypatch)
    world.warm()
    before = {
        path: path.stat()
        for path in _outputs(world)
        if not {"rollout", "status", "dashboards", "metrics"} & {*path.parts}
    }
    monkeypatch.setattr(PageMaker, "_made", lambda *_: pytest.fail("a page was made"))
    world.warm()
    after = {path: path.stat() for path in before}
    touched = [path for path in before if before[path].st_mtime_ns != after[path].st_mtime_ns]
    assert [path.relative_to(world.folder).as_posix() for path in touched] == []


def test_patterns_of_paths_in_the_settings_do_not_make_every_page_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, monkeypatch, theme="mkdocs")
    world.config |= {"exclude_docs": "drafts/\n", "draft_docs": "later.md\n", "not_in_nav": "*\n"}
    world.warm()
    made: list[str] = []
    original = PageMaker.output
    monkeypatch.setattr(
        PageMaker, "output", lambda self, page: (made.append(page.portal_page.path), original(self, page))[1]
    )
    world.warm()
    assert made == []
    # And what they say counts.
    world.config["exclude_docs"] = "about.md\n"
    assert differences(world.warm(), world.clean()) == []


@pytest.mark.parametrize("event", [merge, change_owners, change_people], ids=lambda event: event.__name__)
def test_only_what_reads_it_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, event: Callable[[World, random.Random], None]
) -> None:
    world = World(tmp_path, monkeypatch)
    world.warm()
    made: list[str] = []
    original = PageMaker.output
    monkeypatch.setattr(
        PageMaker, "output", lambda self, page: (made.append(page.portal_page.path), original(self, page))[1]
    )
    event(world, random.Random(1))
    pages = len([path for path in world.warm() if path.endswith(".html")])
    assert 0 < len(made) < pages, made


def test_a_merge_makes_no_page_of_a_long_list_again_that_it_is_not_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, monkeypatch)
    for name in ("atlas", "mailer"):
        world.add_repository(name)
    world.warm()
    made: list[str] = []
    original = PageMaker.make
    monkeypatch.setattr(
        PageMaker, "make", lambda self, page: (made.append(page.portal_page.path), original(self, page))[1]
    )
    world.merge("mailer")
    world.warm()
    # By name, the repository is the last.
    lists = [path for path in made if path.startswith(("repository/page-", "pull-request/repositories-page-"))]
    assert sorted(lists) == ["pull-request/repositories-page-4", "repository/page-4"]


def test_a_merge_makes_no_page_of_earlier_pull_requests_again_where_a_file_says_which_policy_applies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, monkeypatch)
    world.repositories["guardrails"].write("Rule", {"policies/a.rego": "package acme.a\n\ndeny := true\n"})
    ci = (
        "check:\n  script:\n    - conftest test --update git::https://github.com/acme/guardrails.git//policies x.yaml\n"
    )
    world.repositories["billing"].write("Check", {".gitlab-ci.yml": ci})
    world.warm()
    [first] = (world.folder / "site/pull-request/acme/billing/1").glob("index.html")
    text = first.read_text()
    assert "bound in the files" in text
    world.merge("billing")
    world.warm()
    assert first.read_text() == text
    # It leads to the commit that last changed the file, and to the next one once that has changed.
    world.repositories["billing"].write("Check more", {".gitlab-ci.yml": ci + "    - echo\n"})
    world.warm()
    assert first.read_text() != text


def _owned_by_another(world: World) -> None:
    world.repositories["billing"].write("Owners", {"CODEOWNERS": "* @ola\n"})


def _another_member(world: World) -> None:
    people = (world.folder / "people.yml").read_text()
    (world.folder / "people.yml").write_text(
        people + "  - login: ola\n    name: Ola Nord\n    emails: [ola@acme.example]\n    teams: [acme/platform]\n"
    )


def _forty_days(world: World) -> None:
    world.now += 40 * 86_400


def _another_message(world: World) -> None:
    _decide(world, "it is owned by nobody")


def _decide(world: World, message: str) -> None:
    decision = {
        "event": "policy.decision",
        "id": "d1",
        "outcome": "deny",
        "at": "2026-11-01T00:00:00Z",
        "message": message,
        "policy": {"key": "rego:data.guard.deny"},
        "subject": {"repository": "acme/billing", "pull_request": 1},
    }
    (world.folder / "reports" / "a.json").write_text(json.dumps([decision]))


def _asked_for_a_review(world: World) -> None:
    # The first that is open brings a page into the navigation, which all pages show.
    world.send(pull_request(100, minute=1))
    world.warm()
    world.send(pull_request(101, minute=2, reviewers=["mira"]))


def _altered_file(world: World) -> None:
    page = min((world.folder / "site/pull-request/acme/billing").glob("*/index.html"))
    page.write_text(page.read_text().replace("e", "3"))


def _another_theme(world: World) -> None:
    world.config["theme"]["highlightjs"] = False


def _no_read(root: str, *names: str) -> Callable[[pytest.MonkeyPatch], None]:
    def leave_out(patch: pytest.MonkeyPatch) -> None:
        original = traces.Values.digest
        patch.setattr(
            traces.Values,
            "digest",
            lambda self, read: b"12345678" if read.root == root or read.name in names else original(self, read),
        )

    return leave_out


def _no_fields(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(traces.Values, "fields", lambda *_: b"12345678")


def _no_others(patch: pytest.MonkeyPatch) -> None:
    # A team's page has the number of its members in its fields, too.
    _no_fields(patch)
    _no_read("others", "relations")(patch)


def _no_look_at_files(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(keep, "state_of", lambda _: keep.FileState(0, 0, 0, 0))


def _always_the_same(name: str) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.setattr(traces.Values, name, "the same")


def _no_epoch(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(own_pages, "site_epoch", lambda *_, **__: {})


MUTANTS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], Callable[[World], None]]] = {
    "index": (_no_read("index"), _owned_by_another),
    "others": (_no_others, _another_member),
    "ago": (_no_read("ago"), _forty_days),
    "fields": (_no_fields, _another_message),
    "files": (_no_look_at_files, _altered_file),
    "epoch": (_no_epoch, _another_theme),
    "snapshot": (_always_the_same("snapshot"), _owned_by_another),
    "day": (_always_the_same("day"), _forty_days),
    "events": (_no_read("", "open_pull_requests", "waiting_by_owner"), _asked_for_a_review),
}
"""What is left out of the comparison, and an edit that then goes unnoticed."""


def check_that_it_bites(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mutant: tuple[Callable[[pytest.MonkeyPatch], None], Callable[[World], None]],
    prepare: Callable[[World], None],
    *,
    theme: str = "mkdocs",
) -> None:
    """Check that builds after an edit are equal, and are not with something left out of the comparison."""
    leave_out, edit = mutant

    def edited() -> tuple[World, dict[str, bytes]]:
        """Return a world after the edit, and the site as it was before."""
        # Always in the same folder, so that what is equal is so to the byte. Material's pages cost twice as much.
        folder = tmp_path / "world"
        if folder.exists():
            folder.rename(tmp_path / "before")
        folder.mkdir()
        world = World(folder, monkeypatch, theme=theme)
        prepare(world)
        before = files(folder / "site")
        edit(world)
        return world, before

    world, before = edited()
    warm, right = world.warm(), world.clean()
    assert differences(warm, right) == []
    with monkeypatch.context() as patch:
        leave_out(patch)
        world, again = edited()
        assert again == before
        assert differences(world.warm(), right) != [], "the edit changes nothing that this kind of read alone tells"


@pytest.mark.parametrize("mutant", MUTANTS)
def test_the_proof_bites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mutant: str) -> None:
    def prepare(world: World) -> None:
        (world.folder / "people.yml").write_text(
            (world.folder / "people.yml").read_text() + "    teams: [acme/platform]\n"
        )
        billing = world.repositories["billing"]
        billing.write("Owners", {"CODEOWNERS": "* @acme/platform\n"})
        world.merge("billing", f"Take it back\n\nThis reverts commit {billing.git('rev-parse', 'HEAD~1')}.\n\nAgain")
        world.options["pull_request_pages"] = 2
        _decide(world, "nobody owns it")
        # The first event makes an entry of the navigation, and with it every page again.
        world.send(pull_request(100))
        world.warm()

    check_that_it_bites(tmp_path, monkeypatch, MUTANTS[mutant], prepare)


def _ola_has_a_login(world: World) -> None:
    with (world.folder / "people.yml").open("a") as people:
        people.write("  - login: onord\n    name: Ola Nord\n    emails: [ola@acme.example]\n")


def _mira_joins_the_team(world: World) -> None:
    people = world.folder / "people.yml"
    people.write_text(people.read_text() + "    teams: [acme/platform]\n")


def _merged(world: World) -> None:
    world.merge("billing")


def _not_named(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(core.Core, "inputs_of", lambda self, key: (self._digests[key],))


def _not_compared(patch: pytest.MonkeyPatch) -> None:
    # It asks all the same: whom a repository names is learned by that.
    asked = kept_parts.RecordedNames.answers_are
    patch.setattr(kept_parts.RecordedNames, "answers_are", lambda self, answers: bool((asked(self, answers), True)))


def _work_holds(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(kept_work._Asked, "is_answered_the_same", lambda *_: True)


def _no_suspects(patch: pytest.MonkeyPatch) -> None:
    def suspects(self: traces.Values, reads: tuple[recording.Read, ...]) -> list[int]:
        known = self._before._digests if self._before is not None else {}
        self._digests |= known
        return [number for number, read in enumerate(reads) if read not in known]

    patch.setattr(traces.Values, "suspects", suspects)


def _nothing_touched(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Graph, "touched_since", lambda self, *_: frozenset() if self._moves else None)


def _nothing_moved(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(moves.Moves, "of", lambda *_: moves.Apart((), ()))


MUTANTS_THAT_STAY = {
    "who the identities of a repository are": (_not_named, _ola_has_a_login),
    "what is answered about owners": (_not_compared, _mira_joins_the_team),
    "whether an answer is that of the last build": (_no_suspects, _merged),
    "what was asked to work something out": (_work_holds, _merged),
    "what records that have moved touch": (_nothing_touched, _merged),
    "which records have moved": (_nothing_moved, _merged),
}
"""What a process that stays does not look at, and an edit that then goes unnoticed."""


@pytest.mark.parametrize("mutant", MUTANTS_THAT_STAY)
def test_the_proof_of_a_process_that_stays_bites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mutant: str) -> None:
    def prepare(world: World) -> None:
        world.command = "serve"
        world.repositories["billing"].write("Owners", {"CODEOWNERS": "* @acme/platform\n"})
        world.warm()
        world.warm()

    check_that_it_bites(tmp_path, monkeypatch, MUTANTS_THAT_STAY[mutant], prepare)


def test_the_proof_of_parts_kept_for_the_next_process_bites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def prepare(world: World) -> None:
        world.repositories["billing"].write("Owners", {"CODEOWNERS": "* @acme/platform\n"})
        world.warm()

    check_that_it_bites(tmp_path, monkeypatch, (_not_compared, _mira_joins_the_team), prepare)


def _linked(world: World) -> None:
    number = world.number + 1
    about = world.folder / "docs" / "about.md"
    about.write_text(f"# About\n\n[The next](pull-request/acme/billing/{number}.md)\n")


def _renamed_site(world: World) -> None:
    world.config["site_name"] = "Acme Corp"


def _another_page(world: World) -> None:
    (world.folder / "docs" / "about.md").write_text("# About us\n")


def _altered_asset(world: World) -> None:
    asset = world.folder / "site" / "404.html"
    asset.write_text(asset.read_text().replace("e", "3"))


def _nothing_changed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(short_path.Ground, "difference", lambda *_: "")


def _no_look_at_the_site(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Standing, "_is_as_left", lambda *_: True)


def _no_look_at_own_words(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Standing, "_own_words_hold", lambda *_, **__: True)


class _EqualToAll(set[tuple[str, str]]):
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, _: object) -> bool:
        return True

    def __ne__(self, _: object) -> bool:
        return False


def _always_the_same_place(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Standing, "reason_against_showing", lambda *_: "")
    places = own_pages.OwnPages.frame_places.fget
    patch.setattr(own_pages.OwnPages, "frame_places", property(lambda own: _EqualToAll(places(own))))


MUTANTS_THAT_WATCH = {
    "the settings": (_nothing_changed, _renamed_site),
    "the site's own files": (_nothing_changed, _another_page),
    "the day": (_nothing_changed, _forty_days),
    "what stands in the site": (_no_look_at_the_site, _altered_asset),
    "where the site's own pages lead": (_no_look_at_own_words, _merged),
    "what stands in the navigation": (_always_the_same_place, lambda world: _decide(world, "nobody owns it")),
}
"""What a watch does not look at before it takes the short path, and an edit that then goes unnoticed."""


@pytest.mark.parametrize("mutant", MUTANTS_THAT_WATCH)
def test_the_proof_of_a_watch_bites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mutant: str) -> None:
    def prepare(world: World) -> None:
        world.command = "watch"
        _linked(world)
        world.warm()

    # The short path is for Material's pages.
    check_that_it_bites(tmp_path, monkeypatch, MUTANTS_THAT_WATCH[mutant], prepare, theme="material")


def test_a_watch_shows_what_has_moved_without_mkdocs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path, monkeypatch, theme="material")
    world.command = "watch"
    world.warm()

    def build(_: object) -> None:
        pytest.fail("MkDocs builds the whole site")

    monkeypatch.setattr(warm_site, "build", build)
    for edit in (_merged, _merged, _owned_by_another, lambda _: None, _merged):
        edit(world)
        world.warm()
    pages = {path.parent.name for path in (tmp_path / "site/pull-request/acme/billing").glob("*/index.html")}
    assert {str(number) for number in (world.number, world.number - 1, world.number - 2)} <= pages


def test_a_watch_that_gets_ready_leaves_the_site_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path, monkeypatch, theme="material")
    world.warm()
    site = WarmSite(tmp_path / "mkdocs.yml")
    site.build(EVERYWHERE)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "site/pull-request").rglob("*.html")}
    built = files(tmp_path / "site")
    begun: list[object] = []
    monkeypatch.setattr(warm_site, "build", begun.append)
    site.warm_up(KnownLog())
    assert before
    assert before == {path: path.stat().st_mtime_ns for path in before}
    assert files(tmp_path / "site") == built
    (tmp_path / "docs/new.md").write_text("# New\n")
    site.warm_up(KnownLog())
    assert not begun


@pytest.mark.parametrize("looks", [(), (EVERYWHERE,), (EVERYWHERE, EVERYWHERE)])
def test_a_watch_of_a_site_that_stands_puts_together_what_has_moved_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looks: tuple[Look, ...]
) -> None:
    world = World(tmp_path, monkeypatch, theme="material")
    world.warm()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOON))
    monkeypatch.setenv("CODEX_EMBEDDINGS_ENABLED", "true")
    site = WarmSite(tmp_path / "mkdocs.yml")
    site.build(EVERYWHERE)
    site.warm_up(KnownLog())
    for look in looks:
        site.build(look)
    assembled, planned = [], []
    repository, inputs = core._repository, api_files._inputs
    monkeypatch.setattr(core, "_repository", lambda made, key: (assembled.append(key), repository(made, key))[1])
    monkeypatch.setattr(
        api_files, "_inputs", lambda api, node, *rest: (planned.append(node.id), inputs(api, node, *rest))[1]
    )
    world.merge("billing")
    site.build(Look(repositories=frozenset({"repository:acme/billing"})))
    assert assembled == ["repository:acme/billing"]
    assert not any("guardrails" in node for node in planned)
    assert any("billing" in node for node in planned)


def test_a_watch_writes_large_exports_in_their_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path, monkeypatch, theme="material")
    world.command = "watch"
    world.warm()
    times = [0.0]
    assert world.watched is not None
    assert world.watched._plugin is not None
    turns = world.watched._plugin.last.pages.plans.turns = ExportTurns(lambda: times[-1], each_time=0.0)
    for _ in range(2):
        world.merge("billing")
        built = world.warm()
    folder = tmp_path / "site/api/v1"
    index = json.loads((folder / "index.json").read_bytes())
    assert {*index["exports"].values()} != {index["release"]}
    assert not world.watched.is_due
    clean = world.clean()
    exports = {f"api/v1/export/{name}.gz" for name in ("graph.ndjson", "graph.sqlite")}
    assert {path for path in built if built[path] != clean[path]} == exports
    times.append(1e6)
    assert world.watched.is_due
    world.monkeypatch.setenv("SOURCE_DATE_EPOCH", str(world.now))
    world.monkeypatch.setenv("CODEX_EMBEDDINGS_ENABLED", "true")
    world.watched.build(Look())
    assert not turns.is_due
    assert {*json.loads((folder / "index.json").read_bytes())["exports"].values()} == {index["release"]}
    assert not differences(files(tmp_path / "site"), clean)


def test_a_traced_page_cannot_read_what_is_not_recorded() -> None:
    graph: Any = recording.Recording(object(), {})  # type: ignore[arg-type]
    with pytest.raises(AttributeError, match="whole snapshot"):
        _ = graph.snapshot

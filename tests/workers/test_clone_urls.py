"""Clone URLs read by workers: whoever builds asks where refs stand, and clones nothing."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from make.git import import_commits, make_repository
from make.git_server import GitServer, serve
from make.workers import Outcomes, Portal, await_that

from mkdocs_gitguard.harvest.hourly_limit import Allowance, HourlyReads
from mkdocs_gitguard.harvest.look import open_fresh
from mkdocs_gitguard.harvest.options import HarvestOptions
from mkdocs_gitguard.harvest.run import HarvestResult, harvest
from mkdocs_gitguard.harvest.sources import expand
from mkdocs_gitguard.site_build.elsewhere import read_shard
from mkdocs_gitguard.workers.folder import FolderFacts, Shard
from mkdocs_gitguard.workers.reading import JobReader


@pytest.fixture
def origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitServer]:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("api", "billing"):
        make_repository(tmp_path / f"served/acme/{name}.git", {"README.md": f"# {name}\n", "CODEOWNERS": "* @mira\n"})
    with serve(tmp_path / "served") as running:
        yield running


class Cloned(Portal):
    """The same, by clone URL."""

    origin: GitServer

    def options(self, state: str, **options: object) -> HarvestOptions:
        urls = tuple(f"{self.origin.url}/acme/{name}.git".replace("//", "//user:hunter2@", 1) for name in self.names)
        return HarvestOptions(
            repositories=urls,
            folder=self.folder,
            state_dir=self.folder / state,
            allow_http=True,
            **options,  # type: ignore[arg-type]
        )

    names = ("api", "billing")


@pytest.fixture
def portal(tmp_path: Path, origin: GitServer, server) -> Iterator[Cloned]:
    with closing(Cloned(tmp_path, server.url, names=())) as made:
        made.origin = origin
        yield made


def mirrors(portal: Portal, state: str) -> list[Path]:
    return list((portal.folder / state / "mirrors").rglob("HEAD"))


def facts(result: HarvestResult) -> tuple[object, ...]:
    return (result.facts, [finding for finding in result.findings if finding.code != "credentials-in-url"])


def test_whoever_builds_clones_nothing(portal: Cloned, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = portal.harvest("alone")
    bodies: list[bytes] = []
    read = JobReader.read
    monkeypatch.setattr(
        JobReader, "read", lambda self, job, earlier: (bodies.append(repr(job)), read(self, job, earlier))[1]
    )
    with portal.worker("first"):
        result = portal.harvest("together", portal.coordinator())
        assert facts(result) == facts(alone)
        assert result.elsewhere == {"repository:acme/api", "repository:acme/billing"}
        assert mirrors(portal, "together") == []
        assert "hunter2" not in "".join(map(str, bodies))
        # What has not moved costs one request each.
        before, outcomes = len(portal.origin.requests), Outcomes()
        assert facts(portal.harvest("together", portal.coordinator(), outcomes)) == facts(alone)
        assert set(outcomes.by_name.values()) == {"cached"}
        assert len(portal.origin.requests) - before <= 4
        import_commits(portal.folder / "served/acme/api.git", [("Fix (#3)", {"a": "1"})])
        moved = portal.harvest("together", portal.coordinator())
        await_that(lambda: len(portal.lines) >= 3)
    assert facts(moved) == facts(portal.harvest("alone"))
    assert facts(moved) != facts(alone)
    assert portal.warnings == []
    # Whoever looks into a repository later has its mirror then.
    api = next(source for source in expand(portal.options("together")).sources if source.name == "api")
    assert open_fresh(api, portal.options("together")).resolve("HEAD")


def test_a_forge_that_is_away_and_a_limit_cost_freshness_only(portal: Cloned) -> None:
    with portal.worker("first"):
        before = portal.harvest("together", portal.coordinator())
        import_commits(portal.folder / "served/acme/api.git", [("Fix (#3)", {"a": "1"})])
        allowance = Allowance(HourlyReads(0, portal.folder / "state.db"))
        limited = portal.harvest("together", portal.coordinator(), allowance=allowance)
        assert limited.facts == before.facts
        assert [finding.code for finding in facts(limited)[1]] == ["carried-over"] * 2
        portal.origin.authorization = "Basic nobody"
        away = portal.harvest("together", portal.coordinator())
    assert away.facts == before.facts
    assert [(finding.code, finding.severity) for finding in facts(away)[1]] == [("refresh-failed", "warning")] * 2


def test_facts_at_hand_ask_no_server(portal: Cloned) -> None:
    alone = portal.harvest("alone")
    given = portal.options("shard")
    read_shard(expand(given), given, Shard(1, 1), portal.folder / "facts", most_an_hour=-1, progress=Outcomes())
    before = len(portal.origin.requests)
    at_hand = FolderFacts([portal.folder / "facts"], portal.warnings.append)
    allowance = Allowance(HourlyReads(0, portal.folder / "state.db"))
    result = harvest(portal.options("together"), elsewhere=at_hand, allowance=allowance)
    assert facts(result) == facts(alone)
    assert len(portal.origin.requests) == before
    assert portal.warnings == []

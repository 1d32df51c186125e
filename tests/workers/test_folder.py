"""Facts in folders: what shards have read is what one process reads, and nothing that is not right is taken."""

from pathlib import Path

import pytest
from make.workers import Outcomes, Portal, same

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.harvest.run import HarvestResult
from mkdocs_gitguard.harvest.sources import expand
from mkdocs_gitguard.site_build.elsewhere import ShardRead, read_shard
from mkdocs_gitguard.workers.folder import FolderFacts, Shard


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    return Portal(tmp_path, "", names=("api", "billing", "ledger", "web"))


def write(portal: Portal, shard: str, *, most_an_hour: int = -1, **options: object) -> ShardRead:
    given = portal.options(f"shard-{shard.replace('/', '-')}", **options)
    return read_shard(
        expand(given),
        given,
        Shard.parse(shard),
        portal.folder / "facts",
        most_an_hour=most_an_hour,
        progress=Outcomes(),
    )


def assembled(portal: Portal, state: str, **options: object) -> tuple[HarvestResult, Outcomes]:
    outcomes = Outcomes()
    facts = FolderFacts([portal.folder / "facts"], portal.warnings.append)
    return portal.harvest(state, facts, outcomes, **options), outcomes


def test_what_shards_have_read_is_not_read_again(portal: Portal) -> None:
    alone = portal.harvest("alone")
    assert [write(portal, f"{number}/3").written for number in (1, 2, 3)] == [2, 1, 1]
    result, outcomes = assembled(portal, "together")
    assert same(result, alone)
    assert outcomes.started == []
    assert portal.warnings == []


def test_what_is_missing_damaged_or_of_another_state_is_read_here(portal: Portal) -> None:
    write(portal, "1/1")
    files = sorted((portal.folder / "facts").iterdir())
    assert len(files) == len(portal.repositories)
    data = files[0].read_bytes()
    files[0].write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    files[1].unlink()
    moved = portal.repositories["web"]
    moved.write("Move on (#9)", {"b": "1"})
    result, outcomes = assembled(portal, "together")
    assert same(result, portal.harvest("alone"))
    assert 2 <= len(outcomes.started) <= 3
    assert len(portal.warnings) == len(outcomes.started)
    text = "\n".join(portal.warnings)
    assert "is damaged" in text
    assert "there are no facts of it in" in text


def test_facts_of_other_options_are_not_taken(portal: Portal) -> None:
    write(portal, "1/1", pull_request_pages=3)
    result, outcomes = assembled(portal, "together")
    assert same(result, portal.harvest("alone"))
    assert len(outcomes.started) == len(portal.repositories)
    assert "other options" in portal.warnings[0]


def test_facts_under_the_name_of_another_repository_are_not_taken(portal: Portal) -> None:
    write(portal, "1/1")
    files = sorted((portal.folder / "facts").iterdir())
    files[0].write_bytes(files[1].read_bytes())
    result, outcomes = assembled(portal, "together")
    assert same(result, portal.harvest("alone"))
    assert len(outcomes.started) == 1


def test_what_a_shard_cannot_read_leaves_no_older_facts(portal: Portal) -> None:
    write(portal, "1/1")
    (portal.repositories["api"].folder / ".git/refs/heads/main").write_text("1" * 40)
    read = write(portal, "1/1")
    assert read.written == len(portal.repositories) - 1
    assert [finding.repository for finding in read.findings] == ["repository:acme/api"]
    assert len(list((portal.folder / "facts").iterdir())) == read.written


def test_each_shard_has_its_share_of_the_hour(portal: Portal) -> None:
    assert [write(portal, f"{number}/2", most_an_hour=3).written for number in (1, 2)] == [2, 1]
    assert [Shard(number, 3).share(-1) for number in (1, 2, 3)] == [-1, -1, -1]
    assert sum(Shard(number, 3).share(7) for number in (1, 2, 3)) == 7


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "-1/2", "1/x", "²/3", "1/2/3", "1/" + "9" * 5000])
def test_a_shard_that_is_none(text: str) -> None:
    with pytest.raises(SettingError, match="--shard"):
        Shard.parse(text)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="is not a folder of facts"):
        FolderFacts([tmp_path / "none"], print)

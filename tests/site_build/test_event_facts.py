"""What the log says of the repositories of a build: kept beside it, and of none that is left out."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from make.events import AT, github_event, pull_request
from make.git import make_repository
from make.nats_server import nats_server
from make.servers import PATIENCE

from mkdocs_gitguard.cli.loaded_site import load_site
from mkdocs_gitguard.errors import EventError
from mkdocs_gitguard.events.event import Event
from mkdocs_gitguard.events.jetstream import exchange, link
from mkdocs_gitguard.events.jetstream.log import JetStreamLog
from mkdocs_gitguard.events.log import Consumer, Retention
from mkdocs_gitguard.events.sqlite.log import SqliteLog
from mkdocs_gitguard.model import EventFacts
from mkdocs_gitguard.model.log_state import LogState, SetRight
from mkdocs_gitguard.rollout.resolve import resolve_settings
from mkdocs_gitguard.site_build.event_facts import FACTS_FILE
from mkdocs_gitguard.site_build.log_state import LOG_STATE_FILE
from mkdocs_gitguard.site_build.made_site import make_site
from mkdocs_gitguard.site_build.read import read_site
from mkdocs_gitguard.site_build.site import Site
from mkdocs_gitguard.site_build.staying import LastBuild


class Portal:
    """A site of two repositories, and its log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("billing", "ledger"):
            remote = f"git@github.com:acme/{name}.git"
            make_repository(folder / name, {"README.md": "# x\n"}, remote=remote)
        (folder / "docs").mkdir()
        self.configure()

    @property
    def state(self) -> Path:
        return self.folder / ".gitguard"

    def configure(self, options: str = "") -> None:
        text = f"site_name: Portal\nplugins:\n  - gitguard: {{repositories: [billing, ledger]{options}}}\n"
        (self.folder / "mkdocs.yml").write_text(text)

    def send(self, *events: Event) -> None:
        self.state.mkdir(exist_ok=True)
        log = SqliteLog(self.state / "events.db")
        log.append(events)
        log.close()

    def read(self, *, is_log_read: bool = True, last: LastBuild | None = None, **environment: str) -> Site:
        loaded = load_site(self.folder)
        settings = resolve_settings("", environ=environment, root=self.folder)
        return read_site(loaded.options, self.folder, settings, is_log_read=is_log_read, last=last)

    def open_numbers(self, **environment: str) -> list[tuple[str, int]]:
        return _numbers(self.read(**environment).events)


def _numbers(facts: EventFacts) -> list[tuple[str, int]]:
    return [(status.repository, status.number) for status in facts.pull_requests]


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    return Portal(tmp_path)


def test_a_site_without_a_log_gets_none_and_has_no_facts(portal: Portal) -> None:
    assert portal.open_numbers() == []
    assert not (portal.state / "events.db").exists()
    assert not (portal.state / FACTS_FILE).exists()


def test_open_pull_requests_are_shown_and_closed_ones_are_not(portal: Portal) -> None:
    portal.send(pull_request(7), pull_request(9), pull_request(8, repository="acme/ledger"))
    shown = [("repository:acme/billing", 9), ("repository:acme/billing", 7), ("repository:acme/ledger", 8)]
    assert portal.open_numbers() == shown
    portal.send(pull_request(9, minute=5, state="closed"))
    assert portal.open_numbers() == shown[1:]


def test_the_option_leaves_the_log_alone(portal: Portal) -> None:
    portal.send(pull_request(7))
    portal.configure(", events: false")
    assert portal.open_numbers() == []


def test_only_a_build_asks_the_log_and_others_take_what_it_has_seen(portal: Portal) -> None:
    portal.send(pull_request(7))
    assert _numbers(portal.read(is_log_read=False).events) == []
    portal.read()
    portal.send(pull_request(8))
    assert _numbers(portal.read(is_log_read=False).events) == [("repository:acme/billing", 7)]


def test_nothing_is_shown_or_kept_of_a_repository_that_is_left_out_later(portal: Portal) -> None:
    portal.send(pull_request(7, title="Hush"), pull_request(8, repository="acme/ledger"))
    production = {"CODEX_ROLLOUT_PHASE": "production"}
    assert len(portal.open_numbers(**production)) == 2
    assert b"Hush" in (portal.state / FACTS_FILE).read_bytes()
    hidden = {**production, "CODEX_REPO_EXCLUDE_LIST": "acme/billing"}
    assert portal.open_numbers(**hidden) == [("repository:acme/ledger", 8)]
    assert b"Hush" not in (portal.state / FACTS_FILE).read_bytes()
    # What it may be shown of again, the log still holds.
    assert len(portal.open_numbers(**production)) == 2


def test_what_is_observed_outlasts_the_log_and_a_lost_file_gives_what_the_log_holds(portal: Portal) -> None:
    portal.send(pull_request(7))
    before = portal.read().events
    log = SqliteLog(portal.state / "events.db")
    log.append([pull_request(8)])
    log.retain(Retention(max_age=timedelta(), max_messages=1), force=True)
    log.close()
    assert _numbers(portal.read().events) == [("repository:acme/billing", 8), ("repository:acme/billing", 7)]
    assert before.pull_requests[0] in portal.read().events.pull_requests
    (portal.state / FACTS_FILE).unlink()
    assert portal.open_numbers() == [("repository:acme/billing", 8)]


def test_another_log_is_read_from_its_beginning(portal: Portal) -> None:
    portal.send(pull_request(7), pull_request(9))
    portal.read()
    for path in portal.state.glob("events.db*"):
        path.unlink()
    portal.send(pull_request(8), pull_request(6), pull_request(5))
    assert [number for _, number in portal.open_numbers()] == [9, 8, 7, 6, 5]


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:40], lambda data: b"\xc1" + data])
def test_a_damaged_file_is_made_anew(portal: Portal, damage: Callable[[bytes], bytes]) -> None:
    portal.send(pull_request(7))
    portal.read()
    path = portal.state / FACTS_FILE
    path.write_bytes(damage(path.read_bytes()))
    assert portal.open_numbers() == [("repository:acme/billing", 7)]


def test_a_log_that_cannot_be_read_is_a_finding_and_what_was_seen_holds(portal: Portal, monkeypatch) -> None:
    portal.send(pull_request(7))
    portal.read()
    (portal.state / "events.db").write_bytes(b"no database" * 1_000)
    site = portal.read()
    assert _numbers(site.events) == [("repository:acme/billing", 7)]
    (finding,) = [one for one in site.snapshot.findings if one.code == "events-unread"]
    assert "as of the last build" in finding.message
    monkeypatch.setattr(link, "_CONNECT", 0.1)
    site = portal.read(JETSTREAM_URL="nats://127.0.0.1:9")
    assert _numbers(site.events) == [("repository:acme/billing", 7)]
    assert [one.code for one in site.snapshot.findings] == ["events-unread"]


def test_a_stream_that_takes_nothing_more_is_a_finding_and_says_since_when(
    portal: Portal, tmp_path, monkeypatch
) -> None:
    with nats_server(tmp_path / "nats") as server:
        log = JetStreamLog(server.url, "facts")
        log.append([pull_request(7)])
        given = {"JETSTREAM_URL": server.url, "JETSTREAM_STREAM": "facts"}
        assert portal.read(**given).log_state == LogState()
        monkeypatch.setattr(link, "_PATIENCE", 0.1)
        server.limit_files(100)
        with monkeypatch.context() as patch:
            patch.setattr(exchange, "_ANSWER", 0.5)
            with pytest.raises(EventError):
                log.append([pull_request(8)])
        server.limit_files(-1)
        site = portal.read(**given)
        assert _numbers(site.events) == [("repository:acme/billing", 7)]
        assert [one.code for one in site.snapshot.findings] == ["events-refused"]
        assert site.log_state.is_read
        assert "after an I/O error it takes nothing more" in site.log_state.trouble
        assert portal.read(**given).log_state.since == site.log_state.since
        server.kill()
        # It cannot be read now either, and has been in trouble since.
        monkeypatch.setattr(link, "_CONNECT", 0.2)
        away = portal.read(**given).log_state
        assert (away.is_read, away.since) == (False, site.log_state.since)
        monkeypatch.setattr(link, "_CONNECT", PATIENCE)
        monkeypatch.setattr(link, "_PATIENCE", PATIENCE)
        server.start()
        site = portal.read(**given)
        assert site.log_state == LogState()
        assert site.snapshot.findings == ()
        log.close()


def test_an_event_from_a_clock_that_is_ahead_is_told(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mkdocs_gitguard.site_build.log_state.system_moment", lambda: AT - timedelta(days=1))
    portal.send(pull_request(7))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert portal.read().log_state.ahead is None, "no clock is looked at"
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    site = portal.read()
    assert site.log_state.ahead == AT
    [finding] = site.snapshot.findings
    assert (finding.code, "2026-08-01 12:00 UTC" in finding.message) == ("events-ahead", True)
    monkeypatch.setattr("mkdocs_gitguard.site_build.log_state.system_moment", lambda: AT)
    assert portal.read().snapshot.findings == ()


def test_what_a_watch_has_set_right_is_told_for_a_day(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    portal.send(pull_request(7))
    log = SqliteLog(portal.state / "events.db")
    last = LastBuild()
    last.reading.events.log = log
    last.reading.events.set_right = (SetRight(what="The consumer watch had ack_wait = 1: it is set to 60.", at=AT),)

    def found(at: datetime, last: LastBuild | None) -> list[str]:
        monkeypatch.setattr("mkdocs_gitguard.site_build.log_state.system_moment", lambda: at)
        return [one.message for one in portal.read(last=last).snapshot.findings if one.code == "events-set-right"]

    [message] = found(AT, last)
    assert (
        message
        == "The consumer watch had ack_wait = 1: it is set to 60. A watch has seen to that at 2026-08-01 12:00 UTC."
    )
    last.reading.events.set_right = ()
    log.close()
    # Another process knows of it, too.
    assert found(AT + timedelta(hours=23), None) == [message]
    assert found(AT + timedelta(hours=25), None) == []


def test_dead_letters_are_told_as_long_as_the_log_holds_the_event(portal: Portal) -> None:
    portal.send(pull_request(7), pull_request(8))
    log = SqliteLog(portal.state / "events.db")
    for delivery in log.consume(Consumer(name="watch", most_tries=1), most=2):
        log.refuse(delivery, reason=f"It is broken in {delivery.sequence} ways.")
    site = portal.read()
    [finding] = site.snapshot.findings
    assert finding.code == "events-dead"
    assert "2 events could not be worked through" in finding.message
    assert "acme" not in finding.message
    assert [(letter.sequence, letter.event) for letter in site.log_state.dead_letters] == [
        (2, "github pull_request"),
        (1, "github pull_request"),
    ]
    log.retain(Retention(max_age=timedelta(), max_messages=1), force=True)
    (portal.state / LOG_STATE_FILE).unlink()
    log.append([pull_request(9)])
    log.retain(Retention(max_age=timedelta(), max_messages=1), force=True)
    log.close()
    site = portal.read()
    assert site.snapshot.findings == ()
    assert [letter.event for letter in site.log_state.dead_letters] == ["", ""]


def test_a_renamed_repository_keeps_its_own_and_one_that_takes_its_name_does_not_get_them(portal: Portal) -> None:
    renamed = {
        "action": "renamed",
        "changes": {"repository": {"name": {"from": "billing"}}},
        "repository": {"id": sum(map(ord, "acme/billing")), "full_name": "acme/invoices"}
        | {"html_url": "https://github.com/acme/invoices"},
    }
    portal.send(pull_request(7), github_event("repository", renamed))
    assert portal.open_numbers() == [("repository:acme/billing", 7)]
    taker = {"id": 1, "full_name": "acme/billing", "html_url": "https://github.com/acme/billing"}
    shown = {"number": 3, "state": "open", "title": "Another", "updated_at": "2026-08-02T00:00:00Z"}
    portal.send(github_event("pull_request", {"repository": taker, "pull_request": shown}))
    assert portal.open_numbers() == [("repository:acme/billing", 3)]


def test_a_poison_event_costs_no_other(portal: Portal) -> None:
    portal.send(pull_request(7), pull_request(8))
    with closing(sqlite3.connect(portal.state / "events.db")) as database, database:
        database.execute("UPDATE events SET body = ? WHERE sequence = 1", (b"{\xff",))
    assert portal.open_numbers() == [("repository:acme/billing", 8)]


def test_a_build_asks_the_server_of_the_log(portal: Portal, tmp_path: Path) -> None:
    with nats_server(tmp_path / "nats") as server:
        log = JetStreamLog(server.url, "gitguard")
        log.append([pull_request(7), pull_request(8)])
        log.append([pull_request(8, minute=5, state="closed")])
        log.close()
        environment = {"JETSTREAM_URL": server.url, "JETSTREAM_STREAM": "gitguard"}
        assert portal.open_numbers(**environment) == [("repository:acme/billing", 7)]
        assert portal.open_numbers(**environment) == [("repository:acme/billing", 7)]
    assert not (portal.state / "events.db").exists()


def test_a_folder_whose_name_is_not_utf_8_is_read_like_any_other(tmp_path: Path) -> None:
    portal = Portal(tmp_path)
    make_repository(tmp_path / os.fsdecode(b"bad\xff"), {"README.md": "# x\n"})
    text = "site_name: Portal\nplugins:\n  - gitguard: {repositories: ['bad*', billing]}\n"
    (tmp_path / "mkdocs.yml").write_text(text)
    portal.send(pull_request(7))
    names = [repository.name for repository in portal.read().snapshot.repositories]
    assert len(names) == 2
    made = make_site(tmp_path / os.fsdecode(b"bad\xff"), cache_dir=tmp_path / "cache")
    assert "site_name: bad\\xff\n" in made.read_text(encoding="utf-8")

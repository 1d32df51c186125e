"""Release notes: what changed, for whom, who is to be asked; on a page, in a feed, and told once."""

from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from make.portal import html_of, pages_of
from make.snapshot import NOW, likely

from mkdocs_gitguard.cli import cli
from mkdocs_gitguard.model import Measurement, PhaseChange, Release, ReleaseEvent, RolloutStatus
from mkdocs_gitguard.rollout.notes import release_notes
from mkdocs_gitguard.rollout.resolve import settings_of
from mkdocs_gitguard.rollout.settings import Settings
from mkdocs_gitguard.rollout.state import RolloutState
from mkdocs_gitguard.slo import delivery

ATOM = "{http://www.w3.org/2005/Atom}"


def change(before: str, after: str, at: datetime, **more: object) -> PhaseChange:
    action = more.pop("action", "promote")
    return PhaseChange(at=at, action=action, before=before, after=after, who="mira", why="all <pass>", **more)


def published(number: int, at: datetime, *, phase: str, digest: str = "", snapshot: str = "s") -> ReleaseEvent:
    release = Release(
        id=f"r{number}", created_at=at, digest=digest or f"d{number}", files=100 + number, bytes=1, phase=phase,
        flags=of_phase(phase).flags, snapshot=snapshot,
    )  # fmt: skip
    return ReleaseEvent(at=at, action="publish", target="directory", release=release, who="ola")


def of_phase(phase: str) -> Settings:
    return settings_of(phase, environ={}, root=Path())


STEPS = (
    change("production", "canary", NOW - timedelta(hours=1), action="rollback"),
    change("canary", "production", NOW - timedelta(hours=3), overridden=("production.stable",)),
    change("staging", "canary", NOW - timedelta(hours=5)),
)
RELEASES = (
    published(3, NOW - timedelta(minutes=30), phase="canary", digest="d2", snapshot="t"),
    published(2, NOW - timedelta(hours=2), phase="advanced", snapshot="t"),
    published(1, NOW - timedelta(hours=4), phase="canary"),
)
REPOSITORIES = [Measurement(name="publish.repositories", value=7, at=RELEASES[1].at, evidence="")]


def test_each_note_says_what_changed_for_whom_and_who_is_to_be_asked() -> None:
    notes = release_notes(STEPS, RELEASES, REPOSITORIES, of_phase)
    assert [(note.title, note.ask) for note in notes] == [
        ("Release r3, phase canary", "ola"),
        ("Phase canary is gone back to", "mira"),
        ("Release r2, phase advanced", "ola"),
        ("Phase production begins", "mira"),
        ("Release r1, phase canary", "ola"),
        ("Phase canary begins", "mira"),
    ]
    assert notes[0].what == ("The same files as before.",)
    assert notes[2].what == (
        "7 repositories.",
        "New facts; 102 files, before 101.",
        "Shown now: explorer, chaos drills.",
    )
    assert "Did not pass: production.stable." in notes[3].what
    assert notes[4].what == ("The first release here: 101 files.",)
    assert notes[5].what == (
        "Shown now: policies, diagrams, service levels.",
        "The portal is published.",
        "Why: all <pass>",
    )
    assert {note.for_whom for note in notes} == {"Everybody who reads the portal."}
    [team] = release_notes([change("canary", "staging", NOW, action="rollback")], (), (), of_phase)
    assert team.for_whom == "Those who run the portal: nothing is published."
    [unknown] = release_notes([change("ours", "theirs", NOW)], (), (), lambda _: None)
    assert unknown.what[0] == "Nothing is published."


def test_they_are_a_page_and_a_feed() -> None:
    notes = release_notes(STEPS, RELEASES, REPOSITORIES, of_phase)
    pages = pages_of(likely(), rollout=RolloutStatus(phase="canary", phase_origin="x", notes=notes))
    page = BeautifulSoup(html_of(pages, "rollout/notes"), "html.parser")
    assert [heading.find(string=True) for heading in page.select("h2")] == [note.title for note in notes]
    assert "Why: all <pass>" in page.get_text()
    [feed] = [asset.data for asset in pages.assets() if asset.path == "rollout/notes.xml"]
    entries = ET.fromstring(feed).findall(f"{ATOM}entry")
    assert [entry.find(f"{ATOM}title").text for entry in entries] == [note.title for note in notes]
    assert len({entry.find(f"{ATOM}id").text for entry in entries}) == len(notes)


def test_they_are_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mkdocs.yml").write_text("site_name: x\nplugins:\n  - gitguard:\n      repositories: []\n")
    (tmp_path / "docs").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ALERT_WEBHOOK_URL", "http://127.0.0.1:9/s3cr3t")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOW.timestamp())))
    state = RolloutState(tmp_path / ".gitguard" / "state.db")
    for step in (*STEPS, change("preview", "staging", NOW - timedelta(days=9))):
        state.add_change(step)
    sent: list[tuple[str, str]] = []
    errors = ["it answered 500", "", "", ""]
    monkeypatch.setattr(
        delivery, "tell", lambda _, notice: (sent.append((notice.title, notice.body)), errors.pop(0))[1]
    )

    def run(code: int) -> str:
        result = CliRunner().invoke(cli, ["rollout", "notes", "--tell"])
        assert result.exit_code == code, result.output
        return result.output

    assert "could not be told 'Phase canary begins'" in run(1)
    assert "Phase staging begins" in run(0)
    run(0)
    assert [title for title, _ in sent] == [
        *("Phase canary begins", "Phase production begins", "Phase canary is gone back to", "Phase canary begins")
    ]
    assert "Ask: mira." in sent[0][1]

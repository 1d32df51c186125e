"""From reports to pages in a whole build: repositories in git, reports on disk, MkDocs."""

import json
from datetime import UTC, datetime

import pytest
import yaml
from bs4 import BeautifulSoup
from make.git import commit, make_repository
from make.site import Site

GUARD = """package repo.guard

import rego.v1

# METADATA
# title: Every path has an owner
deny contains msg if {
	not input.owner
	msg := sprintf("Path %q has no owner", [input.path])
}
"""
SECRET = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"


def repository(folder, files, message):
    commit(make_repository(folder), message, files, at=int(datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp()))


def event(**changes):
    return {
        "decision_id": "d-1",
        "path": "repo/guard/deny",
        "input": {"repository": "acme/billing", "pull_request": 7, "token": SECRET, "path": SECRET},
        "result": ['Path "src/x" has no owner'],
        "timestamp": "2026-11-20T08:00:00Z",
    } | changes


@pytest.fixture
def organization(site: Site) -> Site:
    repository(site.folder / "acme/guardrails", {"policies/guard.rego": GUARD}, "Guard the owners")
    repository(site.folder / "acme/billing", {"src/x": "1"}, "Bill (#7)")
    repository(site.folder / "acme/quiet", {"src/x": "1"}, "Be quiet (#1)")
    (site.folder / "docs").mkdir()
    return site


def lay_down(site, reports, **options):
    for name, lines in reports.items():
        (site.folder / name).write_bytes(
            b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)
        )
    gitguard = {
        "repositories": ["acme/*"],
        "organization": "acme",
        "decisions": ["reports*.json"],
        "strict_findings": "never",
    } | options
    config = {"site_name": "Acme", "theme": "mkdocs", "plugins": [{"gitguard": gitguard}]}
    (site.folder / "mkdocs.yml").write_text(yaml.safe_dump(config))
    return site


def test_a_report_becomes_pages_that_lead_to_the_source(organization: Site) -> None:
    lay_down(
        organization,
        {"reports.json": [event(), b'{"cut off\n', event(decision_id="d-2", input={"repository": "other/x"})]},
    ).build()
    table = BeautifulSoup(organization.page("decision"), "html.parser")
    rows = table.select("table.gg-decisions tbody tr")
    assert len(rows) == 2
    row = next(row for row in rows if "acme/billing" in row.text)
    assert "policies/guard.rego:7–10" in row.text
    assert "#7 Bill" in row.text
    page = BeautifulSoup(organization.page(f"decision/{row.select_one('.gg-key a')['href']}"), "html.parser")
    assert 'sprintf("Path %q has no owner", [input.path])' in page.select_one(".gg-source").text
    change = BeautifulSoup(organization.page("pull-request/acme/billing/7"), "html.parser")
    assert "Decisions taken" in change.text
    findings = BeautifulSoup(organization.page("finding"), "html.parser").text
    assert "The line is not JSON, or is cut off." in findings
    assert "other/x, which is not in this portal" in findings
    for file in organization.output.rglob("*"):
        if file.is_file():
            assert SECRET.encode() not in file.read_bytes(), file


def test_pages_for_the_newest_only(organization: Site) -> None:
    events = [event(decision_id=f"d-{number}", timestamp=f"2026-11-{number + 1:02}T08:00:00Z") for number in range(9)]
    lay_down(organization, {"reports.json": events}, decision_pages=3).build()
    assert len(list((organization.output / "decision/opa").iterdir())) == 3
    assert len(BeautifulSoup(organization.page("decision"), "html.parser").select("table.gg-decisions tbody tr")) == 9


def test_what_a_phase_leaves_out_is_nowhere(organization: Site, monkeypatch) -> None:
    monkeypatch.setenv("CODEX_REPO_INCLUDE_LIST", "acme/guardrails,acme/billing")
    quiet = event(decision_id="d-2", input={"repository": "https://github.com/acme/quiet"}, result=["quietly denied"])
    lay_down(organization, {"reports.json": [event(), quiet]}).build()
    assert "1 decision is about repositories that this rollout phase leaves out" in organization.page("finding")
    for file in organization.output.rglob("*"):
        if file.is_file() and file.suffix in {".html", ".json", ".ndjson", ".xml", ".graphml"}:
            assert "quiet" not in file.read_text(), file


def test_a_wrong_setting_is_told_in_one_line(organization: Site) -> None:
    lay_down(organization, {}, decisions=[{"pth": "x"}])
    ended = organization.run("mkdocs", "build")
    assert ended.returncode == 1
    assert "Entry 1 of `decisions` cannot be read" in ended.stderr
    assert "Traceback" not in ended.stderr

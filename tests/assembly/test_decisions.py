"""From git to the snapshot: a real repository of policies, a report, and the texts of the time."""

import json
from datetime import UTC, datetime

import pytest
from make.git import commit, git, make_repository

from mkdocs_gitguard.assembly.decisions import contribute_decisions
from mkdocs_gitguard.assembly.older_policies import MOST_COMMITS, wanted_commits
from mkdocs_gitguard.assembly.policies import contribute_policies
from mkdocs_gitguard.assembly.snapshot import assemble
from mkdocs_gitguard.decisions.options import decision_sources
from mkdocs_gitguard.decisions.read import load
from mkdocs_gitguard.decisions.redaction import Redaction
from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.harvest.facts import FactsOptions, RepositoryAbout
from mkdocs_gitguard.harvest.read_facts import read_facts
from mkdocs_gitguard.model import Organization, Snapshot

FIRST = """package repo.guard

import rego.v1

deny contains msg if {
	not input.owner
	msg := "Somebody has to own it"
}
"""
SECOND = """package repo.guard

import rego.v1

# Moved down by a comment, and split in two.

deny contains msg if {
	not input.owner
	msg := "An owner is missing"
}

deny contains msg if {
	input.age > 90
	msg := sprintf("It is %d days old", [input.age])
}
"""
GUARDRAILS = "repository:acme/guardrails"


@pytest.fixture(scope="module")
def guardrails(tmp_path_factory):
    """The folder, and the commits of its two states."""
    folder = make_repository(tmp_path_factory.mktemp("guardrails"))
    noon = int(datetime(2026, 1, 1, 12, tzinfo=UTC).timestamp())
    first = commit(folder, "First", {"guard.rego": FIRST}, at=noon)
    return folder, first, commit(folder, "Second (#2)", {"guard.rego": SECOND}, at=noon + 9 * 24 * 3600)


def snapshot(folder, *events, open_it=True, kept=None) -> Snapshot:
    report = folder.parent / "decisions.json"
    report.write_text(json.dumps(list(events)))
    repository = GitRepository.open(folder, label="acme/guardrails")
    facts = read_facts(repository, RepositoryAbout(id=GUARDRAILS, namespace="acme", name="guardrails"), FactsOptions())
    reading = load(decision_sources([str(report)]), folder, Redaction())

    def contribute(core):
        policies = contribute_policies(core)
        decisions = contribute_decisions(
            core, policies, reading, open_repository=lambda _: repository if open_it else None, kept=kept
        )
        return type(policies)(
            **{name: (*getattr(policies, name), *getattr(decisions, name)) for name in policies.__struct_fields__}
        )

    return assemble([facts], organization=Organization(id="organization:acme", name="Acme"), stages=[contribute])


def event(message, day, **changes):
    return {
        "decision_id": f"{message}{day}",
        "path": "repo/guard/deny",
        "input": {"token": "hunter2"},
        "result": [message],
        "timestamp": f"2026-01-{day:02}T18:00:00Z",
    } | changes


def lines_of(made, decision):
    texts = {source.blob: source.text for source in made.sources}
    return [
        "\n".join(texts[span.blob].split("\n")[span.first_line - 1 : span.last_line]) for span in decision.spans
    ]  # fmt: skip


def test_each_decision_leads_to_the_lines_of_its_time(guardrails):
    folder, first, second = guardrails
    made = snapshot(folder, event("It is 91 days old", 12), event("Somebody has to own it", 5))
    new, old = made.decisions
    assert (new.resolution, old.resolution) == ("exact", "exact")
    assert '"It is %d days old"' in lines_of(made, new)[0]
    assert '"Somebody has to own it"' in lines_of(made, old)[0]
    assert (new.spans[0].commit, old.spans[0].commit) == (second, first)
    assert made.policies[0].changes[0].commit == second
    assert "hunter2" not in made.to_json().decode()


def test_the_revision_of_the_bundle_wins_over_the_time(guardrails):
    folder, first, _ = guardrails
    made = snapshot(folder, event("Somebody has to own it", 20, bundles={"b": {"revision": first}}))
    assert made.decisions[0].spans[0].commit == first
    assert made.decisions[0].resolution == "exact"


def test_without_the_repository_at_hand_it_is_not_exact(guardrails):
    folder, _, _ = guardrails
    made = snapshot(folder, event("Somebody has to own it", 5), open_it=False)
    assert made.decisions[0].resolution == "candidates"


@pytest.mark.parametrize("revision", ["f" * 40, "abcdef1", "--output=x", "v1.0", "../..", "HEAD"])
def test_a_revision_that_is_none_costs_nothing(guardrails, revision):
    folder, _, _ = guardrails
    made = snapshot(folder, event("An owner is missing", 20, revision=revision))
    assert made.decisions[0].resolution == "exact"
    assert not (folder / "x").exists()


def test_an_id_that_is_no_commit_is_passed_over(guardrails):
    folder, first, _ = guardrails
    tree = git(folder, "rev-parse", f"{first}^{{tree}}")
    made = snapshot(folder, event("An owner is missing", 20, revision=tree))
    assert made.decisions[0].resolution == "exact"
    assert "was not read" in made.decisions[0].reason


def test_the_commits_that_most_decisions_ask_for_come_first(guardrails):
    folder, first, second = guardrails
    made = snapshot(folder)
    reading = load(decision_sources([str(folder.parent / "decisions.json")]), folder, Redaction())
    assert reading.decisions == ()
    report = folder.parent / "many.json"
    report.write_text(json.dumps([event("a", 20, revision=second), event("b", 5), event("c", 4), event("d", 25)]))
    many = load(decision_sources([str(report)]), folder, Redaction()).decisions
    assert wanted_commits(many, made.policies, made.rules, lambda _: "") == {GUARDRAILS: [first, second]}


def test_too_many_older_commits_are_a_finding(guardrails):
    folder, _, _ = guardrails
    made = snapshot(
        folder, *(event(f"m{number}", 20, revision=f"{number:040x}") for number in range(1, MOST_COMMITS + 9))
    )
    assert [f.message for f in made.findings if f.code == "decision-older-policies"] == [
        f"Decisions were made at {MOST_COMMITS + 8} older states of its policies; 8 were not read."
    ]


def test_older_policies_are_read_once_for_all_builds(guardrails):
    folder, first, _ = guardrails
    kept: dict[str, str] = {}
    events = [event("m", 5, labels={"revision": first}), event("n", 5)]
    expected = snapshot(folder, *events, kept=kept)
    assert len(kept) == 1
    assert snapshot(folder, *events, kept=kept, open_it=False) == expected
    assert snapshot(folder, *events) == expected
    for key in kept:
        kept[key] = kept[key][:-5]
    assert snapshot(folder, *events, kept=kept) == expected

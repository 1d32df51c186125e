"""Checks as files, the facts that they ask for, and what they come to."""

from datetime import timedelta
from pathlib import Path

import pytest
from make.snapshot import NOW, guardrails, likely, owned
from msgspec.structs import replace

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.model import FileEntry, Finding, Graph, Owner, OwnerShare, Snapshot
from mkdocs_gitguard.scorecards.check import checks_of, read_check
from mkdocs_gitguard.scorecards.facts import FACTS, facts_of
from mkdocs_gitguard.scorecards.score import Scorecard, results_of, scorecards
from mkdocs_gitguard.settings_files import packaged_folder


def facts(snapshot: Snapshot, **fields: object) -> dict[str, object]:
    repository = replace(snapshot.repositories[0], **fields)
    graph = Graph(replace(snapshot, repositories=(repository, *snapshot.repositories[1:])))
    return {name: fact.value for name, fact in facts_of(graph, repository, NOW).items()}


def test_every_fact_is_of_its_type_or_not_known() -> None:
    types = {"yes/no": bool, "number": float, "text": str}
    for snapshot in (likely(), owned(), guardrails()):
        graph = Graph(snapshot)
        for repository in snapshot.repositories:
            for name, fact in facts_of(graph, repository, NOW).items():
                assert fact.value is None or type(fact.value) is types[FACTS[name].type], name
                assert fact.why.endswith((".", ")")), name


def test_facts_are_read_from_the_snapshot() -> None:
    known = facts(
        owned(),
        readme_path="README.md",
        licence="MIT",
        licence_path="LICENSE",
        head_at=NOW - timedelta(days=12),
        files=(FileEntry(path="README.md"), FileEntry(path=".github/SECURITY.md")),
    )
    expected = {
        "readme": True,
        "licence": "MIT",
        "has_licence": True,
        "security_policy": True,
        "codeowners": True,
        "owned_share": 80.0,
        "inactive_owners": 1.0,
        "change_age": 12.0,
        "name": "acme/billing",
        "files": 2.0,
        "releases": 0.0,
        "release_age": None,
    }
    assert {name: known[name] for name in expected} == expected


def test_nothing_is_guessed() -> None:
    known = facts(likely(repositories=1), is_shallow=True, head_at=None, licence="", licence_path="COPYING")
    for name in ("codeowners", "owned_share", "policies", "workflows", "change_age", "commits_in_year", "licence"):
        assert known[name] is None, name
    assert facts(owned(None))["codeowners"] is False


def test_owners_are_active_only_if_every_one_is_known_to_be() -> None:
    nobody = Owner(id="owner:user/nobody-knows", type="user", name="nobody-knows")
    snapshot = replace(owned(), owners=(*owned().owners, nobody))
    ownership = snapshot.ownership[0]

    def active(*shares: OwnerShare) -> object:
        return facts(replace(snapshot, ownership=(replace(ownership, owners=shares),)))["owners_active"]

    unknown = OwnerShare(owner=nobody.id, files=1)
    by_answer = {active(share): share for share in (*ownership.owners, unknown)}
    assert set(by_answer) == {True, False, None}
    assert active(by_answer[True], unknown) is None
    assert active(by_answer[False], unknown) is False
    assert active() is None


def test_a_security_policy_of_the_organisation_holds_for_its_repositories_on_github() -> None:
    snapshot = owned()
    ours = replace(snapshot.repositories[0], files=())
    shared = replace(ours, id="repository:acme/.github", name=".github", files=(FileEntry(path="SECURITY.md"),))
    graph = Graph(replace(snapshot, repositories=(shared, ours)))
    fact = facts_of(graph, ours, NOW)["security_policy"]
    assert (fact.value, fact.why) == (True, "acme/.github has SECURITY.md, which holds here too.")
    assert ours.forge is not None
    elsewhere = replace(ours, forge=replace(ours.forge, name="gitlab"))
    assert facts_of(graph, elsewhere, NOW)["security_policy"].value is False


def test_findings_and_policies_are_counted_with_their_place() -> None:
    snapshot = guardrails()
    repository = snapshot.policies[0].repository
    finding = Finding(
        code="workflow-unpinned-action",
        severity="warning",
        message="Not pinned.",
        repository=repository,
        path="a.yml",
        line=3,
    )
    graph = Graph(replace(snapshot, findings=(finding,)))
    known = facts_of(graph, graph.repositories[repository], NOW)
    assert (known["unpinned_workflows"].value, known["warnings"].value, known["errors"].value) == (1.0, 1.0, 0.0)
    assert (known["unpinned_workflows"].path, known["unpinned_workflows"].line) == ("a.yml", 3)
    assert known["policies"].value == len(graph.policies_by_repository[repository])


def written(folder: Path, text: str, name: str = "mine.yml") -> Path:
    path = folder / "config" / "scorecards" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_sites_own_check_stands_beside_ours_replaces_one_or_takes_it_away(tmp_path: Path) -> None:
    ours = {check.name for check in checks_of(tmp_path)}
    assert {path.stem for path in packaged_folder("scorecards").iterdir()} == ours
    written(tmp_path, "title: Small\nlevel: gold\ncheck: files < 100\n", "small.yml")
    written(tmp_path, "title: Read me\ncheck: readme or files == 0\n", "readme.yml")
    written(tmp_path, "", "licence.yml")
    checks = {check.name: check for check in checks_of(tmp_path)}
    assert set(checks) == ours - {"licence"} | {"small"}
    readme = checks["readme"]
    assert (readme.title, readme.level, readme.severity) == ("Read me", "bronze", "warning")
    assert checks["small"].file == "config/scorecards/small.yml"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("title: A\ncheck: readmee\n", "mine.yml:2: `check`: 'readmee' is not a fact.", "Did you mean readme?"),
        ("title: A\n", "mine.yml:1: `check` is missing.", "Add it."),
        ("title: A\ncheck: readme\nlevl: gold\n", "mine.yml:3: `levl` is not read.", "Did you mean level?"),
        ("title: A\ncheck: readme\nlevel: golden\n", "mine.yml:3: `level` is 'golden'.", "gold"),
        ("title: A\ntitle: B\ncheck: readme\n", "mine.yml:2: `title` is set twice.", "Remove one"),
        ("title: [1]\ncheck: readme\n", "mine.yml:1: `title` is not a text.", "Write some words."),
        ("- a\n", "mine.yml:1: The file is not a mapping.", "Write title"),
        ("title: A\ncheck: files\n", "mine.yml:2: `check`: The condition is a number", "Write a comparison"),
        ("title: A\ncheck: readme\n---\ntitle: B\n", "mine.yml:4: This is a second check.", "Write each"),
        ("title: [\n", "this is not YAML", "Fix the line."),
    ],
)
def test_what_is_no_check_is_told_with_file_and_line(tmp_path: Path, text: str, message: str, hint: str) -> None:
    with pytest.raises(SettingError) as error:
        read_check(written(tmp_path, text))
    assert message in str(error.value)
    assert hint in (error.value.hint or "")


def judged(folder: Path, **texts: str) -> Scorecard:
    for path in packaged_folder("scorecards").iterdir():
        written(folder, "", path.name)
    for name, text in texts.items():
        written(folder, text, f"{name}.yml")
    snapshot = owned()
    repository = replace(snapshot.repositories[0], readme_path="README.md")
    return scorecards(Graph(replace(snapshot, repositories=(repository,))), checks_of(folder), NOW)[0]


def test_a_level_is_reached_where_all_of_it_and_below_holds(tmp_path: Path) -> None:
    first = "title: A\nlevel: bronze\ncheck: readme\n"
    card = judged(tmp_path, a=first, b="title: B\nlevel: silver\ncheck: codeowners\n")
    assert card.level == "silver"
    card = judged(tmp_path, c="title: C\nlevel: silver\ncheck: owned_share == 100\n")
    assert (card.level, card.number("failed")) == ("bronze", 1)
    assert card.results[-1].why == "4 of 5 files have an owner."
    assert card.results[-1].place == ("CODEOWNERS", 0)
    card = judged(tmp_path, c="title: C\nlevel: silver\ncheck: release_age < 10\n")
    assert (card.level, card.number("not known")) == ("bronze", 1)
    card = judged(tmp_path, c="title: C\nlevel: silver\ncheck: release_age < 10\nwhen: releases > 0\n")
    assert (card.level, card.number("not applicable")) == ("silver", 1)


def test_without_checks_there_is_no_level() -> None:
    assert Scorecard(likely().repositories[0], results_of({}, ())).level == ""

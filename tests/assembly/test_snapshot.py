"""The snapshot of real repositories."""

from operator import is_
from pathlib import Path

import msgspec
from make.git import Scratch
from msgspec.structs import replace

from mkdocs_gitguard.assembly.core import Core, Parts
from mkdocs_gitguard.assembly.kept_parts import KeptParts, as_before
from mkdocs_gitguard.assembly.ownership import contribute_ownership
from mkdocs_gitguard.assembly.people_file import Person
from mkdocs_gitguard.assembly.policies import contribute_policies
from mkdocs_gitguard.assembly.pull_request_relations import relations_of
from mkdocs_gitguard.assembly.snapshot import assemble
from mkdocs_gitguard.harvest.facts import FactsOptions, RepositoryAbout, RepositoryFacts
from mkdocs_gitguard.harvest.read_facts import read_facts
from mkdocs_gitguard.model import Finding, Graph, Organization, Owner, Snapshot

ACME = Organization(id="organization:acme", name="Acme")
WEB = "GitHub <noreply@github.com>"
BOT = "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>"
OLA = "Ola Nord <77+ola@users.noreply.github.com>"


def facts_of(scratch: Scratch, name: str) -> RepositoryFacts:
    about = RepositoryAbout(id=f"repository:acme/{name}", namespace="acme", name=name)
    return read_facts(scratch.open(), about, FactsOptions())


def billing(folder: Path) -> Scratch:
    scratch = Scratch(folder)
    scratch.commit("Start", README_md="# Billing\n\nIt sends the invoices out.\n")
    scratch.git("checkout", "--quiet", "-b", "totals")
    scratch.commit("Add totals", src__totals_py="1\n", author=OLA)
    scratch.git("checkout", "--quiet", "main")
    scratch.merge(
        "totals",
        "Merge pull request #4 from ola/totals\n\nAdd <b>totals</b>",
        committer=WEB,
        author="Mira Hansen <mira@acme.example>",
    )
    scratch.commit("Bump x (#5)", requirements_txt="x==2\n", author=BOT, committer=WEB)
    scratch.commit('Revert "Bump x (#5)" (#6)\n\nReverts acme/billing#5', requirements_txt=None, committer=WEB)
    return scratch


def snapshot(folder: Path, **arguments: object) -> Snapshot:
    return assemble([facts_of(billing(folder), "billing")], organization=ACME, **arguments)  # type: ignore[arg-type]


def test_pull_requests_with_author_merger_and_files(tmp_path: Path) -> None:
    revert, bump, totals = snapshot(tmp_path).pull_requests
    assert (totals.number, totals.title, totals.source_branch) == (4, "Add <b>totals</b>", "ola/totals")
    assert (totals.author, totals.merger) == ("owner:user/ola", next(iter({revert.author})))
    assert (totals.evidence, totals.confidence, totals.commits) == ("github-merge-commit", "high", 1)
    assert [(file.path, file.status, file.additions) for file in totals.files] == [("src/totals.py", "added", 1)]
    assert (bump.author, bump.merger, bump.confidence) == ("owner:user/dependabot[bot]", "", "medium")
    assert revert.reverts == 5
    assert [(file.path, file.status) for file in revert.files] == [("requirements.txt", "deleted")]


def test_commits_that_no_pull_request_brought(tmp_path: Path) -> None:
    scratch = billing(tmp_path)
    pushed = scratch.commit("Mend it at once", hot_fix="1\n", author=OLA)
    [repository] = assemble([facts_of(scratch, "billing")], organization=ACME).repositories
    newest, first = repository.direct_commits
    assert (newest.commit, newest.title, newest.author) == (pushed, "Mend it at once", "owner:user/ola")
    assert newest.at == repository.head_at
    assert first.title == "Start"


def test_repository_with_activity_contributors_and_last_changes(tmp_path: Path) -> None:
    [repository] = snapshot(tmp_path).repositories
    assert repository.commits == 5
    assert [(one.month, one.commits, one.pull_requests) for one in repository.activity] == [("2026-01", 4, 3)]
    assert [one.commits for one in repository.contributors] == [2, 1, 1]
    assert [file.path for file in repository.files] == ["README.md", "src/totals.py"]
    by_path = {file.path: file for file in repository.files}
    assert by_path["src/totals.py"].last_commit == snapshot(tmp_path / "again").pull_requests[2].commit


def test_bots_are_told_apart(tmp_path: Path) -> None:
    owners = {owner.id: owner for owner in snapshot(tmp_path).owners}
    assert owners["owner:user/dependabot[bot]"].is_bot
    assert not owners["owner:user/ola"].is_bot


def test_relations_stand_at_both_ends(tmp_path: Path) -> None:
    graph = Graph(snapshot(tmp_path, people=[Person(login="ola", teams=("acme/platform",))]))
    assert graph.others("repository:acme/billing", "has_part") == tuple(
        f"pull-request:acme/billing/{number}" for number in (4, 5, 6)
    )
    assert graph.others("pull-request:acme/billing/4", "authored_by") == ("owner:user/ola",)
    assert graph.others("owner:team/acme/platform", "has_member") == ("owner:user/ola",)
    assert {relation.source for relation in graph.snapshot.relations} <= set(graph.nodes)
    assert {relation.target for relation in graph.snapshot.relations} <= set(graph.nodes)


def test_the_order_of_the_facts_does_not_count(tmp_path: Path) -> None:
    one, other = facts_of(billing(tmp_path / "one"), "one"), facts_of(billing(tmp_path / "other"), "other")
    assert assemble([one, other], organization=ACME).digest() == assemble([other, one], organization=ACME).digest()


def test_nothing_of_a_left_out_repository_shows(tmp_path: Path) -> None:
    hidden = Scratch(tmp_path / "hidden")
    hidden.commit("Start (#1)", secret_txt="1", author="Hidden Person <hidden@acme.example>")
    kept = facts_of(billing(tmp_path / "kept"), "kept")
    alone = assemble([kept], organization=ACME)
    both = assemble([kept, facts_of(hidden, "hidden")], organization=ACME)
    assert b"hidden" in both.to_json().lower()
    assert b"hidden" not in alone.to_json().lower()


def test_no_address_is_shown(tmp_path: Path) -> None:
    assert b"@acme.example" not in snapshot(tmp_path).to_json()


def test_a_contributor_adds_records(tmp_path: Path) -> None:
    def contribute(core: Core) -> Parts:
        return Parts(
            owners=(Owner(id="owner:team/acme/ghosts", type="team", name="acme/ghosts"),),
            findings=tuple(
                Finding(code="test", severity="error", message="m", repository=repository) for repository in core.facts
            ),
        )

    made = snapshot(tmp_path, stages=[contribute])
    assert "owner:team/acme/ghosts" in {owner.id for owner in made.owners}
    assert [finding.code for finding in made.findings] == ["test"]


def test_the_snapshot_survives_its_own_json(tmp_path: Path) -> None:
    made = snapshot(tmp_path)
    assert msgspec.json.decode(made.to_json(), type=Snapshot) == made


def test_what_comes_out_the_same_again_is_the_same_object() -> None:
    kept = KeptParts()
    first = {"a": ("x",), "b": (1, 2)}
    assert kept.the_same("kind", first) == first
    equal = {"b": tuple(iter([1, 2])), "a": tuple(iter(["x"])), "c": (3,)}
    again = kept.the_same("kind", equal)
    assert again == equal
    assert list(again) == list(equal)
    assert again["b"] is first["b"]
    changed = kept.the_same("kind", {"b": (1, 3)})
    assert changed == {"b": (1, 3)}
    assert kept.the_same("kind", {"a": first["a"], "b": (1, 2)}) == {"a": first["a"], "b": (1, 2)}
    assert kept.the_same("other", {"b": (1, 2)})["b"] == (1, 2)


def test_relations_of_pull_requests_stand_in_order_among_the_others_and_are_kept(tmp_path: Path) -> None:
    facts = [facts_of(billing(tmp_path / name), name) for name in ("billing", "billing-api")]
    kept = KeptParts()
    first, again = (
        assemble(facts, organization=ACME, digests={one.about.id: b"1" for one in facts}, kept=kept).relations
        for _ in range(2)
    )
    keys = [(one.source, one.type, one.target, one.paths) for one in first]
    assert keys == sorted(set(keys))
    assert len({key[0] for key in keys if key[0].startswith("pull-request:")}) == 6
    assert all(one is other for one, other in zip(first, again, strict=True))


def test_relations_that_stay_are_the_very_ones_where_others_come_and_go(tmp_path: Path) -> None:
    changes = snapshot(tmp_path).pull_requests
    some, all_of_them = relations_of(changes[1:]), relations_of(changes)
    for before, now in ((some, all_of_them), (all_of_them, some)):
        made = relations_of(changes if now is all_of_them else changes[1:], before)
        assert made == now
        assert len({*map(id, before)} & {*map(id, made)}) == len(some)


def test_what_a_merge_leaves_as_it_was_stays_the_very_object(tmp_path: Path) -> None:
    scratch, kept = billing(tmp_path), KeptParts()
    scratch.write("Name owners", {"CODEOWNERS": "* @ola\n", "policy/a.rego": "package a\n\ndeny { input.x }\n"})

    def shot(digest: bytes, kept: KeptParts | None = kept) -> Snapshot:
        facts = facts_of(scratch, "billing")
        stages = [contribute_ownership, contribute_policies]
        return assemble([facts], organization=ACME, digests={facts.about.id: digest}, stages=stages, kept=kept)

    before = shot(b"1")
    scratch.commit("Bump x (#7)", requirements_txt="x==3\n", author=BOT, committer=WEB)
    now = shot(b"2")
    assert now == shot(b"2", None)
    new, *others = now.pull_requests
    assert new.number == 7
    assert len(others) == 3
    assert all(map(is_, others, before.pull_requests))
    new_owned, *others_owned = now.ownership[0].pull_requests
    assert new_owned.pull_request == new.id
    assert all(map(is_, others_owned, before.ownership[0].pull_requests))
    assert len(others_owned) == 3
    assert now.rules
    assert all(map(is_, now.rules, before.rules))


def test_a_pull_request_that_has_changed_is_another() -> None:
    first, second = (Owner(id=f"owner:user/{name}", type="user", name=name) for name in ("a", "b"))
    equal, other = replace(first), replace(second, name="c")
    kept = tuple(as_before({2: other, 1: equal}, {1: first, 2: second}).values())
    assert kept == (other, first)
    assert kept[1] is first


def test_what_a_part_is_made_of_is_kept_as_long_as_the_part() -> None:
    kept, made = KeptParts(), list[str]()

    def inner(word: str) -> str:
        made.append(word)
        return word

    def outer(word: str) -> str:
        return f"{word} of {kept.once('inner', 'a', ('same',), lambda: inner(word))}"

    given = ["first", "first", "first", "second", "second"]
    results = []
    for word in given:
        kept.begin()
        results.append(kept.once("outer", "a", (word,), lambda word=word: outer(word)))  # type: ignore[misc]
    assert results == ["first of first"] * 3 + ["second of first"] * 2
    assert made == ["first"]
    for _ in range(2):
        kept.begin()
    kept.once("outer", "a", ("third",), lambda: outer("third"))
    assert made == ["first"]
    kept.begin()
    kept.once("another", "a", (), lambda: "x")
    kept.begin()
    kept.once("outer", "a", ("fourth",), lambda: outer("fourth"))
    assert made == ["first", "fourth"]

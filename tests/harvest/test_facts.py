"""Facts of real repositories: the whole, and what came since, joined."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from make.git import ABOUT, Scratch

from mkdocs_gitguard.errors import GitCommandError
from mkdocs_gitguard.harvest.facts import FactsOptions, RepositoryFacts
from mkdocs_gitguard.harvest.history.records import unpack
from mkdocs_gitguard.harvest.read_facts import read_facts

OPTIONS = FactsOptions()
PEOPLE = (
    "Mira Hansen <mira@acme.example>",
    "Ola Nord <ola@acme.example>",
    "Åse <ase@acme.example>",
    "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>",
)
FORGE = "GitHub <noreply@github.com>"


def read(scratch: Scratch, previous: RepositoryFacts | None = None) -> RepositoryFacts:
    return read_facts(scratch.open(), ABOUT, OPTIONS, previous)


def encoded(facts: RepositoryFacts) -> bytes:
    return msgspec.msgpack.encode(facts)


def grow(scratch: Scratch, dice: random.Random, number: int) -> None:
    """Make one random change to the repository, as a team would."""
    paths = ["a.py", "b/c.md", "b/d.txt", "ø/ü.txt", "with\nnewline", "z"]
    author = dice.choice(PEOPLE)
    files = {
        path: dice.choice([None, f"{number}\n", f"{number}\n{path}\n"])
        for path in dice.sample(paths, dice.randint(0, 3))
    }
    kind = dice.choice(["push", "squash", "merge", "merge", "unnumbered", "nested", "force"])
    if kind == "push":
        scratch.write(f"Change {number}", files, author=author)
    elif kind == "squash":
        trailer = f"\n\nCo-authored-by: {dice.choice(PEOPLE)}" if dice.random() < 0.5 else ""
        scratch.write(f"Add {number} (#{number}){trailer}", files, author=author, committer=FORGE)
    elif kind == "force" and scratch.git("rev-list", "--count", "HEAD") != "1":
        scratch.git("reset", "--quiet", "--hard", "HEAD~1")
        scratch.write(f"Instead {number} (#{number})", files, author=author)
    else:
        start = dice.choice(["HEAD", "HEAD", scratch.git("rev-list", "--max-parents=0", "HEAD").split()[0]])
        scratch.git("checkout", "--quiet", "-B", "topic", start)
        for step in range(dice.randint(1, 3)):
            scratch.write(f"Step {step}", {f"topic/{number}-{step}": "x\n", **(files if step else {})}, author=author)
        if kind == "nested":
            scratch.git("checkout", "--quiet", "-B", "develop", start)
            scratch.write(f"On develop {number}", {f"develop/{number}": "x\n"}, author=author)
            scratch.merge("topic", f"Merge pull request #{number} from mira/topic\n\nNested {number}", author=author)
            scratch.git("branch", "--force", "topic", "develop")
        scratch.git("checkout", "--quiet", "main")
        message = (
            f"Merge pull request #{number} from mira/topic\n\nTitle {number}"
            if kind == "merge"
            else "Merge branch 'topic'"
        )
        scratch.merge("topic", message, author=dice.choice(PEOPLE), committer=dice.choice([FORGE, ""]))


@given(seed=st.integers(0, 2**32), before=st.integers(0, 5), after=st.integers(0, 5))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_came_since_joined_to_what_was_known_is_the_whole(
    tmp_path: Path, seed: int, before: int, after: int
) -> None:
    shutil.rmtree(tmp_path / "random", ignore_errors=True)
    scratch = Scratch(tmp_path / "random")
    dice = random.Random(seed)
    scratch.commit("Start", README_md="# Hello\n\nA tool that says hello.\n")
    for number in range(before):
        grow(scratch, dice, number + 1)
    known = msgspec.msgpack.decode(encoded(read(scratch)), type=RepositoryFacts)
    for number in range(before, before + after):
        grow(scratch, dice, number + 1)
    assert encoded(read(scratch, known)) == encoded(read(scratch))


def link(scratch: Scratch, path: str, target: str) -> None:
    (scratch.folder / path).parent.mkdir(exist_ok=True)
    (scratch.folder / path).unlink(missing_ok=True)
    (scratch.folder / path).symlink_to(target)
    scratch.commit("Link")


def forget(scratch: Scratch) -> None:
    """Take the last commit back, and let git throw it away."""
    scratch.git("reset", "--quiet", "--hard", "HEAD~1")
    scratch.write("Instead", {"a.txt": "3"})
    scratch.git("reflog", "expire", "--expire=now", "--all")
    scratch.git("gc", "--quiet", "--prune=now")


CHANGES: dict[str, Callable[[Scratch], object]] = {
    "readme": lambda scratch: scratch.commit("Say more", README_md="# Hello\n\nA tool that says goodbye.\n"),
    "readme gone": lambda scratch: scratch.commit("Say less", README_md=None),
    "readme linked": lambda scratch: link(scratch, "README.md", "a.txt"),
    "another readme": lambda scratch: scratch.write("Say", {"docs/README.md": "Hi\n", "README.md": None}),
    "licence": lambda scratch: scratch.commit("Free it", LICENSE="Apache License\nVersion 2.0, January 2004\n"),
    "manifest": lambda scratch: scratch.write("Describe", {"package.json": '{"description": "Pays."}'}),
    "code owners": lambda scratch: scratch.commit("Own", CODEOWNERS="* @acme/core\n"),
    "code owners elsewhere": lambda scratch: scratch.write("Own", {".github/CODEOWNERS": "* @acme/web\n"}),
    "code owners linked": lambda scratch: link(scratch, "CODEOWNERS", "a.txt"),
    "code owners beside are a link": lambda scratch: link(scratch, "docs/CODEOWNERS", "../a.txt"),
    "mailmap": lambda scratch: scratch.write("Name", {".mailmap": "Mira H <mira@acme.example>\n"}),
    "tag": lambda scratch: scratch.git("tag", "v2"),
    "tag moved": lambda scratch: (scratch.write("More", {"a.txt": "2"}), scratch.git("tag", "--force", "v1")),
    "tag gone": lambda scratch: scratch.git("tag", "--delete", "v1"),
    "the old head gone": forget,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_kept_of_an_earlier_reading_is_what_has_not_changed(
    tmp_path: Path, change: Callable[[Scratch], object]
) -> None:
    scratch = Scratch(tmp_path / "billing")
    scratch.commit("Start", README_md="# Hello\n\nA tool that says hello.\n", a_txt="1", CODEOWNERS="* @acme/all\n")
    scratch.git("tag", "v1")
    scratch.write("Go on", {"b.txt": "1"})
    known = read(scratch)
    change(scratch)
    facts = read(scratch, known)
    assert encoded(facts) == encoded(read(scratch))
    assert encoded(facts) != encoded(known)


def test_a_configuration_that_breaks_is_told_at_the_next_reading(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "billing")
    scratch.commit("Start", a_txt="1")
    known = read(scratch)
    scratch.commit("Go on", a_txt="2")
    with (scratch.folder / ".git" / "config").open("a") as config:
        config.write("[broken\n")
    with pytest.raises(GitCommandError):
        read(scratch, known)


def authors(facts: RepositoryFacts) -> set[tuple[str, str]]:
    table, paths = facts.history.authorship, facts.history.path_names()
    rows = zip(unpack(table.identities), unpack(table.paths), strict=True)
    return {(facts.history.identities[identity].email, paths[path]) for identity, path in rows}


def test_who_changed_a_path_is_told_while_it_is_there(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "a")
    scratch.commit("Start", a="1", b="1", author="A <a@x>")
    scratch.commit("Delete", a=None, author="A <a@x>")
    gone = read(scratch)
    assert authors(gone) == {("a@x", "b")}
    scratch.commit("Bring back", a="2", author="B <b@x>")
    back = read(scratch, gone)
    assert authors(back) == {("a@x", "a"), ("b@x", "a"), ("a@x", "b")}
    scratch.commit("Delete again", b=None, author="B <b@x>")
    again = read(scratch, back)
    assert authors(again) == {("a@x", "a"), ("b@x", "a")}
    assert encoded(again) == encoded(read(scratch))


def test_a_path_that_a_branch_alone_had_can_come_too(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "a")
    scratch.commit("Start", a="1")
    scratch.git("checkout", "--quiet", "-b", "topic")
    scratch.commit("Try", tried="1", author="A <a@x>")
    scratch.commit("Better", tried=None, kept="1", author="A <a@x>")
    scratch.git("checkout", "--quiet", "main")
    scratch.merge("topic", "Merge branch 'topic'")
    before = read(scratch)
    scratch.commit("After all", tried="2", author="B <b@x>")
    after = read(scratch, before)
    assert ("a@x", "tried") in authors(after)
    assert encoded(after) == encoded(read(scratch))


def test_a_manifest_describes_the_repository(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "billing")
    scratch.commit(
        "Start", package_json='{"description": "Sends invoices"}', README_md="# X\n\nIt sends all of them.\n"
    )
    facts = read(scratch)
    assert (facts.manifest_description, facts.readme_description) == ("Sends invoices", "It sends all of them.")


def test_facts_of_a_small_repository(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "billing")
    scratch.commit("Start", README_md="# Billing\n\nIt sends the invoices out.\n", src__main_py="print(1)\n")
    scratch.commit("Add owners (#3)", CODEOWNERS="* @mira\n", _github__CODEOWNERS="* @ola\n")
    scratch.git("tag", "-a", "v1.0.0", "-m", "First")
    scratch.git("tag", "nightly")
    facts = read(scratch)
    assert facts.default_branch == "main"
    assert facts.head == scratch.git("rev-parse", "HEAD")
    assert facts.history.commits == 2
    assert [(tag.name, tag.is_release) for tag in facts.tags] == [("nightly", False), ("v1.0.0", True)]
    assert facts.readme_description == "It sends the invoices out."
    assert [file.path for file in facts.codeowners][-1] == "CODEOWNERS"
    assert [commit.claim.number for commit in facts.history.line] == [3, 0]
    assert [(count.path, count.additions) for count in facts.line_counts[0].files if count.path == "CODEOWNERS"] == [
        ("CODEOWNERS", 1)
    ]


def test_a_repository_without_commits_is_a_finding(tmp_path: Path) -> None:
    facts = read(Scratch(tmp_path / "empty"))
    assert facts.head == ""
    assert [finding.code for finding in facts.findings] == ["empty-repository"]


def test_a_shallow_clone_tells_nothing_of_its_history(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "whole")
    for number in range(3):
        scratch.commit(f"Change {number} (#{number + 1})", a_txt=str(number))
    scratch.git("clone", "--quiet", "--depth=1", f"file://{scratch.folder}", str(tmp_path / "shallow"))
    shallow = Scratch.__new__(Scratch)
    shallow.folder = tmp_path / "shallow"
    facts = read(shallow)
    assert facts.is_shallow
    assert facts.history.commits == 0
    assert facts.head_at == scratch.clock
    assert [finding.code for finding in facts.findings] == ["shallow-clone"]
    assert [path for path, _ in facts.files()] == [b"a.txt"]


@pytest.mark.parametrize("changed", [FactsOptions(pull_request_patterns=(("ticket", r"^PR-(?P<number>\d+)"),))])
def test_other_options_are_read_anew(tmp_path: Path, changed: FactsOptions) -> None:
    scratch = Scratch(tmp_path / "billing")
    scratch.commit("PR-7 Add a thing", a_txt="1")
    known = read(scratch)
    facts = read_facts(scratch.open(), ABOUT, changed, known)
    assert [commit.claim.number for commit in known.history.line] == [0]
    assert [(commit.claim.number, commit.claim.evidence) for commit in facts.history.line] == [(7, "site:ticket")]


def test_pull_refs_name_what_messages_do_not(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "billing")
    scratch.commit("Start", a_txt="1")
    scratch.git("checkout", "--quiet", "-b", "merged")
    merged = scratch.commit("One", b_txt="1")
    scratch.git("checkout", "--quiet", "-b", "rebased", "main")
    rebased = scratch.commit("Two", c_txt="1", author=PEOPLE[1])
    scratch.git("checkout", "--quiet", "main")
    scratch.merge("merged", "Merge branch 'merged'")
    scratch.clock += 600
    scratch.git("cherry-pick", "rebased")
    copy = scratch.git("rev-parse", "HEAD")
    scratch.git("update-ref", "refs/pull/7/head", merged)
    scratch.git("update-ref", "refs/pull/8/head", rebased)
    facts = read(scratch)
    assert [(ref.commit, ref.number, ref.evidence) for ref in facts.pull_refs] == [
        (copy, 8, "pull-ref-rebase"),
        (scratch.git("rev-parse", "HEAD~1"), 7, "pull-ref"),
    ]


def test_a_pull_request_merged_into_a_branch_that_was_merged_later(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "billing")
    scratch.commit("Start", a_txt="1")
    scratch.git("checkout", "--quiet", "-b", "topic")
    scratch.commit("Part one", b_txt="1", author=PEOPLE[1])
    scratch.commit("Part two", c_txt="1", author=PEOPLE[1])
    scratch.git("checkout", "--quiet", "-b", "develop", "main")
    scratch.commit("Something else", d_txt="1", author=PEOPLE[2])
    nested = scratch.merge("topic", "Merge pull request #7 from ola/topic\n\nBoth parts", author=PEOPLE[0])
    scratch.git("checkout", "--quiet", "main")
    scratch.merge("develop", "Merge branch 'develop'")
    history = read(scratch).history
    [nested_commit] = history.nested
    assert (nested_commit.commit, nested_commit.claim.number, nested_commit.commits) == (nested, 7, 2)
    assert history.identities[nested_commit.author].name == "Ola Nord"
    assert history.identities[nested_commit.merger].name == "Mira Hansen"
    paths = history.path_names()
    assert [paths[number] for number in nested_commit.touched_paths()] == ["b.txt", "c.txt"]

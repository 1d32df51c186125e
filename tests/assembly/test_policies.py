"""Policies in the snapshot of real repositories: history, code owners, what applies to what, what changed what."""

from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make.git import Scratch
from make.policy_files import GUARD, GUARD_TEST, KYVERNO, KYVERNO_TEST

from mkdocs_gitguard.assembly import policies
from mkdocs_gitguard.assembly.kept_parts import KeptParts
from mkdocs_gitguard.assembly.policies import contribute_policies
from mkdocs_gitguard.assembly.snapshot import assemble
from mkdocs_gitguard.errors import SettingError, SourceError
from mkdocs_gitguard.harvest.contents import policy_files
from mkdocs_gitguard.harvest.facts import FactsOptions, RepositoryAbout, RepositoryFacts
from mkdocs_gitguard.harvest.read_facts import read_facts
from mkdocs_gitguard.model import Forge, Graph, Organization, Snapshot
from mkdocs_gitguard.policies import FileScan, ScannedFiles
from mkdocs_gitguard.policies.application import Governance, read_governance
from mkdocs_gitguard.policies.formats.semgrep import sibling_tests

ACME = Organization(id="organization:acme", name="Acme")
WEB = "GitHub <noreply@github.com>"
GUARDRAILS, BILLING = "repository:acme/guardrails", "repository:acme/billing"
POLICY = "policy:acme/guardrails/rego/repo.guard"
WORKFLOW = "on: push\npermissions: {}\njobs:\n  a:\n    runs-on: x\n"


def guardrails(folder: Path) -> Scratch:
    scratch = Scratch(folder)
    scratch.write(
        "Start",
        {
            "policy/guard.rego": GUARD.replace("critical", "low"),
            "policy/guard_test.rego": GUARD_TEST,
            "CODEOWNERS": "* @acme/all\n/policy/ @acme/policy @mira\n",
            "README.md": "x\n",
        },
    )
    scratch.write("Raise it (#7)", {"policy/guard.rego": GUARD}, committer=WEB)
    scratch.write("Say more (#8)", {"README.md": "y\n"}, committer=WEB)
    return scratch


def billing(folder: Path) -> Scratch:
    scratch = Scratch(folder)
    scratch.write("Start", {".github/workflows/ci.yml": WORKFLOW, "k8s/no-latest.yaml": KYVERNO})
    return scratch


def facts_of(scratch: Scratch, name: str, previous: RepositoryFacts | None = None) -> RepositoryFacts:
    about = RepositoryAbout(id=f"repository:acme/{name}", namespace="acme", name=name)
    return read_facts(scratch.open(), about, FactsOptions(), previous)


def snapshot(folder: Path, *governance: Governance) -> Snapshot:
    facts = [facts_of(guardrails(folder / "g"), "guardrails"), facts_of(billing(folder / "b"), "billing")]
    return assemble(facts, organization=ACME, stages=[partial(contribute_policies, governance=governance)])


def test_a_policy_carries_history_owners_and_tests(tmp_path: Path) -> None:
    shot = snapshot(tmp_path)
    policy = next(policy for policy in shot.policies if policy.id == POLICY)
    assert policy.owners == ("owner:team/acme/policy", "owner:user/mira")
    newest, first = policy.changes
    assert newest.pull_request == "pull-request:acme/guardrails/7"
    assert newest.author.startswith("owner:user/mira-hansen")
    assert (first.pull_request, newest.at > first.at) == ("", True)
    assert [test.name for test in policy.tests] == ["test_force_push_is_denied", "test_helper"]
    # Not the head, which changed another file.
    assert policy.span.commit == newest.commit
    assert {test.span.commit for test in policy.tests} == {first.commit}
    assert {owner.id for owner in shot.owners} >= {"owner:team/acme/policy", "owner:user/mira"}
    assert {source.blob for source in shot.sources} >= {policy.span.blob}


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["change", "delete", "executable", "rename", "merge", "merge but keep ours", "other"]),
        st.sampled_from(["policy/a.rego", "policy/b.rego", ".github/workflows/ci.yml"]),
    ),
    min_size=3,
    max_size=12,
)


def take(scratch: Scratch, number: int, step: str, path: str) -> None:
    """Do one thing to a repository, and commit it."""
    text = WORKFLOW.replace("runs-on: x", f"runs-on: x{number}") if path.endswith(".yml") else f"{GUARD}# {number}\n"
    is_there = (scratch.folder / path).exists()
    if step.startswith("merge"):
        scratch.git("checkout", "--quiet", "-b", f"branch-{number}")
        scratch.write(f"Change {number}", {path: text})
        scratch.git("checkout", "--quiet", "main")
        scratch.write(f"Meanwhile {number}", {f"notes/{number}.md": "x"})
        strategy = ("-s", "ours") if "ours" in step else ("-X", "theirs")
        scratch.git("merge", "--quiet", "--no-ff", *strategy, "-m", f"Merge {number}", f"branch-{number}")
    elif step == "executable" and is_there:
        (scratch.folder / path).chmod(0o755)
        scratch.write(f"Executable {number}", {})
    elif step == "rename" and is_there:
        scratch.git("mv", "--force", path, str(Path(path).with_stem(f"{Path(path).stem}-moved")))
        scratch.write(f"Rename {number}", {})
    else:
        files = {"other": {"notes.md": str(number)}, "delete": {path: None}}
        scratch.write(f"Step {number}", files.get(step, {path: text}))


@settings(max_examples=12, deadline=None)
@given(steps=_STEPS)
def test_lines_are_named_by_the_commit_that_last_changed_their_file(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str]]
) -> None:
    scratch = Scratch(tmp_path_factory.mktemp("history"))
    scratch.write(
        "Start", {"policy/a.rego": GUARD, "policy/a_test.rego": GUARD_TEST, ".github/workflows/ci.yml": WORKFLOW}
    )
    for number, (step, path) in enumerate(steps):
        take(scratch, number, step, path)
    shot = assemble([facts_of(scratch, "guardrails")], organization=ACME, stages=[contribute_policies])
    spans = {one.span for one in (*shot.policies, *shot.rules)}
    spans |= {test.span for policy in shot.policies for test in policy.tests}
    for span in spans:
        last = scratch.git("rev-list", "-1", "--first-parent", "HEAD", "--", span.path)
        assert (span.commit, span.blob) == (last, scratch.git("rev-parse", f"{last}:{span.path}"))
    assert {policy.changes[0].commit for policy in shot.policies} == {policy.span.commit for policy in shot.policies}


def test_relations_lead_from_each_end(tmp_path: Path) -> None:
    graph = Graph(snapshot(tmp_path))
    assert graph.others(POLICY, "held_in") == (GUARDRAILS,)
    assert graph.others(POLICY, "touched_by") == ("pull-request:acme/guardrails/7",)
    assert graph.others(POLICY, "owned_by") == ("owner:team/acme/policy", "owner:user/mira")
    assert len(graph.others(POLICY, "has_part")) == 4
    assert (graph.others(GUARDRAILS, "subject_to"), graph.others(BILLING, "subject_to")) == ((), ())
    assert graph.without_applying_policy() == list(graph.snapshot.repositories)


def touches(shot: Snapshot) -> list[tuple[str, str]]:
    return [(one.source, one.target) for one in shot.relations if one.type == "touches"]


def test_what_pull_requests_touch_is_told_anew_where_they_or_policies_change(tmp_path: Path) -> None:
    scratch, kept = guardrails(tmp_path), KeptParts()

    def shot(kept: KeptParts | None) -> Snapshot:
        facts = facts_of(scratch, "guardrails")
        digests = {GUARDRAILS: scratch.git("rev-parse", "HEAD").encode()} if kept is not None else {}
        return assemble([facts], organization=ACME, stages=[contribute_policies], digests=digests, kept=kept)

    assert touches(shot(kept)) == [("pull-request:acme/guardrails/7", POLICY)]
    scratch.write("Lower it (#9)", {"policy/guard.rego": GUARD.replace("critical", "high")}, committer=WEB)
    assert touches(shot(kept)) == touches(shot(None))
    assert len(touches(shot(kept))) == 2
    scratch.git("mv", "policy/guard.rego", "policy/moved.rego")
    scratch.write("Move it (#10)", {}, committer=WEB)
    assert touches(shot(kept)) == touches(shot(None)) == [("pull-request:acme/guardrails/10", POLICY)]
    # By no pull request.
    scratch.git("mv", "policy/moved.rego", "policy/guard.rego")
    scratch.write("Move it back", {})
    assert touches(shot(kept)) == touches(shot(None))
    assert len(touches(shot(kept))) > 1


def test_policies_are_told_anew_where_anything_that_they_are_made_of_changes(tmp_path: Path) -> None:
    scratch, kept = guardrails(tmp_path), KeptParts()
    before = None
    seen: list[Snapshot] = []

    def shot(facts: RepositoryFacts, kept: KeptParts | None) -> Snapshot:
        digests = {GUARDRAILS: scratch.git("rev-parse", "HEAD").encode()} if kept is not None else {}
        return assemble([facts], organization=ACME, stages=[contribute_policies], digests=digests, kept=kept)

    def again() -> None:
        nonlocal before
        before = facts_of(scratch, "guardrails", before)
        seen.append(shot(before, kept))
        assert seen[-1] == shot(before, None)

    again()
    for message, files in (
        ("Beside it", {"README.md": "z\n"}),
        ("Others own it", {"CODEOWNERS": "* @acme/all\n/policy/ @ola\n"}),
        ("Change it (#9)", {"policy/guard.rego": GUARD + "\nmore := 1\n"}),
        ("Change it back (#10)", {"policy/guard.rego": GUARD}),
        ("Another", {"policy/other.rego": GUARD.replace("repo.guard", "repo.other")}),
        ("Change the first", {"policy/guard.rego": GUARD + "\nmore := 2\n"}),
        ("Skip it", {"skip.py": "x()  # nosemgrep: a\n"}),
        ("Call her otherwise", {".mailmap": "Ada Berg <mira@acme.example>\n"}),
        ("Nothing", {}),
    ):
        scratch.write(message, files, committer=WEB)
        again()
    # The same file, by another commit, and by another pull request.
    scratch.git("commit", "--quiet", "--amend", "--allow-empty", "-m", "Nothing at all")
    again()
    scratch.git("reset", "--quiet", "--hard", "HEAD~4")
    scratch.write("Change it back (#11)", {"policy/guard.rego": GUARD + "\n"}, committer=WEB)
    again()
    scratch.git("commit", "--quiet", "--amend", "-m", "Change it back (#12)")
    again()
    changed = [one != another for one, another in pairwise(seen)]
    assert all(changed)
    assert seen[1].policies[0] is seen[0].policies[0]


def test_what_policies_apply_to_is_told_anew_where_the_setting_or_the_repositories_change(tmp_path: Path) -> None:
    asked = "conftest test --update git::https://github.com/old/rules.git//policy x"
    workflow = f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: {asked}\n"
    asking, plain = Scratch(tmp_path / "asking"), Scratch(tmp_path / "plain")
    asking.write("Start", {".github/workflows/ci.yml": workflow})
    plain.write("Start", {"README.md": "x\n"})
    facts = [facts_of(guardrails(tmp_path / "g"), "guardrails"), facts_of(asking, "asking")]
    forge = msgspec.structs.replace(facts[0].about, forge=Forge(name="github", web_url="https://github.com/old/rules"))
    elsewhere = msgspec.structs.replace(facts[0].about, forge=Forge(name="github", web_url="https://forge.example/x/y"))
    at_home, moved = (msgspec.structs.replace(facts[0], about=about) for about in (forge, elsewhere))
    everywhere = read_governance([{"policies": "acme/guardrails/*", "repositories": "*"}])
    kept, seen = KeptParts(), []
    for all_facts, governance in (
        ((at_home, facts[1]), ()),
        ((at_home, facts[1]), everywhere),
        ((at_home, facts[1]), ()),
        ((moved, facts[1]), ()),
        ((moved, facts[1], facts_of(plain, "plain")), everywhere),
        ((moved, facts[1], facts_of(plain, "other")), everywhere),
    ):
        stages = [partial(contribute_policies, governance=governance)]
        digests = {one.about.id: f"{one.about} {one.head}".encode() for one in all_facts}
        shots = [
            assemble(all_facts, organization=ACME, stages=stages, digests=digests if one else {}, kept=one)
            for one in (kept, None)
        ]
        assert shots[0].relations == shots[1].relations
        seen.append({(one.source, one.target) for one in shots[0].relations if one.type == "subject_to"})
    assert ("repository:acme/asking", POLICY) in seen[0]
    assert all(one != another for one, another in pairwise(seen))


def test_policies_of_a_history_that_is_not_known_are_named_by_the_head(tmp_path: Path) -> None:
    guardrails(tmp_path / "whole")
    clone = Scratch(tmp_path / "clone")
    clone.git("fetch", "--quiet", "--depth", "1", f"file://{tmp_path / 'whole'}", "main")
    clone.git("reset", "--quiet", "--hard", "FETCH_HEAD")
    kept = KeptParts()
    for number in (1, 2):
        facts = facts_of(clone, "guardrails")
        assert facts.is_shallow
        shots = [
            assemble(
                [facts],
                organization=ACME,
                stages=[contribute_policies],
                digests={GUARDRAILS: facts.head.encode()} if one else {},
                kept=one,
            )
            for one in (kept, None)
        ]
        assert shots[0] == shots[1]
        assert shots[0].policies[0].span.commit == facts.head
        clone.write(f"More {number}", {"README.md": f"{number}\n"})


def test_of_very_many_touches_the_oldest_are_left_out_and_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = guardrails(tmp_path)
    scratch.write("Lower it (#9)", {"policy/guard.rego": GUARD.replace("critical", "high")}, committer=WEB)

    def shot() -> Snapshot:
        facts = facts_of(scratch, "guardrails")
        return assemble([facts], organization=ACME, stages=[contribute_policies])

    monkeypatch.setattr(policies, "MOST_POLICY_TOUCHES", 2)
    assert not [one for one in shot().findings if one.code == "policy-touches-cut"]
    monkeypatch.setattr(policies, "MOST_POLICY_TOUCHES", 1)
    assert touches(shot()) == [("pull-request:acme/guardrails/9", POLICY)]
    assert [one.repository for one in shot().findings if one.code == "policy-touches-cut"] == [GUARDRAILS]


def test_the_site_says_what_a_policy_applies_to(tmp_path: Path) -> None:
    entries = read_governance(
        [
            {"policies": "acme/guardrails/rego/*", "repositories": ["acme/b*"], "paths": ["infra/", "*.tf"]},
            {"policies": ["*/kyverno/*"], "repositories": "acme/guardrails"},
        ]
    )
    graph = Graph(snapshot(tmp_path, *entries))
    [relation] = [seen.relation for seen in graph.relations[POLICY] if seen.type == "applies_to"]
    assert (relation.source, relation.paths) == (BILLING, ("infra/", "*.tf"))
    assert [(one.basis, one.what) for one in relation.evidence] == [("configured", "entry 1 of the setting governs")]
    assert {name.split("/")[2] for name in graph.others(GUARDRAILS, "subject_to")} == {"kyverno"}


@pytest.mark.parametrize("value", ["x", ["x"], [{"policy": "x"}], [{"policies": 1}], [{"repositories": [""]}]])
def test_a_wrong_setting_is_named(value: object) -> None:
    with pytest.raises(SettingError, match="governs"):
        read_governance(value)


def test_safe_settings_apply_to_the_repository_they_name(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "a")
    ruleset = "rulesets:\n- name: r\n  enforcement: active\n  rules: [{type: deletion}]\n"
    scratch.write("Start", {".github/repos/billing.yml": ruleset, ".github/settings.yml": ruleset})
    facts = [facts_of(scratch, "admin"), facts_of(billing(tmp_path / "b"), "billing")]
    graph = Graph(assemble(facts, organization=ACME, stages=[contribute_policies]))
    ruled = "policy:acme/admin/github-ruleset/ruleset/r/.github/"
    assert set(graph.others(BILLING, "subject_to")) >= {f"{ruled}repos/billing.yml", f"{ruled}settings.yml"}
    assert graph.others("repository:acme/admin", "subject_to") == (f"{ruled}settings.yml",)


def test_files_that_did_not_move_are_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = guardrails(tmp_path)
    scratch.write("Kyverno", {"a.yaml": KYVERNO, ".kyverno-test/kyverno-test.yaml": KYVERNO_TEST})
    before = msgspec.msgpack.decode(msgspec.msgpack.encode(facts_of(scratch, "guardrails")), type=RepositoryFacts)
    scratch.write("Change", {"policy/guard.rego": GUARD + "\nmore := 1\n"})
    read: list[str] = []
    original = policy_files.read_file

    def watched(file: policy_files.PolicyFile) -> policy_files.FileScan:
        read.append(file.path)
        return original(file)

    monkeypatch.setattr(policy_files, "read_file", watched)
    after = facts_of(scratch, "guardrails", before)
    assert read == ["policy/guard.rego"]
    monkeypatch.undo()
    assert after.policy_files == facts_of(scratch, "guardrails").policy_files


def test_files_that_hold_nothing_are_remembered_with_their_blobs(tmp_path: Path) -> None:
    scratch = guardrails(tmp_path)
    scratch.write("Values", {"values.yaml": "a: 1\n", "ø.yaml": "a: 1\n"})
    files = facts_of(scratch, "guardrails").policy_files
    assert {file.path: file.blob for file in files if file.is_blank} == {
        path: scratch.git("rev-parse", f"HEAD:{path}") for path in ("values.yaml", "ø.yaml")
    }
    assert {file.path for file in files.holding()} == {file.path for file in files} - {"values.yaml", "ø.yaml"}
    assert ScannedFiles.of(reversed(list(files))) == files


def test_a_damaged_cache_is_told_with_what_to_do() -> None:
    with pytest.raises(SourceError, match=r"damaged") as caught:
        ScannedFiles(packed=(b"\x93",)).holding()
    assert "state.db" in caught.value.hint


def test_files_beside_semgrep_rules_are_their_tests(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    rule = "rules:\n- id: {}\n  languages: [python]\n  message: m\n  severity: INFO\n  pattern: x\n"
    files = {"r/eval.yaml": rule.format("eval"), "r/eval.py": "eval(1)\n", "r/other.py": "", "k.yaml": rule.format("k")}
    scratch.write("Start", {**files, "k.test.yaml": rule.format("not-a-rule")})
    facts = facts_of(scratch, "guardrails")
    shot = assemble([facts], organization=ACME, stages=[contribute_policies])
    assert {rule.name: [test.name for test in rule.tests] for rule in shot.rules} == {
        "eval": ["eval.py"],
        "k": ["k.test.yaml"],
    }
    assert facts_of(scratch, "guardrails", facts).policy_files == facts.policy_files


@pytest.mark.parametrize("change", ["renamed", "deleted", "emptied", "another's", "beside", "back"])
def test_what_a_name_makes_a_test_is_none_when_the_rule_has_gone(tmp_path: Path, change: str) -> None:
    scratch = Scratch(tmp_path)
    rule = "rules:\n- id: k\n  languages: [python]\n  message: m\n  severity: INFO\n  pattern: x\n"
    scratch.write("Start", {"r/k.yaml": rule, "r/k.test.yaml": "a: 1\n", "r/k.py": "x\n", "r/k/deep/a.json": "{}\n"})
    before = facts_of(scratch, "guardrails")
    assert [file.path for file in before.policy_files.holding()] == [
        "r/k.py",
        "r/k.test.yaml",
        "r/k.yaml",
        "r/k/deep/a.json",
    ]
    files: dict[str, dict[str, str | None]] = {
        "renamed": {"r/k.yaml": None, "r/other.yaml": rule},
        "deleted": {"r/k.yaml": None},
        "emptied": {"r/k.yaml": "a: 1\n"},
        "another's": {"r/k.yaml": KYVERNO},
        "beside": {"r/k.txt": "x\n"},
        "back": {"r/k.yaml": None},
    }
    scratch.write("Change", files[change])
    after = facts_of(scratch, "guardrails", before)
    if change == "back":
        scratch.write("Back", {"r/k.yaml": rule})
        after = facts_of(scratch, "guardrails", after)
    assert after == facts_of(scratch, "guardrails")
    assert (len(after.policy_files.holding()) - len(before.policy_files.holding())) == {
        "beside": 1,
        "back": 0,
        "renamed": -3,
        "another's": -3,
    }.get(change, -4)


def test_a_rule_file_of_a_folder_of_many_segments_has_tests_in_it() -> None:
    deep = "/".join("a" * 1_500)
    [scan] = sibling_tests(["a.yaml"], {f"{deep}/b.py": "", "b/c.py": ""})
    assert scan.path == f"{deep}/b.py"


def test_nothing_is_unpacked_where_no_file_of_a_format_has_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = guardrails(tmp_path)
    before = facts_of(scratch, "guardrails")
    scratch.write("Beside", {"README.md": "# Guardrails\n"})

    def refuse(_: ScannedFiles) -> Iterator[FileScan]:
        raise AssertionError("unpacked")

    monkeypatch.setattr(ScannedFiles, "__iter__", refuse)
    assert facts_of(scratch, "guardrails", before).policy_files.packed is before.policy_files.packed


def test_symbolic_links_are_not_followed(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    (tmp_path / "leak.rego").symlink_to("/etc/passwd")
    scratch.write("Start", {"a.rego": "package a\n"})
    assert [file.path for file in facts_of(scratch, "guardrails").policy_files] == ["a.rego"]


def test_hostile_paths_are_shown_escaped_and_keep_their_owner(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    scratch.write("Start", {"p/\u202eevil\n.rego": "package a\n", "CODEOWNERS": "/p/ @mira\n"})
    shot = assemble([facts_of(scratch, "guardrails")], organization=ACME, stages=[contribute_policies])
    [policy] = shot.policies
    assert policy.span.path == "p/\\u202eevil\\x0a.rego"
    assert policy.owners == ("owner:user/mira",)
    assert len(policy.changes) == 1

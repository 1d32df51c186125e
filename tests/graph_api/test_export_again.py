"""What a second export does: nothing that need not be done, whatever befell the folder and the memory meanwhile."""

import hashlib
import json
import os
import random
import shutil
import sys
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from make.exported import mtimes, pages_of, tree
from make.snapshot import NOW, every_kind, hub, likely, random_graph

from mkdocs_gitguard.graph_api import EXPORTS, export, files, kept_plans, nodes
from mkdocs_gitguard.graph_api.export_turns import ExportTurns, WrittenExports
from mkdocs_gitguard.graph_api.files import PlannedFile, kind_files, node_files
from mkdocs_gitguard.graph_api.kept_plans import KeptPlans
from mkdocs_gitguard.graph_api.layout import node_path
from mkdocs_gitguard.graph_api.nodes import ApiInput
from mkdocs_gitguard.model import EventFacts, Graph, Owner, PullRequestStatus, Related, Snapshot

EXPORT = sys.modules[export.__module__]
ALWAYS = {"index.json", "manifest.json", "changes.ndjson"}
LATER = NOW + timedelta(hours=1)


class Exports:
    """One folder that is exported into again and again, with a memory or without."""

    def __init__(self, place: Path, *, is_remembered: bool = True) -> None:
        self.folder = place / "v1"
        self.memory = place / "state/graph-api.memory" if is_remembered else None
        self.moment = NOW

    def run(self, snapshot: Snapshot, **options):
        self.moment += timedelta(hours=1)
        options = {"pages": pages_of(snapshot, "pull-request", "decision"), "epoch": "1", "is_ours": True, **options}
        return export(Graph(snapshot), self.folder, generated_at=self.moment, memory=self.memory, **options)

    def differs_from_a_clean_one(self, snapshot: Snapshot, place: Path, **options) -> set[str]:
        """Paths that are not as if there had been no export before, but for what tells of that."""
        clean = Exports(place, is_remembered=False)
        clean.run(snapshot, **options)
        one, other = tree(self.folder), tree(clean.folder)
        shutil.rmtree(place)
        return {path for path in one | other if one.get(path) != other.get(path)} - ALWAYS


def without_an_owner(snapshot: Snapshot) -> tuple[str, Snapshot]:
    gone = snapshot.owners[0].id
    return gone, msgspec.structs.replace(
        snapshot,
        owners=(*snapshot.owners[1:], Owner(id="owner:user/zoe", type="user", name="Zoe")),
        relations=tuple(item for item in snapshot.relations if item.target != gone),
    )


def test_with_nothing_changed_nothing_is_made_or_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exports = Exports(tmp_path)
    first = exports.run(likely())
    before = mtimes(exports.folder)
    monkeypatch.setattr(EXPORT, "ApiInput", None)
    second = exports.run(likely())
    assert mtimes(exports.folder) == before
    assert (second.kept, second.made, second.written, second.deleted) == (len(before), 0, 0, 0)
    assert (second.nodes, second.relations) == (first.nodes, first.relations)


def test_without_a_memory_all_is_made_and_what_is_the_same_is_not_touched(tmp_path: Path) -> None:
    exports = Exports(tmp_path, is_remembered=False)
    exports.run(likely())
    before = mtimes(exports.folder)
    again = exports.run(likely())
    after = mtimes(exports.folder)
    assert {path for path in before if before[path] != after[path]} == {"index.json", "manifest.json"}
    assert (again.kept, again.written, again.deleted) == (0, 2, 0)
    assert again.reason == "there is no memory of an earlier export"


@pytest.mark.parametrize("is_remembered", [True, False])
def test_a_change_touches_what_shows_it(tmp_path: Path, *, is_remembered: bool) -> None:
    exports = Exports(tmp_path, is_remembered=is_remembered)
    before = random_graph(60, 200)
    exports.run(before)
    first = mtimes(exports.folder)
    gone, after = without_an_owner(before)
    done = exports.run(after)
    second = mtimes(exports.folder)
    concerned = {gone, "owner:user/zoe", *(item.source for item in before.relations if item.target == gone)}
    touched = {path for path in second if path.startswith("nodes/") and second[path] != first.get(path)}
    assert touched == {node_path(node) for node in concerned - {gone}}
    assert not (exports.folder / node_path(gone)).exists()
    assert not exports.differs_from_a_clean_one(after, tmp_path / "clean")
    if is_remembered:
        made = {path for path in second if second[path] != first.get(path)} - {"index.json", "manifest.json"}
        # The schemas and the OpenAPI document are made to be compared.
        assert done.made == len({path for path in second if path.startswith("schemas/")} | {"openapi.json"} | made)


EDITS = {
    "retitled": lambda s, dice: msgspec.structs.replace(
        s,
        pull_requests=tuple(
            msgspec.structs.replace(one, title=f"Title {dice.random()}") if dice.random() < 0.05 else one
            for one in s.pull_requests
        ),
    ),
    "renamed": lambda s, dice: msgspec.structs.replace(
        s,
        owners=tuple(
            msgspec.structs.replace(one, name=f"Name {dice.random()}") if dice.random() < 0.2 else one
            for one in s.owners
        ),
    ),
    "left": lambda s, dice: msgspec.structs.replace(
        s, pull_requests=tuple(one for one in s.pull_requests if dice.random() < 0.9)
    ),
    "unrelated": lambda s, dice: msgspec.structs.replace(
        s, relations=tuple(one for one in s.relations if dice.random() < 0.95)
    ),
    "another organisation": lambda s, dice: likely(repositories=dice.randint(1, 4), pull_requests=dice.randint(0, 300)),
    "nothing": lambda s, _: s,
}
DAMAGES = {
    "deleted": lambda path, _: path.unlink(),
    "altered": lambda path, _: path.write_bytes(path.read_bytes()[:-1] + b"?"),
    "altered, its time set back": lambda path, _: (
        path.write_bytes(path.read_bytes()[:-1] + b"?"),
        os.utime(path, ns=(1, 1)),
    ),
    "touched": lambda path, _: path.touch(),
    "a folder in its place": lambda path, _: (path.unlink(), path.mkdir()),
    "a link in its place": lambda path, elsewhere: (
        path.rename(elsewhere / "file"),
        path.symlink_to(elsewhere / "file"),
    ),
    "its folder a link": lambda path, elsewhere: (
        path.parent.rename(elsewhere / "folder"),
        path.parent.symlink_to(elsewhere / "folder"),
    ),
    "cut off": lambda path, _: (path.write_bytes(b"{"), path.with_name(".gitguard-writing").touch()),
}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edits=st.lists(st.sampled_from(list(EDITS)), min_size=1, max_size=4),
    damages=st.lists(
        st.sampled_from([*DAMAGES, "the memory of yesterday", "a torn memory", ""]), min_size=4, max_size=4
    ),
    pageless=st.lists(st.sampled_from(["pull-request", "owner", "rule"]), unique=True),
    stays=st.booleans(),
    seed=st.integers(0, 1 << 32),
)
def test_an_export_equals_a_clean_one_whatever_happened(
    edits: list[str], damages: list[str], pageless: list[str], *, stays: bool, seed: int, tmp_path_factory
) -> None:
    place, dice = tmp_path_factory.mktemp("any"), random.Random(seed)
    exports, snapshot = Exports(place), likely(repositories=2, pull_requests=60)
    kept = KeptPlans() if stays else None
    exports.run(snapshot, kept=kept)
    for number, (edit, damage) in enumerate(zip(edits, damages, strict=False)):
        memory = exports.memory.read_bytes()
        snapshot = EDITS[edit](snapshot, dice)
        options = {"pages": pages_of(snapshot, *pageless[number % 2 :])}
        if damage in DAMAGES:
            elsewhere = place / f"elsewhere{number}"
            elsewhere.mkdir()
            files = [path for path in exports.folder.rglob("*") if path.is_file() and path.parent != exports.folder]
            victim = dice.choice(sorted(files)) if damage != "cut off" else exports.folder / "index.json"
            DAMAGES[damage](victim, elsewhere)
            theirs = tree(elsewhere)
        exports.run(snapshot, kept=kept, **options)
        if damage in DAMAGES:
            assert tree(elsewhere) == theirs, damage
            assert not [path for path in exports.folder.rglob("*") if path.is_symlink()]
        assert not exports.differs_from_a_clean_one(snapshot, place / "clean", **options), (edit, damage)
        if damage == "the memory of yesterday":
            exports.memory.write_bytes(memory)
        elif damage == "a torn memory":
            exports.memory.write_bytes(memory[: dice.randrange(len(memory))])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edits=st.lists(st.sampled_from(sorted(EDITS)), min_size=1, max_size=3),
    damage=st.sampled_from(["", *sorted(DAMAGES)]),
    is_new_process=st.booleans(),
    seed=st.integers(0, 1 << 32),
)
def test_exports_that_wait_are_whole_and_older_and_written_in_the_end(
    edits: list[str], damage: str, *, is_new_process: bool, seed: int, tmp_path_factory
) -> None:
    place, dice, kept = tmp_path_factory.mktemp("waits"), random.Random(seed), patient()
    exports, snapshot = Exports(place), likely(repositories=2, pull_requests=60)
    exports.run(snapshot, kept=kept)
    written = Graph(snapshot).digest
    clean = {written: exported(exports.folder)}
    for edit in edits:
        before, snapshot = snapshot, EDITS[edit](snapshot, dice)
        exports.run(snapshot, kept=kept, may_wait=True)
        beside = Exports(place / "beside", is_remembered=False)
        beside.run(snapshot)
        clean[Graph(snapshot).digest] = exported(beside.folder)
        shutil.rmtree(place / "beside")
        releases = releases_of(exports)
        assert exported(exports.folder) == {name: clean[release][name] for name, release in releases.items()}
        if [one.id for one in snapshot.repositories] != [one.id for one in before.repositories]:
            written = Graph(snapshot).digest
        assert {*releases.values()} == {written}
        of_now = [name for name, release in releases.items() if release == Graph(snapshot).digest]
        assert exports.differs_from_a_clean_one(snapshot, place / "clean") <= {
            EXPORTS[name].path for name in releases if name not in of_now
        }
    if damage:
        elsewhere = place / "elsewhere"
        elsewhere.mkdir()
        victim = exports.folder / ("index.json" if damage == "cut off" else EXPORTS["ndjson"].path)
        DAMAGES[damage](victim, elsewhere)
    exports.run(snapshot, kept=None if is_new_process else kept)
    assert not exports.differs_from_a_clean_one(snapshot, place / "clean")
    assert {*releases_of(exports).values()} == {Graph(snapshot).digest}


def patient() -> KeptPlans:
    """A process that stays, in which no time passes and for which all exports take long."""
    kept = KeptPlans()
    kept.turns = ExportTurns(lambda: 0.0, each_time=0.0)
    return kept


def releases_of(exports: Exports) -> dict[str, str]:
    return json.loads((exports.folder / "index.json").read_bytes())["exports"]


def exported(folder: Path) -> dict[str, bytes]:
    return {name: (folder / EXPORTS[name].path).read_bytes() for name in ("ndjson", "sqlite")}


def test_exports_wait_only_where_they_take_long_and_no_repository_has_come_or_gone(tmp_path: Path) -> None:
    exports, snapshot, kept = Exports(tmp_path), likely(repositories=2, pull_requests=60), KeptPlans()
    times = [0.0]
    kept.turns = ExportTurns(lambda: times[-1])
    exports.run(snapshot, kept=kept)
    snapshot = EDITS["retitled"](snapshot, random.Random(1))
    assert exports.run(snapshot, kept=kept, may_wait=True).written
    assert {*releases_of(exports).values()} == {Graph(snapshot).digest}, "those of a small graph are written each time"
    kept.turns._each_time = 0.0
    before, snapshot = snapshot, EDITS["retitled"](snapshot, random.Random(2))
    exports.run(snapshot, kept=kept, may_wait=True)
    assert {*releases_of(exports).values()} == {Graph(before).digest}
    assert not kept.turns.is_due
    times.append(1e6)
    assert kept.turns.is_due
    exports.run(snapshot, kept=kept, may_wait=True)
    assert {*releases_of(exports).values()} == {Graph(snapshot).digest}
    assert not kept.turns.is_due
    fewer = msgspec.structs.replace(
        snapshot,
        repositories=snapshot.repositories[1:],
        pull_requests=tuple(c for c in snapshot.pull_requests if c.repository != snapshot.repositories[0].id),
        relations=(),
    )
    exports.run(fewer, kept=kept, may_wait=True)
    assert {*releases_of(exports).values()} == {Graph(fewer).digest}, "what was left out is in no export"


def test_after_an_export_that_was_cut_off_all_is_there_again_though_nothing_has_changed(tmp_path: Path) -> None:
    exports, snapshot = Exports(tmp_path), likely(repositories=2, pull_requests=5)
    exports.run(snapshot)
    (exports.folder / ".gitguard-writing").touch()
    exports.run(snapshot)
    assert not exports.differs_from_a_clean_one(snapshot, tmp_path / "clean")


def planned(snapshot: Snapshot) -> dict[str, PlannedFile]:
    return {plan.path: plan for plans in (node_files, kind_files) for plan in plans(ApiInput(Graph(snapshot), {}))}


def told(snapshot: Snapshot, **fields) -> Graph:
    """A graph in which events tell of a pull request, and of two repositories that are close to each other."""
    first, second = snapshot.repositories
    merged = snapshot.pull_requests[0]
    status = PullRequestStatus(
        id=merged.id,
        repository=merged.repository,
        number=merged.number,
        state="merged",
        title=fields.get("title", "Merged"),
        at=NOW,
    )
    waits = msgspec.structs.replace(status, id=f"{merged.id}9", state=fields.get("state", "open"))
    close = {first.id: (Related(id=second.id, score=fields.get("score", 0.5)),)}
    return Graph(snapshot, EventFacts(pull_requests=(status, waits)), close)


GRAPHS = {
    **{name: lambda s, dice, edit=edit: told(edit(s, dice)) for name, edit in EDITS.items() if "another" not in name},
    "told otherwise": lambda s, _: told(s, title="Merged again"),
    "closed": lambda s, _: told(s, state="closed"),
    "closer": lambda s, _: told(s, score=0.75),
    "in another order": lambda s, _: told(msgspec.structs.replace(s, relations=s.relations[::-1])),
    "described": lambda s, _: told(
        msgspec.structs.replace(
            s, repositories=tuple(msgspec.structs.replace(one, name=f"{one.name}-2") for one in s.repositories)
        )
    ),
    "led astray": lambda s, _: told(msgspec.structs.replace(s, owners=s.owners[1:])),
}


def digests_after(edit: str) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the digests of what is planned after an edit: by a process that stays, and by one that begins."""
    dice, before = random.Random(1), likely(repositories=2, pull_requests=300)
    kept = KeptPlans()
    api = ApiInput(told(before), pages_of(before), kept)
    assert [*node_files(api)]
    kept.take(api, WrittenExports({}, 0.0))
    after = GRAPHS[edit](before, dice)
    stays, begins = (
        {plan.path: plan.inputs for plan in node_files(ApiInput(after, pages_of(after.snapshot), plans))}
        for plans in (kept, None)
    )
    return stays, begins


@pytest.mark.parametrize("edit", GRAPHS)
def test_a_process_that_stays_plans_what_one_that_begins_does(edit: str) -> None:
    stays, begins = digests_after(edit)
    assert stays == begins


@pytest.mark.parametrize(
    ("blind", "edit"),
    [
        ("_with_another_fact", "retitled"),
        ("_beside", "renamed"),
        ("touched_ends", "unrelated"),
        ("_with_other_events", "told otherwise"),
        ("_with_other_events", "closed"),
        ("_with_others_close", "closer"),
        ("touched_ends", "in another order"),
    ],
)
def test_it_would_show_if_one_reason_to_plan_anew_were_left_out(
    blind: str, edit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_plans, blind, lambda *_: ())
    stays, begins = digests_after(edit)
    assert stays != begins


def test_it_would_show_if_what_others_are_called_were_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "_moved", lambda *_: ())
    stays, begins = digests_after("renamed")
    assert stays != begins


def test_a_process_that_stays_digests_what_has_changed_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    digested: list[str] = []
    original = files._inputs
    monkeypatch.setattr(
        files, "_inputs", lambda api, node, *rest: (digested.append(node.id), original(api, node, *rest))[1]
    )
    digests_after("nothing")
    assert len(digested) == 2 * len(set(digested)), "the first of them and the one that begins"


@pytest.mark.parametrize("is_copied", [True, False])
def test_only_what_is_another_object_is_looked_at_closer(*, is_copied: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []
    original = ApiInput.plan_before
    monkeypatch.setattr(
        ApiInput,
        "plan_before",
        lambda api, node, *rest: (looked_at.append(node.id), original(api, node, *rest))[1],
    )
    before, kept = likely(repositories=2, pull_requests=300), KeptPlans()
    after = msgspec.json.decode(msgspec.json.encode(before), type=Snapshot) if is_copied else before
    for snapshot in (before, after):
        api = ApiInput(told(snapshot), pages_of(before), kept)
        plans = {plan.path: plan.inputs for plan in node_files(api)}
        kept.take(api, WrittenExports({}, 0.0))
    assert len(looked_at) == len(api.nodes) * (1 + is_copied)
    assert plans == {plan.path: plan.inputs for plan in node_files(ApiInput(told(before), pages_of(before)))}


def differ_where_bytes_do(old: dict[str, PlannedFile], after: Snapshot) -> int:
    """Check the plans against what they make; return how many files are other ones."""
    differing = [plan for path, plan in planned(after).items() if path in old and plan.make() != old[path].make()]
    for plan in differing:
        assert plan.inputs != old[plan.path].inputs, plan.path
    return len(differing)


def test_a_plan_tells_whether_a_page_is_the_last() -> None:
    first_page = json.loads(planned(hub(3000))["kinds/owner/index.json"].make())["items"]
    before, after = hub(len(first_page)), hub(len(first_page) + 1)
    assert json.loads(planned(before)["kinds/owner/index.json"].make())["next"] is None
    assert differ_where_bytes_do(planned(before), after) >= 1
    assert json.loads(planned(after)["kinds/owner/index.json"].make())["next"] == "index.2.json"


def test_a_plan_tells_of_all_that_a_file_is_made_of() -> None:
    """Whichever field of whatever record is another one: where the bytes differ, the digests do."""
    before = msgspec.structs.replace(likely(repositories=2, pull_requests=10), decisions=every_kind().decisions)
    old = planned(before)
    for field in ("repositories", "owners", "pull_requests", "decisions", "relations"):
        first, *others = getattr(before, field)
        for name in first.__struct_fields__:
            value = getattr(first, name)
            if name in {"id", "source", "target", "type"} or not isinstance(value, str):
                continue
            changed = (msgspec.structs.replace(first, **{name: f"{value}~"}), *others)
            differ_where_bytes_do(old, msgspec.structs.replace(before, **{field: changed}))
    first, *others = before.relations
    for fields in ({"paths": ("docs/**",)}, {"files": 9}, {"paths": ("docs/**",), "files": 9}):
        changed = (msgspec.structs.replace(first, **fields), *others)
        assert differ_where_bytes_do(old, msgspec.structs.replace(before, relations=changed)) >= 1


def test_an_export_with_other_options_is_as_they_say(tmp_path: Path) -> None:
    exports = Exports(tmp_path)
    exports.run(likely())
    for options in (
        {"exports": ()},
        {"exports": ("graphml", "sqlite")},
        {"commit": "c" * 40},
        {"pages": {}},
        {"pages": {"owner:user/mira": "https://elsewhere.example/"}},
    ):
        exports.run(likely(), **options)
        assert not exports.differs_from_a_clean_one(likely(), tmp_path / "clean", **options)
    assert json.loads((exports.folder / "index.json").read_bytes())["commit"] == ""
    done = exports.run(likely(), epoch="2")
    assert (done.kept, done.reason) == (0, "the package or its libraries have changed")


def test_changes_name_what_is_there_and_only_hint_at_what_is_gone(tmp_path: Path) -> None:
    for number, pageless in enumerate([(), ("owner", "policy", "rule", "decision", "repository")]):
        exports = Exports(tmp_path / str(number))
        before = every_kind()
        exports.run(before, pages=pages_of(before, *pageless))
        assert (exports.folder / "changes.ndjson").read_bytes() == b""
        after = Snapshot(organization=before.organization, repositories=before.repositories)
        exports.run(after, pages=pages_of(after, *pageless))
        lines = [json.loads(line) for line in (exports.folder / "changes.ndjson").read_bytes().splitlines()]
        removed = {line["path_sha256"] for line in lines if line["change"] == "removed"}
        assert removed == {
            hashlib.sha256(node_path(node.id).encode()).hexdigest()
            for node in (*before.owners, *before.policies, *before.rules, *before.decisions, *before.exceptions)
        }
        named = [line for line in lines if "id" in line]
        assert [(line["change"], line["id"]) for line in named] == [("changed", "repository:acme/guardrails")]
        assert (exports.folder / named[0]["href"]).is_file()
        texts = [data for path, data in tree(exports.folder).items() if not path.startswith(("schemas/", "openapi"))]
        assert not [data for data in texts if b"mira" in data or b"repo.guard" in data]


def test_changes_follow_a_node_out_of_its_file_into_a_shard_and_back(tmp_path: Path) -> None:
    exports, snapshot = Exports(tmp_path), likely()
    mover = snapshot.pull_requests[0].id
    pages = pages_of(snapshot, "pull-request")
    for here in (pages, pages | {mover: "page/"}, pages):
        exports.run(snapshot, pages=here)
        lines = [json.loads(line) for line in (exports.folder / "changes.ndjson").read_bytes().splitlines()]
        if here is not pages or lines:
            assert ("changed", mover) in {(line["change"], line["id"]) for line in lines}
            assert {line["change"] for line in lines} == {"changed"}


def test_a_run_that_was_cut_off_is_made_good(tmp_path: Path) -> None:
    exports = Exports(tmp_path, is_remembered=False)
    exports.run(likely())
    whole = tree(exports.folder)
    victim = next(path for path in exports.folder.rglob("nodes/owner/**/*.json"))
    victim.write_bytes(b"x" * victim.stat().st_size)  # the cut run had written another release's file of the same size
    (exports.folder / ".gitguard-writing").touch()
    (exports.folder / "nodes" / "half.json.gitguard-part").write_bytes(b"{")
    exports.run(likely())
    assert {path for path, data in tree(exports.folder).items() if whole.get(path) != data} <= {"index.json"}
    assert tree(exports.folder).keys() == whole.keys()


def test_an_export_that_fails_leaves_a_trace_and_is_made_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exports = Exports(tmp_path)
    exports.run(likely())

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(EXPORT, "write_compressed", fails)
        with pytest.raises(OSError, match="No space left"):
            exports.run(random_graph(60, 200))
    assert (exports.folder / ".gitguard-writing").is_file()
    exports.run(random_graph(60, 200))
    assert not exports.differs_from_a_clean_one(random_graph(60, 200), tmp_path / "clean")

"""Diagrams: folded to what a reader can take in, escaped in full, always below Mermaid's limits."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st
from make.hostile_text import HOSTILE_LABELS
from make.portal import pages_of
from make.snapshot import NOW, hostile, likely, owned, with_decisions
from msgspec.structs import replace

from mkdocs_gitguard.model import (
    ALL_VIEWS,
    FileChange,
    Graph,
    Organization,
    Owner,
    OwnerShare,
    Ownership,
    Policy,
    PullRequest,
    PullRequestOwnership,
    Relation,
    Repository,
    Snapshot,
    SourceSpan,
)
from mkdocs_gitguard.portal.diagrams import subjects
from mkdocs_gitguard.portal.diagrams.drawing import Drawer
from mkdocs_gitguard.portal.diagrams.layout import lay_out, text_width
from mkdocs_gitguard.portal.diagrams.mermaid import (
    BOXES,
    MAX_TEXT,
    SETTINGS,
    Diagram,
    escape,
    fault,
    load_engine,
    shorten,
    source,
)
from mkdocs_gitguard.portal.diagrams.svg import to_svg

HEAD = f"{SETTINGS}\nflowchart LR\n"


def pull_request(files: list[str], **fields) -> PullRequest:
    return PullRequest(
        id="pull-request:acme/billing/1",
        repository="repository:acme/billing",
        number=1,
        merged_at=NOW,
        commit="0" * 40,
        files=tuple(FileChange(path=path, status="modified") for path in files),
        evidence="x",
        confidence="high",
        **{"title": "Round half to even", **fields},
    )


def policy_at(path: str) -> Policy:
    span = SourceSpan(
        repository="repository:acme/billing", path=path, first_line=1, last_line=2, commit="a" * 40, blob="b" * 40
    )
    name = path.removesuffix(".rego")
    return Policy(
        id=f"policy:acme/billing/rego/{name}",
        repository=span.repository,
        format="rego",
        type="package",
        name=name,
        span=span,
    )


def graph_of(change: PullRequest, *, owners: int = 0, policies: int = 0) -> Graph:
    """Return the graph of a pull request that touches so many policies, and files of so many owners."""
    people = tuple(Owner(id=f"owner:user/o{number:02}", type="user", name=f"o{number}") for number in range(owners))
    shares = tuple(OwnerShare(owner=owner.id, files=1) for owner in people)
    rules = tuple(policy_at(f"{number}.rego") for number in range(policies))
    return Graph(
        Snapshot(
            organization=Organization(id="organization:acme", name="Acme"),
            repositories=(Repository(id=change.repository, namespace="acme", name="billing"),),
            owners=people,
            pull_requests=(change,),
            policies=rules,
            relations=tuple(Relation(type="touches", source=change.id, target=policy.id) for policy in rules),
            ownership=(
                Ownership(
                    repository=change.repository,
                    path="CODEOWNERS",
                    pull_requests=(PullRequestOwnership(pull_request=change.id, owners=shares),),
                ),
            ),
        )
    )


def decided() -> Snapshot:
    return with_decisions(likely())


def no_link(_: str) -> str:
    return ""


def test_few_files_stand_for_themselves() -> None:
    assert [box.label for box in subjects.fold(["b/x.py", "a.py"], 9)] == ["a.py", "b/x.py"]


def test_many_files_are_folded_by_folder_and_counted() -> None:
    paths = [f"src/auth/{n}.py" for n in range(37)] + ["docs/index.md", "README.md"]
    folds = subjects.fold(paths, 9)
    assert [box.label for box in folds] == ["+37 files in src/auth", "README.md", "docs/index.md"]


def test_folders_beyond_the_budget_are_folded_too() -> None:
    paths = [f"pkg{n}/deep/er/file{m}.py" for n in range(30) for m in range(n + 1)]
    folds = subjects.fold(paths, 9)
    assert len(folds) == 9
    assert folds[0].label == "+30 files in pkg29"
    assert folds[-1].label == "+253 files in 22 more folders"
    assert sum(box.files for box in folds) == len(paths)


@given(
    st.lists(st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=6).map("/".join), min_size=1, unique=True),
    st.integers(2, 12),
)
def test_no_file_is_lost_in_folding(paths: list[str], budget: int) -> None:
    folds = subjects.fold(paths, budget)
    assert sum(box.files for box in folds) == len(paths)
    assert 1 <= len(folds) <= budget


def test_a_pull_request_shows_author_files_owners_policies_and_decisions() -> None:
    snapshot = decided()
    graph = Graph(snapshot)
    change = next(
        item for item in snapshot.pull_requests if any(d.subject.pull_request == item.id for d in snapshot.decisions)
    )
    diagram = subjects.of_pull_request(graph, change, lambda node: f"../{node.partition(':')[2]}/")
    assert diagram is not None
    assert {"pull-request", "file"} <= set(diagram.kinds)
    assert {"deny", "allow", "warn"} & set(diagram.kinds)
    text = source(diagram)
    assert fault(text, load_engine()) == ""
    assert re.search(r"^  click n\d+ href ", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("make", "at_least"),
    [(likely, 1), (hostile, 1), (decided, 3), (owned, 3)],
    ids=["likely", "hostile", "decided", "owned"],
)
def test_every_diagram_of_every_page_would_be_drawn(make, at_least) -> None:
    snapshot = make()
    pages = pages_of(snapshot)
    for page in pages.by_path.values():
        pages.write(page)
    assert pages.drawer.drawn.diagrams >= at_least
    assert pages.drawer.drawn.failures == []
    assert pages.drawer.drawn.success_rate == 1


def test_a_repository_shows_its_neighbours_and_why() -> None:
    mira, zoe = (Owner(id=f"owner:user/{name}", type="user", name=name) for name in ("mira", "zoe"))
    repositories = tuple(Repository(id=f"repository:a/{name}", namespace="a", name=name) for name in "bcd")
    relations = tuple(
        Relation(type="owned_by", source=repository.id, target=owner.id)
        for repository, owners in zip(repositories, [(mira, zoe), (mira, zoe), (zoe,)], strict=True)
        for owner in owners
    )
    snapshot = Snapshot(
        organization=Organization(id="organization:a", name="a"),
        repositories=repositories,
        owners=(mira, zoe),
        relations=relations,
    )
    nearest = subjects.neighbours(Graph(snapshot), "repository:a/b")
    assert nearest == [("repository:a/c", "shares 2 owners"), ("repository:a/d", "shares 1 owner")]
    overview = subjects.of_organization(Graph(snapshot), snapshot.organization, no_link)
    assert {edge.label for edge in overview.edges} == {""}
    assert len(overview.edges) == 3 + 5


def test_the_overview_has_one_box_for_a_policy_that_stands_in_two_places() -> None:
    repository = Repository(id="repository:a/b", namespace="a", name="b")
    policies = tuple(
        Policy(
            id=f"policy:a/b/rego/{place}",
            repository=repository.id,
            format="rego",
            type="package",
            name=name,
            span=SourceSpan(
                repository=repository.id,
                path=f"{place}.rego",
                first_line=1,
                last_line=2,
                commit="a" * 40,
                blob="b" * 40,
            ),
        )
        for place, name in enumerate(("admission", "admission", "labels"))
    )
    relations = tuple(Relation(type="subject_to", source=repository.id, target=policy.id) for policy in policies)
    snapshot = Snapshot(
        organization=Organization(id="organization:a", name="a"),
        repositories=(repository,),
        policies=policies,
        relations=relations,
    )
    overview = subjects.of_organization(Graph(snapshot), snapshot.organization, no_link)
    assert [node.label for node in overview.nodes if node.kind == "policy"] == ["admission", "labels"]


def test_huge_input_stays_within_a_budget() -> None:
    change = pull_request([f"{'d' * 200}{n}/{'f' * 200}.py" for n in range(20_000)], title="t" * 10_000)
    diagram = subjects.of_pull_request(graph_of(change, owners=50, policies=50), change, no_link)
    assert diagram is not None
    assert len(diagram.nodes) <= 1 + subjects.FILES + 2 * (subjects.OTHERS + 1)
    assert len(source(diagram)) < MAX_TEXT // 4
    assert len(to_svg(diagram)) < 25_000


@pytest.mark.parametrize(
    ("files", "owners", "policies", "has_one"), [(1, 2, 2, False), (2, 2, 0, False), (2, 0, 2, False), (2, 1, 1, True)]
)
def test_a_pull_request_has_a_diagram_where_it_says_more_than_the_page(files, owners, policies, has_one) -> None:
    change = pull_request([f"{number}.rego" for number in range(files)])
    diagram = subjects.of_pull_request(graph_of(change, owners=owners, policies=policies), change, no_link)
    assert (diagram is not None) is has_one
    if diagram is not None:
        [held] = [edge for edge in diagram.edges if edge.label == "holds"]
        assert (diagram.nodes[held.source].label, diagram.nodes[held.target].kind) == ("0.rego", "policy")


def test_a_policy_has_a_diagram_where_it_decided_in_two_repositories() -> None:
    snapshot = decided()
    graph = Graph(snapshot)
    diagrams = {policy.id: subjects.of_policy(graph, policy, no_link) for policy in snapshot.policies}
    for policy, diagram in diagrams.items():
        where = {one.subject.repository for one in graph.decisions_by_policy.get(policy, ())} & {*graph.repositories}
        assert (diagram is not None) is (len(where) > 1)
        if diagram is not None:
            assert sum(node.kind == "repository" for node in diagram.nodes) == len(where)
    assert any(diagrams.values())


def test_an_owner_has_a_diagram_where_teams_and_repositories_meet() -> None:
    snapshot = owned()
    graph = Graph(snapshot)
    diagrams = {owner.id: subjects.of_owner(graph, owner, no_link) for owner in snapshot.owners}
    for owner, diagram in diagrams.items():
        if diagram is not None:
            assert graph.others(owner, "member_of") or graph.others(owner, "has_member")
            assert {"owner", "repository"} <= set(diagram.kinds)
    assert any(diagrams.values())
    assert not all(diagrams.values())


@settings(max_examples=200)
@given(st.text())
def test_any_label_is_one_that_is_known_to_be_drawn(text: str) -> None:
    diagram = Diagram(title="x")
    diagram.connect(diagram.add("policy", text, "../x/"), diagram.add("file", text), text)
    assert fault(source(diagram)) == ""
    assert re.fullmatch(r"(?:[A-Za-z0-9 _.,/\u00a1-\U0010ffff]|#\d+;|<br>)+", escape(text))


def test_every_shape_passes_the_parser() -> None:
    engine = load_engine()
    assert engine is not None
    diagram = Diagram(title="x")
    for kind in BOXES:
        for label in HOSTILE_LABELS:
            diagram.add(kind, label, "../a~2eb/!x/#y")
    diagram.connect(0, 1, "a")
    diagram.connect(1, 2, is_dashed=True)
    small = Diagram(title="x", nodes=diagram.nodes[:60], edges=diagram.edges)
    assert fault(source(small), engine) == ""
    # The engine is asked of the shape; ask it of the labels too.
    assert engine.validate(source(small), None).valid


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not a flowchart"),
        ("sequenceDiagram\n", "not a flowchart"),
        (HEAD.replace("18", "19"), "not a flowchart"),
        (HEAD + '  n0["a]b"]:::k_file\n', "line 3 is not"),
        (HEAD + '  n0["a"]:::k_file\n  n0 --> n1\n', "line 4 names a node"),
        (HEAD + '  n0["a"]:::k_file\n  click n0 href "x" onclick\n', "line 4 is not"),
        (HEAD + "%%{init: {}}%%\n", "line 3 is not"),
        (HEAD + "  n0 --> n0\n" * 501, "more than 500 arrows"),
        (HEAD + "x" * 50_000, "Mermaid draws 50,000"),
    ],
)
def test_what_would_not_be_drawn_is_told(text: str, reason: str) -> None:
    assert reason in fault(text)


class Refusing:
    def validate(self, source, options_json):
        return type("Answer", (), {"valid": False, "error": "Unterminated node label"})()


def test_a_diagram_that_would_not_render_becomes_a_table_and_a_finding() -> None:
    pages = pages_of(likely())
    page = pages.by_path["map"]
    drawer = Drawer("client", engine=Refusing())
    diagram = Diagram(title="x")
    diagram.connect(diagram.add("owner", "<b>Mira</b>", "../x/"), diagram.add("repository", "billing"), "owns")
    html = drawer.draw(pages.sheet(page), diagram, path=page.path, node=page.node)
    assert "&lt;b&gt;Mira&lt;/b&gt;" in html
    assert "<table" in html
    assert "gg-diagram-view" not in html
    assert "gg-diagram-source" not in html
    assert [(finding.code, finding.source) for finding in drawer.drawn.failures] == [("diagram-not-drawn", "map")]
    assert "Unterminated node label" in drawer.drawn.failures[0].message
    assert drawer.drawn.success_rate == 0


def test_the_findings_page_tells_of_diagrams_that_were_not_drawn() -> None:
    pages = pages_of(likely(), drawer=Drawer("client", engine=Refusing()))
    written = {path: pages.write(page).html for path, page in pages.by_path.items()}
    assert list(written)[-1] == "finding"
    assert pages.drawer.drawn.failures
    cause = (
        BeautifulSoup(written["finding"], "html.parser").select_one("#diagram-not-drawn").find_next(class_="gg-cause")
    )
    assert len(cause.select("li")) == len(pages.drawer.drawn.failures)


def test_with_the_flag_off_there_is_no_diagram() -> None:
    pages = pages_of(likely(), flags=replace(ALL_VIEWS, mermaid_graphs=False))
    assert "map" not in pages.by_path
    assert not [page.path for page in pages.by_path.values() if "gg-diagram" in pages.write(page).html]
    assert pages.drawer.drawn.success_rate is None


def test_svg_has_links_a_name_and_no_script() -> None:
    pages = pages_of(owned())
    html = pages.write(pages.by_path["map"]).html
    svg = html[html.index("<svg") : html.index("</svg>")]
    assert 'role="group" aria-label="Acme: repositories, their owners and policies"' in svg
    assert 'xlink:href="../repository/acme/billing/"' in svg
    assert "<script" not in html
    assert len(html) < 50_000
    again = pages_of(owned())
    assert again.write(again.by_path["map"]).html == html


@pytest.mark.parametrize("mode", ["svg", "client", "mermaid2"])
def test_a_table_says_the_same_and_stands_open_where_the_page_itself_draws_nothing(mode) -> None:
    pages = pages_of(owned(), diagrams=mode)
    page = BeautifulSoup(pages.write(pages.by_path["map"]).html, "html.parser")
    table = page.select_one(".gg-diagram-table")
    assert table.has_attr("open") is (mode != "svg")
    arrows = page.select_one(".gg-diagram-source code").text.count("->")
    assert len(table.select("tbody tr")) == arrows > 3
    assert (page.select_one(".gg-diagram pre.mermaid"), page.select_one("script")) == (None, None)
    assert page.select_one(".gg-diagram").get("data-gg-mermaid") == (
        "../assets/gitguard/mermaid.min.js" if mode == "client" else None
    )


def test_nothing_in_a_drawing_covers_anything() -> None:
    diagram = Diagram(title="x")
    nodes = [diagram.add("file", f"file {'x' * (number % 7)} number {number}") for number in range(30)]
    for number in range(1, 30):
        diagram.connect(nodes[(number - 1) // 3], nodes[number], "leads to")
    diagram.connect(nodes[0], nodes[29])
    layout = lay_out(diagram)
    for number, box in enumerate(layout.boxes):
        assert 0 <= box.x - box.width / 2 <= box.x + box.width / 2 <= layout.width
        assert 0 <= box.y - box.height / 2 <= box.y + box.height / 2 <= layout.height
        assert all(text_width(line) < box.width for line in box.lines)
        for other in layout.boxes[number + 1 :]:
            is_beside = abs(box.x - other.x) * 2 >= box.width + other.width
            assert is_beside or abs(box.y - other.y) * 2 >= box.height + other.height
    for arrow in layout.arrows:
        source_, target = layout.boxes[arrow.edge.source], layout.boxes[arrow.edge.target]
        assert arrow.points[0] == (source_.x + source_.width // 2, source_.y) or source_.width % 2
        assert abs(arrow.points[-1][0] - (target.x - target.width / 2)) <= 1
        assert [x for x, _ in arrow.points] == sorted(x for x, _ in arrow.points)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30), st.lists(st.text(), max_size=10))
def test_any_diagram_is_laid_out_and_drawn_as_well_formed_text(edges, labels) -> None:
    diagram = Diagram(title="<x>")
    for number in range(10):
        diagram.add("owner", labels[number] if number < len(labels) else "x", "../x/")
    for source_, target in edges:
        diagram.connect(source_, target, "<b>")
    svg = to_svg(diagram)
    if not any(character < " " or "\ud800" <= character <= "\udfff" for label in labels for character in label):
        ET.fromstring(svg.replace("xlink:href", "href"))
    assert "<b>" not in svg


def test_long_paths_keep_both_ends_and_long_titles_their_start() -> None:
    assert shorten("short") == "short"
    path = "services/billing/src/main/java/com/example/billing/internal/RoundingPolicyFactory.java"
    assert shorten(path) == "services/\u2026/billing/internal/RoundingPolicyFactory.java"
    assert shorten(f"+20 files in {path}").startswith("+20 files in services/\u2026/")
    assert shorten("#726 chore: Update PSS categorization for Host Probes/Lifecycle hooks") == (
        "#726 chore: Update PSS categorization for Host Probes/L\u2026"
    )
    assert shorten("#4751 chore: bump golang from `87ffdb0` to `b75d466` in /test/export/fake-reader") == (
        "#4751 chore: bump golang from `87ffdb0` to `b75d466` in\u2026"
    )
    assert all(
        len(shorten(text)) <= 56 for text in (path, f"+20 files in {path}", "x" * 99, "x/" * 99, "x" * 99 + "/y")
    )


def test_long_labels_are_broken_into_lines() -> None:
    assert escape("src/app/api/file.py") == "src/app/api/file.py"
    assert escape("+37 files in services/billing/internal/auth") == "#43;37 files in services/billing/<br>internal/auth"
    assert escape("one<br>two") == "one#60;br#62;two"


def test_the_script_is_found_without_its_package_which_would_start_a_thread() -> None:
    code = (
        "import sys, threading\n"
        "from make.snapshot import likely, NOW\n"
        "from mkdocs_gitguard.model import ALL_VIEWS\n"
        "from mkdocs_gitguard.portal import Options, Pages, Portal\n"
        "from mkdocs_gitguard.portal.views import VIEWS\n"
        "options = Options(diagrams='client')\n"
        "paths = [a.path for a in Pages(Portal(likely(), now=NOW, flags=ALL_VIEWS, options=options), VIEWS).assets()]\n"
        "print('mermaidx' in sys.modules, threading.active_count(), 'assets/gitguard/mermaid.min.js' in paths)\n"
    )
    tests = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=tests, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "1", str(find_spec("mermaidx") is not None)]

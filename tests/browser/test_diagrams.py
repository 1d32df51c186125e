"""Diagrams in a real browser: every way of drawing, hostile labels as text, and nothing from the network."""

import subprocess
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from make.git import make_repository
from make.hostile_text import HOSTILE_LABELS
from make.material import MATERIAL
from make.site import Site
from make.snapshot import likely
from msgspec.structs import replace

from mkdocs_gitguard.model import (
    FileChange,
    Owner,
    OwnerShare,
    Ownership,
    Policy,
    PullRequestOwnership,
    Relation,
    Snapshot,
    SourceSpan,
)
from mkdocs_gitguard.words import one_line

pytestmark = pytest.mark.browser

PULL_REQUEST = "pull-request/acme/billing/3/"
DRAWN = """() => [...document.querySelectorAll('.gg-diagram-drawing')].map((drawing) => {
  const seen = drawing.closest('[hidden]') === null;
  return { drawings: seen ? drawing.querySelectorAll('svg').length : 0, text: drawing.textContent };
})"""


def small() -> Snapshot:
    """A snapshot whose pull requests of `acme/billing` touch a policy and files with an owner."""
    snapshot = likely(repositories=2, pull_requests=4, files=12)
    home, owner = snapshot.repositories[0].id, snapshot.owners[-1].id
    changes = [change for change in snapshot.pull_requests if change.repository == home]
    files = tuple(FileChange(path=path, status="modified") for path in ("guard.rego", "src/app.py"))
    span = SourceSpan(repository=home, path="guard.rego", first_line=1, last_line=2, commit="a" * 40, blob="b" * 40)
    guard = Policy(
        id="policy:acme/billing/rego/guard", repository=home, format="rego", type="package", name="guard", span=span
    )
    touched = [
        PullRequestOwnership(pull_request=change.id, owners=(OwnerShare(owner=owner, files=1),)) for change in changes
    ]
    relations = [Relation(type="touches", source=change.id, target=guard.id) for change in changes]
    return replace(
        snapshot,
        policies=(guard,),
        ownership=(Ownership(repository=home, path="CODEOWNERS", pull_requests=tuple(touched)),),
        pull_requests=tuple(replace(change, files=files) for change in snapshot.pull_requests),
        relations=tuple(sorted((*snapshot.relations, *relations), key=lambda one: (one.source, one.type, one.target))),
    )


def site(folder: Path, snapshot: Snapshot, mode: str, **config) -> Path:
    options = {"diagrams": mode, "strict_findings": "never"}
    return Site(folder).write(snapshot, options=options, **{"theme": MATERIAL, **config}).build()


def mermaid2(folder: Path) -> list:
    """The plugins of a site that has a Mermaid of its own in its docs: mermaid2 takes no other local file."""
    script = folder / "docs/js/mermaid.min.js"
    script.parent.mkdir(parents=True)
    script.write_bytes((files("mermaidx") / "assets" / "mermaid.js").read_bytes())
    return ["gitguard", {"mermaid2": {"javascript": "js/mermaid.min.js"}}]


class Watched:
    """A page on which every request and complaint is kept."""

    def __init__(self, browser, base: str) -> None:
        self.base = base
        self.away: list[str] = []
        self.complaints: list[str] = []
        self.page = browser.new_context().new_page()
        self.page.context.on("request", self._request)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))
        self.page.on(
            "console", lambda line: self.complaints.append(line.text) if line.type in {"error", "warning"} else None
        )

    def _request(self, request) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.away.append(request.url)

    def diagrams(self, url: str) -> list[dict]:
        self.page.goto(self.base + url)
        self.page.locator(".gg-diagram").scroll_into_view_if_needed()
        self.page.wait_for_function(f"({DRAWN})().length && ({DRAWN})().every((one) => one.drawings)")
        return self.page.evaluate(DRAWN)

    def close(self) -> None:
        self.page.context.close()


@pytest.fixture
def watch(chromium):
    opened: list[Watched] = []

    def start(base: str) -> Watched:
        opened.append(Watched(chromium, base))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, serve: Callable[[Path], str]) -> str:
    return serve(site(tmp_path_factory.mktemp("client"), small(), "client"))


@pytest.fixture(scope="module")
def svg(tmp_path_factory: pytest.TempPathFactory, serve: Callable[[Path], str]) -> str:
    return serve(site(tmp_path_factory.mktemp("svg"), small(), "svg"))


def test_mermaid_draws_them_without_the_network(client, watch) -> None:
    watched = watch(client)
    for url in (PULL_REQUEST, "map/"):
        assert [one["drawings"] for one in watched.diagrams(url)] == [1], url
    assert (watched.away, watched.complaints) == ([], [])


def test_mermaid_is_not_fetched_before_a_diagram_is_near(client, chromium) -> None:
    page = chromium.new_context(viewport={"width": 1280, "height": 300}).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(client + PULL_REQUEST)
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if "mermaid" in url] == []
    assert page.locator(".gg-diagram-table table").is_visible()
    page.locator(".gg-diagram").scroll_into_view_if_needed()
    page.wait_for_selector(".gg-diagram-drawing svg")
    assert [url for url in asked if "mermaid" in url] == [f"{client}assets/gitguard/mermaid.min.js"]
    page.wait_for_selector(".gg-diagram-table table", state="hidden")
    page.context.close()


@pytest.mark.parametrize("way", ["no script", "no Mermaid"])
def test_where_nothing_draws_a_table_says_it_and_no_source_is_seen(way: str, client, chromium) -> None:
    context = chromium.new_context(java_script_enabled=way != "no script")
    page = context.new_page()
    page.route("**/mermaid.min.js", lambda route: route.abort())
    page.goto(client + PULL_REQUEST)
    page.locator(".gg-diagram").scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    assert page.locator(".gg-diagram-table tbody tr").first.is_visible()
    assert page.locator(".gg-diagram-view").is_visible() is False
    assert "flowchart" not in page.locator("article").inner_text()
    context.close()


@pytest.mark.slow
def test_a_new_site_asks_no_other_host_for_anything(tmp_path: Path, serve, watch) -> None:
    folder = tmp_path / "portal"
    make_repository(tmp_path / "billing", {"README.md": "# Billing\n", "CODEOWNERS": "* @mira\n"})
    subprocess.run(["gitguard", "init", str(folder)], check=True, capture_output=True)
    config = folder / "mkdocs.yml"
    config.write_text(config.read_text().replace("- .\n", "- ../billing\n"))
    subprocess.run(["gitguard", "build", "-f", str(config)], check=True, capture_output=True)
    built = folder / "site"
    watched = watch(serve(built))
    pages = sorted(built.rglob("*.html"))
    assert len(pages) > 5
    for page in pages:
        assert "unpkg.com" not in page.read_text(), page
    # The first of each kind and depth, side by side, since each is waited for until it has asked for nothing during half
    # a second.
    kinds = {(place.parts[0], len(place.parts)): page for page in pages[::-1] if (place := page.relative_to(built))}
    opened = sorted(kinds.values())
    assert len(opened) > 10
    for some in (opened[at : at + 12] for at in range(0, len(opened), 12)):
        tabs = [watched.page.context.new_page() for _ in some]
        for tab, page in zip(tabs, some, strict=True):
            tab.goto(watched.base + page.relative_to(built).as_posix())
        for tab in tabs:
            tab.wait_for_load_state("networkidle")
            tab.close()
    assert watched.away == []


def test_they_are_drawn_after_an_instant_navigation_too(client, watch) -> None:
    watched = watch(client)
    watched.diagrams(PULL_REQUEST)
    watched.page.locator(".md-content .gg-crumbs a").last.click()
    watched.page.wait_for_url("**/pull-request/acme/billing/")
    watched.page.locator(".md-content a", has_text="#2").or_(
        watched.page.locator(".md-content a[href$='/2/']")
    ).first.click()
    watched.page.wait_for_url("**/pull-request/acme/billing/2/")
    watched.page.locator(".gg-diagram").scroll_into_view_if_needed()
    watched.page.wait_for_function(f"({DRAWN})().length && ({DRAWN})().every((one) => one.drawings)")
    assert (watched.away, watched.complaints) == ([], [])


def test_a_box_leads_to_its_page(client, watch) -> None:
    watched = watch(client)
    watched.diagrams(PULL_REQUEST)
    watched.page.locator(".gg-diagram-drawing a").first.click()
    watched.page.wait_for_url("**/owner/user/*/")


def test_a_box_drawn_at_the_build_leads_to_its_page_too(svg, watch) -> None:
    watched = watch(svg)
    watched.diagrams(PULL_REQUEST)
    watched.page.locator(".gg-diagram-drawing a").first.click()
    watched.page.wait_for_url("**/owner/user/*/")
    assert watched.complaints == []


def test_svg_needs_no_script_and_follows_the_palette(svg, watch, chromium) -> None:
    watched = watch(svg)
    assert [one["drawings"] for one in watched.diagrams(PULL_REQUEST)] == [1]
    assert (watched.away, watched.complaints) == ([], [])
    colours = []
    for scheme in ("light", "dark"):
        context = chromium.new_context(color_scheme=scheme)
        page = context.new_page()
        page.goto(svg + PULL_REQUEST)
        colours.append(page.evaluate("getComputedStyle(document.querySelector('.gg-diagram-svg text')).fill"))
        assert page.get_by_role("group", name="Pull request #3").last.is_visible()
        assert page.locator(".gg-diagram-table table").is_visible() is False
        context.close()
    assert colours[0] != colours[1]


def test_mermaid2_and_material_do_not_fight(tmp_path: Path, serve, watch) -> None:
    theme = {"name": "material", "font": False}
    watched = watch(serve(site(tmp_path, small(), "mermaid2", plugins=mermaid2(tmp_path), theme=theme)))
    for url in (PULL_REQUEST, "map/"):
        assert [one["drawings"] for one in watched.diagrams(url)] == [1]
        # Material would have taken the block out and put a shadow root in its place.
        assert watched.page.evaluate("document.querySelector('.gg-diagram-drawing .mermaid').shadowRoot") is None
        assert watched.page.locator(".gg-diagram-drawing .mermaid[data-processed]").count() == 1
    assert (watched.away, watched.complaints) == ([], [])


@pytest.mark.parametrize("mode", ["client", "mermaid2", "svg"])
def test_another_theme_draws_them_too(mode: str, tmp_path: Path, serve, watch) -> None:
    plugins = mermaid2(tmp_path) if mode == "mermaid2" else ["gitguard"]
    watched = watch(
        serve(site(tmp_path, small(), mode, plugins=plugins, theme={"name": "mkdocs", "highlightjs": False}))
    )
    assert [one["drawings"] for one in watched.diagrams(PULL_REQUEST)] == [1]
    assert [url for url in watched.away if "mermaid" in url] == []


@pytest.mark.parametrize("mode", ["client", "svg"])
def test_hostile_labels_are_shown_as_text(mode: str, tmp_path: Path, serve, watch) -> None:
    from mkdocs_gitguard.model import Organization, Relation, Repository

    repository = Repository(id="repository:a/b", namespace="a", name="b")
    labels = [label for label in HOSTILE_LABELS if label.strip() and len(label) < 50]
    assert len(labels) >= 32
    urls = []
    for number in range(0, len(labels), 12):
        part = labels[number : number + 12]
        owners = tuple(Owner(id=f"owner:user/o{place:02}", type="user", name=label) for place, label in enumerate(part))
        repositories = tuple(Repository(id=f"repository:a/r{n}", namespace="a", name=f"r{n}") for n in range(2))
        snapshot = Snapshot(
            organization=Organization(id="organization:a", name="a"),
            repositories=(repository, *repositories),
            owners=owners,
            relations=tuple(Relation(type="owned_by", source=repository.id, target=owner.id) for owner in owners),
        )
        urls.append((part, serve(site(tmp_path / str(number), snapshot, mode))))
    missing = []
    for part, url in urls:
        watched = watch(url)
        [drawn] = watched.diagrams("map/")
        text = "".join(drawn["text"].split())
        missing += [label for label in part if "".join(one_line(" ".join(label.split())).split()) not in text]
        assert (watched.away, watched.complaints) == ([], [])
    assert missing == []


def test_the_source_can_be_copied_and_the_keyboard_zooms(client, chromium) -> None:
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(client + PULL_REQUEST)
    page.locator(".gg-diagram-source summary").click()
    page.get_by_role("button", name="Copy the Mermaid source").click()
    page.get_by_role("button", name="Zoom in").wait_for()
    page.wait_for_function("document.querySelector('.gg-diagram-source button').textContent === 'Copied'")
    assert page.evaluate("navigator.clipboard.readText()") == page.locator(".gg-diagram-source code").text_content()
    view = page.locator(".gg-diagram-view")
    view.focus()
    page.keyboard.press("+")
    assert page.evaluate("document.querySelector('.gg-diagram-drawing').style.transform") == "scale(1.25)"
    assert page.evaluate("(view => view.scrollWidth > view.clientWidth)(document.querySelector('.gg-diagram-view'))")
    page.keyboard.press("-")
    page.get_by_role("button", name="Zoom out").click()
    assert page.evaluate("document.querySelector('.gg-diagram-drawing').style.transform") == "scale(0.8)"
    context.close()

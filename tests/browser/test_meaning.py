"""The search by meaning in a real browser: below the hits, by keyboard, in each theme, from a disk, and what it loads."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from make.material import MATERIAL
from make.site import Site
from make.snapshot import likely
from msgspec.structs import replace

from mkdocs_gitguard.meaning.search import close_to
from mkdocs_gitguard.model import Snapshot

pytestmark = pytest.mark.browser

QUIET = {"strict_findings": "never", "pull_request_pages": 2, "weeks": 2}
QUESTION = "unpaid bills"
TEXTS = (
    "Invoices, and reminders of debts",
    "Who may sign in, and with which password",
    "Weather maps",
    "Search engine",
)


def facts() -> Snapshot:
    made = likely(repositories=4, pull_requests=3, files=3)
    repositories = tuple(
        replace(repository, description=text, readme_summary="")
        for repository, text in zip(made.repositories, TEXTS, strict=True)
    )
    return replace(made, repositories=repositories)


def built(folder, **config) -> Site:
    site = Site(folder).write(facts(), options=QUIET, **config)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CODEX_EMBEDDINGS_ENABLED", "true")
        site.build()
    return site


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Site:
    return built(tmp_path_factory.mktemp("meaning"), theme=MATERIAL)


def asked(page, text: str) -> list[str]:
    page.keyboard.press("/")
    page.keyboard.type(text)
    page.wait_for_selector(f"dialog.gg-search[data-near='{text}']")
    return page.locator(".gg-search-near .gg-search-words > bdi:first-child").all_inner_texts()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_question_without_its_words_is_answered_by_keyboard(visit, serve, site, scheme) -> None:
    loaded: list[str] = []
    page = visit.open(serve(site.output), scheme=scheme)
    page.on("request", lambda request: loaded.append(request.url.rpartition("assets/gitguard/")[2]))
    labels = asked(page, QUESTION)
    first = facts().repositories[0]
    assert labels[0] == f"{first.namespace}/{first.name}"
    assert "Nothing found" in page.locator(".gg-search-says").inner_text()
    assert sum(path.startswith(("meaning/begins", "meaning/goes-on")) for path in loaded) <= 8
    assert not any(path.startswith("meaning/c-") for path in loaded), "pull requests by choice"
    violations = Axe().run(page, context=".gg-search").response["violations"]
    assert [node["html"] for item in violations for node in item["nodes"]] == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert page.locator("[aria-selected=true]").get_attribute("id") == page.locator(".gg-search input").get_attribute(
        "aria-activedescendant"
    )
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/repository/{first.id.partition(':')[2]}/")
    assert visit.complaints == []


def test_below_hits_it_comes_by_choice_and_pull_requests_by_another(visit, serve, site) -> None:
    page = visit.open(serve(site.output), width=390)
    page.keyboard.press("/")
    page.keyboard.type("weather")
    page.wait_for_selector("dialog.gg-search[data-answered=weather]")
    page.get_by_role("button", name="Search by meaning").click()
    page.wait_for_selector("dialog.gg-search[data-near=weather]")
    labels = page.locator(".gg-search-hit .gg-search-words > bdi:first-child").all_inner_texts()
    assert len(labels) == len(set(labels)), "what has the words is not shown again"
    page.get_by_role("button", name="Pull requests too").click()
    page.wait_for_function("document.querySelectorAll('.gg-search-actions button:not([hidden])').length === 0")
    assert visit.complaints == []


def test_the_browser_and_the_builder_make_the_same_of_a_question(visit, serve, site) -> None:
    page = visit.open(serve(site.output))
    questions = [QUESTION, "HTTPServer logins", "passwörter und Anmeldung", "zzqx kjw", "the of and", "approvals"]
    from make.portal import pages_of

    from mkdocs_gitguard.meaning.router import Router
    from mkdocs_gitguard.meaning.settings import ModelSettings

    router = Router(ModelSettings(), root=site.folder, state_folder=None, warn=print)
    pages = pages_of(facts())
    meaning = router.meaning_of(facts())
    for question in questions:
        hits = page.evaluate(
            "async (text) => (await gitguardSearch.near(text, {limit: 99})).map(({id, score}) => [id, score])", question
        )
        theirs = {node: score for node, score in hits if node.startswith("repository:")}
        ours = {near.id: near.score for near in close_to(question, pages, meaning, router)}
        assert theirs == pytest.approx({node: ours[node] for node in ours if node.startswith("repository:")}, abs=0.01)


@pytest.mark.parametrize("theme", ["mkdocs", "readthedocs"])
def test_in_the_other_themes(visit, serve, tmp_path, theme) -> None:
    site = built(tmp_path, theme={"name": theme})
    first = facts().repositories[0]
    # These themes ask other hosts for scripts of theirs, which there are none of here.
    assert asked(visit.open(serve(site.output)), QUESTION)[0] == f"{first.namespace}/{first.name}"


def test_a_page_from_a_disk_finds_too(visit, site) -> None:
    page = visit.open(f"file://{site.output}/index.html")
    first = facts().repositories[0]
    assert asked(page, QUESTION)[0] == f"{first.namespace}/{first.name}"

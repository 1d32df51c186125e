"""The documentation says what the code does: generated pages are current, links lead somewhere, commands exist."""

import re
from pathlib import Path

import pytest
from markdown.extensions.toc import slugify

from mkdocs_gitguard.cli import cli
from mkdocs_gitguard.cli.reference import commands_page, options_page
from mkdocs_gitguard.cli.reference_pages import drills_page, graph_api_page, metrics_page

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"(?<!`)\[[^\]]*\]\((?P<target>[^)\s]+)\)")


GENERATED = {
    "commands": commands_page(cli),
    "options": options_page(),
    "graph-api": graph_api_page(),
    "metrics": metrics_page(),
    "drills": drills_page(),
}


@pytest.mark.parametrize(("name", "page"), GENERATED.items())
def test_generated_pages_are_current(name: str, page: str) -> None:
    # Only the words: how click breaks lines differs between its versions.
    assert (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8").split() == page.split(), (
        f"run: gitguard reference {name} > docs/{name}.md"
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = [match["target"] for match in LINK.finditer(page.read_text(encoding="utf-8"))]
    local = [target.partition("#")[0] for target in targets if "://" not in target and not target.startswith("#")]
    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_to_a_heading_lead_to_one(page: Path) -> None:
    missing = []
    for match in LINK.finditer(page.read_text(encoding="utf-8")):
        target, _, anchor = match["target"].partition("#")
        if not anchor or "://" in target:
            continue
        text = ((page.parent / target) if target else page).read_text(encoding="utf-8")
        headings = re.findall(
            r"^#+ (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE
        )
        if anchor not in {slugify(re.sub(r"[`*]|\]\([^)]*\)|\[", "", heading), "-") for heading in headings}:
            missing.append(match["target"])
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_commands_that_the_docs_speak_of_exist(page: Path) -> None:
    commands = {name.removeprefix("## ") for name in commands_page(cli).splitlines() if name.startswith("## ")}
    for line in re.findall(r"`(gitguard [a-z][^`]*)`", page.read_text(encoding="utf-8")):
        words = re.split(r"[\s|,…\[]", line)
        assert " ".join(words[:2]) in commands or words[1] == "reference", line


def test_every_page_stands_in_the_navigation_of_the_docs_site() -> None:
    """Of the site that `gitguard preview` shows of this repository."""
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    listed = re.findall(r": (\S+\.md)$", navigation, re.MULTILINE)
    assert sorted(listed) == sorted(page.name for page in (ROOT / "docs").glob("*.md"))

"""The box that answers who to ask about a path, held to `gitguard owners of` on real repositories."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from make.git import Scratch
from make.material import MATERIAL
from make.site import Site
from make.snapshot import likely

from mkdocs_gitguard.cli import cli

pytestmark = pytest.mark.browser

FILES = {
    "README.md": "1\n",
    "src/deep/a.py": "1\n",
    "src/b.js": "1\n",
    "docs/guide é.md": "1\n",
    "open/x.txt": "1\n",
}
CODEOWNERS = {
    "github": "* @acme/all\n/docs/ @mira @ola\n*.js @ola\n/src/**/a.py @mira\n/open/\n",
    "gitlab": "* @acme/all\n[Docs] @mira\n/docs/\n*.md @ola\n!README.md\n/docs/ @ola\n[x]\n[ab].* @mira\n",
    "gitea": "src/.* @mira\n.*[.]js @ola\n!src/.* @acme/rest\n",
}
PATHS = [
    "README.md",
    "src/deep/a.py",
    "src/b.js",
    "docs/guide é.md",
    "open/x.txt",
    "src",
    "src/new.py",
    "/docs/new.md",
    "gone/a.txt",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("paths")
    for name, text in {**CODEOWNERS, "none": ""}.items():
        scratch = Scratch(folder / name)
        files = {**FILES, **({"CODEOWNERS": text} if text else {})}
        scratch.write("Start", files, author="Mira Hansen <1+mira@users.noreply.github.com>")
        scratch.commit("Go on (#7)", author="Ola Nord <2+ola@users.noreply.github.com>", src__b_js="2\n")
    return folder


@pytest.fixture(scope="module")
def portal(folder: Path, serve) -> str:
    options = {
        "snapshot": "",
        "strict_findings": "never",
        "repositories": [{"path": str(folder / name), "name": f"acme/{name}"} for name in (*CODEOWNERS, "none")],
        "codeowners": {f"acme/{name}": name for name in CODEOWNERS},
    }
    return serve(Site(folder / "site").write(likely(repositories=1), options=options, theme=MATERIAL).build())


def told(page) -> str:
    page.wait_for_selector(".gg-who-answer h3")
    return page.locator(".gg-who-answer").inner_text()


@pytest.mark.parametrize("name", CODEOWNERS)
def test_it_names_the_owners_and_lines_that_the_command_names(visit, portal, folder, name) -> None:
    result = CliRunner().invoke(
        cli, ["owners", "of", *PATHS, "-r", str(folder / name), "--dialect", name, "--format", "json"]
    )
    answers = json.loads(result.output)
    page = visit.open(f"{portal}repository/acme/{name}/")
    known = {"Mira Hansen": "@mira", "Ola Nord": "@ola", "acme/all": "@acme/all", "acme/rest": "@acme/rest"}
    for path, answer in zip(PATHS, answers, strict=True):
        page.fill("#gg-who-path", path)
        page.press("#gg-who-path", "Enter")
        page.wait_for_function(
            "path => document.querySelector('.gg-who-answer h3')?.textContent.replace(/\\/$/, '') === path",
            arg=path.strip("/"),
        )
        lists = page.evaluate(
            """() => Object.fromEntries([...document.querySelectorAll('.gg-who-answer .gg-who-heading')].map(heading =>
                [heading.textContent, [...heading.nextElementSibling.children].map(row =>
                    [[...row.querySelectorAll('a, span:not(:has(*)):not(.gg-chip):not(.gg-muted)')].map(part => part.textContent),
                     row.querySelector('.gg-muted')?.textContent])]))"""
        )
        if "folder" in answer:
            shown = lists[f"Owners of its {answer['files']} files"]
            assert [([known[owner] for owner in owners], number) for owners, number in shown] == [
                (one["owners"], f"{one['files']} file{'s' if one['files'] > 1 else ''}") for one in answer["folder"]
            ]
            continue
        owners = [known[owner] for [owner], _ in lists.get("Owners", [])]
        assert owners == answer["owners"], path
        text = told(page)
        assert [line["line"] for line in answer["lines"]] == [
            int(line.partition("CODEOWNERS:")[2].split()[0]) for line in text.split("\n") if line.startswith("By ")
        ]
        assert ("no such file today" in text) == (path in {"src/new.py", "/docs/new.md", "gone/a.txt"})
    assert visit.complaints == []


def test_the_search_leads_there(visit, portal) -> None:
    page = visit.open(portal)
    [hit, *_] = page.evaluate("gitguardSearch.find('acme/github/src/b.js')")
    assert hit["url"] == f"{portal}repository/acme/github/?path=src/b.js#who-to-ask"


def test_an_address_asks_and_tells_who_changed_it(visit, portal) -> None:
    page = visit.open(f"{portal}repository/acme/github/?path=src/b.js#who-to-ask")
    text = told(page)
    assert "Ola Nord" in text
    assert "#7 Go on" in text
    page.fill("#gg-who-path", "README.md")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.gg-who-answer h3')?.textContent === 'README.md'")
    page.go_back()
    page.wait_for_function("document.querySelector('.gg-who-answer h3')?.textContent === 'src/b.js'")


def test_nothing_is_read_before_it_is_asked(visit, portal) -> None:
    page = visit.open(f"{portal}repository/acme/none/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/paths/" in request.url else None)
    page.fill("#gg-who-path", "README.md")
    assert asked == []
    page.keyboard.press("Enter")
    assert "acme/none has no CODEOWNERS file" in told(page)
    assert len(asked) == 2


def test_the_home_page_leads_to_the_answer(visit, portal) -> None:
    page = visit.open(portal, width=390)
    page.select_option("#gg-who-repository", label="acme/gitlab")
    page.fill("#gg-who-path", "docs/guide é.md")
    page.keyboard.press("Enter")
    page.wait_for_url("**/repository/acme/gitlab/?path=*")
    assert "By CODEOWNERS:4" in told(page)


def test_without_a_script_a_link_and_the_command_stand_there(visit, portal) -> None:
    page = visit.open(f"{portal}repository/acme/github/", javascript=False)
    assert not page.locator(".gg-who").is_visible()
    assert page.locator("[data-gg-panel=who-to-ask] a[href*='ownership/acme/github']").is_visible()

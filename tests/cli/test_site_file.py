"""Which mkdocs.yml a command works on."""

from pathlib import Path

import pytest
import yaml
from make.git import make_repository

from mkdocs_gitguard.cli.site_file import site_at, site_to_build
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.site_build.made_site import repositories_at


@pytest.mark.parametrize(
    "plugins",
    [
        "plugins: [search, gitguard]",
        "plugins:\n  - gitguard:\n      repositories: [.]",
        "plugins:\n  search: {}\n  gitguard: {}",
        "plugins: [gitguard]\nx: !!python/name:pymdownx.superfences.fence_code_format",
        "x: &x {gitguard: {}}\nplugins:\n  <<: *x\n  search: {}",
        "plugins: [{group: {enabled: true, plugins: [gitguard]}}]",
        "plugins: [/gitguard]",
        "plugins: [gitguard]\nINHERIT: base.yml",
    ],
)
def test_the_folders_own_site_is_used_if_it_lists_the_plugin(tmp_path: Path, plugins: str) -> None:
    (tmp_path / "base.yml").write_text("theme: material\n")
    (tmp_path / "mkdocs.yml").write_text(f"site_name: x\n{plugins}\n")
    assert site_to_build(tmp_path) == tmp_path / "mkdocs.yml"


@pytest.mark.parametrize("text", ["site_name: x\n", "site_name: x\nplugins: [search]\n", ""])
def test_another_site_is_left_alone(tmp_path: Path, text: str) -> None:
    folder = make_repository(tmp_path / "billing")
    (folder / "mkdocs.yml").write_text(text)
    made = site_to_build(folder)
    assert not made.is_relative_to(folder)
    assert sorted(path.name for path in folder.iterdir()) == [".git", "mkdocs.yml"]
    assert (folder / "mkdocs.yml").read_text() == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("site_name: [", "not YAML"),
        ("site_name: x\nplugins:\n\t- gitguard\n", "not YAML"),
        ("- a", "not a mapping"),
        ("plugins: " + "[" * 3000, "nested more than"),
        ("- " * 3000, "nested more than"),
        ("plugins: {gitguard: " + "{a: " * 100 + "}" * 101, "nested more than"),
        ("b0: &a0 [x, x]\n" + "".join(f"b{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 30)), "stands for"),
        (
            "b0: &a0 {x: 1}\n" + "".join(f"b{n}: &a{n} {{<<: [{f'*a{n - 1},' * 9}]}}\n" for n in range(1, 9)),
            "stands for",
        ),
        ("a: &a [*a]", "holds itself"),
        ("plugins: [gitguard]\nINHERIT: none.yml", "none.yml cannot be read"),
        ("plugins: [gitguard]\nINHERIT: mkdocs.yml", "inherits from itself"),
        ("plugins: [gitguard]\nINHERIT: [a]", "not a path"),
        ("plugins: gitguard", "`plugins` is not a list"),
        ("plugins: [{gitguard: {}, search: {}}]", "has 2 names"),
        ("plugins: [{group: {enabled: false, plugins: [gitguard]}}]", "turns it or its group off"),
        ("plugins: [{group: {plugins: [gitguard]}}]", "turns it or its group off"),
        ("plugins: [{gitguard: {enabled: false}}]", "turns it or its group off"),
        ("plugins: [{gitguard: {enabled: 'false'}}]", "`enabled` of the plugin gitguard is 'false'"),
        ("plugins: [{gitguard: {enabled: 0}}]", "`enabled` of the plugin gitguard is 0"),
        ("plugins: [{group: {enabled: 'yes', plugins: [gitguard]}}]", "`enabled` of the plugin group is 'yes'"),
        ("plugins: [{gitguard: {state_dir: a}}, {gitguard: {state_dir: b}}]", "lists the plugin gitguard 2 times"),
        ("plugins: [gitguard, {group: {enabled: true, plugins: [gitguard]}}]", "lists the plugin gitguard 2 times"),
        ("plugins: [{gitguard: [a]}]", "not a mapping"),
        ("site_name: 2026-99-99", "not YAML"),
        ("a: !unknown x", "not YAML"),
    ],
)
def test_doubt_is_an_error_and_not_another_site(tmp_path: Path, text: str, message: str) -> None:
    make_repository(tmp_path)
    (tmp_path / "mkdocs.yml").write_text(text)
    with pytest.raises(SettingError, match=message):
        site_to_build(tmp_path)


def test_the_name_that_mkdocs_takes_counts(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yaml").write_text("site_name: x\nplugins: [gitguard]\n")
    assert site_to_build(tmp_path) == tmp_path / "mkdocs.yaml"
    (tmp_path / "mkdocs.yml").write_text("site_name: y\nplugins: [gitguard]\n")
    assert site_to_build(tmp_path) == tmp_path / "mkdocs.yml"
    (tmp_path / "mkdocs.yml").write_text("site_name: y\n")
    with pytest.raises(SettingError, match=r"MkDocs takes mkdocs\.yml"):
        site_to_build(tmp_path)
    (tmp_path / "mkdocs.yml").unlink()
    (tmp_path / "mkdocs.yml").mkdir()
    with pytest.raises(SettingError, match="not a file"):
        site_to_build(tmp_path)


def test_a_variable_turns_the_plugin_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mkdocs.yml").write_text("plugins: [{group: {enabled: !ENV [ON, false], plugins: [gitguard]}}]\n")
    with pytest.raises(SettingError, match="off"):
        site_at(tmp_path)
    monkeypatch.setenv("ON", "true")
    site = site_at(tmp_path)
    assert site is not None
    assert site.variables == {"ON"}


def test_a_site_is_made_for_a_repository(tmp_path: Path) -> None:
    config = yaml.safe_load(site_to_build(make_repository(tmp_path / "billing")).read_text())
    assert config["site_name"] == "billing"
    assert config["plugins"][1]["gitguard"]["repositories"] == [str(tmp_path / "billing")]
    assert Path(config["docs_dir"]).is_dir()


def test_a_folder_of_repositories_shows_them_all(tmp_path: Path) -> None:
    make_repository(tmp_path / "b")
    make_repository(tmp_path / "a.git", is_bare=True)
    (tmp_path / "not-one").mkdir()
    assert repositories_at(tmp_path) == [str(tmp_path / "a.git"), str(tmp_path / "b")]


def test_below_a_repository_it_is_the_one_stood_in(tmp_path: Path) -> None:
    inner = make_repository(tmp_path) / "src" / "deep"
    inner.mkdir(parents=True)
    assert repositories_at(inner) == [str(tmp_path)]


def test_a_folder_without_repositories_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="gitguard init"):
        site_to_build(tmp_path)
    with pytest.raises(SettingError, match="not a folder"):
        site_to_build(tmp_path / "nowhere")
    with pytest.raises(SettingError, match="not a file"):
        site_to_build(tmp_path, tmp_path / "nowhere.yml")


def test_a_site_is_made_where_one_says(tmp_path: Path) -> None:
    made = site_to_build(make_repository(tmp_path / "billing"), cache_dir=tmp_path / "made")
    assert made == tmp_path / "made/preview/mkdocs.yml"
    (tmp_path / "made/site").symlink_to(tmp_path)
    with pytest.raises(SettingError, match="symbolic link"):
        site_to_build(tmp_path / "billing", cache_dir=tmp_path / "made")

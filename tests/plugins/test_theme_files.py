"""MkDocs takes the same files of a theme, whether hidden folders are looked through or not."""

from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment
from jinja2.nodes import Template
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import get_files
from mkdocs.theme import Theme

from mkdocs_gitguard.plugins import theme_files
from mkdocs_gitguard.plugins.theme_files import spare
from mkdocs_gitguard.state.compiled_templates import CompiledTemplates


def _config(folder: Path, theme: str) -> MkDocsConfig:
    (folder / "docs").mkdir(exist_ok=True)
    (folder / "mkdocs.yml").write_text(f"site_name: Acme\ntheme: {{name: {theme}, custom_dir: own}}\nplugins: []\n")
    return load_config(str(folder / "mkdocs.yml"))


def _files_of(config: MkDocsConfig) -> list[tuple[str, str | None]]:
    files = get_files(config)
    files.add_files_from_theme(config.theme.get_env(), config)
    return [(file.src_uri, file.abs_src_path) for file in files]


@pytest.mark.parametrize("theme", ["material", "mkdocs", "readthedocs"])
def test_the_same_files_are_copied(tmp_path: Path, theme: str) -> None:
    for path in ("own/a.css", "own/.hidden/b.css", "own/inner/.hidden/c.css", "own/inner/.d.css", "own/inner/e.css"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "f.css").write_text("x")
    (tmp_path / "own" / "linked").symlink_to(tmp_path / "elsewhere")
    before = _files_of(_config(tmp_path, theme))
    config = _config(tmp_path, theme)
    spare(config.theme)
    assert _files_of(config) == before
    assert {"a.css", "inner/e.css"} <= {path for path, _ in before}


def test_templates_in_hidden_folders_are_found_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "own" / ".icons").mkdir(parents=True)
    (tmp_path / "own" / ".icons" / "own.svg").write_text("<svg/>")
    config = _config(tmp_path, "material")
    spare(config.theme)
    env = config.theme.get_env()
    assert env.get_template(".icons/own.svg").render() == "<svg/>"
    assert env.get_template(".icons/material/account.svg").render().startswith("<svg")
    assert not any("/." in f"/{name}" for name in env.list_templates() if name.startswith(".icons"))


def test_each_template_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own").mkdir()
    monkeypatch.setattr(theme_files, "COMPILED", CompiledTemplates(tmp_path / "none"))
    compiled: list[str | None] = []
    generate = Environment._generate

    def counted(env: Environment, source: Template, name: str | None, *rest: Any, **named: Any) -> str:
        compiled.append(name)
        return generate(env, source, name, *rest, **named)

    monkeypatch.setattr(Environment, "_generate", counted)
    for expected in (["partials/languages/de.html", "partials/language.html"], []):
        config = _config(tmp_path, "material")
        spare(config.theme)
        config.theme["language"] = "de"
        # As Material's search does, for each word that it looks up.
        words = config.theme.get_env().get_template("partials/language.html", None, {"config": config}).module
        assert words.t("search.config.lang") == "de"
        assert {*compiled} >= {*expected}
        assert bool(compiled) is bool(expected)
        compiled.clear()


def test_a_theme_of_another_class_is_left_as_it_is(tmp_path: Path) -> None:
    class Others(Theme):
        pass

    (tmp_path / "own").mkdir()
    theme = Others(name="mkdocs")
    spare(theme)
    assert type(theme) is Others

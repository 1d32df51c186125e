"""What a repository's own manifests call it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.harvest.contents.manifests import LONGEST, describe, find_manifests

CATALOG = "kind: Component\nmetadata: {name: billing, description: Sends invoices}\n"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".github/settings.yml", "repository:\n  name: billing\n  description: Sends invoices\n"),
        (".asf.yaml", "github:\n  description: >\n    Sends\n    invoices\n"),
        ("catalog-info.yaml", CATALOG),
        ("catalog-info.yml", f"kind: Group\nmetadata: {{description: Our team here}}\n---\n{CATALOG}"),
        ("pyproject.toml", '[project]\nname = "billing"\ndescription = "Sends invoices"\n'),
        ("pyproject.toml", '[tool.poetry]\ndescription = "Sends invoices"\n'),
        ("Cargo.toml", '[package]\ndescription = """Sends\ninvoices"""\n'),
        ("Cargo.toml", '[workspace.package]\ndescription = "Sends invoices"\n'),
        ("package.json", '\ufeff{"private": true, "description": " Sends  invoices "}'),
        ("composer.json", '{"description": "Sends invoices"}'),
        ("setup.cfg", "[metadata]\nname = billing\ndescription = Sends invoices\nlong_description = file: README.md\n"),
        ("pubspec.yaml", "name: billing\ndescription: >-\n  Sends\n  invoices\n"),
        (
            "billing.gemspec",
            "Gem::Specification.new do |s|\n  s.description = 'A lot of words'\n  s.summary = 'Sends invoices'\n",
        ),
        ("billing.doap", '<Project><shortdesc xml:lang="en">Sends invoices</shortdesc></Project>'),
        ("billing.cabal", "name: billing\nsynopsis: Sends\n          invoices\nversion: 1\n"),
        ("DESCRIPTION", "Package: billing\nTitle: Sends invoices\n"),
    ],
)
def test_each_manifest(path: str, text: str) -> None:
    assert find_manifests(["src/main.py", path]) == [path]
    assert describe({path: text}) == "Sends invoices"


@pytest.mark.parametrize(
    "written",
    [
        "Add your description here",
        "TODO: Write a gem description",
        "A short description",
        "billing",
        "My new project",
        "{{ cookiecutter.description }}",
        "<your words here>",
        "Root package of it",
    ],
)
def test_what_a_template_left_is_no_description(written: str) -> None:
    assert describe({"package.json": json.dumps({"description": written})}) == ""


def test_the_first_that_says_something_counts() -> None:
    texts = {
        "package.json": '{"description": "For the web"}',
        "Cargo.toml": "[package",
        "catalog-info.yaml": "kind: [",
    }
    assert describe(texts) == "For the web"
    assert describe({**texts, "pyproject.toml": '[project]\ndescription = "For Python"\n'}) == "For Python"
    assert describe({**texts, ".asf.yaml": "github: {description: On the forge}"}) == "On the forge"


def test_a_catalog_of_several_things_describes_none() -> None:
    assert describe({"catalog-info.yaml": f"{CATALOG}---\n{CATALOG}"}) == ""


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "{" * 100_000, "a." * 60_000 + "b=1", "x = " + "[" * 50_000, "a: &a [*a]", "null", "- 1", "\x00"],
)
@pytest.mark.parametrize(
    "path", ["pyproject.toml", "package.json", "catalog-info.yaml", "setup.cfg", "a.gemspec", "a.doap"]
)
def test_what_cannot_be_read_tells_nothing(path: str, text: str) -> None:
    assert describe({path: text}) == ""


@given(st.text())
def test_any_description_is_one_bounded_line_that_can_be_written(written: str) -> None:
    described = describe({"galaxy.yml": f"description: {written}", "a.cabal": f"synopsis: {written}"})
    described.encode()
    assert len(described) <= LONGEST
    assert "\n" not in described


def test_half_a_character_is_replaced() -> None:
    assert describe({"package.json": r'{"description": "Sends \ud800 invoices"}'}) == "Sends ? invoices"

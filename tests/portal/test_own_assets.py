"""The portal's own scripts and style sheets on a site."""

from importlib.resources import files

import pytest

from mkdocs_gitguard.portal.own_assets import own_asset, own_text

FOLDER = files("mkdocs_gitguard.portal") / "assets"
NAMES = sorted(path.name for path in FOLDER.iterdir() if path.name.endswith((".css", ".js")))


@pytest.mark.parametrize("name", NAMES)
def test_comments_and_indentation_are_left_out_and_nothing_else(name: str) -> None:
    lines = own_text(name).splitlines()
    assert not [line for line in lines if line.startswith((" ", "\t", "//", "/*")) or not line]
    original = [line.strip() for line in (FOLDER / name).read_text("utf-8").splitlines()]
    left_out = [line for line in original if line and line not in set(lines)]
    is_inside, odd = False, []
    for line in left_out:
        is_inside = is_inside or line.startswith("/*")
        if not is_inside and not line.startswith("//"):
            odd.append(line)
        is_inside = is_inside and not line.endswith("*/")
    assert odd == []


def test_texts_over_several_lines_are_html_and_css_to_which_indentation_is_nothing() -> None:
    scripts = {name: own_text(name).splitlines() for name in NAMES if name.endswith(".js")}
    several = {name for name, lines in scripts.items() if any(line.count("`") % 2 for line in lines)}
    assert several == {"diagrams.js", "explorer.js"}


def test_an_asset_stands_below_the_portals_own_folder() -> None:
    asset = own_asset("portal.css", "style")
    assert (asset.path, asset.load) == ("assets/gitguard/portal.css", "style")
    assert len(asset.data) < 0.9 * len((FOLDER / "portal.css").read_bytes())

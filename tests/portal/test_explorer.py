"""The explorer's script knows every relation that the Graph API has."""

import re
from importlib.resources import files

from mkdocs_gitguard.model import INVERSE


def test_every_relation_has_words_and_a_side() -> None:
    script = (files("mkdocs_gitguard.portal") / "assets/explorer.js").read_text()
    known = re.findall(r'^    (\w+): \["[a-z ]+", "(left|right)"\],$', script, re.MULTILINE)
    sides = dict(known)
    assert sides.keys() == {*INVERSE, *INVERSE.values()}
    assert all({sides[one], sides[other]} == {"left", "right"} for one, other in INVERSE.items())

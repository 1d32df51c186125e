"""Links to a forge are made from patterns; whatever a repository says is percent-encoded."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.model import Forge, edit_url, file_url, tag_url
from mkdocs_gitguard.model.printable import printable

HOME = "https://github.com/acme/billing"
FORGE = Forge(
    name="github",
    web_url=HOME,
    file=f"{HOME}/blob/{{sha}}/{{path}}",
    line="#L{first}",
    lines="#L{first}-L{last}",
    tag=f"{HOME}/releases/tag/{{tag}}",
    edit=f"{HOME}/edit/{{branch}}/{{path}}",
)


@pytest.mark.parametrize(
    ("path", "encoded"),
    [
        ("src/a.py", "src/a.py"),
        ("a b#?%.py", "a%20b%23%3F%25.py"),
        ("line\nbreak", "line%0Abreak"),
        ("back\\slash", "back%5Cslash"),
        ("\udcff.txt", "%FF.txt"),
        ("é/\u202e", "%C3%A9/%E2%80%AE"),
    ],
)
def test_a_path_leads_to_what_git_calls_it(path: str, encoded: str) -> None:
    assert file_url(FORGE, "0" * 40, printable(path)) == f"{HOME}/blob/{'0' * 40}/{encoded}"


@given(st.text(st.sampled_from("/~._-%aZ09 é\n")))
def test_whatever_stands_in_a_url_is_percent_encoded(text: str) -> None:
    assert file_url(FORGE, "main", text) == f"{HOME}/blob/main/{quote(text, safe='/')}"
    assert tag_url(FORGE, text) == f"{HOME}/releases/tag/{quote(text, safe='')}"


def test_lines_branches_and_tags() -> None:
    assert file_url(FORGE, "main", "a", 3) == f"{HOME}/blob/main/a#L3"
    assert file_url(FORGE, "main", "a", 3, 7) == f"{HOME}/blob/main/a#L3-L7"
    assert edit_url(FORGE, "feature/x", "a.md") == f"{HOME}/edit/feature%2Fx/a.md"
    assert tag_url(FORGE, "v1/<b>") == f"{HOME}/releases/tag/v1%2F%3Cb%3E"


def test_without_a_forge_there_are_no_links() -> None:
    assert file_url(None, "main", "a") == ""
    assert edit_url(None, "main", "a") == ""
    assert edit_url(FORGE, "", "a") == ""

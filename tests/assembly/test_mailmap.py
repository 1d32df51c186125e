"""Mailmaps mean what git says they mean."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from make.git import git, make_repository

from mkdocs_gitguard.assembly.mailmap import Mailmap

EXAMPLES = """
# Joe's addresses
Joe R. Developer <joe@example.com>
<joe@example.com> <bugs@example.com>
Jane Doe <jane@example.com> <jane@laptop.(none)>
Jane Doe <jane@example.com> Jane <bugs2@example.com>
Joe <joe@example.com> <BUGS2@example.com>   # comment
nonsense
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("joe", "joe@example.com"), ("Joe R. Developer", "joe@example.com")),
        (("x", "Bugs@Example.com"), ("x", "joe@example.com")),
        (("jd", "jane@laptop.(none)"), ("Jane Doe", "jane@example.com")),
        (("JANE", "bugs2@example.com"), ("Jane Doe", "jane@example.com")),
        (("other", "bugs2@example.com"), ("Joe", "joe@example.com")),
        (("stranger", "s@example.com"), ("stranger", "s@example.com")),
    ],
)
def test_examples(before: tuple[str, str], after: tuple[str, str]) -> None:
    assert Mailmap(EXAMPLES).proper(*before) == after


NAMES = st.sampled_from(["", "Mira", "mira", "Mira Chen", "Ä B", "#no", "a "])
EMAILS = st.sampled_from(["a@x", "A@x", "b@x", "", "c d@x"])
LINES = st.one_of(
    st.builds("{} <{}>".format, NAMES, EMAILS),
    st.builds("<{}> <{}>".format, EMAILS, EMAILS),
    st.builds("{} <{}> <{}>".format, NAMES, EMAILS, EMAILS),
    st.builds("{} <{}> {} <{}>".format, NAMES, EMAILS, NAMES, EMAILS),
    st.sampled_from(
        ["", "# x <a@x>", "  Mira <a@x>", "Mira a@x", "Mira <a@x", "Q <q@x> # <b@x>", "Mira <a@x> trailing"]
    ),
)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_repository(tmp_path_factory.mktemp("mailmap"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(lines=["Mira <a@x> <b@x>", "<c d@x> mira <b@x>"], who=[("mira", "b@x"), ("x", "B@x")])
@given(lines=st.lists(LINES, max_size=6), who=st.lists(st.tuples(NAMES, EMAILS), min_size=1, max_size=6))
def test_git_agrees(repository: Path, lines: list[str], who: list[tuple[str, str]]) -> None:
    text = "\n".join(lines) + "\n"
    (repository / ".mailmap").write_text(text)
    mailmap = Mailmap(text)
    asked = [(name.strip(), email) for name, email in who if email and name.strip()]
    if not asked:
        return
    answers = git(repository, "check-mailmap", "--stdin", stdin="".join(f"{name} <{email}>\n" for name, email in asked))
    assert ["{} <{}>".format(*mailmap.proper(*identity)) for identity in asked] == answers.splitlines()


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert Mailmap(text).proper("a", "")[0] is not None

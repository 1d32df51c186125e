"""Pages on their way from one process to another."""

from mkdocs_gitguard.model import Finding
from mkdocs_gitguard.plugins.page_maker import MadePage, UnmadePage, packed, unpacked
from mkdocs_gitguard.portal.recording import Read
from mkdocs_gitguard.site_build.keep import KeptPage
from mkdocs_gitguard.state.file_state import FileState


def test_a_page_arrives_as_it_was_made() -> None:
    failure = Finding(code="x", severity="warning", message="It is.", hint="Leave it.")
    kept = KeptPage(
        path="a/b", file="a/b/index.html", state=FileState(1, 2, 3, 4), digest=b"\xff", diagrams=2, failures=(failure,)
    )
    made = MadePage(kept, (Read("index", "labels", "x\0y"), Read("whole", "heads", "")))
    arrived = unpacked(packed(made))
    assert arrived == made
    assert isinstance(arrived, MadePage)
    assert all(type(read) is Read for read in arrived.reads), "one that is told to the user says what it asks"


def test_a_page_that_could_not_be_made_arrives_with_its_reason() -> None:
    unmade = UnmadePage("a", "a/index.html", "ValueError: \N{SNOWMAN}")
    arrived = unpacked(packed(unmade))
    assert arrived == unmade
    assert isinstance(arrived, UnmadePage)

"""Code owners on the portal."""

import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from make.portal import html_of, pages_of
from make.snapshot import NOW, OWNERS_FILE, TEAM, owned
from msgspec.structs import replace

from mkdocs_gitguard.model import (
    ALL_VIEWS,
    FileAuthor,
    FileEntry,
    Flags,
    Graph,
    Owner,
    OwnerShare,
    Policy,
    Snapshot,
    SourceSpan,
)
from mkdocs_gitguard.portal import Pages
from mkdocs_gitguard.portal.lists.ownership import load_of, share
from mkdocs_gitguard.portal.now import Now


def portal(text: str | None = OWNERS_FILE, flags: Flags = ALL_VIEWS, **more: tuple[Owner, ...]) -> Pages:
    return pages_of(owned(text, **more), flags=flags)


def page(site: Pages, path: str) -> str:
    return html_of(site, path)


def words(html: str) -> str:
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", " ", html))


def test_index_shows_load_and_state() -> None:
    text = words(page(portal(), "ownership"))
    for row in (
        "acme/platform team active 1 20.0\u00a0% 1 2026-11-20",
        "Ann person active 1 20.0\u00a0% 1 2026-11-20",
        "Bob person inactive 2 40.0\u00a0% 1 2024-06-06",
        "acme/billing CODEOWNERS 80.0\u00a0% 5 6 1 1",
    ):
        assert row in text


def test_a_repositorys_page_tells_every_rule_and_why_it_does_nothing() -> None:
    html = page(portal(), "ownership/acme/billing")
    text = words(html)
    assert "https://github.com/acme/billing/blob/" + "a" * 40 + "/CODEOWNERS#L3" in html
    assert "3 /docs/old/ dead matches no file" in text
    assert "1 * 1 file src/a.py acme/platform 1 of 5 that match" in text
    assert "6 /open/ 1 file open/x no owner 1" in text
    assert "80.0\u00a0% of 5" in text
    assert "Without an owner" in text
    assert "2 /docs/ 1 Bob Ann 7, last" in text
    assert "Without one person, more than half of the 2 files" in text


def test_the_tree_and_the_changed_files_name_the_owners_of_files_whose_folder_has_several() -> None:
    snapshot = owned("* @ann\n/docs/a.md @bob\n")
    (repository,) = snapshot.repositories
    files = tuple(FileEntry(path=path) for path in ("docs/a.md", "docs/b.md", "src/a.py"))
    site = pages_of(replace(snapshot, repositories=(replace(repository, files=files),)))
    text = words(page(site, "repository/acme/billing"))
    assert "docs / 2 files Ann 1, Bob 1" in text
    assert "src / 1 file Ann a.py" in text
    text = words(page(site, "pull-request/acme/billing/2"))
    assert "docs/c.txt Ann" in text
    assert "open / 1 file Ann x" in text


def test_a_shadowed_rule_links_to_the_line_that_decides() -> None:
    html = page(portal("/docs/a.md @ann\n/docs/ @bob\n"), "ownership/acme/billing")
    assert "matches 1 file, decided by line 2" in words(html)
    assert '<a href="#line-2">2</a>' in html
    assert 'id="line-2"' in html


@pytest.mark.parametrize(
    ("number", "sentences"),
    [
        (3, ("acme/platform wrote it ( Ann )", "An owner wrote or merged it.")),
        (2, ("Bob 1 file", "No owner wrote or merged it.", "1 touched file has no owner")),
        (1, ("None of the touched paths has an owner.",)),
    ],
)
def test_a_pull_requests_page_tells_owners_and_whether_one_took_part(number: int, sentences: tuple[str, ...]) -> None:
    text = words(page(portal(), f"pull-request/acme/billing/{number}"))
    for sentence in sentences:
        assert sentence in text


def test_a_team_of_unknown_people_may_have_taken_part() -> None:
    site = portal("* @acme/strangers\n")
    text = words(page(site, "pull-request/acme/billing/3"))
    assert "who is in acme/strangers is not known here" in text
    assert "unknown" in words(page(site, "owner/team/acme/strangers"))
    assert "it cannot be told" in words(page(site, "ownership/acme/billing"))


def test_an_owners_page_tells_what_they_own_and_what_changed_there() -> None:
    text = words(page(portal(), "owner/user/bob"))
    assert "2 files in 1 repository. inactive" in text
    assert "/docs/ , /docs/a.md 1 rule without effect" in text
    assert "#2 Change 2" in text
    assert "#3 Change 3" not in text


def test_repository_and_home_say_it_in_short() -> None:
    assert "80.0\u00a0% of 5 files have an owner by CODEOWNERS :" in words(page(portal(), "repository/acme/billing"))
    assert "1 owner not seen for over a year" in words(page(portal(), ""))


def test_no_file_is_shown_as_a_normal_state() -> None:
    site = portal(None)
    assert "That is a normal state." in words(page(site, "ownership/acme/billing"))
    assert "There is no CODEOWNERS file." in words(page(site, "repository/acme/billing"))
    assert "Code owners" not in words(page(site, "pull-request/acme/billing/3"))
    assert "No repository names a code owner." in words(page(site, "ownership"))


def test_without_the_flag_nothing_of_it_shows() -> None:
    site = portal(flags=Flags())
    assert not [path for path in site.by_path if path.startswith("ownership")]
    for path in ("", "repository/acme/billing", "pull-request/acme/billing/3", "owner/user/bob"):
        assert "Code owners" not in page(site, path)


def test_hostile_text_is_escaped() -> None:
    hostile = Owner(id="owner:user/evil", type="user", name="<script>x</script>", logins=("evil",))
    site = portal("/<img\tsrc=x>/ @a\n/<b>src/ @evil\n/src/ @evil\n[<i>] @evil\n", owners=(hostile,))
    for path in ("ownership", "ownership/acme/billing", "pull-request/acme/billing/3", "owner/user/evil"):
        html = page(site, path)
        assert "<script>x" not in html
        assert "<b>src" not in html
        assert "<img" not in html


def test_state_moves_with_the_moment_and_not_with_the_snapshot() -> None:
    graph = Graph(owned())
    assert load_of(graph, Now(NOW), TEAM).state == "active"
    assert load_of(graph, Now(NOW + timedelta(days=400)), TEAM).state == "inactive"


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 0, "\u2013"),
        (0, 9, "0\u00a0%"),
        (9, 9, "100\u00a0%"),
        (1, 100_000, "0.1\u00a0%"),
        (99_999, 100_000, "99.9\u00a0%"),
        (1, 3, "33.3\u00a0%"),
    ],
)
def test_shares_never_round_to_none_or_all(part: int, whole: int, text: str) -> None:
    assert share(part, whole) == text


def with_authors(snapshot: Snapshot) -> Snapshot:
    """A person who is there has changed each file four times in the year before the head, a bot oftener."""
    names = [name for one in snapshot.ownership for name in ("open/x", "docs/a.md", "src/a.py")]
    ann = FileAuthor(owner="owner:user/ann", changes=4, last_at=NOW)
    evil = FileAuthor(owner="owner:user/evil~1", changes=4, last_at=NOW)
    files = tuple(FileEntry(path=name, authors=(ann, evil)) for name in names)
    [repository] = snapshot.repositories
    stranger = Owner(id="owner:user/evil~1", type="user", name="<b>E\nvil</b>", last_at=NOW)
    return replace(
        snapshot,
        owners=(*snapshot.owners, stranger),
        repositories=(replace(repository, files=files, head_at=NOW),),
    )


def test_owners_are_suggested_for_what_no_line_is_about_with_lines_to_copy() -> None:
    html = page(pages_of(with_authors(owned("/src/ @ann\n/docs/\n"))), "ownership/acme/billing")
    lines = BeautifulSoup(html, "html.parser").select_one("[data-gg-copy]").get_text().split("\n")
    # Of what a line leaves without an owner nothing is said; who has no login stands in a comment.
    assert lines == [
        "# @ann: 4 commits, 50% of the changes, the last on 2026-11-23",
        r"# <b>E\x0avil</b> (no login on github.com is known): 4 commits, 50% of the changes, the last on 2026-11-23",
        "/open/ @ann",
    ]
    assert "<b>E" not in html
    assert "that no file that has an owner gets another" in words(html)


def test_the_page_of_gaps_says_who_may_own_policies_that_nobody_does() -> None:
    snapshot = with_authors(owned("/src/ @ann\n"))
    [repository] = snapshot.repositories
    span = SourceSpan(repository=repository.id, path="open/x", first_line=1, last_line=1, commit="a" * 40, blob="b")
    policy = Policy(
        id="policy:acme/billing/rego/x", repository=repository.id, format="rego", type="package", name="x", span=span
    )
    snapshot = replace(snapshot, policies=(policy,))
    html = page(pages_of(snapshot), "gap")
    fold = BeautifulSoup(html, "html.parser").select_one("[data-gg-copy]")
    # The other places of the repository hold no policy.
    assert fold.get_text().split("\n")[-1] == "/open/ @ann"
    assert "/docs/" not in fold.get_text()
    assert "gitguard owners suggest --format codeowners | git apply does it for all of the repository" in words(html)
    assert "<b>E" not in html
    hidden = page(pages_of(snapshot, flags=replace(ALL_VIEWS, owners=False)), "gap")
    assert "data-gg-copy" not in hidden


def test_without_a_file_it_is_told_where_one_goes_and_without_anybody_nothing_is_said() -> None:
    html = page(pages_of(with_authors(owned(None))), "ownership/acme/billing")
    assert "Lines for a new file .github/CODEOWNERS ." in words(html)
    assert "/open/ @ann" in html
    assert "/src/ @ann" in html
    assert "Suggested owners" not in page(portal(None), "ownership/acme/billing")


def test_home_names_the_first_twenty_owners_who_were_not_seen_for_long() -> None:
    long_ago = NOW - timedelta(days=800)
    gone = [Owner(id=f"owner:user/gone{n}", type="user", name=f"Gone {n}", last_at=long_ago) for n in range(50)]
    before = owned().ownership[0]
    shares = tuple(OwnerShare(owner=owner.id, files=1) for owner in gone)
    snapshot = replace(owned(), owners=tuple(gone), ownership=(replace(before, owners=shares),))
    home = html_of(pages_of(snapshot), "")
    panel = home[home.index("50 owners not seen for over a year") :]
    assert panel.count("Gone ") == 20
    assert "and 30 more" in panel

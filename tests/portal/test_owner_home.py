"""A person's and a team's page as a home."""

import re
from datetime import timedelta

from make.portal import html_of, pages_of
from make.snapshot import NOW, TEAM, owned
from msgspec.structs import replace

from mkdocs_gitguard.model import Finding, Owner, Relation

FINDING = Finding(
    code="x",
    severity="warning",
    message="It is broken.",
    hint="",
    repository="repository:acme/billing",
    path="src/a.py",
)
PATH = "owner/team/acme/platform"


def words(html: str) -> str:
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", " ", html))


def test_it_tells_what_changed_in_seven_and_thirty_days_and_folds_bots() -> None:
    snapshot = owned()
    bot = Owner(id="owner:user/bump", type="user", name="bump", is_bot=True)
    first, *rest = snapshot.pull_requests
    old = replace(first, id="pull-request:acme/billing/9", number=9, title="Older", merged_at=NOW - timedelta(days=20))
    bump = replace(first, id="pull-request:acme/billing/8", number=8, title="Bump", author=bot.id)
    [ownership] = snapshot.ownership
    of_first = next(one for one in ownership.pull_requests if one.pull_request == first.id)
    touched = (
        *ownership.pull_requests,
        replace(of_first, pull_request=old.id),
        replace(of_first, pull_request=bump.id),
    )
    pages = pages_of(
        replace(
            snapshot,
            owners=(*snapshot.owners, bot),
            pull_requests=(first, bump, *rest, old),
            ownership=(replace(ownership, pull_requests=touched),),
        )
    )
    html = html_of(pages, PATH)
    text = words(html)
    assert "In 7 days: 2 pull requests" in text
    assert "In 30 days: 3 pull requests" in text
    assert "and 1 further one by people." in text
    assert "1 pull request by bots" in text
    assert html.index("Older") > html.index("last-30-days")


def test_it_tells_what_is_wrong_in_files_that_are_theirs_alone() -> None:
    pages = pages_of(replace(owned(), findings=(FINDING, replace(FINDING, path="docs/a.md", message="Not theirs."))))
    text = words(html_of(pages, PATH))
    assert "What is wrong there" in text
    assert "It is broken." in text
    assert "Not theirs." not in text


def test_findings_of_one_cause_are_one_row_that_names_the_first_places() -> None:
    many = tuple(replace(FINDING, line=number) for number in range(1, 6))
    html = html_of(pages_of(replace(owned(), findings=many)), PATH)
    text = words(html)
    assert (text.count("It is broken."), text.count(f"{FINDING.path}:")) == (1, 3)
    assert "and 2 more" in text


def test_a_team_without_codeowners_shows_what_its_members_merged() -> None:
    snapshot = owned(None)
    relation = Relation(type="member_of", source="owner:user/ann", target=TEAM)
    text = words(html_of(pages_of(replace(snapshot, relations=(*snapshot.relations, relation))), PATH))
    assert "What their members merged" in text
    assert "#3 Change 3" in text

"""No page grows without bound with what it shows, and what one page does not show stands on further ones."""

import gc
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from functools import cache, partial
from itertools import pairwise
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from bs4 import BeautifulSoup, SoupStrainer
from make.portal import html_of, pages_of
from make.snapshot import ACME, NOW
from msgspec.structs import replace

from mkdocs_gitguard.model import (
    Change,
    Contribution,
    Decision,
    FileChange,
    FileEntry,
    Finding,
    Owner,
    OwnerShare,
    Ownership,
    OwnershipArea,
    OwnershipFault,
    OwnershipRule,
    OwnershipSection,
    PhaseChange,
    Policy,
    PullRequest,
    PullRequestOwnership,
    Relation,
    Repository,
    RolloutStatus,
    Snapshot,
    SourceSpan,
    Subject,
    Tag,
    path_of,
)
from mkdocs_gitguard.portal import Pages
from mkdocs_gitguard.portal.lists.parts import first_part

BUSY = "owner:user/u000"
TEAM = "owner:team/acme/all"
LIBRARY = "repository:acme/r000"
APPLYING = "policy:acme/r000/rego/p000"
FEW = 350
"""Enough for further pages of every table."""


def many_or_one(repository: Repository, names: list[str]) -> list[str]:
    return names if repository.id == LIBRARY else names[:1]


def large(number: int) -> Snapshot:
    """So many of everything, one of each with so many of everything else."""
    names = [f"{place:03}" for place in range(number)]
    owners = [
        Owner(
            id=f"owner:user/u{name}",
            type="user",
            name=f"User {name}",
            is_bot=place % 3 == 1,
            last_at=NOW - timedelta(days=800) if place % 3 == 2 else None,
        )
        for place, name in enumerate(names)
    ]
    teams = [Owner(id=f"owner:team/acme/t{name}", type="team", name=f"acme/t{name}") for name in names]
    owners[0] = replace(owners[0], teams=tuple(team.id for team in teams))
    all_owners = tuple(owner.id for owner in owners)
    rules = tuple(
        OwnershipRule(
            line=place + 1,
            pattern=f"/{name}/",
            owners=(owner.id,) if place else all_owners,
            files=1,
            state="wins",
        )
        for place, (name, owner) in enumerate(zip(names, owners, strict=True))
    )
    idle = tuple(
        OwnershipRule(line=number + 1 + place, pattern=f"/{name}/", owners=(BUSY,), state="shadowed", by=(place + 1,))
        for place, name in enumerate(names)
    )
    contributors = tuple(Contribution(owner=one.id, commits=2, first_at=NOW, last_at=NOW) for one in owners)
    repositories = tuple(
        Repository(
            id=f"repository:acme/r{name}",
            namespace="acme",
            name=f"r{name}",
            head="c" * 40,
            head_at=NOW,
            contributors=contributors if name == "000" else contributors[:1],
            files=tuple(FileEntry(path=f"{folder}/{file}") for folder in names for file in "ab")
            if name == "000"
            else (),
            tags=tuple(
                Tag(name=f"v{tag}", commit="c" * 40, at=NOW, is_release=True)
                for tag in (names if name == "000" else names[:1])
            ),
        )
        for name in names
    )
    changes = tuple(
        PullRequest(
            id=f"pull-request:acme/r000/{place}",
            repository=LIBRARY,
            number=place,
            title="Round",
            author=BUSY,
            co_authors=all_owners if place == number else (),
            reverts=number if place < number else None,
            merged_at=NOW - timedelta(seconds=number - place),
            commit=f"{place:040x}",
            files=tuple(FileChange(path=f"{file}.py", status="modified") for file in names) if place == number else (),
            evidence="github-merge-commit",
            confidence="high",
        )
        for place in range(number, 0, -1)
    )
    shares = tuple(OwnerShare(owner=owner, files=1) for owner in all_owners)
    ownership = tuple(
        Ownership(
            repository=one.id,
            path="CODEOWNERS",
            files=number,
            owned=number,
            rules=(*rules, *idle) if one.id == LIBRARY else rules[:1],
            owners=shares if one.id == LIBRARY else (OwnerShare(owner=BUSY, files=1),),
            areas=(
                OwnershipArea(path="", files=number, owned=number, is_split=True),
                *(OwnershipArea(path=name, files=1, owned=1) for name in many_or_one(one, names)),
            ),
            pull_requests=(PullRequestOwnership(pull_request=changes[0].id, owners=shares),)
            if one.id == LIBRARY
            else (),
            faults=tuple(OwnershipFault(line=1, column=1, kind="x", message=name) for name in many_or_one(one, names)),
            sections=tuple(OwnershipSection(name=name, line=1) for name in many_or_one(one, names)),
        )
        for one in repositories
    )
    span = SourceSpan(repository=LIBRARY, path="p.rego", first_line=1, last_line=9, commit="c" * 40, blob="b" * 40)
    policies = [
        Policy(
            id=f"policy:acme/r000/rego/p{name}",
            repository=LIBRARY,
            format="rego",
            type="package",
            name=f"p{name}",
            span=span,
            changes=(Change(commit="c" * 40, at=NOW),),
            owners=() if name != "000" else all_owners,
        )
        for name in names
    ]
    policies += [
        Policy(
            id=f"policy:acme/r{name}/rego/own",
            repository=f"repository:acme/r{name}",
            format="rego",
            type="package",
            name="own",
            span=span,
        )
        for name in names[1:]
    ]
    decisions = tuple(
        Decision(
            id=f"decision:acme/{name}",
            format="conftest",
            outcome="deny",
            at=NOW,
            policy_key=f"rego:{name}",
            reason="nobody knows it",
            resolution="unresolved",
            subject=Subject(repository=LIBRARY),
        )
        for name in names
    )
    relations = [Relation(type="subject_to", source=one.id, target=APPLYING) for one in repositories]
    relations += [Relation(type="member_of", source=one.id, target=TEAM) for one in owners]
    return Snapshot(
        organization=ACME,
        repositories=repositories,
        owners=(*owners, *teams, Owner(id=TEAM, type="team", name="acme/all")),
        pull_requests=changes,
        policies=tuple(sorted(policies, key=lambda one: one.id)),
        decisions=decisions,
        ownership=ownership,
        relations=tuple(relations),
        findings=tuple(
            Finding(code="x", severity="warning", message=f"Finding {name}.", repository=LIBRARY) for name in names
        ),
    )


@cache
def portal(number: int) -> Pages:
    step = PhaseChange(at=NOW, action="promote", before="a", after="b", who="mira", why="because")
    rollout = RolloutStatus(phase="preview", phase_origin="x", may_publish=False, changes=(step,) * number)
    return pages_of(large(number), rollout=rollout, pull_request_pages=2, decision_pages=2)


@pytest.fixture(scope="module", autouse=True)
def _let_go() -> Iterator[None]:
    """Keep no portal of a thousand of everything beyond this module: all that comes after would go through it."""
    yield
    portal.cache_clear()
    gc.collect()


def kinds_of_pages(number: int) -> dict[str, list[str]]:
    """Return some pages of each kind; the one of each that has most is a kind of its own."""
    special = {path_of(node) for node in (BUSY, TEAM, LIBRARY, APPLYING)}
    special |= {path_of(f"{section}:acme/r000") for section in ("policy", "pull-request", "ownership")}
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for path in portal(number).by_path:
        kinds[path if path in special else re.sub(r"\d+", "N", path)].append(path)
    return {kind: [*paths[:2], *paths[-1:]] for kind, paths in kinds.items()}


@pytest.mark.slow
def test_a_page_has_no_more_bytes_for_more_data() -> None:
    few, many = (
        {
            kind: max(len(html_of(portal(number), path)) for path in paths)
            for kind, paths in kinds_of_pages(number).items()
        }
        for number in (600, 1000)
    )
    grown = {kind: (few[kind], size) for kind, size in many.items() if size > 1.03 * few.get(kind, size) + 500}
    assert grown == {}
    assert max(many.values()) < 350_000


REPOSITORY = r'href="[^"]*acme/r(\d{3})/"'
OWNER = r'href="[^"]*user/u(\d{3})/"'


@pytest.mark.parametrize(
    ("first", "table", "row"),
    [
        ("repository", "", REPOSITORY),
        ("pull-request", "repositories", r"<bdi>acme/r(\d{3})</bdi>"),
        ("pull-request/acme/r000/year-2026", "", r">#(\d+)<"),
        ("policy", "by-repository", r'href="[^"]*acme/r(\d{3})/"'),
        ("policy/acme/r000", "", r"rego/p(\d{3})/"),
        ("owner", "", OWNER),
        ("owner", "bots", OWNER),
        ("owner", "teams", r'href="[^"]*team/acme/t(\d{3})/"'),
        ("ownership", "", OWNER),
        ("ownership", "repositories", r'href="[^"]*acme/r(\d{3})/"'),
        ("ownership/acme/r000", "owners", OWNER),
        ("ownership/acme/r000", "idle", r"<bdi>/(\d{3})/</bdi>"),
        ("ownership/acme/r000", "rules", r'id="line-(\d+)"'),
        ("finding/x", "", r"Finding (\d{3})\."),
        ("gap/owner", "", r"policy/acme/r(\d{3})/rego/own/"),
        ("gap/tests", "", r"policy/acme/r(\d{3})/rego/own/"),
        ("gap/description", "", r"policy/acme/r(\d{3})/rego/own/"),
        ("gap/unresolved", "", r"rego:(\d{3})"),
        (path_of(BUSY), "repositories", REPOSITORY),
        (path_of(BUSY), "owns", r'ownership/acme/r(\d{3})/"'),
        (path_of(APPLYING), "applies-to", REPOSITORY),
    ],
)
def test_every_row_stands_on_a_page_that_the_first_leads_to(first: str, table: str, row: str) -> None:
    paths = [path for path in portal(FEW).by_path if re.fullmatch(rf"{first}(/{table and table + '-'}page-\d+)?", path)]
    assert len(paths) > 1
    html = cache(partial(html_of, portal(FEW)))
    rows = [set(re.findall(row, html(path))) for path in paths]
    everything = set().union(*rows)
    wanted = {"bots": FEW // 3, "rules": 2 * FEW, "owner": FEW // 2}
    wanted |= dict.fromkeys(("gap/owner", "gap/tests", "gap/description"), FEW - 1)
    assert len(everything) >= wanted.get(table or first, FEW)
    assert all(one & other <= rows[0] for one, other in pairwise(rows[1:]))
    reached, waiting = set(), [first]
    while waiting:
        path = waiting.pop()
        if path in reached:
            continue
        reached.add(path)
        page = BeautifulSoup(html(path), "html.parser", parse_only=SoupStrainer("p", class_=re.compile("gg-parts")))
        for link in page.select("a"):
            url, anchor = urldefrag(urljoin(f"/{path}/", link["href"]))
            target = unquote(url).strip("/")
            assert not anchor or f'id="{anchor}"' in html(target)
            waiting.append(target)
    assert set(paths) <= reached


def test_no_page_has_more_than_300_stops_for_the_keyboard_without_scripts() -> None:
    stop = re.compile(r'<(?:a\b[^>]*\bhref|button|input|select|summary)\b(?![^>]*tabindex="-1")')
    paths = [path for some in kinds_of_pages(FEW).values() for path in some]
    stops = {path: len(stop.findall(html_of(portal(FEW), path))) for path in paths}
    assert {path: number for path, number in stops.items() if number > 300} == {}


def test_a_row_leads_to_another_on_its_page() -> None:
    html = html_of(portal(FEW), "ownership/acme/r000/idle-page-2")
    hrefs = {link["href"] for link in BeautifulSoup(html, "html.parser").select("td a[href*='#line-']")}
    assert len(hrefs) == 15
    for href in hrefs:
        url, anchor = urldefrag(urljoin("/ownership/acme/r000/idle-page-2/", href))
        assert f'id="{anchor}"' in html_of(portal(FEW), url.strip("/"))


def test_the_links_to_parts_are_few_however_many_there_are() -> None:
    part = first_part("repository", 100_000)._replace(number=250)
    assert [number for number, _, _ in part.places] == [1, 0, *range(247, 254), 0, 800]
    assert first_part("repository", 0).of == 1
    assert [number for number, _, _ in first_part("repository", 375).places] == [1, 2, 3]

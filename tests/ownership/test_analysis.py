from collections import defaultdict
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mkdocs_gitguard.codeowners import CodeownersFile, parse
from mkdocs_gitguard.codeowners.ruleset import read_code_owners
from mkdocs_gitguard.model import FileChange, Owner, PullRequest
from mkdocs_gitguard.ownership import Authored, OwnerNames, OwnershipInput, analyse, problems
from mkdocs_gitguard.ownership.areas import AreaTree
from mkdocs_gitguard.ownership.authorship import truck_factor
from mkdocs_gitguard.ownership.participation import KnownParticipation
from mkdocs_gitguard.ownership.rule_states import rule_states_of

REPOSITORY = "repository:acme/billing"
TEAM = "owner:team/acme/platform"


def given_files(text, *files, path="CODEOWNERS", dialect="github", **more):
    data = text.encode()
    file = CodeownersFile(path=path, mode="100644", size=len(data), data=data)
    return of_files(*sorted(files), codeowners=(file,), dialect=dialect, **more)


def of_files(*files, codeowners=(), dialect="github", folders=(), **more):
    code_owners = read_code_owners(codeowners, dialect, repository=REPOSITORY, folders=folders)
    return OwnershipInput(repository=REPOSITORY, files=files, code_owners=code_owners, **more)


def analysed(text, *files, owners=(), **more):
    return analyse(given_files(text, *files, **more), OwnerNames(owners))


def states(result):
    return {rule.line: (rule.state, rule.files, rule.matched, rule.by) for rule in result.ownership.rules}


def pull_request(*paths, author="", co_authors=(), merger="", number=1):
    return PullRequest(
        id=f"pull-request:acme/billing/{number}",
        repository=REPOSITORY,
        number=number,
        title="Change",
        author=author,
        co_authors=co_authors,
        merger=merger,
        merged_at=datetime(2026, 1, 1, tzinfo=UTC),
        commit="0" * 40,
        files=tuple(FileChange(path=path, status="modified") for path in paths),
        evidence="test",
        confidence="high",
    )


def test_every_rule_has_a_state_and_its_rivals():
    result = analysed(
        "* @all\n/docs/ @docs\n*.md @prose\n/src/old/ @old\n/docs/ @docs2\n/docs/api/ @api\ndocs/*.md @one\n",
        "README.md",
        "docs/index.md",
        "docs/api/x.md",
        "src/a.py",
    )
    assert states(result) == {
        1: ("wins", 1, 4, ()),
        2: ("duplicate", 0, 2, (5,)),
        3: ("wins", 1, 3, ()),
        4: ("dead", 0, 0, ()),
        5: ("shadowed", 0, 2, (6, 7)),
        6: ("wins", 1, 1, ()),
        7: ("wins", 1, 1, ()),
    }


def test_a_rule_names_the_first_files_it_wins():
    files = [f"src/{number:02}.py" for number in range(60, 0, -1)]
    rules = analysed("* @a\n/src/*.py @b\n/src/02.py @c\n/no/ @d\n", "x/y", "z", *files).ownership.rules
    assert [rule.examples for rule in rules] == [
        ("x/y", "z"),
        ("src/01.py", *(f"src/{number:02}.py" for number in range(3, 52))),
        ("src/02.py",),
        (),
    ]


def test_sections_do_not_shadow_each_other_and_exclusions_decide():
    result = analysed(
        "*.py @all\n!/gen/\n/gen/x.py @x\n[Docs]\n*.md @docs\n*.py @py\n*.md @docs2\n",
        "a.py",
        "gen/x.py",
        "a.md",
        dialect="gitlab",
    )
    assert states(result) == {
        1: ("wins", 1, 2, ()),
        2: ("wins", 1, 1, ()),
        3: ("shadowed", 0, 1, (2,)),
        5: ("duplicate", 0, 0, (7,)),
        6: ("wins", 2, 2, ()),
        7: ("wins", 1, 1, ()),
    }


def test_every_matching_line_counts_for_gitea():
    result = analysed(".*\\\\.py @py\nsrc/.* @src\nx @x\n", "src/a.py", "b.py", dialect="gitea")
    assert states(result) == {1: ("wins", 2, 2, ()), 2: ("wins", 1, 1, ()), 3: ("dead", 0, 0, ())}


def test_coverage_counts_lines_without_owners_as_unowned():
    ownership = analysed("/src/ @a\n/src/gen/\n", "src/a", "src/b", "src/gen/c", "src/gen/d", "top").ownership
    assert (ownership.files, ownership.owned) == (5, 2)
    assert [(area.path, area.files, area.owned, area.is_split) for area in ownership.areas] == [
        ("", 5, 2, True),
        ("src", 4, 2, True),
        ("src/gen", 2, 0, False),
    ]
    assert [(area.path, area.files) for area in ownership.unowned] == [("src/gen", 2), ("top", 1)]


def test_an_unowned_folder_of_one_file_is_that_file():
    ownership = analysed("/src/a @a\n", "src/a", "src/deep/er/b", "docs/c", "docs/d/e").ownership
    assert [(area.path, area.files) for area in ownership.unowned] == [("docs", 2), ("src/deep/er/b", 1)]
    assert [area.path for area in analysed("/none @a\n", "lone/x").ownership.unowned] == ["lone/x"]


def test_no_file_is_a_normal_state():
    result = analyse(of_files("a", "b/c"), OwnerNames([]))
    assert result.findings == ()
    assert result.relations == ()
    ownership = result.ownership
    assert (ownership.path, ownership.files, ownership.owned, ownership.areas, ownership.unowned) == ("", 2, 0, (), ())


def test_a_folder_named_codeowners():
    result = analyse(of_files("docs/CODEOWNERS/readme", folders=["docs/CODEOWNERS"]), OwnerNames([]))
    assert [finding.code for finding in result.findings] == ["codeowners-not-a-file"]


def test_paths_are_matched_as_git_has_them():
    ownership = analysed("/a\u00a0b @a\n/back\\\\slash @b\n", "a\\u00a0b", "back\\\\slash", "bytes\\xff").ownership
    assert [(rule.line, rule.files) for rule in ownership.rules] == [(1, 1), (2, 1)]
    assert [area.path for area in ownership.unowned] == ["bytes\\xff"]


def test_load_counts_files_by_owner_and_keeps_owners_without_any():
    ownership = analysed("* @a @b\n/x/ @b\n/none/ @c\n", "x/1", "x/2", "y").ownership
    assert [(share.owner, share.files) for share in ownership.owners] == [
        ("owner:user/b", 3),
        ("owner:user/a", 1),
        ("owner:user/c", 0),
    ]


def test_relations_hold_patterns_that_decide():
    result = analysed("* @acme/platform\n/docs/ @mira\n/gone/ @mira\n", "docs/x", "y", "z")
    assert [(relation.type, relation.target, relation.paths, relation.files) for relation in result.relations] == [
        ("owned_by", TEAM, ("*",), 2),
        ("owned_by", "owner:user/mira", ("/docs/",), 1),
    ]


def test_names_resolve_without_case_and_addresses_to_people():
    mira = Owner(id="owner:user/mira", type="user", name="Mira", logins=("Mira",))
    names = OwnerNames([mira], emails={"mira@acme.example": mira.id})
    result = analyse(given_files("* @MIRA mira@acme.example @Acme/Platform other@acme.example\n", "x"), names)
    assert result.ownership.rules[0].owners == (
        "owner:user/mira",
        TEAM,
        "owner:email/other@acme.example",
    )
    assert [(owner.id, owner.type, owner.name) for owner in names.added()] == [
        ("owner:email/other@acme.example", "email", "other@acme.example"),
        (TEAM, "team", "Acme/Platform"),
    ]


def test_roles_belong_to_their_repository():
    names = OwnerNames([])
    analyse(given_files("* @@Maintainers\n", "x", dialect="gitlab"), names)
    assert [(owner.id, owner.name) for owner in names.added()] == [
        ("owner:team/acme/billing/@@maintainer", "@@maintainer of acme/billing")
    ]


PEOPLE = (
    Owner(id="owner:user/ann", type="user", name="Ann", logins=("ann",), teams=(TEAM,)),
    Owner(id="owner:user/bob", type="user", name="Bob", logins=("bob",)),
    Owner(id="owner:user/bot", type="user", name="bot", is_bot=True),
    Owner(id=TEAM, type="team", name="acme/platform"),
)


def authored(*rows):
    return [Authored(path, f"owner:user/{who}", commits, 1_700_000_000 + commits) for path, who, commits in rows]


def test_drift_names_contributors_who_are_not_owners():
    ownership = analysed(
        "* @acme/platform\n/docs/ @bob\n/lib/ @acme/unknown\n",
        "a",
        "docs/x",
        "lib/y",
        owners=PEOPLE,
        authored=authored(
            ("a", "ann", 5), ("a", "bob", 2), ("docs/x", "ann", 9), ("docs/x", "bot", 99), ("lib/y", "bob", 1)
        ),
    ).ownership
    assert [
        (
            drift.line,
            [
                (contributor.owner.rpartition("/")[2], contributor.commits, contributor.standing)
                for contributor in drift.contributors
            ],
        )
        for drift in ownership.drift
    ] == [
        (1, [("ann", 5, "owner"), ("bob", 2, "not-owner")]),
        (2, [("ann", 9, "not-owner")]),
        (3, [("bob", 1, "unknown")]),
    ]
    assert ownership.drift[0].contributors[0].last_at == datetime.fromtimestamp(1_700_000_005, UTC)


def test_truck_factor_takes_people_away_until_most_files_are_orphans():
    rows = authored(
        ("a", "ann", 10), ("a", "bob", 2), ("b", "ann", 4), ("c", "bob", 3), ("c", "ann", 3), ("d", "cy", 1)
    )
    factor = truck_factor(rows, ["a", "b", "c", "d"])
    assert factor.people == ("owner:user/ann", "owner:user/bob")
    assert factor.files == 4


def test_truck_factor_of_one_person_and_of_nothing():
    assert truck_factor(authored(("a", "ann", 1)), ["a"]).people == ("owner:user/ann",)
    assert truck_factor([], ["a"]).people == ()


def test_pull_requests_name_owners_and_who_took_part():
    ownership = analysed(
        "/src/ @acme/platform @bob\n/docs/ @acme/unknown\n",
        "src/a",
        owners=PEOPLE,
        pull_requests=[
            pull_request("src/a", "src/gone", "docs/x", "top", author="owner:user/cy", merger="owner:user/ann"),
            pull_request(
                "src/a", author="owner:user/bob", co_authors=("owner:user/ann",), merger="owner:user/bob", number=2
            ),
        ],
    ).ownership
    first, second = ownership.pull_requests
    assert [(share.owner, share.files) for share in first.owners] == [
        (TEAM, 2),
        ("owner:user/bob", 2),
        ("owner:team/acme/unknown", 1),
    ]
    assert first.unowned == 1
    assert [(part.owner, part.person, part.role) for part in first.participations] == [
        (TEAM, "owner:user/ann", "merger")
    ]
    assert first.unknown_teams == ("owner:team/acme/unknown",)
    assert {(part.owner, part.person, part.role) for part in second.participations} == {
        (TEAM, "owner:user/ann", "co-author"),
        ("owner:user/bob", "owner:user/bob", "author"),
    }


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("spec: {owner: platform}", "owner:team/acme/platform"),
        ("spec: {owner: 'group:default/platform'}", "owner:team/acme/platform"),
        ("spec: {owner: 'user:bob'}", "owner:user/bob"),
        ("kind: Location\n---\nspec: {owner: platform}", "owner:team/acme/platform"),
        ("spec: {owner: a@acme.example}", "owner:email/a@acme.example"),
        ("spec: {owner: [1]}", ""),
        ("- 1\n", ""),
        ("", ""),
    ],
)
def test_backstage_owner(text, owner):
    result = analyse(of_files("x", catalog=text), OwnerNames(PEOPLE))
    assert result.ownership.catalog_owner == owner
    assert [relation.target for relation in result.relations] == [owner] * bool(owner)


@pytest.mark.parametrize("text", ["a: [", "[" * 5_000, "x: " + "y" * 300_000])
def test_broken_catalogs_are_findings(text):
    result = analyse(of_files("catalog-info.yml", catalog=text), OwnerNames([]))
    assert [(finding.code, finding.path) for finding in result.findings] == [("catalog-unreadable", "catalog-info.yml")]


def test_problems_are_by_line_and_findings_in_sum():
    result = analysed("* @a\n!x @a\n/gone/ @a\n/lost/ @a\n/b/ nobody\n/none\n", "x", "none")
    assert [
        (problem.line, problem.column, problem.kind, problem.severity) for problem in problems(result.ownership)
    ] == [
        (0, 1, "unowned-files", "info"),
        (2, 1, "invalid-pattern", "error"),
        (3, 1, "dead-rule", "warning"),
        (4, 1, "dead-rule", "warning"),
        (5, 5, "invalid-owner", "error"),
    ]
    assert [(finding.code, finding.line, finding.severity) for finding in result.findings] == [
        ("codeowners-invalid-pattern", 2, "error"),
        ("codeowners-dead-rule", 3, "info"),
        ("codeowners-invalid-owner", 5, "error"),
    ]
    assert result.findings[1].message == "2 lines match no file; the first: `/gone/` matches no file."


def test_people_whom_only_the_people_file_knows_count_once_they_are_named():
    unseen = {
        person.id: person
        for person in (
            Owner(id="owner:user/old", type="user", name="Old", logins=("old",), is_alumnus=True),
            Owner(id="owner:user/hid", type="user", name="Hid", logins=("hid",)),
        )
    }
    names = OwnerNames(
        logins={"old": "owner:user/old", "older": "owner:user/old", "hid": "owner:user/hid"},
        emails={"old@acme.example": "owner:user/old"},
        unseen=unseen,
    )
    analyse(given_files("* @Older old@acme.example\n", "x"), names)
    assert names.added() == (unseen["owner:user/old"],)


segments = st.sampled_from(["a", "b", "c", "*.py", "*"])
rule_lines = st.builds(
    lambda lead, parts, tail, who: f"{lead}{'/'.join(parts)}{tail} {who}",
    st.sampled_from(["", "/"]),
    st.lists(segments, min_size=1, max_size=3),
    st.sampled_from(["", "/"]),
    st.sampled_from(["@a", "@b", "@a @b", ""]),
)
trees = st.lists(
    st.lists(st.sampled_from(["a", "b", "c", "d", "x.py"]), min_size=1, max_size=4).map(
        lambda parts: "/".join(parts) + ".f"
    ),
    unique=True,
    max_size=30,
)


@given(st.lists(rule_lines, max_size=10), trees)
def test_counts_agree_with_asking_for_each_file(lines, files):
    ruleset = parse("\n".join(lines))
    verdict = rule_states_of(ruleset, sorted(files), lambda written: written)
    for rule in verdict.rules:
        assert rule.files == sum(ruleset.match(path).line == rule.line for path in files)
        assert (rule.state == "wins") == (rule.files > 0)
        if rule.state == "shadowed":
            losses = [
                ruleset.match(path).line
                for path in files
                if rule.line in {candidate.rule.line for candidate in ruleset.explain(path)}
            ]
            assert set(rule.by) <= set(losses)
            assert len(losses) == rule.matched


def test_a_tree_is_neither_endless_nor_huge():
    deep = [("a/" * 1_500 + "b/x", ("o",)), ("a/" * 1_500 + "c/y", ())]
    assert len(AreaTree(deep).areas()) == 26
    wide = [(f"f{number}/g{number % 7}/{kind}", ("o",) * kind) for number in range(2_000) for kind in (0, 1)]
    assert len(AreaTree(wide).areas()) == 1
    some = [(f"f{number % 40}/g{number}/{kind}", ("o",) * kind) for number in range(2_000) for kind in (0, 1)]
    assert 500 < len(AreaTree(some).areas()) <= 1_000


@given(trees, st.integers(0, 1_000))
def test_tree_and_unowned_add_up(files, seed):
    owned = [(path, ((), ("a",), ("a", "b"))[(len(path) + seed + path.count("a")) % 3]) for path in sorted(files)]
    tree = AreaTree(owned)
    areas = {area.path: area for area in tree.areas()}
    for area in areas.values():
        under = [owners for path, owners in owned if not area.path or path.startswith(f"{area.path}/")]
        assert (area.files, area.owned) == (len(under), sum(map(bool, under)))
    assert sum(area.files for area in tree.unowned()) == sum(not owners for _, owners in owned)


ANN, BOB = (Owner(id=f"owner:user/{name}", type="user", name=name.title(), logins=(name,)) for name in ("ann", "bob"))
TOUCHED = [
    pull_request("a/b.f", author=ANN.id, number=1),
    pull_request("a/b.f", "c.f", author=BOB.id, merger=ANN.id, number=2),
    pull_request("d/x.f", number=3),
    pull_request("c.f", author=ANN.id, number=1),
    pull_request("d/x.f", merger=BOB.id, number=2),
]
ROUND = st.tuples(
    st.sampled_from(["* @acme/platform\n/d/ @bob\n/c.f", "* @bob", "/a/ @acme/platform @bob"]),
    st.lists(st.sampled_from(TOUCHED), unique_by=lambda one: one.number),
    st.sets(st.sampled_from(["ann", "bob"])),
    st.booleans(),
)


@given(st.lists(ROUND, min_size=2, max_size=6))
def test_what_is_known_of_pull_requests_holds_only_while_rules_and_names_say_the_same(rounds):
    known_by_text = defaultdict(KnownParticipation)
    for text, changes, members, is_renamed in rounds:
        people = [replace(one, teams=(TEAM,) if one.logins[0] in members else ()) for one in (ANN, BOB)]
        logins = {"bob": ANN.id} if is_renamed else {}
        now = given_files(text, "a/b.f", pull_requests=changes)
        alone = analyse(now, OwnerNames(people, logins=logins))
        assert analyse(now, OwnerNames(people, logins=logins), known_by_text[text]) == alone


def test_a_pull_request_is_looked_at_once_while_it_and_the_rules_are_the_same():
    asked = []

    def owners_of(path):
        asked.append(path)
        return ()

    known, changes, names = KnownParticipation(), [pull_request("a", "b")], OwnerNames()
    for rules, expected in (([(ANN.id,)], 2), ([(ANN.id,)], 2), ([(BOB.id,)], 4)):
        known.of(changes, owners_of, names, rules)
        assert len(asked) == expected
    known.of([pull_request("a", "c")], owners_of, names, [(BOB.id,)])
    assert asked[4:] == ["a", "c"]

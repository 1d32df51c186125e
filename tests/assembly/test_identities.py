"""Who is who, from names and addresses alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mkdocs_gitguard.assembly.addresses import is_bot, noreply_login
from mkdocs_gitguard.assembly.claims import ClaimOrigin
from mkdocs_gitguard.assembly.identities import Roster, identify, team_id
from mkdocs_gitguard.assembly.kept_parts import KeptParts
from mkdocs_gitguard.assembly.people_file import Person
from mkdocs_gitguard.assembly.person_names import is_garbled
from mkdocs_gitguard.assembly.probable_logins import sought_logins
from mkdocs_gitguard.codeowners import CodeownersFile
from mkdocs_gitguard.harvest.history.records import Identity
from mkdocs_gitguard.model import login_on

MIRA = ("Mira Hansen", "mira@acme.example")


def identity(name: str, email: str, commits: int = 1, at: int = 1_700_000_000) -> Identity:
    return Identity(name=name, email=email, commits=commits, first_at=at, last_at=at, first_seen=at, last_seen=at)


def directory(*people: tuple[str, str], mailmap: str = "", **arguments: object) -> Roster:
    source = ClaimOrigin("repository:a/b", [identity(name, email) for name, email in people], mailmap)
    return identify([source], **arguments)  # type: ignore[arg-type]


def owners(*people: tuple[str, str], mailmap: str = "", **arguments: object) -> list[str]:
    return list(directory(*people, mailmap=mailmap, **arguments).by_identity["repository:a/b"])


def same(*people: tuple[str, str], **arguments: object) -> bool:
    return len(set(owners(*people, **arguments))) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("email", "login"),
    [
        ("12345+Mira@users.noreply.github.com", ("github.com", "mira", "12345")),
        ("mira@users.noreply.github.com", ("github.com", "mira", "")),
        ("49699333+dependabot[bot]@users.noreply.github.com", ("github.com", "dependabot[bot]", "49699333")),
        ("12345-mira@users.noreply.gitlab.com", ("gitlab.com", "mira", "12345")),
        ("12345-mira@users.noreply.git.acme.example", ("git.acme.example", "mira", "12345")),
        ("mira@noreply.codeberg.org", ("codeberg.org", "mira", "")),
        ("mira@acme.example", ("", "", "")),
        ("noreply@github.com", ("", "", "")),
    ],
)
def test_a_noreply_address_holds_the_login(email: str, login: tuple[str, str, str]) -> None:
    assert noreply_login(email) == login


def test_one_address_is_one_person() -> None:
    assert same(MIRA, ("mhansen", "MIRA@acme.example"))


def test_one_login_is_one_person_and_the_id() -> None:
    roster = owners(("Mira", "1+mira@users.noreply.github.com"), ("m", "mira@users.noreply.github.com"))
    assert roster == ["owner:user/mira"] * 2


def test_a_login_that_changed_stays_one_person_by_its_number() -> None:
    assert same(("a", "7+old@users.noreply.github.com"), ("b", "7+new@users.noreply.github.com"))


def test_one_full_name_is_one_person_where_no_second_login_bears_it() -> None:
    assert same(MIRA, ("Mira Hansen", "1+mira@users.noreply.github.com"))
    assert same(MIRA, ("mira  HANSEN", "mira@home.example"))


def test_an_ambiguous_name_joins_nobody() -> None:
    roster = owners(
        MIRA, ("Mira Hansen", "1+mira@users.noreply.github.com"), ("Mira Hansen", "2+mh@users.noreply.github.com")
    )
    assert len(set(roster)) == 3


@pytest.mark.parametrize("name", ["Alex", "admin", "Your Name", "J D", "unknown user", "a@b c"])
def test_a_name_that_many_bear_joins_nobody(name: str) -> None:
    assert not same((name, "one@acme.example"), (name, "two@acme.example"))


@pytest.mark.parametrize(
    "email", ["", "root@localhost", "mira@laptop.(none)", "you@example.com", "noreply@acme.example"]
)
def test_an_address_that_many_have_joins_nobody(email: str) -> None:
    assert not same(("Mira", email), ("Ola", email))


def test_mailmap_and_people_file_join() -> None:
    assert same(MIRA, ("old", "old@old.example"), mailmap="Mira Hansen <mira@acme.example> <old@old.example>\n")
    mira = Person(login="mira", name="Mira H.", emails=("mira@acme.example", "x@y.example"), logins=("mhansen",))
    roster = directory(MIRA, ("other", "x@y.example"), ("m", "3+mhansen@users.noreply.github.com"), people=[mira])
    assert set(roster.by_identity["repository:a/b"]) == {"owner:user/mira"}
    assert roster.owners["owner:user/mira"].logins == ("mira", "mhansen")
    assert roster.owners["owner:user/mira"].name == "Mira H."


def test_a_mailmap_counts_for_its_own_repository_only() -> None:
    mailmap = "Mira Hansen <mira@acme.example> <shared@acme.example>\n"
    roster = identify(
        [
            ClaimOrigin("repository:a/b", [identity(*MIRA), identity("Bo", "shared@acme.example")], mailmap),
            ClaimOrigin("repository:a/c", [identity("Ola Nord", "ola@acme.example")]),
        ]
    )
    assert len(set(roster.by_identity["repository:a/b"])) == 1
    assert roster.by_identity["repository:a/c"][0] not in roster.by_identity["repository:a/b"]


def test_the_fork_that_pull_requests_come_from_tells_the_login() -> None:
    people = [identity(*MIRA), identity("Ola Nord", "ola@acme.example")]
    forks = {"mhansen": {0: 3}, "acme-org": {0: 2, 1: 2}, "once": {1: 1}}
    roster = identify([ClaimOrigin("repository:a/b", people, forks=forks)])
    assert roster.owners[roster.by_identity["repository:a/b"][0]].logins == ("mhansen",)
    assert roster.owners[roster.by_identity["repository:a/b"][1]].logins == ()
    assert roster.by_login == {"mhansen": "owner:user/mhansen"}


def test_who_amends_what_others_send_does_not_get_their_login() -> None:
    people = [
        identity(*MIRA, commits=2_000),
        identity("Ola Nord", "ola@acme.example", commits=300),
        identity("Kim Edgar", "kim@acme.example", commits=2_000),
    ]
    forks = {"stranger": {0: 2}, "xyz": {1: 2}, "edgark": {2: 2}}
    roster = identify([ClaimOrigin("repository:a/b", people, forks=forks)])
    assert roster.by_login == {"xyz": "owner:user/xyz", "edgark": "owner:user/edgark"}


def test_a_commit_under_another_persons_address_makes_no_one_of_the_two() -> None:
    people = [
        identity("Shelley Vohr", "shelley@a.example", commits=900),
        identity("Samuel Attard", "sam@a.example", commits=700),
        identity("Samuel Attard", "2+marshall@users.noreply.github.com", commits=9),
        identity("Shelley Vohr", "sam@a.example", commits=1),
    ]
    roster = identify([ClaimOrigin("repository:a/b", people)])
    shelley, sam, *rest = roster.by_identity["repository:a/b"]
    assert rest == [sam, shelley]
    assert (sam, roster.owners[sam].name, roster.owners[shelley].logins) == ("owner:user/marshall", "Samuel Attard", ())
    assert roster.by_email["sam@a.example"] == sam


@pytest.mark.parametrize(
    ("name", "commits", "other"),
    [("Mira Hansen-Lund", 1, 900), ("Ola Nord", 90, 900), ("Ola Nord", 1, 10), ("Ола Норд", 1, 900)],
)
def test_who_goes_by_two_names_stays_one(name: str, commits: int, other: int) -> None:
    people = [
        identity("Mira Hansen", "mira@acme.example", commits=900),
        identity(name, "mira@acme.example", commits=commits),
        identity(name, "other@acme.example", commits=other),
    ]
    assert len(set(identify([ClaimOrigin("repository:a/b", people)]).by_identity["repository:a/b"])) == 1


def test_an_address_of_the_people_file_is_never_a_slip() -> None:
    people = [
        identity("Shelley Vohr", "shelley@a.example", commits=900),
        identity("Samuel Attard", "sam@a.example", commits=700),
        identity("Shelley Vohr", "sam@a.example", commits=1),
    ]
    people_file = [Person(login="shelley", name="Shelley", emails=("sam@a.example",))]
    roster = identify([ClaimOrigin("repository:a/b", people)], people_file)
    assert set(roster.by_identity["repository:a/b"]) == {"owner:user/shelley"}


def test_the_forge_is_nobody() -> None:
    assert owners(("GitHub", "noreply@github.com")) == [""]


@pytest.mark.parametrize(
    ("name", "login", "email"),
    [
        ("dependabot[bot]", "", ""),
        ("renovate-bot", "", ""),
        ("Anything", "acme-ci[bot]", ""),
        ("github-actions", "", ""),
        ("Claude", "", "noreply@anthropic.com"),
    ],
)
def test_programs_are_bots(name: str, login: str, email: str) -> None:
    assert is_bot(name, login, (), email)


@pytest.mark.parametrize("name", ["Abbott", "Claude Monet", "Botond", "Jenkins Smith", "Robot Fan"])
def test_people_are_not(name: str) -> None:
    assert not is_bot(name, name.lower(), (), "claude@acme.example")


def test_a_program_under_several_names_is_one() -> None:
    roster = directory(("Claude Opus 4.6", "noreply@anthropic.com"), ("Claude", "noreply@anthropic.com"))
    [owner] = roster.owners.values()
    assert owner.is_bot


def test_the_site_names_its_own_bots() -> None:
    assert is_bot("Acme Release", bots=["acme release"])
    [owner] = directory(("Acme Release", "release@acme.example"), bots=["acme release"]).owners.values()
    assert owner.is_bot


def test_no_address_shows_in_any_owner() -> None:
    roster = directory(MIRA, ("ola@acme.example", "ola@acme.example"), ("", "x@acme.example"))
    for owner in roster.owners.values():
        assert "acme.example" not in owner.id
    named = [owner.name for owner in roster.owners.values()]
    assert not any("@" in name for name in named)


def test_teams_of_those_seen_are_owners_too() -> None:
    gone = Person(login="gone", teams=("acme/old",))
    mira = Person(emails=("mira@acme.example",), name="Mira", teams=("acme/platform",))
    roster = directory(MIRA, people=[gone, mira])
    assert "owner:team/acme/platform" in roster.owners
    assert "owner:team/acme/old" not in roster.owners
    assert roster.by_login["gone"] == "owner:user/gone"
    assert team_id("@Acme/Platform") == "owner:team/acme/platform"


NAMES = st.sampled_from(["Mira Hansen", "Ola Nord", "Alex", "dependabot[bot]", "", "Åse Øy", "mira"])
EMAILS = st.sampled_from(
    [
        "mira@acme.example",
        "ola@acme.example",
        "1+mira@users.noreply.github.com",
        "mira@users.noreply.github.com",
        "2+ola@users.noreply.github.com",
        "3-mira@users.noreply.gitlab.com",
        "",
        "root@localhost",
        "noreply@github.com",
    ]
)


@st.composite
def repositories(draw: st.DrawFn) -> list[ClaimOrigin]:
    """Draw a few repositories, so few names and numbers in them that the same ones come again and again."""
    sources = []
    for repository in ("repository:a/b", "repository:a/c")[: draw(st.integers(1, 2))]:
        commits = st.sampled_from([0, 1, 3, 80, 1_000])
        people = draw(st.lists(st.tuples(NAMES, EMAILS, commits), max_size=5, unique_by=lambda one: one[:2]))
        places = st.integers(0, len(people) - 1) if people else st.nothing()
        numbers = st.dictionaries(places, st.sampled_from([1, 2, 9]), max_size=2)
        forks = draw(st.dictionaries(st.sampled_from(["mira", "olan", "xyz"]), numbers, max_size=2)) if people else {}
        sought = draw(st.sampled_from([(), ("mira",), ("olan", "xyz")]))
        mailmap = draw(st.sampled_from(["", "Mira Hansen <mira@acme.example> <ola@acme.example>\n"]))
        identities = [identity(*one) for one in people]
        sources.append(ClaimOrigin(repository, identities, mailmap, forks, sought, "github.com"))
    return sources


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            repositories(),
            st.sampled_from([(), (Person(login="mira", emails=("mira@acme.example",)),)]),
            st.sampled_from([(), ("Mira Hansen",)]),
        ),
        max_size=5,
    )
)
def test_whoever_is_kept_from_the_last_time_is_who_they_are_now(times: list[tuple]) -> None:
    kept = KeptParts()
    for sources, people, bots in times:
        kept.begin()
        assert identify(sources, people, bots, kept) == identify(sources, people, bots)


TWO = [identity(*MIRA), identity("Mira Hansen", "mira@home.example")]
SLIP = [identity("Ola Nord", "ola@acme.example", 900), identity(*MIRA, 900)]
ONCE = identity("Ola Nord", "mira@acme.example")
OTHER_LOGIN = identity("Mira Hansen", "2+hansen@users.noreply.github.com")
HIDDEN = "".join(
    f"Mira Hansen <mira@acme.example> <{email}>\n" for email in ("1+mira@users.noreply.github.com", "old@acme.example")
)
CHANGED_MINDS: dict[str, tuple[dict, dict]] = {
    "a program of the site": ({"people": TWO}, {"people": TWO, "bots": ("Mira Hansen",)}),
    "the people file": (
        {"people": [identity(*MIRA), identity("m", "m@home.example")]},
        {
            "people": [identity(*MIRA), identity("m", "m@home.example")],
            "file": (Person(emails=("mira@acme.example", "m@home.example"), name="Mira"),),
        },
    ),
    "an address that a mailmap hides": (
        {"people": [identity("m", "1+mira@users.noreply.github.com"), OTHER_LOGIN], "mailmap": HIDDEN},
        {"people": [identity("m", "old@acme.example"), OTHER_LOGIN], "mailmap": HIDDEN},
    ),
    "a slip that is none any more": (
        {"people": [*SLIP, ONCE]},
        {"people": [*SLIP, identity("Ola Nord", "mira@acme.example", 900)]},
    ),
    "a slip that the people file knows": (
        {"people": [*SLIP, ONCE]},
        {"people": [*SLIP, ONCE], "file": (Person(emails=("mira@acme.example",), name="Mira"),)},
    ),
    "pull requests from a fork": (
        {"people": [identity(*MIRA)], "forks": {"xyz": {0: 1}}},
        {"people": [identity(*MIRA)], "forks": {"xyz": {0: 2}}},
    ),
    "too many commits for a fork": (
        {"people": [identity(*MIRA, 300)], "forks": {"xyz": {0: 2}}},
        {"people": [identity(*MIRA, 500)], "forks": {"xyz": {0: 2}}},
    ),
    "a login that CODEOWNERS names": (
        {"people": [identity("Mira Hansen", "mirahansen@acme.example")]},
        {"people": [identity("Mira Hansen", "mirahansen@acme.example")], "sought": ("mirahansen",)},
    ),
    "a login that CODEOWNERS names, of two": (
        {"people": [identity("mirahansen", "a@acme.example"), identity("m", "mirahansen@home.example")]},
        {
            "people": [identity("mirahansen", "a@acme.example"), identity("m", "mirahansen@home.example")],
            "sought": ("mirahansen",),
        },
    ),
    "a name": ({"people": TWO}, {"people": [TWO[0], identity("Ola Nord", "mira@home.example")]}),
}


@pytest.mark.parametrize("change", CHANGED_MINDS)
@pytest.mark.parametrize("order", ["there", "back"])
def test_what_was_kept_of_everybody_gives_way_to_what_is_new(change: str, order: str) -> None:
    def rosters(
        kept: KeptParts | None,
        *,
        people: list[Identity],
        mailmap: str = "",
        forks: dict = {},  # noqa: B006 - nobody changes it
        sought: tuple[str, ...] = (),
        file: tuple[Person, ...] = (),
        bots: tuple[str, ...] = (),
    ) -> Roster:
        # As in a portal, where most repositories stay as they are.
        stays = ClaimOrigin("repository:a/a", (identity("Kim Edgar", "kim@acme.example"),))
        return identify([stays, ClaimOrigin("repository:a/b", people, mailmap, forks, sought)], file, bots, kept)

    kept = KeptParts()
    before, after = CHANGED_MINDS[change][:: 1 if order == "there" else -1]
    kept.begin()
    first = rosters(kept, **before)
    kept.begin()
    assert rosters(kept, **after) == rosters(None, **after) != first


def test_whom_nothing_new_is_known_of_is_the_very_owner_of_the_last_time() -> None:
    kept, rosters = KeptParts(), list[Roster]()
    for commits in (1, 2):
        kept.begin()
        ola = identity("Ola Nordmann", "ola@acme.example", commits, at=1_700_000_000 + commits)
        rosters.append(identify([ClaimOrigin("repository:a/b", [identity(*MIRA), ola])], kept=kept))
    (mira, ola), (mira_again, ola_again) = (
        [roster.owners[roster.by_identity["repository:a/b"][place]] for place in (0, 1)] for roster in rosters
    )
    assert mira_again is mira
    assert ola_again.last_at != ola.last_at


@settings(deadline=None)
@given(st.lists(st.tuples(NAMES, EMAILS), max_size=8, unique=True))
def test_every_identity_has_one_owner_whatever_the_order(people: list[tuple[str, str]]) -> None:
    there = dict(zip(people, owners(*people), strict=True))
    back = dict(zip(people[::-1], owners(*people[::-1]), strict=True))
    assert {frozenset(p for p in people if there[p] == owner) for owner in there.values()} == {
        frozenset(p for p in people if back[p] == owner) for owner in back.values()
    }
    roster = directory(*people)
    assert {owner for owner in roster.by_identity.get("repository:a/b", []) if owner} == set(roster.owners)
    assert all((owner == "") == (person == ("", "noreply@github.com")) for person, owner in there.items())


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("GitHub", "noreply@github.com"),
        ("GitHub Enterprise", "noreply@github.acme.example"),
        ("web-flow", "noreply@git.acme.example"),
        ("Gitea", "gitea@fake.local"),
        ("Gitea", "noreply@gitea.acme.example"),
        ("Forgejo", "forgejo@fake.local"),
        ("Forgejo", "noreply@code.acme.example"),
        ("Codeberg", "noreply@codeberg.org"),
        ("GitLab", "gitlab@gitlab.acme.example"),
        ("GitLab", "noreply@gitlab.com"),
        ("GitLab", "no-reply@gitlab.com"),
        ("Acme GitLab", "gitlab-noreply@acme.example"),
        ("GitHub", "noreply@acme.ghe.com"),
        ("GitHub Enterprise Cloud", "noreply@acme.ghe.com"),
        ("Gitea: Git with a cup of tea", "gitea@git.acme.example"),
        ("Gitea", "git@git.acme.example"),
        ("Forgejo Acme", "do-not-reply@git.acme.example"),
        ("Bitbucket Data Center", "noreply@bitbucket.acme.example"),
        ("Gerrit Code Review", "noreply-gerritcodereview@google.com"),
    ],
)
def test_forges_of_ones_own_are_nobody(name: str, email: str) -> None:
    assert owners((name, email), MIRA)[0] == ""


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("Gitea", "ola@acme.example"),
        ("Gitea", "olagitea@acme.example"),
        ("Ola Berg", "noreply@github.acme.example"),
        ("Ola Berg", "gitea@fake.local"),
        ("Githubert Berg", "noreply@acme.example"),
    ],
)
def test_a_name_or_an_address_alone_is_no_forge(name: str, email: str) -> None:
    assert owners((name, email), MIRA)[0] != ""


@pytest.mark.parametrize(
    "garbled",
    [
        "J?rg M?ller",
        "JÃ¶rg MÃ¼ller",
        "J\ufffdrg M\ufffdller",
        "Jö\udcf6rg Müller",
        "J├╢rg M├╝ller",
        "J\\303\\266rg M",
        "",
        "J&ouml;rg M&uuml;ller",
        "=?utf-8?q?J=C3=B6rg?=",
        "JĂ¶rg MĂĽller",
        "J枚rg M眉ller",
        "Jﾃｶrg Mﾃｼller",
        "J%C3%B6rg M%C3%BCller",
        "J=C3=B6rg M=C3=BCller",
        "J\\u00f6rg M\\u00fcller",
        "JÃƒÂ¶rg MÃƒÂ¼ller",
    ],
)
def test_a_garbled_name_never_wins_over_a_whole_one(garbled: str) -> None:
    address = "jorg@acme.example"
    people = [identity(garbled, address, commits=50), identity("Jörg Müller", address)]
    roster = identify([ClaimOrigin("repository:a/b", people)])
    assert [owner.name for owner in roster.owners.values()] == ["Jörg Müller"]
    assert is_garbled(garbled)


@pytest.mark.parametrize(
    "name",
    [
        "Jörg Müller",
        "Tony 王小明",
        "王Ming",
        "김Min",
        "Anna 50%",
        "A=B C",
        "Søren Ærø",
        "Ян Иванов",
        "王小明",
        "Łukasz Żak",
        "Renée",
        "Ã",
        "O'Neil",
    ],
)
def test_whole_names_are_whole(name: str) -> None:
    assert not is_garbled(name)


@pytest.mark.parametrize("made_up", ["jorg@acme.example", "root", "(no author)", "Unknown"])
def test_an_address_or_a_placeholder_never_wins_over_a_name(made_up: str) -> None:
    people = [identity(made_up, "jorg@acme.example", commits=50), identity("jorg", "jorg@acme.example")]
    roster = identify([ClaimOrigin("repository:a/b", people)])
    assert [owner.name for owner in roster.owners.values()] == ["jorg"]


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("Project Collection Build Service (acme)", ""),
        ("billing Build Service (acme)", ""),
        ("bitbucket-pipelines", "commits-noreply@bitbucket.org"),
        ("Release", "project_12_bot_0a1b2c@noreply.gitlab.acme.example"),
        ("Release", "group_7_bot@noreply.gitlab.acme.example"),
        ("GitHub Actions", "actions@github.com"),
        ("forgejo-actions", "noreply@forgejo.acme.example"),
        ("gitea-actions", "teabot@gitea.io"),
        ("GitLab CI", "ci@acme.example"),
    ],
)
def test_programs_of_forges_are_bots(name: str, email: str) -> None:
    assert is_bot(name, "", (), email)


def test_question_marks_join_nobody() -> None:
    assert not same(("??? ???", "a@acme.example"), ("??? ???", "b@acme.example"))


@settings(deadline=None)
@given(st.text())
def test_any_name_is_judged(name: str) -> None:
    assert is_garbled(name) in (True, False)


def sought(*people: tuple[str, str], logins: tuple[str, ...], **arguments: object) -> Roster:
    source = ClaimOrigin("repository:a/b", [identity(name, email) for name, email in people], sought=logins)
    return identify([source], **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("person", "login", "evidence"),
    [
        (("Otto Winter", "otto@example.org"), "OttoWinter", "name"),
        (("otto-winter", "otto@example.org"), "OttoWinter", "name"),
        (("Otto Winter", "o@example.org"), "otto.winter", "name"),
        (("Guillermo Ruffino", "glm.net@example.org"), "glmnet", "address"),
        (("David Woodhouse", "dwmw2+git@example.org"), "dwmw2", "address"),
    ],
)
def test_a_login_in_codeowners_is_probably_the_contributors_who_is_called_like_it(
    person: tuple[str, str], login: str, evidence: str
) -> None:
    roster = sought(person, MIRA, logins=(login, "unheard-of"))
    owner = roster.owners[roster.by_login[login.lower()]]
    assert (owner.name, owner.logins) == (person[0], (login,))
    [why] = owner.login_evidence
    assert (why.login, why.evidence, why.is_probable) == (login, evidence, True)
    assert "@" not in why.text
    assert "unheard-of" not in roster.by_login


@pytest.mark.parametrize(
    ("people", "login"),
    [
        # Two people of that name, who have not the same address.
        ((("Otto Winter", "a@example.org"), ("Otto-Winter", "b@example.org")), "OttoWinter"),
        # Another login is known already.
        ((("Otto Winter", "12+ow@users.noreply.github.com"),), "OttoWinter"),
        # First names, initials, tasks and addresses that many share.
        ((("Mira Hansen", "otto@example.org"),), "otto"),
        ((("Mira Hansen", "support@example.org"),), "support"),
        ((("Mira Hansen", "ottowinter@mac.local"),), "ottowinter"),
        ((("Otto Winter [bot]", "x@example.org"),), "ottowinter"),
    ],
)
def test_a_login_is_nobodys_where_it_may_be_anothers(people: tuple[tuple[str, str], ...], login: str) -> None:
    assert login.lower() not in sought(*people, logins=(login,)).by_login


def test_of_whom_two_logins_would_be_true_neither_is() -> None:
    roster = sought(("Otto Winter", "otto1980@example.org"), logins=("ottowinter", "otto1980"))
    assert roster.by_login == {}


def test_the_people_file_comes_before_likeness() -> None:
    roster = sought(
        ("Otto Winter", "otto@example.org"),
        logins=("OttoWinter",),
        people=[Person(login="ow", emails=("otto@example.org",))],
    )
    assert roster.by_login == {"ow": "owner:user/ow"}


def test_an_entry_that_gives_no_address_takes_nothing_away() -> None:
    roster = sought(
        ("Otto Winter", "otto@example.org"), logins=("OttoWinter",), people=[Person(login="OttoWinter", alumni=True)]
    )
    [owner] = roster.owners.values()
    assert (owner.id, owner.is_alumnus, owner.name) == ("owner:user/ottowinter", True, "Otto Winter")


def test_only_a_contributor_of_the_repository_that_names_the_login_counts() -> None:
    otto = ("Otto Winter", "otto@example.org")
    roster = identify(
        [
            ClaimOrigin("repository:a/b", [identity(*MIRA)], sought=("OttoWinter",)),
            ClaimOrigin("repository:a/c", [identity(*otto)]),
        ]
    )
    assert roster.by_login == {}


def test_three_in_four_pull_requests_from_a_fork_make_its_login_probable() -> None:
    people = [identity(*MIRA), identity("Ola Nord", "ola@acme.example")]
    forks = {"mh": {0: 3, 1: 1}}
    roster = identify([ClaimOrigin("repository:a/b", people, forks=forks, sought=("mh",))])
    [why] = roster.owners["owner:user/mh"].login_evidence
    assert (why.evidence, why.text, why.is_probable) == ("pull-request-fork", "3", True)
    assert identify([ClaimOrigin("repository:a/b", people, forks=forks)]).by_login == {}


def test_the_logins_that_a_codeowners_file_names() -> None:
    text = b"* @Mira @acme/team x@y.example # @comment\n# @comment\n/a @@role @b.c @mira\n"
    file = CodeownersFile(path="CODEOWNERS", mode="100644", size=len(text), data=text)
    assert sought_logins([file]) == ("b.c", "Mira")


@pytest.mark.parametrize("name", ["modernisation-platform-ci", "acme-bot", "release_robot", "renovate[bot]"])
def test_a_name_that_ends_like_a_programs_is_one(name: str) -> None:
    assert is_bot(name)
    assert not is_bot("Mira Abbott")
    assert not is_bot("talbot")


def accounts(roster: Roster, owner: str = "owner:user/mira") -> list[tuple[str, str]]:
    return [(account.host, account.login) for account in roster.owners[owner].accounts]


def test_a_login_is_known_on_the_host_that_tells_it() -> None:
    people = [("Mira Hansen", "1+mira@users.noreply.github.com"), ("Mira Hansen", "2-mhansen@users.noreply.gitlab.com")]
    mailmap = "".join(f"<mira@acme.example> <{email}>\n" for _, email in people)
    mira = directory(*people, mailmap=mailmap)
    [owner] = mira.owners.values()
    assert accounts(mira, owner.id) == [("github.com", "mira"), ("gitlab.com", "mhansen")]
    assert [login_on(owner, host) for host in ("github.com", "gitlab.com", "codeberg.org", "")] == [
        "mira",
        "mhansen",
        "",
        "",
    ]


def test_the_login_of_the_people_file_counts_everywhere_but_where_addresses_tell_another() -> None:
    person = Person(login="mira", emails=("mira@acme.example", "2-mhansen@users.noreply.gitlab.com"))
    people = [MIRA, ("Mira", "1+mira@users.noreply.github.com"), ("Mira", "2-mhansen@users.noreply.gitlab.com")]
    roster = directory(*people, people=[person])
    assert accounts(roster) == [("", "mira"), ("github.com", "mira"), ("gitlab.com", "mhansen")]
    owner = roster.owners["owner:user/mira"]
    hosts = ("github.com", "gitlab.com", "codeberg.org")
    assert [login_on(owner, host) for host in hosts] == ["mira", "mhansen", "mira"]
    # An earlier name in an old address is not what the file says.
    person = Person(login="mira", emails=("mira@acme.example",), logins=("mhansen",))
    renamed = directory(MIRA, ("Mira", "1+mhansen@users.noreply.github.com"), people=[person])
    assert login_on(renamed.owners["owner:user/mira"], "github.com") == "mira"


def test_a_code_owners_file_tells_that_a_login_is_the_same_on_its_host() -> None:
    people = [identity("Mira Hansen", "1+mira@users.noreply.github.com")]
    named = ClaimOrigin("repository:a/c", [], sought=("Mira", "ola"), host="gitlab.com")
    roster = identify([ClaimOrigin("repository:a/b", people), named])
    assert accounts(roster) == [("github.com", "mira"), ("gitlab.com", "Mira")]
    # What is probable by likeness alone is no certainty.
    otto = ClaimOrigin("repository:a/b", [identity("Otto Winter", "otto@acme.example")], sought=("OttoWinter",))
    [likely] = identify([otto._replace(host="github.com")]).owners.values()
    assert (likely.logins, likely.accounts) == (("OttoWinter",), ())


def test_a_fork_tells_a_login_on_github() -> None:
    people = [identity("Mira Hansen", "mira@acme.example", commits=9)]
    roster = identify([ClaimOrigin("repository:a/b", people, forks={"mirah": {0: 5}})])
    assert accounts(roster, "owner:user/mirah") == [("github.com", "mirah")]

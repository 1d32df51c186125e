"""Ownership in the snapshot of real repositories."""

from pathlib import Path

from make.git import Scratch

from mkdocs_gitguard.assembly.kept_parts import KeptParts
from mkdocs_gitguard.assembly.ownership import contribute_ownership
from mkdocs_gitguard.assembly.people_file import Person
from mkdocs_gitguard.assembly.snapshot import assemble
from mkdocs_gitguard.harvest.facts import FactsOptions, RepositoryAbout
from mkdocs_gitguard.harvest.read_facts import read_facts
from mkdocs_gitguard.model import Graph, Organization, Snapshot

ACME = Organization(id="organization:acme", name="Acme")
MIRA = "Mira Hansen <mira@acme.example>"
OLA = "Ola Nord <77+ola@users.noreply.github.com>"
PEOPLE = (
    Person(login="mira", name="Mira Hansen", emails=("mira@acme.example",), teams=("acme/platform",)),
    Person(login="gone", name="Gone Away", alumni=True),
    Person(login="stranger", name="Never Named", teams=("acme/platform",)),
)


def snapshot(folder: Path) -> Snapshot:
    scratch = Scratch(folder)
    scratch.commit(
        "Start",
        author=MIRA,
        CODEOWNERS="* @acme/platform\n/docs/ @Ola @gone\n/lost/ nobody@acme.example\n",
        docs__a_md="1\n",
        src__a_py="1\n",
    )
    scratch.commit("Write more (#7)", author=MIRA, docs__a_md="2\n", committer="GitHub <noreply@github.com>")
    scratch.commit("Fix it (#8)", author=OLA, src__a_py="2\n", committer="GitHub <noreply@github.com>")
    about = RepositoryAbout(id="repository:acme/billing", namespace="acme", name="billing")
    facts = read_facts(scratch.open(), about, FactsOptions())
    return assemble([facts], organization=ACME, people=PEOPLE, stages=[contribute_ownership])


def test_ownership_stands_in_the_snapshot(tmp_path: Path) -> None:
    shot = snapshot(tmp_path)
    [ownership] = shot.ownership
    assert (ownership.path, ownership.files, ownership.owned) == ("CODEOWNERS", 3, 3)
    assert [(rule.line, rule.owners, rule.files, rule.state) for rule in ownership.rules] == [
        (1, ("owner:team/acme/platform",), 2, "wins"),
        (2, ("owner:user/ola", "owner:user/gone"), 1, "wins"),
        (3, ("owner:email/nobody@acme.example",), 0, "dead"),
    ]
    owners = {owner.id: owner for owner in shot.owners}
    assert set(owners) == {
        "owner:email/nobody@acme.example",
        "owner:team/acme/platform",
        "owner:user/gone",
        "owner:user/mira",
        "owner:user/ola",
    }
    assert owners["owner:user/gone"].is_alumnus
    assert [(drift.line, [(who.owner, who.standing) for who in drift.contributors]) for drift in ownership.drift] == [
        (1, [("owner:user/mira", "owner"), ("owner:user/ola", "not-owner")]),
        (2, [("owner:user/mira", "not-owner")]),
    ]
    assert ownership.truck_factor is not None
    assert ownership.truck_factor.people == ("owner:user/mira",)


def test_pull_requests_tell_whether_an_owner_took_part(tmp_path: Path) -> None:
    [ownership] = snapshot(tmp_path).ownership
    assert [
        (one.pull_request.rpartition("/")[2], [share.owner for share in one.owners], one.participations)
        for one in ownership.pull_requests
    ] == [
        ("8", ["owner:team/acme/platform"], ()),
        ("7", ["owner:user/gone", "owner:user/ola"], ()),
    ]


def test_relations_both_ways(tmp_path: Path) -> None:
    graph = Graph(snapshot(tmp_path))
    assert graph.others("repository:acme/billing", "owned_by") == (
        "owner:team/acme/platform",
        "owner:user/gone",
        "owner:user/ola",
    )
    assert graph.others("owner:user/ola", "owner_of") == ("repository:acme/billing",)
    assert graph.others("owner:team/acme/platform", "has_member") == ("owner:user/mira",)
    assert graph.ownership["repository:acme/billing"].files == 3


def test_the_same_facts_are_the_same_bytes(tmp_path: Path) -> None:
    assert snapshot(tmp_path / "a").digest() == snapshot(tmp_path / "b").digest()


def test_who_took_part_is_told_anew_where_the_same_owners_have_other_paths(tmp_path: Path) -> None:
    scratch, kept, seen = Scratch(tmp_path), KeptParts(), []
    scratch.commit("Start", author=MIRA, CODEOWNERS="/docs/ @mira\n/src/ @Ola\n", docs__a_md="1\n", src__a_py="1\n")
    scratch.commit("Write more (#7)", author=MIRA, docs__a_md="2\n", committer="GitHub <noreply@github.com>")
    about = RepositoryAbout(id="repository:acme/billing", namespace="acme", name="billing")
    for text in ("/docs/ @mira\n/src/ @Ola\n", "/src/ @mira\n/docs/ @Ola\n", "/src/ @mira\n/do*/ @Ola\n"):
        scratch.commit(f"Own {text}", author=MIRA, CODEOWNERS=text)
        facts = read_facts(scratch.open(), about, FactsOptions())
        shots = [
            assemble(
                [facts],
                organization=ACME,
                people=PEOPLE,
                stages=[contribute_ownership],
                digests={about.id: facts.head.encode()} if one else {},
                kept=one,
            )
            for one in (kept, None)
        ]
        assert shots[0].ownership == shots[1].ownership
        seen.append(tuple(share.owner for share in shots[0].ownership[0].pull_requests[0].owners))
    assert seen == [("owner:user/mira",), ("owner:user/ola",), ("owner:user/ola",)]

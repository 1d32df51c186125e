"""Backstage entities: valid names, references that lead to an entity of the file."""

import re

import yaml
from make.snapshot import awkward, every_kind, likely

from mkdocs_gitguard.graph_api.backstage import entities, to_yaml
from mkdocs_gitguard.model import Organization, Owner, Relation, Repository, Snapshot

# https://backstage.io/docs/features/software-catalog/descriptor-format#name-required
NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")


def references(entity: dict) -> set[str]:
    spec = entity["spec"]
    references = {spec[key] for key in ("owner", "parent") if key in spec} | set(spec.get("memberOf", []))
    return references | ({f"system:default/{spec['system']}"} if "system" in spec else set())


def test_names_are_valid_distinct_and_every_reference_leads_somewhere() -> None:
    for snapshot in (awkward(), every_kind(), likely()):
        written = list(entities(snapshot))
        keys = [f"{entity['kind']}:default/{entity['metadata']['name']}".lower() for entity in written]
        assert len(set(keys)) == len(keys)
        for entity in written:
            name = entity["metadata"]["name"]
            assert NAME.fullmatch(name), name
            assert len(name) <= 63
            assert references(entity) <= set(keys)


def test_a_repository_is_owned_by_its_team_and_links_back() -> None:
    team = Owner(id="owner:team/acme/platform", type="team", name="Platform")
    mira = Owner(id="owner:user/mira", type="user", name="Mira", teams=(team.id,))
    repository = Repository(id="repository:acme/billing", namespace="acme", name="billing")
    snapshot = Snapshot(
        organization=Organization(id="organization:acme", name="acme"),
        repositories=(repository,),
        owners=(team, mira),
        relations=tuple(Relation(type="owned_by", source=repository.id, target=owner.id) for owner in (mira, team)),
    )
    by_kind = {
        entity["kind"]: entity for entity in yaml.safe_load_all(to_yaml(snapshot, site_url="https://p.example/x/"))
    }
    component = by_kind["Component"]
    assert component["metadata"]["name"] == "acme.billing"
    assert component["spec"]["owner"].startswith("group:default/team-acme-platform")
    assert component["metadata"]["links"][0]["url"] == "https://p.example/x/repository/acme/billing/"
    assert by_kind["User"]["spec"]["memberOf"] == [component["spec"]["owner"]]


def test_bots_are_nobodys_users() -> None:
    assert not [entity for entity in entities(likely()) if "dependabot" in entity["metadata"]["name"]]

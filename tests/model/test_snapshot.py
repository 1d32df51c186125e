"""A snapshot is a value; its graph shows each relation from both ends."""

import json
from datetime import UTC, datetime

import jsonschema

from mkdocs_gitguard.model import Graph, Organization, Owner, PullRequest, Relation, Repository, Snapshot, json_schema

REPOSITORY = Repository(id="repository:acme/billing", namespace="acme", name="billing")
MIRA = Owner(id="owner:user/mira", type="user", name="Mira")
PULL_REQUEST = PullRequest(
    id="pull-request:acme/billing/412",
    repository=REPOSITORY.id,
    number=412,
    title="Round half to even",
    author=MIRA.id,
    merged_at=datetime(2026, 11, 1, 12, tzinfo=UTC),
    commit="0" * 40,
    evidence="github-merge-commit",
    confidence="high",
)
SNAPSHOT = Snapshot(
    organization=Organization(id="organization:acme", name="acme"),
    repositories=(REPOSITORY,),
    owners=(MIRA,),
    pull_requests=(PULL_REQUEST,),
    relations=(
        Relation(type="authored_by", source=PULL_REQUEST.id, target=MIRA.id),
        Relation(type="part_of", source=PULL_REQUEST.id, target=REPOSITORY.id),
    ),
)


def test_relations_are_seen_from_both_ends() -> None:
    graph = Graph(SNAPSHOT)
    assert graph.others(PULL_REQUEST.id, "authored_by") == (MIRA.id,)
    assert graph.others(MIRA.id, "author_of") == (PULL_REQUEST.id,)
    assert graph.others(REPOSITORY.id, "has_part") == (PULL_REQUEST.id,)
    assert graph.nodes[MIRA.id] is MIRA


def test_json_matches_the_schema_made_from_the_model() -> None:
    document = json.loads(SNAPSHOT.to_json())
    jsonschema.validate(document, json_schema(), cls=jsonschema.Draft202012Validator)
    assert document["pull_requests"][0]["merged_at"] == "2026-11-01T12:00:00Z"


def test_same_content_same_digest() -> None:
    assert SNAPSHOT.digest() == Snapshot(**{f: getattr(SNAPSHOT, f) for f in SNAPSHOT.__struct_fields__}).digest()

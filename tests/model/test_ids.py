"""Ids make paths that are safe in a URL and on every file system, and never collide."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.model import encode_segment, kind_of, name_of, node_id, path_of, rule_id


def test_id_and_its_parts() -> None:
    node = node_id("pull-request", "acme", "billing", "412")
    assert node == "pull-request:acme/billing/412"
    assert (kind_of(node), name_of(node)) == ("pull-request", "acme/billing/412")


def test_rule_id_stands_under_its_policy() -> None:
    assert rule_id("policy:acme/guardrails/rego/repo.guard", "deny") == "rule:acme/guardrails/rego/repo.guard#deny"


@pytest.mark.parametrize(
    ("node", "path"),
    [
        ("repository:acme/billing", "repository/acme/billing"),
        ("repository:Ava-Prime/gitguard", "repository/!ava-!prime/gitguard"),
        ("repository:acme/..", "repository/acme/~2e~2e"),
        ("repository:acme/.github", "repository/acme/~2egithub"),
        ("repository:acme/index", "repository/acme/~69ndex"),
        ("repository:acme/CON", "repository/acme/!c!o!n"),
        ("repository:acme/con.txt", "repository/acme/~63on.txt"),
        ("rule:a/b/rego/p#deny", "rule/a/b/rego/p~23deny"),
        ("owner:email/x@y.z", "owner/email/x~40y.z"),
        ("repository:a//b", "repository/a/~/b"),
        ("repository:acme/b.neighbours", "repository/acme/b.neighbours"),
        ("repository:acme/mkdocs.github.io", "repository/acme/mkdocs.github.io"),
        ("owner:user/é", "owner/user/~c3~a9"),
    ],
)
def test_path(node: str, path: str) -> None:
    assert path_of(node) == path


@given(st.text(), st.text())
def test_segments_are_safe_and_do_not_collide_where_case_does_not_count(one: str, other: str) -> None:
    first, second = encode_segment(one), encode_segment(other)
    assert (first.lower() == second.lower()) == (one == other)
    assert set(first) <= set(string.ascii_lowercase + string.digits + "-_.!~")
    assert 0 < len(first) <= 120
    assert not first.startswith(".")
    assert not first.endswith(".")


@given(st.text(alphabet="aA.~!i", max_size=8), st.text(alphabet="aA.~!i", max_size=8))
def test_segments_of_the_escape_characters_do_not_collide(one: str, other: str) -> None:
    assert (encode_segment(one) == encode_segment(other)) == (one == other)


def test_long_segments_are_cut_and_stay_apart() -> None:
    assert encode_segment("a" * 300) != encode_segment("a" * 301)
    assert len(encode_segment("É" * 300)) <= 120


@pytest.mark.parametrize(
    "name",
    [
        "a/" * 2500,
        "a/" * 39 + "a",
        "/" * 5000,
        "x" * 119 + ("/" + "x" * 119) * 30,
        "É/" * 2000,
        "/".join(["A" * 100] * 20),
    ],
)
def test_a_path_is_no_longer_than_file_systems_allow(name: str) -> None:
    path = path_of(f"policy:{name}")
    assert len(path) <= 800
    assert path.count("/") < 40
    assert path_of(f"policy:{name}b") != path
    assert path_of(f"policy:b{name}") != path


@given(st.integers(30, 60), st.integers(0, 60), st.sampled_from("ab~"))
def test_long_paths_do_not_collide(length: int, at: int, other: str) -> None:
    parts = ["a"] * length
    changed = [*parts[:at], other, *parts[at + 1 :]]
    assert (path_of("policy:" + "/".join(parts)) == path_of("policy:" + "/".join(changed))) == (parts == changed)


def test_paths_within_the_limits_are_what_they_were() -> None:
    name = "/".join(["acme", "guardrails", "rego", *["folder"] * 30])
    assert path_of(f"policy:{name}") == f"policy/{name}"

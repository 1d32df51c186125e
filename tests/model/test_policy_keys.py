"""The vocabulary by which decisions find policies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.model import policy_key, rego_package_key, rego_ref, rego_rule_key, rego_segments


@pytest.mark.parametrize(
    ("ref", "segments"),
    [
        ("repo.guard", ("repo", "guard")),
        ('regal.rules.style["opa-fmt"]', ("regal", "rules", "style", "opa-fmt")),
        ('data.a["b.c"].d', ("data", "a", "b.c", "d")),
        ("", ()),
        ('a["un', ("a",)),
        ("a[_].b", ("a",)),
    ],
)
def test_a_reference_falls_into_its_segments(ref, segments):
    assert rego_segments(ref) == segments


def test_a_segment_that_is_no_identifier_is_quoted():
    assert rego_package_key(("regal", "rules", "style", "opa-fmt")) == 'rego-package:regal.rules.style["opa-fmt"]'
    assert rego_rule_key(("repo", "guard"), "deny") == "rego:data.repo.guard.deny"


def test_empty_parts_are_left_out():
    assert policy_key("kyverno", "no-latest", "") == "kyverno:no-latest"


@given(st.lists(st.text(min_size=1), max_size=5))
def test_every_reference_reads_back(rest):
    segments = ("data", *rest)
    assert rego_segments(rego_ref(segments)) == segments

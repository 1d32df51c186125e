"""A policy format of a third party shows under its own title, as our own do."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest
from make.policy_files import GUARD
from make.site import Site
from make.snapshot import GUARD_POLICY, guardrails
from msgspec.structs import replace

from mkdocs_gitguard import entry_points as loader
from mkdocs_gitguard.entry_points import POLICY_FORMATS
from mkdocs_gitguard.policies import Found, PolicyFormat, policy_formats

SENTINEL = PolicyFormat("sentinel", "HashiCorp <Sentinel>", lambda _: False, (), lambda _: Found())
SILENT = SENTINEL._replace(is_testable=False, has_rule_pages=False)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    entries = [EntryPoint("sentinel", f"plugins.test_policy_formats:{request.param}", POLICY_FORMATS)]
    monkeypatch.setattr(loader, "in_group", lambda group: entries if group == POLICY_FORMATS else [])
    policy_formats.cache_clear()
    yield
    monkeypatch.undo()
    policy_formats.cache_clear()


def build(site: Site) -> Site:
    snapshot = guardrails(f"{GUARD}\nwarn contains message if input.old\n")
    policies = tuple(
        replace(policy, format="sentinel", tests=()) if policy.id == GUARD_POLICY else policy
        for policy in snapshot.policies
    )
    rules = tuple(replace(rule, tests=()) if rule.policy == GUARD_POLICY else rule for rule in snapshot.rules)
    site.write(replace(snapshot, policies=policies, rules=rules)).build()
    return site


@pytest.mark.parametrize("installed", ["SENTINEL"], indirect=True)
def test_the_title_is_shown_wherever_a_format_is_named(site: Site, installed) -> None:
    build(site)
    for url in (
        "policy",
        "policy/acme/guardrails",
        "policy/acme/guardrails/rego/repo.guard",
        "repository/acme/guardrails",
        "pull-request/acme/guardrails/7",
        "gap",
    ):
        assert "HashiCorp &lt;Sentinel&gt;" in site.page(url), url


@pytest.mark.parametrize("installed", ["SILENT"], indirect=True)
def test_a_format_says_that_it_has_no_tests_and_no_pages_of_rules(site: Site, installed) -> None:
    build(site)
    assert "HashiCorp &lt;Sentinel&gt;" not in site.page("gap")
    assert not (site.output / "rule/acme/guardrails/rego/repo.guard~23deny").exists()


def test_a_format_that_is_not_installed_is_called_by_its_name(site: Site) -> None:
    assert ">sentinel</span>" in build(site).page("policy/acme/guardrails/rego/repo.guard")

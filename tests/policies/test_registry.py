"""Third parties add a format by entry point; a broken one is named, not swallowed."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from make.git import make_repository

from mkdocs_gitguard import entry_points as loader
from mkdocs_gitguard.entry_points import POLICY_FORMATS
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.harvest.commit_policies import read_policies
from mkdocs_gitguard.policies import (
    Found,
    FoundPolicy,
    PolicyFormat,
    PolicySource,
    policy_formats,
)
from mkdocs_gitguard.policies.registry import format_versions


def read_sentinel(source: PolicySource) -> Found:
    lines = source.text.count("\n")
    policy = FoundPolicy(
        format="sentinel", type="policy", name=source.path, first_line=1, last_line=lines, keys=("sentinel:x",)
    )
    return Found(policies=(policy,))


SENTINEL = PolicyFormat("sentinel", "Sentinel", lambda path: path.endswith(".sentinel"), (), read_sentinel)
TAKEN = SENTINEL._replace(name="rego")
NOTHING = "no format"


@pytest.fixture
def entry(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    def install(target: str) -> None:
        entries = [EntryPoint("sentinel", target, POLICY_FORMATS)]
        monkeypatch.setattr(loader, "in_group", lambda group: entries if group == POLICY_FORMATS else [])
        policy_formats.cache_clear()

    yield install
    policy_formats.cache_clear()


def test_a_third_party_format_is_read_like_our_own(entry, tmp_path: Path) -> None:
    entry("policies.test_registry:SENTINEL")
    folder = make_repository(tmp_path / "a", {"p/a.sentinel": "main = rule { true }\n"})
    policies = read_policies(GitRepository.open(folder, label="a"), "repository:acme/a")
    assert [policy.id for policy in policies.scan.policies] == ["policy:acme/a/sentinel/p/a.sentinel"]


def test_the_versions_tell_another_format_and_another_place(entry) -> None:
    known = format_versions()
    assert known == tuple(known_format.name for known_format in policy_formats())
    entry("policies.test_registry:SENTINEL")
    assert format_versions() == (*known, "sentinel", "sentinel policies.test_registry:SENTINEL")


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("policies.test_registry:TAKEN", "'rego', which is taken"),
        ("policies.test_registry:NOTHING", "is not a PolicyFormat"),
        ("policies.test_registry:GONE", "cannot be imported"),
        ("no_such_module_at_all:X", "cannot be imported"),
    ],
)
def test_a_broken_registration_is_named(entry, target: str, words: str) -> None:
    entry(target)
    with pytest.raises(SettingError, match="sentinel") as error:
        policy_formats()
    assert words in str(error.value)


def test_files_over_the_limit_are_not_read_from_git(tmp_path: Path) -> None:
    big = "package a\n" + "# x\n" * 600_000
    folder = make_repository(tmp_path / "a", {"a.rego": big, "b.rego": "package b\n\nx := 1\n"})
    policies = read_policies(GitRepository.open(folder, label="a"), "repository:acme/a")
    assert [policy.name for policy in policies.scan.policies] == ["b"]
    assert [(finding.code, finding.path) for finding in policies.scan.findings] == [("policy-file-too-large", "a.rego")]

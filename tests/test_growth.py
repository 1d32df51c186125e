"""Inputs of which one repository can hold any number: time grows with them, not with their square.

Each is so large that the square would take many minutes, on whatever machine.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest

from mkdocs_gitguard.assembly.addresses import is_bot, is_shared, noreply_login
from mkdocs_gitguard.codeowners import parse
from mkdocs_gitguard.harvest.contents.manifests import describe
from mkdocs_gitguard.harvest.history import branches
from mkdocs_gitguard.harvest.history.branches import brought_by
from mkdocs_gitguard.harvest.history.messages import PullRequestMention
from mkdocs_gitguard.harvest.history.reader import read_history
from mkdocs_gitguard.harvest.history.records import is_forge
from mkdocs_gitguard.harvest.history.tags import is_version, parse_tags
from mkdocs_gitguard.policies.format import PolicyFile
from mkdocs_gitguard.policies.link import PolicyScan, link
from mkdocs_gitguard.policies.read import read_file
from mkdocs_gitguard.publish.links import check_links, read_pages
from mkdocs_gitguard.publish.release import describe_site

_KYVERNO = "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: x}\nspec:\n  rules:\n"
_RULE = "  - name: r\n    match: {}\n    validate: {message: m}\n"


@contextmanager
def within(seconds: float) -> Iterator[None]:
    begun = time.process_time()
    yield
    assert time.process_time() - begun < seconds


def scanned(files: Mapping[str, str]) -> PolicyScan:
    scans = [read_file(PolicyFile(path, f"{n:040}", text.encode())) for n, (path, text) in enumerate(files.items())]
    return link(scans, "repository:acme/a", "c" * 40)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.rego", "package a\n\n" + "deny := 1\n" * 100_000),
        ("k.yaml", _KYVERNO + _RULE * 10_000),
        ("k.yaml", "---\n".join([_KYVERNO + _RULE] * 3_000)),
        ("a.rego", "package a" + ".a" * 400_000 + "\n\ndeny := 1\n"),
        ("a.rego", "package a\n\ndeny contains m if {\n" + "a." * 100_000),
        ("a.rego", "package a\n\ndeny := " + '"\\' * 200_000),
        ("a.rego", "package a\n\ndeny contains m if {\n" + '"\\' * 200_000),
        ("a.rego", "package a\n" + "\n" * 400_000 + "!"),
        ("a.rego", "package a\n" + "\u3000" * 200_000 + "!"),
        ("a.cedar", "permit(principal," + '"\\' * 200_000),
        ("a.cedar", '@id("' + '\\"\n' * 200_000),
        ("a_test.rego", "package a_test\n\ntest_x if data.a.deny" + ".x" * 100_000 + "\n"),
        ("a_test.rego", "package a_test\n\ntest_x if data.a.deny" + '["x"]' * 100_000 + "\n"),
    ],
)
def test_policies_of_one_file(path: str, text: str) -> None:
    with within(40):
        scanned({path: text, "b.rego": "package a\n\ndeny contains 1 if true\n"})


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", "a." * 60_000 + "b=1"),
        ("pyproject.toml", '"\u2028".' * 30_000 + "b=1"),
        ("pyproject.toml", "[" + "a." * 60_000 + "b]\n"),
        ("Cargo.toml", "\n".join(f"[{'a.' * 60}t{number}]" for number in range(1_000))),
        ("package.json", '{"a":' * 20_000),
        ("setup.cfg", "[a]\nb=%(b)s\n" + " x\n" * 60_000),
        ("catalog-info.yaml", "- " * 60_000),
        ("a.gemspec", ' s.summary = "' * 9_000),
        ("a.doap", "<shortdesc " * 11_000),
        ("DESCRIPTION", "Title: a\n" + " b\n" * 40_000),
    ],
)
def test_manifests(path: str, text: str) -> None:
    with within(3):
        describe({path: text})


def test_annotations_that_speak_for_all_below() -> None:
    note = "# METADATA\n# scope: subpackages\n# custom:\n#   severity: HIGH\n"
    files = {f"a{n}.rego": f"{note}package a{'.a' * n}\n\ndeny := 1\n" for n in range(300)}
    with within(40):
        linked = scanned(files)
    assert {policy.severity for policy in linked.policies} == {linked.policies[0].severity}


def test_more_links_between_tests_and_rules_than_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = "package a\n\n" + "deny contains 1 if true\n" * 300
    tests = "package a_test\n\n" + "".join(f"test_{n} if data.a.deny[1]\n" for n in range(300))
    assert not scanned({"a.rego": rules, "a_test.rego": tests}).findings
    monkeypatch.setattr(import_module("mkdocs_gitguard.policies.link"), "MOST_TEST_LINKS", 1_000)
    [finding] = scanned({"a.rego": rules, "a_test.rego": tests}).findings
    assert (finding.code, finding.repository) == ("policy-tests-cut", "repository:acme/a")


def log_of(message: bytes) -> bytes:
    return b"\0%040x \0=A\0=a@b\0" % 1 + b"01700000000\0=A\0=a@b\0" + b"01700000000\0=" + message + b"\0\nA\0p\0"


@pytest.mark.parametrize(
    ("message", "people"),
    [
        (b"uthored-" * 1_000_000, 1),
        (b"uthored-\n" * 300_000, 1),
        (b"Co-authored-by: " + b"<" * 1_000_000 + b">" * 1_000_000, 1),
        (b"x\n\n" + b"".join(b"Co-authored-by: A <%d@b>\n" % n for n in range(30_000)), 30_001),
        (b"x\n\nCo-authored-by: B <b@b>\nCO-Authored-By:C<c@b>\n co-authored-by : D <d@b> Co-authored-by: E <e@b>", 4),
    ],
)
def test_co_authors_of_one_message(message: bytes, people: int) -> None:
    with within(40):
        read = read_history([log_of(message)], f"{1:040x}", lambda *_: PullRequestMention(title=""), [b"p"])
    assert len(read.history.identities) == people


def test_a_word_that_names_no_owner() -> None:
    with within(40):
        assert parse("a @b " + "a" * 1_000_000, "gitlab").match("a").owners == ("@b",)


@pytest.mark.parametrize(
    "address", ["@" * 10**6, "1-" + "@" * 10**6, "a.local" * 10**5 + "@", "Build Service (" * 10**5]
)
def test_addresses_of_any_length(address: str) -> None:
    with within(40):
        assert not is_bot(address, address, (), address)
        assert not is_shared(address)
        assert noreply_login(address) == ("", "", "")
        assert not is_forge(address, address)


@pytest.mark.parametrize("name", ["v" + "1" * 10**6 + "!", "v1" + "-1" * 10**6 + "!", "a-" * 10**6, "1." * 10**6 + "!"])
def test_names_of_tags(name: str) -> None:
    with within(40):
        assert not is_version(name)
        parse_tags(f"{name}\0commit\0{1:040}\0\0\0{'9' * 10**6}\0\n".encode())


def nested(depth: int) -> tuple[list[int], set[int], dict[int, tuple[int, ...]], int]:
    """Return merges within merges: of each, the second parent is the next."""
    parents: dict[int, tuple[int, ...]] = {0: (2 * depth + 1, 1), depth: (2 * depth,), 2 * depth + 1: ()}
    parents |= {n: (depth + n, n + 1) for n in range(1, depth)} | {depth + n: () for n in range(1, depth + 1)}
    return [0, 2 * depth + 1], set(range(1, depth)), parents, 2 * depth + 2


def test_merges_within_merges(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = brought_by(*nested(100))
    assert not whole.is_cut
    monkeypatch.setattr(branches, "MOST_NESTED_STEPS", 1_000)
    cut = brought_by(*nested(100))
    assert cut.is_cut
    assert cut.by_merge.items() < whole.by_merge.items()
    with within(40):
        assert brought_by(*nested(100_000)).is_cut


@pytest.mark.parametrize(
    "text",
    [
        "<a " * 300_000, "<!--" * 300_000, "<script>" * 200_000, "<style x='" * 200_000, '<a "' * 200_001, '<a ">' * 200_001,
        "<a '\">" * 200_001, "<" * 1_000_000, "<" * 1_000_000 + ">", "<a href" + "x" * 1_000_000 + " y=1>", "<a b" + " " * 1_000_000 + "y=1>",
        "<a " + "x=" * 500_000 + ">", "<p>" + "</textarea" * 200_000, "<template>" * 200_000 + "</template>",
    ],
)  # fmt: skip
def test_pages_of_whatever_form(tmp_path: Path, text: str) -> None:
    (tmp_path / "index.html").write_text(f'<a href="here">{text}')
    with within(20):
        pages = read_pages(tmp_path, describe_site(tmp_path), {})
        findings = check_links(pages, ["index.html"])
    assert "links to 'here', which is not there." in {finding.message for finding in findings}
    assert max(len(finding.message) for finding in findings) < 1_000

"""A rule stands where it is written, also where its YAML is an alias of what stands elsewhere."""

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from mkdocs_gitguard.policies import PolicyFile, read_file

WORKFLOW = """name: Aliases
on: push
permissions: &read
  contents: read
jobs:
  a: &job
    runs-on: ubuntu-24.04
    env: &env
      A: b
    steps: &steps
      - run: make
      - run: make test
    outputs: *env

  # b is the same as a
  b: *job

  c:
    runs-on: ubuntu-24.04
    permissions: *read
  d:
    runs-on: ubuntu-24.04
    steps:
      - run: make
      - *env
  e:
    runs-on: ubuntu-24.04
    steps: *steps
"""


def spans(text, path=".github/workflows/a.yml"):
    file_scan = read_file(PolicyFile(path, "a" * 40, text.encode()))
    return {rule.name: (rule.first_line, rule.last_line) for policy in file_scan.policies for rule in policy.rules}


def test_jobs_that_are_aliases_stand_where_they_are_written():
    assert spans(WORKFLOW) == {
        "permissions": (3, 4),
        "a": (6, 13),
        "b": (16, 16),
        "c": (18, 20),
        "d": (21, 25),
        "e": (26, 28),
    }


def test_permissions_that_are_an_alias():
    text = "jobs:\n  a:\n    permissions: &p\n      contents: read\n    runs-on: x\npermissions: *p\n"
    assert spans(text) == {"permissions": (6, 6), "a": (2, 5)}


def test_settings_that_are_aliases():
    text = "branches:\n  - name: main\n    protection:\n      a: &x\n        on: 1\n      b: *x\n      c: 2\n"
    assert spans(text, "settings.yml") == {"a": (4, 5), "b": (6, 6), "c": (7, 7)}


VALUES = st.recursive(
    st.sampled_from(["x", "*a", "&b y", "[1, *a]", "{k: *a}"]),
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(st.sampled_from("pqr"), inner, min_size=1),
    max_leaves=8,
)


def written(value, indent):
    if isinstance(value, str):
        return f" {value}\n"
    pad = " " * indent
    if isinstance(value, list):
        return "\n" + "".join(f"{pad}-{written(item, indent + 2)}" for item in value)
    return "\n" + "".join(f"{pad}{key}:{written(item, indent + 2)}" for key, item in value.items())


@given(st.dictionaries(st.sampled_from(["one", "two", "three"]), VALUES, min_size=1))
def test_spans_of_jobs_never_overlap_and_cover_their_lines(jobs):
    text = "on: &a push\njobs:\n" + "".join(f"  {name}:{written(job, 4)}" for name, job in jobs.items())
    try:
        yaml.compose(text)
    except yaml.YAMLError:
        assume(False)
    places = spans(text)
    lines = text.count("\n")
    starts = [first for first, _ in places.values()]
    assert [last for _, last in places.values()] == [*(start - 1 for start in starts[1:]), lines]


@pytest.mark.parametrize("text", ["jobs: &a\n  b: *a\n", "jobs:\n  b: &b [*b]\n", "jobs:\n  b: &b {c: *b}\n"])
def test_what_holds_itself_ends(text):
    assert all(first <= last for first, last in spans(text).values())

"""METADATA blocks belong to what OPA gives them to (`parseAnnotations` and `attachAnnotationsNodes` in its `v1/ast`)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.model import Repository
from mkdocs_gitguard.policies import PolicyFile, link, read_file

HOUSE = Repository(id="repository:acme/guardrails", namespace="acme", name="guardrails", head="a" * 40)


def scanned(text):
    return read_file(PolicyFile("a.rego", "b" * 40, text.encode("utf-8", "surrogatepass")))


def titles(text):
    linked = link([scanned(text)], HOUSE.id, HOUSE.head)
    return (
        linked.policies[0].title,
        {rule.name: (rule.title, rule.severity) for rule in linked.rules},
        [(finding.line, finding.message) for finding in linked.findings if finding.code == "broken-metadata"],
    )


def test_blocks_back_to_back_are_blocks_of_their_own():
    package, rules, problems = titles(
        "# METADATA\n# title: The shop\n# METADATA\n# scope: subpackages\n# custom:\n#  severity: high\npackage shop\n\n"
        "# METADATA\n# title: All denials\n# scope: document\n# METADATA\n# title: No owner\n"
        'deny contains "no owner" if not input.owner\n'
    )
    assert (package, rules, problems) == ("The shop", {"deny": ("No owner", "high")}, [])


def test_of_two_blocks_above_a_rule_the_closest_speaks_for_it():
    _, rules, problems = titles("package a\n\n# METADATA\n# title: Far\n\n# METADATA\n# title: Near\nx := 1\n")
    assert (rules["x"][0], problems) == ("Near", [])


@pytest.mark.parametrize("gap", ["\n\n\n", "# just a comment\n\n", "\n# more\n"])
def test_a_block_belongs_to_the_next_statement_however_far(gap):
    _, rules, problems = titles(f"package a\n\n# METADATA\n# title: T\n\n{gap}x := 1\ny := 2\n")
    assert ({name: title for name, (title, _) in rules.items()}, problems) == ({"x": "T", "y": ""}, [])


def test_a_block_inside_of_a_rule_belongs_to_the_next_one():
    _, rules, problems = titles("package a\n\nx if {\n# METADATA\n# title: T\n\tinput.a\n}\n\ny := 2\n")
    assert ({name: title for name, (title, _) in rules.items()}, problems) == ({"x": "", "y": "T"}, [])


def test_what_is_indented_or_stands_in_a_text_is_no_block():
    _, rules, problems = titles(
        "package a\n\n\t# METADATA\n\t# title: T\nx := 1\ny := `\n# METADATA\n# title: Z\n`\nz := 3\n"
    )
    assert ({name: title for name, (title, _) in rules.items()}, problems) == ({"x": "", "y": "", "z": ""}, [])


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("package a\n\n# METADATA\n# title: T\nimport data.b\n\nx := 1\n", 3, "above an import"),
        ("package a\n\nx := 1\n\n# METADATA\n# title: T\n", 5, "above nothing"),
        ("package a\n\n# METADATA\n# scope: subpackages\nx := 1\n", 3, "above a rule"),
        ("# METADATA\n# scope: rule\npackage a\n\nx := 1\n", 1, "above the package"),
        ("package a\n\n# METADATA\n# scope: rule\n# entrypoint: true\nx := 1\n", 3, "entrypoint"),
        ("# METADATA\n# scope: subpackages\n# entrypoint: true\npackage a\n", 1, "entrypoint"),
        ("# METADATA\n# title: A\n# METADATA\n# title: B\npackage a\n", 3, "twice"),
        (
            "package a\n\n# METADATA\n# scope: document\nx := 1\n\n# METADATA\n# scope: document\nx := 1 if input.b\n",
            7,
            "twice",
        ),
        ("# METADATA\n# METADATA\n# title: A\npackage a\n", 1, "is empty"),
    ],
)
def test_a_block_that_opa_refuses_is_a_finding_at_its_line(text, line, words):
    [(at, message)] = titles(text)[2]
    assert (at, words in message) == (line, True), message


def test_an_entrypoint_speaks_for_the_package_or_for_all_rules_of_the_name():
    package, rules, problems = titles(
        "# METADATA\n# title: P\n# entrypoint: true\npackage a\n\n"
        "# METADATA\n# title: X\n# entrypoint: true\nx := 1 if input.a\n\nx := 2 if input.b\n"
    )
    assert (package, rules["x"][0], problems) == ("P", "X", [])


@given(st.text(alphabet='# METDA\ntile:xyz{}"`\t', max_size=120))
def test_any_text_has_annotations(text):
    scanned(f"# METADATA\n{text}\npackage a\n{text}")

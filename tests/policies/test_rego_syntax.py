"""The scanner finds every rule's exact lines, in old and new syntax, and in files that do not parse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.policies.rego.outline import scan_rego


def spans(text: str) -> list[tuple[str, str, int, int]]:
    return [(rule.name, rule.type, rule.first_line, rule.last_line) for rule in scan_rego(text).rules]


@pytest.mark.parametrize(
    ("rule", "name", "kind"),
    [
        ("default allow := false", "allow", "default"),
        ("default allow = false", "allow", "default"),
        ("default f(_) := 1", "f", "default"),
        ("allow { input.x }", "allow", "rule"),
        ("allow = true { input.x }", "allow", "rule"),
        ("allow if input.x", "allow", "rule"),
        ("allow if {\n\tinput.x\n}", "allow", "rule"),
        ("allow := x if {\n\tx := 1\n}", "allow", "rule"),
        ("allow if input.a or input.b", "allow", "rule"),
        ("allow if not input.with", "allow", "rule"),
        ("allow if input.x.else", "allow", "rule"),
        ("allow\n{\n\tinput.x\n}", "allow", "rule"),
        ("allow { true } { false }", "allow", "rule"),
        ("allow { true\n}\n{\n\tfalse }", "allow", "rule"),
        ("allow if {\n\tinput.x\n} else := 2 if {\n\tinput.y\n}", "allow", "rule"),
        ("allow {\n\tinput.x\n}\nelse = 2 {\n\tinput.y\n}", "allow", "rule"),
        ("allow if input.x\nelse if input.y", "allow", "rule"),
        ("allow if f(1) with input as {\n\t1: 2\n}", "allow", "rule"),
        ("allow if true\n\twith input.x as 1\n\twith data.y as 2", "allow", "rule"),
        ("allow if some x in input.y", "allow", "rule"),
        ('allow if not contains(input.x, "}")', "allow", "rule"),
        ("allow if every k, v in input {\n\tk != v\n}", "allow", "rule"),
        ('deny contains msg if {\n\tmsg := "x"\n}', "deny", "set"),
        ('deny contains "x"', "deny", "set"),
        ('deny contains\n\tmsg if msg := "x"', "deny", "set"),
        ('deny[msg] {\n\tmsg := `{\n"`\n}', "deny", "set"),
        ('violation[{"msg": msg}] { msg := "a" }', "violation", "set"),
        ("by_name[name] := x if {\n\tsome name, x in input\n}", "by_name", "object"),
        ("by_name[name] = x { x := input[name] }", "by_name", "object"),
        ("f(x) := y if {\n\ty := x\n}", "f", "function"),
        ('f(x, [y, {"a": z}]) = y { x }', "f", "function"),
        ("a.b.c := 1", "a.b.c", "rule"),
        ("a.b contains 1", "a.b", "set"),
        ("a[x].b := 1 if some x in [1]", "a", "object"),
        ('limits := {\n\t"a": 1, # }\n\t"b": [2, (3)],\n}', "limits", "rule"),
        ("sum := 1 +\n\t2", "sum", "rule"),
        ("sum := 1\n\t+ 2", "sum", "rule"),
        ('text := $"a {input["}"]} \\" b"', "text", "rule"),
        ("text := $`a {\n\tx[`}`]\n} \\`", "text", "rule"),
        ('text := "\\"#{" # }', "text", "rule"),
        ("set_of := {x | x := input[_]}", "set_of", "rule"),
        ("pi := 3.1e+5", "pi", "rule"),
    ],
)
def test_each_kind_of_rule(rule: str, name: str, kind: str) -> None:
    text = f"# c\npackage a.b\n\nimport future.keywords\n\nbefore := 1\n\n{rule}\n\n# c }}\nafter := 2\n"
    last = 7 + rule.count("\n") + 1
    assert spans(text) == [("before", "rule", 6, 6), (name, kind, 8, last), ("after", "rule", last + 3, last + 3)]
    assert scan_rego(text).problems == ()
    assert spans(text.replace("\n", "\r\n")) == spans(text)


def test_package_and_imports() -> None:
    module = scan_rego(
        'package a["b-c"].d # why\nimport data.lib.k8s\nimport data.x["y"] as z\nimport input.review\nimport rego.v1\n'
    )
    assert module.package == ("a", "b-c", "d")
    assert [(item.path, item.name) for item in module.imports] == [
        (("data", "lib", "k8s"), "k8s"),
        (("data", "x", "y"), "z"),
        (("input", "review"), "review"),
        (("rego", "v1"), "v1"),
    ]


@pytest.mark.parametrize("name", ["contains", "or", "and"])
@pytest.mark.parametrize("rest", ["(a, b) { a == b }", " := 1", " { true }", " if true", "[x] { x := 1 }"])
def test_rules_named_like_newer_keywords(name: str, rest: str) -> None:
    assert [rule for rule, *_ in spans(f"package a\nx {{ true }}\n{name}{rest}\n")] == ["x", name]


def test_two_rules_on_one_line() -> None:
    assert spans("package a\nx { true } y { false }\n") == [("x", "rule", 2, 2), ("y", "rule", 2, 2)]


def test_annotation_blocks_end_where_opa_ends_them() -> None:
    module = scan_rego(
        "# METADATA\n# title: P\npackage a\n\n# METADATA\n# title: one\n #  not of it\nx := 1\n"
        "\n#METADATA\n#scope: rule\n\n# free\ny := `\n# METADATA\n# title: no\n`\n"
    )
    assert [(block.first_line, block.last_line, block.yaml) for block in module.annotations] == [
        (1, 2, " title: P"),
        (5, 6, " title: one"),
        (10, 11, "scope: rule"),
    ]


@pytest.mark.parametrize(
    ("broken", "line"),
    [("x := {\n\t1,\n", 3), ("x := [1\n", 3), ("x := 1 }\n", 3), ('x := $"{\n', 3)],
)
def test_a_broken_rule_costs_only_itself(broken: str, line: int) -> None:
    module = scan_rego(f"package a\n\n{broken}\nlast := 2\n")
    assert module.problems[0].line == line
    assert module.rules[-1].name == "last"
    assert module.rules[-1].first_line == 4 + broken.count("\n")


def test_a_file_without_package_is_still_read() -> None:
    module = scan_rego("x := 1\n")
    assert module.problems[0].line == 1
    assert len(module.rules) == 1


BODIES = st.sampled_from(
    [
        "input.x",
        'y := "}"',
        "y := `{\n`",
        "# {",
        "z := [i | some i in {1, 2}]",
        'not f({"a": "`"})',
        'count(x) == 1 # "',
    ]
)
HEADS = st.sampled_from(["deny contains msg if", "allow if", "f(x) := y if", "p[x]", "q := 3 if", "r.s if"])


@given(st.lists(st.tuples(HEADS, st.lists(BODIES, min_size=1, max_size=4), st.integers(0, 3)), max_size=6))
def test_generated_rules_have_the_lines_they_were_written_on(
    rules: list[tuple[str, list[str], int]],
) -> None:
    lines = ["package generated"]
    expected = []
    for head, body, gap in rules:
        lines += ["# comment }"] * gap
        text = f"{head} {{\n\t" + "\n\t".join(body) + "\n}"
        expected.append((len(lines) + 1, len(lines) + text.count("\n") + 1))
        lines += text.split("\n")
    scanned_rules = scan_rego("\n".join(lines)).rules
    assert [(rule.first_line, rule.last_line) for rule in scanned_rules] == expected


@given(st.text(alphabet='ab{}[]()"`#$\n .:=\\éx', max_size=80))
def test_no_text_breaks_the_scanner(text: str) -> None:
    module = scan_rego(text)
    last = text.count("\n") + 1
    assert all(1 <= rule.first_line <= rule.last_line <= last for rule in module.rules)

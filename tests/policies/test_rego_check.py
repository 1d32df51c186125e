"""Rego that OPA refuses has a finding at the place, Rego that OPA accepts has none, in v0, v1 and newer syntax."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from make.policy_files import TEMPLATE, read

from mkdocs_gitguard.policies.rego.check import MOST
from mkdocs_gitguard.policies.rego.outline import scan_rego
from mkdocs_gitguard.policies.rego.quick_check import parses_surely
from mkdocs_gitguard.policies.rego.statements import mistakes
from mkdocs_gitguard.policies.rego.tokens import tokens


def problems(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in scan_rego(text).problems]


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("x := ", 2, "Expected a value, found `}`"),
        ("x =", 2, "Expected a value, found `}`"),
        ("a b", 1, "found `b`"),
        ('x := "a" "b"', 1, 'found `"b"`'),
        ("x == == y", 1, "Expected a value, found `==`"),
        ("x := 1 +", 2, "Expected a value, found `}`"),
        ("x := * 2", 1, "Expected a value, found `*`"),
        ("x := [1,,2]", 1, "Expected a value, found `,`"),
        ("x := [1 2]", 1, "Expected an operator, `,` or `]`, found `2`"),
        ("x := [1\n\t\t2]", 2, "Expected an operator, `,` or `]`, found `2`"),
        ('x := {"a": 1 "b": 2}', 1, 'found `"b"`'),
        ('x := {"a": 1, "b"}', 1, "Expected an operator or `:`, found `}`"),
        ('x := {"a": 1,\n\t\t"b": ,\n\t\t"c": 3}', 2, "Expected a value, found `,`"),
        ("x := {1, 2: 3}", 1, "Expected an operator, `,` or `}`, found `:`"),
        ("x := [1, 2}", 1, "Expected an operator, `,` or `]`, found `}`"),
        ("x := (1 + 2]", 1, "Expected an operator or `)`, found `]`"),
        ("f(1", 2, "Expected an operator, `,` or `)`, found `}`"),
        ("f(1,, 2)", 1, "Expected a value, found `,`"),
        ("f (1)", 1, "found `(`"),
        ("x [0]", 1, "found `[`"),
        ("x[]", 1, "Expected a value, found `]`"),
        ("x.", 1, "name is missing after the dot"),
        ("x.1", 1, "Expected a name after the dot"),
        ("x. y", 1, "name is missing after the dot"),
        ('"a".b', 1, "Nothing can be looked up"),
        ("some", 2, "Expected a variable after `some`, found `}`"),
        ("some 1", 1, "Expected a variable after `some`"),
        ("some x,", 2, "Expected a variable after `some`"),
        ("some x in", 2, "Expected a value, found `}`"),
        ("not", 2, "Expected a value, found `}`"),
        ("not some x in y", 1, "`not` cannot stand before `some`"),
        ("every x { x }", 1, "Expected `in`"),
        ("every x in y", 2, "the body of `every`, found `}`"),
        ("every 1 in y { true }", 1, "Only variables can stand"),
        ("every x in y { }", 1, "The body is empty"),
        ("x with", 2, "Expected what `with` replaces"),
        ("x with input", 2, "Expected `as`, found `}`"),
        ("x with f(1) as 2", 1, "can only replace a reference"),
        ("x := y := z", 1, "found `:=`"),
        ("if x", 1, "Expected a value, found `if`"),
        ("else", 1, "Expected a value, found `else`"),
        ("x ; ; y", 1, "Expected a value, found `;`"),
        ("y;", 2, "Expected a value, found `}`"),
        ("x := [y | ]", 1, "The body is empty"),
        ("x := {y | some z in w;}", 1, "Expected a value, found `}`"),
        ("x := {k: v | some k, v in y w}", 1, "found `w`"),
        ("x := 01", 1, "is not a number"),
        ("x := 1.", 1, "is not a number"),
        ("x := 1a", 1, "is not a number"),
        ("x := -", 2, "Expected a number"),
        ('x := "a\\d"', 1, "escape"),
        ('x := "a', 1, "does not end"),
        ("x := 'a'", 1, "Rego has no `'`"),
        ("x ! y", 1, "found `!`"),
        ("x && y", 1, "Expected a value, found `&`"),
        ("x || y", 1, "Expected a value, found `|`"),
        ('x := $"a {y b} c"', 1, "Expected `}` after the template string's expression, found `b`"),
        ('x := $"a {not y}"', 1, "Only a value can stand"),
        ('x := $"a {} c"', 1, "Expected a value"),
    ],
)
@pytest.mark.parametrize("head", ["deny contains msg if", "allow {\n\ttrue\n}\n\ndeny[msg]"])
def test_a_broken_body_has_one_problem_at_its_line(body: str, line: int, words: str, head: str) -> None:
    keywords = "" if "if" in head else "import future.keywords\n"
    before = f"package a\n\n{keywords}first := 1\n\n{head} {{\n\tinput.y\n"
    text = f"{before}\t{body}\n}}\n\nlast := 2\n"
    [(told_line, message)] = problems(text)
    assert (told_line, words in message) == (before.count("\n") + line, True), message
    assert [rule.name for rule in scan_rego(text).rules][-1] == "last"


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("deny contains", 2),
        ("x :=", 2),
        ("x", 0),
        ("else := 1", 0),
        ("default x[1]", 0),
        ("default x := input.y", 0),
        ("default x := 1 + 2", 0),
        ("default := 1", 0),
        ("x if {\n} and", 1),
        ("x if {\n\ty\n} {", 2),
        ("f(x) contains y if x", 0),
        ("f( := 1", 0),
        ("f(x := 1", 0),
        ("p[x := 1", 0),
        ("x := 1; y := 2", 0),
        ("x := y with input as 1", 0),
        ("x + y", 0),
        ("count(x)", 0),
        ("f()", 0),
        ("if x == 1", 0),
        ("x { y }", 0),
        ("p[x] if y else := 2", 0),
        ("p contains x if y else := 2", 0),
        ("x if y else", 2),
        ("x if y\nelse z", 1),
        ('"x" := 1', 0),
        ("{1} = x", 0),
        ("import foo.bar", 0),
        ("import data.a.if", 0),
        ("import data.a as", 2),
        ("import data.a as if", 0),
        ("import future.keywords.unless", 0),
        ("import future.other", 0),
        ("import rego.v2", 0),
        ("import", 2),
        ("import data.", 0),
        ("import data. x", 0),
        ("import data[x]", 0),
        ("package a.1", 0),
        ("?", 0),
    ],
)
def test_a_broken_statement_has_one_problem_at_its_line(statement: str, line: int) -> None:
    text = f"package a\n\nimport rego.v1\n\nimport data.first\n\n{statement}\n\nlast := true\n"
    [(told_line, message)] = problems(text)
    assert told_line == 7 + line, message


VALID_V1 = [
    "x := 1 y := 2",
    "x := [1,\n\n\t2,\n] # ]",
    "x := [, 1, 2]",
    "x := {, 1}",
    "x := {,1: 2}",
    "x := {}",
    "x := set()",
    "x := [1, [2, [3, {4, {5: 6}}]]][0]",
    "x := 1 +\n\t2\n\t* 3",
    "x := 1\n\t- 2",
    "x := 1 - -2",
    "x := -input.y",
    "x := 0.5e-3",
    "x := .5",
    "x := (1)",
    "x := {y | z}",
    "x := {y | z, w}",
    "x := [y | z]",
    "x := {y: z | w}",
    "x := {y: z | w, v: 1}",
    "x := {y + 1: z | some y, z in input}",
    "x := {y: z + 1 | w, 2: 3}",
    "x := {\n\t1 |\n\ttrue\n}",
    'x := "\\u00e9\\n\\/"',
    'x := `a\\d\n"{`',
    'x := $"{input.x} {f(1, "a")} \\{ \\" {[1, 2][0]}"',
    "x := $`{\n\tinput.x\n} \\{ \\d`",
    'x := $"{$"{y}"}"',
    "x := input.if.contains.some",
    'x := input["a-b"][_].c[y]',
    "x := f(1).a[2]",
    "x := data.f[1](2)",
    "x := y in z",
    "x := (y, z in w)",
    "x := f(y, z in w)",
    "x := [y in z, w]",
    "x := 1 in [1] in [true]",
    "x := contains(y, z)",
    "x := count(contains)",
    "x if y",
    "x if not y",
    "x if not y.with",
    "x if some.y",
    "x if {1 == 1}",
    "x if {y} == {z}",
    "x if {y | z}",
    "x if {y: z}",
    "x if some y, z in w",
    "x if some y",
    "x if every y in z { y }",
    "x if every y in z\n{\n\ty\n}",
    'x if every i, y in {"a"} { i; y } with input as 1',
    "x if y with input as 1 with data.z as {2}",
    "x if y\n\twith input.a as 1\n\twith f as g",
    "x if {\n\ty; z\n\tw\n}",
    "x if { y\n;z }",
    "x if { y }\nelse := 1 if { z }\nelse := 2",
    "x if y else if z else := 3",
    "x := 1 if y else := 2 if z",
    "x contains y",
    "x contains y if z",
    "x contains 1 if { true }",
    "x.y.z contains 1",
    "x.y := 1",
    "x[y] := z if w",
    "x[y] if z",
    'x["y"].z if w',
    "x[y][z] contains w if { true }",
    "x[y](z) if w",
    "f(x) := y if z",
    "f(x, [y, {z}], _)",
    "f (x) if y",
    "f() := 1",
    "a.b.f(x) := y",
    "x = 1",
    "default x := false",
    'default x := [1, {"a": -2}]',
    "default x := {y | some y in input}",
    "default f(_, _) := 1",
    "default a.b := 1",
    "if.x := 1",
    "not.x := 1",
    "default.x := 1",
    "package.x if y",
    "else.x if y",
    "x if y\nelse.z if w",
    "some_x := 1",
    "x:=1",
    "x if{y}",
    "x if(y)",
    "x if {\n\t# only this\n\ty # and this {\n}",
    "x\n\t:=\n\t1",
    "x if\n\ty",
    "# a\n#b",
    'import data.x\nimport input.y as z\nimport data.a["b-c"]',
    "import future.keywords.every\nimport future.keywords",
    "_x := 1",
    "x := y if { true }",
]

VALID_V0 = [
    "x { y }",
    "x { y } { z }",
    "x\n{\n\ty\n}\n{\n\tz\n}",
    "x = y { z }",
    "x = 1 { y } else = 2 { z } else = 3",
    "x { y }\nelse { z }",
    "x[y] { z }",
    "x[y]",
    "x.y",
    'x[{"msg": msg}] { msg := "a" }',
    "x[y] = z { w }",
    "f(x) { x }",
    "f(x) = y { x }",
    "contains(x, y) { x == y }",
    "if { true }",
    "in = 1",
    "every[x] { x := input[_] }",
    "x { if := 1; in := if }",
    "x { contains == 1 }",
    "x { some y; input[y] }",
    "x { some i, j\n\tinput[i][j] }",
    "default x = false",
    "import future.keywords.in\nx { some y in z }",
    "import future.keywords.every\nx { every y in z { y } }",
    "import future.keywords.if\nx if y",
    "import future.keywords.contains\nimport future.keywords.if\nx contains y if { y := 1 }",
    "import future.keywords\nx[y] { some y in z }",
]

VALID_NEWEST = [
    "import future.keywords.or\nx if y or z",
    "import future.keywords.and\nimport future.keywords.or\nx if y == 1 and z or not w",
    "import future.keywords.or\nx if {\n\t(y or z)\n\t{ y; z } or { w }\n}",
    "import future.keywords.and\nx if { y and z with input as 1 }",
    "import future.keywords.or\nx := or(y, z)",
    "import future.keywords.not\nx if not { y; z }",
    "import future.keywords.not\nx if { not {\n\ty\n\tz\n} }",
]


@pytest.mark.parametrize("code", [*VALID_V1, *VALID_V0, *VALID_NEWEST])
def test_odd_but_valid_code_has_no_problem(code: str) -> None:
    text = f"package a\n\nbefore := 1\n\n{code}\n\nafter := 2\n"
    assert problems(text) == []
    assert problems(text.replace("\n", "\r\n")) == []
    assert problems("\ufeff" + text.rstrip("\n")) == []


@pytest.mark.parametrize("code", VALID_V1)
def test_what_is_valid_in_v1_is_valid_where_v1_is_asked_for(code: str) -> None:
    assert problems(f"package a\n\nimport rego.v1\n\n{code}\n") == []


@pytest.mark.parametrize("code", ["x { y }", "x[y] { z }", "x[y]", "x.y", "f(x) { x }", "x = 1 if y else = 2 { z }"])
def test_older_rules_are_refused_where_v1_is_asked_for(code: str) -> None:
    text = f"package a\n\n{code}\n"
    assert problems(f"{text}\nimport rego.v1\n")[0][0] == 3


def test_words_are_names_before_their_import() -> None:
    assert problems("package a\n\nx { in == 1 }\n") == []
    assert problems("package a\n\nimport future.keywords.in\n\nx { in == 1 }\n")[0][0] == 5
    assert problems("package a\n\nx if y or z\n")[0][0] == 3


def test_each_broken_rule_is_told_of_but_not_more_than_a_few() -> None:
    text = "package a\n\nx if {\n\ty :=\n}\n\nfine if z\n\nx if [1,,2]\n\nx := {\n\t1\n\n"
    assert [line for line, _ in problems(text)] == [5, 9, 11]
    assert len(problems("package a\n" + "x if 1 2\n" * 40)) == MOST
    assert len(problems("package a\n" + "}\n" * 40)) == MOST


def test_a_bracket_is_told_of_where_it_should_have_been_closed_if_that_can_be_seen() -> None:
    shown = "package a\n\nx if {\n\ty := f(1, 2\n\tz := 3\n}\n\nlast := 2\n"
    assert problems(shown) == [(5, "Expected an operator, `,` or `)`, found `z`.")]
    unseen = "package a\n\nx if {\n\ty := 1\n\nlast := 2\n"
    assert problems(unseen) == [(3, "The '{' here is never closed.")]


def test_rego_in_a_template_is_told_of_at_the_files_line() -> None:
    broken = TEMPLATE.replace("name(x) = y {", "name(x) = = y {").replace('msg := "b"', 'msg := "b" "c"')
    lines = broken.splitlines()
    findings = [one for one in read("library/template.yaml", broken).findings if one.code == "rego-broken"]
    assert [lines[one.line - 1].strip() for one in findings] == ['msg := "b" "c"', "name(x) = = y {"]
    assert all(one.hint for one in findings)


def test_nesting_that_would_overflow_the_stack_is_left_alone() -> None:
    for opener in ("[", "{", "(", "f(", "{1: ", "[x | ", "not {", "[{"):
        mistakes = problems(f"package a\n\nimport future.keywords\n\nx if {opener * 5_000}\n")
        assert all(line == 5 for line, _ in mistakes)
    for opener in ('$"{', "$`{", '[$"{'):
        assert problems(f"package a\n\nx := {opener * 5_000}\n")
    deep = "[" * 5_000 + "]" * 5_000
    assert problems(f"package a\n\nx := {deep}\n") == []


NAMES = st.sampled_from(["x", "y", "input", "data.lib.f", "_", "input.a.if"])
SCALARS = st.sampled_from(["1", "-2.5", "true", "null", '"a b"', '"\\n}"', "`{\n`", "0", '$"{x} \\{"'])


def grown(terms: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    lists = st.lists(terms, min_size=1, max_size=3)
    blanks = st.sampled_from([" ", "\n\t", "  # }\n\t"])
    return st.one_of(
        lists.map(lambda items: f"[{', '.join(items)}]"),
        st.tuples(lists, blanks).map(lambda part: f"{{{part[1]}{f',{part[1]}'.join(part[0])},{part[1]}}}"),
        st.tuples(terms, terms).map(lambda pair: f"{{{pair[0]}: {pair[1]}}}"),
        lists.map(lambda items: f"f({', '.join(items)})"),
        terms.map(lambda term: f"input.x[{term}].y"),
        st.tuples(terms, terms, st.sampled_from(["+", "==", "&", "in", "<="])).map(
            lambda part: f"({part[0]} {part[2]} {part[1]})"
        ),
        st.tuples(NAMES, terms).map(lambda pair: f"[{pair[0]} | some x in {pair[1]}; x]"),
        st.tuples(NAMES, terms).map(lambda pair: f"{{{pair[0]}: {pair[0]} |\n\t{pair[1]}\n}}"),
    )


TERMS = st.recursive(NAMES | SCALARS, grown, max_leaves=8)
EXPRESSIONS = st.one_of(
    TERMS.map(lambda term: f"x := {term}"),
    st.tuples(TERMS, TERMS).map(lambda pair: f"{pair[0]} != {pair[1]}"),
    TERMS.map(lambda term: f"not f({term})"),
    TERMS.map(lambda term: f"some k, v in {term}"),
    TERMS.map(lambda term: f"every v in {term} {{\n\t\tv\n\t}}"),
    TERMS.map(lambda term: f"data.a with input.b as {term}"),
    st.just("some i, j"),
)
BODIES = st.lists(EXPRESSIONS, min_size=1, max_size=4).map(lambda body: "{\n\t" + "\n\t".join(body) + "\n}")
RULES = st.one_of(
    st.tuples(st.sampled_from(["deny contains msg if", "allow if", "p[k] := v if"]), BODIES).map(" ".join),
    st.tuples(BODIES, BODIES).map(lambda pair: f"f(x) := 1 if {pair[0]} else := 2 if {pair[1]}"),
    TERMS.map(lambda term: f"limit := {term}"),
    TERMS.map(lambda term: f"set contains {term}"),
    EXPRESSIONS.map(lambda expression: f"allow if {expression}"),
    st.just("default allow := false"),
)
MODULES = st.lists(RULES, max_size=5).map(lambda rules: "package a\n\nimport rego.v1\n\n" + "\n\n".join(rules) + "\n")


@given(MODULES)
def test_generated_modules_have_no_problem(text: str) -> None:
    assert problems(text) == []


@given(MODULES, st.data())
def test_what_is_surely_fine_is_fine_to_the_exact_reader(text: str, data: st.DataObject) -> None:
    """The quick look may only pass what the exact one passes, whatever is cut out or put in."""
    at = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(at, min(len(text), at + 6)))
    put = data.draw(
        st.sampled_from(["", " ", "\n", ",", "}", "]", "(", "[", "{", ":", "=", "|", " x ", '"', "if", "."])
    )
    changed = text[:at] + put + text[end:]
    if parses_surely(changed):
        read = tokens(changed)
        assert [] in (mistakes(read, [], is_v1=True, most=1), mistakes(read, [], is_v1=False, most=1))


PIECES = st.sampled_from(
    [
        *'[](){}.,:;|&-+%`"$#\n _',
        *("x", "1", ":=", "==", "some", "in", "every", "not", "if", "else", "contains", "with", "as", "default", "or"),
        *("import", "future.keywords", "rego.v1", "package", "true", '"a"', '$"{', "\\", "é", "\x00"),
    ]
)


@given(st.lists(PIECES, max_size=60).map(" ".join) | st.lists(PIECES, max_size=60).map("".join))
def test_no_text_breaks_the_check(text: str) -> None:
    last = text.count("\n") + 1
    assert all(1 <= line <= last and message for line, message in problems(text))

"""Rules of one name are told apart by what they can give; nothing is thought unable to give what it can give."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from regopy import Interpreter

from mkdocs_gitguard.decisions.cel_messages import validation_in
from mkdocs_gitguard.decisions.messages import fits
from mkdocs_gitguard.decisions.rego_values import definition_in
from mkdocs_gitguard.decisions.rule_values import can_give, can_say


def could_say(body, message):
    source = f"package a\n\ndeny contains msg if {{\n\t{body}\n}}\n"
    return can_say(definition_in(source, 3, source.count("\n")), message)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('msg := "A licence is missing"', "A licence is missing"),
        ('msg := sprintf("%s: container %q has %d ports", [a, b, c])', 'web: container "x" has 3 ports'),
        ('msg := sprintf("use %.2f%% of <%v>", [a, b])', "use 0.50% of <x>"),
        ("msg := `raw \\n text %v`", "raw \\n text %v"),
        (r'msg := "tab\tquote\"uni\u00e9"', 'tab\tquote"uni\u00e9'),
        ('msg := $"Branch {input.branch} is {days} old"', "Branch main is 9 old"),
        ('msg := $"{x} \\{y} {{"a": "}"}.a} z"', "1 {y} } z"),
        ('msg := sprintf("you must provide labels: %v", [missing])', 'you must provide labels: {"gatekeeper"}'),
        ('msg := sprintf("%s is %v", ["one", sprintf("%d of %s", [n, "two"])])', "one is 1 of two"),
        ('form := "%s has no %s"\n\tmsg := sprintf(form, [x, "owner"])', "web has no owner"),
        ('msg := concat(": ", ["rule 1", concat("/", [input.a, "b"])])', "rule 1: x/b"),
        ('msg := sprintf("%d of %t", [3, true])', "3 of true"),
        ('msg := sprintf("%[2]s before %[1]s", [a, b])', "x before y"),
        ('msg := sprintf("%s", [x, y])', "1%!(EXTRA int=2)"),
        ('some msg in ["either this", "or that"]', "or that"),
    ],
)
def test_a_rule_can_say_what_its_texts_form(body, message):
    assert could_say(body, message)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('msg := "A licence is missing"', "A licence is missing."),
        ('msg := sprintf("one %v two %v three", [a, b])', "one two three"),
        ('msg := sprintf("aaaaaa%vaaaaaa", [a])', "aaaaaaaaaa"),
        ('msg := sprintf("%v is %v", [a, b])', "x was y"),
        ('msg := sprintf("%s is %v", ["one", sprintf("%d of %s", [n, "two"])])', "one is 1 of three"),
        ('form := "%s has no %s"\n\tmsg := sprintf(form, [x, "owner"])', "web has no licence"),
        ('msg := concat(": ", ["rule 1", concat("/", [input.a, "b"])])', "rule 2: x/b"),
        ('msg := $"{input["a"]} is {sprintf("%s", ["odd"])}"', "1 is even"),
        ('some msg in ["either this", "or that"]', "or not"),
    ],
)
def test_a_rule_cannot_say_what_its_texts_do_not_form(body, message):
    assert not could_say(body, message)


@pytest.mark.parametrize(
    "body",
    [
        '# "A licence is missing"',
        'msg := sprintf("%s", [x])',
        "msg := input.message",
        'msg := lib.text("x")',
        "msg := data.texts[input.kind]",
        "some msg in input.messages",
        "[_, msg] := walk_it",
        'msg := ["a", "b"][input.n]',
        "input.messages[msg]",
        '"x" = msg\n\tmsg := "y"',
        "msg := a + b",
        "msg := [t | some s, t in input.texts][0]",
        "",
    ],
)
def test_what_only_an_input_tells_can_be_anything(body):
    assert could_say(body, "anything at all")


def test_a_hostile_pattern_takes_no_time():
    assert not could_say('msg := sprintf("' + "a%v" * 2_000 + 'b", [])', "c" + "a" * 5_000)
    assert not fits(("a",) * 2_000 + ("b",), "a" * 5_000)


# No quotes, backslashes and empty texts: regopy writes them wrong into its own JSON.
WRITTEN = st.text(alphabet="abc %{}'é", min_size=1, max_size=6)


@st.composite
def expressions(draw, depth=2):
    """A Rego expression that writes a text, of constants and of what an input brings."""
    # regopy puts quotes around what `concat` gives inside of `sprintf`, so that stands outermost only.
    nested = ["sprintf", "concat"] if depth == 2 else ["sprintf"] if depth else []
    kind = draw(st.sampled_from(["text", "raw", "input", *nested]))
    if kind == "text":
        return json.dumps(draw(WRITTEN))
    if kind == "raw":
        return "`" + draw(WRITTEN).replace("`", "") + "`"
    if kind == "input":
        return draw(st.sampled_from(["input.a", "input.b"]))
    parts = draw(st.lists(expressions(depth=depth - 1), min_size=1, max_size=3))
    if kind == "concat":
        return f"concat({json.dumps(draw(WRITTEN))}, [{', '.join(parts)}])"
    fixed = [draw(WRITTEN).replace("%", "%%") for _ in parts]
    verbs = [draw(st.sampled_from(["%s", "%v"])) for _ in parts]
    form = "".join(text + verb for text, verb in zip(fixed, verbs, strict=True)) + draw(WRITTEN).replace("%", "%%")
    return f"sprintf({json.dumps(form)}, [{', '.join(parts)}])"


@settings(max_examples=150, deadline=None)
@given(expressions(), st.sampled_from(["z", "x", "a b"]), st.sampled_from(["y", "%s"]))
def test_what_opa_writes_is_always_among_what_a_rule_can_say(expression, one, other):
    source = f"package a\n\ndeny contains msg if {{\n\tmsg := {expression}\n}}\n"
    interpreter = Interpreter()
    interpreter.add_module("a.rego", source)
    interpreter.set_input({"a": one, "b": other})
    answer = str(interpreter.query("said := data.a.deny"))
    for message in json.loads(answer)["bindings"]["said"] if answer.startswith("{") else []:
        assert can_say(definition_in(source, 3, 5), message)
        assert can_give(definition_in(source, 3, 5), message)


@given(st.text(), st.text())
def test_any_source_and_message_can_be_compared(source, message):
    could_say(source, message)


@given(st.text(alphabet='ab {}[]()\n:="$`,.|', max_size=80), st.integers(1, 9), st.integers(1, 9))
def test_any_text_can_be_read(source, first, last):
    can_give(definition_in(source, first, last), {"a": 1}, "a")


HELPED = """      rego: |
        package k8s

        violation[{"msg": msg}] {
          msg := bad_name(input.name)
        }

        violation[{"msg": other_message}] {
          input.other
        }
        bad_name(name) := sprintf("<%v> is not a valid name", [name]) {
          true
        } else := text(name)

        text(name) := sprintf("a name such as %v is odd", [name])
        other_message := "the other rule speaks"
        recursive(x) := recursive(x)
"""


@pytest.mark.parametrize(
    ("message", "line"),
    [("<x> is not a valid name", 4), ("a name such as x is odd", 4), ("the other rule speaks", 8)],
)
def test_a_message_that_a_helper_writes_is_said_by_the_rule_that_uses_it(message, line):
    spans = {4: (4, 6), 8: (8, 10)}
    assert [first for first, span in spans.items() if can_say(definition_in(HELPED, *span), message)] == [line]


@pytest.mark.parametrize(
    ("text", "message", "is_able"),
    [
        ("- expression: x\n  message: plain text", "plain text", True),
        ("- expression: x\n  message: plain text", "other text", False),
        ("  - expression: x\n    message: 'it''s single'", "it's single", True),
        ('- {expression: x, message: "double \\"quoted\\" text"}', 'double "quoted" text', True),
        ("- expression: x\n  message: >-\n    folded\n    text", "folded text", True),
        ("- expression: x\n  message: |\n    a block\n", "a block", True),
        ("- expression: x\n  messageExpression: \"'no ' + object.kind + ' here'\"", "no Pod here", True),
        ("- expression: x\n  messageExpression: \"'no ' + object.kind + ' here'\"", "no Pod there", False),
        ("- expression: x\n  messageExpression: \"a ? 'b' : 'c'\"", "b", True),
        ("- expression: has(object.x)", "failed expression: has(object.x)", True),
        ("- expression: has(object.x)", "something else", False),
        ("- *shared", "something else", True),
        ("- {", "something else", True),
    ],
)
def test_a_validation_says_its_message_however_the_yaml_is_quoted(text, message, is_able):
    assert can_say(validation_in(text), message) is is_able


@given(st.text())
def test_any_text_of_a_validation_can_be_read(text):
    can_say(validation_in(text), "x")

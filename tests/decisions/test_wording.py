"""Rules of one name are told apart by what they can say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.decisions.messages import fits, patterns, reached_text, rule_text


def could_say(source: str, message: str) -> bool:
    return any(fits(pattern, message) for pattern in patterns(source))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('msg := "A licence is missing"', "A licence is missing"),
        ('msg := sprintf("%s: container %q has %d ports", [a, b, c])', 'web: container "x" has 3 ports'),
        ('msg := sprintf("use %.2f%% of <%v>", [a, b])', "use 0.50% of <x>"),
        ("msg := `raw \\n text %v`", "raw \\n text 7"),
        (r'msg := "tab\tquote\"uni\u00e9"', 'tab\tquote"uni\u00e9'),
        ('msg := $"Branch {input.branch} is {days} old"', "Branch main is 9 old"),
        ('msg := sprintf("you must provide labels: %v", [missing])', 'you must provide labels: {"gatekeeper"}'),
    ],
)
def test_a_rule_can_say_what_its_texts_form(source, message):
    assert could_say(source, message)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('msg := "A licence is missing"', "A licence is missing."),
        ('# "A licence is missing"', "A licence is missing"),
        ('msg := sprintf("%s", [x])', "anything at all"),
        ('msg := sprintf("%v is %v", [a, b])', "x is y"),
        ('msg := sprintf("one %v two %v three", [a, b])', "one two three"),
        ('msg := sprintf("aaaaaa%vaaaaaa", [a])', "aaaaaaaaaa"),
        ("", "something"),
    ],
)
def test_what_does_not_fit_or_tells_nothing_is_no_proof(source, message):
    assert not could_say(source, message)


def test_a_hostile_pattern_takes_no_time():
    assert not could_say('"' + "a%v" * 2_000 + 'b"', "a" * 5_000)


@given(
    st.lists(st.text("abc %", min_size=2, max_size=8), min_size=2, max_size=5),
    st.lists(st.text(max_size=5), min_size=5, max_size=5),
)
def test_every_filled_in_pattern_fits(parts, values):
    parts = [f"{part.replace('%', '')}xyz" for part in parts]
    message = parts[0] + "".join(value + part for value, part in zip(values, parts[1:], strict=False))
    assert could_say(f'sprintf("{"%v".join(parts)}", [])', message)


@given(st.text(), st.text())
def test_any_source_and_message_can_be_compared(source, message):
    could_say(source, message)


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
    able = [first for first, span in spans.items() if could_say(reached_text(HELPED, *span), message)]
    assert able == [line]
    assert not could_say(rule_text(HELPED, *spans[line]), message)


@given(st.text(alphabet='ab {}\n:="', max_size=80), st.integers(1, 9), st.integers(1, 9))
def test_any_text_has_a_reach(source, first, last):
    reached_text(source, first, last)

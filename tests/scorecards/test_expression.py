"""The language of conditions."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.scorecards.expression import ExpressionError, Value, ValueType, read_condition

TYPES: dict[str, ValueType] = {"readme": "yes/no", "findings": "number", "licence": "text", "age": "number"}
FACTS: dict[str, Value] = {"readme": True, "findings": 3.0, "licence": "MIT", "age": None}


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("readme", True),
        ("not readme", False),
        ("not not readme", True),
        ("findings > 2 and findings <= 3", True),
        ("findings == 3.0", True),
        ("findings != 3", False),
        ('licence in ("Apache-2.0", "MIT")', True),
        ('licence == "GPL" or readme', True),
        ('licence == "GPL" or readme and findings < 1', False),
        ('(licence == "GPL" or readme) and not findings < 1', True),
        ("age < 30", None),
        ("age in (1, 2)", None),
        ("not age < 30", None),
        ("age < 30 or readme", True),
        ("age < 30 and not readme", False),
        ("age < 30 and readme", None),
        ("true", True),
        ("readme == false", False),
    ],
)
def test_a_condition_holds_or_not_or_is_not_known(text: str, truth: bool | None) -> None:  # noqa: FBT001
    assert read_condition(text, TYPES).holds(FACTS) is truth


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "A value is missing at the end.", "Write a fact"),
        ("readm", "'readm' is not a fact.", "Did you mean readme?"),
        ("findings", "The condition is a number, not a yes or no.", "Write a comparison"),
        ("findings > true", "`>` stands between a number and a yes or no.", "Write two"),
        ('licence < "B"', "What stands before `<` is a text, not a number.", "Write another value."),
        ("readme findings", "'findings' is not expected there.", "Write `and`"),
        ("readme and", "A value is missing at the end.", "Write a fact"),
        ("(readme", "A parenthesis is not closed.", "Write `)`."),
        ("licence in ()", "A value is missing before ')'.", "Write a fact"),
        ("licence in (3)", "What stands in the list is a number, not a text.", "Write another value."),
        ("licence in MIT", "`in` is not followed by a list.", "Write one"),
        ("readme.real", "'.real' is not a word of a condition.", "Write texts in quotes"),
        ("__import__('os')", "\"('os')\"", ""),
        ("(" * 30 + "readme" + ")" * 30, "nested more than 20 deep", "Write several checks."),
        ("readme and " * 100 + "readme", "more than 500 characters", "Write several checks."),
        ("not findings", "What stands behind `not` is a number", "Write a comparison"),
    ],
)
def test_what_is_no_condition_is_told_with_a_hint(text: str, message: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as error:
        read_condition(text, TYPES)
    if not text.startswith("__"):
        assert message in str(error.value)
        assert hint in error.value.hint


WORDS = st.sampled_from([*TYPES, "and", "or", "not", "in", "(", ")", ",", "3", '"MIT"', "<", "==", "true", "$", '"'])


@given(st.lists(WORDS, max_size=40).map(" ".join) | st.text(max_size=40))
def test_any_text_is_a_condition_or_refused(text: str) -> None:
    with suppress(ExpressionError):
        condition = read_condition(text, TYPES)
        assert condition.holds(FACTS) in {True, False, None}
        assert condition.holds(dict.fromkeys(TYPES)) in {True, False, None}
        assert set(condition.names) <= set(TYPES)

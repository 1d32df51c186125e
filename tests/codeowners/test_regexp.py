import re
import time
from contextlib import suppress

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mkdocs_gitguard.codeowners.regexp import Regexp, RegexpError

expressions = st.recursive(
    st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\d", r"\.", "^", "$", "[[:alpha:]]", r"\x61", r"[\w-]", "a-"]),
    lambda inner: st.one_of(
        st.builds("({})".format, inner),
        st.builds("(?:{})*".format, inner),
        st.builds("(?:{})+?".format, inner),
        st.builds("(?:{})?".format, inner),
        st.builds("(?:{}){{1,3}}".format, inner),
        st.builds("(?:{}){{2}}".format, inner),
        st.builds("{}|{}".format, inner, inner),
        st.builds("{}{}".format, inner, inner),
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(expressions, st.text("ab.1-\n", max_size=8))
def test_expressions_agree_with_python(source, text):
    """Where both languages mean the same: Python's `$` also matches before a last line end, so `\\Z` stands for it."""
    assume(source.count("{") <= 6)  # seven of them in each other are more repetitions than Go allows
    equivalent = source.replace("$", r"\Z").replace("[[:alpha:]]", "[A-Za-z]")
    assert Regexp(source).search(text) is bool(re.search(equivalent, text, re.ASCII))


looking = st.recursive(
    st.sampled_from(["a", "b", ".", "[^a]", r"\w", r"\b", r"\B", "^", r"\Z", "(?<=a)", "(?<!ab)"]),
    lambda inner: st.one_of(
        st.builds("(?={})".format, inner),
        st.builds("(?!{})".format, inner),
        st.builds("(?:{})*".format, inner),
        st.builds("{}|{}".format, inner, inner),
        st.builds("{}{}".format, inner, inner),
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(looking, st.text("ab.", max_size=8))
def test_lookarounds_agree_with_python(source, text):
    assert Regexp(source.replace(r"\Z", r"\z"), "regexp2").search(text) is bool(
        re.search(source.replace(r"\B", r"(?!\b)"), text)
    )


@settings(deadline=None)
@given(st.text("ab()[]{}|*+?\\.^$-,1:=!<>'#PdQEwbki ", max_size=12), st.sampled_from(["re2", "regexp2"]))
def test_no_expression_escapes_the_error(source, language):
    column = 1
    try:
        Regexp(source, language).search("ab1")
    except RegexpError as error:
        column = error.column
    assert 1 <= column <= len(source) + 1


def test_hostile_expressions_are_answered():
    """Backtracking would try some 2**100,000 ways."""
    expression = Regexp("^(a+)+(a|a)*(a*)*b$")
    assert not expression.search("a" * 100_000)
    assert expression.search("a" * 100_000 + "b")


@pytest.mark.parametrize(
    "source",
    ["((a{1000}){1000}){1000}", "((((){1000}){1000}){1000}){1000}", "(" * 200 + "a" + ")" * 200, "(a|bc){1000}" * 30],
)
def test_huge_expressions_are_refused(source):
    with pytest.raises(RegexpError):
        Regexp(source)


@pytest.mark.parametrize(
    "make",
    [
        lambda size: "{" * size,
        lambda size: "{1" * size,
        lambda size: "(?<" * size,
        lambda size: "[[:" * size,
        lambda size: "\\x{" * size,
        lambda size: "(?=a)" * size,
        lambda size: "a" * size,
        lambda size: "[" + "a-" * size,
    ],
)
@pytest.mark.parametrize("language", ["re2", "regexp2"])
def test_reading_takes_linear_time(make, language):
    def seconds(size):
        started = time.process_time()
        with suppress(RegexpError):
            Regexp(make(size), language)
        return time.process_time() - started

    seconds(10)
    assert seconds(40_000) < 5

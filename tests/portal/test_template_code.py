"""Templates say what Jinja's own code for them says."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment, StrictUndefined, UndefinedError
from markupsafe import Markup, escape

from mkdocs_gitguard.portal.template_code import PortalEnvironment, finalized, printed
from mkdocs_gitguard.portal.ui import Ui
from mkdocs_gitguard.words import escaped, line_html, one_line, text_html, visible


class Name(str):
    __slots__ = ()


class Drawing:
    def __html__(self) -> str:
        return "<svg></svg>"


TEXTS = st.text() | st.text(alphabet="<>&'\"ab\x1b\u202e\n")
VALUES = st.one_of(
    TEXTS,
    TEXTS.map(Markup),
    TEXTS.map(Name),
    st.integers(),
    st.floats(),
    st.none(),
    st.booleans(),
    st.lists(TEXTS),
    st.builds(Drawing),
)
TEMPLATES = {
    "values": "{{ text }}{{ markup }}{{ 7 }}{{ 'a<b' }}{{ none }}{{ text | upper }}{{ text ~ markup }}",
    "functions": "{{ function(text, markup) }}{{ function(*[text]) }}{{ function(**{'a': text}) }}{{ function() }}",
    "names": "{{ function(first=text, second=markup) }}{{ function(text, **{'class': markup}) }}{{ function(if=text) }}",
    "ui": "{{ ui.name(text) }}{{ ui.breakable(text, after='a') }}{{ ui['name'](text) }}{% set ui = ui %}{{ ui.prose(text) }}",
    "methods": "{{ text.upper() }}{{ things.get('x', text) }}{{ things.items() | list }}{{ [text][0].strip('a') }}",
    "macros": "{% macro m(a, b=text) %}<i>{{ a }}{{ b }}{{ varargs }}</i>{% endmacro %}{{ m(text) }}{{ m(markup, b=m(text)) }}",
    "imports": "{% from 'parts' import part %}{% import 'parts' as parts %}{{ part(text) }}{{ parts.part(text) }}",
    "callers": "{% macro m() %}<i>{{ caller(text) }}</i>{% endmacro %}{% call(x) m() %}{{ x }}{{ markup }}{% endcall %}",
    "loops": "{% for one in [text, markup] %}{{ loop.cycle('<', 2) }}{{ function(one) }}{% endfor %}",
    "tree": "{% for one in tree recursive %}<i>{{ one.name }}{{ loop(one.below) }}</i>{% endfor %}",
    "blocks": "{% extends 'base' %}{% block body %}{{ super() }}{{ function(text) }}{% endblock %}",
    "sets": "{% set x %}<i>{{ text }}</i>{% endset %}{{ x }}{% set y = function(text) %}{{ y }}{{ x.upper() }}",
    "filters": "{% filter upper %}<i>{{ text }}</i>{% endfilter %}",
    "plain": "{% autoescape false %}{{ text }}{{ function(text) }}{% endautoescape %}{{ text }}",
    "asked": "{% autoescape asked %}{{ text }}{{ function(text) }}{% endautoescape %}",
    "space": "{% set space = namespace(a=text) %}{{ space.a }}{{ range(3) | list }}{{ dict(a=text) }}",
}
PARTS = {
    "parts": "{% macro part(text) %}<u>{{ text }}</u>{% endmacro %}",
    "base": "<p>{% block body %}{{ markup }}{% endblock %}{{ self.body() }}</p>",
}


def environment_of(kind: type[Environment]) -> Environment:
    loader = DictLoader(TEMPLATES | PARTS)
    return kind(autoescape=True, undefined=StrictUndefined, loader=loader, finalize=finalized)


def context_of(text: str) -> dict[str, Any]:
    return {
        "text": text,
        "markup": Markup(f"<em>{escape(text)}</em>"),
        "function": lambda *given, **named: f"<{given}{named}>",
        "ui": Ui(*[None] * 3),  # type: ignore[arg-type]
        "things": {"a": text},
        "tree": [{"name": text, "below": [{"name": "&", "below": []}]}],
        "asked": text > "m",
    }


@given(VALUES)
def test_what_is_printed_is_escaped_and_shows_what_is_hidden(value: object) -> None:
    assert printed(value) == escape(finalized(value))
    assert isinstance(printed(value), str)


@given(TEXTS)
def test_text_is_html_as_it_is_or_escaped(text: str) -> None:
    assert line_html(text) == escape(one_line(text))
    assert text_html(text) == escape(visible(text))
    assert escaped(text) == escape(text)


@pytest.mark.parametrize("name", TEMPLATES)
@given(text=TEXTS)
def test_a_template_says_what_jinja_has_it_say(name: str, text: str) -> None:
    context = context_of(text)
    ours, jinjas = (
        environment_of(kind).get_template(name).render(context) for kind in (PortalEnvironment, Environment)
    )
    assert ours == jinjas


@pytest.mark.parametrize("source", ["{{ none_such }}", "{{ none_such() }}", "{{ ui.none_such.x() }}", "{{ text.x() }}"])
def test_what_is_not_there_is_an_error(source: str) -> None:
    template = environment_of(PortalEnvironment).from_string(source)
    with pytest.raises(UndefinedError, match=r"none_such|'x'"):
        template.render(context_of("text"))

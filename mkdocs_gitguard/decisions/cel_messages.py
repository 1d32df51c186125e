"""What one validation of a CEL policy can say, told from its YAML, however the YAML is quoted.

A validation says its `messageExpression`, where that gives a text, else its `message`, else that its expression failed
(https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#message-expression).
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import yaml

from mkdocs_gitguard.bounded_yaml import load_documents
from mkdocs_gitguard.decisions.messages import ANY_TEXT, Pattern, joined
from mkdocs_gitguard.decisions.rule_values import ANYTHING, Definition, Text, Value
from mkdocs_gitguard.late_pattern import late_pattern

_LONGEST: Final = 20_000
"""Characters of one validation; the API server takes far fewer."""
_ESCAPE: Final = late_pattern(r"\\(.)", re.DOTALL)


@lru_cache(maxsize=20_000)
def validation_in(text: str) -> Definition:
    """Return what the validation in these lines of YAML, an item of a list, can say."""
    return Definition("set", is_default=False, values=tuple(_values(_fields(text))))


def _fields(text: str) -> Mapping[str, Any]:
    if len(text) > _LONGEST:
        return {}
    try:
        documents = list(load_documents(text))
    except yaml.YAMLError:
        return {}
    value = documents[0] if len(documents) == 1 else None
    item = value[0] if isinstance(value, list) and len(value) == 1 else value
    return item if isinstance(item, Mapping) else {}


def _values(fields: Mapping[str, Any]) -> Iterator[Value]:
    expression, message = fields.get("messageExpression"), fields.get("message")
    if isinstance(expression, str):
        yield Text(_pattern(expression))
    if isinstance(message, str):
        # Surrounding blanks do not outlive the engines' own trimming (`strings.TrimSpace`).
        yield Text((message,))
        yield Text((message.strip(),))
    elif isinstance(fields.get("expression"), str):
        yield Text(joined([("failed expression: ",), (fields["expression"].strip(),)]))
        yield Text(("",))
    else:
        yield ANYTHING


def _pattern(expression: str) -> Pattern:
    """Return the fixed parts of literals that are added up; what else is added is a gap."""
    pieces: list[Pattern] = []
    for operand in _operands(expression):
        literal = operand.strip()
        is_text = len(literal) > 1 and literal[0] in "\"'" and literal[-1] == literal[0]
        is_one = is_text and literal[0] not in _ESCAPE.sub("", literal[1:-1])
        pieces.append((_ESCAPE.sub(r"\1", literal[1:-1]),) if is_one else ANY_TEXT)
    return joined(pieces)


def _operands(expression: str) -> list[str]:
    """Return what stands between the `+` of an expression, outside of brackets and texts; one gap where more does."""
    operands: list[str] = []
    depth, start, quote, position = 0, 0, "", 0
    while position < len(expression):
        character = expression[position]
        if quote:
            position += character == "\\"
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character in "?&|=<>" and not depth:
            return [""]
        elif character == "+" and not depth:
            operands.append(expression[start:position])
            start = position + 1
        position += 1
    return [*operands, expression[start:]]

"""Finds packages, imports, rules and annotation blocks in Rego, with exact lines, whatever version it is written in.

This is a scanner, not a parser: it knows strings, raw strings, template strings, comments and brackets, and where one
statement ends and the next begins. So it needs no engine, reads v0, v1 and newer syntax alike, and still finds the
other rules of a file that does not parse. What it relies on
(https://www.openpolicyagent.org/docs/policy-reference#grammar): newlines mean nothing between statements; a new
statement begins where, outside of all brackets, a word follows the end of a term.
"""

import re
from functools import lru_cache, reduce
from typing import Final, Literal, NamedTuple

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.policies.rego.check import LooseBracket, RegoProblem, check_rego

RegoRuleType = Literal["rule", "set", "object", "function", "default"]

_WORDS_THAT_GO_ON: Final = frozenset(
    {"default", "if", "contains", "else", "in", "with", "as", "not", "some", "every", "package", "import", "or", "and"}
)
"""Words after which a statement cannot be over."""
_WORDS_INSIDE: Final = frozenset({"if", "contains", "else", "in", "with", "as", "or", "and"})
"""Words that go on with the statement before them."""
_TOKEN: Final = late_pattern(
    r"""[ \t\r\n;]*+(?:
      (?P<comment>\#[^\n]*+)
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*+)
    | (?P<string>"(?>(?:[^"\\\n]|\\.)*)"|`[^`]*+`)
    | (?P<template>\$["`])
    | (?P<open>[\[({])
    | (?P<close>[\])}])
    | (?P<number>[0-9][0-9A-Za-z.]*+(?:(?<=[eE])[+-][0-9]+)?)
    | (?P<operator>:=|==|!=|<=|>=|[=:<>!|&+\-*/%,])
    | (?P<dot>\.)
    | (?P<other>"[^\n]*+|[^ \t\r\n;])
    )""",
    re.VERBOSE,
)
_INSIDE: Final = late_pattern(
    r"""(?>(?:[^\[\](){}"`\#$]++ | "(?>(?:[^"\\\n]|\\.)*)" | `[^`]*+` | \#[^\n]*+ )*)
        (?: (?P<open>[\[({]) | (?P<close>[\])}]) | (?P<template>\$["`]) | (?P<odd>"[^\n]*+|[`$]) | \Z )""",
    re.VERBOSE,
)
"""From somewhere inside brackets to the next bracket that counts; a text that does not end is taken with its line."""
_PLAIN: Final = r"""[^\[\](){}"`\#$]++|"(?>(?:[^"\\\n]|\\.)*)"|`[^`]*+`|\#[^\n]*+"""
_BRACKET: Final = rf"[\[({{](?>(?:{_PLAIN})*)[\])}}]"
_BALANCED: Final = late_pattern(
    reduce(lambda inside, _: rf"[\[({{](?>(?:{_PLAIN}|{inside})*)[\])}}]", range(4), _BRACKET)
)
"""A bracket with all that is in it, where nothing in it is nested deep and no template string stands there."""
_MOST_UNCLOSED: Final = 50
"""Brackets without end after which a text is read no further, as each is looked for up to the text's end."""
_MOST_TEMPLATES: Final = 50
"""Template strings inside template strings that are followed."""
_ALSO_NAMES: Final = frozenset({"contains", "or", "and"})
"""Of these words, those that older Rego takes for names."""
_STATEMENT_AT_MARGIN: Final = late_pattern(r"^[A-Za-z_]", re.MULTILINE)
_AFTER_NAME: Final = late_pattern(r"\(|[ \t]*(?::?=[^=]|[{\[]|(?:if|contains)\b)")
_DOTTED: Final = late_pattern(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_PATH: Final = late_pattern(r'(?:\A|\.)([A-Za-z_][A-Za-z0-9_-]*)|\[\s*"((?:[^"\\]|\\.)*)"\s*\]')
_METADATA: Final = late_pattern(r"^#[ \t]*METADATA", re.MULTILINE)
_COMMENT: Final = late_pattern(r"""\"(?>(?:[^"\\\n]|\\.)*)"|`[^`]*+`|^(\#[^\n]*+)|\#[^\n]*+""", re.MULTILINE)
"""Texts and comments; a comment in the first column is the group."""


class RegoImport(NamedTuple):
    """An import: `import data.lib.k8s as k` is `("data", "lib", "k8s")` under the name `k`."""

    path: tuple[str, ...]
    name: str


class RegoRule(NamedTuple):
    """One rule definition, with its `else` branches and chained bodies."""

    name: str
    """Dotted, up to the first bracket: `deny`, `a.b`."""
    type: RegoRuleType
    first_line: int
    last_line: int
    start: int
    """Where its text begins, in characters."""
    end: int


class AnnotationBlock(NamedTuple):
    """A `# METADATA` comment block: its lines and the YAML in it."""

    first_line: int
    last_line: int
    yaml: str
    """The text under the METADATA line, each line without its `#`."""


class RegoModule(NamedTuple):
    """What stands in one Rego text. Lines count from 1."""

    package: tuple[str, ...]
    package_line: int
    """0 where there is no package statement."""
    imports: tuple[RegoImport, ...]
    import_lines: tuple[int, ...]
    """Of every import statement, in source order."""
    rules: tuple[RegoRule, ...]
    """In source order, tests among them."""
    annotations: tuple[AnnotationBlock, ...]
    problems: tuple[RegoProblem, ...]


class _Statement(NamedTuple):
    start: int
    end: int


@lru_cache(maxsize=8)
def scan_rego(text: str) -> RegoModule:
    """Return the package, imports, rules and annotation blocks of a Rego text.

    The last few are remembered: libraries of templates keep the same Rego in files beside each other.
    """
    statements, comments, brackets = _statements(text)
    problems = check_rego(text, [statement.start for statement in statements], brackets)
    lines = _LineCounter(text)
    package: tuple[str, ...] = ()
    package_line = 0
    imports: list[RegoImport] = []
    import_lines: list[int] = []
    rules: list[RegoRule] = []
    for statement in statements:
        content = text[statement.start : statement.end]
        first, last = lines.at(statement.start), lines.at(statement.end - 1)
        word = _DOTTED.match(content)
        head = word.group() if word else ""
        if head == "package":
            if not package_line:
                package, package_line = _path(content[7:]), first
        elif head == "import":
            imports += _import(content)
            import_lines.append(first)
        elif head:
            rules.append(_rule(content, head, first, last, statement))
    if not package_line:
        problems.insert(0, RegoProblem("The file has no package statement.", 1))
    return RegoModule(
        package=package,
        package_line=package_line,
        imports=tuple(imports),
        import_lines=tuple(import_lines),
        rules=tuple(rules),
        annotations=_annotations(text, comments, lines),
        problems=tuple(problems),
    )


class _LineCounter:
    """Line numbers of rising positions, each stretch of text counted once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._line = 1

    def at(self, position: int) -> int:
        if position < self._position:
            self._position, self._line = 0, 1
        self._line += self._text.count("\n", self._position, position)
        self._position = position
        return self._line


def _statements(text: str) -> tuple[list[_Statement], list[int], list[LooseBracket]]:
    """Cut a text into statements; return them, where the comments between them start, and brackets without pairs."""
    statements: list[_Statement] = []
    comments: list[int] = []
    brackets: list[LooseBracket] = []
    start = -1
    end = position = unclosed = 0
    goes_on = is_after_dot = False  # whether what came last cannot end a statement, and whether it was a dot
    match_token = _TOKEN.match
    while match := match_token(text, position):
        kind = match.lastgroup or ""
        at = match.start(kind)
        position = match.end()
        if kind == "comment":
            if start < 0 or not goes_on:
                comments.append(at)
            continue
        if start < 0 or (not goes_on and _begins_statement(text, match)):
            if start >= 0:
                statements.append(_Statement(start, end))
            start = at
        if kind in ("open", "template"):
            position, is_closed = _skip(text, at)
            if not is_closed:
                brackets.append(LooseBracket(at, text[at], closes=False))
                unclosed += 1
                position = _next_statement_after(text, at) if unclosed < _MOST_UNCLOSED else len(text)
        elif kind == "close":
            brackets.append(LooseBracket(at, text[at], closes=True))
        # After a dot every word is a name: `input.with`.
        goes_on = kind in ("operator", "dot") or (match["word"] in _WORDS_THAT_GO_ON and not is_after_dot)
        is_after_dot = kind == "dot"
        end = position
    if start >= 0:
        statements.append(_Statement(start, end))
    return statements, comments, brackets


def _begins_statement(text: str, match: re.Match[str]) -> bool:
    """Tell whether a token that follows the end of a term begins the next statement."""
    word = match["word"]
    if word is None:
        return match.lastgroup in ("string", "template", "number")
    return word not in _WORDS_INSIDE or (
        word in _ALSO_NAMES and _is_head_at_margin(text, match.start("word"), match.end())
    )


def _is_head_at_margin(text: str, at: int, after: int) -> bool:
    """Tell whether a newer keyword is a rule's name here, as older Rego allows: at the margin, like a rule's head."""
    return (at == 0 or text[at - 1] == "\n") and _AFTER_NAME.match(text, after) is not None


def _skip(text: str, at: int, templates: int = 0) -> tuple[int, bool]:
    """Return the position after the bracket or template string that opens at `at`, and whether it closes.

    A bracket that is closed by one of another kind counts as closed, as one slip should not eat the file.
    `templates` is how many template strings stand around it; at too many it is taken for one that never closes.
    """
    if text[at] == "$":
        return _skip_template(text, at + 1, templates)
    if balanced := _BALANCED.match(text, at):
        return balanced.end(), True
    depth = 1
    position = at + 1
    match_inside = _INSIDE.match
    while match := match_inside(text, position):
        position = match.end()
        kind = match.lastgroup
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
            if not depth:
                return position, True
        elif kind == "template":
            position, is_closed = _skip_template(text, position - 1, templates)
            if not is_closed:
                return position, False
        elif kind is None:
            return len(text), False
    return len(text), False


def _skip_template(text: str, quote_at: int, templates: int) -> tuple[int, bool]:
    """Return the position after the template string whose quote stands at `quote_at`, and whether it closes."""
    if templates > _MOST_TEMPLATES:
        return len(text), False
    quote = text[quote_at]
    position = quote_at + 1
    while position < len(text):
        character = text[position]
        if character == quote:
            return position + 1, True
        if character == "\\" and (quote == '"' or text.startswith("{", position + 1)):
            position += 2
        elif character == "{":
            position, is_closed = _skip(text, position, templates + 1)
            if not is_closed:
                return position, False
        elif character == "\n" and quote == '"':
            return position, False
        else:
            position += 1
    return len(text), False


def _next_statement_after(text: str, at: int) -> int:
    """Return where reading can go on after a bracket that never closes: the next word at the margin."""
    line_end = text.find("\n", at)
    if line_end < 0:
        return len(text)
    match = _STATEMENT_AT_MARGIN.search(text, line_end)
    return match.start() if match else len(text)


def _path(text: str) -> tuple[str, ...]:
    """Return the segments of a dotted path, quoted ones too: `a.b["c-d"]`."""
    text = re.sub(r"#[^\n]*", "", text).strip()
    segments: list[str] = []
    position = 0
    while match := _PATH.match(text, position):
        segments.append(match[1] if match[1] is not None else match[2])
        position = match.end()
    return tuple(segments)


def _import(content: str) -> list[RegoImport]:
    body = content[len("import") :]
    target, _, alias = body.partition(" as ")
    path = _path(target)
    return [RegoImport(path, alias.strip() or path[-1])] if path else []


def _rule(content: str, head: str, first: int, last: int, statement: _Statement) -> RegoRule:
    kind: RegoRuleType = "rule"
    name = head
    if head == "default":
        kind = "default"
        after = _DOTTED.search(content, len(head))
        name = after.group() if after else head
    else:
        kind = _rule_type(content[len(head) :])
    return RegoRule(name, kind, first, last, statement.start, statement.end)


def _rule_type(after_name: str) -> RegoRuleType:
    rest = after_name.lstrip()
    if rest.startswith("("):
        return "function"
    if re.match(r"contains\b", rest):
        return "set"
    has_brackets = False
    while rest.startswith(("[", ".")):
        if rest[0] == ".":
            rest = re.sub(r"\A\.\s*\w+", "", rest).lstrip()
            if rest.startswith("."):
                break
            continue
        has_brackets = True
        position, is_closed = _skip(rest, 0)
        rest = rest[position:].lstrip() if is_closed else ""
    if rest.startswith("("):
        return "function"
    if re.match(r"contains\b", rest):
        return "set"
    if not has_brackets:
        return "rule"
    return "object" if rest.startswith(("=", ":=")) or re.match(r"if\b", rest) else "set"


def _annotations(text: str, comments: list[int], lines: _LineCounter) -> tuple[AnnotationBlock, ...]:
    """Return the annotation blocks, by OPA's own rule (`parseAnnotations` in its `v1/ast/parser.go`).

    A block is a comment in column 1 that begins with METADATA, wherever it stands, and the comments in column 1 on the
    very next lines, up to the next METADATA.
    """
    if "METADATA" not in text or not _METADATA.search(text):
        return ()
    blocks: list[AnnotationBlock] = []
    current: list[str] | None = None
    first = last = 0
    for at in _in_first_column(text, comments):
        line_end = text.find("\n", at)
        content = text[at + 1 : line_end if line_end >= 0 else len(text)].rstrip("\r")
        line = lines.at(at)
        is_start = content.strip().startswith("METADATA")
        if current is not None and (is_start or line != last + 1):
            blocks.append(AnnotationBlock(first, last, "\n".join(current)))
            current = None
        if is_start:
            current, first, last = [], line, line
        elif current is not None:
            current.append(content)
            last = line
    if current is not None:
        blocks.append(AnnotationBlock(first, last, "\n".join(current)))
    return tuple(blocks)


def _in_first_column(text: str, comments: list[int]) -> list[int]:
    """Return where comments begin a line: those between statements, and if METADATA stands inside of one, all."""
    starts = {at for at in comments if at == 0 or text[at - 1] == "\n"}
    if any(match.start() not in starts for match in _METADATA.finditer(text)):
        starts |= {match.start(1) for match in _COMMENT.finditer(text) if match[1] is not None}
    return sorted(starts)

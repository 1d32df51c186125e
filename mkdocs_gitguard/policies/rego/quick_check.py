"""Tells quickly of most Rego that it parses. What it does not know is for the exact reader to say.

A text becomes one letter a token, and brackets are then folded from the inside out, each into the letter of the term
that it is, until the whole is a row of rules. All of it is done by a few regular expressions over the letters:

- `v` a name, `a` a dotted name, `r` one with brackets, `s` a text or other scalar, `0` a number,
- `C` a call, `z` one without arguments, `h` one of an `r`, `g` a term in brackets, `k` another term,
- `e` a constant list or object, `t` a set, `K` a set or a body, `B` a body;
- `F` begins a call, `G` one of a built-in function, `R` an index; `d`, `<`, `>` go on after a bracket with names, an
  index, a call; `?` is what is not known. Keywords and signs have letters of their own, `_LETTERS` and `_NEWER`.
"""

import re
from typing import Final

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.policies.rego.tokens import (
    ALWAYS_KEYWORDS,
    BUILT_IN,
    IMPORTABLE_KEYWORDS,
    NEWER_KEYWORDS,
    NUMBER,
    RAW_STRING,
    STRING,
)

_WORD: Final = r"[A-Za-z_][A-Za-z0-9_]*+"
_NAMES: Final = rf"{_WORD}(?>(?:\.{_WORD})*)"
_HOLE: Final = r'\{(?>(?:[^{}"`\#\n\\]|"[^"\\\n{}]*+")*)\}'
_PATH: Final = rf'{_NAMES}(?>(?:\["[^"\\\n]*+"\])*)(?![ \t]*+[.\[(])'
_TOKEN: Final = late_pattern(
    rf"""(
      import[ \t]++{_PATH} | package[ \t]++{_PATH} | default[ \t]++{_NAMES}\([A-Za-z0-9_, \t]*+\)
    | [A-Za-z_][A-Za-z0-9_]*+(?>(?:\.{_WORD})*)[\[(,]?+
    | \n
    | {STRING}[:,]?+ | "[^\n]*+\n
    | :=?+ | [,{{\[(;+*/%&|-] | [=!<>]=?+
    | [\])}}](?>(?:\.{_WORD})*)[\[(]?+
    | [0-9][0-9A-Za-z_.]*+(?>(?:(?<=[eE])[+-][0-9]++)?)
    | {RAW_STRING}[:,]?+
    | \$"(?>(?:[^"\\\n{{]|\\["\\/bfnrt{{]|{_HOLE})*)" | \$`(?>(?:[^`\\{{]|\\\{{|{_HOLE})*)`
    | [^ \t\r]
    )[ \t\r]*+(?>(?:(?:\#[^\n]*+|\n(?=[ \t\r]*+[\n\#\])}}]))[ \t\r]*+)*)""",
    re.VERBOSE,
)
_LETTERS: Final = {
    **dict.fromkeys((":=", "="), "="),
    **dict.fromkeys(("==", "!=", "<", ">", "<=", ">=", "+", "*", "/", "%", "&"), "o"),
    **{sign: sign for sign in "\n,:;-|[](){}"},
    "as": "A",
    "as(": "A(",
    "default": "D",
    "else": "E",
    "not": "N",
    "not(": "N(",
    "some": "S",
    "with": "W",
    **dict.fromkeys(("null", "true", "false"), "s"),
}
_NEWER: Final = {"in": "i", "in(": "i(", "if": "f", "if(": "f(", "contains": "c", "contains(": "G", "every": "V"}
_NUMBER: Final = late_pattern(NUMBER)
_HOLES: Final = late_pattern(rf"(?<!\\){_HOLE}")
_CONTROL: Final = late_pattern(r"[\x00-\x1f]")
_NEWER_IMPORT: Final = late_pattern(r"import[ \t]++(?:rego\.(v1)|future\.keywords(?>(?:\.([a-z]++))?))")
_AFTER_BRACKET: Final = {"[": "<", "(": ">"}

_TERM: Final = "(?:-?+[0va]|[rkgsehtzCK])"
_CHAIN: Final = rf"{_TERM}(?>(?:[-o|]{_TERM})*)"
_EXPRESSION: Final = rf"{_CHAIN}(?>(?:i{_CHAIN})*)"
_LIST: Final = rf"{_EXPRESSION}(?>(?:,{_EXPRESSION})*),?+"
_WITH: Final = rf"(?>(?:W[var]A{_EXPRESSION})*)"
_LITERAL: Final = (
    rf"(?:N?+{_EXPRESSION}(?>(?:={_EXPRESSION})?){_WITH}"
    rf"|S(?:{_CHAIN},)?{_CHAIN}i{_EXPRESSION}{_WITH}|Sv(?>(?:,v)*)"
    rf"|Vv(?>(?:,v)?)i{_EXPRESSION}\n?+[BK]{_WITH})"
)
_BODY: Final = rf"{_LITERAL}(?>(?:[;\n]{_LITERAL})*)"
_CONSTANT: Final = "(?:[se]|-?+0)"
_CONSTANTS: Final = rf"{_CONSTANT}(?>(?:,{_CONSTANT})*),?+"
_CONSTANT_PAIRS: Final = rf"{_CONSTANT}:{_CONSTANT}(?>(?:,{_CONSTANT}:{_CONSTANT})*),?+"
_PAIRS: Final = rf"{_EXPRESSION}:{_EXPRESSION}(?>(?:,{_EXPRESSION}:{_EXPRESSION})*),?+"
_COMPREHENSION: Final = rf"{_TERM}\|{_BODY}"
_ARRAY: Final = rf"\[(?:,?+{_LIST}|{_COMPREHENSION})\]"
_OBJECT: Final = rf"\{{(?:,?+{_PAIRS}|(?:{_EXPRESSION}:)?{_COMPREHENSION})\}}"
_FOLDS: Final = tuple(
    (needed, late_pattern(pattern), letter)
    for needed, pattern, letter in (
        ("", rf"R{_EXPRESSION}\]|[ar](?:d|<{_EXPRESSION}\])", "r"),
        (")", rf"(?:F|a>){_LIST}\)", "C"),
        (")", r"F\)", "z"),
        ("", rf"\[(?>(?:{_CONSTANTS})?)\]|\{{(?>(?:{_CONSTANT_PAIRS})?)\}}", "e"),
        ("", rf"{_ARRAY}|{_OBJECT}|[CekhtzK](?:d|<{_EXPRESSION}\])|G(?>(?:{_LIST})?)\)", "k"),
        ("}", rf"\{{(?:,{_LIST}|{_EXPRESSION},(?>(?:{_LIST})?))\}}", "t"),
        ("(", rf"\({_EXPRESSION}\)|\({_CHAIN},{_CHAIN}i{_EXPRESSION}\)", "g"),
        ("}", rf"\{{{_EXPRESSION}\}}", "K"),
        ("}", rf"\{{(?!{_TERM}\|){_BODY}\}}", "B"),
        (">", rf"r>{_LIST}\)", "h"),
    )
)
"""What a row must hold for a fold to be tried, what is folded, and the letter that it becomes."""
_NEWLINES: Final = late_pattern(r"\n(?:\n*(?=[=o|,:;)\]}WAifEc-])|(?<=[=o|,:;(\[{FGR<>WAiNSVfEcD-]\n)\n*|(?=\n))")
"""Lines that end inside an expression, which means nothing."""
_IF: Final = rf"f(?:B|(?!t[\nE]){_LITERAL})"
_ELSE: Final = rf"(?>(?:E(?:(?>(?:={_EXPRESSION})?){_IF}|={_EXPRESSION}))*)"
_OTHERS: Final = rf"[vaCzrh]={_EXPRESSION}|C|D[var]={_CONSTANT}|J(?>(?:Av)?)|j"
_V1_RULES: Final = late_pattern(
    rf"\n?P(?>(?:\n(?:[vaCz](?>(?:={_EXPRESSION})?){_IF}{_ELSE}|[rh](?>(?:={_EXPRESSION})?){_IF}"
    rf"|[var]c{_EXPRESSION}(?>(?:{_IF})?)|{_OTHERS}))*)\n"
)
_V0_IF: Final = rf"(?:{_IF}|\n?[BK])"
_V0_ELSE: Final = rf"(?>(?:E(?:(?>(?:={_EXPRESSION})?){_V0_IF}|={_EXPRESSION}))+)"
_V0_RULES: Final = late_pattern(
    rf"\n?P(?>(?:\n(?:[vaCz](?>(?:={_EXPRESSION})?){_V0_IF}(?:{_V0_ELSE}|(?>(?:\n?[BK])*))"
    rf"|[rh](?>(?:={_EXPRESSION})?){_V0_IF}(?>(?:\n?[BK])*)|[var]c{_EXPRESSION}(?>(?:{_V0_IF})?)|{_OTHERS}))*)\n"
)
_HOLE_ROW: Final = late_pattern(_EXPRESSION)
_MOST_FOLDS: Final = 30
"""Rounds after which the brackets are left to the exact reader."""
_IMPORTS_WITHIN: Final = 120
"""Tokens at a text's beginning in which the newer keywords are imported, or it is left to the exact reader."""


def parses_surely(text: str) -> bool:
    """Return whether a text parses for sure; False means that it was not found out."""
    tokens = _TOKEN.findall(f"\n{text}\n")
    imported = {_newer_word(token) for token in tokens[:_IMPORTS_WITHIN] if token.startswith("import")}
    known = NEWER_KEYWORDS if "all" in imported else NEWER_KEYWORDS & imported
    is_v1 = "v1" in imported or ("if" in tokens and "if" not in known)
    letters = _Letters(NEWER_KEYWORDS if is_v1 else known | {"in"} if "every" in known else known, imported)
    row = letters.folded(tokens)
    return letters.imported == imported and (_V1_RULES if is_v1 else _V0_RULES).fullmatch(row) is not None


def _newer_word(token: str) -> str:
    """Return the newer keyword that a token imports, `all` or `v1` for all of them, `""` for none."""
    match = _NEWER_IMPORT.match(token)
    return match[1] or match[2] or "all" if match else ""


class _Letters(dict[str, str]):
    """The letter of each token of one text."""

    def __init__(self, known: frozenset[str], imported: set[str]) -> None:
        super().__init__(_LETTERS)
        self.imported: set[str] = set()
        self._keywords = ALWAYS_KEYWORDS | known
        self._has_not_bodies = not imported.isdisjoint({"not", "all"})
        for word, letter in _NEWER.items():
            if word.rstrip("(") in known:
                self[word] = letter
        if not imported.isdisjoint({"and", "or", "all"}):
            self.update(dict.fromkeys(("and", "or", "and(", "or("), "?"))

    def folded(self, tokens: list[str]) -> str:
        """Return the letters of tokens with all brackets folded, or `?`."""
        row = _NEWLINES.sub("", "".join(map(self.__getitem__, tokens)))
        if "?" in row or (self._has_not_bodies and "N{" in row):
            return "?"
        for _ in range(_MOST_FOLDS):
            if not ("]" in row or "}" in row or ")" in row or "d" in row):
                return row
            before = row
            for needed, pattern, letter in _FOLDS:
                if needed in row:
                    row = pattern.sub(letter, row)
            if row == before:
                break
        return "?"

    def __missing__(self, token: str) -> str:
        if token[0] in '"`' and len(token) > 1:
            letter = f"s{token[-1]}" if token[-1] in ",:" else "s"
            # A text that does not end is taken with all of its line, or each quote in it would be tried by itself.
            if token[-1] == "\n" or (token[0] == '"' and "\\" in token and _CONTROL.search(token)):
                letter = "?"
        else:
            letter = self._letter(token)
        self[token] = letter
        return letter

    def _letter(self, token: str) -> str:
        first, last = token[0], token[-1]
        if first.isalpha() or first == "_":
            return self._imported(token) if " " in token or "\t" in token else self._named(token)
        if len(token) == 1:
            return "0" if first.isdigit() else "?"
        if first in "])}":
            return first + _AFTER_BRACKET.get(last, "d")
        if first == "$":
            return "s" if all(self._is_value(hole[1:-1]) for hole in _HOLES.findall(token)) else "?"
        return "0" if _NUMBER.fullmatch(token) else "?"

    def _is_value(self, hole: str) -> bool:
        return _HOLE_ROW.fullmatch(self.folded(_TOKEN.findall(hole))) is not None

    def _named(self, token: str) -> str:
        name = token.rstrip("[(,")
        if name.partition(".")[0] in self._keywords:
            return f"{self[name]}," if token[-1] == "," else "?"
        if token[-1] in "[(":
            return "R" if token[-1] == "[" else "G" if name in BUILT_IN else "F"
        return ("a" if "." in name else "v") + token[len(name) :]

    def _imported(self, token: str) -> str:
        """Return the letter of a package or an import with its path, or of a default function with its arguments."""
        word, path = token.split(None, 1)
        if word == "default":
            name, _, arguments = path[:-1].partition("(")
            variables = [variable.strip() for variable in arguments.split(",")]
            named = [variable for variable in variables if variable != "_"]
            is_fine = len(set(named)) == len(named) and all(map(self._is_variable, (name, *variables)))
            return "Dv" if is_fine else "?"
        if word == "package":
            return "P"
        self.imported.add(_newer_word(token))
        root = path.partition(".")[0]
        last = path.rpartition('["')[2][:-2] if path[-1] == "]" else path.rpartition(".")[2]
        if root == "future":
            match = _NEWER_IMPORT.fullmatch(token)
            return "j" if match and (match[2] is None or match[2] in IMPORTABLE_KEYWORDS) else "?"
        if last in ALWAYS_KEYWORDS or last in NEWER_KEYWORDS:
            return "?"
        return "J" if root.partition("[")[0] in ("data", "input") else "j" if path == "rego.v1" else "?"

    def _is_variable(self, name: str) -> bool:
        return name.partition(".")[0] not in self._keywords and name[:1].isidentifier()

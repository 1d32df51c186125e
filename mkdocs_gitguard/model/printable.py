r"""How a path or any other text out of a repository becomes text that can be shown.

Git allows every byte but NUL in a path: newlines, terminal controls, characters that turn the direction of writing
round, bytes that are not UTF-8. Shown as they are, two paths can look the same and one can pass for another.
`printable` writes such characters as escapes, so that what is shown is unambiguous, and `original` gives them back:

- a backslash is `\\`;
- an ASCII control character, and a byte that is not UTF-8, is `\x` and two hex digits;
- every other character that Python calls not printable (control, format and bidi, separators other than the plain
  space, unassigned, private) is `\u` and four, or `\U` and eight, hex digits.

HTML is left as it is: templates escape it.
"""

import re
from typing import Final

_ESCAPE: Final = re.compile(r"\\(?:\\|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})")
_FIRST_UNDECODED: Final = 0xDC80
"""Python's `surrogateescape` decodes the byte 0x80 as U+DC80, and so on up to U+DCFF (PEP 383)."""
_LAST_UNDECODED: Final = 0xDCFF


def printable(text: str) -> str:
    """Return `text`, decoded with `surrogateescape`, with everything escaped that cannot be shown for what it is."""
    if "\\" not in text and text.isprintable():
        return text
    return "".join(
        character if character.isprintable() and character != "\\" else _escape(character) for character in text
    )


def original(shown: str) -> str:
    """Return the text of which `printable` made `shown`."""
    return _ESCAPE.sub(_unescape, shown) if "\\" in shown else shown


def _escape(character: str) -> str:
    code = ord(character)
    if character == "\\":
        return r"\\"
    if _FIRST_UNDECODED <= code <= _LAST_UNDECODED:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x80:  # noqa: PLR2004 - the end of ASCII
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - the end of the first plane


def _unescape(match: re.Match[str]) -> str:
    escape = match.group()
    if escape == r"\\":
        return "\\"
    code = int.from_bytes(bytes.fromhex(escape[2:]))
    if escape[1] == "x" and code >= 0x80:  # noqa: PLR2004 - the end of ASCII
        code += 0xDC00
    return chr(code)

r"""Text that others wrote, made fit for a terminal and for the log of a CI job.

Two things in it are more than text to whoever shows it:

- control characters: a terminal obeys `ESC [`, the C1 controls and a carriage return, and direction marks make a line
  read otherwise than it stands ("Trojan Source", CVE-2021-42574). They are written out: `\x1b`, `\u202e`.
- commands to the CI runner. GitHub's obeys `::command::` at the start of a line, white space before it or not, and
  `##[command]` anywhere in one, on both output streams, and a carriage return ends a line, too (`TryParseV2` and
  `TryParse` in actions/runner, src/Runner.Common/ActionCommand.cs). That of Azure Pipelines obeys `##vso[area.command]`
  anywhere in a line (microsoft/azure-pipelines-agent, Command.cs), TeamCity's `##teamcity[message]`. Their first
  character is written out: `\x3a:`, `\x23#[`.

What holds nothing of the kind comes back as it is, so that doing this twice does no harm.
"""

import re
from typing import Final

_CONTROL: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
"""All but a tab, which does nothing, and a line feed, which is looked at apart."""
_HASH_COMMAND: Final = re.compile(r"#(?=#\w*\[)")
_COLON_COMMAND: Final = re.compile(r"^(\s*):(?=:)")
_FIRST_UNDECODED: Final = 0xDC80
"""Python's `surrogateescape` decodes the byte 0x80 as U+DC80, and so on up to U+DCFF (PEP 383)."""
_LAST_UNDECODED: Final = 0xDCFF
_IN_JSON: Final = re.compile(
    b"\x7f|\xc2[\x80-\x9f\xad]|\xd8\x9c|\xe1\xa0\x8e|\xe2\x80[\x8b\x8e\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf"
    b"|\xef\xbf[\xb9-\xbb]|\xf3\xa0[\x80\x81][\x80-\xbf]|#(?=#[A-Za-z]*\\[)"
)
"""In UTF-8, those of the above that a JSON document may hold as they are."""


def log_line(text: str) -> str:
    """Return `text` as one line that is nothing but text: a line feed in it is written out as well."""
    return _as_text(text).replace("\n", r"\x0a")


def log_lines(text: str) -> str:
    """Return `text` with its line feeds, each line of it nothing but text."""
    return "\n".join(map(_as_text, text.split("\n"))) if "\n" in text else _as_text(text)


def log_json(document: bytes) -> bytes:
    r"""Return a JSON document of the same value that holds all of the above as `\u` escapes.

    Args:
        document: UTF-8. Line feeds in its strings are escaped already, as JSON demands.
    """
    return _IN_JSON.sub(_json_escape, document)


def _as_text(text: str) -> str:
    if not text.isprintable():
        text = _CONTROL.sub(_escape, text)
    if "##" in text:
        text = _HASH_COMMAND.sub(r"\\x23", text)
    return _COLON_COMMAND.sub(r"\1\\x3a", text) if "::" in text else text


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if _FIRST_UNDECODED <= code <= _LAST_UNDECODED:
        code -= 0xDC00
    if code <= 0xFF:  # noqa: PLR2004 - what two hex digits hold
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - the end of the first plane


def _json_escape(match: re.Match[bytes]) -> bytes:
    # JSON writes what lies beyond the first plane as two surrogates.
    units = match[0].decode().encode("utf-16-be")
    return b"".join(b"\\u%04x" % int.from_bytes(units[start : start + 2]) for start in range(0, len(units), 2))

"""Reading a phase file: dotenv syntax by python-dotenv's own parser, interpolation off, every line accounted for."""

import io
from pathlib import Path
from typing import NamedTuple

from dotenv.parser import parse_stream

from mkdocs_gitguard.bounded_file import read_file
from mkdocs_gitguard.errors import SettingError

_MAX_BYTES = 1_000_000


class Assignment(NamedTuple):
    """One `NAME=value` of a file."""

    name: str
    value: str
    line: int
    """From 1."""


def read_env_file(path: Path, *, label: str = "") -> dict[str, Assignment]:
    """Read a phase file.

    Args:
        path: the file, UTF-8, a byte order mark allowed.
        label: what messages call it; the path if not given.

    Returns:
        Each assignment by its name, in file order.

    Raises:
        SettingError: the file cannot be read, a line is not an assignment, a name comes twice, or a value asks for
            interpolation. The message names file and line.
    """
    label = label or str(path)
    try:
        raw = read_file(path, _MAX_BYTES)
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise SettingError(
            f"The phase file {label} cannot be read: {error.strerror or error}.", hint="Fix the path or the file."
        ) from error
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise SettingError(f"{label}:{line}: the file is not UTF-8.", hint="Save it as UTF-8.") from error
    if "\x00" in text:
        raise SettingError(f"{label} is not a phase file: it holds NUL characters.", hint="Write it anew as text.")
    assignments: dict[str, Assignment] = {}
    for binding in parse_stream(io.StringIO(text, newline="")):
        original = binding.original.string
        leading = original[: len(original) - len(original.lstrip())]
        line = binding.original.line + leading.replace("\r\n", "\n").count("\n")
        if binding.error or (binding.key is not None and binding.value is None):
            raise SettingError(
                f"{label}:{line}: this is not a setting: {original.strip().splitlines()[0][:80]!r}.",
                hint="Write NAME=value, and start a comment with #.",
            )
        if binding.key is None or binding.value is None:
            continue
        if binding.key in assignments:
            raise SettingError(
                f"{label}:{line}: {binding.key} is set twice, first on line {assignments[binding.key].line}.",
                hint="Keep one of the two.",
            )
        if "${" in binding.value:
            raise SettingError(
                f"{label}:{line}: {binding.key} asks for another variable's value, which phase files do not fill in.",
                hint=f"Set {binding.key} in the environment, which wins over the file.",
            )
        assignments[binding.key] = Assignment(binding.key, binding.value.strip(), line)
    return assignments

"""Templates compiled once: in memory for a process that stays, and in a file for the next one.

The source of a template is read anew for every build, so that an override that appears or goes is seen at once
(https://jinja.palletsprojects.com/en/stable/api/#bytecode-cache: the bucket is dropped where the source differs). The
file stands where Python keeps this module's own bytecode, and is trusted as that is: whoever can write there can have
any code run. Where Python may not write there, or is told not to, nothing is kept.
"""

from __future__ import annotations

import hashlib
import importlib.util
import marshal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2.bccache import Bucket, BytecodeCache

from mkdocs_gitguard.state.files import replace_file

if TYPE_CHECKING:
    from types import CodeType

    from jinja2 import Environment

_MOST: Final = 1000
"""Templates; a theme and the portal have two hundred."""
_KNOWN: Final = frozenset(["_operator", "builtins", "jinja2", "markupsafe", "mkdocs", "mkdocs_gitguard"])
"""Whose filters give the same for the same: Jinja asks those of constants when it compiles."""
_COMPILED_BY: Final = (
    "block_start_string", "block_end_string", "variable_start_string", "variable_end_string", "comment_start_string",
    "comment_end_string", "line_statement_prefix", "line_comment_prefix", "trim_blocks", "lstrip_blocks",
    "newline_sequence", "keep_trailing_newline", "optimized", "sandboxed", "is_async", "newstyle_gettext", "autoescape",
)  # fmt: skip
"""Of an environment's attributes, what a template is compiled by."""
_Key = tuple[str, str, str]
"""Digest of an environment, of a template's name and file, and of its source."""


class CompiledTemplates:
    """Compiled templates."""

    def __init__(self, file: Path) -> None:
        """Begin with none; nothing is read before `begin`."""
        self._file = file
        self._version = ""
        self._codes: dict[_Key, CodeType] = {}
        self._kept: dict[_Key, bytes] = {}
        self._is_new = False

    def begin(self, version: str) -> None:
        """Take up what an earlier process has compiled.

        Args:
            version: digest of the code by which templates are compiled, filters and libraries with it.
        """
        if version != self._version:
            self._codes.clear()
            self._version, self._kept, self._is_new = version, self._read(version), False

    def save(self) -> None:
        """Keep what is new for the next process; where that cannot be, it compiles again."""
        if not self._is_new or not self._version or sys.dont_write_bytecode:
            return
        self._is_new = False
        # Another process may have kept others since.
        kept = {**self._read(self._version), **{key: marshal.dumps(code) for key, code in self._codes.items()}}
        if len(kept) > _MOST:
            kept = {key: kept[key] for key in self._codes}
        with suppress(OSError):
            self._file.parent.mkdir(exist_ok=True)
            replace_file(self._file, marshal.dumps((importlib.util.MAGIC_NUMBER, self._version, kept)))

    def of(self, environment: Environment) -> BytecodeCache:
        """Return the templates compiled for an environment, none while it has something that is not known."""
        return _Compiled(self, environment)

    def code(self, key: _Key) -> CodeType | None:
        """Return a compiled template, if there is one."""
        code = self._codes.get(key)
        if code is None and (kept := self._kept.get(key)) is not None:
            code = self._codes[key] = marshal.loads(kept)  # noqa: S302 as trusted as Python's own bytecode beside it
        return code

    def keep(self, key: _Key, code: CodeType) -> None:
        """Keep a template that was compiled now."""
        if len(self._codes) >= _MOST:
            self._codes.clear()
        self._codes[key] = code
        self._is_new = True

    def _read(self, version: str) -> dict[_Key, bytes]:
        try:
            magic, of_version, kept = marshal.loads(self._file.read_bytes())  # noqa: S302 as above
        except (OSError, ValueError, EOFError, TypeError):
            return {}
        return kept if (magic, of_version) == (importlib.util.MAGIC_NUMBER, version) else {}


class _Compiled(BytecodeCache):
    """Those of one environment."""

    def __init__(self, templates: CompiledTemplates, environment: Environment) -> None:
        self._templates = templates
        self._environment = environment
        self._seen: tuple[object, ...] = ()
        self._signature = ""

    def load_bytecode(self, bucket: Bucket) -> None:
        if signature := self._signature_now():
            bucket.code = self._templates.code((signature, bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None and (signature := self._signature_now()):
            self._templates.keep((signature, bucket.key, bucket.checksum), bucket.code)

    def _signature_now(self) -> str:
        """Return the digest of all that the environment adds to a template; `""` if something in it is not known."""
        environment = self._environment
        named = (environment.filters, environment.tests, environment.extensions, environment.policies)
        plain = [getattr(environment, name, None) for name in _COMPILED_BY]
        code = (environment.finalize, environment.code_generator_class)
        seen = (*map(dict, named), plain, code)
        # Other plugins add to it at any time, and it is asked of for each template.
        if seen != self._seen:
            self._seen, self._signature = seen, _signature(environment, plain)
        return self._signature


def _signature(environment: Environment, plain: list[object]) -> str:
    named = (environment.filters, environment.tests, environment.extensions)
    asked = [*(item for items in named for item in items.values()), environment.code_generator_class]
    if environment.finalize is not None:
        asked.append(environment.finalize)
    if not {_module_of(item) for item in asked} <= _KNOWN or not isinstance(environment.autoescape, bool):
        return ""
    parts = [" ".join(f"{name}={_name_of(item)}" for name, item in sorted(items.items())) for items in named]
    whole = (plain, parts, sorted(environment.policies.items(), key=str), _name_of(environment.finalize))
    return hashlib.sha256(repr(whole).encode()).hexdigest()[:32]


def _module_of(item: object) -> str:
    module = getattr(item, "__module__", None) or type(item).__module__
    return str(module).partition(".")[0]


def _name_of(item: object) -> str:
    return f"{getattr(item, '__module__', '')}.{getattr(item, '__qualname__', '')}"


COMPILED: Final = CompiledTemplates(Path(importlib.util.cache_from_source(__file__)).with_suffix(".templates"))
"""Of this process."""

"""Templates compiled once a process: a site that is built again and again compiles none twice.

The source of a template is read anew for every build, so that an override that appears or goes is seen at once
(https://jinja.palletsprojects.com/en/stable/api/#bytecode-cache: the bucket is dropped where the source differs).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jinja2.bccache import Bucket, BytecodeCache

if TYPE_CHECKING:
    from types import CodeType

_MOST: Final = 1000
"""Templates; a theme and the portal have two hundred."""


class CompiledTemplates(BytecodeCache):
    """Compiled templates in memory, by name, file and source."""

    def __init__(self) -> None:
        """Begin with none."""
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Put what is known of a template into its bucket."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        if len(self._codes) >= _MOST:
            self._codes.clear()
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


COMPILED: Final = CompiledTemplates()
"""Of the portal's templates in this process, whose environments compile all alike."""

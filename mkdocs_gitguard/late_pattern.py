"""Regular expressions that are compiled when they are first used.

All that a build loads has three hundred of them: to compile those takes a tenth of a second of each command, and most
commands use few. Python keeps no compiled ones from one process to the next.
"""

import re
from typing import Any, AnyStr, cast


def late_pattern(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return what can be used as `re.compile` gives it, but is compiled at its first use.

    It is for the constants of a module: one that is wrong is told of at its first use only, so that
    tests/test_late_pattern.py compiles all of them. `re`'s own functions do not take it.

    Args:
        pattern: as for `re.compile`.
        flags: as for `re.compile`.
    """
    return cast("re.Pattern[AnyStr]", LatePattern(pattern, flags))


class LatePattern:
    """Stands for a compiled pattern; each of its methods is found once, and is the compiled one's own from then on."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        """Take what is to be compiled."""
        self._late: tuple[Any, int] = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        """Compile the pattern, and keep what was asked of it."""
        asked = getattr(re.compile(*self._late), name)
        setattr(self, name, asked)
        return asked

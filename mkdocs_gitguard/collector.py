"""How often Python looks for reference cycles while much is read, or written, at once."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_OBJECTS: Final = 200_000


def collect_rarely() -> None:
    """Have the collector run after 200,000 new objects, not 700 as is Python's default.

    What a harvest reads and a build makes lives on, and going through it again and again takes a tenth of the time; of
    a small site's build, which ends before there are so many, what is loaded alone took a thirtieth.
    It is not switched off: parsers of YAML leave cycles behind, which would add up over a thousand repositories. A
    process that has switched it off, or has it run more rarely still, is left alone.
    """
    threshold, *others = gc.get_threshold()
    if 0 < threshold < _OBJECTS:
        gc.set_threshold(_OBJECTS, *others)


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Do so within the block, in a process that may be somebody else's."""
    before = gc.get_threshold()
    collect_rarely()
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def not_collecting() -> Iterator[None]:
    """Have the collector wait until the block ends, for work that is short and that somebody waits for.

    What such work makes lives on for the most part; in a process that holds millions of objects the collector would
    take a tenth of its time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def clear_away(*, whole: bool) -> None:
    """Collect what reference cycles hold that nobody needs any more, in a process that works in rounds.

    Args:
        whole: look through all there is, and set aside what is needed: until the next time it is looked through no
            more, which is most of what a process holds, and most of the time that this takes.
    """
    if whole:
        gc.unfreeze()
    gc.collect()
    if whole:
        gc.freeze()

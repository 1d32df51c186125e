"""What a command needs beside the package itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from mkdocs_gitguard.errors import SettingError


@contextmanager
def needing(extra: str, who: str) -> Iterator[None]:
    """Let a module that cannot be imported be told as an extra that is not installed.

    Args:
        extra: its name.
        who: needs it, as the sentence begins.

    Raises:
        SettingError: an import in the block failed.
    """
    try:
        yield
    except ImportError as error:
        raise SettingError(
            f"{who} needs {error.name}.", hint=f"Install it: pip install 'mkdocs-gitguard[{extra}]'"
        ) from error

"""The folder of what need not be read or made again, `.gitguard` unless the site says otherwise."""

from pathlib import Path


def make_state_folder(folder: Path) -> None:
    """Make the folder if it is not there, and have git pass it over, as caches of other tools are.

    It often lies in a repository.

    Raises:
        OSError: it cannot be made.
    """
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("*\n", encoding="ascii")

"""Archives of our own making, unpacked by any Python that we run on."""

import tarfile
from pathlib import Path


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a tar file.

    Python 3.11.2, which Debian 12 has, knows no filter yet, and 3.12 warns where none is given:
    https://docs.python.org/3/library/tarfile.html#supporting-older-python-versions
    """
    with tarfile.open(archive) as opened:
        if hasattr(tarfile, "data_filter"):
            opened.extractall(folder, filter="data")
        else:
            opened.extractall(folder)

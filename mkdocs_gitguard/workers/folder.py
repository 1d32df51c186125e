"""Facts in folders: what the jobs of a matrix have read, each a part of the repositories."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.bounded_file import read_file
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.state.files import replace_file
from mkdocs_gitguard.workers.parcel import LARGEST_PARCEL, Parcel, pack, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from mkdocs_gitguard.harvest.cache import CachedFacts
    from mkdocs_gitguard.harvest.elsewhere import Wanted
    from mkdocs_gitguard.harvest.look import Looker
    from mkdocs_gitguard.harvest.sources import RepositorySource
    from mkdocs_gitguard.model import Finding

_ENDING: Final = ".facts"


class Shard(NamedTuple):
    """One of the parts into which the repositories of a site are divided."""

    number: int
    """From 1."""
    total: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Return the shard that `2/5` names.

        Raises:
            SettingError: it names none.
        """
        number, _, total = text.partition("/")
        plain = number.isascii() and total.isascii() and number.isdecimal() and total.isdecimal()
        if not plain or len(text) > 12 or not 1 <= int(number) <= int(total):  # noqa: PLR2004 - digits enough
            raise SettingError(f"--shard is {text!r}.", hint="Write it as number/total, for instance 2/5.")
        return cls(int(number), int(total))

    def of(self, sources: Sequence[RepositorySource]) -> tuple[RepositorySource, ...]:
        """Return the repositories of this part; whoever divides the same ones divides them the same way."""
        return tuple(sorted(sources, key=lambda source: source.id)[self.number - 1 :: self.total])

    def share(self, limit: int) -> int:
        """Return this part's share of a limit over all; the shares of all parts are the limit. Below 0: none."""
        return limit if limit < 0 else limit // self.total + (self.number <= limit % self.total)


def write_facts(folder: Path, read: Iterable[tuple[RepositorySource, Parcel | None]]) -> int:
    """Write the facts of repositories into a folder, a file each, and return how many; older ones are replaced.

    Args:
        folder: made if it is not there.
        read: repositories, with None for those of which there are no facts: what stands there of them is old.

    Raises:
        SettingError: it cannot be written.
    """
    written = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for source, parcel in read:
            path = folder / _name(source.id)
            if parcel is None:
                path.unlink(missing_ok=True)
            else:
                replace_file(path, pack(parcel))
                written += 1
    except OSError as error:
        raise SettingError(f"{folder} cannot be written: {error.strerror}.", hint="Name another folder.") from error
    return written


class FolderFacts:
    """The facts that stand in folders, for a harvest that reads only what is not in them."""

    is_at_hand = True

    def __init__(self, folders: Sequence[Path], tell: Callable[[str], object]) -> None:
        """Take the folders.

        Args:
            folders: each is looked through, the first file that can be used counts.
            tell: is given a line for each reason why a file was not used.

        Raises:
            SettingError: one is not there.
        """
        for folder in folders:
            if not folder.is_dir():
                raise SettingError(
                    f"{folder} is not a folder of facts.", hint="Write one with: gitguard harvest --facts DIR"
                )
        self._folders = folders
        self._tell = tell

    def read(
        self,
        wanted: Sequence[Wanted],
        deliver: Callable[[Wanted, CachedFacts | Finding], bool],
        *,
        looker: Looker,
        seconds: float | None,
    ) -> None:
        """See `Elsewhere.read`."""
        del seconds
        for item in wanted:
            reason = ""
            for folder in self._folders:
                failure = self._try(folder / _name(item.source.id), item, deliver, looker)
                if not failure:
                    break
                reason = reason or failure
            else:
                self._tell(f"{item.source.label} is read here: {reason}.")

    @staticmethod
    def _try(path: Path, item: Wanted, deliver: Callable[[Wanted, CachedFacts | Finding], bool], looker: Looker) -> str:
        """Deliver what stands in a file; return why that cannot be, `""` where it is done."""
        try:
            data = read_file(path, LARGEST_PARCEL)
        except FileNotFoundError:
            return f"there are no facts of it in {path.parent}"
        except OSError as error:
            return f"{path} cannot be read: {error.strerror}"
        parcel = unpack(data)
        if parcel is None or parcel.repository != item.source.id:
            return f"{path} is damaged"
        if parcel.setup != looker.setup:
            return f"{path} was written by another version of mkdocs-gitguard, or with other options"
        if deliver(item, parcel.kept):
            return ""
        return f"{path} is of another state of it"


def _name(repository: str) -> str:
    return f"{sha256(repository.encode()).hexdigest()}{_ENDING}"

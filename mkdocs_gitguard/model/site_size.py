"""How large a site is, and how large the hosts of static sites let it be."""

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

HostName = Literal["github", "gitlab", "cloudflare", "netlify", "azure", "none"]

_LARGEST: Final = 5


class HostLimits(NamedTuple):
    """What a host takes of one site; 0: no limit that it documents."""

    bytes: int = 0
    """Unpacked, as every host counts them."""
    files: int = 0
    entries: int = 0
    """Files and folders together."""
    file_bytes: int = 0
    """Of the largest file."""
    folder_files: int = 0
    """Of the fullest folder, what lies deeper left out."""


HOSTS: Final[Mapping[HostName, HostLimits]] = MappingProxyType(
    {
        # https://docs.github.com/en/pages/getting-started-with-github-pages/github-pages-limits
        "github": HostLimits(bytes=1_000_000_000),
        # https://docs.gitlab.com/administration/instance_limits/#number-of-files-per-gitlab-pages-website
        "gitlab": HostLimits(bytes=1_000_000_000, entries=200_000),
        # https://developers.cloudflare.com/pages/platform/limits/ (the free plan)
        "cloudflare": HostLimits(files=20_000, file_bytes=25 * 1024 * 1024),
        # https://docs.netlify.com/deploy/create-deploys/#file-limits
        "netlify": HostLimits(folder_files=54_000),
        # https://learn.microsoft.com/azure/static-web-apps/quotas (the free plan)
        "azure": HostLimits(bytes=250_000_000),
        "none": HostLimits(),
    }
)


class SitePart(NamedTuple):
    """All below one entry of a site's top folder."""

    name: str
    bytes: int
    files: int


class SiteSize(NamedTuple):
    """A site in numbers."""

    bytes: int = 0
    files: int = 0
    folders: int = 0
    largest: tuple[str, int] = ("", 0)
    """The largest file and its bytes."""
    fullest: tuple[str, int] = ("", 0)
    """The folder that holds the most files itself, `""` for the top, and how many."""
    parts: tuple[SitePart, ...] = ()
    """The largest first."""


def site_size(files: Iterable[tuple[str, int]]) -> SiteSize:
    """Return the size of a site.

    Args:
        files: each path, relative to the site and with `/`, and its bytes.
    """
    in_folders: Counter[str] = Counter()
    part_bytes: Counter[str] = Counter()
    part_files: Counter[str] = Counter()
    largest = (0, "")
    for path, size in files:
        in_folders[path.rpartition("/")[0]] += 1
        part = path.partition("/")[0]
        part_bytes[part] += size
        part_files[part] += 1
        if size >= largest[0]:
            largest = max(largest, (size, path))
    folders = {folder[:end] for folder in in_folders for end in _ends(folder)}
    parts = (SitePart(name, part_bytes[name], part_files[name]) for name in part_bytes)
    return SiteSize(
        part_bytes.total(),
        part_files.total(),
        len(folders),
        largest[::-1],
        max(in_folders.items(), key=lambda item: (item[1], item[0]), default=("", 0)),
        tuple(sorted(parts, key=lambda part: (-part.bytes, part.name))),
    )


def share_of(size: SiteSize, limits: HostLimits) -> float | None:
    """Return how much of what the host takes a site is: of the limit that it is nearest to; None without limits."""
    return max((number / most for number, most, _ in _compared(size, limits) if most), default=None)


def beyond(size: SiteSize, limits: HostLimits) -> tuple[str, ...]:
    """Return what the host would refuse, a sentence each."""
    return tuple(sentence for number, most, sentence in _compared(size, limits) if most and number > most)


def in_bytes(number: int) -> str:
    """Return a size as people read it: `812 MB`; powers of ten, as hosts count."""
    for unit, of in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if number >= of:
            return f"{number / of:,.3g} {unit}" if number < 1000 * of else f"{number / of:,.0f} {unit}"
    return f"{number} B"


def largest_parts(size: SiteSize) -> str:
    """Return the largest parts in words: `pull-request 420 MB in 15,637 files, api 90 MB in …`."""
    return ", ".join(f"{part.name} {in_bytes(part.bytes)} in {part.files:,} files" for part in size.parts[:_LARGEST])


def _ends(folder: str) -> Iterable[int]:
    yield from (place for place, sign in enumerate(folder) if sign == "/")
    if folder:
        yield len(folder)


def _compared(size: SiteSize, limits: HostLimits) -> tuple[tuple[int, int, str], ...]:
    entries = size.files + size.folders
    largest, fullest = size.largest, size.fullest
    return (
        (size.bytes, limits.bytes, f"It has {in_bytes(size.bytes)}, of {in_bytes(limits.bytes)} at most."),
        (size.files, limits.files, f"It has {size.files:,} files, of {limits.files:,} at most."),
        (entries, limits.entries, f"It has {entries:,} files and folders, of {limits.entries:,} at most."),
        (
            largest[1],
            limits.file_bytes,
            f"{largest[0]} has {in_bytes(largest[1])}, of {in_bytes(limits.file_bytes)} at most for one file.",
        ),
        (
            fullest[1],
            limits.folder_files,
            f"The folder {fullest[0] or '/'} has {fullest[1]:,} files, of {limits.folder_files:,} at most.",
        ),
    )

"""The option `site_budget`: what the host takes, and how many pages of pull requests fit into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast, get_args

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import (
    HOSTS,
    HostLimits,
    HostName,
    beyond,
    in_bytes,
    kind_of,
    largest_parts,
    share_of,
)
from mkdocs_gitguard.site_build.log import log
from mkdocs_gitguard.state.tree import states_below
from mkdocs_gitguard.suggestion import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mkdocs_gitguard.model import SiteSize
    from mkdocs_gitguard.portal import Pages
    from mkdocs_gitguard.state.file_state import FileState

DEFAULT_HOST: Final[HostName] = "github"

_KEYS: Final = ("host", "bytes", "files")
_PULL_REQUESTS: Final = "pull-request"
"""Path of the list of them all."""
_SIZE: Final = late_pattern(r"(\d{1,12}(?:\.\d{1,6})?) ?(kB|MB|GB|B)?")
_UNITS: Final[Mapping[str, int]] = {"": 1, "B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}


class Budget(NamedTuple):
    """What a site may be."""

    host: HostName
    limits: HostLimits
    is_chosen: bool
    """Whether the site says so itself: then it holds wherever the site goes."""


def read_budget(option: Mapping[str, Any]) -> Budget:
    """Return the budget that the option `site_budget` gives.

    Raises:
        SettingError: it names another key or host, or a size that is not one.
    """
    for key in option:
        if key not in _KEYS:
            raise SettingError(
                f"The option `site_budget` has no key {key!r}.",
                hint=did_you_mean(str(key), _KEYS) or f"Choose from {', '.join(_KEYS)}.",
            )
    host = option.get("host", DEFAULT_HOST)
    if host not in get_args(HostName):
        raise SettingError(
            f"The option `site_budget` names the host {host!r}, which is not known.",
            hint=f"Choose one of {', '.join(get_args(HostName))}, and set `bytes` and `files` for any other.",
        )
    limits = HOSTS[cast("HostName", host)]
    given = {key: _number(key, option[key]) for key in _KEYS[1:] if key in option}
    return Budget(cast("HostName", host), limits._replace(**given), is_chosen=bool(option))


def tell_pages(pages: Pages, budget: Budget) -> None:
    """Log how many pull requests have a page, where not all that the option `pull_request_pages` asks for have room."""
    groups = pages.portal.graph.pull_requests.values()
    wanted = sum(min(len(changes), pages.portal.options.pull_request_pages) for changes in groups)
    shown = sum(kind_of(page.node) == "pull-request" for page in pages.by_path.values() if page.node)
    if shown < wanted and _PULL_REQUESTS in pages.by_path:
        log.info(
            "Pull requests: %s of %s have a page, the newest of each repository; more would not fit what %s takes",
            *(f"{shown:,}", f"{sum(map(len, groups)):,}", budget.host),
        )


def states_of_site(site: Path, folder: str = "") -> Mapping[str, FileState] | None:
    """Return how every file of a built site, or of a folder of it, stands.

    Args:
        site: where it was built.
        folder: path in the site, `""` for all of it.

    Returns:
        By path in the site, with `/`; None, and a warning, where it cannot be walked through.
    """
    prefix = f"{folder}/" if folder else ""
    try:
        return {f"{prefix}{path}": state for path, state in states_below(site / folder).items()}
    except OSError as error:
        log.warning("%s cannot be measured: %s.", site / folder, error.strerror)
        return None


def tell_size(size: SiteSize, budget: Budget) -> None:
    """Log how large a site is, and warn of what its host would refuse."""
    share = share_of(size, budget.limits)
    of = "" if share is None else f", {share:.0%} of what {budget.host} takes"
    log.info("Size: %s in %s files%s: %s", in_bytes(size.bytes), f"{size.files:,}", of, largest_parts(size))
    for sentence in beyond(size, budget.limits) if budget.is_chosen else ():
        log.warning("The site is too large for %s. %s Set a smaller pull_request_pages.", budget.host, sentence)


def _number(key: str, value: object) -> int:
    size = _SIZE.fullmatch(str(value).strip()) if isinstance(value, int | str) and not isinstance(value, bool) else None
    unit = (size[2] or "") if size else ""
    if size is None or (key == "files" and (unit or "." in size[1])):
        example = "20000" if key == "files" else "500 MB"
        raise SettingError(
            f"The key `{key}` of the option `site_budget` is {value!r}.", hint=f"Set it to a number such as {example}."
        )
    return int(float(size[1]) * _UNITS[unit])

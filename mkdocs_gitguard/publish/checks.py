"""What a built site must pass before it goes out."""

from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

from mkdocs_gitguard.errors import PublishError
from mkdocs_gitguard.model import Finding, HostLimits, beyond, largest_parts, site_size
from mkdocs_gitguard.publish.link_memory import recall, remember
from mkdocs_gitguard.publish.links import check_links, read_pages
from mkdocs_gitguard.publish.release import Manifest, ReleaseFile
from mkdocs_gitguard.publish.secrets import BASELINE, read_baseline, scan_secrets, scanner_version

_SHOWN: Final = 20


class SiteCheck(NamedTuple):
    """The outcome of all checks."""

    findings: tuple[Finding, ...]
    versions: dict[str, str]
    """What checked, for the manifest."""
    scanned: int
    """Files that were scanned for secrets; the others had passed already."""


def check_site(
    site: Path, files: tuple[ReleaseFile, ...], *, root: Path, state_file: Path, before: Manifest | None = None
) -> SiteCheck:
    """Check the links of a site, and look for secrets in it.

    Args:
        site: the built site.
        files: all of its files.
        root: the folder of the baseline of accepted findings.
        state_file: remembers what pages link to; those that have not changed since are not read again.
        before: the release that the target holds; what the same scanner passed in it, with the same
            baseline, is not scanned again.

    Raises:
        PublishError: detect-secrets is not installed, or a page cannot be read.
        SettingError: the baseline is broken.
    """
    accepted = read_baseline(root / BASELINE)
    versions = {"links": f"mkdocs-gitguard {version('mkdocs-gitguard')}", "secrets": scanner_version(accepted)}
    passed = set(before.files) if before and before.checks.get("secrets") == versions["secrets"] else set()
    fresh = [file.path for file in files if file not in passed]
    secrets = scan_secrets(site, fresh, accepted=accepted)
    known = recall(state_file)
    pages = read_pages(site, files, known)
    remember(state_file, dict(pages.values()), known=known)
    links = check_links(pages, [file.path for file in files])
    return SiteCheck((*secrets, *links), versions, len(fresh))


def refuse_size(files: Iterable[ReleaseFile], *, host: str, limits: HostLimits) -> None:
    """Raise if a host would not take a site of this size.

    Raises:
        PublishError: says which limit it exceeds, and names the largest parts.
    """
    size = site_size((file.path, file.size) for file in files)
    sentences = beyond(size, limits)
    if sentences:
        raise PublishError(
            f"The site is too large for {host} and was not published. {' '.join(sentences)} The largest parts: "
            f"{largest_parts(size)}.",
            hint="Set a smaller pull_request_pages, or site_budget if the host takes more.",
        )


def refuse(findings: Iterable[Finding]) -> None:
    """Raise if there are findings.

    Raises:
        PublishError: names each of the first ones.
    """
    all_findings = list(findings)
    if not all_findings:
        return
    lines = "\n  ".join(map(_line, all_findings[:_SHOWN]))
    more = f"\n  and {len(all_findings) - _SHOWN} more" if len(all_findings) > _SHOWN else ""
    raise PublishError(f"The site has {len(all_findings)} findings and was not published:\n  {lines}{more}")


def _line(item: Finding) -> str:
    place = f"{item.path}:{item.line}" if item.line else item.path
    return f"{place} {item.message} {item.hint}".rstrip()

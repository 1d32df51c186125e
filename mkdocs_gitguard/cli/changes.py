"""`gitguard changes`: what has changed since a release, as Markdown or JSON."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Final

import click
import msgspec

from mkdocs_gitguard.bounded_file import read_start
from mkdocs_gitguard.cli.build import config_option
from mkdocs_gitguard.cli.changes_text import as_markdown
from mkdocs_gitguard.cli.lazy_group import examples
from mkdocs_gitguard.cli.loaded_site import load_site
from mkdocs_gitguard.cli.output import echo_text, write_json
from mkdocs_gitguard.cli.rollout_site import open_site
from mkdocs_gitguard.cli.site import read_to_answer
from mkdocs_gitguard.errors import SettingError, SourceError
from mkdocs_gitguard.model.portal_changes import changes_since
from mkdocs_gitguard.model.portal_state import STATE_PATH, PortalState
from mkdocs_gitguard.publish import TARGETS
from mkdocs_gitguard.publish.target import ReadableTarget, open_target

_LARGEST: Final = 1 << 28
"""Bytes of a state, unpacked; 2,000 repositories with 20,000 policies have a hundredth of it."""
_WAIT: Final = 60.0


@click.command(
    "changes",
    epilog=examples(
        "gitguard changes --since 20261101T120000Z-0a1b2c3d4e5f  # a release",
        "gitguard changes --since public/current --format json   # a folder",
    ),
)
@click.option(
    "--since",
    required=True,
    metavar="RELEASE",
    help="Id of a release of the publish target, or a folder that holds a built site or a release.",
)
@click.option("--format", "form", type=click.Choice(["markdown", "json"]), default="markdown", show_default=True)
@click.option("--target", default="", help="Where the release is. Default: CODEX_PUBLISH_TARGET.")
@config_option
def changes(*, since: str, form: str, target: str, config_file: Path | None) -> None:
    """Tell what has changed in the repositories of the site since a release of its portal.

    Pull requests merged, releases, policies and rules added, changed and removed, CODEOWNERS files that changed,
    findings that came and went, as the repositories are now. Those that are not shown any more are counted, not named.
    """
    before = _state(since, target, config_file)
    snapshot = read_to_answer(load_site(Path(), config_file)).snapshot
    since_then = changes_since(before, snapshot, since)
    if form == "json":
        write_json(msgspec.json.format(msgspec.json.encode(since_then), indent=2) + b"\n")
    else:
        echo_text(as_markdown(since_then, snapshot))


def _state(since: str, target: str, config_file: Path | None) -> PortalState:
    folder = Path(since)
    if folder.is_dir():
        try:
            return _decoded(read_start(folder / STATE_PATH, _LARGEST), since)
        except OSError as error:
            raise SourceError(
                f"{folder} holds no {STATE_PATH}: {error.strerror}.",
                hint="Name a site or release that this version has built.",
            ) from error
    site = open_site(config_file)
    text = target or site.settings.codex_publish_target
    if not text:
        raise SettingError(
            f"{since} is not a folder, and there is no publish target.",
            hint="Name a folder, set CODEX_PUBLISH_TARGET or give --target, for instance directory:public.",
        )
    opened = open_target(text, root=site.root, keep=site.settings.codex_releases_kept, wait=_WAIT, targets=TARGETS)
    if not isinstance(opened, ReadableTarget):
        raise SettingError(
            f"The {opened.label} keeps no releases that can be read again.",
            hint="Name a folder that holds the release.",
        )
    return _decoded(opened.content(since, STATE_PATH), since)


def _decoded(data: bytes, since: str) -> PortalState:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(data, _LARGEST)
        if unpacker.unconsumed_tail:
            raise SourceError(f"What {since} says of itself has more than {_LARGEST:,} bytes.")
        return msgspec.json.decode(unpacked, type=PortalState)
    except (zlib.error, msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise SourceError(f"What {since} says of itself is damaged: {error}.", hint="Name another release.") from error

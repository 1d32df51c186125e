"""What a publish target can do, and the registry of targets.

A target is one file and one line in `publish.TARGETS`; another package adds one by an entry point in the group
`mkdocs_gitguard.publish_targets`, whose object is a `TargetFactory`.
"""

import errno
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple, Protocol, cast, runtime_checkable

from mkdocs_gitguard.entry_points import registered
from mkdocs_gitguard.errors import PublishError, SettingError
from mkdocs_gitguard.model import Release
from mkdocs_gitguard.publish.release import Manifest

ENTRY_POINT_GROUP: Final = "mkdocs_gitguard.publish_targets"


class Published(NamedTuple):
    """What a publish did."""

    manifest: Manifest
    is_new: bool
    """False where the target held this very content already, so that nothing was done."""
    location: str
    """Where it is now, for people."""
    written: int = 0
    """Files that were new or changed."""
    linked: int = 0
    """Files shared with the release before."""
    warning: str = ""
    """What went wrong although the release is out, in a sentence."""
    artifact: str = ""
    """The file that somebody else deploys, absolute; `""` where readers see the release at once."""

    @property
    def release(self) -> Release:
        """What readers see now."""
        return self.manifest.release


class PublishTarget(Protocol):
    """A place where releases go."""

    label: str
    """What messages call it."""

    def current(self) -> Manifest | None:
        """Return the manifest of the release that readers see, None before the first."""

    def releases(self) -> tuple[Release, ...]:
        """Return the releases that the target still holds, newest first."""

    def publish(self, site: Path, manifest: Manifest) -> Published:
        """Make the site at `site` the release that readers see; all of it or nothing.

        Raises:
            PublishError: it cannot be; readers still see what they saw before.
        """

    def damage(self, manifest: Manifest) -> list[str]:
        """Read back what readers see, and return how it differs from the manifest, a sentence for each file."""

    def rollback(self, to: str = "") -> Release:
        """Make an earlier release the one that readers see: the last one of other content, or the one named.

        Raises:
            PublishError: there is none, or it is damaged; readers still see what they saw before.
        """


@runtime_checkable
class ReadableTarget(Protocol):
    """A target of whose releases single files can be read again."""

    def content(self, release: str, path: str) -> bytes:
        """Return a file of a release that the target still holds.

        Raises:
            PublishError: it holds no such release, or the release no such file.
        """


class TargetFactory(Protocol):
    """Makes a target from the text behind its scheme."""

    def __call__(self, argument: str, *, root: Path, keep: int, wait: float) -> PublishTarget:
        """Make a target.

        Args:
            argument: what stands behind `scheme:`, `""` for nothing.
            root: the site's folder, where relative paths start.
            keep: how many releases to keep, where the target keeps any.
            wait: seconds to wait for another publisher.
        """


def open_target(
    text: str, *, root: Path, keep: int = 5, wait: float = 60, targets: Mapping[str, TargetFactory]
) -> PublishTarget:
    """Return the target that `scheme:argument` means.

    Raises:
        SettingError: there is no such scheme, or the entry point of that name cannot be used.
    """
    scheme, _, argument = text.partition(":")
    factory = targets.get(scheme) or _registered_factory(scheme)
    if factory is None:
        known = ", ".join([*targets, *(entry.name for entry in registered(ENTRY_POINT_GROUP))])
        raise SettingError(f"There is no publish target {text!r}.", hint=f"Use one of {known}, as in directory:PATH.")
    return factory(argument, root=root, keep=keep, wait=wait)


def _registered_factory(scheme: str) -> TargetFactory | None:
    """Return the factory that a package registers for a scheme, None where none does."""
    entries = [entry for entry in registered(ENTRY_POINT_GROUP) if entry.name == scheme]
    if not entries:
        return None
    if len(entries) > 1:
        raise entries[1].refused("takes a name that is taken", hint="Uninstall one of the two packages.")
    factory = entries[0].load()
    if not callable(factory):
        raise entries[0].refused(
            "is not a TargetFactory", hint="Register a mkdocs_gitguard.extend.TargetFactory, a callable."
        )
    return cast("TargetFactory", factory)


_CURES: Final = {
    errno.ENOSPC: "Free some space. ",
    errno.EDQUOT: "Free some space. ",
    errno.EFBIG: "Raise the limit on file sizes. ",
    errno.EROFS: "Make it writable: mount it so. ",
    errno.EACCES: "Give this user the right to write there. ",
    errno.EEXIST: "Move the file away that is in its place, or name another folder. ",
    errno.ENOTDIR: "Move the file away that is in its place, or name another folder. ",
    errno.EPERM: "Give this user the right to write there. ",
}


def no_release(label: str, release: str, known: Sequence[str]) -> PublishError:
    """Return the error for a release that a target does not hold; `known` are those that it holds, the oldest first."""
    hint = f"Choose one of {', '.join(reversed(known))}." if known else "Publish one first."
    return PublishError(f"The {label} holds no release {release!r}.", hint=hint)


def no_file(release: str, label: str, path: str) -> PublishError:
    """Return the error for a file that a release does not have."""
    return PublishError(f"The release {release} of the {label} has no {path}.", hint="Name a later release.")


def os_failure(what: str, error: OSError) -> PublishError:
    """Return the error for a target that the operating system does not let us write."""
    where = f" ({os.fspath(error.filename)})" if isinstance(error.filename, str | Path) else ""
    cure = _CURES.get(error.errno or 0, "Fix that and publish again. ")
    return PublishError(
        f"The {what} cannot be written: {error.strerror or error}{where}.",
        hint=f"{cure}Readers still see what they saw before.",
    )

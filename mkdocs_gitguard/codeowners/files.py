"""Which CODEOWNERS file of a repository counts, and what it says as text."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

import msgspec

from mkdocs_gitguard.codeowners.records import Dialect
from mkdocs_gitguard.model import Finding, ForgeName, Record, Severity

LOCATIONS: Final[dict[Dialect, tuple[str, ...]]] = {
    "github": (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"),
    "gitlab": ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"),
    "bitbucket": (".bitbucket/CODEOWNERS",),
    "gitea": ("CODEOWNERS", "docs/CODEOWNERS", ".gitea/CODEOWNERS"),
    "forgejo": ("CODEOWNERS", "docs/CODEOWNERS", ".gitea/CODEOWNERS", ".forgejo/CODEOWNERS"),
}
"""Where each forge looks, the first that is there wins. Sources: GitHub "About code owners, CODEOWNERS file
location"; GitLab "Code Owners, set up"; Bitbucket "Set up and use code owners"; Gitea and Forgejo
services/issue/pull.go."""

ALL_LOCATIONS: Final = frozenset(path for paths in LOCATIONS.values() for path in paths)

MOST_BYTES: Final = 3 * 1024 * 1024
"""GitHub does not load a file of 3 MB or more; the others get the same limit here, so that no file can hurt a build."""


class CodeownersFile(Record, frozen=True, kw_only=True):
    """A file at one of the places where a forge looks, as the head commit's tree has it. A raw fact, cached."""

    path: str
    mode: str
    """Six octal digits, as git has them."""
    size: int = 0
    """Bytes."""
    data: bytes | None = None
    """None where the blob is too large or not in the clone, and for what is not a plain file."""


class ChosenFile(Record, frozen=True, kw_only=True):
    """The file that counts and its text, or why there is none."""

    path: str = ""
    """`""` where the repository has no CODEOWNERS file that counts: a normal state."""
    text: str = ""
    """Bytes that are not UTF-8 stand as surrogates; `parse` reports their lines."""
    ignored: tuple[str, ...] = ()
    """Other CODEOWNERS files, which the forge does not look at."""
    findings: tuple[Finding, ...] = ()


def dialect_of(forge: ForgeName, files: Collection[str] = ()) -> Dialect:
    """Return the dialect of a forge; for one that has no CODEOWNERS of its own, what the file's place tells."""
    if forge in ("github", "gitlab", "gitea", "forgejo"):
        return forge
    # An app of Bitbucket's may read a file elsewhere.
    if forge == "bitbucket" and (LOCATIONS["bitbucket"][0] in files or ALL_LOCATIONS.isdisjoint(files)):
        return "bitbucket"
    if not any(path in files for path in LOCATIONS["github"]):
        for dialect in ("gitlab", "bitbucket", "gitea", "forgejo"):
            if LOCATIONS[dialect][-1] in files:
                return dialect
    return "github"


def choose(
    files: Iterable[CodeownersFile], dialect: Dialect, *, repository: str, folders: Sequence[str] = ()
) -> ChosenFile:
    """Pick the file that the forge reads.

    Args:
        files: what stands at any of `ALL_LOCATIONS`.
        dialect: whose order of places applies.
        repository: node id, for findings.
        folders: which of `ALL_LOCATIONS` are folders.
    """
    by_path = {file.path: file for file in files}
    places = LOCATIONS[dialect]
    findings = [
        _finding("codeowners-not-a-file", f"{path} is a folder.", "Rename it, or move the file here.", path)
        for path in places
        if path in folders
    ]
    for path in places:
        if path in by_path and not _is_plain(by_path[path]):
            message = f"{path} is a symbolic link or a submodule: no forge follows it."
            findings.append(_finding("codeowners-not-a-file", message, "Replace it by the file itself.", path))
    chosen = next((by_path[path] for path in places if path in by_path and _is_plain(by_path[path])), None)
    ignored = tuple(sorted(path for path in by_path if chosen is None or path != chosen.path))
    for path in ignored:
        if chosen is None and path not in places:
            message = f"{path} is not where {dialect} looks for code owners."
            findings.append(_finding("codeowners-misplaced", message, f"Move it to {places[0]}.", path))
        elif chosen is not None and _is_plain(by_path[path]):
            message = f"This CODEOWNERS is ignored: {chosen.path} is used instead."
            hint = f"Delete it, or merge it into {chosen.path}."
            findings.append(_finding("codeowners-ignored", message, hint, path))
    text = ""
    if chosen is not None:
        text, trouble = _text(chosen)
        findings += trouble
    return ChosenFile(
        path=chosen.path if chosen else "",
        text=text,
        ignored=ignored,
        findings=tuple(msgspec.structs.replace(finding, repository=repository) for finding in findings),
    )


def _is_plain(file: CodeownersFile) -> bool:
    return file.mode.startswith("100")


def _text(file: CodeownersFile) -> tuple[str, list[Finding]]:
    if file.size >= MOST_BYTES:
        message = f"{file.path} has {file.size:,} bytes; from 3 MB on it is not loaded, so nothing has an owner."
        hint = "Use wildcards to say the same in fewer lines."
        return "", [_finding("codeowners-too-large", message, hint, file.path, "error")]
    if file.data is None:
        hint = "Fetch its blob, or clone without a blob filter."
        return "", [_finding("codeowners-missing", f"{file.path} is not in the clone.", hint, file.path, "error")]
    if file.data.startswith((b"\xff\xfe", b"\xfe\xff")):
        message = f"{file.path} is UTF-16, which no forge reads."
        return "", [_finding("codeowners-encoding", message, "Save it as UTF-8.", file.path, "error")]
    return file.data.decode("utf-8", "surrogateescape"), []


def _finding(code: str, message: str, hint: str, path: str, severity: Severity = "warning") -> Finding:
    return Finding(code=code, severity=severity, message=message, hint=hint, path=path)

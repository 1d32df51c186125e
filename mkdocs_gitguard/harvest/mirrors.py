"""Clone URLs: mirrors under the state folder, made, refreshed and asked for missing blobs.

A mirror is a bare, partial repository (`--filter=blob:none`): all commits and trees, and of the files only those that
were read. The user's own git configuration counts here, for proxies, certificates and credential helpers; hooks,
submodules and prompts do not, and the mirror's own configuration is what we write, however it was changed. A token
goes to git in its environment, as a header that belongs to one host, and nowhere else: not on the command line, not
into the mirror's configuration, not into a message.
"""

import base64
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from mkdocs_gitguard.errors import SourceError
from mkdocs_gitguard.git.directory import GitDirectory, is_ref_name
from mkdocs_gitguard.git.process import GitProcessError, config_environment, run
from mkdocs_gitguard.git.remote import Remote, parse_remote, secret_user
from mkdocs_gitguard.harvest.options import HarvestOptions
from mkdocs_gitguard.harvest.sources import RepositorySource
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import ForgeName

_CONFIG: Final = """\
[core]
	repositoryformatversion = 1
	bare = true
[extensions]
	partialClone = origin
[remote "origin"]
	url = {url}
	promisor = true
	partialclonefilter = blob:none
"""
_NETWORK_CONFIG: Final[Mapping[str, str]] = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "fetch.recurseSubmodules": "false",
    "fetch.showForcedUpdates": "false",
    "gc.autoDetach": "false",
    "maintenance.autoDetach": "false",
    # A server that accepts the connection and says nothing more.
    "http.lowSpeedLimit": "1",
    "http.lowSpeedTime": "60",
}
_BRANCHES_AND_TAGS: Final = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
_PULL_REFS: Final = ("+refs/pull/*/head:refs/pull/*/head", "+refs/merge-requests/*/head:refs/merge-requests/*/head")
_FRESH: Final = "gitguard-fetched"
"""A file in the mirror whose time says when it was last brought up to date."""

_UNREACHED: Final = late_pattern(
    r"Could not resolve (?:host|proxy)|Failed to connect|Couldn't connect|Connection (?:refused|timed out|reset)"
    r"|Network is unreachable|No route to host"
)
"""How curl, which git fetches by https with, says that it has not come as far as the server: no token helps there."""
_TOKEN_VARIABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "github.com": ("GITHUB_TOKEN", "GH_TOKEN"),
    "gitlab.com": ("GITLAB_TOKEN",),
    "bitbucket.org": ("BITBUCKET_TOKEN",),
}
_TOKEN_USERS: Final[Mapping[ForgeName, str]] = {
    "github": "x-access-token",
    "gitlab": "oauth2",
    "bitbucket": "x-token-auth",
    "gitea": "oauth2",
    "forgejo": "oauth2",
    "azure": "",
    "other": "git",
}
"""User names that forges want beside a token: each forge's own documentation of https access."""


class Mirror:
    """The mirror of one clone URL."""

    def __init__(self, source: RepositorySource, options: HarvestOptions) -> None:
        """Take the source; nothing is fetched yet.

        Args:
            source: one with a `url`.
            options: time limits, and whether pull refs are wanted.
        """
        self._source = source
        self._options = options
        self._remote = parse_remote(source.url)

    @property
    def is_there(self) -> bool:
        """Whether it was ever fetched."""
        return (self._source.folder / "HEAD").is_file()

    @property
    def is_fresh(self) -> bool:
        """Whether it was brought up to date less than `max_age` seconds ago."""
        try:
            # A file's age is real time, which is not part of what the portal shows.
            age = time.time() - (self._source.folder / _FRESH).stat().st_mtime
        except OSError:
            return False
        return 0 <= age < self._options.max_age

    def refresh(self) -> None:
        """Make the mirror if there is none, and bring it up to date. One that nothing moved in costs one request.

        Raises:
            SourceError: it cannot be fetched. What was there before is left as it was.
        """
        if self.is_there:
            self._update(self._source.folder)
            return
        with self._laid_down() as folder:
            self._update(folder)
            with suppress(OSError):
                # Another process may have made it meanwhile; then that one serves as well.
                folder.rename(self._source.folder)

    def listing(self) -> tuple[str, dict[str, str]]:
        """Return the branch that the server's HEAD names, and object ids by ref: one request, nothing is fetched.

        Raises:
            SourceError: the server does not give them.
        """
        if self.is_there:
            return self._listed(self._source.folder)
        with self._laid_down() as folder:
            return self._listed(folder)

    @contextmanager
    def _laid_down(self) -> Iterator[Path]:
        """Give a mirror that holds nothing yet, beside where it belongs."""
        parent = self._source.folder.parent
        try:
            parent.mkdir(parents=True, exist_ok=True)
            # Made beside and moved into place: a mirror is there as a whole or not at all.
            folder = Path(tempfile.mkdtemp(prefix=".new-", dir=parent))
        except OSError as error:
            raise SourceError(
                f"{self._source.label}: no mirror can be made in {parent}: {error.strerror}.",
                hint="Let `state_dir` name a folder that can be written.",
            ) from error
        try:
            (folder / "objects").mkdir()
            (folder / "refs").mkdir()
            (folder / "HEAD").write_text("ref: refs/heads/main\n", encoding="ascii")
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def fetch_blobs(self, ids: Iterable[str]) -> None:
        """Fetch the content of files, all in one request.

        Raises:
            SourceError: it cannot be fetched.
        """
        wanted = "".join(f"{blob}\n" for blob in ids).encode("ascii")
        self._git(
            self._source.folder,
            # As git itself asks for what a partial clone has left out (promisor-remote.c).
            "-c",
            "fetch.negotiationAlgorithm=noop",
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-auto-maintenance",
            "--filter=blob:none",
            "--stdin",
            "origin",
            stdin=wanted,
        )

    def _restore_config(self, folder: Path) -> None:
        """Have the mirror's configuration say what we say, whoever has changed it: it could name programs to run."""
        quoted = self._source.url.replace("\\", "\\\\").replace('"', '\\"')
        text = _CONFIG.format(url=f'"{quoted}"')
        path = folder / "config"
        try:
            # Where worktree configuration or a pointer stands, git would read that, too.
            for other in ("config.worktree", "commondir"):
                (folder / other).unlink(missing_ok=True)
            if path.is_symlink() or not path.is_file() or path.read_bytes() != text.encode():
                path.unlink(missing_ok=True)
                path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise SourceError(
                f"{self._source.label}: the mirror {folder} cannot be written: {error.strerror}.",
                hint="Delete it; it is made anew.",
            ) from error

    def _update(self, folder: Path) -> None:
        head, there = self._listed(folder)
        prefixes = _prefixes(self._refspecs)
        if there != GitDirectory.find(folder, label=self._source.label).refs(*prefixes):
            self._git(
                folder,
                "fetch",
                "--quiet",
                "--prune",
                "--no-tags",
                "--no-write-fetch-head",
                "--filter=blob:none",
                "origin",
                *self._refspecs,
            )
            # A fetch leaves a file for each ref, which git and we alike are slow to walk.
            self._git(folder, "pack-refs", "--all")
        if head and head in there:
            (folder / "HEAD").write_bytes(f"ref: {head}\n".encode("utf-8", "surrogateescape"))
        (folder / _FRESH).touch()

    @property
    def _refspecs(self) -> tuple[str, ...]:
        return (*_BRANCHES_AND_TAGS, *(_PULL_REFS if self._options.pull_refs else ()))

    def _listed(self, folder: Path) -> tuple[str, dict[str, str]]:
        patterns = ["HEAD", *(refspec.removeprefix("+").partition(":")[0] for refspec in self._refspecs)]
        listed = self._git(folder, "ls-remote", "--quiet", "--symref", "origin", *patterns)
        return _parse_listing(listed, _prefixes(self._refspecs))

    def _git(self, folder: Path, *args: str, stdin: bytes = b"") -> bytes:
        self._restore_config(folder)
        try:
            return b"".join(
                run(
                    ("--no-pager", *args),
                    folder=folder,
                    environment=self._environment(folder),
                    label=self._source.label,
                    time_limit=self._options.clone_time_limit,
                    stdin=(stdin,) if stdin else (),
                )
            )
        except GitProcessError as error:
            raise SourceError(self._without_token(error.message), hint=self._hint(error)) from error

    def _environment(self, folder: Path) -> dict[str, str]:
        settings = dict(_NETWORK_CONFIG)
        if header := self._header():
            settings[f"http.{_origin(self._remote)}.extraHeader"] = header
            # Git would send the header on to wherever the host sends it.
            settings["http.followRedirects"] = "false"
        return {
            "GIT_DIR": str(folder),
            "GIT_COMMON_DIR": str(folder),
            "GIT_OBJECT_DIRECTORY": str(folder / "objects"),
            "GIT_WORK_TREE": str(folder),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": "",
            "GIT_NAMESPACE": "",
            "GIT_ALLOW_PROTOCOL": "https:ssh:http" if self._options.allow_http else "https:ssh",
            "GIT_TERMINAL_PROMPT": "0",
            "SSH_ASKPASS_REQUIRE": "never",
            # Shows headers; git hides the usual ones, which is not to be relied upon.
            "GIT_TRACE_CURL": "0",
            **config_environment(settings),
        }

    def _header(self) -> str:
        token = self._token()
        if not token or self._remote is None:
            return ""
        if ":" not in token:
            forge: ForgeName = self._source.forge.name if self._source.forge else "other"
            token = f"{_TOKEN_USERS[forge]}:{token}"
        return f"Authorization: Basic {base64.b64encode(token.encode()).decode('ascii')}"

    def _token(self) -> str:
        if self._remote is None or self._remote.scheme == "ssh":
            return ""
        names = (token_variable(self._remote.host), *_TOKEN_VARIABLES.get(self._remote.host, ()))
        return next((token for name in names if (token := os.environ.get(name, "").strip())), "")

    def _without_token(self, message: str) -> str:
        # Ssh names the user that it came as, which may be a token.
        if user := secret_user(self._source.url):
            message = message.replace(f"{user}@", "***@")
        token = self._token()
        return message.replace(token, "***") if token else message

    def _hint(self, error: GitProcessError) -> str:
        host = self._remote.host if self._remote else ""
        if error.exit_code is None:
            return "Raise `clone_time_limit`, or see whether the host answers."
        if self._remote is not None and self._remote.scheme == "ssh":
            port = f"-p {self._remote.port} " if self._remote.port else ""
            return f"Check the URL, and that `ssh {port}{host}` lets you in without asking."
        if "certificate" in error.message:
            return f"Let GIT_SSL_CAINFO, or git's setting http.sslCAInfo, name a file with the authority of {host}."
        if _UNREACHED.search(error.message):
            return f"Check the spelling of {host}, the network, and whether a proxy is needed (https_proxy)."
        if self._token():
            return f"Check the URL, which must not redirect, and that the token for {host} may read the repository."
        return f"Check the URL; for a private repository set {token_variable(host)} in the environment."


def token_variable(host: str) -> str:
    """Return the name of the environment variable that holds the token for `host`: `token` or `user:token`."""
    return f"GITGUARD_TOKEN_{re.sub(r'[^A-Z0-9]', '_', host.upper())}"


def _origin(remote: Remote | None) -> str:
    if remote is None:
        return ""
    port = f":{remote.port}" if remote.port else ""
    return f"{remote.scheme}://{remote.host}{port}/"


def _prefixes(refspecs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(refspec.partition(":")[2].partition("*")[0] for refspec in refspecs)


def _parse_listing(listing: bytes, prefixes: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """Return the branch that HEAD names, and object ids by ref; `ls-remote` matches patterns at the end of a name."""
    head = ""
    refs: dict[str, str] = {}
    for line in listing.decode("utf-8", "surrogateescape").split("\n"):
        value, _, name = line.partition("\t")
        if name == "HEAD" and value.startswith("ref: "):
            head = value.removeprefix("ref: ")
        elif name.startswith(prefixes) and not name.endswith("^{}"):
            refs[name] = value
    return head if is_ref_name(head) and head.startswith("refs/heads/") else "", dict(sorted(refs.items()))

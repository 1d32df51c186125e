"""A remote's address taken apart, so that all ways to write it are one.

Git's own forms: https://git-scm.com/docs/git-clone#_git_urls.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from mkdocs_gitguard.errors import mask_credentials
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import ForgeName

_SCP_LIKE: Final = late_pattern(
    r"(?:(?!\[)[^@/\s]+@)?"
    r"(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9a-fA-F:]+\]"
    r"|\[(?:[^@/\s\]-][^@/\s\]]*@)?[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?\])"
    r":(?!//)(?P<path>\S.*)"
)
"""`git@host:owner/name`, as ssh's scp writes it; a Windows drive is one letter, a host here is more. Git takes
`[git@host:22]:owner/name`, too (`get_host_and_port`, connect.c)."""
_REMOTE_HELPER: Final = late_pattern(r"[\w.+-]+::")
"""How git is told to run a program for a remote: `ext::sh -c …` (gitremote-helpers)."""
_OLD_AZURE: Final = ".visualstudio.com"
"""What follows the organisation in the older addresses of Azure Repos."""
_SHORTEST_HOST: Final = 2
_NOT_IN_A_URL: Final = late_pattern(r"[\x00-\x1f\x7f]")
_QUERY: Final = late_pattern(r"[?#&][^?#&]*")
_PLAIN_PATH: Final = ("/", "./", "../", "~")
_TELLING_NOTHING: Final = frozenset(["git", "gitea", "forgejo", "gogs"])
"""Users that forges want in ssh URLs, the same for everybody. Any other may be a token."""

KNOWN_HOSTS: Final[Mapping[str, ForgeName]] = {
    "github.com": "github",
    "gitlab.com": "gitlab",
    "bitbucket.org": "bitbucket",
    "codeberg.org": "forgejo",
    "gitea.com": "gitea",
    "dev.azure.com": "azure",
}


class Remote(NamedTuple):
    """A remote's address, without credentials."""

    scheme: str
    """`https`, `http`, `ssh`; `file` for a folder."""
    host: str
    """Lower case; `""` for a folder. Other names of a known host are that host."""
    port: int | None
    path: tuple[str, ...]
    """Decoded, without `.git`: usually owner and name; groups of groups are longer."""

    @property
    def namespace(self) -> str:
        """All but the last part of the path."""
        return "/".join(self.path[:-1])

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path[-1] if self.path else ""


def parse_remote(url: str) -> Remote | None:
    """Return what a remote's URL says, or None where it is not an address of a repository.

    An `@` after the host, a blank before it or a control character is none: where a password holds `/`, `?`, `#` or
    blanks that are not written as `%2F` and so on, RFC 3986 has its beginning for the host and the rest for the path,
    which would be shown.

    Args:
        url: `https://…`, `ssh://…`, `git@host:owner/name`, `file://…` or a path.
    """
    url = url.strip()
    if _REMOTE_HELPER.match(url) or _NOT_IN_A_URL.search(url):
        return None
    if "://" in url:
        if not url.lower().startswith("file://") and not has_plain_authority(url):
            return None
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            return None
        scheme, path = parts.scheme.lower().removeprefix("git+"), unquote(parts.path)
    elif (match := _SCP_LIKE.fullmatch(url)) and len(match["host"]) >= _SHORTEST_HOST and "@" not in match["path"]:
        scheme, (host, port), path = "ssh", _host_and_port(match["host"].lower()), match["path"]
    elif "@" in url and ":" in url and not url.startswith(_PLAIN_PATH):
        return None
    else:
        scheme, host, port, path = "file", "", None, url.replace("\\", "/")
    segments = _segments(path, is_folder=scheme == "file")
    # ssh takes a host that starts with a dash for an option.
    if not segments or (scheme != "file" and (not host or host.startswith("-"))):
        return None
    host = _canonical_host(host.removesuffix("."), scheme)
    path_parts = (*segments[:-1], segments[-1].removesuffix(".git") or segments[-1])
    if host.endswith(_OLD_AZURE) and host != f"ssh{_OLD_AZURE}":
        # https://learn.microsoft.com/azure/devops/release-notes/2018/sep-10-azure-devops-launch: both names stay.
        host, path_parts = "dev.azure.com", (host.removesuffix(_OLD_AZURE), *path_parts)
    return Remote(scheme, host, port, _without_fillers(host, path_parts))


def has_plain_authority(url: str) -> bool:
    """Tell whether no `@` stands after a URL's host, and no blank before: else what is shown may be of a password."""
    rest = url.partition("://")[2]
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    return "@" not in rest[len(authority) :] and not re.search(r"\s", authority)


def shown_address(url: str) -> str:
    """Return a remote's URL as it may be shown: without credentials, and without what query and fragment say.

    Args:
        url: one that `parse_remote` understands.
    """
    if "://" in url:
        scheme, _, rest = url.partition("://")
        authority, slash, path = rest.partition("/")
        userinfo, at, host = authority.rpartition("@")
        return _QUERY.sub(_masked, f"{scheme}://{'***' if userinfo else ''}{at}{host}{slash}{path}")
    match = _SCP_LIKE.fullmatch(url)
    user, at, _ = url.partition("@") if match and "@" in url[: match.start("path")] else ("", "", "")
    bracket = "[" if user.startswith("[") else ""
    if match and at and user.removeprefix("[") not in _TELLING_NOTHING:
        url = f"{bracket}***@{url[len(user) + 1 :]}"
    return _QUERY.sub(_masked, url)


def secret_user(url: str) -> str:
    """Return the user of a URL without password, where it may be a token; `""` where it is everybody's, as `git`."""
    user, at, _ = url.rpartition("://")[2].partition("@")
    user = user.removeprefix("[")
    return user if at and user not in _TELLING_NOTHING else ""


def _masked(part: re.Match[str]) -> str:
    masked = mask_credentials(part[0])
    return masked if masked != part[0] else f"{part[0][0]}***"


def _host_and_port(text: str) -> tuple[str, int | None]:
    """Take `[user@host:port]` apart; an address of IPv6 is a host."""
    inner = text.strip("[]").rpartition("@")[2]
    name, _, port = inner.partition(":")
    return (name, int(port)) if port.isdecimal() and text.startswith("[") else (inner, None)


def _segments(path: str, *, is_folder: bool) -> tuple[str, ...]:
    """Return the parts of a path without those that say nothing. `..` takes one away (RFC 3986, section 5.2.4)."""
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == ".." and not is_folder:
            del segments[-1:]
        elif segment not in ("", ".", "..", ".git"):
            segments.append(segment)
    return tuple(segments)


def _canonical_host(host: str, scheme: str) -> str:
    host = {
        "ssh.github.com": "github.com",
        "www.github.com": "github.com",
        "altssh.gitlab.com": "gitlab.com",
        "altssh.bitbucket.org": "bitbucket.org",
        "ssh.dev.azure.com": "dev.azure.com",
        "vs-ssh.visualstudio.com": "dev.azure.com",
    }.get(host, host)
    if scheme != "ssh":
        return host
    # People with two accounts call the host `github.com-work` in their ssh configuration.
    return next((known for known in KNOWN_HOSTS if host.startswith(f"{known}-")), host)


def _without_fillers(host: str, path: tuple[str, ...]) -> tuple[str, ...]:
    if host == "dev.azure.com":
        path = tuple(segment for segment in path if segment not in ("_git", "v3", "DefaultCollection"))
        # https://learn.microsoft.com/azure/devops/repos/git: a project's own repository is named once.
        return (*path, path[-1]) if len(path) == 2 else path  # noqa: PLR2004 - org, project
    return path[1:] if len(path) > 2 and path[0] == "scm" else path  # noqa: PLR2004 - owner and name remain

"""Which forge hosts a remote, and where its pages are.

The URL patterns are the forges' own, as their web pages link: GitHub, GitLab (`/-/`), Bitbucket Cloud, Gitea and
Forgejo, Azure DevOps.
"""

from collections.abc import Mapping
from string import Formatter
from typing import Final, get_args
from urllib.parse import SplitResult, quote, urlsplit

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.git.remote import KNOWN_HOSTS, Remote, has_plain_authority
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Forge, ForgeName
from mkdocs_gitguard.suggestion import did_you_mean

_HOST: Final = late_pattern(r"[\w.-]+|[0-9A-Fa-f:]+")
"""A host's bare name; `urlsplit` gives an IPv6 address without its brackets."""
_TELLING_LABELS: Final[Mapping[str, ForgeName]] = {
    "github": "github",
    "gitlab": "gitlab",
    "bitbucket": "bitbucket",
    "gitea": "gitea",
    "forgejo": "forgejo",
    "codeberg": "forgejo",
}
"""A self-hosted forge is often called what it is: `gitlab.example.org`."""

_GITEA: Final[Mapping[str, str]] = {
    "commit": "/commit/{sha}",
    "file": "/src/commit/{sha}/{path}",
    "line": "#L{first}",
    "lines": "#L{first}-L{last}",
    "tree": "/src/commit/{sha}/{path}",
    "pull_request": "/pulls/{number}",
    "user": "//{login}",
    "tag": "/releases/tag/{tag}",
    "edit": "/_edit/{branch}/{path}",
}
_PATTERNS: Final[Mapping[ForgeName, Mapping[str, str]]] = {
    "github": {
        "commit": "/commit/{sha}",
        "file": "/blob/{sha}/{path}",
        "line": "#L{first}",
        "lines": "#L{first}-L{last}",
        "tree": "/tree/{sha}/{path}",
        "pull_request": "/pull/{number}",
        "user": "//{login}",
        "tag": "/releases/tag/{tag}",
        "edit": "/edit/{branch}/{path}",
    },
    "gitlab": {
        "commit": "/-/commit/{sha}",
        "file": "/-/blob/{sha}/{path}",
        "line": "#L{first}",
        "lines": "#L{first}-{last}",
        "tree": "/-/tree/{sha}/{path}",
        "pull_request": "/-/merge_requests/{number}",
        "user": "//{login}",
        "tag": "/-/tags/{tag}",
        "edit": "/-/edit/{branch}/{path}",
    },
    "bitbucket": {
        "commit": "/commits/{sha}",
        "file": "/src/{sha}/{path}",
        "line": "#lines-{first}",
        "lines": "#lines-{first}:{last}",
        "tree": "/src/{sha}/{path}",
        "pull_request": "/pull-requests/{number}",
        "user": "",
        "tag": "/src/{tag}",
        "edit": "/src/{branch}/{path}?mode=edit",
    },
    "gitea": _GITEA,
    "forgejo": _GITEA,
    "azure": {
        "commit": "/commit/{sha}",
        "file": "?path=/{path}&version=GC{sha}",
        "line": "&line={first}&lineEnd={first}&lineStartColumn=1&lineEndColumn=1000",
        "lines": "&line={first}&lineEnd={last}&lineStartColumn=1&lineEndColumn=1000",
        "tree": "?path=/{path}&version=GC{sha}",
        "pull_request": "/pullrequest/{number}",
        "user": "",
        "tag": "?version=GT{tag}",
        "edit": "?path=/{path}&version=GB{branch}",
    },
    "other": {},
}
"""Relative to the repository's home page; `//` at the beginning: relative to the host."""

_BITBUCKET_DATA_CENTER: Final[Mapping[str, str]] = {
    "commit": "/commits/{sha}",
    "file": "/browse/{path}?at={sha}",
    "line": "#{first}",
    "lines": "#{first}-{last}",
    "tree": "/browse/{path}?at={sha}",
    "pull_request": "/pull-requests/{number}",
    "user": "",
    "tag": "/browse?at=refs%2Ftags%2F{tag}",
    "edit": "",
}
"""Bitbucket on hosts of one's own is another product with other addresses."""

PATTERN_NAMES: Final = tuple(name for name in Forge.__struct_fields__ if name not in ("name", "web_url"))
_FIELDS: Final = frozenset(["sha", "path", "first", "last", "number", "login", "tag", "branch"])
FORGE_NAMES: Final[tuple[ForgeName, ...]] = get_args(ForgeName)


def find_forge(
    remote: Remote | None,
    *,
    name: str = "",
    web_url: str = "",
    hosts: Mapping[str, str | Mapping[str, str]] | None = None,
) -> Forge | None:
    """Return the forge that hosts a repository, or None where it has no pages that could be linked to.

    Args:
        remote: its address.
        name: the forge, where the site says so.
        web_url: the repository's home page, where the site says so.
        hosts: the site's option `forges`: forge, or URL patterns, by host.

    Raises:
        SettingError: a name or pattern of the site is not known.
    """
    page = _web_page(web_url) if web_url else None
    if page is not None:
        # Whoever may read the portal would read what stands before the host, too.
        web_url = page._replace(netloc=page.netloc.rpartition("@")[2]).geturl()
    host = (page.hostname or "").lower() if page else remote.host if remote else ""
    written = (hosts or {}).get(host, "")
    patterns = dict(written) if isinstance(written, Mapping) else {}
    forge = check_forge(
        name or patterns.pop("type", "") or (written if isinstance(written, str) else "") or _guess(host)
    )
    if not web_url:
        web_url = _home_page(forge, remote) if remote else ""
    if not web_url:
        return None
    web_url = quote(web_url.rstrip("/"), safe="/:@?&=%+,;~!$'()*[]#-._")
    known = _PATTERNS[forge]
    if forge == "bitbucket" and host and host != "bitbucket.org":
        known = _BITBUCKET_DATA_CENTER
    for key, pattern in patterns.items():
        _check_pattern(host, key, pattern)
    filled = {key: _absolute(pattern, key, web_url) for key, pattern in {**known, **patterns}.items()}
    return Forge(name=forge, web_url=web_url, **filled)


def forge_of_page(web_url: str | None, hosts: Mapping[object, object]) -> Forge | None:
    """Return the forge whose page of a repository the site names as its own (`repo_url`), or None for none that is one.

    Raises:
        SettingError: `hosts`, the site's option `forges`, is wrong.
    """
    known = read_forges(hosts)
    if not web_url:
        return None
    try:
        return find_forge(None, web_url=web_url, hosts=known)
    except SettingError:
        # MkDocs takes any text there, and a site is whole without a link to its commits.
        return None


def read_forges(hosts: Mapping[object, object]) -> dict[str, str | Mapping[str, str]]:
    """Return the site's option `forges`: by host, in small letters, a forge or URL patterns.

    Raises:
        SettingError: a host, a forge or a pattern cannot be one.
    """
    read: dict[str, str | Mapping[str, str]] = {}
    for host, written in hosts.items():
        if not isinstance(host, str) or not _HOST.fullmatch(host):
            raise SettingError(f"`forges` has {host!r} for a host.", hint="Write its bare name: git.acme.org.")
        entry = written if isinstance(written, Mapping) else {"type": written}
        patterns = dict(entry)
        forge = patterns.pop("type", "other")
        if not isinstance(forge, str):
            raise SettingError(
                f"`forges` has {forge!r} for {host}.", hint=f"Use one of: {', '.join(FORGE_NAMES)}; or URL patterns."
            )
        check_forge(forge)
        for key, pattern in patterns.items():
            _check_pattern(host, key, pattern)
        read[host.lower()] = forge if written == forge else {str(key): str(value) for key, value in entry.items()}
    return read


def check_forge(name: str) -> ForgeName:
    """Return `name` if it is a forge's.

    Raises:
        SettingError: it is not.
    """
    for known in FORGE_NAMES:
        if name == known:
            return known
    hint = did_you_mean(name, FORGE_NAMES, is_quoted=True) or f"Use one of: {', '.join(FORGE_NAMES)}."
    raise SettingError(f"{name!r} is not a forge that is known.", hint=hint)


def public_host(forge: str) -> str:
    """Return the well-known host of a forge, or `""`."""
    return next((host for host, name in KNOWN_HOSTS.items() if name == forge), "")


def _web_page(web_url: str) -> SplitResult:
    try:
        page = urlsplit(web_url)
    except ValueError:
        page = SplitResult("", "", "", "", "")
    if page.scheme not in ("https", "http") or not page.hostname or not has_plain_authority(web_url):
        raise SettingError("A `web_url` is not the address of a page.", hint="Write it as https://host/owner/name.")
    return page


def _check_pattern(host: str, key: object, pattern: object) -> None:
    if not isinstance(pattern, str):
        raise SettingError(f"`forges` has a pattern {key!r} for {host} that is not text.", hint="Write it in quotes.")
    if key not in PATTERN_NAMES:
        raise SettingError(
            f"`forges` has an unknown pattern {key!r} for {host}.", hint=f"Use one of: {', '.join(PATTERN_NAMES)}."
        )
    try:
        fields = {field for _, field, _, _ in Formatter().parse(pattern) if field is not None}
    except ValueError:
        fields = {pattern}
    if not fields <= _FIELDS:
        raise SettingError(
            f"`forges` has a pattern {key!r} for {host} that cannot be filled in: {pattern!r}.",
            hint=f"Write in braces only: {', '.join(sorted(_FIELDS))}.",
        )


def _absolute(pattern: str, key: str, web_url: str) -> str:
    if key in ("line", "lines") or not pattern or "://" in pattern:
        return pattern
    parts = urlsplit(web_url)
    return f"{parts.scheme}://{parts.netloc}{pattern[1:]}" if pattern.startswith("//") else web_url + pattern


def _home_page(forge: ForgeName, remote: Remote) -> str:
    if remote.scheme not in ("https", "http", "ssh") or (forge == "other" and remote.scheme == "ssh"):
        return ""
    scheme = "http" if remote.scheme == "http" else "https"
    # An ssh port says nothing of the web server's.
    port = f":{remote.port}" if remote.port and remote.scheme != "ssh" else ""
    path = remote.path
    host = remote.host
    if forge == "azure":
        path = (*path[:-1], "_git", path[-1])
    elif forge == "bitbucket" and host != "bitbucket.org":
        path = ("projects", *path[:-1], "repos", path[-1])
    return f"{scheme}://{host}{port}/{'/'.join(map(quote, path))}"


def _guess(host: str) -> ForgeName:
    if host in KNOWN_HOSTS:
        return KNOWN_HOSTS[host]
    return next((_TELLING_LABELS[label] for label in host.split(".") if label in _TELLING_LABELS), "other")

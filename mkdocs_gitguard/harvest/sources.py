"""The site's `repositories:` entries, made into an ordered list of named sources.

Nothing is opened here but a folder's own configuration file, to learn its remote; no git is started and no network
is asked.
"""

import glob
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from msgspec.structs import replace

from mkdocs_gitguard.errors import SettingError, SourceError
from mkdocs_gitguard.git.config import remote_url
from mkdocs_gitguard.git.directory import GitDirectory
from mkdocs_gitguard.git.forges import find_forge, public_host
from mkdocs_gitguard.git.remote import Remote, parse_remote, shown_address
from mkdocs_gitguard.git.spellings import Spellings, spellings_of
from mkdocs_gitguard.harvest.options import HarvestOptions
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Finding, Forge, Record, encode_segment, node_id
from mkdocs_gitguard.model.printable import printable

LOCAL_NAMESPACE: Final = "local"
NAMESAKE: Final = "duplicate-repository"
"""Code of findings about repositories that bear a number."""
_KEYS: Final = ("path", "url", "name", "web_url", "forge", "branch", "description")
_FETCHED_SCHEMES: Final = ("https", "http", "ssh")
_TELLING_NOTHING: Final = frozenset(["repo", "repo.git", "git", ".git"])
"""Names of folders; the folder above has the name, as in `OWNER+NAME/repo`."""
_NOT_IN_A_NAME: Final = late_pattern(r"[\s:#?\\]")
"""Characters that mean something in a node id, or would be invisible in one."""


class RepositorySource(Record, frozen=True, kw_only=True):
    """Where one repository is read from, and what the site says of it. Holds no credentials."""

    id: str
    """Node id of the repository."""
    namespace: str
    name: str
    entry: str
    """The entry of `repositories` as the site gave it, credentials masked; what findings call it."""
    given_name: str
    """`name`, before a number told it from another repository of that name."""
    folder: Path
    """The repository, or the mirror of `url`."""
    directory: GitDirectory | None = None
    """Its git folders, where there were any when it was looked at."""
    url: str = ""
    """Clone URL without credentials; `""` for a folder."""
    forge: Forge | None = None
    branch: str = ""
    """The branch to show, where the site says so."""
    description: str = ""

    @property
    def label(self) -> str:
        """What messages call it."""
        return f"{self.namespace}/{self.name}"

    @property
    def given_label(self) -> str:
        """The same, before it got a number."""
        return f"{self.namespace}/{self.given_name}"


class Sources(NamedTuple):
    """What the entries give, all of it: `harvest.selecting` chooses."""

    sources: tuple[RepositorySource, ...]
    """In the order of the entries, those of a glob by path. Each repository once."""
    findings: tuple[Finding, ...]
    """Of entries that give nothing; and of repositories that were renamed or have credentials in their entry: those
    have their id."""
    refused: Mapping[str, Spellings]
    """What the repository of an entry that gives nothing would be called, by what findings call the entry."""


def expand(options: HarvestOptions) -> Sources:
    """Return the sources that the site's entries name.

    An entry is text, or a mapping with `path` or `url` and any of `name` (`acme/billing`), `web_url`, `forge`,
    `branch`, `description`. Text with a host in it, that is not a folder, is a clone URL. A path with `*`, `?` or `[`
    is a glob: it gives those of the matching folders that are repositories. Where both `path` and `url` are given,
    `path` is read and `url` says where it came from. In `web_url`, `{namespace}` and `{name}` are filled in.

    A repository's name is the entry's `name`; else owner and name of its remote; else its folder's name, of which
    the mirror layouts `OWNER+NAME/repo` and `NAME.git` are understood, below the site's namespace or `local`.
    """
    expanded: list[RepositorySource] = []
    findings: list[Finding] = []
    refused: dict[str, Spellings] = {}
    for number, raw in enumerate(options.repositories, start=1):
        entry = _shown(raw, number, options.folder)
        try:
            fields = _checked(raw, entry, options.folder)
            sources = list(_expand(fields, entry, options))
        except SettingError as error:
            findings.append(_finding("setting", error.message, error.hint, entry))
            refused[entry] = _spellings(raw)
            continue
        if not sources:
            refused[entry] = _spellings(raw)
            findings.append(_finding("no-match", f"{entry} matches no repository.", _RELATIVE, entry))
        if _has_password(fields.get("url", "")):
            findings.extend(
                _finding(
                    "credentials-in-url",
                    f"{entry} holds credentials, which are not used.",
                    "Take them out of the site's file, revoke them, and set a token in the environment instead.",
                    entry,
                    repository=source.id,
                )
                for source in sources
            )
        expanded.extend(sources)
    kept = _each_once(expanded)
    return Sources(tuple(kept), (*findings, *_namesakes(kept, options.folder)), refused)


_RELATIVE: Final = "Check the pattern in `repositories`; relative ones count from the folder of mkdocs.yml."


def _expand(fields: Mapping[str, str], entry: str, options: HarvestOptions) -> Iterator[RepositorySource]:
    if "path" not in fields:
        yield _fetched(fields, entry, options)
        return
    folders = list(_folders(fields["path"], options.folder))
    if len(folders) > 1 and "name" in fields:
        raise SettingError(
            f"{entry} matches {len(folders)} repositories, which cannot all be called {fields['name']}.",
            hint="Give each an entry of its own, or leave `name` out.",
        )
    for folder, directory in folders:
        url = fields.get("url") or (remote_url(directory.common_dir) if directory else "")
        yield _source(fields, entry, folder, parse_remote(url) if url else None, options, directory=directory)


def _fetched(fields: Mapping[str, str], entry: str, options: HarvestOptions) -> RepositorySource:
    remote = parse_remote(fields["url"])
    if remote is None or remote.scheme not in _FETCHED_SCHEMES:
        raise SettingError(f"{entry} cannot be cloned.", hint="Use an https or ssh URL, or name a folder as `path`.")
    if {"?", "#"} & {*fields["url"]}:
        raise SettingError(f"{entry} is not a clone URL: it has a `?` or `#`.", hint="Take off what follows it.")
    if remote.scheme == "http" and not options.allow_http:
        raise SettingError(
            f"{entry} is http, which anybody on the way can read and change.",
            hint="Use https, or set `allow_http: true`.",
        )
    folder = options.state_folder / "mirrors" / encode_segment(remote.host)
    if remote.port:
        folder = folder.with_name(f"{folder.name}~3a{remote.port}")
    for segment in remote.path:
        folder /= encode_segment(segment)
    folder = folder.with_name(f"{folder.name}.git")
    url = without_credentials(fields["url"])
    return _source(fields, entry, folder, remote, options, url=url, directory=directory_at(folder))


def _source(
    fields: Mapping[str, str],
    entry: str,
    folder: Path,
    remote: Remote | None,
    options: HarvestOptions,
    *,
    url: str = "",
    directory: GitDirectory | None = None,
) -> RepositorySource:
    namespace, name = _name(fields.get("name", ""), _identity(folder, directory), remote, options)
    forge = fields.get("forge", "")
    web_url = fields.get("web_url", "").replace("{namespace}", namespace).replace("{name}", name)
    if not web_url and forge and (remote is None or not remote.host) and (host := public_host(forge)):
        web_url = f"https://{host}/{namespace}/{name}"
    return RepositorySource(
        id=node_id("repository", namespace, name),
        namespace=namespace,
        name=name,
        given_name=name,
        entry=entry,
        folder=folder,
        directory=directory,
        url=url,
        forge=find_forge(remote, name=forge, web_url=web_url, hosts=options.forges),
        branch=fields.get("branch", ""),
        description=fields.get("description", ""),
    )


def without_credentials(url: str) -> str:
    """Return a clone URL without user and password; an ssh URL keeps its user, which says who is asked for."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        user, colon, host = url.partition("@")
        return f"{user.partition(':')[0]}{colon}{host}"
    authority, slash, path = rest.partition("/")
    user, at, host = authority.rpartition("@")
    if at and scheme.lower() in ("ssh", "git+ssh"):
        user = user.partition(":")[0]
        return f"{scheme}://{user}@{host}{slash}{path}"
    return f"{scheme}://{host}{slash}{path}"


def _has_password(url: str) -> bool:
    return re.match(r"(?:[^:/]+://)?[^/:@]*:[^/]+@", url) is not None


def _folders(path: str, base: Path) -> Iterator[tuple[Path, GitDirectory | None]]:
    path = _plain_path(path)
    if not glob.has_magic(path) or _exists(base / path):
        # Not there or no repository: that is found out, and told, when it is opened.
        folder = (base / path).absolute()
        yield folder, directory_at(folder)
        return
    # Path.glob takes no absolute patterns and no `..`.
    for match in sorted(glob.iglob(path, root_dir=base, recursive=True)):  # noqa: PTH207 - as said
        folder = (base / match).absolute()
        if (directory := directory_at(folder)) is not None:
            yield folder, directory


def _plain_path(path: str) -> str:
    return os.path.expanduser(path.removeprefix("file://"))  # noqa: PTH111 - Path's raises where there is no home


def _exists(path: Path) -> bool:
    return os.path.exists(path)  # noqa: PTH110 - Path's raises where a name is too long


def directory_at(folder: Path) -> GitDirectory | None:
    """Return the git folders of the repository that a folder is, None if it is none."""
    try:
        return GitDirectory.find(folder, label="")
    except SourceError:
        return None


def _name(written: str, folder: Path, remote: Remote | None, options: HarvestOptions) -> tuple[str, str]:
    """Return namespace and name; `folder` with `..`, links and work trees followed, for it counts what it is."""
    default = _cleaned(options.namespace or LOCAL_NAMESPACE)
    if written:
        namespace, _, name = written.rpartition("/")
        return _cleaned(namespace or default), _cleaned(name)
    if remote is not None and remote.host:
        return _cleaned(remote.namespace or default), _cleaned(remote.name)
    if remote is not None:
        return default, _cleaned(remote.name)
    # `..`, links and linked work trees are followed: what the repository is called counts, not how it was reached.
    if folder.name in _TELLING_NOTHING and folder.parent.name:
        folder = folder.parent
    name = folder.name.removesuffix(".git") or "repository"
    owner, plus, rest = name.partition("+")
    return (_cleaned(owner), _cleaned(rest)) if plus and owner and rest else (default, _cleaned(name))


def _cleaned(name: str) -> str:
    segments = (_NOT_IN_A_NAME.sub("-", printable(segment)) for segment in name.split("/"))
    return "/".join(segment for segment in segments if segment not in ("", ".", "..")) or "unnamed"


def _each_once(sources: Iterable[RepositorySource]) -> list[RepositorySource]:
    """Drop repeated folders, and give a number to the later of two different repositories with one id."""
    by_folder: set[Path] = set()
    by_id: dict[str, RepositorySource] = {}
    for source in sources:
        folder = _identity(source.folder, source.directory)
        if folder in by_folder:
            continue
        by_folder.add(folder)
        # Paths of pages are told apart where case does not count; names that differ by case only are two all the same.
        number, kept = 2, source
        while kept.id in by_id:
            name = f"{source.name}-{number}"
            kept = replace(source, id=node_id("repository", source.namespace, name), name=name)
            number += 1
        by_id[kept.id] = kept
    return list(by_id.values())


def _namesakes(sources: Iterable[RepositorySource], base: Path) -> Iterator[Finding]:
    """Yield what is told of repositories that bear a number."""
    by_label = {source.label: source for source in sources}
    for source in by_label.values():
        if source.name == source.given_name:
            continue
        first = by_label[source.given_label]
        yield Finding(
            code=NAMESAKE,
            severity="warning",
            message=f"{first.label} stands for two repositories; the one of {_place(source, base)} is shown as "
            f"{source.label}, the one of {_place(first, base)} keeps the name.",
            hint="Leave one out, or give it a `name` of its own in `repositories`.",
            repository=source.id,
            source=source.entry,
        )


def _place(source: RepositorySource, base: Path) -> str:
    """Return what tells a source from another of the same glob: its folder as seen from the site, or its URL."""
    if source.url:
        return printable(shown_address(source.url))
    return printable(os.path.relpath(source.folder, base.absolute()))


def _identity(folder: Path, directory: GitDirectory | None) -> Path:
    """What two ways to one repository share. Linked work trees of one repository are one."""
    # Not Path.resolve, which raises a RuntimeError at a ring of links.
    return directory.common_dir if directory else Path(os.path.realpath(folder))


def _checked(raw: object, entry: str, base: Path) -> Mapping[str, str]:
    if isinstance(raw, str):
        if not raw.strip() or "\0" in raw:
            raise SettingError("An entry of `repositories` is empty.", hint="Give a folder, a glob or a clone URL.")
        raw = {"url" if _is_url(raw.strip(), base) else "path": raw}
    if not isinstance(raw, Mapping):
        raise SettingError(f"{entry} is neither text nor a mapping.", hint="Give a folder, a glob or a clone URL.")
    for key, value in raw.items():
        if key not in _KEYS:
            # What stands in the place of a key may be a URL.
            named = f"an unknown key {key!r}" if str(key).isidentifier() else "a key that is not a word"
            raise SettingError(f"{entry} has {named}.", hint=f"Use only: {', '.join(_KEYS)}.")
        if not isinstance(value, str) or not value.strip() or "\0" in value:
            raise SettingError(f"`{key}` of {entry} is not text.", hint="Write it in quotes.")
    if "path" not in raw and "url" not in raw:
        raise SettingError(f"{entry} names neither `path` nor `url`.", hint="Give one of them.")
    fields = {key: value.strip() for key, value in raw.items()}
    if "path" in fields and _is_url(fields["path"], base):
        raise SettingError(f"`path` of {entry} is a URL.", hint="Name a folder, or write `url` in the place of `path`.")
    return fields


def _is_url(text: str, base: Path) -> bool:
    """Tell whether a text names a host, or holds what may be credentials, and is not a folder."""
    remote = parse_remote(text)
    names_a_host = remote.scheme != "file" if remote else "://" in text or "::" in text
    path = _plain_path(text)
    if not (names_a_host or "@" in text) or _exists(base / path):
        return False
    return names_a_host or next(glob.iglob(path, root_dir=base, recursive=True), None) is None  # noqa: PTH207 - as above


def _shown(raw: object, number: int, base: Path) -> str:
    """Return what findings call an entry: its folder or address without credentials.

    What may hold credentials and cannot be taken apart is called by its number: nobody knows which part is secret.
    """
    unnamed = f"Entry {number} of `repositories`"
    if isinstance(raw, Mapping):
        raw = raw.get("path") or raw.get("url") or raw.get("name")
    if not isinstance(raw, str):
        return unnamed
    if not _is_url(raw.strip(), base):
        return printable(raw)
    remote = parse_remote(raw)
    return printable(shown_address(raw.strip())) if remote and remote.host else unnamed


def _spellings(raw: object) -> Spellings:
    """Return what an entry says of its repository's name, as far as it can be read."""
    fields = raw if isinstance(raw, Mapping) else {"path": raw, "url": raw}
    texts = {key: value for key in ("name", "path", "url", "web_url") if isinstance(value := fields.get(key), str)}
    own = Spellings(names=tuple(filter(None, [texts.get("name")])), places=tuple(filter(None, [texts.get("path")])))
    return own + spellings_of(texts.get("url", "")) + spellings_of(texts.get("web_url", ""))


def _finding(code: str, message: str, hint: str, entry: str, *, repository: str = "") -> Finding:
    return Finding(code=code, severity="error", message=message, hint=hint, repository=repository, source=entry)

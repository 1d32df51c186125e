"""`gitguard owners`: who owns a path, which line says so, and what is wrong with the CODEOWNERS file."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import msgspec

from mkdocs_gitguard.cli.owners_report import Checked, as_github, as_json, as_sarif, as_text
from mkdocs_gitguard.cli.site import load_own_site
from mkdocs_gitguard.codeowners import (
    LOCATIONS,
    ChosenFile,
    CodeownersFile,
    Dialect,
    Ruleset,
    choose,
    dialect_of,
    parse,
)
from mkdocs_gitguard.errors import GitGuardError, SettingError, SourceError
from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.harvest.commit_files import CommitTree, read_tree
from mkdocs_gitguard.harvest.options import HarvestOptions
from mkdocs_gitguard.harvest.sources import RepositorySource, expand
from mkdocs_gitguard.model.printable import original, printable
from mkdocs_gitguard.ownership import OwnerNames, OwnershipInput, analyse, problems
from mkdocs_gitguard.rollout.resolve import resolve_settings
from mkdocs_gitguard.site_build.read import harvest_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_FORMATS: dict[str, Callable[[Sequence[Checked]], str]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "github": as_github,
}
_PROBLEMS = 1

_dialect_option = click.option(
    "--dialect",
    type=click.Choice(list(LOCATIONS)),
    help="Whose rules of reading apply; default: by the remote's forge.",
)
_ref_option = click.option("--ref", default="HEAD", show_default=True, help="Branch, tag or commit to read.")
_file_option = click.option(
    "--file",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Read this file instead of the committed CODEOWNERS.",
)
_repository_option = click.option(
    "-C", "--repository", default=".", metavar="DIR", help="The repository; default: the one you stand in."
)


class _NotCheckedError(click.ClickException):
    """Nothing can be said about the file, which is not the same as that it is wrong."""

    exit_code = 2


class _Opened(NamedTuple):
    """A repository as a command works on it."""

    source: RepositorySource
    tree: CommitTree
    name: str
    """What messages call the CODEOWNERS file."""
    dialect: Dialect
    chosen: ChosenFile
    ruleset: Ruleset


@click.group("owners")
def owners() -> None:
    """Tell who owns what, by the CODEOWNERS file."""


@owners.command("of")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_repository_option
@_ref_option
@_dialect_option
@_file_option
def of(
    *, paths: tuple[str, ...], form: str, repository: str, ref: str, dialect: Dialect | None, file: Path | None
) -> None:
    """Name the owners of each PATH, and the line that says so.

    A PATH counts from the folder you stand in, with a slash in front from the repository's root. It need not exist.
    For a folder, the owners of the files in it are named, most files first.
    """
    opened = _open(_source_at(repository), ref, dialect, file)
    answers = [_answer(opened, _from_root(path, repository)) for path in paths]
    if form == "json":
        click.echo(json.dumps(answers, indent=2))
        return
    for answer in answers:
        if "folder" in answer:
            click.echo(f"{answer['path']}/  {answer['files']:,} {'file' if answer['files'] == 1 else 'files'}")
            for share in answer["folder"]:
                click.echo(f"  {share['files']:>6,}  {' '.join(share['owners']) or 'no owner'}")
        else:
            place = ", ".join(f"{opened.name}:{entry['line']} {entry['pattern']}" for entry in answer["lines"])
            said = f"  ({place})" if place else ""
            click.echo(f"{answer['path']}  {' '.join(answer['owners']) or 'no owner'}{said}")


@owners.command("explain")
@click.argument("path", metavar="PATH")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_repository_option
@_ref_option
@_dialect_option
@_file_option
def explain(*, path: str, form: str, repository: str, ref: str, dialect: Dialect | None, file: Path | None) -> None:
    """Show every line that matches PATH: which won, which lost, and why."""
    opened = _open(_source_at(repository), ref, dialect, file)
    target = _from_root(path, repository)
    match = opened.ruleset.match(target)
    candidates = opened.ruleset.explain(target)
    if form == "json":
        lines = [
            {
                "line": each.rule.line,
                "pattern": each.rule.pattern,
                "owners": each.rule.owners,
                "section": each.rule.section,
                "wins": each.is_winner,
                "reason": each.reason,
            }
            for each in candidates
        ]
        click.echo(json.dumps({"path": target, "owners": match.owners, "file": opened.name, "lines": lines}, indent=2))
        return
    click.echo(f"{printable(target)}: {' '.join(match.owners) or 'no owner'}")
    if not opened.name:
        click.echo("  There is no CODEOWNERS file.")
    elif not candidates:
        click.echo(f"  No line of {opened.name} matches.")
    width = max((len(each.rule.pattern) for each in candidates), default=0)
    for each in candidates:
        who = " ".join(each.rule.owners) or ("exempt" if each.rule.is_exclusion else "no owner")
        mark = "wins" if each.is_winner else "loses"
        place = f"{opened.name}:{each.rule.line}"
        click.echo(f"  {mark:<5}  {place}  {each.rule.pattern:<{width}}  {who}  ({each.reason})")


@owners.command("check")
@click.argument("repositories", metavar="[REPOSITORY...]", nargs=-1)
@click.option("--format", "form", type=click.Choice(list(_FORMATS)), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="Fail on warnings too.")
@_ref_option
@_dialect_option
@_file_option
def check(
    *, repositories: tuple[str, ...], form: str, ref: str, dialect: Dialect | None, file: Path | None, strict: bool
) -> None:
    """Check the CODEOWNERS file: lines that the forge skips, and lines that decide for no file.

    REPOSITORY is a folder; by default those of the mkdocs.yml at hand, else the repository stood in.

    Exit code 0: nothing wrong (or warnings only); 1: errors (with --strict, or warnings); 2: it could not be checked.
    """
    try:
        sources = tuple(map(_source_at, repositories)) or (() if file else _of_site()) or (_source_at("."),)
        if file is not None and len(sources) > 1:
            raise SettingError("--file is for one repository.", hint="Name one, or leave --file out.")
        results = [_check(_open(source, ref, dialect, file)) for source in sources]
    except GitGuardError as error:
        raise _NotCheckedError(str(error)) from error
    report = _FORMATS[form](results)
    if report:
        click.echo(report)
    bad = sum(result.count("error") + (result.count("warning") if strict else 0) for result in results)
    sys.exit(_PROBLEMS if bad else 0)


def _of_site() -> tuple[RepositorySource, ...]:
    """Return the repositories that the site at hand shows; those of clone URLs once they have been read."""
    site = load_own_site(Path())
    if site is None:
        return ()
    settings = resolve_settings(site.options.phase, environ=os.environ, root=site.folder)
    options = harvest_options(site.options, site.folder, settings, site.state_folder)
    return tuple(source for source in expand(options).sources if source.folder.is_dir())


def _check(opened: _Opened) -> Checked:
    given = OwnershipInput(
        repository=opened.source.id,
        files=opened.tree.files,
        codeowners=opened.tree.codeowners,
        folders=opened.tree.folders,
        dialect=opened.dialect,
    )
    ownership = msgspec.structs.replace(analyse(given, OwnerNames()).ownership, path=opened.name)
    return Checked(opened.source.label, ownership, problems(ownership), opened.chosen.findings)


def _source_at(repository: str) -> RepositorySource:
    found = expand(HarvestOptions(repositories=(str(_root_of(Path(repository))),)))
    if not found.sources:
        raise SourceError(f"{repository} is not a git repository.", hint="Name another.")
    return found.sources[0]


def _open(source: RepositorySource, ref: str, dialect: Dialect | None, file: Path | None) -> _Opened:
    name = ""
    tree = read_tree(GitRepository.open(source.folder, label=source.label), ref)
    used = dialect or dialect_of(source.forge.name if source.forge else "other", tree.files)
    if file is not None:
        name = _name_in(source.folder, file)
        data = file.read_bytes()
        given = CodeownersFile(path=LOCATIONS[used][0], mode="100644", size=len(data), data=data)
        tree = tree._replace(codeowners=(given,), folders=())
    chosen = choose(tree.codeowners, used, repository=source.id, folders=tree.folders)
    return _Opened(source, tree, name or chosen.path, used, chosen, parse(chosen.text, used))


def _name_in(root: Path, file: Path) -> str:
    absolute = file.absolute()
    return absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else str(file)


def _root_of(folder: Path) -> Path:
    """Return the repository that `folder` is or lies in."""
    absolute = folder.absolute()
    for candidate in (absolute, *absolute.parents):
        if (candidate / ".git").exists() or ((candidate / "HEAD").is_file() and (candidate / "objects").is_dir()):
            return candidate
    raise SourceError(f"{folder} is not in a git repository.", hint="Stand in one, or name one.")


def _from_root(path: str, repository: str) -> str:
    """Return a path as given, from the folder one stands in, as one from the repository's root."""
    if path.startswith("/"):
        return path.strip("/")
    here, root = Path(repository).absolute(), _root_of(Path(repository))
    parts: list[str] = [*here.relative_to(root).parts] if here != root else []
    for part in PurePosixPath(path).parts:
        if part != "..":
            parts.append(part)
        elif not parts:
            raise SettingError(f"{path} leads out of the repository.")
        else:
            parts.pop()
    return "/".join(parts)


def _answer(opened: _Opened, path: str) -> dict[str, Any]:
    inside = [name for name in opened.tree.files if not path or name.startswith(f"{path}/")]
    if inside:
        return {"path": printable(path), "files": len(inside), "folder": _shares(opened.ruleset, inside)}
    match = opened.ruleset.match(path)
    return {
        "path": printable(path),
        "owners": list(match.owners),
        "lines": [
            {"line": entry.line, "pattern": entry.pattern, "section": entry.section, "owners": list(entry.owners)}
            for entry in match.entries
        ],
    }


def _shares(ruleset: Ruleset, paths: Iterable[str]) -> list[dict[str, Any]]:
    files: dict[tuple[str, ...], int] = {}
    for match in ruleset.match_many(map(original, paths)):
        files[match.owners] = files.get(match.owners, 0) + 1
    ordered = sorted(files.items(), key=lambda item: (-item[1], item[0]))
    return [{"owners": list(who), "files": count} for who, count in ordered]

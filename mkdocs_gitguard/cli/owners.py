"""`gitguard owners`: who owns a path, which line says so, and what is wrong with the CODEOWNERS file."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import msgspec

from mkdocs_gitguard.cli.checking import NotCheckedError, end_check, ref_option, report_option, strict_option
from mkdocs_gitguard.cli.finding_report import SARIF_LEVELS, Check, Checked, Problem
from mkdocs_gitguard.cli.lazy_group import Group, examples
from mkdocs_gitguard.cli.loaded_site import load_own_site
from mkdocs_gitguard.cli.output import echo, echo_json
from mkdocs_gitguard.cli.owners_suggest import suggest
from mkdocs_gitguard.cli.repositories import repositories_option, repository_option
from mkdocs_gitguard.codeowners import (
    LOCATIONS,
    CodeownersFile,
    Dialect,
    Ruleset,
    dialect_of,
)
from mkdocs_gitguard.codeowners.ruleset import CodeOwners, read_code_owners
from mkdocs_gitguard.errors import GitGuardError, SettingError, SourceError
from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.harvest.commit_files import CommitFiles, read_tree
from mkdocs_gitguard.harvest.options import HarvestOptions
from mkdocs_gitguard.harvest.sources import RepositorySource, expand
from mkdocs_gitguard.model.printable import original, printable
from mkdocs_gitguard.ownership import PROBLEM_KINDS, OwnerNames, OwnershipInput, analyse, problems
from mkdocs_gitguard.site_build.made_site import is_repository
from mkdocs_gitguard.site_build.shown_sources import shown_sources
from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from collections.abc import Iterable

_FILE_CODE = "codeowners-file"
_CHECK = Check(
    "gitguard owners check",
    "gitguard-owners",
    [
        *(
            {
                "id": name,
                "shortDescription": {"text": f"{kind.title}."},
                "help": {"text": kind.hint},
                "defaultConfiguration": {"level": SARIF_LEVELS[kind.severity]},
            }
            for name, kind in PROBLEM_KINDS.items()
        ),
        {
            "id": _FILE_CODE,
            "shortDescription": {"text": "Something about where the CODEOWNERS file stands or how it is stored."},
        },
    ],
)

_dialect_option = click.option(
    "--dialect",
    type=click.Choice(list(LOCATIONS)),
    help="Whose rules of reading apply; default: by the remote's forge.",
)
_file_option = click.option(
    "--file",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Read this file instead of the committed CODEOWNERS.",
)


class _Opened(NamedTuple):
    """A repository as a command works on it."""

    source: RepositorySource
    tree: CommitFiles
    name: str
    """What messages call the CODEOWNERS file."""
    code_owners: CodeOwners


@click.group(
    "owners",
    cls=Group,
    epilog=examples(
        "gitguard owners of src/main.py       # who owns it, and which line says so",
        "gitguard owners explain src/main.py  # which lines win or lose, and why",
        "gitguard owners check                # what is wrong with CODEOWNERS",
        "gitguard owners suggest              # who may own what no line is about",
    ),
)
def owners() -> None:
    """Tell who owns a path, check CODEOWNERS files, and suggest what is missing in them."""


owners.add_command(suggest)


@owners.command(
    "of",
    epilog=examples(
        "gitguard owners of src/main.py docs",
        "gitguard owners of /CODEOWNERS --format json",
        "gitguard owners of src -r ../billing --ref v1.0",
    ),
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@repository_option
@ref_option
@_dialect_option
@_file_option
def of(
    *, paths: tuple[str, ...], form: str, repository: str, ref: str, dialect: Dialect | None, file: Path | None
) -> None:
    """Name the owners of each PATH, and the line that says so.

    A PATH counts from the current folder, with a slash in front from the repository's root. It need not exist.
    For a folder, the owners of the files in it are named, most files first.
    """
    opened = _open(_source_at(repository), ref, dialect, file)
    answers = [_answer(opened, _from_root(path, repository)) for path in paths]
    if form == "json":
        echo_json(json.dumps(answers, indent=2))
        return
    for answer in answers:
        if "folder" in answer:
            echo(f"{answer['path']}/  {count(answer['files'], 'file')}")
            for share in answer["folder"]:
                echo(f"  {share['files']:>6,}  {' '.join(share['owners']) or _no_owner(opened)}")
        else:
            place = ", ".join(f"{opened.name}:{entry['line']} {entry['pattern']}" for entry in answer["lines"])
            lines = f"  ({place})" if place else ""
            echo(f"{answer['path']}  {' '.join(answer['owners']) or _no_owner(opened)}{lines}")


@owners.command(
    "explain",
    epilog=examples("gitguard owners explain src/main.py", "gitguard owners explain src/main.py --file CODEOWNERS.new"),
)
@click.argument("path", metavar="PATH")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@repository_option
@ref_option
@_dialect_option
@_file_option
def explain(*, path: str, form: str, repository: str, ref: str, dialect: Dialect | None, file: Path | None) -> None:
    """Show every line that matches PATH: which won, which lost, and why."""
    opened = _open(_source_at(repository), ref, dialect, file)
    target = _from_root(path, repository)
    match = opened.code_owners.ruleset.match(target)
    candidates = opened.code_owners.ruleset.explain(target)
    if form == "json":
        lines = [
            {
                "line": candidate.rule.line,
                "pattern": candidate.rule.pattern,
                "owners": candidate.rule.owners,
                "section": candidate.rule.section,
                "wins": candidate.is_winner,
                "reason": candidate.reason,
            }
            for candidate in candidates
        ]
        echo_json(json.dumps({"path": target, "owners": match.owners, "file": opened.name, "lines": lines}, indent=2))
        return
    echo(f"{printable(target)}: {' '.join(match.owners) or _no_owner(opened)}")
    if opened.name and not candidates:
        echo(f"  No line of {opened.name} matches.")
    width = max((len(candidate.rule.pattern) for candidate in candidates), default=0)
    for candidate in candidates:
        who = " ".join(candidate.rule.owners) or ("exempt" if candidate.rule.is_exclusion else "no owner")
        verdict = "wins" if candidate.is_winner else "loses"
        place = f"{opened.name}:{candidate.rule.line}"
        echo(f"  {verdict:<5}  {place}  {candidate.rule.pattern:<{width}}  {who}  ({candidate.reason})")


@owners.command(
    "check",
    epilog=examples(
        "gitguard owners check --strict",
        "gitguard owners check --format sarif > owners.sarif",
        "gitguard owners check -r ../billing -r ../api",
        "gitguard owners check --file CODEOWNERS.new",
    ),
)
@repositories_option("A folder, instead of what the site here names.")
@report_option
@strict_option
@ref_option
@_dialect_option
@_file_option
def check(
    *, repositories: tuple[str, ...], form: str, ref: str, dialect: Dialect | None, file: Path | None, strict: bool
) -> None:
    """Check the CODEOWNERS file: lines that the forge skips, and lines that decide for no file.

    The repositories are those of the site here, else the current one.

    Exit code 0: nothing wrong (or warnings only); 1: errors (with --strict, or warnings); 2: it could not be checked.
    """
    try:
        sources = tuple(map(_source_at, repositories)) or ((_source_at("."),) if file else _of_site())
        if file is not None and len(sources) > 1:
            raise SettingError("--file is for one repository.", hint="Name one, or leave --file out.")
        results = [_check(_open(source, ref, dialect, file)) for source in sources]
    except GitGuardError as error:
        raise NotCheckedError(str(error)) from error
    end_check(results, _CHECK, form=form, strict=strict)


def _of_site() -> tuple[RepositorySource, ...]:
    """Return the repositories that the site at hand shows, those of clone URLs once they have been read.

    Without a site it is the repository stood in. One that the site leaves out is not taken in its place.
    """
    site = load_own_site(Path())
    if site is None:
        return (_source_at("."),)
    shown = shown_sources(site.options, site.folder, site.state_folder)
    sources = tuple(source for source in shown if source.folder.is_dir())
    if not sources:
        raise SourceError("No repository of the site is here.", hint="Run `gitguard harvest` once, or name a folder.")
    return sources


def _check(opened: _Opened) -> Checked:
    given = OwnershipInput(
        repository=opened.source.id,
        files=opened.tree.files,
        code_owners=opened.code_owners,
    )
    ownership = msgspec.structs.replace(analyse(given, OwnerNames()).ownership, path=opened.name)
    path = ownership.path or LOCATIONS[ownership.dialect][0]
    of_file = [
        Problem(_FILE_CODE, finding.severity, finding.message, finding.hint, finding.path or path, label=finding.code)
        for finding in opened.code_owners.chosen.findings
    ]
    of_lines = [
        Problem(
            problem.kind,
            problem.severity,
            problem.message,
            path=path,
            line=problem.line,
            column=problem.column if problem.line else 0,
        )
        for problem in problems(ownership)
    ]
    all_problems = [*of_file, *of_lines]
    owned = f"{ownership.owned:,} of {ownership.files:,} files have an owner."
    return Checked(
        opened.source.label,
        all_problems,
        lambda numbers: f"{ownership.path}: {numbers}; {owned}" if ownership.path else "No CODEOWNERS file.",
        facts={
            "path": ownership.path,
            "dialect": ownership.dialect,
            "rules": len(ownership.rules),
            "files": ownership.files,
            "owned": ownership.owned,
        },
        details={"problems": [_as_value(problem) for problem in all_problems]},
    )


def _as_value(problem: Problem) -> dict[str, Any]:
    return {
        "kind": problem.code,
        "severity": problem.severity,
        "line": problem.line,
        "column": problem.column or 1,
        "message": f"{problem.message} {problem.hint}".strip(),
    }


def _source_at(repository: str) -> RepositorySource:
    at_path = expand(HarvestOptions(repositories=(str(_root_of(Path(repository))),)))
    if not at_path.sources:
        raise SourceError(f"{repository} is not a git repository.", hint="Name another.")
    return at_path.sources[0]


def _open(source: RepositorySource, ref: str, dialect: Dialect | None, file: Path | None) -> _Opened:
    name = ""
    tree = read_tree(GitRepository.open(source.folder, label=source.label), ref)
    used = dialect or dialect_of(source.forge.name if source.forge else "other", tree.files)
    if file is not None:
        name = _name_in(source.folder, file)
        data = file.read_bytes()
        given = CodeownersFile(path=LOCATIONS[used][0], mode="100644", size=len(data), data=data)
        tree = tree._replace(codeowners=(given,), folders=())
    code_owners = read_code_owners(tree.codeowners, used, repository=source.id, folders=tree.folders)
    return _Opened(source, tree, name or code_owners.chosen.path, code_owners)


def _name_in(root: Path, file: Path) -> str:
    absolute = file.absolute()
    return absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else str(file)


def _root_of(folder: Path) -> Path:
    """Return the repository that `folder` is or lies in."""
    absolute = folder.absolute()
    for candidate in (absolute, *absolute.parents):
        if is_repository(candidate):
            return candidate
    raise SourceError(f"{folder} is not in a git repository.", hint="Name one with -r, or change into one.")


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
        return {"path": printable(path), "files": len(inside), "folder": _shares(opened.code_owners.ruleset, inside)}
    match = opened.code_owners.ruleset.match(path)
    return {
        "path": printable(path),
        "owners": list(match.owners),
        "lines": [
            {"line": entry.line, "pattern": entry.pattern, "section": entry.section, "owners": list(entry.owners)}
            for entry in match.entries
        ],
    }


def _no_owner(opened: _Opened) -> str:
    return "no owner" if opened.name else f"no owner: {opened.source.label} has no CODEOWNERS file"


def _shares(ruleset: Ruleset, paths: Iterable[str]) -> list[dict[str, Any]]:
    files: dict[tuple[str, ...], int] = {}
    for match in ruleset.match_many(map(original, paths)):
        files[match.owners] = files.get(match.owners, 0) + 1
    ordered = sorted(files.items(), key=lambda item: (-item[1], item[0]))
    return [{"owners": list(who), "files": count} for who, count in ordered]

"""`gitguard owners suggest`: who may own what no line of a CODEOWNERS file is about, and the patch that says so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click
import msgspec

from mkdocs_gitguard.cli.build import config_option
from mkdocs_gitguard.cli.lazy_group import examples
from mkdocs_gitguard.cli.loaded_site import load_site
from mkdocs_gitguard.cli.output import echo, echo_json, echo_text, warn
from mkdocs_gitguard.cli.repositories import instead_option
from mkdocs_gitguard.cli.site import read_to_answer
from mkdocs_gitguard.clock import system_clock
from mkdocs_gitguard.codeowners import LOCATIONS
from mkdocs_gitguard.codeowners.additions import Added, Addition, additions_to, patch, put_in, ruleset_with
from mkdocs_gitguard.codeowners.ruleset import read_code_owners
from mkdocs_gitguard.errors import SettingError, SourceError
from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.harvest.commit_files import read_tree
from mkdocs_gitguard.log_text import log_lines
from mkdocs_gitguard.model import Graph, login_on
from mkdocs_gitguard.portal.lists.owner_suggestions import Suggested, reading_note, suggested_owners
from mkdocs_gitguard.portal.now import Now
from mkdocs_gitguard.site_build.people import addresses_in
from mkdocs_gitguard.site_build.shown_sources import shown_sources
from mkdocs_gitguard.suggestion import did_you_mean
from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mkdocs_gitguard.cli.loaded_site import LoadedSite
    from mkdocs_gitguard.harvest.sources import RepositorySource
    from mkdocs_gitguard.model import Owner, Ownership, Repository

_NAME_ONE: Final = "Name one: gitguard owners suggest NAME --format codeowners."
_NAMED: Final = 5


class _Place(NamedTuple):
    """The CODEOWNERS file of a repository, where lines go."""

    path: str
    text: str
    is_new: bool


class _Answer(NamedTuple):
    """What is suggested for one repository."""

    repository: Repository
    ownership: Ownership
    suggested: Suggested
    owners: Mapping[str, Owner]
    """By id."""


@click.command(
    "suggest",
    epilog=examples(
        "gitguard owners suggest                # who works where nobody owns",
        "gitguard owners suggest --format codeowners | git apply",
        "gitguard owners suggest acme/billing --format json",
    ),
)
@click.argument("name", metavar="[NAME]", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "codeowners", "json"]),
    default="text",
    show_default=True,
    help="codeowners: a patch for `git apply`.",
)
@instead_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Write the patch into this file, byte for byte.",
)
@config_option
def suggest(
    *,
    name: str | None,
    form: str,
    repositories: tuple[str, ...],
    output: Path | None,
    config_file: Path | None,
) -> None:
    """Suggest owners for what no line of CODEOWNERS is about, by who changed and reviewed it in the last year.

    NAME is that of one repository, as the portal has it; without it, all of the site here, else the current one. Bots,
    and people who have left or were not seen for a year, are left out; so is who has less than three commits and
    reviews, or less than a fifth of a place's changes or reviews.

    The patch puts lines above all others, so that no file that has an owner gets another, in the words and at the place
    of the repository's forge. It names those whose login there is known for certain, else by the address of their
    commits where the forge takes one (GitHub, GitLab and Bitbucket do, if the account has it). Others stand in
    comments.
    """
    if output is not None and form != "codeowners":
        raise SettingError("--output is for a patch.", hint="Use it with --format codeowners.")
    site = load_site(Path(), config_file, repositories)
    answers = _answers(site, name)
    if form == "json":
        echo_json(msgspec.json.format(msgspec.json.encode([_as_value(answer) for answer in answers]), indent=2))
    elif form == "text":
        for answer in answers:
            _tell(answer)
    else:
        _write_patch(site, answers, output)


def _answers(site: LoadedSite, name: str | None) -> list[_Answer]:
    read = read_to_answer(site)
    graph, now = Graph(read.snapshot, read.events), Now(system_clock())
    repositories = graph.repositories
    if name:
        by_name = {f"{one.namespace}/{one.name}": one for one in repositories.values()}
        named = [one for full, one in by_name.items() if name in (full, one.id)]
        named = named or [one for one in repositories.values() if one.name == name]
        if len(named) != 1:
            why = "names several repositories" if named else "is not a repository that is shown here"
            raise SettingError(f"{name} {why}.", hint=did_you_mean(name, by_name) or "Name it as the portal does.")
        repositories = {one.id: one for one in named}
    shown = [one for one in repositories.values() if one.id in graph.ownership]
    suggested = {one.id: suggested_owners(graph, now, one, graph.ownership[one.id]) for one in shown}
    nameless = [one for one in shown if any(_lacks_a_name(addition) for addition in suggested[one.id].additions)]
    # A snapshot on the disk has no addresses.
    if nameless and not site.options.snapshot:
        addresses = addresses_in(site.options, site.folder, site.state_folder, [one.id for one in nameless])
        for one in nameless:
            suggested[one.id] = suggested_owners(graph, now, one, graph.ownership[one.id], addresses[one.id])
    return [_Answer(one, graph.ownership[one.id], suggested[one.id], graph.owners) for one in shown]


def _lacks_a_name(addition: Addition) -> bool:
    """Tell whether it is not known how the forge calls one of those who are suggested for a place."""
    return len(addition.owners) < len(addition.why)


def _tell(answer: _Answer) -> None:
    label, places = _label(answer.repository), answer.suggested.places
    if not places:
        shallow = " The clone is shallow: its history does not tell who works where."
        echo(f"{label}: nobody to suggest.{shallow if answer.repository.is_shallow else ''}")
        return
    echo(f"{label}: {count(len(places), 'place')} without an owner")
    for place, addition in zip(places, answer.suggested.additions, strict=True):
        echo(f"  {place.path}{'/' if place.is_folder else ''}  {count(place.files, 'file')}")
        for line in addition.why:
            echo(f"    {line}")


def _as_value(answer: _Answer) -> dict[str, Any]:
    owners, names = answer.owners, answer.suggested.names
    return {
        "repository": answer.repository.id,
        "file": answer.ownership.path,
        "dialect": answer.ownership.dialect,
        "places": [
            {
                "path": place.path,
                "is_folder": place.is_folder,
                "files": place.files,
                "owners": [
                    {
                        "owner": one.owner,
                        "login": login_on(owners[one.owner], names.host),
                        "written": names.written(owners[one.owner]),
                        "commits_at_least": one.commits,
                        "files": one.files,
                        "reviews": one.reviews,
                        "share": round(one.share, 4),
                        "last_at": one.last_at,
                    }
                    for one in place.owners
                ],
            }
            for place in answer.suggested.places
        ],
    }


def _write_patch(site: LoadedSite, answers: list[_Answer], output: Path | None) -> None:
    if len(answers) != 1:
        names = ", ".join(_label(answer.repository) for answer in answers[:_NAMED])
        more = f" and {len(answers) - _NAMED:,} more" if len(answers) > _NAMED else ""
        raise SettingError(f"A patch is of one repository, and here are {len(answers)}: {names}{more}.", hint=_NAME_ONE)
    [answer] = answers
    source = next(one for one in _sources(site) if one.id == answer.repository.id)
    if output is None and source.folder.resolve() in Path.cwd().resolve().parents:
        raise SettingError(
            f"This is a folder within {_label(answer.repository)}, where `git apply` leaves out, without a word, what "
            "lies outside of it.",
            hint="Run it at the top of the clone, or write the patch into a file: --output FILE.",
        )
    if note := reading_note(answer.repository, answer.ownership):
        warn(f"{_label(answer.repository)}: {note}")
    place, added = _lines(source, answer)
    for one in added.left_out:
        warn(f"No line of CODEOWNERS can say {one.path} alone: left out.")
    text = patch(place.path, place.text, put_in(place.text, added.lines), is_new=place.is_new)
    if not text:
        what = "nothing that a line could say" if added.left_out else "nobody to suggest"
        warn(f"{_label(answer.repository)}: {what}.")
    elif output is not None:
        output.write_bytes(text.encode("utf-8", "surrogateescape"))
    elif text != log_lines(text):
        raise SettingError(
            f"{place.path} of {_label(answer.repository)} holds characters that a terminal would obey.",
            hint="Write the patch into a file: --output FILE.",
        )
    else:
        echo_text(text.removesuffix("\n"))


def _lines(source: RepositorySource, answer: _Answer) -> tuple[_Place, Added]:
    """Return the CODEOWNERS file of the commit that is shown, and what is to be put into it."""
    tree = read_tree(GitRepository.open(source.folder, label=source.label), answer.repository.head)
    dialect = answer.ownership.dialect
    code_owners = read_code_owners(tree.codeowners, dialect, repository=source.id, folders=tree.folders)
    chosen = code_owners.chosen
    added = additions_to(
        answer.suggested.additions,
        dialect,
        tree.files,
        before=code_owners.ruleset,
        with_lines=ruleset_with(chosen.text, dialect),
    )
    if chosen.path:
        return _Place(chosen.path, chosen.text, is_new=False), added
    taken = {*tree.files, *tree.folders}
    path = next((one for one in LOCATIONS[dialect] if one not in taken), "")
    if not path:
        raise SourceError(
            f"Whatever stands at {' and '.join(LOCATIONS[dialect])} of {source.label} is not a plain file.",
            hint="Put a CODEOWNERS file there first.",
        )
    return _Place(path, "", is_new=True), added


def _sources(site: LoadedSite) -> tuple[RepositorySource, ...]:
    return shown_sources(site.options, site.folder, site.state_folder)


def _label(repository: Repository) -> str:
    return f"{repository.namespace}/{repository.name}"

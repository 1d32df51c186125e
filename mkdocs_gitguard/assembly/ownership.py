"""Ownership as a stage of the assembly: `assemble(facts, stages=[contribute_ownership, ...])`."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from msgspec.structs import replace

from mkdocs_gitguard.assembly.core import Core, Parts
from mkdocs_gitguard.assembly.kept_parts import as_before
from mkdocs_gitguard.codeowners import Dialect
from mkdocs_gitguard.harvest.history.records import unpack
from mkdocs_gitguard.model import PullRequest
from mkdocs_gitguard.ownership.analysis import OwnershipInput, OwnershipResult, analyse
from mkdocs_gitguard.ownership.authorship import Authored
from mkdocs_gitguard.ownership.backstage_catalog import CATALOG_NAMES
from mkdocs_gitguard.ownership.owner_names import OwnerNames
from mkdocs_gitguard.ownership.participation import KnownParticipation

_TASK: Final = "code owners"


def contribute_ownership(core: Core, dialects: Mapping[str, Dialect] | None = None) -> Parts:
    """Return the ownership of every kept repository, with the owners that only CODEOWNERS files name.

    Args:
        core: what the facts alone tell.
        dialects: by repository id, whose rules of reading apply where the site says so; else the forge's.
    """
    results: list[OwnershipResult] = []
    for key in core.facts:
        dialect = (dialects or {}).get(key)

        def analysed(names: OwnerNames, key: str = key, dialect: Dialect | None = dialect) -> OwnershipResult | None:
            task = partial(_analyse, core, key, core.pull_requests_of.get(key, ()), dialect, names)
            made = core.guard.attempt(core.facts[key].about, "searched for code owners", task)
            before = core.kept.last(_TASK, key, OwnershipResult)
            return made if made is None or before is None else _as_before(made, before)

        inputs = (*core.inputs_of(key), dialect)
        result = core.kept.once_named(_TASK, key, inputs, core.owner_names, analysed, kind=OwnershipResult)
        if result is not None:
            results.append(result)
    return Parts(
        owners=core.owner_names.added(),
        ownership=tuple(result.ownership for result in results),
        relations=tuple(relation for result in results for relation in result.relations),
        findings=tuple(finding for result in results for finding in result.findings),
    )


def _as_before(made: OwnershipResult, before: OwnershipResult) -> OwnershipResult:
    new, known = ({one.pull_request: one for one in result.ownership.pull_requests} for result in (made, before))
    owned = tuple(as_before(new, known).values())
    return made._replace(ownership=replace(made.ownership, pull_requests=owned))


def _analyse(
    core: Core, key: str, changes: Sequence[PullRequest], dialect: Dialect | None, names: OwnerNames
) -> OwnershipResult:
    facts, code_owners = core.facts[key], core.code_owners(key, dialect)
    given = OwnershipInput(
        repository=key,
        files=core.files[key],
        code_owners=code_owners,
        pull_requests=changes,
        authored=tuple(_authored(core, key)),
        catalog=next(filter(None, map(facts.text, CATALOG_NAMES)), ""),
    )
    read_from = core.code_owners_read_from(key, dialect)
    return analyse(given, names, core.kept.once("owners of pull requests", key, read_from, KnownParticipation))


def _authored(core: Core, key: str) -> Iterator[Authored]:
    rows = core.facts[key].history.authorship
    paths, owners = core.paths[key], core.roster.by_identity[key]
    columns = (unpack(rows.paths), unpack(rows.identities), unpack(rows.commits), unpack(rows.last_at))
    for path, identity, commits, last_at in zip(*columns, strict=True):
        if owner := owners[identity]:
            yield Authored(paths[path], owner, commits, last_at)

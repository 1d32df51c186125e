"""Where the records of owners, policies and decisions come from, as the flags and the site's options have it.

What a flag turns off is not in the snapshot, so that no view, export or diff can show it.
"""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import cast, get_args

from msgspec.structs import replace

from mkdocs_gitguard.assembly.core import Core, Parts, Stage
from mkdocs_gitguard.assembly.decisions import OpenRepository, contribute_decisions
from mkdocs_gitguard.assembly.ownership import contribute_ownership
from mkdocs_gitguard.assembly.policies import contribute_policies
from mkdocs_gitguard.codeowners import Dialect
from mkdocs_gitguard.decisions.options import DecisionSource
from mkdocs_gitguard.decisions.read import digest_of_reports, load
from mkdocs_gitguard.decisions.redaction import Redaction
from mkdocs_gitguard.decisions.subjects import RepositoryNames
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.git.spellings import Spellings, Unnameable
from mkdocs_gitguard.harvest.failures import failure_of
from mkdocs_gitguard.model import Flags, Record, name_of
from mkdocs_gitguard.policies.application import Governance


class ViewOptions(Record, frozen=True, kw_only=True):
    """What the site says about code owners, policies and decisions."""

    folder: Path = Path()
    """Where relative paths of reports count from."""
    dialects: tuple[tuple[str, Dialect], ...] = ()
    """Shell pattern of repositories (`acme/*`) to the dialect of their CODEOWNERS; the first that fits counts."""
    governance: tuple[Governance, ...] = ()
    decisions: tuple[DecisionSource, ...] = ()
    redaction: Redaction = Redaction()
    left_out: tuple[Spellings, ...] = ()
    """What the repositories are called that the rollout leaves out; decisions on them are dropped whole."""


def stages(
    flags: Flags,
    options: ViewOptions,
    open_repository: OpenRepository = lambda _: None,
    kept: MutableMapping[str, str] | None = None,
) -> Sequence[Stage]:
    """Return what adds to the snapshot.

    Args:
        flags: what is turned on.
        options: what the site says about policies and decisions.
        open_repository: for policies as they stood when a decision was made.
        kept: what earlier builds have read of those, by digest; what is read now is added.
    """
    chosen: list[Stage] = []
    if flags.owners:
        chosen.append(lambda core: contribute_ownership(core, dialects_of(core.facts, options.dialects)))
    if flags.policy_transparency:
        chosen.append(lambda core: contribute_policies_and_decisions(core, options, open_repository, kept))
    return chosen


def contribute_policies_and_decisions(
    core: Core, options: ViewOptions, open_repository: OpenRepository, kept: MutableMapping[str, str] | None = None
) -> Parts:
    """Return policies, and the decisions that lead to them.

    Raises:
        SettingError: an entry of `decisions` names a format that nobody provides.
    """
    dialects = dialects_of(core.facts, options.dialects)
    policies = contribute_policies(core, governance=options.governance, dialects=dialects)
    left_out, names = Unnameable(options.left_out), RepositoryNames(core.repositories)
    sources = [source for source in options.decisions if not left_out.is_meant(source.repository, is_known=names.find)]
    if not sources:
        return policies
    # The digest is taken first: a report that grows meanwhile is read again the next time.
    made_of = (tuple(sources), options.folder, options.redaction, digest_of_reports(sources, options.folder))
    reading = core.kept.once("reports", "", made_of, partial(load, sources, options.folder, options.redaction))
    assert reading is not None  # noqa: S101 - `load` returns something
    try:
        decisions = contribute_decisions(
            core, policies, reading, open_repository=open_repository, left_out=options.left_out, kept=kept
        )
    except Exception as error:  # noqa: BLE001 - the guard: reports must not cost the policies
        core.guard.findings.append(
            failure_of(error, label="What decision reports say", repository="", task="added to the portal")
        )
        decisions = Parts(findings=reading.findings)
    return replace(
        policies,
        decisions=decisions.decisions,
        relations=(*policies.relations, *decisions.relations),
        findings=(*policies.findings, *decisions.findings),
        sources=(*policies.sources, *decisions.sources),
    )


def read_dialects(value: Mapping[str, object]) -> tuple[tuple[str, Dialect], ...]:
    """Return the setting `codeowners`: patterns of repositories and the dialect of each.

    Raises:
        SettingError: a dialect is not known.
    """
    known = get_args(Dialect)
    for pattern, dialect in value.items():
        if dialect not in known:
            raise SettingError(
                f"The option `codeowners` has {dialect!r} for {pattern!r}.",
                hint=f"Choose one of {', '.join(known)}.",
            )
    return tuple((pattern, cast("Dialect", dialect)) for pattern, dialect in value.items())


def dialects_of(repositories: Iterable[str], patterns: Sequence[tuple[str, Dialect]]) -> Mapping[str, Dialect]:
    """Return the dialect of each repository, given by node id, that a pattern fits."""
    return {
        node: dialect
        for node in repositories
        if (dialect := next((d for pattern, d in patterns if fnmatchcase(name_of(node), pattern)), None))
    }

"""Where the records of owners, policies and decisions come from, as the flags and the site's options have it.

What a flag turns off is not in the snapshot, so that no view, export or diff can show it.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

from msgspec.structs import replace

from mkdocs_gitguard.harvest.assemble import Contributor, Core, Parts
from mkdocs_gitguard.harvest.decisions.assembly import add_decisions
from mkdocs_gitguard.harvest.decisions.loading import load
from mkdocs_gitguard.harvest.decisions.options import DecisionSource
from mkdocs_gitguard.harvest.decisions.redaction import Redaction
from mkdocs_gitguard.harvest.ownership.contribute import contribute_ownership
from mkdocs_gitguard.harvest.policies.contribute import contribute_policies
from mkdocs_gitguard.harvest.policies.governance import Governance
from mkdocs_gitguard.model import Flags, Record


class PolicyOptions(Record, frozen=True, kw_only=True):
    """What the site says about policies and decisions."""

    folder: Path = Path()
    """Where relative paths of reports count from."""
    governance: tuple[Governance, ...] = ()
    decisions: tuple[DecisionSource, ...] = ()
    redaction: Redaction = Redaction()
    left_out: tuple[str, ...] = ()
    """Names of the repositories that the rollout leaves out; decisions on them are dropped whole."""


def contributors(flags: Flags, options: PolicyOptions) -> Sequence[Contributor]:
    """Return what adds to the snapshot."""
    chosen: list[Contributor] = []
    if flags.owners:
        chosen.append(contribute_ownership)
    if flags.policy_transparency:
        chosen.append(lambda core: contribute_policies_and_decisions(core, options))
    return chosen


def contribute_policies_and_decisions(core: Core, options: PolicyOptions) -> Parts:
    """Return policies, and the decisions that lead to them.

    Raises:
        SettingError: an entry of `decisions` names a format that nobody provides.
    """
    parts = contribute_policies(core, governance=options.governance)
    sources = [source for source in options.decisions if not _is_left_out(source, options.left_out)]
    if not sources:
        return parts
    reading = load(sources, options.folder, options.redaction)
    added = add_decisions(
        reading.decisions,
        repositories=core.repositories,
        pull_requests=core.pull_requests,
        policies=parts.policies,
        rules=parts.rules,
        sources=parts.sources,
        left_out=options.left_out,
    )
    return replace(
        parts,
        decisions=added.decisions,
        relations=(*parts.relations, *added.relations),
        findings=(*parts.findings, *reading.findings, *added.findings),
        sources=(*parts.sources, *added.sources),
    )


def _is_left_out(source: DecisionSource, left_out: Collection[str]) -> bool:
    said = source.repository.rstrip("/").removesuffix(".git")
    return bool(said) and any(said == name or said.endswith(f"/{name}") for name in left_out)

"""Decisions as a contributor to the snapshot, together with the policies they lead to."""

from collections.abc import Callable, Iterable, MutableMapping
from functools import partial
from typing import Final

from mkdocs_gitguard.assembly.core import Core, Parts
from mkdocs_gitguard.assembly.older_policies import OlderPolicies, read_older, wanted_commits
from mkdocs_gitguard.decisions.link import DecisionContext, DecisionLinks, add_decisions
from mkdocs_gitguard.decisions.report import ReportRead
from mkdocs_gitguard.decisions.subjects import RepositoryNames
from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.git.spellings import Spellings

_LINKS: Final = "decision links"
_WANTED: Final = "commits that decided"
OpenRepository = Callable[[str], GitRepository | None]
"""Gives the repository of a node id, opened, or None where it is not at hand."""


def contribute_decisions(
    core: Core,
    policies: Parts,
    reading: ReportRead,
    *,
    open_repository: OpenRepository = lambda _: None,
    left_out: Iterable[str | Spellings] = (),
    kept: MutableMapping[str, str] | None = None,
) -> Parts:
    """Return the decisions of the reports, led back to the policies.

    Args:
        core: what the facts alone tell.
        policies: what `contribute_policies` gave for the same core.
        reading: what the site's reports say.
        open_repository: for the texts of policies that have changed since; without it those decisions are not exact.
        left_out: what the site's repositories are called that the rollout leaves out.
        kept: what earlier builds have read of older policies, by digest; what is read now is added.
    """
    names = RepositoryNames(core.repositories)
    asked = (reading.decisions, policies.policies, policies.rules)
    wanted = core.kept.once(_WANTED, "", (*asked, names.known), partial(wanted_commits, *asked, names.find)) or {}
    older = [_older(core, repository, commits, open_repository, kept) for repository, commits in wanted.items()]
    context = DecisionContext(
        repositories=core.repositories,
        pull_requests=core.pull_requests_of,
        policies=policies.policies,
        rules=policies.rules,
        sources=policies.sources,
        applications=[relation for relation in policies.relations if relation.type == "subject_to"],
        older=[set_ for one in older for set_ in one.sets],
        left_out=left_out,
    )
    made_of = DecisionLinks.made_of(context, names)
    before = core.kept.last(_LINKS, "", DecisionLinks)
    links = core.kept.once(_LINKS, "", made_of, partial(DecisionLinks, context, names, before))
    linked = add_decisions(reading.decisions, context, links)
    return Parts(
        decisions=linked.decisions,
        relations=linked.relations,
        findings=(*reading.findings, *linked.findings, *(finding for one in older for finding in one.findings)),
        sources=linked.sources,
    )


def _older(
    core: Core,
    repository: str,
    commits: Iterable[str],
    open_repository: OpenRepository,
    kept: MutableMapping[str, str] | None,
) -> OlderPolicies:
    facts = core.facts[repository]

    def read() -> OlderPolicies:
        return read_older(
            partial(open_repository, repository), repository, tuple(commits), facts.head, facts.policy_files, kept=kept
        )

    return core.guard.attempt(facts.about, "read as it stood earlier", read, is_written=False) or OlderPolicies((), ())

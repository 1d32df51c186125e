"""What is measured of a site that a build has made: the same for the same site. What is not there is absent."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mkdocs_gitguard.ownership import problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs_gitguard.model import Graph, Meaning, Snapshot
    from mkdocs_gitguard.portal import Pages
    from mkdocs_gitguard.site_build.build_measures import Figure
    from mkdocs_gitguard.site_build.site import Site


class MadeSite(NamedTuple):
    """What a build that ended well has made."""

    site: Site
    pages: Pages
    is_whole: bool
    """Every page was written, so that the diagrams of all are known."""


def figures_of(made: MadeSite) -> Iterator[Figure]:
    """Yield what is measured of what a build has made: the same for the same site."""
    yield from _shown(made.site.snapshot)
    yield from _policies(made.pages.portal.graph)
    yield from _embeddings(made.pages.portal.meaning)
    if made.site.flags.owners:
        yield from _owners(made.site.snapshot)
    if made.is_whole:
        yield from _diagrams(made)


def _shown(snapshot: Snapshot) -> Iterator[Figure]:
    """Measure how much there is of what criteria of the plan are about: where there is nothing, they do not apply."""
    for name, number in (
        ("pull requests", len(snapshot.pull_requests)),
        ("policy rules", len(snapshot.rules)),
        ("decisions", len(snapshot.decisions)),
    ):
        yield f"shown.{name.replace(' ', '-')}", number, "", f"{name} in the portal"


def _owners(snapshot: Snapshot) -> Iterator[Figure]:
    """Measure code owners: errors in CODEOWNERS files, and how many rules lead to somebody."""
    errors = sum(problem.severity == "error" for ownership in snapshot.ownership for problem in problems(ownership))
    yield "owners.errors", errors, "", "errors in CODEOWNERS files"
    relations = sum(relation.type == "owned_by" for relation in snapshot.relations)
    yield "owners.relations", relations, "", "relations from code to its owners"


def _embeddings(meaning: Meaning | None) -> Iterator[Figure]:
    """Measure the search by meaning: what the plan's phase 5 asks about."""
    if meaning is None:
        return
    counts = meaning.counts
    texts = counts.embedded + counts.kept + counts.waiting
    yield "embeddings.ready", texts > 0 and not counts.waiting, "", f"{texts:,} texts, by {meaning.model}"
    yield "embeddings.made", counts.embedded, "", f"of {texts:,} texts"
    yield "embeddings.kept", counts.kept, "", f"of {texts:,} texts"
    yield "embeddings.waiting", counts.waiting, "", f"of {texts:,} texts"
    yield "embeddings.duration", counts.seconds, "s", f"{texts:,} texts, {counts.embedded:,} of them made"
    yield "embeddings.stored", counts.stored, "bytes", "vectors in the state folder"
    yield "embeddings.published", counts.published, "bytes", "word table and vectors in the site"
    if counts.requests:
        yield "embeddings.requests", counts.requests, "", f"to {meaning.model}"
        yield "embeddings.tokens", counts.tokens, "", f"as {meaning.model} counts them"


def _policies(graph: Graph) -> Iterator[Figure]:
    """Measure policy transparency, where there is something to be transparent about."""
    rules = graph.snapshot.rules
    if rules:
        referenced = sum(bool(rule.span.path and rule.span.first_line) for rule in rules)
        yield "policies.references", referenced, "", f"{len(rules):,} policy rules"
    led = graph.decision_counts.coverage
    if led.share is not None:
        evidence = f"{led.exact:,} of {led.decisions:,} decisions lead to exactly the lines that made them"
        yield "policies.coverage", led.share, "share", evidence
        yield "decisions.exact", led.exact, "", evidence
        yield "decisions.all", led.decisions, "", evidence


def _diagrams(made: MadeSite) -> Iterator[Figure]:
    """Measure the diagrams, where there are any."""
    drawn = made.pages.drawer.drawn
    if drawn.success_rate is not None:
        evidence = f"{drawn.diagrams:,} diagrams, {len(drawn.failures):,} of them shown as tables"
        yield "diagrams.success", drawn.success_rate, "share", evidence
        yield "diagrams.all", drawn.diagrams, "", evidence
        yield "diagrams.failed", len(drawn.failures), "", evidence
    pull_requests = sum(page.node.startswith("pull-request:") for page in made.pages.by_path.values())
    if pull_requests:
        # One that says no more than its page is not drawn: it is not missing either.
        number = drawn.pull_requests + sum(one.source.startswith("pull-request/") for one in drawn.failures)
        share = drawn.pull_requests / number if number else 1.0
        evidence = f"{drawn.pull_requests:,} of {number:,} drawn, of {pull_requests:,} pull-request pages"
        yield "diagrams.pull-requests", share, "share", evidence

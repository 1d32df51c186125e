"""What needs somebody: of everything that the portal shows, what is to be acted on, and where. Pure functions."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.model import SEVERITIES
from mkdocs_gitguard.portal.lists.exceptions import AHEAD, state_of, worth_showing
from mkdocs_gitguard.portal.lists.findings import causes
from mkdocs_gitguard.portal.lists.ownership import all_loads
from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mkdocs_gitguard.model import Graph, Policy, Severity
    from mkdocs_gitguard.portal.now import Now

CHANGED_DAYS: Final = 7
"""How long the change of a policy is news."""
_NAMED: Final = 3
"""Of what a sentence counts, so many are named."""


class Need(NamedTuple):
    """One reason to act, or to look."""

    number: int
    noun: str
    """What there are so many of."""
    sentence: str
    url: str
    severity: Severity
    """`info`: worth a look, and nobody has to act."""
    chip: str = ""
    """The severity in a word."""


class Judged(NamedTuple):
    """What the portal shows of how it is run, which the snapshot does not hold: titles of what is not well."""

    alerts: tuple[str, ...] = ()
    """Objectives whose budget burns."""
    missed: tuple[str, ...] = ()
    """Objectives that are missed, and burn no more."""
    failed: tuple[str, ...] = ()
    """Drills whose last run failed."""
    has_drills: bool = False
    """Whether any drill was ever run."""


class Needs(NamedTuple):
    """All reasons to act, the gravest first, and what was looked at for them."""

    rows: Sequence[Need]
    looked_at: Sequence[str]


def needs_of(graph: Graph, now: Now, judged: Judged, link: Callable[[str, str], str], *, most_causes: int) -> Needs:
    """Return what needs somebody, as far as the portal has pages of it.

    Args:
        graph: of the snapshot.
        now: the moment.
        judged: what the snapshot does not tell.
        link: gives the URL of a page and an anchor on it, `""` where there is no such page.
        most_causes: how many causes of findings are named.
    """
    sources = {
        "service levels": ("status", _objectives(judged)),
        "drills": ("drill", _drills(judged)),
        "findings": ("finding", _findings(graph, most_causes)),
        "code owners": ("ownership", _owners(graph, now)),
        "exceptions from policies": ("exception", _exceptions(graph, now)),
        "changes of policies": ("policy", _policies(graph, now)),
    }
    if not judged.has_drills:
        del sources["drills"]
    shown = {words: source for words, source in sources.items() if link(source[0], "")}
    rows = [
        need._replace(url=link(page, need.url) or link(page, "")) for page, needs in shown.values() for need in needs
    ]
    return Needs(sorted(rows, key=lambda need: SEVERITIES.index(need.severity)), tuple(shown))


def _named(titles: Sequence[str]) -> str:
    more = f" and {len(titles) - _NAMED:,} more" if len(titles) > _NAMED else ""
    return f"{', '.join(titles[:_NAMED])}{more}."


def _objectives(judged: Judged) -> Iterator[Need]:
    if judged.alerts:
        noun = "objective burns its budget" if len(judged.alerts) == 1 else "objectives burn their budget"
        yield Need(len(judged.alerts), noun, f"Somebody must act: {_named(judged.alerts)}", "", "error", "alert")
    if judged.missed:
        noun = "objective is missed" if len(judged.missed) == 1 else "objectives are missed"
        yield Need(len(judged.missed), noun, f"Nothing burns now: {_named(judged.missed)}", "", "warning", "missed")


def _drills(judged: Judged) -> Iterator[Need]:
    if judged.failed:
        noun = "drill failed" if len(judged.failed) == 1 else "drills failed"
        yield Need(len(judged.failed), noun, f"In the last run: {_named(judged.failed)}", "", "error", "failed")


def _findings(graph: Graph, most: int) -> Iterator[Need]:
    """Yield the causes of findings that are more than notices; `url` is the anchor of each."""
    for cause in causes(finding for finding in graph.snapshot.findings if finding.severity != "info")[:most]:
        where = f"In {count(cause.repositories, 'repository', 'repositories')}. " if cause.repositories else ""
        yield Need(
            len(cause.findings),
            cause.title,
            f"{where}{cause.hint}".strip(),
            cause.anchor,
            cause.severity,
            cause.severity,
        )


def _owners(graph: Graph, now: Now) -> Iterator[Need]:
    away = [load for load in all_loads(graph, now) if load.state == "inactive" and load.files]
    if away:
        noun = "owner not seen for over a year" if len(away) == 1 else "owners not seen for over a year"
        left = sum(load.owner.is_alumnus for load in away)
        own = f"{'It owns' if len(away) == 1 else 'They own'} {count(sum(load.files for load in away), 'file')}"
        gone = f"; {left:,} {'is' if left == 1 else 'are'} known to have left" if left else ""
        yield Need(len(away), noun, f"{own}{gone}.", "", "warning", "inactive")
    with_file = [one for one in graph.snapshot.ownership if one.path]
    unowned = sum(one.files - one.owned for one in with_file)
    if unowned:
        places = sum(one.files > one.owned for one in with_file)
        of_files = count(sum(one.files for one in with_file), "file")
        sentence = (
            f"Of {of_files}, in {places:,} of {count(len(with_file), 'repository', 'repositories')} with CODEOWNERS."
        )
        yield Need(unowned, "file without an owner" if unowned == 1 else "files without an owner", sentence, "", "info")


def _exceptions(graph: Graph, now: Now) -> Iterator[Need]:
    shown = worth_showing(graph.snapshot.exceptions, now)
    states = Counter(state_of(one, now) for one in shown)
    if ended := states["ended"]:
        names = [one.name for one in shown if state_of(one, now) == "ended"]
        noun = "exception has ended" if ended == 1 else "exceptions have ended"
        yield Need(ended, noun, f"Still written down: {_named(names)}", "", "warning", "ended")
    if soon := states["soon"]:
        names = [one.name for one in shown if state_of(one, now) == "soon"]
        noun = f"change comes within {AHEAD} days" if soon == 1 else f"changes come within {AHEAD} days"
        yield Need(soon, noun, f"Exceptions that end, rules that come into force: {_named(names)}", "", "info")


def changed_lately(policies: Sequence[Policy], now: Now, days: int) -> list[Policy]:
    """Return the policies whose file changed within so many days, the last changed first."""
    changed = [policy for policy in policies if policy.changes and not now.is_over(days, policy.changes[0].at)]
    return sorted(changed, key=lambda policy: (policy.changes[0].at, policy.id), reverse=True)


def _policies(graph: Graph, now: Now) -> Iterator[Need]:
    changed = changed_lately([*graph.held_policies.values()], now, CHANGED_DAYS)
    if changed:
        noun = "policy changed" if len(changed) == 1 else "policies changed"
        names = _named([graph.labels[policy.id] for policy in changed])
        yield Need(len(changed), noun, f"In the last {CHANGED_DAYS} days: {names}", "", "info")

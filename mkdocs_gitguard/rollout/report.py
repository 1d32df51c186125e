"""The job summary and the pull-request comment, as GitHub's Markdown. Pure text over what was kept."""

import re
from collections.abc import Sequence

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Checklist
from mkdocs_gitguard.rollout.build_record import BuildRecord, PublishOutcome
from mkdocs_gitguard.rollout.gates import in_numbers, open_checks

MARKER = "<!-- gitguard-portal -->"
"""Marks our comment, so that the next run changes it instead of adding another."""

_SPECIAL = late_pattern(r"([\\`*_{}\[\]<>()#|~@!&])")
_CALLING = late_pattern(r"(?<=[@#])(?=\w)|(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
"""Where a mention, a reference or a link begins, which a forge looks for in what Markdown has made of the escapes."""


def plain(text: str) -> str:
    """Return text that Markdown shows as it stands: no markup, mention, reference or link, on one line."""
    # A space of no width, as Dependabot puts it into what others wrote.
    tame = _CALLING.sub("\u200b", " ".join(text.split()))
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", tame)


def summary(
    phase: str, build: BuildRecord | None, outcome: PublishOutcome | None, checklist: Checklist | None = None
) -> str:
    """Return the job summary.

    Args:
        phase: the phase in force.
        build: the last build that ended well, None where there is none.
        outcome: what this run's publish came to, None where none was tried.
        checklist: the phase's criteria, where the plan has any.
    """
    parts = ["## Portal", ""]
    if build is None:
        return "\n".join([*parts, f"Phase {plain(phase)}. The build did not end well: see its log.", ""])
    parts += [f"Phase **{plain(phase)}**, built in {build.duration:,.1f} s.", "", "| | |", "| --- | ---: |"]
    parts += [f"| {plain(name.capitalize())} | {number:,} |" for name, number in build.counts.items()]
    parts += ["", "### Publish", ""]
    if outcome is None:
        parts.append("No publish was tried.")
    elif outcome.published and outcome.release is not None:
        where = outcome.location if re.match(r"https?://[^\s()<>]+$", outcome.location) else ""
        parts.append(f"**Published** release `{outcome.release.id}`: {outcome.release.files:,} files.")
        parts += ["", f"[Open the portal]({where})"] if where else []
    else:
        parts += ["**Not published:**"]
    if outcome is not None:
        parts += ["", *(f"- {plain(reason)}" for reason in outcome.reasons)]
    if checklist is not None:
        shut = open_checks(checklist)
        parts += ["", f"### {plain(checklist.title)}: {plain(in_numbers(checklist))}", ""]
        parts += [f"- {item.state}: {plain(item.criterion)}. {plain(item.evidence)}" for item in shut]
    return "\n".join([*parts, ""])


def comment(
    build: BuildRecord,
    outcome: PublishOutcome | None,
    *,
    number: int,
    page: str,
    others: Sequence[tuple[str, str]] = (),
) -> str:
    """Return the comment on a pull request.

    Args:
        build: the last build.
        outcome: what this run's publish came to.
        number: of the pull request.
        page: URL of the pull request's page in the published portal, `""` where it has none.
        others: title and URL of further pages that concern it.
    """
    parts = [MARKER, "### Portal", ""]
    if page:
        parts.append(f"[Page of pull request {number}]({page})")
    else:
        parts.append(f"Pull request {number} gets its page when it is merged and the portal is published.")
    parts += [f"- [{plain(title)}]({url})" for title, url in others]
    counts = ", ".join(
        f"{build.counts.get(name, 0):,} {name}" for name in ("repositories", "pull requests", "policies")
    )
    published = outcome is not None and outcome.published
    parts += ["", f"The portal shows {counts}. {'Published' if published else 'Built, not published'}."]
    return "\n".join([*parts, ""])

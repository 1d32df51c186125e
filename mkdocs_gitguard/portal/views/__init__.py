"""The views, one file each. To add one: write its file, name its `VIEW` here."""

from typing import Final

from mkdocs_gitguard.portal.page import View
from mkdocs_gitguard.portal.views import (
    changes,
    dashboards,
    decisions,
    diagrams,
    drills,
    exceptions,
    explorer,
    findings,
    gaps,
    home,
    open_pull_requests,
    over_time,
    owner_home,
    ownership,
    people,
    policies,
    pull_requests,
    related,
    repositories,
    rollout,
    scorecards,
    search,
    service_levels,
    style,
    who_to_ask,
)

VIEWS: Final[tuple[View, ...]] = (
    style.VIEW,
    home.VIEW,
    repositories.VIEW,
    pull_requests.VIEW,
    open_pull_requests.VIEW,
    changes.VIEW,
    policies.VIEW,
    people.VIEW,
    ownership.VIEW,
    who_to_ask.VIEW,
    owner_home.VIEW,
    decisions.VIEW,
    exceptions.VIEW,
    gaps.VIEW,
    diagrams.VIEW,
    explorer.VIEW,
    scorecards.VIEW,
    related.VIEW,
    over_time.VIEW,
    rollout.VIEW,
    service_levels.VIEW,
    dashboards.VIEW,
    drills.VIEW,
    search.VIEW,
    findings.VIEW,
)
"""In the order in which their panels stand on a page where `Panel.order` does not decide, and their pages are written:
findings last, because they tell how the writing of the others went."""

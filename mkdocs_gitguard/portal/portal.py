"""What one build shows: a snapshot as a graph, the moment, what is turned on, and the templates."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import quote

from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, StrictUndefined, TemplateError

from mkdocs_gitguard.model import (
    EVIDENCE_WORDS,
    HOSTS,
    NO_EVENTS,
    NONE_RELATED,
    EventFacts,
    Flags,
    Graph,
    HostLimits,
    Meaning,
    RolloutStatus,
    Snapshot,
)
from mkdocs_gitguard.model.kept_work import KeptWork
from mkdocs_gitguard.model.trend import Trend, of_repositories, with_day
from mkdocs_gitguard.portal.charts import activity_bars, activity_in_words, language_bar, main_language
from mkdocs_gitguard.portal.file_tree import base_name
from mkdocs_gitguard.portal.lists.policies import Formats
from mkdocs_gitguard.portal.lists.trend import figures_of, shown_by
from mkdocs_gitguard.portal.now import Now
from mkdocs_gitguard.portal.template_code import PortalEnvironment, finalized
from mkdocs_gitguard.scorecards.score import scorecards
from mkdocs_gitguard.state.compiled_templates import COMPILED
from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping
    from datetime import datetime

    from jinja2 import Environment

    from mkdocs_gitguard.model import FormatTraits
    from mkdocs_gitguard.model.dashboards import Dashboards
    from mkdocs_gitguard.model.drill import DrillAbout, DrillResult
    from mkdocs_gitguard.model.log_state import LogState
    from mkdocs_gitguard.model.service_levels import ServiceLevels
    from mkdocs_gitguard.scorecards.check import CardCheck
    from mkdocs_gitguard.scorecards.score import Scorecard

Mode = Literal["client", "mermaid2", "svg"]
"""How diagrams are drawn: see `portal/diagrams/drawing.py`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the site says about the portal's shape."""

    use_directory_urls: bool = True
    site_name: str = ""
    """What the site calls itself, which its home page is headed by; `""`: as its organization."""
    home: str = ""
    """Path of the home page; `""` for the site's own root."""
    pull_request_pages: int = 200
    """How many pull requests of a repository get a page at most, newest first."""
    site_limits: HostLimits = HOSTS["none"]
    """Of the host that the site has to fit into."""
    site_url: str = ""
    """Where the site is, with a slash at its end; `""`: it does not say."""
    feeds: bool = True
    """Whether there are Atom feeds."""
    policy_feeds: int = 200
    """How many policies have a feed, those that changed last."""
    weeks: int = 52
    """How many weeks have a page of what changed in them, the newest."""
    decision_pages: int = 500
    """How many decisions get a page, newest first; all stand in the tables."""
    rollout: RolloutStatus | None = None
    """What the rollout page shows; None: there is none."""
    levels: ServiceLevels | None = None
    """What the status pages show; None: there are none."""
    dashboards: Dashboards | None = None
    """What their pages show; None: there are none."""
    trend: Trend | None = None
    """What earlier builds counted of the repositories; None: nothing is shown over time."""
    drills: tuple[DrillResult, ...] = ()
    """What the pages of drills show, the newest first."""
    drill_set: tuple[DrillAbout, ...] = ()
    """The drills that there are, whether they were ever run here or not."""
    log_state: LogState | None = None
    """How the event log is, for the status page; None: there is none."""
    checks: tuple[CardCheck, ...] = ()
    """Of the scorecards; without any there are none."""
    diagrams: Mode = "svg"
    kept_answers: MutableMapping[str, str] = field(default_factory=dict)
    """What `path_answers` made, by digest of all that it is made of, kept between builds by whoever gives it."""
    kept_work: KeptWork = field(default_factory=KeptWork)
    """What was worked out of the graph for the build before, in a process that stays."""
    epoch: str = ""
    """Digest of the code, for the keys of what is kept between builds."""
    template_folders: tuple[str, ...] = ()
    """Folders that may hold `gitguard/<name>.html` of the user's own, the first wins."""


class Portal:
    """What one build shows. Holds no facts of its own, and knows no pages: those are `Pages`."""

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        now: datetime,
        flags: Flags,
        options: Options | None = None,
        formats: Mapping[str, FormatTraits] = MappingProxyType({}),
        events: EventFacts = NO_EVENTS,
        meaning: Meaning | None = None,
        templates: Environment | None = None,
    ) -> None:
        """Keep what is given.

        Args:
            snapshot: what may be seen.
            now: the moment of the build: aware, UTC.
            flags: what is turned on.
            options: the portal's shape.
            formats: by name, the policy formats of this installation; one that is not among them is called by its name.
            events: what events say beside the snapshot.
            meaning: what the snapshot's texts mean; None: nobody has asked.
            templates: those of an earlier portal, whose files are known to be as they were; None: they are read.
        """
        self._templates = templates
        self.options = options or Options()
        related = meaning.related if meaning else NONE_RELATED
        self.graph = Graph(snapshot, events, related, before=self.options.kept_work.known)
        self.meaning = meaning
        self.now = Now(now)
        self.flags = flags
        self.formats = Formats(formats)

    @property
    def snapshot(self) -> Snapshot:
        """Everything that may be seen."""
        return self.graph.snapshot

    def file_at(self, path: str, *, is_index: bool = False) -> str:
        """Return the file in the site of the page at a path: `repository/acme/billing/index.html`.

        Args:
            path: of the page.
            is_index: whether it is the index of its section.
        """
        if is_index or not path:
            return f"{path}/index.html".lstrip("/")
        return f"{path}/index.html" if self.options.use_directory_urls else f"{path}.html"

    def as_url(self, file: str) -> str:
        """Return the URL of a page by its file, from where that is named from: `./` for a folder's own index."""
        if not self.options.use_directory_urls or not file.endswith("index.html"):
            return file
        return file.removesuffix("index.html") or "./"

    def address_of(self, url: str) -> str:
        """Return the absolute URL of a URL of the site, `""` where the site does not know its own address."""
        return f"{self.options.site_url}{quote(url, safe='/@')}" if self.options.site_url else ""

    @property
    def has_scorecards(self) -> bool:
        """Whether there are checks, and the phase shows what most of them ask for."""
        return bool(self.options.checks) and (self.flags.owners or self.flags.policy_transparency)

    @cached_property
    def scorecards(self) -> tuple[Scorecard, ...]:
        """The scorecard of each repository, by id; none where there are no scorecards."""
        if not self.has_scorecards:
            return ()
        return scorecards(self.graph, self.options.checks, self.now.moment, self.options.kept_work)

    @cached_property
    def known_trend(self) -> Trend:
        """What is known over time with the day of this build, of repositories that are not shown any more too."""
        figures = figures_of(self.graph, self.flags, self.scorecards)
        return with_day(self.options.trend or Trend(), self.now.today(), figures)

    @cached_property
    def trend(self) -> Trend:
        """What is shown over time: of the repositories of this build alone, and nothing that the flags hide."""
        return shown_by(of_repositories(self.known_trend, {"", *self.graph.repositories}), self.flags)

    @cached_property
    def templates(self) -> Environment:
        """The templates: the user's own over ours, autoescaped, undefined names are errors."""
        if self._templates is not None:
            return self._templates
        environment = PortalEnvironment(
            autoescape=True,
            undefined=StrictUndefined,
            loader=ChoiceLoader([FileSystemLoader(self.options.template_folders), _OURS]),
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            finalize=finalized,
        )
        environment.filters["count"] = count
        environment.filters["base_name"] = base_name
        environment.globals["evidence_words"] = EVIDENCE_WORDS
        environment.globals["activity_bars"] = activity_bars
        environment.globals["activity_in_words"] = activity_in_words
        environment.globals["language_bar"] = language_bar
        environment.globals["main_language"] = main_language
        environment.bytecode_cache = COMPILED.of(environment)
        return environment

    def load_templates(self) -> None:
        """Load the portal's own templates, before this process is copied: each copy would compile those it meets."""
        for name in _OURS.list_templates():
            # The pages that need a broken one, which is the user's own, say what is wrong with it.
            with suppress(TemplateError, OSError, ValueError):
                self.templates.get_template(name)


_OURS: Final = PackageLoader("mkdocs_gitguard.portal")

"""The small pieces of HTML that all pages share: names, moments, people, commits, paths, links to the forge."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from mkdocs_gitguard.model import (
    PullRequest,
    commit_url,
    file_url,
    name_of,
    pull_request_url,
    tag_url,
    tree_url,
)
from mkdocs_gitguard.portal.emoji import with_emoji
from mkdocs_gitguard.words import day, escaped, exact, forge_title, iso, line_html, one_line, web_url

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mkdocs_gitguard.model import Checks, DirectCommit, Forge, Graph, PullRequestStatus, SourceSpan
    from mkdocs_gitguard.portal.now import Now

_EMPTY = Markup("")
_BOT = ' <span class="gg-chip">bot</span>'
_NO_MOMENT = Markup('<span class="gg-none">\u2013</span>')
_SHORT_SHA = 10
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Ui:
    """Bound to the page being written, because links depend on where it stands. Templates see it as `ui`."""

    def __init__(self, graph: Graph, now: Now, link: Callable[[str], str]) -> None:
        """Keep what things are called by, the moment, and what gives a node's URL relative to the page."""
        self._graph = graph
        self._now = now
        self._link = link

    def name(self, text: str) -> Markup:
        """Return a name, title or path from outside: escaped, its direction isolated, on one line."""
        return trusted(f"<bdi>{line_html(text)}</bdi>")

    def breakable(self, text: str, after: str) -> Markup:
        """As `name`, for a path or a dotted name that may be longer than its line: it breaks after a character."""
        return trusted(f"<bdi>{line_html(text).replace(after, f'{after}<wbr>')}</bdi>")

    def one_line(self, text: str) -> str:
        """Return plain text on one line, hidden characters shown."""
        return one_line(text)

    def prose(self, text: str) -> Markup:
        """Return a sentence from outside, what stands between backticks in the code font, one or two of them."""
        parts = one_line(text).replace("``", "`").split("`")
        if len(parts) % 2 == 0:
            return self.name(with_emoji(text))
        shown = (
            f"<code>{escape(part)}</code>" if place % 2 else escape(with_emoji(part))
            for place, part in enumerate(parts)
        )
        return trusted(f"<bdi>{''.join(shown)}</bdi>")

    def code(self, text: str) -> Markup:
        """As `name`, in the code font."""
        return trusted(f"<code><bdi>{line_html(text)}</bdi></code>")

    def time(self, moment: datetime | None) -> Markup:
        """Return the day and how long ago that was, or a dash."""
        return _NO_MOMENT if moment is None else self._when(moment, iso(moment))

    def on_day(self, at: datetime | None) -> Markup:
        """As `time`, of a day whose moment does not matter."""
        return _NO_MOMENT if at is None else self._when(at, day(at))

    def _when(self, moment: datetime, machine_readable: str) -> Markup:
        # A table has hundreds of them: the tooltip is portal.js's.
        return trusted(
            f'<span class="gg-when"><time datetime="{machine_readable}">{day(moment)}</time> '
            f'<span class="gg-ago">{self._now.ago(moment)}</span></span>'
        )

    def ago(self, moment: datetime | None) -> Markup:
        """Return how long ago, the exact moment in the tooltip and for machines, or a dash."""
        if moment is None:
            return _NO_MOMENT
        return trusted(
            f'<time class="gg-ago" datetime="{iso(moment)}" title="{exact(moment)}">{self._now.ago(moment)}</time>'
        )

    def days_ago(self, at: datetime) -> Markup:
        """As `ago`, of a day whose moment does not matter."""
        return trusted(f'<time class="gg-ago" datetime="{day(at)}" title="{day(at)}">{self._now.ago(at)}</time>')

    def iso(self, moment: datetime | None) -> str:
        """Return the moment for a sort key, `""` for none."""
        return iso(moment) if moment else ""

    def day(self, moment: datetime) -> Markup:
        """Return the day alone."""
        return trusted(f'<time datetime="{iso(moment)}">{day(moment)}</time>')

    def day_heading(self, moment: datetime) -> Markup:
        """Return the day as the heading of what happened on it: `2026-11-01, Sunday, 3 weeks ago`."""
        weekday = _WEEKDAYS[moment.astimezone(UTC).weekday()]
        ago = self._now.ago(moment)
        return trusted(f'<time datetime="{day(moment)}">{day(moment)}</time> <span>{weekday}, {ago}</span>')

    def title(self, node: str) -> str:
        """Return what people call a node, as plain text."""
        return self._graph.labels.get(node) or name_of(node)

    def node(self, node: str, text: str = "") -> Markup:
        """Return a node's name, linked to its page if it has one; a pull request without one to the forge."""
        if not text and node.startswith("pull-request:"):
            record = self._graph.nodes.get(node)
            if isinstance(record, PullRequest):
                return self.pull_request(record)
        return self.link(self._link(node), text or self.title(node))

    def person(self, owner: str) -> Markup:
        """Return an owner's name, linked to their page, a bot marked as such; nothing for `""`."""
        if not owner:
            return _EMPTY
        name = self.node(owner)
        return trusted(f"{name}{_BOT}") if self._graph.bots.get(owner, False) else name

    def pull_request(self, change: PullRequest, *, title: bool = True) -> Markup:
        """Return a pull request, linked to its page, else to the forge, else bare."""
        return self._linked(change, self.prose(f"#{change.number} {change.title}" if title else f"#{change.number}"))

    def pull_request_title(self, change: PullRequest) -> Markup:
        """As `pull_request`, without its number: for a table that has a column for it."""
        return self._linked(change, self.prose(change.title))

    def _linked(self, change: PullRequest, shown: Markup) -> Markup:
        if url := self._link(change.id):
            return trusted(f'<a href="{escaped(url)}">{shown}</a>')
        return _out(pull_request_url(self._graph.forges.get(change.repository), change.number), shown)

    def number(self, repository: str, number: int) -> Markup:
        """Return a pull request of which only the number is known, linked as far as possible."""
        change = self._graph.nodes.get(f"pull-request:{name_of(repository)}/{number}")
        if isinstance(change, PullRequest):
            return self.pull_request(change)
        return self.external(pull_request_url(self._graph.forges.get(repository), number), f"#{number}")

    def number_with_title(self, status: PullRequestStatus) -> Markup:
        """Return a pull request that git does not know, linked to the forge."""
        url = pull_request_url(self._graph.forges.get(status.repository), status.number)
        return _out(url, self.prose(f"#{status.number} {status.title}"))

    def login(self, login: str) -> Markup:
        """Return what a forge calls a person, as the owner who is called so, linked to their page; else as it is."""
        owner = self._graph.owners_by_login.get(login.lower())
        return self.person(owner) if owner else self.name(login)

    def checks(self, checks: Checks) -> str:
        """Return how checks came out, the worst first: `1 failed, 3 passed`."""
        numbers = ((checks.failed, "failed"), (checks.pending, "pending"), (checks.passed, "passed"))
        return ", ".join(f"{number:,} {word}" for number, word in numbers if number)

    def forge(self, repository: str) -> str:
        """Return the name of the forge that a repository is on, `its forge` where it is none of those known."""
        forge = self._graph.forges.get(repository)
        return forge_title(forge.name if forge else "")

    def file_url(self, repository: str, path: str) -> str:
        """Return the forge's page of a file at the head, or `""`."""
        return file_url(self._graph.forges.get(repository), self._head(repository), path) if path else ""

    def file(self, repository: str, path: str) -> Markup:
        """Return a file's base name, linked to the forge at the head."""
        return self.external(self.file_url(repository, path), path.rpartition("/")[2])

    def folder(self, repository: str, path: str, text: str) -> Markup:
        """Return a folder's name, linked to the forge at the head."""
        return self.external(tree_url(self._graph.forges.get(repository), self._head(repository), path), text)

    def tag(self, repository: str, tag: str) -> Markup:
        """Return a tag's name, linked to the forge."""
        return self.external(tag_url(self._graph.forges.get(repository), tag), tag)

    def link(self, url: str, text: str) -> Markup:
        """Return an inner link, or the bare name where `url` is `""`."""
        return trusted(f'<a href="{escaped(url)}">{self.name(text)}</a>') if url else self.name(text)

    def external(self, url: str, text: str) -> Markup:
        """Return a link out of the portal, or the bare name where `url` is not http(s)."""
        return _out(url, self.name(text))

    def commit(self, repository: str, sha: str) -> Markup:
        """Return a short commit id, linked to the forge if the repository has one; nothing for `""`."""
        return self.own_commit(self._graph.forges.get(repository), sha)

    def own_commit(self, forge: Forge | None, sha: str) -> Markup:
        """As `commit`, of a repository that the portal need not show: that which the site itself stands in."""
        short = trusted(f"<code>{escape(sha[:_SHORT_SHA])}</code>")
        return _out(commit_url(forge, sha), short) if sha else _EMPTY

    def commit_title(self, repository: str, commit: DirectCommit) -> Markup:
        """Return a commit's subject, linked to the forge if the repository has one."""
        url = commit_url(self._graph.forges.get(repository), commit.commit)
        return _out(url, self.prose(commit.title or commit.commit[:_SHORT_SHA]))

    def path(self, repository: str, path: str, commit: str = "", first: int = 0, last: int = 0) -> Markup:
        """Return a file's path, with its lines if given, linked to the forge at `commit` (the head if `""`)."""
        url = file_url(self._graph.forges.get(repository), commit or self._head(repository), path, first, last)
        lines = (f":{first}" if first else "") + (f"\u2013{last}" if last > first else "")
        return _out(url, self.code(path + lines))

    def evidence(self, repository: str, path: str, line: int) -> Markup:
        """As `path`, at the commit that last changed a file which says that a policy applies."""
        return self.path(repository, path, self._graph.evidence_commits.get(f"{repository}\0{path}", ""), line)

    def paths_at(self, repository: str, commit: str) -> Callable[[str, str], Markup]:
        """Return what links a path of a commit as `path` does, shown as another text: its name, say."""
        forge = self._graph.forges.get(repository)
        return lambda path, text: _out(file_url(forge, commit, path), self.name(text))

    def lines(self, span: SourceSpan, url: str = "") -> Markup:
        """Return the lines of a source, `lines 22-29`, linked to `url`, else to the forge at their commit."""
        first, last = span.first_line, span.last_line
        shown = trusted(f"line {first}" if first == last else f"lines {first}\u2013{last}")
        if url:
            return trusted(f'<a href="{escaped(url)}">{shown}</a>')
        return _out(file_url(self._graph.forges.get(span.repository), span.commit, span.path, first, last), shown)

    def _head(self, repository: str) -> str:
        return self._graph.heads.get(repository, "")


def _out(url: str, shown: Markup) -> Markup:
    """Return a link out of the portal around `shown`, or `shown` alone where the URL is none or not of the web."""
    if not web_url(url):
        return shown
    # Which is `noopener` too: https://html.spec.whatwg.org/multipage/links.html#link-type-noreferrer
    return trusted(f'<a class="gg-out" href="{escaped(url)}" rel="noreferrer">{shown}</a>')


def trusted(html: str) -> Markup:
    """Return as markup what was put together from escaped parts. `Markup.format` does the same ten times slower."""
    # Each caller escapes what comes from outside. `Markup` itself would first ask whether that is HTML already.
    return str.__new__(Markup, html)

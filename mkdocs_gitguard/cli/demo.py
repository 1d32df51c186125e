"""`gitguard demo`: an organisation that does not exist, with real repositories, and its portal."""

import json
from pathlib import Path
from typing import Final

import click

from mkdocs_gitguard.chaos.drills import BY_NAME
from mkdocs_gitguard.cli.build import build, preview
from mkdocs_gitguard.cli.chaos import check_that_drills_run, remember_together, run_and_remember
from mkdocs_gitguard.cli.lazy_group import Group, examples
from mkdocs_gitguard.cli.output import echo, warn
from mkdocs_gitguard.cli.rollout_site import RolloutSite, open_site
from mkdocs_gitguard.clock import system_clock, system_moment
from mkdocs_gitguard.demo.happen import happen as merge_one
from mkdocs_gitguard.demo.measured import counted, measurements
from mkdocs_gitguard.demo.organisation import MADE, Acme
from mkdocs_gitguard.demo.organisation import make as make_acme
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.events.forge_hooks import BY_SOURCE as HOOKS_BY_SOURCE
from mkdocs_gitguard.events.intake import headers_for, take_in
from mkdocs_gitguard.events.opening import open_log
from mkdocs_gitguard.portal import Options, Portal
from mkdocs_gitguard.portal.lists.trend import figures_of
from mkdocs_gitguard.scorecards.check import checks_of
from mkdocs_gitguard.site_build.owned_sites import EVERYTHING, remember
from mkdocs_gitguard.site_build.read import read_site
from mkdocs_gitguard.site_build.trend_file import keep_trend
from mkdocs_gitguard.state.database import EVENTS_FILE
from mkdocs_gitguard.state.folder import make_state_folder
from mkdocs_gitguard.words import count

_FOLDER: Final = "acme"
_MOST: Final = 2_000
_DRILL: Final = "forged-webhooks"
"""The quickest of the set."""


class _Demo(Group):
    """Takes `gitguard demo DIR` for `gitguard demo make DIR`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["make", *args]
        return super().parse_args(ctx, args)


@click.group(
    "demo",
    cls=_Demo,
    epilog=examples(
        "gitguard demo              # in ./acme, served on port 8000",
        "gitguard demo happen acme  # in another terminal: merge a pull request",
    ),
)
def demo() -> None:
    """Make Acme, which does not exist, with real repositories, and show its portal: `gitguard demo [DIR]`.

    Its twelve repositories are real ones, with years of history in the words of five forges, code owners with mistakes
    in them, policies in the languages of six engines, decisions, releases, and an owner who has left: files that you
    may change. The past of its service levels is made up.
    """


@demo.command(
    "make",
    epilog=examples(
        "gitguard demo make acme              # the same as gitguard demo",
        "gitguard demo make acme --no-serve   # build the portal alone",
        "gitguard demo make acme --no-build   # the repositories alone",
        "gitguard demo make big --repositories 100",
    ),
)
@click.argument("folder", metavar="[DIR]", default=_FOLDER, type=click.Path(file_okay=False, path_type=Path))
@click.option("--repositories", type=click.IntRange(1, _MOST), default=12, show_default=True, help="How many.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed gives another history.")
@click.option("--no-serve", is_flag=True, help="Build the portal, and do not serve it.")
@click.option("--no-build", is_flag=True, help="Make the files, and build nothing.")
@click.option("-a", "--address", default="127.0.0.1:8000", show_default=True, metavar="IP:PORT")
@click.option("--open", "open_browser", is_flag=True, help="Open the portal in the browser.")
@click.pass_context
def make(
    ctx: click.Context,
    folder: Path,
    *,
    repositories: int,
    seed: int,
    no_serve: bool,
    no_build: bool,
    address: str,
    open_browser: bool,
) -> None:
    """Make Acme in DIR, build its portal and serve it. A demo that is there already is shown as it stands."""
    if (folder / MADE).is_file():
        echo(f"{folder} is there already: shown as it stands.")
    else:
        end = int(system_clock().timestamp())
        acme = make_acme(folder, repositories=repositories, seed=seed, end=end)
        repositories_made = count(acme.repositories, "repository", "repositories")
        history = f"{count(acme.pull_requests, 'pull request')} and {count(acme.commits, 'commit')}"
        echo(f"Made {repositories_made} with {history} in {folder / 'repositories'}.")
        site = open_site(acme.folder / "mkdocs.yml")
        _take_in(acme, site.state_folder)
        site.state.remember(*measurements(acme.repositories, seed=seed, end=end))
        _remember_what_was_counted(site, seed=seed, end=end)
        _run_a_drill(site, seed=seed)
        try:
            remember(folder / "mkdocs.yml", [EVERYTHING])
        except SettingError as error:
            # The site is there all the same; it has to be named where it is built.
            warn(str(error))
    if no_build:
        return
    if no_serve:
        ctx.invoke(build, folder=folder)
    echo(f"Merge a pull request while it is shown, in another terminal: gitguard demo happen {folder}")
    ctx.invoke(preview, folder=folder, address=address, open_browser=open_browser)


def _take_in(acme: Acme, state: Path) -> None:
    """Put what the forge has sent into the site's event log, as `gitguard events add` would."""
    hook = HOOKS_BY_SOURCE["github"]
    make_state_folder(state)
    log = open_log(state / EVENTS_FILE)
    try:
        for sent in acme.webhooks:
            body = json.dumps(sent.document).encode()
            log.append([take_in(hook, headers_for(hook, sent.name), body, at=system_moment()).event])
    finally:
        log.close()


def _remember_what_was_counted(site: RolloutSite, *, seed: int, end: int) -> None:
    """Give what is shown over time a past: the portal is read for it, which its build then need not do again."""
    read = read_site(site.loaded.options, site.root, site.settings, state_folder=site.state_folder)
    options = Options(checks=checks_of(site.root))
    portal = Portal(read.snapshot, now=system_clock(), flags=read.flags, options=options, events=read.events)
    figures = figures_of(portal.graph, portal.flags, portal.scorecards)
    keep_trend(site.state_folder, counted(figures, seed=seed, end=end))


def _run_a_drill(site: RolloutSite, *, seed: int) -> None:
    """Run one drill, for real and in its sandbox, so that the portal has one to show."""
    try:
        check_that_drills_run(site)
    except SettingError as error:
        echo(f"The portal shows no drill: {error}")
        return
    result = run_and_remember(site, BY_NAME[_DRILL], seed)
    remember_together(site, [result])


@demo.command("happen", epilog=examples("gitguard demo happen", "gitguard demo happen acme --repository ledger"))
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("-r", "--repository", default="", metavar="NAME", help="Where; default: where the dice say.")
def happen(folder: Path | None, *, repository: str) -> None:
    """Merge a pull request in a repository of Acme: `gitguard preview` and `gitguard watch` show it at once.

    DIR is the folder that `gitguard demo` made; without it, the current one if it is one, else `acme`.
    """
    folder = folder or (Path() if (Path() / MADE).is_file() else Path(_FOLDER))
    merged = merge_one(folder, repository=repository, at=int(system_clock().timestamp()))
    echo(f"Merged {merged.repository} #{merged.number}: {merged.title}")

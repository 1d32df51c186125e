"""The `gitguard` command, one file a command group, thin over the rooms below."""

import sys

import click

from mkdocs_gitguard import __version__
from mkdocs_gitguard.cli.lazy_group import LazyCommand, LazyGroup, examples
from mkdocs_gitguard.collector import collect_rarely
from mkdocs_gitguard.errors import GitGuardError

COMMANDS = {
    "init": LazyCommand(
        "mkdocs_gitguard.cli.init:init",
        "Lay down a site to start from in DIR, which shows the repositories that are there.",
        section="Start",
    ),
    "demo": LazyCommand(
        "mkdocs_gitguard.cli.demo:demo",
        "Make Acme, which does not exist, with real repositories, and show its portal: `gitguard demo [DIR]`.",
        section="Start",
    ),
    "preview": LazyCommand(
        "mkdocs_gitguard.cli.build:preview",
        "Build the portal of DIR, serve it, and build again when a branch or tag moves or an event has come.",
        section="Start",
    ),
    "build": LazyCommand(
        "mkdocs_gitguard.cli.build:build",
        "Build the portal of DIR: its mkdocs.yml, or the git repositories that it is or holds.",
        section="Build",
    ),
    "export": LazyCommand(
        "mkdocs_gitguard.cli.export:export",
        "Write the portal into DIR for another generator or catalog.",
        section="Build",
    ),
    "owners": LazyCommand(
        "mkdocs_gitguard.cli.owners:owners",
        "Tell who owns a path, check CODEOWNERS files, and suggest what is missing in them.",
        section="Look up",
    ),
    "policies": LazyCommand(
        "mkdocs_gitguard.cli.policies:policies",
        "Tell which policies repositories hold, and check them.",
        section="Look up",
    ),
    "scorecard": LazyCommand(
        "mkdocs_gitguard.cli.scorecard:scorecard",
        "Tell what repositories lack, by checks that are files.",
        section="Look up",
    ),
    "search": LazyCommand(
        "mkdocs_gitguard.cli.search:search",
        "Find what has the words of QUESTION, and below it what is close to it in meaning.",
        section="Look up",
    ),
    "harvest": LazyCommand(
        "mkdocs_gitguard.cli.harvest:harvest", "Read repositories and print all facts as JSON.", section="Look up"
    ),
    "changes": LazyCommand(
        "mkdocs_gitguard.cli.changes:changes",
        "Tell what has changed in the repositories of the site since a release of its portal.",
        section="Look up",
    ),
    "people": LazyCommand(
        "mkdocs_gitguard.cli.people:people",
        "Tell who is who: logins, names and addresses of one person.",
        section="Look up",
    ),
    "rollout": LazyCommand(
        "mkdocs_gitguard.cli.rollout:rollout",
        "Phases: what may be seen, and when the next step is safe.",
        section="Roll out",
    ),
    "publish": LazyCommand(
        "mkdocs_gitguard.cli.publish:publish",
        "Publish the portal that was built last, if the phase and the flags allow it.",
        section="Roll out",
    ),
    "rollback": LazyCommand(
        "mkdocs_gitguard.cli.publish:rollback",
        "Show an earlier release again; the phase stays as it is (see `rollout rollback`).",
        section="Roll out",
    ),
    "slo": LazyCommand(
        "mkdocs_gitguard.cli.slo:slo", "Objectives for freshness, errors and coverage: measured, and told."
    ),
    "watch": LazyCommand(
        "mkdocs_gitguard.cli.watch:watch",
        "Build the portal, and again whenever an event comes or a repository has moved; publish as the flags say.",
    ),
    "worker": LazyCommand(
        "mkdocs_gitguard.cli.worker:worker",
        "Read repositories for `gitguard build --workers jetstream`, one at a time, until told to stop.",
    ),
    "dev": LazyCommand("mkdocs_gitguard.cli.dev:dev", "Try the whole service out on one machine."),
    "doctor": LazyCommand(
        "mkdocs_gitguard.cli.doctor:doctor",
        "Say what this machine has: Python, git, SQLite and its known fault, the extras, the site's event log.",
    ),
    "chaos": LazyCommand(
        "mkdocs_gitguard.cli.chaos:chaos",
        "Drills: faults brought on in a sandbox, and whether the system gets over them.",
    ),
    "events": LazyCommand(
        "mkdocs_gitguard.cli.events:events", "The log of what forges send: receive it, look at it, replay it, cut it."
    ),
    "api": LazyCommand("mkdocs_gitguard.cli.api:api", "Serve the Graph API, and export the whole graph."),
    "github": LazyCommand(
        "mkdocs_gitguard.cli.github:github", "Write GitHub's job summary and pull-request comment, for the Action."
    ),
    "reference": LazyCommand("mkdocs_gitguard.cli.reference:reference", is_hidden=True),
}
"""By name, in the order of the help. A new command is one file and an entry here."""


class _Gitguard(LazyGroup):
    """Shows a `GitGuardError` in one sentence and exit code 1, never as a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except GitGuardError as error:
            raise click.ClickException(str(error)) from error


_EXAMPLES = examples(
    "gitguard preview ~/src          # the portal of the repositories in a folder",
    "gitguard init portal            # a site of your own",
    "gitguard owners of src/main.py  # who owns this file",
)
_MORE = "\b\nDocumentation:\n  https://github.com/gitguard/mkdocs-gitguard/tree/main/docs"


@click.group(
    cls=_Gitguard,
    lazy=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=f"{_EXAMPLES}\n\n{_MORE}",
)
@click.version_option(__version__, prog_name="gitguard")
def cli() -> None:
    """One portal for all your git repositories.

    `gitguard COMMAND -h` explains a command, with examples.
    """


def main() -> None:
    """Run the command line."""
    collect_rarely()
    sys.exit(cli())

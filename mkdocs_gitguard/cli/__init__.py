"""The `gitguard` command, one file a command group, thin over the rooms below."""

import sys

import click

from mkdocs_gitguard import __version__
from mkdocs_gitguard.cli.lazy_group import LazyCommand, LazyGroup
from mkdocs_gitguard.errors import GitGuardError

COMMANDS = {
    "api": LazyCommand("mkdocs_gitguard.cli.api:api", "The Graph API: static files, and a server for them."),
    "build": LazyCommand(
        "mkdocs_gitguard.cli.build:build",
        "Build the portal of DIR: its mkdocs.yml, or the git repositories that it is or holds.",
    ),
    "events": LazyCommand(
        "mkdocs_gitguard.cli.events:events", "The log of what forges send: receive it, look at it, replay it, cut it."
    ),
    "export": LazyCommand(
        "mkdocs_gitguard.cli.export:export",
        "Write the portal into DIR, leaving files that did not change untouched.",
    ),
    "github": LazyCommand("mkdocs_gitguard.cli.github:github", "Tell GitHub what a run came to; for the Action."),
    "harvest": LazyCommand("mkdocs_gitguard.cli.harvest:harvest", "Read repositories and print the snapshot as JSON."),
    "init": LazyCommand(
        "mkdocs_gitguard.cli.init:init",
        "Lay down a site to start from in DIR (default: here), and remember that it is yours.",
    ),
    "owners": LazyCommand("mkdocs_gitguard.cli.owners:owners", "Tell who owns what, by the CODEOWNERS file."),
    "people": LazyCommand(
        "mkdocs_gitguard.cli.people:people", "Tell who is who: logins, names and addresses of one person."
    ),
    "policies": LazyCommand(
        "mkdocs_gitguard.cli.policies:policies", "Tell which policies repositories hold, and where each rule stands."
    ),
    "preview": LazyCommand(
        "mkdocs_gitguard.cli.build:preview",
        "Build the portal of DIR, serve it, and build again when a repository's branches or tags move.",
    ),
    "publish": LazyCommand(
        "mkdocs_gitguard.cli.publish:publish",
        "Publish SITE, the portal that was built last, if the flags allow it.",
    ),
    "reference": LazyCommand("mkdocs_gitguard.cli.reference:reference", is_hidden=True),
    "rollback": LazyCommand(
        "mkdocs_gitguard.cli.publish:rollback",
        "Go back to an earlier release. It works whatever the flags say; with CODEX_DRY_RUN it only says which.",
    ),
    "rollout": LazyCommand(
        "mkdocs_gitguard.cli.rollout:rollout",
        "Phases, feature flags, gates: what may be seen, and when the next step is safe.",
    ),
    "slo": LazyCommand(
        "mkdocs_gitguard.cli.slo:slo", "Objectives for freshness, errors and coverage: measured, and told."
    ),
    "watch": LazyCommand(
        "mkdocs_gitguard.cli.watch:watch",
        "Build the portal, and again whenever an event comes or a repository has moved; publish as the flags say.",
    ),
}
"""By name. A new command is one file and an entry here."""


class _Gitguard(LazyGroup):
    """Shows a `GitGuardError` in one sentence and exit code 1, never as a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except GitGuardError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Gitguard, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gitguard")
def cli() -> None:
    """One portal for all your git repositories."""


def main() -> None:
    """Run the command line."""
    sys.exit(cli())

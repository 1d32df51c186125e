"""The `gitguard` command, one file a command group, thin over the rooms below."""

import sys

import click

from mkdocs_gitguard import __version__
from mkdocs_gitguard.cli.api import api
from mkdocs_gitguard.cli.build import build, preview
from mkdocs_gitguard.cli.export import export
from mkdocs_gitguard.cli.github import github
from mkdocs_gitguard.cli.harvest import harvest
from mkdocs_gitguard.cli.init import init
from mkdocs_gitguard.cli.owners import owners
from mkdocs_gitguard.cli.policies import policies
from mkdocs_gitguard.cli.publish import publish, rollback
from mkdocs_gitguard.cli.reference import reference
from mkdocs_gitguard.cli.rollout import rollout
from mkdocs_gitguard.errors import GitGuardError


class _Gitguard(click.Group):
    """Shows a `GitGuardError` as one line and exit code 1, never as a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except GitGuardError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Gitguard, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gitguard")
def cli() -> None:
    """One portal for all your git repositories."""


for _command in (
    api,
    build,
    export,
    github,
    harvest,
    init,
    owners,
    policies,
    preview,
    publish,
    reference,
    rollback,
    rollout,
):
    cli.add_command(_command)


def main() -> None:
    """Run the command line."""
    sys.exit(cli())

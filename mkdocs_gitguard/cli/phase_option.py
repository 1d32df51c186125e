"""The option `--phase` of the commands that may be run in another phase than the one in force."""

import click

phase_option = click.option(
    "--phase", metavar="PHASE", help="Rollout phase, or the path of an env file, instead of the one in force."
)

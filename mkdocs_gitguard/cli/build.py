"""`gitguard build` and `gitguard preview`: MkDocs on the site at hand, or on one made for the folder.

Both run MkDocs' own command line, so that they do exactly what `mkdocs build` and `mkdocs serve` do: a build in this
process, because another Python would load half of it again, and a preview as a process of its own.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from mkdocs_gitguard.cli.lazy_group import examples
from mkdocs_gitguard.cli.phase_option import phase_option
from mkdocs_gitguard.cli.site_file import site_to_build
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.rollout.settings import PHASE_VARIABLE
from mkdocs_gitguard.site_build.wishes import CLEAN, EXPLAIN, FACTS, HOME, JETSTREAM, STANDING, VERBOSE, WORKERS

_INTERRUPTED: Final = 130
_KILLED: Final = 128
"""What a shell adds to the number of the signal that has ended a program."""

folder_argument = click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
config_option = click.option(
    "-f", "--config-file", type=click.Path(path_type=Path), help="The mkdocs.yml to use instead of DIR's."
)
repositories_option = click.option(
    "-r",
    "--repository",
    "repositories",
    multiple=True,
    metavar="REPOSITORY",
    help="Show this folder, glob or clone URL instead of what DIR's mkdocs.yml names. May be repeated.",
)
cache_option = click.option(
    "--cache-dir",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to make the site of repositories that have none, its pages too. Default: a folder of your cache.",
)
verbose_option = click.option("-v", "--verbose", is_flag=True, help="Log every finding, not their number alone.")
workers_option = click.option(
    "--workers",
    type=click.Choice([JETSTREAM]),
    help="Have `gitguard worker` processes read the repositories; JETSTREAM_URL says where they take their jobs.",
)
facts_option = click.option(
    "--facts",
    "facts_folders",
    metavar="DIR",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Take the facts that `gitguard harvest --facts` wrote there; read only what is missing. May be repeated.",
)
strict_option = click.option("--strict", is_flag=True, help="Fail on any warning, findings among them.")


@click.command(
    "build",
    epilog=examples(
        "gitguard build                           # the site or repository here",
        "gitguard build -r ~/billing -r ~/ledger  # these, in a site of their own",
        "gitguard build --strict -f mkdocs.yml    # in CI",
        "gitguard build --phase production        # as readers will see it",
        "gitguard build --workers jetstream       # read by other machines",
        "gitguard build --facts facts             # read by the jobs of a matrix",
    ),
)
@folder_argument
@config_option
@click.option("-d", "--site-dir", type=click.Path(path_type=Path), help="Where to write the portal.")
@click.option("--dirty", is_flag=True, help="Leave the site's own pages alone, too, if their sources are older.")
@click.option("--clean", is_flag=True, help="Make every page anew, and leave nothing of an earlier build in the site.")
@click.option(
    "--explain",
    metavar="PAGE",
    help="Say why a page was made again: its path, such as repository/acme/billing, or home.",
)
@repositories_option
@cache_option
@workers_option
@facts_option
@phase_option
@strict_option
@verbose_option
def build(
    folder: Path,
    config_file: Path | None,
    site_dir: Path | None,
    repositories: tuple[str, ...],
    cache_dir: Path | None,
    *,
    clean: bool,
    dirty: bool,
    explain: str | None,
    facts_folders: tuple[Path, ...],
    phase: str | None,
    strict: bool,
    verbose: bool,
    workers: str | None,
) -> None:
    """Build the portal of DIR: its mkdocs.yml, or the git repositories that it is or holds.

    A page of the portal is made again only where something that it shows has changed; where nothing has that the site
    is made of, the build ends at once.
    """
    site_file = site_to_build(folder, config_file, repositories, cache_dir=cache_dir, is_emptied=site_dir is None)
    arguments = ["build", "--config-file", str(site_file)]
    if site_dir is not None:
        arguments += ["--site-dir", str(site_dir.resolve())]
    if dirty:
        arguments.append("--dirty")
    if strict:
        arguments.append("--strict")
    wishes = {
        STANDING: "1",
        CLEAN: "1" if clean else "",
        EXPLAIN: "" if explain is None else explain.strip("/") or HOME,
    }
    wishes |= {WORKERS: workers or "", FACTS: os.pathsep.join(str(path.resolve()) for path in facts_folders)}
    with _environment(phase=phase, verbose=verbose, **wishes):
        sys.exit(_run_here(arguments))


@click.command(
    "preview",
    epilog=examples(
        "gitguard preview               # the site or repository here",
        "gitguard preview ~/src --open  # all repositories of a folder",
        "gitguard preview -a 0.0.0.0:8001",
    ),
)
@folder_argument
@config_option
@click.option("-a", "--address", default="127.0.0.1:8000", show_default=True, metavar="IP:PORT")
@click.option("--open", "open_browser", is_flag=True, help="Open the portal in the browser.")
@repositories_option
@cache_option
@phase_option
@strict_option
@verbose_option
def preview(
    folder: Path,
    config_file: Path | None,
    address: str,
    repositories: tuple[str, ...],
    cache_dir: Path | None,
    *,
    open_browser: bool,
    phase: str | None,
    strict: bool,
    verbose: bool,
) -> None:
    """Build the portal of DIR, serve it, and build again when a branch or tag moves or an event has come."""
    _check_address(address)
    site_file = site_to_build(folder, config_file, repositories, cache_dir=cache_dir, is_emptied=False)
    arguments = ["serve", "--config-file", str(site_file), "--dev-addr", address]
    if open_browser:
        arguments.append("--open")
    if strict:
        arguments.append("--strict")
    with _environment(phase=phase, verbose=verbose):
        sys.exit(_run_beside(arguments))


@contextmanager
def _environment(*, phase: str | None, verbose: bool, **wishes: str) -> Iterator[None]:
    """Say in the environment what MkDocs has no option for, to plugins and to the programs that they start."""
    wishes |= {PHASE_VARIABLE: phase or "", VERBOSE: "1" if verbose else ""}
    before = dict(os.environ)
    os.environ |= {name: value for name, value in wishes.items() if value}
    # docs/troubleshooting.md answers what Material would say of MkDocs 2 before each build. The other says to Python
    # what -P says: `-m` would put the folder that one stands in before all others, and run its yaml.py for ours.
    os.environ |= {"NO_MKDOCS_2_WARNING": "1", "PYTHONSAFEPATH": "1"}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= before


def _run_here(arguments: list[str]) -> int:
    """Return the exit code of MkDocs' command line, run in this process."""
    # What MkDocs loads is loaded with the environment that is meant for it.
    from mkdocs.__main__ import cli as mkdocs  # noqa: PLC0415

    before = sys.argv
    # Plugins look there for what is run.
    sys.argv = ["mkdocs", *arguments]
    try:
        mkdocs.main(arguments, "mkdocs", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except click.Abort:
        return _INTERRUPTED
    finally:
        sys.argv = before
    return 0


def _run_beside(arguments: list[str]) -> int:
    """Return the exit code of MkDocs' command line, run as a process of its own."""
    with subprocess.Popen([sys.executable, "-P", "-m", "mkdocs", *arguments]) as mkdocs:
        # Whoever ends this process, a service manager for one, means MkDocs.
        before = signal.signal(signal.SIGTERM, lambda *_: mkdocs.terminate())
        try:
            code = mkdocs.wait()
        except KeyboardInterrupt:
            mkdocs.terminate()
            return _INTERRUPTED
        finally:
            signal.signal(signal.SIGTERM, before)
    return code if code >= 0 else _KILLED - code


def _check_address(address: str) -> None:
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdecimal():
        raise SettingError(f"--address is {address!r}.", hint="Write it as IP:PORT, for instance 127.0.0.1:8000.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except (OSError, OverflowError) as error:
            raise SettingError(
                f"{address} cannot be served on: {getattr(error, 'strerror', None) or error}.",
                hint="Choose another port with --address.",
            ) from error

"""Makes Acme: its repositories with their work trees, who is who, what was decided, and the site that shows it all."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from mkdocs_gitguard.demo import history, reports
from mkdocs_gitguard.demo.cast import CAST
from mkdocs_gitguard.demo.merges import FORGES
from mkdocs_gitguard.demo.stories import Story, stories
from mkdocs_gitguard.demo.stream import Stream
from mkdocs_gitguard.demo.webhooks import Webhook, webhooks
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.git.process import config_environment, run

MADE: Final = ".gitguard-demo.json"
"""File that says: this folder was made here, with this seed and so many repositories."""
_TIME_LIMIT: Final = 300.0
_SITE: Final = """\
# The portal of Acme, an organisation that does not exist. Change what you like: it is yours.
#
#   gitguard preview        shows it again
#   gitguard demo happen    merges a pull request, which `gitguard preview` and `gitguard watch` show at once
site_name: Acme

theme:
  name: material
  # No web fonts: the portal asks no other host for anything.
  font: false
  features: [content.code.copy, navigation.indexes, navigation.top, toc.follow]
  palette:
    - media: "(prefers-color-scheme: light)"
      scheme: default
      toggle: {icon: material/weather-night, name: Switch to the dark palette}
    - media: "(prefers-color-scheme: dark)"
      scheme: slate
      toggle: {icon: material/weather-sunny, name: Switch to the light palette}

plugins:
  - search
  - gitguard:
      repositories: ["repositories/*"]
      # Who is who: logins, names, addresses, teams, who has left.
      people: people.yml
      # What policy engines said.
      decisions: %(decisions)s
      # Which policies apply to what, where neither a file nor a decision shows it.
      governs:
        - policies: "acme/guardrails/rego/*"
          repositories: ["acme/payments-api", "acme/checkout-web"]
"""


class Acme(NamedTuple):
    """What was made: where, and how much of it; and what its forge has sent, the oldest first."""

    folder: Path
    webhooks: tuple[Webhook, ...]
    repositories: int
    pull_requests: int
    commits: int


def make(folder: Path, *, repositories: int, seed: int, end: int) -> Acme:
    """Make the organisation and its site in `folder`.

    Args:
        folder: that is not there yet, or is empty.
        repositories: how many.
        seed: the same seed and end give the same commits and files.
        end: Unix seconds, up to which something has happened.

    Raises:
        SettingError: the folder holds something, or cannot be written.
        GitCommandError: git failed.
    """
    try:
        if folder.exists() and any(folder.iterdir()):
            raise SettingError(f"{folder} is not empty.", hint="Name a folder that is not there yet.")
        wanted = stories(repositories, seed)
        commits = [repository(folder / "repositories" / story.name, story, seed=seed, end=end) for story in wanted]
        sent = tuple(webhooks(wanted, end=end))
        _site(folder, wanted, seed=seed, end=end)
        _keep(folder / "events", sent)
    except OSError as error:
        raise SettingError(
            f"{error.filename or folder} cannot be written: {error.strerror}.", hint="Name a folder that can."
        ) from error
    return Acme(folder, sent, len(wanted), sum(story.pull_requests for story in wanted), sum(commits))


def repository(folder: Path, story: Story, *, seed: int, end: int) -> int:
    """Make one repository with its work tree and return how many commits it has.

    Args:
        folder: where it is made.
        story: what it is.
        seed: as in `make`.
        end: as in `make`.

    Raises:
        GitCommandError: git failed.
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True)
    git("init", "--quiet", "--initial-branch=main", "--template=", folder=folder)
    git("remote", "add", "origin", FORGES[story.forge].format(name=story.name), folder=folder)
    parts: list[bytes] = []
    stream = Stream(parts.append)
    history.write(stream, story, seed=seed, end=end)
    stream.end()
    git("fast-import", "--quiet", "--done", folder=folder, stdin=parts)
    git("reset", "--quiet", "--hard", "main", folder=folder)
    if git("branch", "--list", "topic", folder=folder):
        git("branch", "--quiet", "-D", "topic", folder=folder)
    return stream.commits


def git(*args: str, folder: Path, stdin: Sequence[bytes] = ()) -> str:
    """Run git without what the user has configured, and return what it prints.

    Args:
        args: command and options.
        folder: of the repository.
        stdin: what it reads.

    Raises:
        GitCommandError: it failed.
    """
    environment = {
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        **config_environment({"core.logAllRefUpdates": "false", "core.hooksPath": "/dev/null", "gc.auto": "0"}),
    }
    printed = run(args, folder=folder, environment=environment, label=folder.name, time_limit=_TIME_LIMIT, stdin=stdin)
    return b"".join(printed).decode(errors="replace").strip()


def _keep(folder: Path, sent: Sequence[Webhook]) -> None:
    folder.mkdir()
    for number, one in enumerate(sent, 1):
        text = json.dumps(one.document, indent=2) + "\n"
        (folder / f"{number:02}-{one.name}.json").write_text(text, encoding="utf-8")


def _site(folder: Path, wanted: list[Story], *, seed: int, end: int) -> None:
    people: list[dict[str, Any]] = [
        {
            "login": person.login,
            "name": person.name,
            "emails": [person.email],
            "teams": [f"acme/{person.team}"],
            **({"alumni": True} if person.has_left else {}),
        }
        for person in CAST
    ]
    decisions = reports.write(folder, wanted, seed=seed, end=end)
    (folder / "people.yml").write_text(yaml.safe_dump({"people": people}, sort_keys=False), encoding="utf-8")
    (folder / "docs").mkdir()
    (folder / "docs" / "about.md").write_text(
        "# About Acme\n\nAcme does not exist. `gitguard demo` made its repositories, people and policies, so that"
        " there is something to look at.\n",
        encoding="utf-8",
    )
    (folder / "mkdocs.yml").write_text(_SITE % {"decisions": json.dumps(decisions)}, encoding="utf-8")
    (folder / MADE).write_text(json.dumps({"repositories": len(wanted), "seed": seed}) + "\n", encoding="utf-8")

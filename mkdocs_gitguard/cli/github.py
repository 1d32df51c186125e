"""`gitguard github`: what the Action tells GitHub: job summary, step outputs, a comment on the pull request."""

import json
import os
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

import click

from mkdocs_gitguard.cli.lazy_group import Group, examples
from mkdocs_gitguard.cli.output import echo, echo_text
from mkdocs_gitguard.cli.review_text import MARKER as REVIEW_MARKER
from mkdocs_gitguard.cli.review_text import review
from mkdocs_gitguard.cli.rollout_site import RolloutSite, with_site
from mkdocs_gitguard.clock import system_clock
from mkdocs_gitguard.errors import SettingError, SourceError, mask_credentials
from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.harvest.commit_changes import between
from mkdocs_gitguard.harvest.options import HarvestOptions
from mkdocs_gitguard.harvest.sources import expand
from mkdocs_gitguard.model import Organization, Repository, name_of, node_id, path_of
from mkdocs_gitguard.rollout.build_record import BuildRecord, PublishOutcome, kept
from mkdocs_gitguard.rollout.gates import CRITERIA
from mkdocs_gitguard.rollout.report import MARKER, comment, summary
from mkdocs_gitguard.rollout.steps import check
from mkdocs_gitguard.site_build.shown_sources import shown_sources

_TIMEOUT: Final = 30
_PER_PAGE: Final = 100
_MOST_PAGES: Final = 10


@click.group(
    "github",
    cls=Group,
    epilog=examples("gitguard github summary", "gitguard github comment", "gitguard github changes"),
)
def github() -> None:
    """Write GitHub's job summary and pull-request comment, for the Action."""


@github.command("summary", epilog=examples("gitguard github summary", "gitguard github summary --failed"))
@with_site
@click.option("--failed", is_flag=True, help="This run's build failed: what an earlier one left is not shown.")
def summary_command(site: RolloutSite, *, failed: bool) -> None:
    """Write the job summary and the step's outputs, or print them where there is no GitHub."""
    build, outcome = (None, None) if failed else _of_this_run(site)
    checklist = check(site.settings, site.state, now=system_clock()) if site.settings.phase in CRITERIA else None
    _append("GITHUB_STEP_SUMMARY", summary(site.settings.phase, build, outcome, checklist))
    release = outcome.release if outcome else None
    outputs = {
        "phase": site.settings.phase,
        "site": str(site.built),
        "published": str(bool(outcome and outcome.published)).lower(),
        "reasons": "\n".join(outcome.reasons) if outcome else "",
        "release": release.id if release else "",
        "url": site.settings.docs_publish_url,
        "artifact": outcome.artifact if outcome else "",
        "counts": json.dumps(dict(build.counts)) if build else "{}",
    }
    lines = []
    for name, value in outputs.items():
        # A delimiter that nobody can guess, so that no value can end its own block and set another output.
        delimiter = f"gitguard-{uuid.uuid4()}"
        lines.append(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")
    _append("GITHUB_OUTPUT", "".join(lines))


@github.command("comment", epilog=examples("gitguard github comment -f portal/mkdocs.yml"))
@with_site
def comment_command(site: RolloutSite) -> None:
    """Comment on the pull request of the event, or change the comment of an earlier run."""
    event = _event()
    number = event.get("number")
    repository = event.get("repository", {}).get("full_name", "")
    if not isinstance(number, int) or "pull_request" not in event or not repository:
        echo("The event is not about a pull request, so there is nothing to comment on.")
        return
    build, outcome = _of_this_run(site)
    if build is None:
        echo("There is no build to comment on.")
        return
    base = site.settings.docs_publish_url.rstrip("/")
    node = node_id("pull-request", *repository.split("/"), str(number))
    text = comment(build, outcome, number=number, page=_page(site.built, base, node), others=_others(site, repository))
    _send(repository, number, text, MARKER)
    echo(f"Commented on {repository}#{number}.")


@github.command(
    "changes",
    epilog=examples(
        "gitguard github changes --base main --head topic",
        "gitguard github changes --comment  # on the pull request of the event",
    ),
)
@with_site
@click.option("--base", default="", help="Branch or commit that it goes to. Default: that of the event.")
@click.option("--head", default="", help="Branch or commit that it comes from. Default: that of the event.")
@click.option("--comment", "is_comment", is_flag=True, help="Put it on the pull request, in place of an earlier one.")
def changes_command(site: RolloutSite, *, base: str, head: str, is_comment: bool) -> None:
    """Tell what a pull request changes: owners, policies, exceptions, and findings that it adds or cures.

    The repository is the current one. Owners are those of the base's CODEOWNERS; nobody is mentioned, so nobody is
    notified.
    """
    event = _event() if is_comment or not (base and head) else {}
    number, full_name = event.get("number"), event.get("repository", {}).get("full_name", "")
    if is_comment and (not isinstance(number, int) or "pull_request" not in event or not full_name):
        echo("The event is not about a pull request, so there is nothing to comment on.")
        return
    source = expand(HarvestOptions(repositories=(".",))).sources[:1]
    shown = shown_sources(site.loaded.options, site.loaded.folder, site.loaded.state_folder)
    if not source or source[0].id not in {one.id for one in shown}:
        echo("The portal does not show this repository, so nothing is said of it.")
        return
    [own] = source
    request = event.get("pull_request", {})
    changes = between(
        GitRepository.open(own.folder, label=own.label),
        own.id,
        base=base or _sha(request, "base"),
        head=head or _sha(request, "head"),
        forge=own.forge.name if own.forge else "other",
    )
    namespace, _, name = name_of(own.id).rpartition("/")
    organization = Organization(id=node_id("organization", namespace or name), name=namespace or name)
    text = review(changes, organization, Repository(id=own.id, namespace=namespace, name=name), site.settings.flags)
    if not is_comment or not isinstance(number, int):
        echo_text(text)
        return
    _send(full_name, number, text, REVIEW_MARKER)
    echo(f"Commented on {full_name}#{number}.")


def _sha(request: Mapping[str, Any], end: str) -> str:
    commit = request.get(end, {})
    sha = commit.get("sha", "") if isinstance(commit, dict) else ""
    if not sha:
        raise SettingError(f"The event names no {end} commit.", hint=f"Give --{end}.")
    return str(sha)


def _of_this_run(site: RolloutSite) -> tuple[BuildRecord | None, PublishOutcome | None]:
    """Return the last build that ended well, and what was published of it."""
    build, outcome = kept(site.state_folder, BuildRecord), kept(site.state_folder, PublishOutcome)
    return build, outcome if build and outcome and outcome.at >= build.at else None


def _page(built: Path, base: str, node: str) -> str:
    """Return the URL of a node's page, `""` where the portal has none or is published nowhere."""
    path = path_of(node)
    for page in (f"{path}/index.html", f"{path}.html"):
        if base and (built / page).is_file():
            return f"{base}/{quote(page.removesuffix('index.html'))}"
    return ""


def _others(site: RolloutSite, repository: str) -> list[tuple[str, str]]:
    base = site.settings.docs_publish_url.rstrip("/")
    url = _page(site.built, base, node_id("repository", *repository.split("/")))
    return [(repository, url)] if url else []


def _event() -> Mapping[str, Any]:
    path = os.environ.get("GITHUB_EVENT_PATH", "")
    if not path:
        raise SettingError("GITHUB_EVENT_PATH is not set.", hint="Run this in a GitHub Actions job.")
    try:
        event = json.loads(Path(path).read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise SettingError(f"The event {path} cannot be read: {error}.") from error
    return event if isinstance(event, dict) else {}


def _append(variable: str, text: str) -> None:
    path = os.environ.get(variable, "")
    if not path:
        echo_text(text)
        return
    with Path(path).open("a", encoding="utf-8") as stream:
        stream.write(text)


def _send(repository: str, number: int, text: str, marker: str) -> None:
    issue = f"repos/{quote(repository)}/issues/{number}/comments"
    for page in range(1, _MOST_PAGES + 1):
        comments = _call("GET", f"{issue}?per_page={_PER_PAGE}&page={page}")
        for item in comments:
            if str(item.get("body", "")).startswith(marker):
                _call("PATCH", f"repos/{quote(repository)}/issues/comments/{int(item['id'])}", {"body": text})
                return
        if len(comments) < _PER_PAGE:
            break
    _call("POST", issue, {"body": text})


def _call(method: str, path: str, body: Mapping[str, str] | None = None) -> Any:
    """Call GitHub's REST API (https://docs.github.com/en/rest/issues/comments)."""
    base = os.environ.get("GITHUB_API_URL", "https://api.github.com")
    if urlsplit(base).scheme not in {"http", "https"}:
        raise SettingError(f"GITHUB_API_URL is {base!r}.", hint="Set it to an http or https URL.")
    request = urllib.request.Request(  # noqa: S310 the scheme has just been checked
        f"{base.rstrip('/')}/{path}",
        method=method,
        data=json.dumps(body).encode() if body is not None else None,
        headers={
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {os.environ.get('GITHUB_TOKEN', '')}",
            "Content-Type": "application/json",
            "User-Agent": "mkdocs-gitguard",
            "X-GitHub-Api-Version": "2022-11-28",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310 as above
            return json.load(answer)
    except (urllib.error.URLError, TimeoutError, ValueError) as error:
        raise SourceError(
            mask_credentials(f"GitHub refused {method} {path}: {error}."),
            hint="Set `permissions: pull-requests: write` for the job.",
        ) from error

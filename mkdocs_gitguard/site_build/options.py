"""The options of the `gitguard` plugin in `mkdocs.yml`. Flags from the environment win over them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from mkdocs.config import config_options as opt
from mkdocs.config.base import Config, ValidationError

from mkdocs_gitguard.model import SEVERITIES, Severity
from mkdocs_gitguard.suggestion import did_you_mean

_NOT_IN_A_PLACE: Final = frozenset('\\?#<>"|*:\0')
"""Characters that lead out of a URL's path, or that some file system forbids."""


class _NotNegative(opt.Type[int]):
    def __init__(self, default: int) -> None:
        super().__init__(int, default=default)

    def run_validation(self, value: object) -> int:
        number = super().run_validation(value)
        if isinstance(number, bool) or number < 0:
            raise ValidationError(f"Expected a whole number of 0 or more but received: {value!r}")
        return number


class _PlaceInSite(opt.Type[str]):
    def __init__(self) -> None:
        super().__init__(str)

    def run_validation(self, value: object) -> str:
        place = super().run_validation(value)
        if ".." in place.split("/") or set(place) & _NOT_IN_A_PLACE:
            raise ValidationError(f"Expected a path inside the site, such as 'overview', but received: {value!r}")
        return place


class GitGuardConfig(Config):  # type: ignore[no-untyped-call] # MkDocs leaves __init_subclass__ untyped
    """All options have a default: `plugins: [gitguard]` alone shows the repository that the site lies in."""

    repositories = opt.ListOfItems(opt.Type((str, dict)), default=["."])
    """What the portal shows: folders, globs (`../*`), bare mirrors, https and ssh clone URLs, in any mix; relative
    paths count from `mkdocs.yml`. An entry may be a mapping of `path` or `url` with `name` (`acme/billing`), `web_url`,
    `forge`, `branch`, `description`."""

    organization = opt.Type(str, default="")
    """Whose portal this is; default: the namespace that more than half of the repositories share, else the site's
    name."""

    phase = opt.Type(str, default="")
    """The rollout phase: `preview` (default), `staging`, `canary`, `production`, `advanced`, `embeddings`, `owners`, or
    the path of an env file. `CODEX_ROLLOUT_PHASE` in the environment wins."""

    people = opt.Type((str, dict, list), default="")
    """Who is who: a YAML file's path, or what stands in it under `people:`: a list, each with `login`, `name`,
    `emails`, `logins`, `teams` (`acme/platform`) and `alumni: true` for somebody who has left."""

    pull_request_pages = _NotNegative(default=200)
    """How many pull requests of each repository get a page at most, newest first. All stand in the index."""

    site_budget = opt.Type(dict, default={})
    """What the site has to fit into: `host` (`github`, `gitlab`, `cloudflare`, `netlify`, `azure` or `none`; default:
    `github`), and `bytes` (`800 MB`) and `files` where the host takes more or less than its documents say. Where not
    all pages of pull requests have room, each repository gets its newest ones; `gitguard publish` refuses a site that
    the host would."""

    forges = opt.Type(dict, default={})
    """Forges that are not known by their host: host name to type (`github`, `gitlab`, `bitbucket`, `gitea`,
    `forgejo`, `azure`), or to a mapping of `type` and URL patterns that differ from the type's: `commit`, `file`,
    `line`, `lines`, `tree`, `pull_request`, `user`, `tag`, `edit`."""

    pull_request_patterns = opt.ListOfItems(opt.Type(str), default=[])
    """Further regular expressions that find pull requests in commit messages, with named groups: `number`, and if the
    message has them `title`, `branch`."""

    bots = opt.ListOfItems(opt.Type(str), default=[])
    """Names and logins of programs that commit, beside those that are known by their name (`…[bot]`)."""

    codeowners = opt.Type(dict, default={})
    """How CODEOWNERS files are read where the forge does not tell: pattern of repositories (`acme/*`) to `github`,
    `gitlab`, `bitbucket`, `gitea` or `forgejo`; the first pattern that fits counts."""

    governs = opt.Type(list, default=[])
    """Which policies apply to which repositories, beside what files bind and decisions prove: entries of `policies`,
    `repositories` and `paths`, each a list of patterns; the first entry that fits a policy counts."""

    decisions = opt.Type((str, list), default=[])
    """Reports of policy engines: paths or globs, or mappings of a `path` and what the report leaves unsaid
    (`repository`, `commit`, `pull_request`, `policies`)."""

    feeds = opt.Type(bool, default=True)
    """Atom feeds of what was merged, released and changed: of all, of each repository, each team and policies. Their
    links lead to the portal where `site_url` is set, to the forge where not."""

    policy_feeds = _NotNegative(default=200)
    """How many policies get a feed at most, those that changed last."""

    weeks = _NotNegative(default=52)
    """How many weeks get a page of what changed in them, the newest first."""

    decision_inputs = opt.Type(dict, default={})
    """What of the inputs of decisions may be seen: `show: shapes | values | nothing`, `allow: [key]`,
    `secret: [part of a key]`. Default: shapes only."""

    decision_pages = _NotNegative(default=500)
    """How many decisions get a page, newest first. All stand in the tables."""

    events = opt.Type(bool, default=True)
    """Show what the event log says of pull requests, where there is one: which are open, their labels, reviews and
    checks (docs/events.md). `false` leaves the log alone."""

    refresh = opt.Type(bool, default=True)
    """Bring the mirrors of clone URLs up to date at each build; `false` reads them as they are."""

    pull_refs = opt.Type(bool, default=False)
    """Fetch `refs/pull/*` of clone URLs too: they tell the numbers of rebased pull requests, and bring the commits of
    every pull request with them."""

    allow_http = opt.Type(bool, default=False)
    """Allow clone URLs that are plain http."""

    max_age = _NotNegative(default=0)
    """Seconds for which a mirror of a clone URL counts as up to date."""

    clone_time_limit = _NotNegative(default=600)
    """Seconds that one clone or refresh may take; 0: as long as it takes."""

    time_limit = _NotNegative(default=900)
    """Seconds that one git process may take to read a repository; 0: as long as it takes."""

    state_dir = opt.Type(str, default=".gitguard")
    """Where caches and mirrors live, relative to `mkdocs.yml`. Deleting it loses speed and local history only. It is
    refused where git tracks it, or it is a symbolic link or holds one that leads out; while a folder above it is
    watched by `mkdocs serve`, the state is kept in the user's cache."""

    snapshot = opt.Type(str, default="")
    """Read the snapshot from this file (made by `gitguard harvest --format json`) instead of harvesting."""

    strict_findings = opt.Choice((*SEVERITIES, "never"), default="warning")
    """The least severe finding that counts as a warning, so that `mkdocs build --strict` fails on it."""

    diagrams = opt.Choice(("client", "mermaid2", "svg"), default="svg")
    """How diagrams are drawn: `svg` at the build, without any script; `client` by Mermaid in the browser, from the
    site's own file (extra `offline`), when the reader comes near; `mermaid2` by mkdocs-mermaid2-plugin. Each has its
    Mermaid source to copy."""

    search = opt.Choice(("own", "pagefind"), default="own")
    """What the search reads: `own`, an index of the portal's own, for any size (docs/search.md); or `pagefind`, all
    words of all pages, by Pagefind (extra `pagefind`), for sites of at most 10,000 pages."""

    embeddings = opt.Type(dict, default={})
    """The model of the search by meaning, where `CODEX_EMBEDDINGS_ENABLED` is on: `model` (`words`, the default;
    `minilm`, with its folder as `minilm`; or `endpoint`, with its `url`, the model's `name`, and a budget of `requests`
    a build, `tokens` a day, and `timeout` in seconds), and `folder` of the words where the package is not installed
    (docs/meaning-search.md)."""

    scorecards = opt.Type(bool, default=True)
    """Show what each repository lacks, by our checks and those in `config/scorecards` (docs/scorecards.md), in phases
    that show code owners or policies. `false` leaves it out."""

    home = opt.Optional(_PlaceInSite())
    """Path of the portal's home page; default: the site's root, or `overview` where the site has a page of its own
    there."""

    nav = opt.Type(bool, default=True)
    """Add the portal's sections to the navigation, unless they stand in it already: in the groups Browse, Policy,
    Health and About, behind what the site has there itself."""


COUNTED_SEVERITIES: dict[str, tuple[Severity, ...]] = {
    **{severity: SEVERITIES[:place] for place, severity in enumerate(SEVERITIES, 1)},
    "never": (),
}
"""By `strict_findings`: the severities that count as warnings."""


def read_options(options: Mapping[str, Any], *, config_file: Path) -> GitGuardConfig:
    """Return the plugin's options as MkDocs would hand them to it.

    Args:
        options: what stands below `gitguard:`.
        config_file: the `mkdocs.yml` that they stand in.

    Raises:
        ValidationError: one is wrong; the message names it.
    """
    config = GitGuardConfig(config_file_path=str(config_file))
    config.load_dict(dict(options))
    errors, _ = reject_unknown(*config.validate())
    if errors:
        raise ValidationError(" ".join(f"The option {name!r} of gitguard: {error}" for name, error in errors))
    return config


def unknown_option(name: str) -> ValidationError:
    """Return the error for an option that there is not, with the nearest that there is."""
    known = [key for key, _ in GitGuardConfig._schema]  # noqa: SLF001 - MkDocs has no public list of a config's options
    hint = did_you_mean(name, known, is_quoted=True) or f"Use one of: {', '.join(known)}."
    return ValidationError(f"There is no option {name!r}. {hint}")


def reject_unknown(
    errors: list[tuple[str, Exception]], warnings: list[tuple[str, Any]]
) -> tuple[list[tuple[str, Exception]], list[tuple[str, Any]]]:
    """Return MkDocs' findings about the options with those on unknown names as errors: a typo must not pass."""
    known = {key for key, _ in GitGuardConfig._schema}  # noqa: SLF001 - as above
    wrong = [(key, unknown_option(key)) for key, _ in warnings if key not in known]
    return errors + wrong, [(key, warning) for key, warning in warnings if key in known]

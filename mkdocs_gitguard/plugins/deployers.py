"""Commands that build a site and push it at once, past the flags: refused where the flags refuse a publish.

`mkdocs gh-deploy` names itself in the startup event. mike builds each version by `mkdocs build` with this variable
(https://github.com/jimporter/mike, `mkdocs_utils.py`, as of 2.1).
"""

from collections.abc import Mapping
from typing import Final

from mkdocs_gitguard.errors import PublishError
from mkdocs_gitguard.rollout.decision import decide_publish
from mkdocs_gitguard.rollout.settings import Settings

_MIKE: Final = "MIKE_DOCS_VERSION"


def deployer_of(command: str, environ: Mapping[str, str]) -> str:
    """Return the command that deploys what is built, `""` for none.

    Args:
        command: of MkDocs, as its startup event names it.
        environ: the process's environment.
    """
    if command == "gh-deploy":
        return "mkdocs gh-deploy"
    return "mike deploy" if command == "build" and _MIKE in environ else ""


def may_deploy(deployer: str, settings: Settings) -> str:
    """Return what to tell of a deploy that the flags allow.

    Raises:
        PublishError: they do not allow a publish.
    """
    decision = decide_publish(settings)
    if not decision.allowed:
        raise PublishError(
            f"`{deployer}` would publish this portal, which is refused: {' '.join(decision.reasons)}",
            hint="Choose a phase that publishes, then use `gitguard publish`.",
        )
    return (
        f"`{deployer}` publishes without gitguard's checks, and `gitguard rollback` cannot undo it. "
        "Use `gitguard publish --target gh-pages` instead."
    )

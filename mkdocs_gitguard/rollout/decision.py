"""May a release be published? All three words must say so, and every word that does not is named."""

from mkdocs_gitguard.model import Record
from mkdocs_gitguard.rollout.settings import Settings


class PublishDecision(Record, frozen=True, kw_only=True):
    """Whether a release may go to a target, and why not."""

    allowed: bool
    reasons: tuple[str, ...] = ()
    """One sentence for each word against it; where it is allowed, what allows it."""


def decide_publish(settings: Settings) -> PublishDecision:
    """Decide from the settings alone. What is wrong with a release itself (links, secrets) is said by its checks."""
    against = []
    if settings.phase == "preview":
        against.append("The phase is preview, which never publishes: choose staging or a later phase.")
    words = (
        ("CODEX_PUBLISH_ENABLED", settings.codex_publish_enabled),
        ("CODEX_PUBLISH_PORTAL", settings.codex_publish_portal == "external"),
        ("DOCS_PUBLISH_ENABLED", settings.docs_publish_enabled),
    )
    against += [f"{name} is {settings.text(name)} ({settings.origins[name]})." for name, agrees in words if not agrees]
    if settings.codex_dry_run:
        against.append(f"CODEX_DRY_RUN is true ({settings.origins['CODEX_DRY_RUN']}): checked, not published.")
    if against:
        return PublishDecision(allowed=False, reasons=tuple(against))
    return PublishDecision(
        allowed=True, reasons=tuple(f"{name} is {settings.text(name)} ({settings.origins[name]})." for name, _ in words)
    )

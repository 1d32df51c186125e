"""The forges whose webhooks are taken in. A new one is one file and a line here.

Gitea and Forgejo come before GitHub, whose headers they send as well.
"""

from collections.abc import Mapping
from typing import Final

from mkdocs_gitguard.events.forge_hook import ForgeHook
from mkdocs_gitguard.events.forge_hooks import bitbucket, gitea, github, gitlab, policy_decision

FORGE_HOOKS: Final[tuple[ForgeHook, ...]] = (
    gitea.FORGEJO,
    gitea.GITEA,
    gitlab.HOOK,
    github.HOOK,
    bitbucket.HOOK,
    policy_decision.HOOK,
)
BY_SOURCE: Final[Mapping[str, ForgeHook]] = {hook.source: hook for hook in FORGE_HOOKS}

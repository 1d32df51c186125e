"""The documentation of all settings, from their declarations: `docs/settings.md`."""

from itertools import groupby

from mkdocs_gitguard.rollout.settings import DECLARATIONS, PHASE_VARIABLE, PHASES

_HEAD = f"""# Settings

Every setting is an environment variable. Its value comes from the process environment, else from the file of the
phase (`config/rollout/PHASE.env` of the site, else the packaged one), else from the default given here;
`gitguard rollout status` shows each value in force with its source. An unknown name in a file, a name in the
environment that is a slip of one below, a value of the wrong type and settings that contradict each other are errors
that name variable or file and line. Other variables of the environment, `CODEX_HOME` or `GRAPH_API_TOKEN`, are other
programs' and left alone.

The phase is `{PHASE_VARIABLE}` in the environment, else the plugin's option `phase`, else what
`gitguard rollout promote` wrote into `config/rollout/current.env`, else `preview`. It is one of
{", ".join(f"`{phase}`" for phase in PHASES)}, or the path of an env file.

"In the plan" names the section of the rollout plan that a setting is from: see [rolling out](rolling-out.md).

This page is generated: `gitguard reference settings > docs/settings.md`.
"""


def settings_table() -> str:
    """Return `docs/settings.md`."""
    parts = [_HEAD]
    for group, items in groupby(DECLARATIONS.values(), key=lambda item: item.group):
        parts.append(f"\n## {group}\n\n| Setting | Type | Default | Meaning | In the plan |\n")
        parts.append("| --- | --- | --- | --- | --- |\n")
        for item in items:
            default = item.derived or (f"`{written}`" if (written := item.type.write(item.default)) else "empty")
            cells = (f"`{item.name}`", item.type.label, default, item.doc, item.plan or "-")
            parts.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
    return "".join(parts)

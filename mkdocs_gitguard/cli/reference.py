"""The reference pages of the docs, from the code itself: `gitguard reference commands > docs/commands.md`."""

import ast
import inspect
import re
from collections.abc import Iterator
from itertools import pairwise

import click

from mkdocs_gitguard.cli.output import echo_made
from mkdocs_gitguard.cli.reference_pages import drills_page, graph_api_page, metrics_page
from mkdocs_gitguard.rollout.settings_table import settings_table
from mkdocs_gitguard.site_build import options

_GENERATED = "This page is generated: `gitguard reference {0} > docs/{0}.md`."
_WIDTH = 100


@click.command("reference", hidden=True)
@click.argument("page", type=click.Choice(["commands", "options", "settings", "graph-api", "metrics", "drills"]))
@click.pass_context
def reference(context: click.Context, page: str) -> None:
    """Print a reference page of the documentation."""
    pages = {
        "commands": lambda: commands_page(context.find_root().command),
        "options": options_page,
        "settings": settings_table,
        "graph-api": graph_api_page,
        "metrics": metrics_page,
        "drills": drills_page,
    }
    echo_made(pages[page](), nl=False)


def commands_page(root: click.Command) -> str:
    """Return `docs/commands.md`: the help of every command."""
    parts = ["# Commands", "", _GENERATED.format("commands"), ""]
    for name, text in _helps(root, "gitguard", None):
        parts += [f"## {name}", "", "```text", text.rstrip(), "```", ""]
    return "\n".join(parts)


def options_page() -> str:
    """Return `docs/options.md`: every option of the plugin with its docstring and default."""
    parts = [
        "# Options of the plugin",
        "",
        _GENERATED.format("options"),
        "",
        "All stand under `gitguard:` in the `plugins:` of `mkdocs.yml`, and all have a default. Settings of the",
        "rollout come from the environment and the phase's file: see [settings](settings.md).",
        "",
    ]
    for name, default, text in _options():
        parts += [f"## `{name}`", "", f"Default: `{default}`", "", text, ""]
    return "\n".join(parts)


def _helps(command: click.Command, name: str, parent: click.Context | None) -> Iterator[tuple[str, str]]:
    with click.Context(
        command,
        info_name=name.rpartition(" ")[2],
        parent=parent,
        terminal_width=_WIDTH,
        max_content_width=_WIDTH,
        help_option_names=["-h", "--help"],
    ) as context:
        yield name, command.get_help(context)
        if isinstance(command, click.Group):
            for key in command.list_commands(context):
                inner = command.get_command(context, key)
                if inner is not None and not inner.hidden:
                    yield from _helps(inner, f"{name} {key}", context)


def _options() -> Iterator[tuple[str, str, str]]:
    """Yield name, default and docstring: docstrings of attributes stand in the source only."""
    tree = ast.parse(inspect.getsource(options))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "GitGuardConfig")
    for assignment, docstring in pairwise(body):
        if not isinstance(assignment, ast.Assign) or not isinstance(assignment.value, ast.Call):
            continue
        target = assignment.targets[0]
        if isinstance(target, ast.Name) and isinstance(docstring, ast.Expr):
            given = {word.arg: ast.unparse(word.value) for word in assignment.value.keywords}
            text = ast.literal_eval(docstring.value)
            yield target.id, given.get("default", "none"), re.sub(r"\s+", " ", text).strip()

"""The rooms of the package and who knows whom, read from its own imports; and the picture of that in Mermaid.

python -m tests.docs.rooms   # prints the picture for docs/architecture.md
"""

import ast
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "mkdocs_gitguard"


@cache
def modules() -> dict[str, ast.Module]:
    """Return the parsed modules of the package by path within it."""
    return {
        path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


@cache
def imports() -> dict[str, set[str]]:
    """Return by module of the package the others that it imports, anywhere in it, for types only or not."""
    trees = {
        ".".join(Path(path).with_suffix("").parts).removesuffix("__init__").rstrip("."): tree
        for path, tree in modules().items()
    }
    known: dict[str, set[str]] = {}
    for module, tree in trees.items():
        known[module] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names = [name.name for name in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [f"{node.module}.{name.name}" for name in node.names]
            else:
                continue
            for name in names:
                inner = name.removeprefix(f"{PACKAGE.name}.")
                if inner != name:
                    known[module].add(inner if inner in trees else inner.rpartition(".")[0])
    return {module: targets - {module, ""} for module, targets in known.items() if module}


def arrows() -> dict[str, set[str]]:
    """Return by room the rooms that it imports, for types only or not."""
    known: defaultdict[str, set[str]] = defaultdict(set)
    for module, targets in imports().items():
        room = module.split(".")[0]
        known[room] |= {target.split(".")[0] for target in targets} - {room}
    return {room: targets for room, targets in known.items() if targets}


def necessary(known: dict[str, set[str]]) -> dict[str, set[str]]:
    """Leave out the arrows that follow from others, so that a reader sees the layers."""

    def reach(room: str) -> set[str]:
        seen: set[str] = set()
        waiting = [*known.get(room, ())]
        while waiting:
            target = waiting.pop()
            if target not in seen:
                seen.add(target)
                waiting += known.get(target, ())
        return seen

    return {
        room: {target for target in targets if not any(target in reach(other) for other in targets - {target})}
        for room, targets in known.items()
    }


def picture() -> str:
    """Return the picture: a Mermaid flowchart, an arrow from a room to each that it needs to know."""
    lines = ["flowchart TD"]
    for room, targets in sorted(necessary(arrows()).items()):
        lines += [f"  {room} --> {target}" for target in sorted(targets)]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(f"{picture()}\n")

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


def room_of(module: str) -> str:
    """Return the room of `mkdocs_gitguard.a.b`: `a`; a file below all rooms is a room of its own."""
    return module.split(".")[1] if "." in module else ""


def arrows() -> dict[str, set[str]]:
    """Return by room the rooms that it imports, for types only or not."""
    known: defaultdict[str, set[str]] = defaultdict(set)
    for path, tree in modules().items():
        parts = Path(PACKAGE.name, path).with_suffix("").parts
        room = room_of(".".join(parts).removesuffix(".__init__"))
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.Import):
                names = [name.name for name in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                is_root = node.module == PACKAGE.name
                names = [f"{node.module}.{name.name}" for name in node.names] if is_root else [node.module]
            for name in names:
                target = room_of(name) if name.startswith(f"{PACKAGE.name}.") else ""
                if room and target and target != room and (PACKAGE / target).with_suffix("").name == target:
                    known[room].add(target)
    return {
        room: {target for target in targets if _is_room(target)} for room, targets in known.items() if _is_room(room)
    }


def _is_room(name: str) -> bool:
    return (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").is_file()


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

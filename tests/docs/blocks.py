"""The fenced blocks of README and docs, and what a comment before one says of how it is tried out.

`<!-- not run: REASON -->` leaves a block out, `<!-- until: EXPRESSION -->` ends what its last line starts once it has
printed that, `<!-- exit: N -->` says that the block's last command ends so.
"""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
SHELLS = frozenset({"sh", "bash", "console"})
_BLOCK = re.compile(
    r"(?P<comments>(?:^[ ]*<!--[^\n]*-->\n+)*)^(?P<indent>[ ]*)```(?P<language>\w+)[^\n]*\n(?P<text>.*?)^(?P=indent)```[ ]*$",
    re.DOTALL | re.MULTILINE,
)
_WISH = re.compile(r"<!-- (?P<wish>not run|until|exit): (?P<value>.+?) -->")


class Block(NamedTuple):
    """One fenced block."""

    page: str
    line: int
    """Of its fence, from 1."""
    language: str
    text: str
    """Without the indentation of its fence."""
    wishes: dict[str, str]

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def is_run(self) -> bool:
        return self.language in SHELLS and "not run" not in self.wishes


class Command(NamedTuple):
    """A command of a `console` block, and what the page shows that it prints."""

    text: str
    shown: tuple[str, ...]


@cache
def blocks_of(page: Path) -> tuple[Block, ...]:
    text = page.read_text(encoding="utf-8")
    return tuple(
        Block(
            page.name,
            text.count("\n", 0, match.start("language")) + 1,
            match["language"],
            re.sub(rf"^{match['indent']}", "", match["text"], flags=re.MULTILINE),
            {wish["wish"]: wish["value"] for wish in _WISH.finditer(match["comments"])},
        )
        for match in _BLOCK.finditer(text)
    )


def commands_of(block: Block) -> list[Command]:
    """Return the commands of a `console` block: a line that ends in a backslash goes on in the next."""
    commands: list[tuple[list[str], list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            commands.append(([line[2:]], []))
        elif commands and commands[-1][0][-1].endswith("\\") and not commands[-1][1]:
            commands[-1][0].append(line)
        else:
            assert commands, f"{block.place} begins with output"
            commands[-1][1].append(line)
    return [Command("\n".join(typed), tuple(shown)) for typed, shown in commands]


_CHANGING = (
    (r"\d{8}T\d{6}Z-[0-9a-f]{12}", "RELEASE"),
    (r"\b\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?( UTC)?", "MOMENT"),
    (r"\b(?=[0-9a-f]*\d)[0-9a-f]{7,64}\b", "DIGEST"),
    (r"\b[\d,.]+ (s|seconds|ms|[kMG]B|bytes|share)\b", "FIGURE"),
    # Whether anything was kept is not another in each run.
    (r"\b0 kept\b", "NONE"),
    (r"\b[\d,]+ (files|written|made|kept)\b", "COUNT"),
    (r"\(\d+% of", "(PART of"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
)


def steady(line: str) -> str:
    """Return a line without what is another in each run: moments, durations, sizes, digests."""
    for pattern, word in _CHANGING:
        line = re.sub(pattern, word, line)
    return line.rstrip()


def first_difference(shown: tuple[str, ...], printed: list[str]) -> str:
    """Return the first shown line that was not printed in its place; `""`: all were.

    A line that is `…` stands for any number of lines, `…` in a line for any text in it.
    """
    lines = [steady(line) for line in printed]
    at, anywhere = 0, False
    for line in shown:
        if line.strip() == "…":
            anywhere = True
            continue
        parts = [re.escape(steady(part)) for part in re.split(r"\s*…\s*", line)]
        expression = re.compile(".*".join(parts))
        places = range(at, len(lines)) if anywhere else range(at, min(at + 1, len(lines)))
        place = next((number for number in places if expression.fullmatch(lines[number])), None)
        if place is None:
            return line
        at, anywhere = place + 1, False
    return "" if anywhere or at >= len(lines) else f"(nothing more; but it printed {lines[at]!r})"

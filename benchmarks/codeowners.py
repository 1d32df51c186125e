"""CODEOWNERS matching against PyPI `codeowners`, in one run: `python -m benchmarks.codeowners [RULES] [PATHS]`.

Both read the same generated file and name the owners of the same paths; reading counts. Patterns are of the kinds
that real files hold (folders, files, base names, extensions, stars, globstars), without those that the other
library is known to read otherwise than GitHub, so that any difference in the answers is a mistake of one of the two.

The other library tries the rules from the last to the first, so the order counts for it: `general first` is how
files are written (later lines win, so exceptions come last), `shuffled` lets `*.py` stand near the end, where it
answers most questions at once.
"""

import random
import resource
import sys
import time
from collections.abc import Callable, Iterable

from codeowners import CodeOwners

from mkdocs_gitguard.codeowners import parse

EXTENSIONS = ("py", "ts", "go", "md", "yaml", "tf", "rs", "java", "css", "html", "json", "sql", "sh", "txt", "cs")


def generate(rules: int, paths: int, *, shuffled: bool, seed: int = 20) -> tuple[str, list[str]]:
    """Return the text of a CODEOWNERS file and paths, some of which its rules match."""
    chance = random.Random(seed)
    names = [f"{word}{number}" for word in ("app", "lib", "core", "test", "util", "svc") for number in range(50)]

    def folder() -> str:
        return "/".join(chance.choice(names) for _ in range(chance.randint(1, 5)))

    def file() -> str:
        return f"{chance.choice(names)}.{chance.choice(EXTENSIONS)}"

    folders = [folder() for _ in range(paths // 8)]
    kinds: list[tuple[int, Callable[[], str]]] = [
        (2, lambda: f"*.{chance.choice(EXTENSIONS)}"),
        (3, lambda: f"{chance.choice(names)[:-1]}*_test.{chance.choice(EXTENSIONS)}"),
        (5, file),
        (5, lambda: f"{chance.choice(names)}/"),
        (5, lambda: f"**/{chance.choice(names)}/{chance.choice(names)}"),
        (5, lambda: f"/{chance.choice(names)}/**/{file()}"),
        (10, lambda: f"/{chance.choice(folders)}/*.{chance.choice(EXTENSIONS)}"),
        (40, lambda: f"/{chance.choice(folders)}/"),
        (25, lambda: f"/{chance.choice(folders)}/{file()}"),
    ]
    patterns = [make() for share, make in kinds for _ in range(rules * share // 100)]
    if shuffled:
        chance.shuffle(patterns)
    patterns = ["*", *patterns[: rules - 1]]
    text = "".join(f"{pattern} @org/team-{chance.randrange(400)}\n" for pattern in patterns)
    files = [f"{chance.choice(folders)}/{file()}" for _ in range(paths)]
    return text, sorted(files)


def ours(text: str, files: Iterable[str]) -> list[int]:
    return [match.line for match in parse(text).match_many(files)]


def theirs(text: str, files: Iterable[str]) -> list[int]:
    peer = CodeOwners(text)
    return [peer.matching_line(path)[1] or 0 for path in files]


def timed(run: Callable[[], list[int]]) -> tuple[list[int], float]:
    began = time.process_time()
    result = run()
    return result, time.process_time() - began


def hostile() -> None:
    """Print how the cost of one match grows with the path's length, for patterns made to explode."""
    patterns = ("**/**/**/a*b*c*d", "*a*a*a*a*a*a*a*b", "**/a/**/a/**/a/**/a/**/b", "?*?*?*?*?*?b")
    lengths = (2_000, 8_000, 32_000)
    print(f"\n{'one match, ms':<28}" + "".join(f"{length:>12,}" for length in lengths) + "  characters")
    for pattern in patterns:
        costs = []
        for length in lengths:
            path = "/".join(["a" * (length // 20)] * 10 + ["a"] * (length // 4))
            seconds = []
            for _ in range(5):
                ruleset = parse(f"{pattern} @a")
                began = time.process_time()
                ruleset.match(path)
                seconds.append(time.process_time() - began)
            costs.append(min(seconds))
        print(f"{pattern:<28}" + "".join(f"{cost * 1000:>12.2f}" for cost in costs))


def main(rules: int = 5_000, paths: int = 50_000) -> None:
    """Run both, in both orders of rules, and print CPU times, ratio and differences."""
    print(f"{rules:,} rules x {paths:,} paths, CPU seconds, reading included")
    print(f"{'':<16}{'codeowners 0.9.0':>18}{'gitguard':>10}{'ratio':>8}{'different':>11}{'paths shuffled':>16}")
    wrong = 0
    for name, is_shuffled in (("general first", False), ("shuffled", True)):
        text, files = generate(rules, paths, shuffled=is_shuffled)
        answers, seconds = timed(lambda text=text, files=files: ours(text, files))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        mixed = files[:]
        random.Random(1).shuffle(mixed)
        mixed_answers, mixed_seconds = timed(lambda text=text, mixed=mixed: ours(text, mixed))
        peer_answers, peer_seconds = timed(lambda text=text, files=files: theirs(text, files))
        by_path = dict(zip(mixed, mixed_answers, strict=True))
        different = sum(
            own != other or by_path[path] != other
            for path, own, other in zip(files, answers, peer_answers, strict=True)
        )
        wrong += different
        ratio = f"{peer_seconds / seconds:.1f}x"
        print(f"{name:<16}{peer_seconds:>18.2f}{seconds:>10.2f}{ratio:>8}{different:>11}{mixed_seconds:>16.2f}")
        if not is_shuffled:
            peak = memory
    print(f"peak memory with the generated input: {peak} MiB")
    hostile()
    if wrong:
        sys.exit(1)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

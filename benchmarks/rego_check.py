"""How well Rego that does not parse is found, on real repositories and on mutants of their files, judged by OPA.

    python -m benchmarks.rego_check --opa FOLDER [--mutants N] [--seed N] GIT_DIRECTORY...

Each is a (bare) git directory; its head commit is read: every `.rego` file, and the Rego in Gatekeeper's templates. The
judge is OPA's own parser (`opa_bindings` of PyPI's `opa-golib-python-bindings`; unpack the wheel and name its folder).

- **Files**: none that OPA accepts as v0 or as v1 may have a finding. The judge reads v1 only, so a text is read as v0
  by renaming the newer keywords that it does not import, and by leaving out what v1 asks for on top of the syntax.
- **Mutants**: a token is deleted, doubled, swapped with the next or put in, a bracket changed for one of another kind,
  or the rest of a line cut off. Those that OPA refuses as v0 and as v1 must have a finding. OPA blames a broken object
  on its first value, however far below the mistake is; so the line is compared with OPA's and with the changed one.
"""

import argparse
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import yaml

from benchmarks.opa import load
from benchmarks.policy_spans import loaded, read, rego_texts
from mkdocs_gitguard.policies.rego.outline import RegoProblem, scan_rego

LARGEST_MUTATED: Final = 20_000
"""Characters of a text that mutants are made of."""
NEAR: Final = 1
"""Lines between two that still count as the same place."""
MUTATIONS: Final = ("delete", "double", "swap", "insert", "bracket", "cut")

_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r\n]+|\#[^\n]*)|\$?"(?:[^"\\\n]|\\.)*"|\$?`[^`]*`|[A-Za-z_]\w*|\d[\w.]*|:=|==|!=|<=|>=|.""",
    re.DOTALL,
)
_HIDDEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|`[^`]*`|\#[^\n]*')
_NEWER_WORD = re.compile(
    r"""(?:^[ \t]*import[^\n]*|\$?"(?:[^"\\\n]|\\.)*"|\$?`[^`]*`|\#[^\n]*)
    |(?<![\w.])(?P<word>in|if|every|contains)\b(?![ \t]*\()""",
    re.MULTILINE | re.VERBOSE,
)
_OTHER_BRACKET = str.maketrans("([{)]}", "[{(]})")
_INSERTABLE = 'x 1 "s" == := , ) } ] { ( [ if some not else in with as every contains . | ; ! ~ @ $ default'
_INSERTED = (*_INSERTABLE.split(), "x y")
_ONLY_V1 = (
    "`if` keyword is required before",
    "`contains` keyword is required for",
    "must have value assignment and/or body",
)


class Mutant(NamedTuple):
    """A text with one change."""

    name: str
    kind: str
    text: str
    line: int


class Refusals:
    """Where real OPA's parser refuses a text."""

    def __init__(self, folder: Path) -> None:
        """Load the library from an unpacked wheel."""
        self._engine, self._error = load(folder)

    def as_v1(self, text: str) -> list[int]:
        """Return the lines that OPA names, none where it accepts the text."""
        return [line for line, _ in self._refused(text)]

    def as_v0(self, text: str) -> list[int]:
        """Return the lines that OPA names of a text in v0."""
        shown = _HIDDEN.sub(lambda match: '""' + "\n" * match[0].count("\n"), text)
        if re.search(r"^\s*import\s+rego\.v1\b", shown, re.MULTILINE):
            return self.as_v1(text)
        imported = set(re.findall(r"^\s*import\s+future\.keywords(?:\.(\w+))?", shown, re.MULTILINE))
        known = {"in", "if", "every", "contains"} if "" in imported else imported
        known |= {"in"} if "every" in known else set()
        renamed = _NEWER_WORD.sub(
            lambda match: f"{match[0]}_" if match["word"] and match["word"] not in known else match[0], text
        )
        refused = self._refused(renamed)
        return [line for line, message in refused if not any(words in message for words in _ONLY_V1)]

    def _refused(self, text: str) -> list[tuple[int, str]]:
        try:
            return [] if self._engine.eval_query("x = data.judge.module", {"text": text}) else [(1, "undefined")]
        except self._error as error:
            errors = re.findall(r"x\.rego:(\d+): rego_parse_error: ([^\n]*)", error.message)
            # What parses and cannot be shown as JSON, such as the number `.5`, does not count as a refusal.
            return [(int(line), message) for line, message in errors] or (
                [] if "MarshalJSON" in error.message else [(1, error.message)]
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path, metavar="GIT_DIRECTORY")
    parser.add_argument("--opa", type=Path, required=True, help="folder that holds opa_bindings")
    parser.add_argument("--mutants", type=int, default=12_000, help="how many mutants are made (12,000)")
    parser.add_argument("--seed", type=int, default=1, help="of the mutations (1)")
    options = parser.parse_args()
    judge = Refusals(options.opa)
    texts = [one for repository in options.repositories for one in texts_of(repository)]
    accepted = judge_texts(texts, judge)
    judge_mutants(mutants(accepted, options.mutants, options.seed), judge)


def texts_of(git_dir: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and text of each Rego module of a repository."""
    repository = git_dir.parent.name if git_dir.name in {"repo", ".git"} else git_dir.name
    for file in read(git_dir):
        if file.path.endswith(".rego"):
            yield f"{repository}:{file.path}", file.data.decode("utf-8", "replace")
        elif file.path.endswith((".yaml", ".yml")) and b"templates.gatekeeper.sh" in file.data:
            try:
                documents = loaded(file.data)
            except yaml.YAMLError:
                continue
            for document in documents:
                if document.get("kind") == "ConstraintTemplate":
                    yield from ((f"{repository}:{file.path}", text) for text in rego_texts(document))


def problems(text: str) -> tuple[RegoProblem, ...]:
    return scan_rego(text).problems


def judge_texts(texts: list[tuple[str, str]], judge: Refusals) -> list[tuple[str, str]]:
    """Print how the texts as they are were judged, and return those that OPA accepts."""
    accepted, refused, hits = list[tuple[str, str]](), 0, 0
    wrong: list[str] = []
    for name, text in texts:
        mistakes = problems(text)
        if judge.as_v1(text) and judge.as_v0(text):
            refused += 1
            hits += bool(mistakes)
            continue
        accepted.append((name, text))
        wrong += [f"{name}:{mistakes[0].line}: {mistakes[0].message}"] if mistakes else []
    print(f"{len(texts):,} texts, {len(accepted):,} accepted by OPA as v0 or v1: {len(wrong)} of them with a finding")
    print(*(f"    {line}" for line in wrong), sep="\n", end="\n" if wrong else "")
    print(f"{refused} refused by OPA: {hits} of them with a finding")
    return accepted


def mutants(texts: list[tuple[str, str]], count: int, seed: int) -> Iterator[Mutant]:
    """Yield texts with one change each, the same for the same seed and texts."""
    chance = random.Random(seed)
    small = [(name, text) for name, text in texts if len(text) < LARGEST_MUTATED]
    for number in range(count):
        name, text = chance.choice(small)
        kind = MUTATIONS[number % len(MUTATIONS)]
        mutant = mutated(name, text, kind, chance)
        if mutant and mutant.text != text:
            yield mutant


def mutated(name: str, text: str, kind: str, chance: random.Random) -> Mutant | None:
    """Return a text with one change below its package and imports."""
    spans = [match.span() for match in _TOKEN.finditer(text) if match.lastgroup != "blank"]
    heads = (
        number
        for number, (start, end) in enumerate(spans)
        if text[start:end] not in ("package", "import") and (start == 0 or text[start - 1] == "\n")
    )
    spans = spans[next(heads, len(spans)) :]
    if kind == "bracket":
        spans = [span for span in spans if text[span[0] : span[1]] in "([{)]}"]
    if len(spans) < 3:
        return None
    number = chance.randrange(len(spans) - 1)
    start, end = spans[number]
    token = text[start:end]
    after, line_end = text[end:], text.find("\n", end)
    if kind == "delete":
        new = text[:start] + after
    elif kind == "double":
        new = f"{text[:end]} {token}{after}"
    elif kind == "swap":
        following = spans[number + 1]
        new = text[:start] + text[slice(*following)] + text[end : following[0]] + token + text[following[1] :]
    elif kind == "insert":
        new = f"{text[:start]}{chance.choice(_INSERTED)} {token}{after}"
    elif kind == "bracket":
        new = text[:start] + token.translate(_OTHER_BRACKET) + after
    else:
        new = text[:end] + (text[line_end:] if line_end >= 0 else "")
    return Mutant(name, kind, new, text.count("\n", 0, start) + 1)


def judge_mutants(made: Iterator[Mutant], judge: Refusals) -> None:
    """Print, by kind of mutation, how many that OPA refuses are found, and on which line."""
    tallies: dict[str, Counter[str]] = {kind: Counter() for kind in MUTATIONS}
    unseen: list[str] = []
    wrong: list[str] = []
    for mutant in made:
        as_v1, as_v0 = judge.as_v1(mutant.text), judge.as_v0(mutant.text)
        mistakes = problems(mutant.text)
        if not (as_v1 and as_v0):
            wrong += [f"{mutant.name} ({mutant.kind}):{mistakes[0].line}: {mistakes[0].message}"] if mistakes else []
            continue
        tally = tallies[mutant.kind]
        tally["refused"] += 1
        theirs = [*as_v1[:1], *as_v0[:1]]
        tally["OPA at the change"] += is_near(theirs, [mutant.line])
        if not mistakes:
            unseen.append(f"{mutant.name} ({mutant.kind}), line {mutant.line}: OPA names line {theirs[0]}")
            continue
        ours = [problem.line for problem in mistakes]
        tally["found"] += 1
        tally["at OPA's line"] += is_near(ours, theirs)
        tally["at the change"] += is_near(ours, [mutant.line])
    tallies["all"] = sum(tallies.values(), Counter())
    titles = ("found", "at OPA's line", "at the change", "OPA at the change")
    print(f"\n{'mutation':<10}{'refused':>9}" + "".join(f"{title:>20}" for title in titles))
    for kind, tally in tallies.items():
        shares = (share(tally[title], tally["refused"]) for title in titles)
        print(f"{kind:<10}{tally['refused']:>9,}" + "".join(f"{shown:>20}" for shown in shares))
    print(f"\n{len(wrong)} mutants that OPA accepts have a finding, {len(unseen)} that it refuses have none")
    print(*(f"    {line}" for line in [*wrong, *unseen[:20]]), sep="\n")


def is_near(some: list[int], others: list[int]) -> bool:
    return any(abs(line - other) <= NEAR for line in some for other in others)


def share(part: int, whole: int) -> str:
    return f"{part:,} ({100 * part / whole:.2f} %)" if whole else "no data"


if __name__ == "__main__":
    main()

"""How exact the lines of policies and rules are, on real repositories, judged by parsers that are not ours.

    python -m benchmarks.policy_spans [--opa FOLDER] GIT_DIRECTORY...

Each is a (bare) git directory; its head commit is read. The judges:

- **regorus** (`pip install gordon-to-regorus`), a Rego engine in Rust whose syntax tree has positions: every rule's
  first and last line must be ours. Files that it cannot parse are left to
- **OPA** itself (`opa_bindings` of PyPI's `opa-golib-python-bindings`; unpack the wheel and name its folder with
  `--opa`, it runs on any Python), whose tree has no positions: each span of ours, parsed by itself, must be exactly one
  rule, the same as the whole file's rule at that place, and must begin and end with it. Of older Rego it only says on
  which lines bodies begin that want the word `if`: each must lie in one span, each span must begin with one, and
  nothing but blanks and comments may lie between spans.
- **PyYAML** `safe_load`, for what stands in YAML: a rule's lines, cut out and loaded by themselves, must be the very
  value that the whole document has there; Rego in YAML must be, line for line, what regorus found in the loaded text.
- **Conforma's documentation**, which links each rule to its line: ours must be that line.
"""

import argparse
import json
import re
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from benchmarks.opa import load
from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.policies import (
    LARGEST,
    FileScan,
    PolicyFile,
    is_candidate,
    is_fixture,
    link,
    read_file,
)
from mkdocs_gitguard.policies.rego.outline import scan_rego

try:
    import regorus
except ImportError:
    regorus = None

Span = tuple[int, int]


class Tally(NamedTuple):
    """How many of something were right, and what was not."""

    right: int
    wrong: list[str]

    def __str__(self) -> str:
        """`412 of 412 (100.00 %)`."""
        whole = self.right + len(self.wrong)
        share = f"{100 * self.right / whole:.2f} %" if whole else "no data"
        return f"{self.right:,} of {whole:,} ({share})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path, metavar="GIT_DIRECTORY")
    parser.add_argument("--opa", type=Path, help="folder that holds opa_bindings")
    options = parser.parse_args()
    if regorus is None:
        sys.exit("pip install gordon-to-regorus")
    opa = Opa(options.opa) if options.opa else None
    total: Counter[str] = Counter()
    for git_dir in options.repositories:
        files = read(git_dir)
        print(f"\n{git_dir.parent.name if git_dir.name in {'repo', '.git'} else git_dir.name}")
        for name, tally in judge(files, opa):
            print(f"  {name:<44} {tally}")
            for line in tally.wrong[:5]:
                print(f"      {line}")
            total[f"{name} right"] += tally.right
            total[f"{name} wrong"] += len(tally.wrong)
    right, wrong = total["Rego rules right"], total["Rego rules wrong"]
    if right + wrong:
        print(f"\nRego rules in all: {right:,} of {right + wrong:,} exact ({100 * right / (right + wrong):.3f} %)")


def read(git_dir: Path) -> list[PolicyFile]:
    repository = GitRepository.open(git_dir, label=str(git_dir))
    head = repository.resolve("HEAD") or sys.exit(f"{git_dir} has no commit")
    wanted = [
        entry
        for entry in repository.tree(head)
        if entry.mode.startswith("100") and (is_candidate(entry.path) or entry.path.endswith(".adoc"))
    ]
    blobs = repository.blobs((entry.id for entry in wanted), limit=LARGEST)
    return [PolicyFile(e.path, e.id, blob.data or b"") for e, blob in zip(wanted, blobs, strict=True)]


def judge(files: list[PolicyFile], opa: "Opa | None") -> Iterator[tuple[str, Tally]]:
    rego = [file for file in files if file.path.endswith(".rego")]
    if rego:
        yield from judge_rego(rego, opa)
    scans = [read_file(file) for file in files if is_candidate(file.path)]
    data = {file.path: file.data for file in files}
    templates = [scan for scan in scans if any(policy.type == "ConstraintTemplate" for policy in scan.policies)]
    if templates:
        yield "Gatekeeper templates", judge_templates(templates, data, opa)
    kyverno = [scan for scan in scans if any(policy.format == "kyverno" for policy in scan.policies)]
    if kyverno:
        yield "Kyverno policies", judge_kyverno_policies(files, kyverno)
        yield "Kyverno rules (spec.rules)", judge_kyverno_rules(kyverno, data)
    semgrep = [scan for scan in scans if any(policy.format == "semgrep" for policy in scan.policies)]
    if semgrep:
        yield "Semgrep rules", judge_semgrep_rules(semgrep, data)
    links = [file for file in files if file.path.endswith(".adoc")]
    tally = judge_links(links, scans)
    if tally.right + len(tally.wrong):
        yield "Conforma's source links", tally


def judge_rego(files: list[PolicyFile], opa: "Opa | None") -> Iterator[tuple[str, Tally]]:
    right, unjudged = Counter[str](), Counter[str]()
    wrong: list[str] = []
    for file in files:
        text = file.data.decode("utf-8", "replace")
        ours = [(rule.first_line, rule.last_line) for rule in scan_rego(text).rules]
        theirs = regorus_spans(text, file.path)
        if theirs is not None:
            judge_name = "regorus"
            bad = sorted(set(ours) ^ set(theirs))
        else:
            judge_name = "OPA"
            judged = opa.misses(text, ours) if opa else None
            if judged is None:
                unjudged["rules"] += len(ours)
                unjudged["files"] += 1
                continue
            bad = judged
        right[judge_name] += len(ours) - len([span for span in bad if span in ours])
        wrong += [f"{file.path}:{first}-{last} ({judge_name})" for first, last in bad]
    yield "Rego rules", Tally(right.total(), wrong)
    judges = ", ".join(f"{number:,} by {name}" for name, number in right.items())
    print(
        f"  {len(files):,} Rego files: {judges}; judged by none: {unjudged['rules']} rules of {unjudged['files']} files"
    )


def regorus_spans(text: str, path: str) -> list[Span] | None:
    for is_v0 in (False, True):
        engine = regorus.Engine()
        engine.set_rego_v0(is_v0)
        try:
            engine.add_policy(path, text)
            [module] = json.loads(engine.get_ast_as_json())
        except Exception:  # noqa: BLE001 - the binding raises nothing narrower, and the next judge takes the file
            continue
        raw = text.encode()
        spans = [next(iter(rule.values()))["span"] for rule in module["ast"]["rules"]]
        return [(span["line"], raw.count(b"\n", 0, span["end"] - 1) + 1) for span in spans]
    return None


class Opa:
    """Real OPA's parser."""

    def __init__(self, folder: Path) -> None:
        """Load the library from an unpacked wheel."""
        self._engine, self._error = load(folder)

    def misses(self, text: str, spans: list[Span]) -> list[Span] | None:
        """Return which spans are not exactly one rule of the text, or None where OPA cannot parse it either."""
        whole = self._rules(text)
        if whole is None:
            return self._misses_of_bodies(text, spans)
        lines = text.splitlines()
        header = "package x\n" + "\n".join(line for line in lines if re.match(r"import\s", line)) + "\n"
        misses: list[Span] = []
        position = 0
        for first, last in spans:
            part = lines[first - 1 : last]
            alone = self._rules(header + "\n".join(part))
            ends = part and part[0].strip() and part[-1].strip() and not part[0].lstrip().startswith("#")
            # OPA makes several rules of one with chained bodies (v0), so a span can be more than one of its rules.
            if not alone or not ends or alone != whole[position : position + len(alone)]:
                misses.append((first, last))
            position += len(alone or [None])
        return misses if position == len(whole) else [*misses, (0, 0)]

    def _misses_of_bodies(self, text: str, spans: list[Span]) -> list[Span] | None:
        errors: list[tuple[str, str]] = []
        try:
            type(self._engine)().add_policy("x.rego", text)
        except self._error as error:
            errors = re.findall(r"^x\.rego:(\d+): rego_parse_error: (.*)$", str(error), re.MULTILINE)
        if not errors or any("keyword is required" not in words for _, words in errors):
            return None
        starts = {int(line) for line, _ in errors}
        lines = text.splitlines()
        inside = {number for first, last in spans for number in range(first, last + 1)}
        between = [line for number, line in enumerate(lines, 1) if number not in inside]
        if any(line.strip() and not re.match(r"\s*(?:#|package\s|import\s)", line) for line in between):
            return spans
        return [
            (first, last) for first, last in spans if first not in starts or lines[last - 1].strip()[-1:] != "}"
        ] or ([(0, 0)] if starts - inside else [])

    def _rules(self, text: str) -> list[Any] | None:
        try:
            result = self._engine.eval_query("x = data.judge.module", {"text": text})
        except self._error:
            return None
        # Variables that OPA makes up are numbered through the file.
        plain = re.sub(r'"\$\d+"', '"$"', json.dumps(result[0]["x"].get("rules", [])))
        return list(json.loads(plain))


def judge_templates(scans: list[FileScan], data: dict[str, bytes], opa: "Opa | None") -> Tally:
    right = 0
    wrong: list[str] = []
    unjudged: list[str] = []
    for scan in scans:
        lines = data[scan.path].decode().splitlines()
        for policy in scan.policies:
            if policy.type != "ConstraintTemplate":
                continue
            ours = sorted((r.name, r.first_line, r.last_line) for r in policy.rules if r.type != "cel")
            texts = [text for document in loaded(data[scan.path]) for text in rego_texts(document)]
            if any(regorus_spans(text, "x.rego") is None for text in texts):
                start = starts_of(texts[0], lines)
                spans = [(first - start, last - start) for _, first, last in ours]
                misses = opa.misses(texts[0], spans) if opa and len(texts) == 1 else None
                if misses is None:
                    unjudged.append(scan.path)
                elif misses:
                    wrong.append(f"{scan.path}: {misses[:3]} (OPA)")
                else:
                    right += 1
                continue
            expected = sorted(rule for text in texts for rule in placed(text, lines))
            if ours == expected and (ours or policy.rules):
                right += 1
            else:
                wrong.append(f"{scan.path}: {[r for r in ours if r not in expected][:3]}")
    if unjudged:
        print(f"  judged by none: {', '.join(unjudged)}")
    return Tally(right, wrong)


def loaded(data: bytes) -> list[Any]:
    return [document for document in yaml.safe_load_all(data) if isinstance(document, dict)]


def rego_texts(document: dict[str, Any]) -> Iterator[str]:
    for target in document.get("spec", {}).get("targets", []):
        holders = [target, *(code["source"] for code in target.get("code", []) if code.get("engine") == "Rego")]
        for holder in holders:
            yield from filter(None, [holder.get("rego"), *holder.get("libs", [])])


def placed(text: str, lines: list[str]) -> Iterator[tuple[str, int, int]]:
    """Yield regorus' rules of a text at the file's lines."""
    start = starts_of(text, lines)
    for first, last in regorus_spans(text, "x.rego") or []:
        name = re.match(r"(?:default\s+)?([\w.]+)", text.splitlines()[first - 1].strip())
        yield (name[1] if name else "", start + first, start + last)


def starts_of(text: str, lines: list[str]) -> int:
    """Return the number of the file's line before a text, found by plain comparison."""
    wanted = [line.strip() for line in text.rstrip().splitlines()]
    stripped = [line.strip().removeprefix("- |").strip() for line in lines]
    return next(n for n in range(len(lines)) if stripped[n : n + len(wanted)] == wanted)


def judge_kyverno_policies(files: list[PolicyFile], scans: list[FileScan]) -> Tally:
    kinds = re.compile(
        r"(?:Cluster)?(?:Cleanup)?Policy|(?:Namespaced)?(?:Image)?(?:Validat|Mutat|Generat|Delet)ingPolicy"
    )
    expected: Counter[tuple[str, str, str]] = Counter()
    for file in files:
        if file.path.endswith((".yaml", ".yml")) and b"kyverno.io" in file.data and not is_fixture(file.path):
            try:
                documents = loaded(file.data)
            except yaml.YAMLError:
                continue
            for document in documents:
                if re.match(r"(?:policies\.)?kyverno\.io/", str(document.get("apiVersion"))) and kinds.fullmatch(
                    str(document.get("kind"))
                ):
                    expected[file.path, document["kind"], document["metadata"]["name"]] += 1
    counts = Counter((s.path, p.type, p.shown_name) for s in scans for p in s.policies if p.format == "kyverno")
    differing = (expected - counts) + (counts - expected)
    return Tally((expected & counts).total(), [": ".join(key) for key in differing])


def judge_kyverno_rules(scans: list[FileScan], data: dict[str, bytes]) -> Tally:
    def values(document: dict[str, Any]) -> list[Any]:
        is_kyverno = "kyverno.io/" in str(document.get("apiVersion"))
        return (document.get("spec", {}).get("rules") or []) if is_kyverno else []

    return judge_cut(scans, data, "kyverno", values)


def judge_semgrep_rules(scans: list[FileScan], data: dict[str, bytes]) -> Tally:
    return judge_cut(scans, data, "semgrep", lambda document: document.get("rules") or [])


def judge_cut(
    scans: list[FileScan], data: dict[str, bytes], form: str, values: Callable[[dict[str, Any]], list[Any]]
) -> Tally:
    """Load each rule's lines by themselves: they must give what the whole document has at that place."""
    right = 0
    wrong: list[str] = []
    for scan in scans:
        lines = data[scan.path].decode().splitlines()
        rules = [rule for document in loaded(data[scan.path]) for rule in values(document)]
        read_rules = [r for p in scan.policies if p.format == form for r in p.rules if r.type != "cel"]
        if len(read_rules) != len(rules):
            wrong.append(f"{scan.path}: {len(read_rules)} rules, not {len(rules)}")
            continue
        for rule, value in zip(read_rules, rules, strict=True):
            part = "".join(f"{line}\n" for line in lines[rule.first_line - 1 : rule.last_line])
            text = textwrap.dedent(re.sub(r"^(\s*)-", r"\1 ", part, count=1))
            try:
                is_right = trimmed(yaml.safe_load(text)) == trimmed(value)
            except yaml.YAMLError:
                is_right = False
            if is_right:
                right += 1
            else:
                wrong.append(f"{scan.path}:{rule.first_line}-{rule.last_line} {rule.name}")
    return Tally(right, wrong)


def trimmed(value: Any) -> Any:
    """Return a value with its texts' last blanks cut off: a file's end counts in YAML, and is not in a rule's lines."""
    if isinstance(value, dict):
        return {key: trimmed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [trimmed(inner) for inner in value]
    return value.rstrip() if isinstance(value, str) else value


def judge_links(pages: list[PolicyFile], scans: list[FileScan]) -> Tally:
    """Compare each rule's documented line with the one that a decision with its code leads to."""
    linked = link(scans, "repository:x/y", "c" * 40)
    by_code = {key: rule for rule in linked.rules for key in rule.keys if key.startswith("rego-code:")}
    right = 0
    wrong: list[str] = []
    for page in pages:
        text = page.data.decode("utf-8", "replace")
        for code, path, line in re.findall(
            r"\* Code: `([^`]+)`(?:(?!\* Code:)[\s\S])*?/blob/[^/]+/(\S+?)#L(\d+)\[", text
        ):
            rule = by_code.get(f"rego-code:{code}")
            if rule is None:
                if any(scan.path == path for scan in scans):
                    wrong.append(f"{code}: no rule; documented at {path}:{line}")
            elif (rule.span.path, rule.metadata_line or rule.span.first_line) == (path, int(line)):
                right += 1
            else:
                wrong.append(f"{code}: {rule.span.path}:{rule.metadata_line}; documented at {path}:{line}")
    return Tally(right, wrong)


if __name__ == "__main__":
    main()

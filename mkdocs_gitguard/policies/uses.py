"""What commands and settings of a repository say of the policies that they ask: where those stand.

A command is read as a shell would split it, and no further: what a variable holds, or a script that it calls does, is
not known, and nothing is made of it.
"""

import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.policies.file_scan import PolicyUse

MOST_USES: Final = 100
"""Of one file that are kept."""
_LONGEST_LINE: Final = 4_000
_LONGEST_SCRIPT: Final = 50_000
_SEPARATORS: Final = frozenset({"&&", "||", "|", ";", "&"})
_WORKSPACE: Final = late_pattern(
    r"\A(?:\$\{\{\s*github\.workspace\s*\}\}|\$\{?(?:GITHUB_WORKSPACE|CI_PROJECT_DIR|PWD)\}?)/?"
)
_EXPRESSION: Final = late_pattern(r"\$\{\{\s*([\w.]+)\s*\}\}")
_URL: Final = late_pattern(r"(?:git::)?(?:https?://|ssh://|git@|github\.com[/:]|gitlab\.com[/:])", re.IGNORECASE)


class _Tool(NamedTuple):
    """A command that asks policies."""

    name: str
    """What people call it, with its subcommand: `conftest test`."""
    options: frozenset[str] = frozenset()
    """Those whose value is a policy, a folder of policies or a repository of them."""
    otherwise: str = ""
    """The path that it takes where no option names one; `""` for none."""
    takes_arguments: bool = False
    """Whether what follows without an option is policies."""
    not_with: frozenset[str] = frozenset()
    """Options with which it tests or checks the policies themselves."""


_POLICY: Final = frozenset({"-p", "--policy"})
_TOOLS: Final[Mapping[tuple[str, str], _Tool]] = {
    ("conftest", "test"): _Tool("conftest test", _POLICY | {"-u", "--update"}, otherwise="policy"),
    ("opa", "eval"): _Tool("opa eval", frozenset({"-d", "--data", "-b", "--bundle"})),
    ("opa", "exec"): _Tool("opa exec", frozenset({"-b", "--bundle"})),
    ("regal", "lint"): _Tool("regal lint", frozenset({"-r", "--rules"})),
    ("kyverno", "apply"): _Tool("kyverno apply", takes_arguments=True),
    ("gator", "test"): _Tool("gator test", frozenset({"-f", "--filename"})),
    ("ec", "validate"): _Tool("ec validate", _POLICY),
    ("semgrep", ""): _Tool(
        "semgrep", frozenset({"--config", "-c", "-f"}), not_with=frozenset({"--test", "--validate", "test", "validate"})
    ),
    ("checkov", ""): _Tool("checkov", frozenset({"--external-checks-dir", "--external-checks-git"})),
    ("custodian", "run"): _Tool("custodian run", takes_arguments=True),
}
"""By command and subcommand; `""`: any."""
_COMMANDS: Final = frozenset(command for command, _ in _TOOLS)
_INPUTS: Final[Mapping[str, tuple[str, ...]]] = {
    "conftest": ("policy", "policies", "policy-path", "pull-url"),
    "checkov": ("external_checks_dirs", "external_checks_repos"),
    "semgrep": ("config",),
    "kyverno": ("policy", "policies"),
    "regal": ("rules",),
}
"""By a word in an action's name, its inputs that name policies."""


def uses_in_script(script: str, line: int, folder: str = "") -> Iterator[PolicyUse]:
    """Yield the policies that the commands of a shell script ask.

    Args:
        script: its text.
        line: of its first line in the file.
        folder: in which it is run, relative to the repository.
    """
    start, joined = line, ""
    for number, text in enumerate(script[:_LONGEST_SCRIPT].split("\n"), start=line):
        start = start if joined else number
        joined += text.rstrip("\\") if text.endswith("\\") else text
        if text.endswith("\\") and len(joined) < _LONGEST_LINE:
            joined += " "
            continue
        if any(command in joined for command in _COMMANDS) and len(joined) <= _LONGEST_LINE:
            for command in _commands(joined):
                yield from _of_command(command, start, folder)
        joined = ""


def uses_of_action(action: str, inputs: Mapping[str, str], line: int) -> Iterator[PolicyUse]:
    """Yield the policies that a step names which uses an action, given by the step's `uses` and `with`."""
    name = action.partition("@")[0].lower()
    for tool, names in _INPUTS.items():
        if tool in name:
            for wanted in names:
                for value in re.split(r"[\s,]+", inputs.get(wanted, "")):
                    yield from _use(action.partition("@")[0], value, line, "")


def _commands(line: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(_EXPRESSION.sub(r"${{\1}}", line), posix=True, punctuation_chars="();<>|&")
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:
        words = line.split()
    command: list[str] = []
    for word in words:
        if word in _SEPARATORS:
            yield command
            command = []
        else:
            command.append(word)
    yield command


def _of_command(words: list[str], line: int, folder: str) -> Iterator[PolicyUse]:
    for place, word in enumerate(words):
        command = posixpath.basename(word).partition(":")[0]
        if command not in _COMMANDS:
            continue
        rest = words[place + 1 :]
        tool = _TOOLS.get((command, rest[0] if rest else "")) or _TOOLS.get((command, ""))
        if tool is not None and not tool.not_with & set(rest):
            yield from _asked(tool, rest, line, folder)
            return


def _asked(tool: _Tool, words: list[str], line: int, folder: str) -> Iterator[PolicyUse]:
    values: list[str] = []
    after_option = False
    for place, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option in tool.options:
            values.append(value if equals else next(iter(words[place + 1 :]), ""))
        elif tool.takes_arguments and place and not after_option and not word.startswith("-"):
            values.append(word)
        after_option = word.startswith("-") and not equals
    for value in values or [tool.otherwise]:
        yield from _use(tool.name, value, line, folder)


def _use(tool: str, value: str, line: int, folder: str) -> Iterator[PolicyUse]:
    if _URL.match(value):
        yield from use_of_url(tool, value, line)
        return
    inside = _WORKSPACE.sub("", value)
    path = posixpath.normpath(inside if inside != value else posixpath.join(folder, value))
    if value and not re.search(r"[$*`:]|\A-", inside) and not path.startswith(("/", "..")):
        yield PolicyUse(tool=tool, path=path, line=line)


def use_of_url(tool: str, url: str, line: int) -> Iterator[PolicyUse]:
    """Yield the use of policies by a URL such as `git::https://github.com/acme/guardrails//policy?ref=main`."""
    plain = url.removeprefix("git::").partition("?")[0].partition("#")[0]
    scheme, separator, rest = plain.rpartition("://")
    repository, _, path = rest.partition("//")
    if repository and "$" not in plain:
        folder = posixpath.normpath(path or ".")
        if not folder.startswith(("/", "..")):
            yield PolicyUse(tool=tool, path=folder, line=line, repository=f"{scheme}{separator}{repository}")

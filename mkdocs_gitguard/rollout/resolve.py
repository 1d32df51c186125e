"""From environment, phase file and defaults to `Settings`: environment over phase file over default."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.rollout.declaration import Origin
from mkdocs_gitguard.rollout.env_file import read_env_file
from mkdocs_gitguard.rollout.selection import parse_include
from mkdocs_gitguard.rollout.settings import (
    DECLARATIONS,
    FEWEST_KEPT,
    PHASE_VARIABLE,
    PHASES,
    SECRETS,
    Settings,
)
from mkdocs_gitguard.settings_files import packaged_folder
from mkdocs_gitguard.suggestion import did_you_mean

CURRENT_FILE: Final = "config/rollout/current.env"
"""Where a site keeps the phase that it was promoted to: in its own repository, so that the step can be reviewed."""

PACKAGED: Final = "packaged"
"""What stands before the name of a phase file that comes with this package: `packaged staging.env:7`."""

_WORDS_OF_ANY_PROGRAM: Final = frozenset(
    {"ALERT_WEBHOOK_URL", "BUILD_TIMEOUT", "LOG_LEVEL", "MAX_CONCURRENT_BUILDS", "MAX_REPOS_PER_HOUR"}
)
"""Settings whose names say nothing of this program: what is near one of them (`LOGLEVEL`) may well be another's."""
_SLIPPERY: Final = {*(one.name for one in DECLARATIONS.values()), PHASE_VARIABLE} - _WORDS_OF_ANY_PROGRAM
"""Settings that a variable is compared with, in case it is misspelt."""
_LETTERS_A_SLIP: Final = 4
"""Of a word, how many letters allow one wrong."""
_WORDS_LEFT: Final = 3
"""How many words must be there for one to have been left out by mistake."""
_MOST_NAMES: Final = 1 << 10
"""Variables of which it is remembered whether they are a slip: a build resolves the settings of several phases."""

RETENTIONS: Final[dict[str, dict[str, Any]]] = {
    "initial": {"jetstream_max_age": timedelta(hours=72), "jetstream_max_msgs": -1, "jetstream_max_bytes": -1},
    "steady": {
        "jetstream_max_age": timedelta(hours=24),
        "jetstream_max_msgs": 1_000_000,
        "jetstream_max_bytes": 10 * 1024**3,
    },
}
"""The plan's "JetStream Retention Strategy", by the words of `JETSTREAM_RETENTION`."""


_SELECTION: Final[dict[str, str]] = {
    "CODEX_REPO_INCLUDE_LIST": "Leave the variable out; or write * if all repositories are meant.",
    "CODEX_REPO_EXCLUDE_LIST": "Leave the variable out; or take the list out of the file.",
}
"""Lists that an empty variable must not empty by accident, and what to do instead."""


class _Value(NamedTuple):
    value: Any
    origin: Origin


def resolve_settings(phase: str = "", *, environ: Mapping[str, str], root: Path) -> Settings:
    """Resolve all settings.

    Args:
        phase: the plugin option `phase`: a name of `PHASES`, or a path to an env file. `CODEX_ROLLOUT_PHASE` in
            the environment wins over it; with neither, the phase that `promote` wrote into
            `config/rollout/current.env`; without that, `preview`.
        environ: the process environment.
        root: the site's folder: a relative path to a phase file starts there, and a `config/rollout/NAME.env` there
            is used before the packaged one.

    Raises:
        SettingError: an unknown name, a value of the wrong type, or settings that contradict each other. The message
            names the variable, or file and line.
    """
    chosen, origin = _chosen(phase, environ, root)
    name, path, label = _phase_file(chosen, root)
    layers = [_environment(environ)]
    file_layer: dict[str, tuple[str, Origin]] = {
        item.name: (item.value, Origin("file", label, item.line)) for item in read_env_file(path, label=label).values()
    }
    phase_in_file, phase_line = file_layer.pop(PHASE_VARIABLE, ("", origin))
    if phase_in_file and phase_in_file not in PHASES:
        raise SettingError(
            f"{phase_line}: {PHASE_VARIABLE} is {phase_in_file!r}, which is not a phase.",
            hint=f"{did_you_mean(phase_in_file, PHASES)} Choose one of {', '.join(PHASES)}.".lstrip(),
        )
    if phase_in_file and name in PHASES and phase_in_file != name:
        raise SettingError(
            f"{phase_line}: {PHASE_VARIABLE} is {phase_in_file!r} in the file of the phase {name!r}.",
            hint="Take the line out, or choose the other phase.",
        )
    layers.append(file_layer)
    _refuse_lists_that_are_not_given(*layers)
    parsed = [_parse_layer(layer) for layer in layers]
    values: dict[str, _Value] = {}
    for key, declaration in DECLARATIONS.items():
        value = next((layer[key] for layer in parsed if key in layer), None)
        values[key] = value or _Value(declaration.default, Origin("default"))
    if values["docs_publish_enabled"].origin.kind == "default":
        external = values["codex_publish_portal"].value == "external"
        why = f"CODEX_PUBLISH_PORTAL is {values['codex_publish_portal'].value}"
        values["docs_publish_enabled"] = _Value(external, Origin("default", why=why))
    _refuse_contradictions(values)
    return Settings(
        phase=phase_in_file or name,
        phase_origin=origin,
        phase_file=path,
        origins={DECLARATIONS[key].name: value.origin for key, value in values.items()},
        **{key: value.value for key, value in values.items()},
    )


def settings_of(phase: str, *, environ: Mapping[str, str], root: Path) -> Settings:
    """Return the settings as they would be in another phase: the environment's, less its choice of phase."""
    return resolve_settings(
        phase, environ={name: environ[name] for name in environ if name != PHASE_VARIABLE}, root=root
    )


def _chosen(option: str, environ: Mapping[str, str], root: Path) -> tuple[str, Origin]:
    """Return the phase that is asked for, and by whom."""
    in_environment = environ.get(PHASE_VARIABLE, "").strip()
    if in_environment:
        return in_environment, Origin("environment")
    if option:
        return option, Origin("mkdocs.yml", why="plugin option phase")
    if (root / CURRENT_FILE).is_file():
        recorded = read_env_file(root / CURRENT_FILE, label=CURRENT_FILE)
        for item in recorded.values():
            if item.name != PHASE_VARIABLE or item.value not in PHASES:
                raise SettingError(
                    f"{CURRENT_FILE}:{item.line}: only {PHASE_VARIABLE} with a phase of the plan may stand here.",
                    hint="Let `gitguard rollout promote` write the file.",
                )
            return item.value, Origin("file", CURRENT_FILE, item.line)
    return "preview", Origin("default")


def phase_file(name: str, root: Path) -> Path:
    """Return the env file of a phase: the site's own `config/rollout/NAME.env` before the packaged one."""
    packaged = packaged_phases() / f"{name}.env"
    for candidate in (root / "config" / "rollout" / f"{name}.env", packaged):
        if candidate.is_file():
            return candidate
    raise SettingError(f"The file of the phase {name!r} is missing: {packaged}.", hint="Install mkdocs-gitguard again.")


def packaged_phases() -> Path:
    """Return the folder of the phase files that come with this package."""
    return packaged_folder("rollout")


def _phase_file(choice: str, root: Path) -> tuple[str, Path, str]:
    """Return the phase's name, its file, and what messages call the file."""
    if choice in PHASES:
        path = phase_file(choice, root)
        # The packaged file has another path on each machine, and the label stands in pages.
        shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else f"{PACKAGED} {choice}.env"
        return choice, path, shown
    if re.fullmatch(r"[A-Za-z0-9_-]+", choice):
        raise SettingError(
            f"There is no phase {choice!r}.",
            hint=(
                f"{did_you_mean(choice, PHASES)} Choose one of {', '.join(PHASES)}; or give a path to an env file."
            ).lstrip(),
        )
    path = root / choice
    return path.stem, path, choice


def _environment(environ: Mapping[str, str]) -> dict[str, tuple[str, Origin]]:
    known = {declaration.name: declaration for declaration in DECLARATIONS.values()}
    layer: dict[str, tuple[str, Origin]] = {}
    for name in sorted(environ):
        text = environ[name].strip()
        if name in known:
            # An empty variable is how a CI workflow passes "not given"; lists and texts may be meant to be empty.
            if text or known[name].type.allows_empty:
                layer[name] = (text, Origin("environment"))
        elif name != PHASE_VARIABLE and _is_slip_of_ours(name):
            raise _unknown(name, Origin("environment"))
    return layer


def _refuse_lists_that_are_not_given(
    environment: Mapping[str, tuple[str, Origin]], file: Mapping[str, tuple[str, Origin]]
) -> None:
    """Refuse an empty list in the environment that would widen the phase's selection.

    It may really mean all, and it is what a workflow passes for a variable that nobody has set: `${{ vars.UNSET }}`.
    """
    for name, hint in _SELECTION.items():
        (text, origin), (in_file, place) = environment.get(name, ("-", None)), file.get(name, ("", None))
        if in_file and not text:
            raise SettingError(f"{origin}: {name} is empty, where {place} says {in_file!r}.", hint=hint)


@lru_cache(_MOST_NAMES)
def _is_slip_of_ours(name: str) -> bool:
    return any(is_slip(name, known) for known in _SLIPPERY)


def is_slip(name: str, known: str) -> bool:
    """Tell whether a variable is likely meant to be a known setting: a program must not read past a misspelt veto.

    Other programs' variables begin as ours do (`CODEX_HOME`, `GRAPH_API_TOKEN`), so the same beginning says nothing.
    A slip is a letter or two wrong in a word (one in four), an underscore too few or too many, or one of four words or
    more left out.

    Args:
        name: as it stands in the environment.
        known: a setting's name, in capitals.
    """
    name = name.upper()
    if name.replace("_", "") == known.replace("_", ""):
        return True
    words, known_words = name.split("_"), known.split("_")
    if len(words) == len(known_words):
        pairs = [pair for pair in zip(words, known_words, strict=True) if pair[0] != pair[1]]
        return all(_is_near(word, right, max(1, len(right) // _LETTERS_A_SLIP)) for word, right in pairs)
    left_out = (known_words[:at] + known_words[at + 1 :] for at in range(len(known_words)))
    return len(words) >= _WORDS_LEFT and words in left_out


def _is_near(word: str, right: str, most: int) -> bool:
    return abs(len(word) - len(right)) <= most and _distance(word, right) <= most


def _distance(first: str, second: str) -> int:
    """Return how many letters are to be put in, taken out, changed, or exchanged with their neighbour.

    Optimal string alignment: Boytsov, "Indexing methods for approximate dictionary searching", 2011, section 2.1.
    """
    before: list[int] = []
    row = list(range(len(second) + 1))
    for at, letter in enumerate(first):
        older, before, row = before, row, [at + 1]
        for other_at, other in enumerate(second):
            cost = min(before[other_at + 1] + 1, row[other_at] + 1, before[other_at] + (letter != other))
            if at and other_at and letter == second[other_at - 1] and other == first[at - 1]:
                cost = min(cost, older[other_at - 1] + 1)
            row.append(cost)
    return row[-1]


def _parse_layer(layer: Mapping[str, tuple[str, Origin]]) -> dict[str, _Value]:
    parsed: dict[str, _Value] = {}
    for name, (text, origin) in layer.items():
        key = name.lower()
        declaration = DECLARATIONS.get(key)
        if declaration is None or name != declaration.name:
            raise _unknown(name, origin)
        if not text and not declaration.type.allows_empty:
            raise SettingError(f"{origin}: {name} has no value.", hint="Give it one, or take the line out.")
        try:
            parsed[key] = _Value(declaration.type.parse(text), origin)
        except ValueError as error:
            shown = "***" if name in SECRETS else text[:80]
            raise SettingError(f"{origin}: {name} is {shown!r}.", hint=f"Set it to {error}.") from error
    retention = parsed.get("jetstream_retention")
    if retention:
        for key, value in RETENTIONS[retention.value].items():
            if key not in parsed:
                why = f"JETSTREAM_RETENTION is {retention.value}"
                parsed[key] = _Value(value, retention.origin._replace(why=why))
            elif parsed[key].value != value:
                raise SettingError(
                    f"{parsed[key].origin}: {key.upper()} contradicts JETSTREAM_RETENTION={retention.value} "
                    f"({retention.origin}), which stands for {DECLARATIONS[key].type.write(value)}.",
                    hint="Take one of the two out.",
                )
    return parsed


def _refuse_contradictions(values: Mapping[str, _Value]) -> None:
    for at_fault, message, hint in _contradictions(values):
        raise SettingError(f"{values[at_fault].origin}: {message}", hint=hint)


def _contradictions(values: Mapping[str, _Value]) -> Iterator[tuple[str, str, str]]:
    portal = values["codex_publish_portal"]
    if values["docs_publish_enabled"].value and portal.value == "build-only":
        yield (
            "docs_publish_enabled",
            f"DOCS_PUBLISH_ENABLED is true, but CODEX_PUBLISH_PORTAL is build-only ({portal.origin}).",
            "Set CODEX_PUBLISH_PORTAL=external to publish, or DOCS_PUBLISH_ENABLED=false to only build.",
        )
    include, exclude = values["codex_repo_include_list"], values["codex_repo_exclude_list"]
    try:
        parse_include(include.value)
    except SettingError as error:
        yield "codex_repo_include_list", error.message, error.hint
    both = set(include.value) & set(exclude.value)
    if both:
        yield (
            "codex_repo_exclude_list",
            f"{min(both)} stands in CODEX_REPO_EXCLUDE_LIST and in CODEX_REPO_INCLUDE_LIST ({include.origin}).",
            "Take it out of one of the two.",
        )
    for key in ("build_timeout", "jetstream_max_age"):
        if not values[key].value:
            yield key, f"{key.upper()} is 0, which would end everything at once.", "Set a longer time."
    if not values["max_repos_per_hour"].value:
        yield "max_repos_per_hour", "MAX_REPOS_PER_HOUR is 0, so no repository is ever read.", "Use -1 for no limit."
    if values["codex_releases_kept"].value < FEWEST_KEPT:
        yield "codex_releases_kept", "CODEX_RELEASES_KEPT is 1, so there is nothing to go back to.", "Keep 2 or more."
    if not values["jetstream_stream"].value:
        yield "jetstream_stream", "JETSTREAM_STREAM is empty.", "Name the stream, for instance gitguard."


def _unknown(name: str, origin: Origin) -> SettingError:
    known = [PHASE_VARIABLE, *(declaration.name for declaration in DECLARATIONS.values())]
    return SettingError(
        f"{origin}: there is no setting {name}.",
        hint=f"{did_you_mean(name, known)} See docs/settings.md, which lists them all.".lstrip(),
    )

"""What a site says about its model: the option `embeddings`, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, get_args
from urllib.parse import urlsplit

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.suggestion import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

ModelKind = Literal["words", "minilm", "endpoint"]
_KINDS: Final[tuple[ModelKind, ...]] = get_args(ModelKind)
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class ModelSettings(NamedTuple):
    """Which model answers, and what it may cost."""

    model: ModelKind = "words"
    """`words`: the word table. `minilm`: a model of the MiniLM family by onnxruntime. `endpoint`: a service that
    speaks OpenAI's `/embeddings`."""
    folder: str = ""
    """Of the word table; default: that of the installed package wordllama."""
    minilm: str = ""
    """Folder of the other model: `model.onnx`, and `vocab.txt` or `tokenizer.json`."""
    url: str = ""
    """Of the endpoint, with its path: `https://api.example.com/v1/embeddings`."""
    name: str = ""
    """What the endpoint calls the model."""
    requests: int = 100
    """To the endpoint in one build, at most."""
    tokens: int = 1_000_000
    """Of the endpoint in one day (UTC), at most."""
    timeout: int = 20
    """Seconds that one request may take; all of a build may take three times as long."""


def read_settings(option: Mapping[str, Any]) -> ModelSettings:
    """Return the settings that an option holds.

    Raises:
        SettingError: an entry is unknown, or has a value that cannot be.
    """
    for name, value in option.items():
        if name not in ModelSettings._fields:
            hint = did_you_mean(str(name), ModelSettings._fields, is_quoted=True)
            raise SettingError(
                f"The option `embeddings` has no entry {name!r}.",
                hint=hint or f"Use one of: {', '.join(ModelSettings._fields)}.",
            )
        wanted = type(ModelSettings._field_defaults[name])
        if not isinstance(value, wanted) or isinstance(value, bool) or (isinstance(value, int) and value < 1):
            kind = "a whole number of 1 or more" if wanted is int else "a text"
            raise SettingError(f"`{name}` under `embeddings` is not {kind}: {value!r}.", hint=f"Write {kind}.")
    settings = ModelSettings(**option)
    _check(settings)
    return settings


def _check(settings: ModelSettings) -> None:
    if settings.model not in _KINDS:
        raise SettingError(
            f"`model` under `embeddings` is not a model: {settings.model!r}.", hint=f"Use one of: {', '.join(_KINDS)}."
        )
    if settings.model == "minilm" and not settings.minilm:
        raise SettingError(
            "`model` under `embeddings` is minilm, and no folder holds its files.",
            hint="Name the folder of model.onnx and vocab.txt: `minilm: models/all-MiniLM-L6-v2`.",
        )
    if settings.model != "endpoint":
        return
    parts = _parts_of(settings.url)
    if parts is None or not settings.name:
        raise SettingError(
            "`model` under `embeddings` is endpoint, which needs the `url` of one and the `name` of its model.",
            hint="Write both: `url: https://api.example.com/v1/embeddings` and `name: text-embedding-3-small`.",
        )
    scheme, host = parts
    if scheme != "https" and host not in _LOCAL:
        raise SettingError(
            f"`url` under `embeddings` is plain http, to {host}: whoever is between reads the key and all texts.",
            hint="Use https; http is for this machine alone.",
        )


def _parts_of(url: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    is_web = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.username
    return (parts.scheme, parts.hostname or "") if is_web else None

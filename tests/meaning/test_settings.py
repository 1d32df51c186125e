"""The option `embeddings`: each mistake is named."""

import pytest

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.meaning.settings import ModelSettings, read_settings


def test_what_is_written_counts() -> None:
    assert read_settings({}) == ModelSettings()
    endpoint = {"model": "endpoint", "url": "https://api.example.com/v1/embeddings", "name": "small", "tokens": 9}
    assert read_settings(endpoint) == ModelSettings(**endpoint)
    assert read_settings({**endpoint, "url": "http://127.0.0.1:8080/v1/embeddings"}).name == "small"


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"modell": "words"}, r"no entry 'modell'\. Did you mean 'model'"),
        ({"zzz": 1}, r"no entry 'zzz'\. Use one of: model, folder"),
        ({"model": "gpt"}, r"not a model: 'gpt'\. Use one of: words, minilm, endpoint"),
        ({"tokens": 0}, "`tokens` under `embeddings` is not a whole number of 1 or more: 0"),
        ({"requests": True}, "not a whole number"),
        ({"folder": 3}, "`folder` under `embeddings` is not a text: 3"),
        ({"model": "minilm"}, "no folder holds its files"),
        ({"model": "endpoint", "url": "https://a.example/v1"}, "needs the `url` of one and the `name`"),
        ({"model": "endpoint", "url": "https://[", "name": "x"}, "needs the `url`"),
        ({"model": "endpoint", "url": "https://me:pw@a.example/v1", "name": "x"}, "needs the `url`"),
        ({"model": "endpoint", "url": "http://a.example/v1", "name": "x"}, "plain http, to a.example"),
    ],
)
def test_each_mistake_is_named(option: dict, message: str) -> None:
    with pytest.raises(SettingError, match=message) as caught:
        read_settings(option)
    assert "pw" not in str(caught.value)

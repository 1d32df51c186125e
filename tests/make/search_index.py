"""The portal's search index of a built site, read as docs/search.md tells it, by none of the package's own code."""

import json
from pathlib import Path
from typing import NamedTuple

FOLDER = "assets/gitguard/search"
SHARED = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Searchable(NamedTuple):
    """An entry of the index."""

    kind: str
    label: str
    context: str
    url: str
    id: str


def content(path: Path) -> object:
    """Return the JSON of one file."""
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f'gitguardSearch("{path.stem}",')
    return json.loads(text[text.index(",") + 1 : text.rindex(")")])


def directory(site: Path) -> dict:
    return content(site / FOLDER / "index.js")


def table(site: Path, name: str) -> dict[str, list[str]]:
    """Return a table of a site's index: by key, its units; those of one group that were parted, put together."""
    keys: dict[str, list[str]] = {}
    listed = directory(site)["tables"][name]
    for file in listed[1::2]:
        key = ""
        for ending, *units in content(site / FOLDER / f"{name}-{file}.js"):
            key = key[: SHARED.index(ending[0])] + ending[1:]
            there = keys.setdefault(key, [])
            for unit in units:
                if there and there[-1][:3] == unit[:3]:
                    there[-1] += f",{unit[3:]}"
                else:
                    there.append(unit)
    return keys


def searchable(site: Path) -> list[Searchable]:
    """Return all that the index of a site names, files apart."""
    entries = []
    records = {key: unit[3:].split("\t") for key, (unit,) in table(site, "records").items()}
    for key, fields in records.items():
        label, context, url, node, *_ = [*fields, "", "", "", ""]
        home = [*records.get(key[:3], []), *[""] * 10]
        if key[3:4] == "c":
            number = str(int(key[4:], 36))
            url = home[7].replace("~", number) if url == "!" else url or f"{home[5]}{number}{home[6]}"
        entries.append(Searchable(key[3:4] or "r", label, context, url, node))
    return entries

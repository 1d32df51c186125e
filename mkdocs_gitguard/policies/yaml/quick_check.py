"""Tells quickly of most YAML that nothing is wrong with it. What it does not know is for the composed nodes to say.

A file of Kubernetes objects can hold a megabyte of definitions and no policy. That it parses and repeats no key shows
in the parser's events as they pass; no tree is kept, whose many nodes are what makes composing dear.
"""

from collections.abc import Iterable
from typing import Any, Final

import yaml
from yaml._yaml import CParser

_SCALAR: Final = yaml.ScalarEvent
_STARTS: Final = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_ENDS: Final = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


def is_surely_fine(text: str, deepest: int) -> bool:
    """Return whether a document for sure parses and needs no word; False means that it was not found out.

    It needs none where no mapping repeats a key, no `name` holds `{{`, and no more than `deepest` levels are nested.
    Anchors, and keys that are not scalars, are not looked into.
    """
    try:
        return _is_fine(iter(CParser(text).get_event, None), deepest)
    except yaml.YAMLError:
        return False


def _is_fine(events: Iterable[Any], deepest: int) -> bool:
    above: list[set[str] | None] = []
    keys: set[str] | None = None  # those of the mapping around the event; None in a sequence
    key: str | None = None  # the one whose value comes next
    documents = 0
    for event in events:
        kind = type(event)
        if kind is _SCALAR:
            if event.anchor is not None or (key == "name" and "{{" in event.value):
                return False
            if keys is None or key is not None:
                key = None
            elif event.value in keys:
                return False
            else:
                keys.add(key := event.value)
        elif kind in _STARTS:
            if event.anchor is not None or (keys is not None and key is None) or len(above) == deepest:
                return False
            above.append(keys)
            keys = set() if kind is yaml.MappingStartEvent else None
            key = None
        elif kind in _ENDS:
            keys = above.pop()
            key = None
        elif kind is yaml.AliasEvent:
            return False
        else:
            documents += kind is yaml.DocumentStartEvent
    return documents <= 1

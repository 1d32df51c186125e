"""OPA's own parser, for measurements that it judges: `opa_bindings` of PyPI's `opa-golib-python-bindings`.

Unpack the wheel and name its folder; it runs on any Python.
"""

import sys
from pathlib import Path
from typing import Any


def load(folder: Path) -> tuple[Any, type[Exception]]:
    """Return an engine whose `data.judge.module` is the parsed `input.text`, and the error that it raises."""
    sys.path.insert(0, str(folder))
    from opa_bindings import OpaEngine, OpaError  # noqa: PLC0415 - only where its folder is named

    engine = OpaEngine()
    engine.add_policy("judge", 'package judge\n\nmodule := rego.parse_module("x.rego", input.text)\n')
    return engine, OpaError

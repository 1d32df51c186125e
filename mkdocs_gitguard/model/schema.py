"""JSON Schema 2020-12 from the model (https://json-schema.org/draft/2020-12)."""

from typing import Any

import msgspec

from mkdocs_gitguard.model.snapshot import Snapshot


def json_schema(model: Any = Snapshot) -> dict[str, Any]:
    """Return the JSON Schema of a record type, with the others it needs under `$defs`."""
    schema = msgspec.json.schema(model)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}

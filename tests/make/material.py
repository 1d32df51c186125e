"""Sites with the theme Material, as most people build them."""

import os
from pathlib import Path

from make.site import Site
from make.snapshot import NOW

from mkdocs_gitguard.model import Snapshot

PALETTES = [
    {
        "media": "(prefers-color-scheme: light)",
        "scheme": "default",
        "toggle": {"icon": "material/weather-night", "name": "Dark"},
    },
    {
        "media": "(prefers-color-scheme: dark)",
        "scheme": "slate",
        "toggle": {"icon": "material/weather-sunny", "name": "Light"},
    },
]
MATERIAL = {
    "name": "material",
    "font": False,
    "palette": PALETTES,
    "features": ["navigation.tabs", "navigation.instant", "navigation.top", "search.suggest", "search.highlight"],
}


def build_with_material(folder: Path, snapshot: Snapshot) -> Path:
    """Return the folder of a site with Material, built at the moment of its snapshot."""
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = str(int(NOW.timestamp()))
    try:
        config = {"theme": MATERIAL, "markdown_extensions": ["toc"]}
        return Site(folder).write(snapshot, options={"strict_findings": "never"}, **config).build(strict=True)
    finally:
        if before is None:
            del os.environ["SOURCE_DATE_EPOCH"]
        else:
            os.environ["SOURCE_DATE_EPOCH"] = before

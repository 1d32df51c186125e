"""Sites with the theme Material, as most people build them."""

import os
from collections.abc import Iterable
from pathlib import Path

from make.site import Site
from make.snapshot import NOW

from mkdocs_gitguard.model import Measurement, Snapshot
from mkdocs_gitguard.state.measurements import Measurements

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


def build_with_material(folder: Path, snapshot: Snapshot, *, measured: Iterable[Measurement] = ()) -> Path:
    """Return the folder of a site with Material, built at the moment of its snapshot, `measured` before that."""
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = str(int(NOW.timestamp()))
    try:
        config = {"theme": MATERIAL, "markdown_extensions": ["toc"]}
        site = Site(folder).write(snapshot, options={"strict_findings": "never"}, **config)
        Measurements(site.folder / ".gitguard" / "state.db").remember(*measured)
        return site.build(strict=True)
    finally:
        if before is None:
            del os.environ["SOURCE_DATE_EPOCH"]
        else:
            os.environ["SOURCE_DATE_EPOCH"] = before

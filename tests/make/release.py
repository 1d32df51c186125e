"""Small sites to publish, and the reader's look at a target."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

from mkdocs_gitguard.model import Flags
from mkdocs_gitguard.publish.release import Manifest, describe_site, make_manifest

NOON = datetime(2026, 2, 10, 12, tzinfo=UTC)


def make_site(folder: Path, content: str, *, pages: int = 3) -> Path:
    """Write a site; `content` differs from release to release, most pages don't."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(f"<title>{content}</title>")
    for number in range(pages):
        (folder / f"page-{number}").mkdir(exist_ok=True)
        (folder / f"page-{number}" / "index.html").write_text(f"<p>page {number}")
    return folder


def manifest_of(site: Path, **more: object) -> Manifest:
    return make_manifest(describe_site(site), created_at=NOON, phase="canary", flags=Flags(publish=True), **more)  # type: ignore[arg-type]


def seen(current: Path) -> str:
    """Return the title that a reader sees who resolves the link once; fail if the release is not whole."""
    root = current.resolve(strict=True)
    manifest = json.loads((root / "release.json").read_bytes())
    for file in manifest["files"]:
        assert hashlib.sha256((root / file["path"]).read_bytes()).hexdigest() == file["sha256"], file["path"]
    assert manifest["release"]["files"] == len(manifest["files"]) > 0
    return (root / "index.html").read_text()[7:-8]

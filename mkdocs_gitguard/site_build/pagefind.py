"""The option `search: pagefind`: Pagefind's command over the pages of a built site, instead of an index of our own.

Pagefind (https://pagefind.app, 1.5) reads the words of whole pages and writes a file for each, so it is for sites of
few pages. Its Python API takes a tenth of a second a page, its command some milliseconds.
"""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from mkdocs_gitguard.errors import PublishError, SettingError
from mkdocs_gitguard.state.tree import files_below

PAGEFIND_ROOT: Final = "assets/gitguard/pagefind"
"""Under the site."""
MOST_PAGES: Final = 10_000
"""Of a site that it is used for: see https://github.com/Pagefind/pagefind/issues/842 for what happens beyond."""
_TIME_LIMIT: Final = 600
_LEFT_OUT: Final = ", ".join(
    (
        *(".md-skip", ".md-header", ".md-tabs", ".md-sidebar", ".md-footer"),
        *(".navbar", ".bs-sidebar", "#mkdocs_keyboard_modal", "#mkdocs_search_modal"),
        *(".wy-nav-side", ".wy-nav-top", "[role=navigation]", ".rst-versions"),
        *("footer", ".headerlink", ".gg-crumbs", ".gg-foot", "script", "noscript"),
    )
)
"""What stands around a page in the themes material, mkdocs and readthedocs."""


def check_pagefind() -> None:
    """See that the command is there.

    Raises:
        SettingError: it is not.
    """
    if find_spec("pagefind_bin") is None:
        raise SettingError(
            "The option `search` is pagefind, which needs pagefind-bin.",
            hint="Install it: pip install 'mkdocs-gitguard[pagefind]'",
        )


def write_pagefind(site: Path) -> None:
    """Index the pages of a site.

    Raises:
        SettingError: it has too many.
        PublishError: the command fails.
    """
    pages = sum(path.endswith(".html") for path, _ in files_below(site))
    if pages > MOST_PAGES:
        raise SettingError(
            f"The option `search` is pagefind, but {pages:,} pages are more than the {MOST_PAGES:,} that it is for.",
            hint="Set the option `search` to own, or a smaller `pull_request_pages`.",
        )
    command = [
        *(sys.executable, "-m", "pagefind_bin", "--site", str(site), "--output-path", str(site / PAGEFIND_ROOT)),
        *("--exclude-selectors", _LEFT_OUT, "--quiet"),
    ]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_TIME_LIMIT, text=True, errors="replace")
    except (OSError, subprocess.SubprocessError) as error:
        reply = (getattr(error, "stderr", None) or getattr(error, "stdout", None) or str(error)).strip()
        raise PublishError(
            f"Pagefind cannot index {site}: {reply.splitlines()[-1] if reply else 'it says nothing'}",
            hint="Set the option `search` to own.",
        ) from error

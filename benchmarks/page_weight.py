"""What a reader's browser has to do for each kind of page: `python -m benchmarks.page_weight SITE [PATH ...]`.

SITE is the folder of a built portal. Looked at is the longest page of each kind, or the given paths, in Chromium at
1280 x 900 with an empty cache. "own" is what the portal adds (the page, `assets/gitguard`, `api`), "theme" all else,
"gz" as hosts send it that compress. "longest" is the longest task of the page's thread in processor time, which
neighbours on the machine do not change; "ready" when its last task over 50 ms ends, by the clock, the best of the runs.
"""

import argparse
import functools
import gzip
import http.server
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Response, sync_playwright

ASK = """() => {
  const stops = [...document.querySelectorAll("a[href], a[*|href], button, input, select, summary, [tabindex]")];
  return {
    nodes: document.querySelectorAll("*").length,
    stops: stops.filter((one) => one.tabIndex >= 0 && one.checkVisibility()).length,
  };
}"""
QUIET = 1500
"""Milliseconds after the load in which a page comes to rest."""
LONG = 50_000
"""Microseconds from which a task is felt (https://www.w3.org/TR/longtasks-1/#long-task)."""


class Weight(NamedTuple):
    """Of one page, in bytes and milliseconds."""

    html: int
    html_packed: int
    own: int
    own_packed: int
    theme: int
    nodes: int
    stops: int
    longest: float
    ready: float


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the base class has it
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", type=Path)
    parser.add_argument("paths", nargs="*", help="of pages, such as repository/acme/billing/")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    handler = functools.partial(_Quiet, directory=str(given.site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}/"
    chromium = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-browser"))))
    print("HTML KB  gz KB  own KB  own gz  theme KB  nodes  stops  longest ms  ready ms  page")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for path in given.paths or longest_of_each_kind(given.site):
            weights = [weigh(browser, base, path) for _ in range(given.runs)]
            one = weights[0]
            longest = min(weight.longest for weight in weights)
            ready = min(weight.ready for weight in weights)
            print(
                f"{one.html / 1000:7.0f} {one.html_packed / 1000:6.0f} {one.own / 1000:7.0f} "
                f"{one.own_packed / 1000:7.0f} {one.theme / 1000:9.0f} {one.nodes:6,} {one.stops:6,} "
                f"{longest:11.0f} {ready:9.0f}  /{path}"
            )
        browser.close()
    server.shutdown()


def longest_of_each_kind(site: Path) -> Iterator[str]:
    """Yield the paths of each section's longest index, and of the longest page below it at each depth."""
    longest: dict[tuple[str, int], Path] = {}
    for page in sorted(site.rglob("index.html")):
        parts = page.relative_to(site).parts
        kind = (parts[0], min(len(parts), 5))
        if kind not in longest or page.stat().st_size > longest[kind].stat().st_size:
            longest[kind] = page
    for page in longest.values():
        yield f"{page.parent.relative_to(site).as_posix()}/".removeprefix("./")


def weigh(browser: Browser, base: str, path: str) -> Weight:
    """Load a page once with an empty cache."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))  # noqa: PLW0108 a built-in takes no attributes
    browser.start_tracing(page=page, categories=["toplevel", "blink.user_timing", "disabled-by-default-lighthouse"])
    page.goto(base + path, wait_until="load")
    page.wait_for_timeout(QUIET)
    longest, ready = tasks(json.loads(browser.stop_tracing())["traceEvents"])
    bodies = {answer.url.removeprefix(base): answer.body() for answer in responses if answer.ok}
    own = [body for url, body in bodies.items() if url == path or url.startswith(("assets/gitguard/", "api/"))]
    asked = page.evaluate(ASK)
    context.close()
    html = bodies[path]
    return Weight(
        html=len(html),
        html_packed=len(gzip.compress(html)),
        own=sum(map(len, own)),
        own_packed=sum(len(gzip.compress(body)) for body in own),
        theme=sum(map(len, bodies.values())) - sum(map(len, own)),
        longest=longest,
        ready=ready,
        **asked,
    )


def tasks(events: list[dict[str, Any]]) -> tuple[float, float]:
    """Return the longest task in processor time, and when the last long one ends after the navigation, in ms."""
    starts = [
        event for event in events if event["name"] == "navigationStart" and event["args"]["data"]["documentLoaderURL"]
    ]
    start = max(starts, key=lambda event: event["ts"])
    there = [
        event
        for event in events
        if event["name"].endswith("RunTask")
        and (event["pid"], event["tid"]) == (start["pid"], start["tid"])
        and event["ts"] >= start["ts"]
    ]
    ends = [event["ts"] + event["dur"] for event in there if event.get("dur", 0) > LONG]
    loaded = [event["ts"] for event in events if event["name"] == "loadEventEnd" and event["pid"] == start["pid"]]
    longest = max((event.get("tdur", 0) for event in there), default=0)
    return longest / 1000, (max((*ends, *loaded), default=start["ts"]) - start["ts"]) / 1000


if __name__ == "__main__":
    main()

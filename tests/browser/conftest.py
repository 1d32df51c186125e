"""A real Chromium, and whole portals served to it."""

import functools
import http.server
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from make.material import build_with_material
from make.servers import PATIENCE
from make.snapshot import NOW, hostile, likely
from msgspec.structs import replace
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from mkdocs_gitguard.model import FileChange, OwnerShare, Ownership, OwnershipArea, PullRequestOwnership


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_) -> None:
        pass


class WithoutSearch(Quiet):
    """Gives no script to the theme's search: to index a site is half of what opening a page costs."""

    def do_GET(self) -> None:
        if "/javascripts/workers/search." not in self.path:
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript")
        self.send_header("Content-Length", "0")
        self.end_headers()
        return None


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    # The shell is the same engine without what a desktop needs, and takes half the time.
    names = ("chromium-headless-shell", "chromium", "google-chrome", "chromium-browser")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip("there is no Chromium on this machine")
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        # On however busy a machine: what a test waits for is to come, and Playwright gives it half a minute.
        browser.new_context = _patient(browser.new_context)
        browser.new_page = _patient(browser.new_page)
        yield browser
        browser.close()


def _patient(make: Callable[..., BrowserContext | Page]) -> Callable[..., BrowserContext | Page]:
    def made(**options: object) -> BrowserContext | Page:
        opened = make(**options)
        opened.set_default_timeout(1000 * PATIENCE)
        return opened

    return made


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[..., str]]:
    """Serve a folder and return its URL."""
    servers = []

    def start(folder: Path, *, searches: bool = True) -> str:
        handler = functools.partial(Quiet if searches else WithoutSearch, directory=str(folder))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def acme(tmp_path_factory, serve) -> str:
    """The URL of a likely organisation's portal."""
    return serve(build_with_material(tmp_path_factory.mktemp("acme"), likely(repositories=5, pull_requests=12)))


@pytest.fixture(scope="session")
def large(tmp_path_factory, serve) -> str:
    """The URL of a portal with more repositories than a table shows at once."""
    return serve(
        build_with_material(tmp_path_factory.mktemp("large"), likely(repositories=180, pull_requests=1, files=1))
    )


@pytest.fixture(scope="session")
def long_lists(tmp_path_factory, serve) -> str:
    """The URL of a portal of one repository with many pull requests, the newest of which changed many files."""
    snapshot = likely(repositories=1, pull_requests=450)
    files = tuple(
        FileChange(path=f"src/{folder}/file_{number}.py", status="modified") for folder in "abc" for number in range(30)
    )
    changes = tuple(
        replace(
            change,
            files=files if change.number == 450 else change.files,
            merged_at=NOW - timedelta(hours=20 * (450 - change.number)),
        )
        for change in snapshot.pull_requests
    )
    owners = (OwnerShare(owner=snapshot.owners[0].id, files=90),)
    ownership = Ownership(
        repository=snapshot.repositories[0].id,
        path="CODEOWNERS",
        areas=(OwnershipArea(path="", files=90, owned=90, owners=owners),),
        pull_requests=(PullRequestOwnership(pull_request=changes[0].id, owners=owners),),
    )
    lists = replace(snapshot, pull_requests=changes, ownership=(ownership,))
    return serve(build_with_material(tmp_path_factory.mktemp("lists"), lists))


@pytest.fixture(scope="session")
def spiteful_folder(tmp_path_factory) -> Path:
    """A portal in which every text is hostile."""
    return build_with_material(tmp_path_factory.mktemp("hostile"), hostile())


@pytest.fixture(scope="session")
def spiteful(spiteful_folder, serve) -> str:
    """The URL of that portal."""
    return serve(spiteful_folder)


@pytest.fixture(scope="session")
def spiteful_to_look_at(spiteful_folder, serve) -> str:
    """Its URL where nothing is searched for."""
    return serve(spiteful_folder, searches=False)


class Visit:
    """Opens pages and remembers every complaint of the browser."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.complaints: list[str] = []

    def open(self, url: str, *, width: int = 1280, scheme: str = "light", javascript: bool = True) -> Page:
        context = self._browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=javascript
        )
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console", lambda line: self.complaints.append(line.text) if line.type in {"error", "warning"} else None
        )
        page.goto(url)
        return page

    def close(self) -> None:
        for context in self._browser.contexts:
            context.close()


@pytest.fixture
def visit(chromium) -> Iterator[Visit]:
    visiting = Visit(chromium)
    yield visiting
    visiting.close()

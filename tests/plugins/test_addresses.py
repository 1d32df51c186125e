"""Where the sitemap says that pages stand: what MkDocs' own way gives, by a shorter one."""

from urllib.parse import urljoin, urlsplit

import pytest

from mkdocs_gitguard.plugins.mkdocs_pages import addresses_in

ROOTS = [
    "https://portal.example.org",
    "https://portal.example.org/",
    "https://example.org/a/portal",
    "https://example.org/a/../portal/",
    "https://example.org/%C3%A9//portal/",
    "https://example.org/portal/?version=1",
    "http://127.0.0.1:8000/",
    "/portal/",
]
URLS = [
    "owner/user/mira/",
    "policy/acme/guardrails/rego/repo.guard/",
    "pull-request/acme/%21billing/1/index.html",
    "a/.hidden/b/",
    "a/../b/",
    "a//b/",
    "",
    "index.html",
]


@pytest.mark.parametrize("root", ROOTS)
def test_an_address_is_the_one_that_mkdocs_gives(root: str) -> None:
    addresses = addresses_in(root)
    for url in URLS:
        whole = urljoin(root if root.endswith("/") else f"{root}/", url)
        assert addresses(url) == (whole, urlsplit(whole).path), url


def test_a_site_without_url_has_no_addresses() -> None:
    assert addresses_in("")("owner/") == addresses_in(None)("owner/") == (None, None)

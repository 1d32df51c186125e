"""What is the reader's own on the home page: chosen in the browser, kept there, and forgotten there."""

import json

import pytest

pytestmark = pytest.mark.browser

SECTION = "[data-gg-reader]"


def choose(page, text: str, label: str) -> None:
    page.locator(".gg-reader-choose summary").click()
    page.locator(".gg-reader-choose input").fill(text)
    page.get_by_role("button", name=label, exact=True).click()
    page.wait_for_selector(".gg-reader-one:not([aria-busy])")


def test_a_reader_chooses_is_remembered_and_forgotten(visit, acme) -> None:
    page = visit.open(acme)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    choose(page, "mira", "Mira Okafor")
    block = page.locator(".gg-reader-one")
    assert page.locator(f"{SECTION} h2").inner_text() == "For Mira Okafor"
    assert block.inner_text()
    for href in block.locator("a[href]").evaluate_all("links => links.map((link) => link.href)"):
        assert href.startswith(("http://", "https://"))
        assert "/owner/repository/" not in href
    ids = page.evaluate("[...document.querySelectorAll('.gg [id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))
    # Nothing is sent: files of this site are read, without a word of who is asked for.
    assert all(request.startswith(f"GET {acme}") and "?" not in request for request in asked)
    assert any("/owner/" in request for request in asked)

    page.reload()
    page.wait_for_selector(".gg-reader-one:not([aria-busy])")
    top = "document.getElementById('attention').getBoundingClientRect().top"
    filled = page.evaluate(top)
    page.route("**/owner/**", lambda route: None)
    page.reload(wait_until="commit")
    page.wait_for_selector("#attention")
    # Before the answer is there, what follows stands where it will stand.
    assert page.locator(".gg-reader-one[aria-busy]").count() == 1
    assert abs(page.evaluate(top) - filled) < 2

    page.get_by_role("button", name="Forget Mira Okafor").click()
    assert page.locator(f"{SECTION} h2").count() == 0
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('gitguard-reader'))") == []
    visit.close()


def test_who_is_gone_is_told_and_strange_entries_count_for_nothing(visit, acme) -> None:
    page = visit.open(acme)
    kept = [
        {"id": "owner:user/gone", "label": "<b>Gone</b>", "url": "owner/user/gone/"},
        {"id": "owner:user/evil", "label": "Evil", "url": "https://evil.example/owner/user/evil/"},
        {"id": "owner:user/evil", "label": "Evil", "url": "//evil.example/"},
        {"id": "policy:x", "label": "Evil", "url": "policy/x/"},
        7,
    ]
    page.evaluate("kept => localStorage.setItem('gitguard-reader /', kept)", json.dumps(kept))
    page.reload()
    page.wait_for_selector(".gg-reader-one:not([aria-busy])")
    assert page.locator(f"{SECTION} h2").all_inner_texts() == ["For <b>Gone</b>"]
    assert page.locator(".gg-reader-one").inner_text() == "<b>Gone</b> has no page here any more."
    page.evaluate("localStorage.setItem('gitguard-reader /', 'not JSON')")
    page.reload()
    assert page.locator(f"{SECTION} h2").count() == 0
    assert page.locator(".gg-reader-choose summary").is_visible()


def test_without_script_home_is_the_organisations_alone(visit, acme) -> None:
    page = visit.open(acme, javascript=False)
    assert page.locator(SECTION).is_hidden()
    assert page.locator("#attention").is_visible()

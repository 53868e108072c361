"""One click in a real browser: every tab set of the page follows."""
import os
import shutil

import pytest
from conftest import CHAPTER, LANGUAGES

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if CHROMIUM is None and os.environ.get("CI"):
    raise RuntimeError("CI must have Chromium: `make test` installs it where it is root")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"])
        yield browser
        browser.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_tab_set_follows_one_click(site, browser, language):
    page = browser.new_page()
    errors, elsewhere = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda r: r.url.startswith(("file:", "data:")) or elsewhere.append(r.url))
    page.goto(f"file://{site}/{language}/{CHAPTER}/auto-parallelism.html")
    tabs = page.get_by_role("tab", name="PyTorch")
    assert tabs.count() > 3
    tabs.nth(1).click()
    chosen = page.locator("[role=tab][aria-selected=true]")
    labels = chosen.all_inner_texts()
    assert labels and set(labels) == {"PyTorch"}
    shown = page.locator("[role=tabpanel]:visible")
    assert {shown.nth(i).get_attribute("data-label") for i in range(shown.count())} == {"PyTorch"}
    assert not errors and not elsewhere
    page.close()


@pytest.mark.parametrize("name", ["auto-parallelism", "auto-parallelism-exercises"])
def test_a_phone_scrolls_only_down(site, browser, name):
    page = browser.new_page(viewport={"width": 360, "height": 700})
    page.goto(f"file://{site}/vi/{CHAPTER}/{name}.html")
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


def test_a_solution_opens_with_a_click_and_is_in_full_on_paper(site, browser):
    page = browser.new_page()
    page.goto(f"file://{site}/en/{CHAPTER}/auto-parallelism-exercises.html")
    fold = page.locator("details.fold").nth(1)
    text = fold.locator("p").first
    assert not text.is_visible()
    page.emulate_media(media="print")
    assert text.is_visible() and text.bounding_box()["height"] > 5
    page.emulate_media(media="screen")
    assert not text.is_visible()
    fold.locator("summary").click()
    assert text.is_visible()
    page.close()


def test_the_landing_page_leads_to_the_readers_language(site, browser):
    for locale, folder in (("vi-VN", "/vi/"), ("fr-FR", "/en/")):
        context = browser.new_context(locale=locale)
        page = context.new_page()
        page.goto(f"file://{site}/index.html")
        page.wait_for_url(f"**{folder}index.html")
        context.close()
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"file://{site}/index.html")
    assert page.locator("a").count() == 2
    page.close()

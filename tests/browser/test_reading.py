"""What readers do on a page: copy a cell, switch to the dark, read on paper."""
import re
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from conftest import CHAPTER, LANGUAGES, PATIENCE, ROOT, TABS, TABS_OF, until
from playwright.sync_api import expect

from tabcells.page.split import split


@pytest.mark.parametrize("language, tab", [*zip(LANGUAGES, reversed(TABS_OF["async-computation"]))])
def test_the_copy_button_copies_the_code_of_its_cell_and_nothing_else(site, visit, language, tab):
    suffix = ".en.md" if language == "en" else ".md"
    source = (ROOT / CHAPTER / f"async-computation{suffix}").read_text("utf-8")
    cells = [cell.source for cell in split(source, "page", list(TABS)).notebook.cells
             if cell.metadata.get("tab") == tab and cell.cell_type == "code"]
    address = f"file://{site}/{language}/{CHAPTER}/async-computation.html?tab={tab}"
    with visit(address) as page:
        buttons = page.locator(f"[role=tabpanel][data-tab={tab}] .cell_input button.copybtn")
        expect(buttons).to_have_count(len(cells))
        assert cells
        page.evaluate("document.body.append(document.createElement('textarea'))")
        place = page.locator("body > textarea")

        def pasted(code):
            place.fill("")
            page.keyboard.press("Control+V")
            return place.input_value().rstrip() == code.rstrip()

        for number, code in enumerate(cells):
            buttons.nth(number).focus()
            expect(buttons.nth(number)).to_have_css("opacity", "1")
            page.keyboard.press("Enter")
            until(partial(pasted, code))


def test_a_finger_sees_the_copy_buttons(site, visit):
    address = f"file://{site}/vi/{CHAPTER}/async-computation.html"
    with visit(address, has_touch=True, is_mobile=True,
               viewport={"width": 360, "height": 740}) as page:
        expect(page.locator("button.copybtn:visible").first).to_have_css("opacity", "1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_plots_and_pages_take_the_readers_scheme(site, visit, scheme):
    with visit(f"file://{site}/vi/{CHAPTER}/auto-parallelism.html", color_scheme=scheme) as page:
        ink, paper = page.evaluate("""[getComputedStyle(
            document.querySelector('.evidence svg text')).fill,
            getComputedStyle(document.body).backgroundColor]""")
        brightness = [sum(map(float, re.findall(r"[\d.]+", colour)[:3])) for colour in (ink, paper)]
        assert (brightness[0] < brightness[1]) == (scheme == "light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_names_in_code_are_not_underlined_as_links_are(site, visit, scheme):
    with visit(f"file://{site}/en/{CHAPTER}/auto-parallelism.html", color_scheme=scheme) as page:
        lines = page.evaluate("""[...document.querySelectorAll('.highlight span')].map(
            name => getComputedStyle(name).textDecorationLine)""")
        assert len(lines) > 100 and set(lines) == {"none"}


@pytest.fixture
def served(site):
    """The site's address on a server of this machine."""
    handler = partial(SimpleHTTPRequestHandler, directory=site)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_click_takes_the_notebook_along(served, site, browser, language):
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{served}/{language}/{CHAPTER}/auto-parallelism.html")
    with page.expect_download() as download:
        page.locator(".take-along a").first.click()
    name = f"auto-parallelism.{TABS_OF['auto-parallelism'][0]}.ipynb"
    assert download.value.suggested_filename == name
    kept = site / language / "notebooks" / name
    assert Path(download.value.path()).read_bytes() == kept.read_bytes()
    page.close()

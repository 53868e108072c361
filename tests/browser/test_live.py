"""The book, live: every cell of the chapter in its framework's kernel; nothing of it published."""
import re

import pytest
from conftest import CHAPTER, LANGUAGES, PAGE_TABS, ROOT, TABS
from playwright.sync_api import expect
from test_access import PAINT, STRUCTURE, violations

from live.pages import words
from tabcells.page.split import split
from tests.live.server import reading, serving

#: Milliseconds that the cells of a page may take here; what hangs ends, a busy machine is slow.
LONG = 1_200_000


@pytest.mark.parametrize("page, tab, language", [
    (page, tab, LANGUAGES[number % 2]) for number, (page, tab) in enumerate(PAGE_TABS)])
def test_every_cell_runs(site, browser, tmp_path, page, tab, language):
    suffix = ".en.md" if language == "en" else ".md"
    source = (ROOT / CHAPTER / f"{page}{suffix}").read_text("utf-8")
    count = len(split(source, page, list(TABS)).cells_of[tab])
    said = words(language)
    with serving(ROOT, site, tmp_path / "log") as server:
        address = server.address.replace("#", f"{language}/{CHAPTER}/{page}.html?tab={tab}#")
        with reading(browser, server, address) as reader:
            page = reader.page
            page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
            cells = page.locator(f"[role=tabpanel][data-tab={tab}] .cell:has(> .live)")
            expect(cells).to_have_count(count)
            published = cells.evaluate_all(
                "all => all.map(cell => Boolean(cell.querySelector('.cell_output')))")
            reader.press(cells.last, said["run"])
            if count > 1:
                reader.press(cells.last, said["first"])
            expect(cells.last.locator(".live")).to_have_attribute(
                "data-status", re.compile("done|error|stopped|died|failed"), timeout=LONG)
            assert cells.locator(".live").evaluate_all(
                "all => all.map(bar => bar.dataset.status)") == ["done"] * count, \
                cells.locator(".live-output .traceback").all_inner_texts()
            own = cells.evaluate_all(
                "all => all.map(cell => Boolean(cell.querySelector('.live-output > div > *')))")
            assert own == published
            assert cells.locator(".live-output .evidence svg").count() == cells.locator(
                ".cell_output:not(.live-output) .evidence svg").count()
            ids = page.locator(".live-output [id]").evaluate_all("all => all.map(node => node.id)")
            assert len(ids) == len(set(ids))
            assert not violations(page, STRUCTURE)
            assert not violations(page, PAINT, ".live, .live-output")
            page.set_viewport_size({"width": 360, "height": 740})
            assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_nothing_of_it_is_published(site):
    names = re.compile(rb"/live/|live-token|live-words|jupyterlab-services|class=\"live")
    pages = [path for path in site.rglob("*") if path.suffix in (".html", ".js", ".css")]
    assert len(pages) > 20
    assert not [str(path) for path in pages if names.search(path.read_bytes())]

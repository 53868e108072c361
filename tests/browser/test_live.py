"""The book, live: every cell of the chapter in its framework's kernel; nothing of it published.

How fast this machine is is no matter here: each work runs once (`tests/hurried`).
"""
import os
import re

import pytest
from conftest import CHAPTER, HURRIED, LANGUAGES, PAGES, ROOT, TABS
from playwright.sync_api import expect
from test_access import PAINT, STRUCTURE, show_all, violations

from live.pages import words
from tabcells.page.split import split
from tests.live.server import reading, serving

#: Milliseconds that the cells of a page may take here; what hangs ends, a busy machine is slow.
LONG = 1_200_000


@pytest.fixture(scope="module")
def live(site, tmp_path_factory):
    with serving(ROOT, site, tmp_path_factory.mktemp("live") / "log",
                 PYTHONPATH=os.pathsep.join(map(str, (ROOT, HURRIED)))) as server:
        yield server


@pytest.mark.parametrize("page, language", [
    (page, LANGUAGES[number % 2]) for number, page in enumerate(PAGES)])
def test_every_cell_runs(live, browser, page, language):
    suffix = ".en.md" if language == "en" else ".md"
    source = (ROOT / CHAPTER / f"{page}{suffix}").read_text("utf-8")
    cells_of = split(source, page, list(TABS)).cells_of
    said = words(language)
    address = live.address.replace("#", f"{language}/{CHAPTER}/{page}.html#")
    with reading(browser, live, address) as reader:
        page = reader.page
        show_all(page)
        for tab, code in cells_of.items():
            cells = page.locator(f"[role=tabpanel][data-tab={tab}] .cell:has(> .live)")
            expect(cells).to_have_count(len(code))
            published = cells.evaluate_all(
                "all => all.map(cell => Boolean(cell.querySelector('.cell_output')))")
            reader.press(cells.last, said["run"])
            if len(code) > 1:
                reader.press(cells.last, said["first"])
            expect(cells.last.locator(".live")).to_have_attribute(
                "data-status", re.compile("done|error|stopped|died|failed"), timeout=LONG)
            assert cells.locator(".live").evaluate_all(
                "all => all.map(bar => bar.dataset.status)") == ["done"] * len(code), \
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

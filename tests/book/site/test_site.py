"""The built site: every cell with its output, in both languages, from this build's record."""
import json
import re

import pytest
from conftest import CHAPTER, LANGUAGES, PAGE_TABS, PAGES, ROOT, TABS, TABS_OF
from parsed import on_parsed_pages, tree

from book import frameworks
from book.takealong.needs import pins
from tabcells.page.split import split

pytestmark = on_parsed_pages
PER_PAGE = [(language, page) for language in LANGUAGES for page in PAGES]


def soup(site, language, page):
    return tree(site / language / CHAPTER / f"{page}.html")


def squeeze(text):
    return re.sub(r"\s+", "", text)


def printed(site, language, page, tab):
    return [out.get_text() for panel in soup(site, language, page).select("[role=tabpanel]")
            if panel["data-label"] == TABS[tab] for out in panel.select(".cell_output .stream")]


@pytest.mark.parametrize("language, page", PER_PAGE)
def test_every_source_cell_is_in_its_tab(site, language, page):
    suffix = ".en.md" if language == "en" else ".md"
    source = (ROOT / CHAPTER / f"{page}{suffix}").read_text("utf-8")
    for tab in TABS_OF[page]:
        wanted = [squeeze(c.source) for c in split(source, page, list(TABS)).notebook.cells
                  if c.cell_type == "code" and c.metadata["tab"] == tab]
        shown = [squeeze(code.get_text())
                 for panel in soup(site, language, page).select("[role=tabpanel]")
                 if panel["data-label"] == TABS[tab] for code in panel.select(".cell_input")]
        assert shown == wanted and wanted


@pytest.mark.parametrize("page, tab", PAGE_TABS)
def test_both_languages_show_the_same_run_which_is_on_record(site, page, tab):
    vi, en = (printed(site, language, page, tab) for language in LANGUAGES)
    assert vi == en and vi
    records = [json.loads(p.read_text("utf-8"))
               for p in (ROOT / "_build" / "tabcells" / "records").glob("*.ipynb")]
    kept = {squeeze("".join(line for output in c["outputs"] for line in output.get("text", ())))
            for nb in records for c in nb["cells"]}
    assert all(squeeze(text) in kept for text in vi)


@pytest.mark.parametrize("language, page", PER_PAGE)
def test_provenance_ends_each_tab(site, language, page):
    for framework in map(frameworks.read(ROOT).get, TABS_OF[page]):
        text = [p for p in soup(site, language, page).select("[role=tabpanel]")
                if p["data-label"] == framework.label][-1].get_text()
        assert f"{framework.module} {pins(ROOT)[framework.module]}" in text
        day = (r"ngày \d\d? tháng \d\d? năm \d{4}" if language == "vi" else
               r"[A-Z]\w+ \d\d?, \d{4}")
        assert re.search(day + r", \d\d:\d\d UTC", text)
        seconds = re.search(r"mất (\S+) giây" if language == "vi" else r"in (\S+) seconds", text)[1]
        assert seconds.replace(",", ".").count(".") <= 1 and ("." in seconds) <= (language == "en")
        assert not re.search(r"GPU: [-–]?\.", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_in_their_language_and_links_resolve(site, language):
    for path in (site / language).rglob("*.html"):
        page = tree(path)
        assert page.html["lang"] == language
        # The tool's page speaks of such roles, as code.
        text = "".join(words for words in page.find_all(string=True)
                       if not words.find_parent("code"))
        assert not re.search(r"\{(numref|cite|ref)", text)
        ids = [node["id"] for node in page.select("[id]")]
        assert len(ids) == len(set(ids)), path
        for node in page.select("[aria-controls]"):
            assert node["aria-controls"] in ids
        for link in page.select("a[href]"):
            target, _, anchor = link["href"].partition("#")
            if "://" in target or target.startswith("mailto:"):
                continue
            file = (path.parent / target).resolve() if target else path
            assert file.exists(), (path, link["href"])
            if anchor and file == path:
                assert anchor in ids, (path, link["href"])
        for image in page.select("main img, article img"):
            assert image.get("alt")
        for node in page.select("script[src], link[rel=stylesheet], img[src]"):
            assert "://" not in (node.get("src") or node.get("href"))


def test_figures_and_sections_are_numbered_in_the_language(site):
    assert "Hình" in soup(site, "vi", "auto-parallelism").find("figcaption").get_text()
    assert "Figure" in soup(site, "en", "auto-parallelism").find("figcaption").get_text()


@pytest.mark.parametrize("language, page", PER_PAGE)
def test_the_language_switch_leads_to_the_twin(site, language, page):
    path = site / language / CHAPTER / f"{page}.html"
    link = soup(site, language, page).select_one(".language-switch a")
    other = "en" if language == "vi" else "vi"
    assert link["hreflang"] == other
    assert (path.parent / link["href"]).resolve() == site / other / CHAPTER / f"{page}.html"

"""What a screen reader tells of the built pages, in the page's language."""
import re

import pytest
from conftest import CHAPTER, LANGUAGES
from parsed import on_parsed_pages, tree

from book.english import is_vietnamese

pytestmark = on_parsed_pages


def pages(site, language):
    return {path: tree(path) for path in sorted((site / language).rglob("*.html"))}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_has_a_caption_and_each_row_a_header(site, language):
    seen = 0
    for path, page in pages(site, language).items():
        for table in page.select("article table"):
            assert table.caption and table.caption.get_text(strip=True), (path, str(table)[:200])
            assert table.find(True) is table.caption, path
            rows = table.select("tbody tr")
            assert all(row.find(["th", "td"]).name == "th" for row in rows) and rows, path
            seen += 1
        assert not [p for p in page.select("article p") if p.get_text().startswith(": ")], path
    assert seen > 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_are_in_the_pages_language_and_its_headings_differ(site, language):
    for path, page in pages(site, language).items():
        assert "Toggle hidden" not in str(page), path
        headings = [h.get_text() for h in page.select("article :is(h1, h2, h3, h4)")]
        assert len(headings) == len(set(headings)), path
        for title in page.select("svg title"):
            assert not re.search(r"\b1 (lanes|làn)\b", title.get_text()), path


def test_what_is_english_in_vietnamese_pages_says_so(site):
    seen = set()
    for path, page in pages(site, "vi").items():
        for code in page.select("article code, article [class*=highlight-]"):
            spoken = code.find_parent(lang=True)["lang"] if not code.get("lang") else code["lang"]
            assert (spoken == "vi") == is_vietnamese(code.get_text()), (path, str(code)[:200])
            seen.add(code.name)
        for words in page.find_all(string=re.compile("Dive into Deep|Automatic Parallelism")):
            # The tool's settings say of themselves what they are, where Markdown knows no marks.
            if words.find_parent("p") and not words.find_parent(["code", "table"]):
                assert words.find_parent(lang="en"), (path, words)
    assert seen >= {"code", "div"}
    works = tree(site / "vi" / "references.html").select(".citation")
    assert all(work.select_one("p [lang=en]") for work in works) and works


def test_an_english_page_marks_nothing_as_foreign(site):
    page = tree(site / "en" / CHAPTER / "auto-parallelism.html")
    assert not page.select("article [lang=vi]")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_work_can_be_opened_and_leads_back(site, language):
    references = site / language / "references.html"
    works = tree(references).select(".citation")
    for work in works:
        label = work.select_one(".label").get_text().strip("[]")
        out = [link["href"] for link in work.select("a.external")]
        assert any(re.match("https://(arxiv.org/abs/|doi.org/|d2l.ai|www.usenix.org/)", address)
                   for address in out), label
        back = work.select(".cited-in a")
        assert back, label
        for link in back:
            path, _, anchor = link["href"].partition("#")
            place = tree((references.parent / path).resolve()).find(id=anchor)
            assert work["id"] in [cited["href"].partition("#")[2] for cited in place.select("a")]
            author, year = re.match(r"(\w+).*, (\d{4})", label).groups()
            assert author in place.get_text() and year in place.get_text()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_trace_is_a_download_and_how_to_open_it_is_said(site, language):
    links = tree(site / language / CHAPTER / "auto-parallelism.html").select("a[href*='/traces/']")
    assert len(links) > 4
    for link in links:
        assert link.has_attr("download")
        assert "Open trace file" in link.find_parent("p").get_text()

"""The search page in a real browser, over file://."""
import json
from html import escape
from urllib.parse import quote, unquote

import pytest
from conftest import CHAPTER, LANGUAGES, PATIENCE, ROOT, TABS
from playwright.sync_api import expect

from book.search import WORDS

QUERIES = json.loads((ROOT / "tests" / "data" / "queries.json").read_text("utf-8"))
RESULTS = "#search-results li"


@pytest.fixture
def search(site, browser):
    """Open the search page of a language with a query; in the end, nothing must be wrong."""
    context, troubles = browser.new_context(), []
    context.set_default_timeout(PATIENCE)

    def open_page(language, query=None):
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda m: m.type == "error" and troubles.append(m.text))
        page.on("dialog", lambda dialog: troubles.append(dialog.message))
        page.on("request", lambda r: r.url.startswith(("file:", "data:"))
                or troubles.append(r.url))
        tail = "" if query is None else f"?q={quote(query)}"
        page.goto(f"file://{site}/{language}/search.html{tail}")
        return page

    yield open_page
    context.close()
    assert not troubles


@pytest.fixture(scope="module")
def first_results(site, browser):
    """``f(language, query)``: the page, place and excerpt of what comes first."""
    pages = {language: browser.new_page() for language in LANGUAGES}
    for language, page in pages.items():
        page.set_default_timeout(PATIENCE)
        page.goto(f"file://{site}/{language}/search.html")

    def first(language, query):
        page = pages[language]
        page.fill("#search-input", query)
        page.press("#search-input", "Enter")
        item = page.locator(RESULTS).first
        link = item.get_by_role("link")
        crumbs = item.locator(".crumbs")
        above = crumbs.inner_text().split(" › ") if crumbs.count() else []
        docname, _, anchor = link.get_attribute("href").partition(".html")
        return docname, [*above, link.inner_text()], anchor, item.inner_text()

    yield first
    for page in pages.values():
        page.close()


@pytest.mark.parametrize("row", QUERIES, ids=[
    ascii(f"{row['language']}: {row['query']}") for row in QUERIES])
def test_the_section_that_a_reader_wants_comes_first(first_results, row):
    docname, place, _, _ = first_results(row["language"], row["query"])
    assert (docname, place[-1]) == (row["page"], row["section"].split(" › ")[-1])
    assert set(row["section"].split(" › ")) <= set(place)


def test_marks_that_were_typed_come_before_other_marks_and_none(first_results):
    for query in ("thẻ", "THẺ", "the\u0309"):  # "thế" and "the" abound, in titles too
        assert "thẻ" in first_results("vi", query)[3].lower()


def test_every_anchor_of_the_index_is_on_its_page(site):
    for language in LANGUAGES:
        text = (site / language / "searchindex.js").read_text("utf-8")
        index = json.loads(text.removeprefix("window.bookSearch = ").removesuffix(";\n"))
        assert len(index["entries"]) > 25
        assert index["tabs"] == TABS
        for entry in index["entries"]:
            html = (site / language / entry["page"]).read_text("utf-8")
            assert f'id="{entry["anchor"]}"' in html or f"id='{entry['anchor']}'" in html


def test_sphinx_search_is_gone_and_other_pages_load_nothing_of_ours(site):
    for language in LANGUAGES:
        for name in ("searchtools.js", "language_data.js", "sphinx_highlight.js"):
            assert not (site / language / "_static" / name).exists()
        for path in (site / language).rglob("*.html"):
            html = path.read_text("utf-8")
            assert "language_data" not in html and "sphinx_highlight" not in html
            assert ("minisearch.js" in html) == (path.name == "search.html")


def test_what_is_in_one_tab_alone_is_shown_in_that_tab(first_results):
    for query, tab in (("wait_aside", "pytorch"), ("hidden dependencies", "mxnet")):
        _, _, anchor, text = first_results("en", query)
        assert anchor.startswith(f"?tab={tab}&found#")
        assert TABS[tab] in text
    assert first_results("en", "matrix products none of which")[2].startswith("?found#")


def test_the_side_bar_leads_here_and_back_again(search, site):
    page = search("vi")
    page.goto(f"file://{site}/vi/{CHAPTER}/auto-parallelism.html")
    page.fill(".sidebar-search", "duong gang")
    page.press(".sidebar-search", "Enter")
    page.wait_for_url("**/vi/search.html?q=*")
    assert page.locator("#search-input").input_value() == "duong gang"
    expect(page.locator(RESULTS).first.locator("mark").nth(1)).to_have_text("găng")
    assert page.locator(RESULTS).first.locator("mark").all_inner_texts()[:2] == ["đường", "găng"]
    page.locator(RESULTS).first.get_by_role("link").click()
    page.wait_for_url("**/auto-parallelism-exercises.html*")
    expect(page.get_by_text("đường găng của nó")).to_be_visible()  # fold open, tab chosen
    page.go_back()
    page.wait_for_url("**/vi/search.html?q=*")
    page.wait_for_selector(RESULTS)
    expect(page.locator("#search-input")).to_have_value("duong gang")


def test_by_keyboard_alone_as_one_types(search):
    page = search("en")
    expect(page.locator("#search-input")).to_be_focused()
    assert "words" in page.locator("[role=status]").inner_text()
    page.keyboard.type("critical pa")
    page.wait_for_url(lambda url: unquote(url).endswith("?q=critical+pa"))
    page.wait_for_selector(RESULTS)
    status = page.locator("[role=status]")
    expect(status).to_contain_text("critical pa")
    assert str(page.locator(RESULTS).count()) in status.inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    focused = page.locator("#search-results li:first-child a:focus")
    expect(focused).to_have_count(1)
    assert focused.evaluate("a => getComputedStyle(a).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**/auto-parallelism-exercises.html*")


def test_nothing_found_is_said_in_the_pages_language(search):
    page = search("vi", "xyzzyqwq")
    expect(page.locator("[role=status]")).to_contain_text("Không tìm thấy gì cho “xyzzyqwq”")
    assert page.locator(RESULTS).count() == 0
    page.fill("#search-input", "")
    page.get_by_role("status").get_by_text("Hãy gõ").wait_for()
    page.wait_for_url(lambda url: "?" not in url)


def test_some_of_the_words_are_better_than_nothing(search):
    page = search("en", "backpropagation xyzzyqwq")
    expect(page.locator("[role=status]")).to_contain_text("No section has all of the words")
    assert page.locator(RESULTS).first.locator("mark").count()


@pytest.mark.parametrize("query", [
    "<img src=x onerror=alert(1)>", "\"><script>alert(1)</script>", "{count} (?<", "%", "$& \\",
    "__proto__ constructor toString"])
def test_a_hostile_query_is_text(search, query):
    page = search("en", query)
    expect(page.locator("#search-input")).to_have_value(query)
    expect(page.locator("[role=status]")).not_to_be_empty()  # the results stand below it
    assert page.locator("article img, article script, article iframe").count() == 0


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(site, browser, language, scheme):
    from axe_playwright_python.sync_playwright import Axe
    page = browser.new_page(color_scheme=scheme)
    page.set_default_timeout(PATIENCE)
    page.goto(f"file://{site}/{language}/search.html?q=MXNet")
    page.wait_for_selector(RESULTS)
    found = Axe().run(page, context="article", options={"runOnly": [
        "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
        "resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()
    page.close()


def test_a_phone_scrolls_only_down(site, browser):
    page = browser.new_page(viewport={"width": 360, "height": 700})
    page.set_default_timeout(PATIENCE)
    page.goto(f"file://{site}/vi/search.html?q=MXNET_CPU_WORKER_NTHREADS")
    page.wait_for_selector(RESULTS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


@pytest.mark.parametrize("query, titles", [
    ("C++", ["In C++"]), ("c++", ["In C++"]), ("C#", ["C#"]), ("c++17", ["In C++"]),
    ("g++", []), ("C", ["C#", "C alone", "In C++", "Cells"]), ("x + y", ["Sum"]),
    ("i++", ["Sum"])])
def test_signs_that_belong_to_a_word_are_looked_for(visit, tmp_path, query, titles):
    texts = {"In C++": "Written in C++17.", "C#": "Sharp: C#.", "C alone": "Only C, no more.",
             "Cells": "Cells and copies.", "Sum": "Let x + y = 2; i++; end"}
    entries = [{"page": "p.html", "anchor": "a", "title": title, "crumbs": [],
                "parts": [["", "prose", text]]} for title, text in texts.items()]
    index = json.dumps({"tabs": {}, "entries": entries})
    words = escape(json.dumps(WORDS["en"]))
    scripts = "".join(f'<script src="file://{ROOT}/_static/{name}.js"></script>'
                      for name in ("vendor/minisearch", "search"))
    file = tmp_path / "search.html"
    file.write_text(f'''<!doctype html><meta charset="utf-8"><form><input id="search-input"></form>
<p id="search-status" data-words="{words}"></p><ol id="search-results"></ol>
<script>window.bookSearch = {index};</script>{scripts}''', "utf-8")
    with visit(f"file://{file}?q={quote(query)}") as page:
        assert sorted(page.locator(f"{RESULTS} h2").all_inner_texts()) == sorted(titles)

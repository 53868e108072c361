"""The search page in a real browser, over file://."""
import gzip
import json
import re
from contextlib import ExitStack
from html import escape
from urllib.parse import quote, unquote

import pytest
from conftest import CHAPTER, LANGUAGES, PATIENCE, ROOT, TABS
from playwright.sync_api import expect

from book import synonyms
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
def searched(site, browser):
    """``f(language, query)``: the search page with its results, the same page each time."""
    pages = {language: browser.new_page() for language in LANGUAGES}
    for language, page in pages.items():
        page.set_default_timeout(PATIENCE)
        page.goto(f"file://{site}/{language}/search.html")

    def results(language, query):
        page = pages[language]
        page.fill("#search-input", query)
        page.press("#search-input", "Enter")
        return page

    yield results
    for page in pages.values():
        page.close()


@pytest.fixture(scope="module")
def first_results(searched):
    """``f(language, query)``: the page, place and excerpt of what comes first."""
    def first(language, query):
        item = searched(language, query).locator(RESULTS).first
        link = item.get_by_role("link")
        crumbs = item.locator(".crumbs")
        above = crumbs.inner_text().split(" › ") if crumbs.count() else []
        docname, _, anchor = link.get_attribute("href").partition(".html")
        return docname, [*above, link.inner_text()], anchor, item.inner_text()

    return first


def is_match(page, language):
    """Whether the page says that its results hold what was typed."""
    said = page.get_by_role("status").inner_text()
    return any(re.match(re.sub(r"\\{\w+\\}", ".+", re.escape(WORDS[language][key])), said)
               for key in ("one", "many", "first"))


@pytest.mark.parametrize("row", QUERIES, ids=[
    ascii(f"{row['language']}: {row['query']}") for row in QUERIES])
def test_the_section_that_a_reader_wants_comes_first(first_results, searched, row):
    if row["section"] is None:
        assert searched(row["language"], row["query"]).locator(RESULTS).count() == 0
        return
    docname, place, _, _ = first_results(row["language"], row["query"])
    place[-1] = re.sub(r"^\d[\d.]* ", "", place[-1])
    wanted = [row["section"].split(" › "), *(title.split(" › ") for title in row.get("or", ()))]
    fits = [place[-1].startswith(titles[-1]) and set(titles[:-1]) <= set(place)
            for titles in wanted]
    assert any(fits)
    assert docname == row["page"] or not fits[0]


#: Those of a list of queries that no section holds.
UNMATCHED = """queries => {
  const { search } = bookSections(window.bookSearch, document.documentElement.lang);
  return queries.filter(query => search(query).how !== "many");
}"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_name_of_one_thing_finds_a_section(searched, language):
    names = [name for row in synonyms.load(ROOT / synonyms.FILE) for name in row.names]
    page = searched(language, names[0])
    assert page.evaluate(UNMATCHED, [*names, "xyzzyqwq"]) == ["xyzzyqwq"]
    assert is_match(page, language)


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
    expect(page.locator(RESULTS).first.locator("mark").first).to_contain_text("găng")
    assert page.locator(RESULTS).first.locator("mark").first.inner_text() == "đường găng"
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
    page.keyboard.type("critical path")
    page.wait_for_url(lambda url: unquote(url).endswith("?q=critical+path"))
    page.wait_for_selector(RESULTS)
    status = page.locator("[role=status]")
    expect(status).to_contain_text("critical path")
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


TEXTS = {
    "In C++": "Written in C++17.", "C#": "Sharp: C#.", "C alone": "Only C, no more.",
    "Cells": "Cells and copies.", "Sum": "Let x + y = 2; i++; end",
    "Numbers": "In 2026 it took 21234 ms, 2.00 times as fast.",
    "Names": "z = copy_to_cpu(a); torch.cuda.synchronize(device); TopologicalSorter(needs)",
    "Prose": "Copy it to the CPU. Pools of threads, and a speed-up."}
SYLLABLES = {
    "Độ": "Mức độ trẻ hóa thông thường.", "Trễ": "Độ trễ của khối lượng.", "Thẻ": "Hai thẻ.",
    "Thể": "Có thể chọn.", "Luồng": "Mỗi lõi một luồng.", "Đa": "Perceptron đa tầng.",
    "Thanh": "Mỗi thanh là một thao tác.", "Kernel": "Nơ-ron trong kernel."}
NAMES = [["speed-up", "acceleration", "mức tăng tốc"], ["thread", "luồng"], ["thread pool", "Sum"]]


@pytest.fixture(scope="module")
def small(visit, tmp_path_factory):
    """``f(language, texts, query)``: a page that has searched these texts, {title: text}."""
    pages, folder = {}, tmp_path_factory.mktemp("small")

    def opened(language, texts):
        entries = [{"page": "p.html", "anchor": "a", "title": title, "crumbs": [],
                    "parts": [["", "prose", text]]} for title, text in texts.items()]
        index = json.dumps({"tabs": {}, "synonyms": NAMES, "entries": entries})
        words = escape(json.dumps(WORDS[language]))
        scripts = "".join(f'<script src="file://{ROOT}/_static/{name}.js"></script>'
                          for name in ("vendor/minisearch", "words", "sections", "search"))
        file = folder / f"{len(pages)}.html"
        file.write_text(f'''<!doctype html><html lang="{language}"><meta charset="utf-8">
<form><input id="search-input"></form>
<p id="search-status" role="status" data-words="{words}"></p><ol id="search-results"></ol>
<script>window.bookSearch = {index};</script>{scripts}''', "utf-8")
        return every.enter_context(visit(f"file://{file}"))

    def searched(language, texts, query):
        key = language, *texts.items()
        if key not in pages:
            pages[key] = opened(language, texts)
        pages[key].fill("#search-input", query)
        pages[key].press("#search-input", "Enter")
        return pages[key]

    with ExitStack() as every:
        yield searched


@pytest.mark.parametrize("query, titles", [
    ("C++", ["In C++"]), ("c++", ["In C++"]), ("C#", ["C#"]), ("c++17", ["In C++"]),
    ("g++", []), ("C", ["C alone"]), ("x + y", ["Sum"]), ("i++", ["Sum"]),
    # A beginning has four letters, and no digit.
    ("cel", []), ("cell", ["Cells"]), ("shar", ["C#"]), ("sha", []), ("2", ["Sum"]), ("212", []),
    ("2123", []), ("21234", ["Numbers"]), ("2026", ["Numbers"]), ("2.00", ["Numbers"]), ("00", []),
    # Names of code, whole and by parts.
    ("copy_to_cpu", ["Names"]), ("copy_to", ["Names"]), ("to_cpu", ["Names"]),
    ("cuda.synchronize", ["Names"]), ("torch.cuda", ["Names"]), ("synchronize", ["Names"]),
    ("topological", ["Names"]), ("topologicalsorter", ["Names"]), ("sorter", ["Names"]),
    ("copy cpu", ["Names", "Prose"]), ("copies", ["Cells", "Names", "Prose"]),
    # Names of one thing, as one writes them.
    ("speedup", ["Prose"]), ("Speed up", ["Prose"]), ("acceleration", ["Prose"]),
    ("mức tăng tốc", ["Prose"]), ("muc tang toc", ["Prose"]), ("luồng", ["Prose"]),
    ("luong", []), ("thread pool", ["Sum"]), ("threads pool cpu", [])])
def test_what_is_a_word(small, query, titles):
    page = small("en", TEXTS, query)
    results = page.locator(f"{RESULTS} h2").all_inner_texts() if is_match(page, "en") else []
    assert sorted(results) == sorted(titles)


@pytest.mark.parametrize("query, titles", [
    ("thẻ", ["Thẻ"]), ("thể", ["Thể"]), ("the", ["Thẻ", "Thể"]), ("trễ", ["Trễ"]),
    ("tre", ["Trễ", "Độ"]), ("hoá", ["Độ"]), ("hóa", ["Độ"]), ("hoà", []), ("nơron", ["Kernel"]),
    ("no-ron", ["Kernel"]), ("nơ", ["Kernel"]),
    # Syllables are words together, each alone only if a list knows it.
    ("độ trễ", ["Trễ"]), ("do tre", ["Trễ", "Độ"]), ("thông lượng", []), ("đa lõi", []),
    ("lõi luồng", []), ("luồng kernel", []), ("tầng perceptron", []), ("kernel nơ-ron", ["Kernel"]),
    ("khối lượng của độ trễ", []), ("khối lượng độ trễ", ["Trễ"]),
    # A syllable is no beginning of another one where it stands itself.
    ("than", ["Thanh"]), ("thanh", ["Thanh"]), ("perc", ["Đa"])])
def test_what_is_a_word_in_vietnamese(small, query, titles):
    page = small("vi", SYLLABLES, query)
    results = page.locator(f"{RESULTS} h2").all_inner_texts() if is_match(page, "vi") else []
    assert sorted(results) == sorted(titles)


def test_what_is_only_near_is_said_and_no_syllable_is_near_another(small):
    expect(small("en", TEXTS, "syncronize").get_by_role("status")).to_have_text(
        "No section has “syncronize”. 1 with “synchronize”:")
    expect(small("en", TEXTS, "syncronize xyzzyqwq").get_by_role("status")).to_contain_text(
        "Nothing found")
    expect(small("vi", SYLLABLES, "lõi luồng").get_by_role("status")).to_contain_text(
        "1 phần có chúng ở gần nhau")  # "lõi một luồng"
    for query in ("thuong", "thưởng", "lượng lõi"):
        page = small("vi", {"Thường": "Thường lõi."}, query)
        assert page.locator(RESULTS).count() == (query == "thuong")


def test_what_else_was_looked_for_is_said(small):
    page = small("en", TEXTS, "acceleration")
    expect(page.get_by_role("status")).to_have_text(
        "1 result for “acceleration”. Looked for too: “speed-up”.")
    assert page.locator("mark").all_inner_texts() == ["speed-up"]
    page = small("en", TEXTS, "speed-up")
    expect(page.get_by_role("status")).to_have_text("1 result for “speed-up”.")


def test_only_what_was_asked_is_marked(searched):
    for language, query, marks in (
            ("en", "exercise 2", r"exercis\w*|1\.3\.2|2"), ("vi", "độ trễ", "độ trễ|chi phí"),
            ("en", "copy_to_cpu", "copy_to_cpu"), ("vi", "đa luồng", "luồng|threads?")):
        page = searched(language, query)
        texts = page.locator(f"{RESULTS} mark").all_inner_texts()
        assert texts
        assert [text for text in texts if not re.fullmatch(marks, text, re.IGNORECASE)] == []


def test_results_have_numbers_and_formulas_and_no_furniture(searched):
    page = searched("en", "solution 2")
    assert page.locator(f"{RESULTS} h2").first.inner_text() == "1.3.2 Solution of exercise 2"
    expect(searched("en", "efficiency").locator(RESULTS).first).to_contain_text("L / T₁₂")
    for language in LANGUAGES:
        text = searched(language, "GPU").locator("#search-results").inner_text()
        assert not re.search(r"In this (page|section)|Trong (trang|phần) này|Notebook ·", text)


def test_the_search_page_is_within_a_pages_budget(site):
    for language in LANGUAGES:
        html = (site / language / "search.html").read_text("utf-8")
        files = re.findall(r'(?:src|href)="([^":]+\.(?:js|css|svg))(?:\?[^"]*)?"', html)
        assert "searchindex.js" in files
        size = sum(len(gzip.compress((site / language / name).read_bytes()))
                   for name in ["search.html", *files])
        assert size < 200_000

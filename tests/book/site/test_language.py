"""Every word around the text is in the page's language, and twins are one page in two words."""
import re

import furo
import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from bs4 import Comment
from conftest import LANGUAGES, ROOT
from jinja2.ext import babel_extract
from parsed import on_parsed_pages, tree

from book import addresses

pytestmark = on_parsed_pages
FURO = [furo.THEME_PATH / name for name in (
    "base.html", "page.html", "search.html", "sidebar/brand.html", "sidebar/search.html")]
#: Words that templates, scripts and writers put in without `_()`.
FIXED = {"Copy", "Copied!", "Copy to clipboard", "Failed to copy", "Contents", "Menu", "Expand",
         "Light mode", "Dark mode", "Toggle navigation of", "Toggle site navigation sidebar",
         "Toggle Light / Dark / Auto color theme", "Toggle table of contents sidebar",
         "Link to this heading", "Link to this image", "Link to this table", "Link to this code",
         "Permalink", "Fig.", "Figure", "Table", "Section", "Listing", "et al.", "and others",
         "Hint", "Note", "Warning", "Last updated", "Index", "Made with", "Code:"}


def messages(paths):
    """The strings that templates give to `_()` and `{% trans %}`."""
    found = set()
    for path in paths:
        with open(path, "rb") as file:
            for _, words, _, _ in extract(
                    babel_extract, file, keywords={"_": None, "gettext": None},
                    options={"trimmed": "true"}):
                found.add(words if isinstance(words, str) else words[0])
    return found


def ours():
    return messages((ROOT / "_templates").rglob("*.html"))


def html_pages(site, language):
    return [(path, tree(path)) for path in sorted((site / language).rglob("*.html"))]


def interface_words(page):
    """What a page says beside its prose: short texts, and attributes that are read out."""
    beside = {id(node) for node in page.select(
        "script, style, pre, code, .evidence svg, [lang=en]:not(html)")}

    def counts(node):
        return not any(id(above) in beside for above in (node, *node.parents))

    for text in page.find_all(string=True):
        if not isinstance(text, Comment) and text.strip() and counts(text):
            yield " ".join(text.split())
    for node in filter(counts, page.find_all(True)):
        for name in ("title", "aria-label", "alt", "placeholder", "data-tooltip", "value"):
            if node.get(name):
                yield " ".join(node[name].split())


def in_python():
    """The strings that the book's own modules, and the live book's, give to `_()`."""
    found = set()
    for path in (*(ROOT / "book").rglob("*.py"), *(ROOT / "live").rglob("*.py")):
        with open(path, "rb") as file:
            found |= {words for _, words, _, _ in extract("python", file, keywords={"_": None})}
    return found


def test_every_message_of_our_templates_and_modules_is_translated():
    with open(ROOT / "locale/vi/LC_MESSAGES/sphinx.po", "rb") as file:
        catalogue = read_po(file, locale="vi")
    wanted = ours() | in_python()
    assert ours() and in_python()
    missing = [text for text in wanted if not (text in catalogue and catalogue[text].string)]
    assert not missing


def test_vietnamese_pages_show_no_english_words_of_the_interface(site):
    english = FIXED | ours() | messages(FURO)
    # "Home" alone is a word of the interface; inside a longer text only whole phrases count.
    alone = {text.strip() for text in english}
    phrases = [text for text in alone if text.count(" ") > 1 and "%" not in text]
    for path, page in html_pages(site, "vi"):
        for shown in interface_words(page):
            assert shown.strip(" :") not in alone, (path, shown)
            assert not [text for text in phrases if text in shown], (path, shown)
            assert not re.search(r"\b(et al|and others)\b", shown), (path, shown)


def section_ids(page):
    return [section.get("id") for section in page.select("article section")]


def test_twins_have_the_same_sections_under_the_same_ids(site):
    vi, en = ({path.relative_to(site / language): page for path, page in html_pages(site, language)}
              for language in LANGUAGES)
    assert set(vi) == set(en)
    assert sum(len(section_ids(page)) for page in vi.values()) > 20
    for path in vi:
        assert section_ids(vi[path]) == section_ids(en[path]), path


def test_sections_have_their_labels_as_ids_and_older_ids_lead_there(site):
    page = tree(site / "en" / "chapter_computational-performance" / "auto-parallelism.html")
    section = "section#sec-auto-para-two-devices"
    assert page.select_one(f"{section} > span#computing-on-two-devices")
    assert page.select_one('.toc-tree a[href="#sec-auto-para-two-devices"]')
    old = addresses.load(ROOT / addresses.FILE)
    assert len(old) > 20
    for language in LANGUAGES:
        for row in old:
            page = tree(site / language / f"{row.page}.html")
            anchor, name = page.find(id=row.old), row.label.replace("_", "-")
            assert anchor.parent["id"] == name, (language, row)
            assert bool(page.find(id=f"in-{row.old}")) == bool(page.find(id=f"in-{name}"))
    every = [name for path in (site / "vi").rglob("*.html") for name in section_ids(tree(path))]
    assert all(name.startswith("sec-") for name in every), every


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_names_its_twin_to_readers_and_machines(site, language):
    other = "en" if language == "vi" else "vi"
    for path, page in html_pages(site, language):
        twin = site / other / path.relative_to(site / language)
        links = page.select("a.language-link")
        assert len(links) == 2 and page.select_one(".mobile-header a.language-link")
        for link in links:
            assert link["hreflang"] == link["lang"] == other
            assert (path.parent / link["href"]).resolve() == twin and twin.exists()
        alternates = {link["hreflang"]: link["href"]
                      for link in page.select("link[rel=alternate][hreflang]")}
        assert set(alternates) == {"vi", "en", "x-default"}
        if "://" not in alternates["vi"]:
            for href in alternates.values():
                assert (path.parent / href).resolve().exists(), (path, href)
            assert (path.parent / alternates[language]).resolve() == path

"""What is built names the licences and the work that the chapter comes from."""
import runpy
import zipfile
from xml.etree import ElementTree

import nbformat
import pytest
from conftest import CHAPTER, LANGUAGES, PAGES, ROOT, TABS_OF
from parsed import on_parsed_pages, tree
from printed import edition, one_worker

TEXT = "CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0/"
CODE = "MIT", "https://opensource.org/license/mit"
WORK = "Dive into Deep Learning"
WORDS = {"en": ("Text and figures", "code"), "vi": ("Văn bản và hình", "mã nguồn")}

both = pytest.mark.parametrize("language", LANGUAGES)


def sentence(language, form):
    (text, code) = WORDS[language]
    return f"{text}: {form(*TEXT)}; {code}: {form(*CODE)}."


@on_parsed_pages
@both
def test_the_foot_of_every_page_names_both_licences(site, language):
    pages = list((site / language).rglob("*.html"))
    assert len(pages) > 8
    for path in pages:
        foot = tree(path).select_one("footer .bottom-of-page")
        assert sentence(language, lambda name, address: name) in foot.get_text(), path
        links = {(link.get_text(), link["href"]) for link in foot.select("a[rel=license]")}
        assert links == {TEXT, CODE}, path


@both
@pytest.mark.parametrize("page", PAGES)
def test_notebooks_and_scripts_name_the_work_and_both_licences(site, language, page):
    words = sentence(language, lambda name, address: f"[{name}]({address})")
    for tab in TABS_OF[page]:
        path = site / language / "notebooks" / f"{page}.{tab}.ipynb"
        cells = nbformat.read(path, 4).cells
        assert cells[-1].source == words
        assert WORK in "".join(cell.source for cell in cells if cell.cell_type == "markdown")
        code = path.with_suffix(".py").read_text("utf-8")
        assert code.endswith(f"# {words}\n") and WORK in " ".join(code.replace("\n#", "").split())


@on_parsed_pages
@both
def test_page_colophon_and_references_show_the_work(site, language):
    for name in (*(f"{CHAPTER}/{page}" for page in PAGES), "colophon"):
        article = tree(site / language / f"{name}.html").article
        assert WORK in article.get_text(), name
        cited = [link["title"] for link in article.select(".bibtex-citation a[title]")]
        assert any(WORK in title for title in cited), name
    for name in (f"{CHAPTER}/auto-parallelism", "colophon"):
        links = tree(site / language / f"{name}.html").select("article a[href]")
        assert TEXT[1] in {link["href"] for link in links}, name
    listed = tree(site / language / "references.html").select_one(".citation-list").get_text()
    assert WORK in listed and "https://d2l.ai" in listed and "Cambridge" in listed


@one_worker
@both
def test_the_epub_names_both_licences_and_the_work(language):
    with zipfile.ZipFile(edition("epub", language)) as book:
        package = ElementTree.fromstring(book.read("content.opf"))
        rights = [node.text for node in package.iter("{http://purl.org/dc/elements/1.1/}rights")]
        assert rights == [sentence(language, "{} ({})".format)]
        for name in (f"{CHAPTER}/auto-parallelism.xhtml", "colophon.xhtml"):
            page = book.read(name).decode()
            assert WORK in page and TEXT[0] in page and TEXT[1] in page, name


def test_the_licences_are_those_of_the_settings():
    assert runpy.run_path(str(ROOT / "conf.py"))["book_licences"] == {"text": TEXT, "code": CODE}

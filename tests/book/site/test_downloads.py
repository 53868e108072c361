"""What readers take along from the built site: every page, tab and language."""
import copy
import functools
import re

import jupytext
import nbformat
import pytest
from conftest import CHAPTER, LANGUAGES, PAGE_TABS, ROOT, TABS
from parsed import on_parsed_pages, tree

from book import frameworks
from book.takealong.notebooks import with_display
from tabcells.page.split import split

pytestmark = on_parsed_pages
EVERY = [(language, page, tab) for language in LANGUAGES for page, tab in PAGE_TABS]
FILES = pytest.mark.parametrize("language, page, tab", EVERY)
#: Common words of a language that the other has not.
WORDS = {"vi": r"\b(của|và|một|không|là)\b", "en": r"\b(the|of|and|is|are)\b"}


def source(language, page, tab):
    name = f"{page}.en.md" if language == "en" else f"{page}.md"
    found = split((ROOT / CHAPTER / name).read_text("utf-8"), page, list(TABS))
    return [found.notebook.cells[i].source for i in found.cells_of[tab]]


@functools.cache
def notebook(site, language, page, tab):
    return nbformat.read(site / language / "notebooks" / f"{page}.{tab}.ipynb", 4)


def script(site, language, page, tab):
    return (site / language / "notebooks" / f"{page}.{tab}.py").read_text("utf-8")


def own(made):
    """The code cells after those that set up, without what a script adds for ``--record``."""
    code = [cell.source for cell in made.cells if cell.cell_type == "code"]
    code = code[:-1] if "evidence.record import" in code[-1] else code
    hidden = code[1].startswith("# ") and ("evidence.zip" in code[1] or "torchvision" in code[1])
    return code[1 + hidden:]


def prose(made):
    return "\n\n".join(cell.source for cell in made.cells if cell.cell_type == "markdown")


@FILES
def test_the_cells_are_those_of_the_source(site, language, page, tab):
    wanted = source(language, page, tab)
    made = notebook(site, language, page, tab)
    nbformat.validate(made)
    assert own(made) == wanted
    again = jupytext.reads(script(site, language, page, tab), "py:percent")
    assert own(again) == [with_display(code).rstrip("\n") for code in wanted]
    assert not any(cell.get("outputs") for cell in made.cells)
    others = "|".join(each.module for each in frameworks.read(ROOT).values() if each.name != tab)
    code = "\n".join(c.source for c in made.cells if c.cell_type == "code")
    assert not re.search(rf"(import|from) (d2l import )?({others})\b", code)


@FILES
def test_prose_is_plain_and_in_the_language(site, language, page, tab):
    for made in (notebook(site, language, page, tab),
                 jupytext.reads(script(site, language, page, tab), "py:percent")):
        text = re.sub(r'src="[^"]*"', "", prose(made))
        assert not re.search(r"\{[\w:-]+\}`|:::|\{(numref|cite|code-cell|figure|machines)|:tab:|"
                             r"<(div|span|p|details|a) |¶|&[a-z]+;|\]\((?!https?://)", text)
        assert not re.search("ran this page|Where this ran|Kết quả này chạy ở đâu", text[-400:])
        here, there = (len(re.findall(WORDS[which], text)) for which in (
            language, "en" if language == "vi" else "vi"))
        assert here > 20 and there < here / 10, (here, there)
        number = {"vi": r"(Hình|Phần) 1\.\d", "en": r"(Figure|Section) 1\.\d"}[language]
        assert re.search(number, text)
        assert made.cells[0].cell_type == "code"
        assert re.search(WORDS[language], made.cells[0].source)


@FILES
def test_all_prose_of_the_tab_is_there_and_none_of_the_other(site, language, page, tab):
    letters = re.compile(r"[\W_]+")
    text = letters.sub("", re.sub(r'src="[^"]*"|\]\([^)]*\)', "", prose(
        notebook(site, language, page, tab))))
    own, others = [], []
    for node in tree(site / language / CHAPTER / f"{page}.html").select(
            "article section p, article section h2, article section h3"):
        elsewhere = {"cell", "tabcells-only", "site-only"}
        if node.find_parent(class_=elsewhere) or elsewhere & {*node.get("class", ())} or (
                "mã nguồn:" in node.text or "source:" in node.text):
            continue
        panel = node.find_parent(attrs={"role": "tabpanel"})
        node = copy.copy(node)
        for svg in node.select("svg, .headerlink"):
            svg.decompose()
        (others if panel and panel["data-tab"] != tab else own).append(
            letters.sub("", node.get_text()))
    assert own and [words for words in own if words not in text] == []
    # Some words are both tabs': the heads of a table, a number by chance.
    assert [words for words in others if words in text and len(words) > 12
            and not any(words in mine for mine in own)] == []


@pytest.mark.parametrize("page, tab", PAGE_TABS)
def test_both_languages_have_equal_code_and_pictures(site, page, tab):
    vi, en = (notebook(site, language, page, tab) for language in LANGUAGES)
    assert own(vi) == own(en)
    assert [c.cell_type for c in vi.cells] == [c.cell_type for c in en.cells]
    assert [prose(made).count("<img ") for made in (vi, en)] == [
        prose(vi).count('src="data:image/svg+xml;base64,')] * 2


@FILES
def test_the_page_links_to_its_files(site, language, page, tab):
    path = site / language / CHAPTER / f"{page}.html"
    row = tree(path).select_one("h1 + nav.take-along")
    links = [(path.parent / link["href"]).resolve() for link in row.select("a[download]")]
    for form in ("ipynb", "py"):
        assert site / language / "notebooks" / f"{page}.{tab}.{form}" in links
    assert len({link["aria-label"] for link in row.select("a")}) == len(row.select("a"))


@FILES
def test_nothing_of_this_machine_is_in_them(site, language, page, tab):
    for text in (script(site, language, page, tab),
                 nbformat.writes(notebook(site, language, page, tab))):
        assert str(ROOT) not in text and "/tmp/" not in text and "/root/" not in text

"""`make pdf`: all of the book, in order, legible, navigable, in its language."""
import functools
import re

import pytest
from conftest import CHAPTER, CHROMIUM, LANGUAGES, PAGES, ROOT, TABS, TABS_OF
from printed import edition, one_worker, site_pages, squeeze
from pypdf import PdfReader

pytestmark = [one_worker,
              pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")]
WIDTH = round((210 - 2 * 20) / 25.4 * 96)  # CSS pixels between the margins of A4

both = pytest.mark.parametrize("language", LANGUAGES)


@functools.cache
def reader(language):
    return PdfReader(edition("pdf", language))


@functools.cache
def sheet_texts(language):
    """The text of each sheet of paper."""
    return [sheet.extract_text().strip() for sheet in reader(language).pages]


def text_of(language):
    """All text of the book, squeezed, without the pages' numbers and printed addresses."""
    sheets = sheet_texts(language)
    for number, sheet in enumerate(sheets[1:], 2):
        assert sheet.startswith(str(number)) or sheet.endswith(str(number))
        assert sheet != str(number), "an empty sheet"
    text = "".join(squeeze(re.sub(rf"^{number}\n|\n{number}$", "", sheet))
                   for number, sheet in enumerate(sheets, 1))
    return re.sub(r"\(https?://[^)]*\)", "", text)


@both
def test_every_paragraph_cell_and_output_is_there_in_order(site, language):
    text, place = text_of(language), 0
    parts = site_pages(site, language).texts(
        "p:not(:has(a[href$='.json'])), .cell_input, .stream, figcaption, :is(h1, h2, h3)")
    assert len(parts) > 300
    for part in parts:
        assert part in text[place:], part
        place = text.index(part, place)


@both
def test_paper_asks_for_no_choice_and_no_download(language):
    """What only the site has is not spoken of: tabs to choose, files beside the page."""
    asks = {"vi": "chọnthẻmộtlần|chọnmộtthẻthì|Tảivếtthựcthi", "en":
            "chooseatab|chooseoneand|Downloadthetrace"}[language]
    assert not re.findall(f".{{30}}(?:{asks}).{{30}}", text_of(language), re.IGNORECASE)


@both
def test_each_tab_stands_under_its_label(site, language):
    text = text_of(language)
    for label in TABS.values():
        cells = [squeeze(node.get_text()) for body in site_pages(site, language).bodies
                 for panel in body.select(f'[role=tabpanel][data-label="{label}"]')
                 if panel.select_one(":scope > .cell:first-child > .cell_input")
                 for node in panel.select(".cell_input")[:1]]
        assert cells and all(label + cell in text for cell in cells)


@both
def test_figures_sections_and_references_are_numbered_and_linked(site, language):
    text = text_of(language)
    figure, section = ("Hình", "Phần") if language == "vi" else ("Figure", "Section")
    assert f"{figure}1.1" in text and f"{figure}1.2" in text and f"{section}1.3" in text
    assert "đồthịtínhtoán" in text if language == "vi" else "computationalgraph" in text
    pdf = reader(language)
    links = [note.get_object() for sheet in pdf.pages for note in sheet.get("/Annots", [])]
    outward = [link["/A"]["/URI"] for link in links if "/URI" in link.get("/A", {})]
    assert outward and all(uri.startswith("https://") for uri in outward)
    inward = {str(link["/Dest"]) for link in links if "/Dest" in link}
    assert inward <= set(pdf.named_destinations) and len(inward) > 25


def outline(pdf, entries=None, level=0):
    """``[(level, title, page)]``, pages beginning with 1."""
    for entry in pdf.outline if entries is None else entries:
        if isinstance(entry, list):
            yield from outline(pdf, entry, level + 1)
        else:
            yield level, entry.title.strip(), pdf.get_destination_page_number(entry) + 1


@both
def test_the_outline_has_every_heading_and_the_contents_their_pages(site, language):
    pdf = reader(language)
    entries = list(outline(pdf))
    headings = site_pages(site, language).texts("h1, h2, h3, h4")
    assert [squeeze(title) for _, title, _ in entries][2:] == headings  # book, chapter: not asked
    first = next(number for level, _, number in entries if level == 1)
    contents = squeeze("".join(sheet_texts(language)[:first - 1]))
    for level, title, number in entries:
        if 1 <= level <= 3:
            assert f"{squeeze(title)}{number}" in contents
            assert squeeze(title) in squeeze(sheet_texts(language)[number - 1])


@both
def test_language_title_tags_and_fonts_are_in_the_file(language):
    pdf = reader(language)
    root = pdf.trailer["/Root"]
    assert root["/Lang"] == language and root["/MarkInfo"]["/Marked"]
    assert pdf.metadata.title == {"vi": "Song song hóa tự động",
                                  "en": "Automatic parallelism"}[language]
    fonts = [font.get_object() for sheet in pdf.pages
             for font in sheet["/Resources"]["/Font"].values()]
    for font in fonts:
        kind = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        assert "/FontFile2" in kind["/FontDescriptor"] or "/FontFile3" in kind["/FontDescriptor"]


@pytest.fixture(scope="module")
def paper(browser):
    """A function that opens a file as it will be printed, for a reader who likes the dark."""
    context = browser.new_context(color_scheme="dark", viewport={"width": WIDTH, "height": 1000})

    def opened(path):
        page = context.new_page()
        page.emulate_media(media="print")
        page.goto(path.as_uri())
        return page

    yield opened
    context.close()


OVER_THE_EDGE = """width => [...document.querySelectorAll('body *')].filter(e =>
  e.checkVisibility() && (e.getBoundingClientRect().right > width + 1 ||
  (getComputedStyle(e).overflowX !== 'visible' && e.scrollWidth > e.clientWidth + 1)))
  .map(e => e.outerHTML.slice(0, 200))"""
TOO_PALE = """() => [...document.querySelectorAll('article p, article code, article th, svg text')]
  .filter(e => e.checkVisibility() && !e.closest('a')).filter(e => {
    const [r, g, b] = getComputedStyle(e).color.match(/[0-9.]+/g).map(Number);
    return r + g + b > 330;  // on white; the theme's dark scheme has 600 and more
  }).map(e => e.outerHTML.slice(0, 200))"""
DARK = """() => [...document.querySelectorAll('*')]
  .filter(e => e.checkVisibility() && e.getBoundingClientRect().width).filter(e => {
    const [r, g, b, a = 1] = getComputedStyle(e).backgroundColor.match(/[0-9.]+/g).map(Number);
    return a && r + g + b < 600;
  }).map(e => e.outerHTML.slice(0, 200))"""


@both
def test_nothing_is_wider_than_the_sheet(language, paper):
    edition("pdf", language)
    page = paper(ROOT / "_build" / "paper" / language / "index.html")
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH
    assert page.evaluate(OVER_THE_EDGE, WIDTH) == []


@both
@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_site_prints_in_full_and_light(site, language, name, paper):
    page = paper(site / language / CHAPTER / f"{name}.html")
    panels = page.locator("[role=tabpanel]")
    assert panels.count() > 1
    assert all(panels.nth(i).is_visible() for i in range(panels.count()))
    before = "e => getComputedStyle(e, '::before').content"
    assert {panels.nth(i).evaluate(before) for i in range(panels.count())} == {
        f'"{label}"' for label in map(TABS.get, TABS_OF[name])}
    assert not page.locator("[role=tab]:visible, button:visible, .language-switch:visible").count()
    assert page.evaluate(TOO_PALE) == [] and page.evaluate(DARK) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH

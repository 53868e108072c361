"""axe-core on every page, language and colour scheme: nothing at level AA or below.

All panels of a page are shown for it at once.  A page's structure is the same in both schemes: it
is checked in one.  What is painted is the same in both languages, since the style sheets are: it
is checked in English, in both schemes of a page that is opened once, and of all text that is
painted alike on it once.
"""
import json

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from conftest import LANGUAGES

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAINTED = ("color-contrast", "link-in-text-block")
#: The drawers' check boxes must stand before all landmarks: Furo's style sheet wants siblings.
STRUCTURE = {"preload": False, "resultTypes": ["violations"], "runOnly": LEVELS,
             "rules": {"region": {"enabled": False},
                       **{rule: {"enabled": False} for rule in PAINTED}}}
PAINT = {"preload": False, "resultTypes": ["violations"],
         "runOnly": {"type": "rule", "values": list(PAINTED)}}
CODE = ".cell_input"
#: Every fold, every result with what is said of an answer, and what every term means.
OPEN_ALL = """document.querySelectorAll('details').forEach(d => d.open = true);
document.querySelectorAll('.guess label:first-of-type').forEach(answer => answer.click());
document.querySelectorAll('.gloss-note').forEach(note => note.hidden = false)"""
SHOW_ALL = ".tabcells > [role=tabpanel], .tabcells > .tabcells-only { display: block !important }"
#: Marks links in text, and an element for each way in which text is painted: its colours and size,
#: and what is painted behind it.
MARK_ONE_OF_EACH = """() => {
  document.querySelectorAll("[data-painted]").forEach(node => delete node.dataset.painted);
  const CLEAR = "rgba(0, 0, 0, 0)", behind = new Map([[null, ""]]), seen = new Set();
  const under = node => {
    if (!behind.has(node)) {
      const style = getComputedStyle(node), painted = [style.backgroundImage, style.opacity,
        style.filter, style.mixBlendMode, style.textShadow].join();
      behind.set(node, under(node.parentElement) + (
        style.backgroundColor === CLEAR && painted === "none,1,none,normal,none"
          ? "" : `;${style.backgroundColor},${painted}`));
    }
    return behind.get(node);
  };
  const look = node => {
    const style = getComputedStyle(node);
    return [style.color, style.webkitTextFillColor, style.fontSize, style.fontWeight,
            style.fontStyle, style.textDecorationLine, style.borderBottomStyle, under(node)].join();
  };
  for (const link of document.querySelectorAll("article :is(p, li, td) a")) {
    link.dataset.painted = "";
  }
  for (const node of document.body.querySelectorAll("*")) {
    if (![...node.childNodes].some(child => child.nodeType === 3 && child.data.trim())) continue;
    if (!node.checkVisibility({ visibilityProperty: true }) || !node.getClientRects().length) {
      continue;
    }
    if (seen.size !== seen.add(look(node)).size) node.dataset.painted = "";
  }
  return seen.size;
}"""
MARKED = "[data-painted]"


def violations(page, options, place="html"):
    """What axe finds in ``place``: the rule, how often, the first element."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(f"axe.run({json.dumps({'include': [[place]]})}, {json.dumps(options)})"
                          ".then(results => results.violations)")
    return [(v["id"], len(v["nodes"]), v["nodes"][0]["html"][:150]) for v in found]


def show_all(page):
    page.evaluate(OPEN_ALL)
    page.add_style_tag(content=SHOW_ALL)


def put_into(page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function("!document.getAnimations().length")  # no colour is on its way


def pages(site, language):
    folder = site / language
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.html"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing(site, visit, language):
    wrong = []
    for name in pages(site, language):
        with visit(f"file://{site}/{language}/{name}", color_scheme="light") as page:
            show_all(page)
            wrong += [(name, *what) for what in violations(page, STRUCTURE)]
            for scheme in ("light", "dark") if language == "en" else ():
                put_into(page, scheme)
                assert page.evaluate(MARK_ONE_OF_EACH) > 5
                wrong += [(name, scheme, *what) for what in violations(page, PAINT, MARKED)]
    assert not wrong, "\n".join(map(str, wrong))


def test_a_page_opened_in_the_dark_is_painted_as_one_put_into_it_and_axe_finds_nothing(site, visit):
    colours = """() => [...document.querySelectorAll("*")].map(node => {
      const { color, fill, backgroundColor, borderTopColor } = getComputedStyle(node);
      return [color, fill, backgroundColor, borderTopColor].join(" "); })"""
    address = f"file://{site}/en/chapter_computational-performance/async-computation.html"
    with visit(address, color_scheme="dark") as opened, visit(address) as page:
        light = page.evaluate(colours)
        put_into(page, "dark")
        assert page.evaluate(colours) == opened.evaluate(colours) != light
        show_all(opened)
        assert not violations(opened, PAINT) + violations(opened, STRUCTURE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_there_is_no_page(site, visit, scheme):
    with visit(f"file://{site}/404.html", color_scheme=scheme) as page:
        assert not violations(page, PAINT) + violations(page, STRUCTURE)


@pytest.mark.parametrize("style", [
    f"{CODE} span {{ color: #ccc !important }}", f"{CODE} .k {{ color: #ccc !important }}",
    "article p { opacity: .3 }", "[role=tabpanel] { background: #333 !important }"])
def test_axe_finds_what_cannot_be_read(site, visit, style):
    """A colour too pale in the code of a tab, say: the elements that are marked show it."""
    address = f"file://{site}/en/chapter_computational-performance/async-computation.html"
    with visit(address) as page:
        page.add_style_tag(content=style)
        show_all(page)
        page.evaluate(MARK_ONE_OF_EACH)
        assert "color-contrast" in [rule for rule, *_ in violations(page, PAINT, MARKED)]


def test_axe_finds_a_link_like_its_text_and_a_picture_without_words(site, visit):
    address = f"file://{site}/en/chapter_computational-performance/async-computation.html"
    with visit(address) as page:
        page.add_style_tag(content="article p a { color: #444 !important; "
                                   "text-decoration: none !important }")
        page.evaluate("document.querySelector('article img, article svg[role=img]').replaceWith("
                      "Object.assign(new Image(), {src: 'data:image/gif;base64,R0lGODlhAQABAAAAAC"
                      "wAAAAAAQABAAA='}))")
        show_all(page)
        page.evaluate(MARK_ONE_OF_EACH)
        assert "link-in-text-block" in [rule for rule, *_ in violations(page, PAINT, MARKED)]
        assert "image-alt" in [rule for rule, *_ in violations(page, STRUCTURE)]

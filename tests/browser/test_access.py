"""axe-core on every page, language, tab and colour scheme: nothing at level AA or below.

A page's structure is the same in both schemes: it is checked in one.  What is painted is the
same in both languages, since the style sheets are: it is checked in English, in both schemes.
Around the panels nothing changes with the choice of a tab, so what is painted there is checked
once; and of code that is painted alike one piece for each cell.
"""
import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import TABS

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAINTED = ("color-contrast", "link-in-text-block")
#: The drawers' check boxes must stand before all landmarks: Furo's style sheet wants siblings.
STRUCTURE = {"preload": False, "resultTypes": ["violations"], "runOnly": LEVELS,
             "rules": {"region": {"enabled": False},
                       **{rule: {"enabled": False} for rule in PAINTED}}}
PAINT = {"preload": False, "resultTypes": ["violations"],
         "runOnly": {"type": "rule", "values": list(PAINTED)}}
CODE = ".cell_input"
#: Of the tokens of a cell that have the same class, and so the same colours, one is left.
ONE_OF_EACH = """document.querySelectorAll('pre').forEach(pre => {
  const seen = new Set();
  pre.querySelectorAll('span[class]').forEach(span => {
    if (!span.children.length && seen.size !== seen.add(span.className).size) return;
    if (!span.children.length) span.remove();
  });
})"""


def violations(page, options, context=None):
    """What axe finds: the rule, how often, the first place."""
    found = Axe().run(page, context=context, options=options).response["violations"]
    return [(v["id"], len(v["nodes"]), v["nodes"][0]["html"][:150]) for v in found]


def pages(site, language):
    folder = site / language
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.html"))


@pytest.mark.parametrize("language, scheme", [("vi", "light"), ("en", "light"), ("en", "dark")])
def test_axe_finds_nothing(site, visit, language, scheme):
    wrong = []
    for name in pages(site, language):
        for tab in TABS:
            with visit(f"file://{site}/{language}/{name}?tab={tab}", color_scheme=scheme) as page:
                page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
                tabbed = page.locator(".tabcells").count()
                if scheme == "light" or name == "index.html":
                    wrong += [(name, tab, *what) for what in violations(page, STRUCTURE)]
                if language == "en":
                    page.evaluate(ONE_OF_EACH)
                    place = "html" if tab == next(iter(TABS)) else ".tabcells"
                    wrong += [(name, tab, *what) for what in violations(
                        page, PAINT, {"include": [[place]], "exclude": []})]
                if not tabbed:
                    break
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_there_is_no_page(site, visit, scheme):
    with visit(f"file://{site}/404.html", color_scheme=scheme) as page:
        assert not violations(page, PAINT) + violations(page, STRUCTURE)


def test_axe_finds_what_cannot_be_read(site, visit):
    """A colour too pale in the code of a tab, and a picture without words, are seen."""
    address = f"file://{site}/en/chapter_computational-performance/async-computation.html"
    with visit(f"{address}?tab=pytorch") as page:
        page.add_style_tag(content=f"{CODE} span {{ color: #ccc !important }}")
        page.evaluate("document.querySelector('article img, article svg[role=img]').replaceWith("
                      "Object.assign(new Image(), {src: 'data:image/gif;base64,R0lGODlhAQABAAAAAC"
                      "wAAAAAAQABAAA='}))")
        page.evaluate(ONE_OF_EACH)
        assert violations(page, PAINT, {"include": [[".tabcells"]], "exclude": []})
        assert "image-alt" in [rule for rule, *_ in violations(page, STRUCTURE)]

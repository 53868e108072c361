"""axe-core on every page, language, tab and colour scheme: nothing at level AA or below."""
import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import LANGUAGES

#: The drawers' check boxes must stand before all landmarks: Furo's style sheet wants siblings.
RULES = {"preload": False, "rules": {"region": {"enabled": False}},
         "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def pages(site, language):
    folder = site / language
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.html"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing(site, visit, language, scheme):
    found = []
    for name in pages(site, language):
        for tab in ("mxnet", "pytorch"):
            with visit(f"file://{site}/{language}/{name}?tab={tab}", color_scheme=scheme) as page:
                page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
                result = Axe().run(page, options=RULES)
                found += [(name, tab, v["id"], len(v["nodes"]), v["nodes"][0]["html"][:150])
                          for v in result.response["violations"]]
                if not page.locator(".tabcells").count():
                    break
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_there_is_no_page(site, visit, scheme):
    with visit(f"file://{site}/404.html", color_scheme=scheme) as page:
        assert not Axe().run(page, options=RULES).response["violations"]

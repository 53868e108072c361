"""Every page has a title, a description and an icon, each in its language and its own."""
import pytest
from conftest import LANGUAGES
from parsed import on_parsed_pages, tree

pytestmark = on_parsed_pages


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_says_what_it_is(site, language):
    titles, descriptions = set(), set()
    pages = list((site / language).rglob("*.html"))
    for path in pages:
        page = tree(path)
        assert page.title.get_text().strip(), path
        described = [tag["content"] for tag in page.select("meta[name=description]")]
        assert len(described) == 1 and 20 < len(described[0]) < 170, (path, described)
        titles.add(page.title.get_text())
        descriptions.add(described[0])
        assert page.select_one("link[rel=icon]")["href"].startswith("data:image/svg+xml,")
    assert len(titles) == len(descriptions) == len(pages) > 5


@pytest.mark.parametrize("name", ["index.html", "404.html"])
def test_the_root_pages_are_in_both_languages(site, name):
    page = tree(site / name)
    assert page.html["lang"] == "vi" and page.select("[lang=en]")
    for link in page.select("a[href]"):
        assert "://" in link["href"] or (site / link["href"]).exists()

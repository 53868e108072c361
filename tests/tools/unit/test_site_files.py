"""Landing page, 404, sitemap: what stands at the site's root, with an address and without."""
import re
import xml.etree.ElementTree as ET

import pytest
from conftest import ROOT, TABS

from tools import site_files

URL = "https://example.org/book"
SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


@pytest.fixture
def pages(tmp_path):
    for name in ("vi/index.html", "vi/c/a & b.html", "vi/search.html", "en/index.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    return tmp_path


def links(path):
    return re.findall(r'href="((?!data:)[^"]+)"', path.read_text("utf-8"))


def test_without_an_address_links_are_relative_and_nothing_claims_one(pages):
    site_files.write(pages, ROOT)
    assert sorted(p.name for p in pages.iterdir()) == ["404.html", "en", "index.html", "vi"]
    for name in ("404.html", "index.html"):
        text = (pages / name).read_text("utf-8")
        assert "$" not in text and "og:" not in text and "canonical" not in text
        assert links(pages / name) and not [link for link in links(pages / name) if "://" in link]
        assert 'lang="en"' in text and 'rel="icon"' in text


def test_with_an_address_the_404_page_works_at_any_depth(pages):
    site_files.write(pages, ROOT, URL)
    assert links(pages / "404.html")
    assert all(link.startswith(f"{URL}/") for link in links(pages / "404.html"))
    text = (pages / "index.html").read_text("utf-8")
    assert f'rel="canonical" href="{URL}/index.html"' in text and "og:image" in text
    assert f'"og:description" content="{" · ".join(TABS.values())}"' in text
    assert (pages / "card.png").stat().st_size < 100_000
    assert f"Sitemap: {URL}/sitemap.xml" in (pages / "robots.txt").read_text()


def test_the_sitemap_names_each_page_and_its_twins(pages):
    site_files.write(pages, ROOT, URL)
    tree = ET.parse(pages / "sitemap.xml")
    found = {url.find("s:loc", SITEMAP).text: {link.get("hreflang"): link.get("href")
                                               for link in url.findall("x:link", SITEMAP)}
             for url in tree.getroot()}
    both = {"vi": f"{URL}/vi/index.html", "en": f"{URL}/en/index.html"}
    assert found == {both["vi"]: both, both["en"]: both,
                     f"{URL}/vi/c/a & b.html": {"vi": f"{URL}/vi/c/a & b.html"}}


def test_files_of_an_address_that_is_gone_go_too(pages):
    site_files.write(pages, ROOT, URL)
    site_files.write(pages, ROOT)
    assert not (pages / "sitemap.xml").exists() and not (pages / "robots.txt").exists()

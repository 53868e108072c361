"""What a first visit of the section costs: its files, each with gzip, as a server sends them."""
import gzip
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from conftest import CHAPTER, LANGUAGES, PATIENCE


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_section_is_light(site, browser, language):
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    files = []
    page.on("request", lambda request: files.append(request.url))
    page.goto(f"file://{site}/{language}/{CHAPTER}/auto-parallelism.html")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.wait_for_load_state("networkidle")
    page.close()
    sizes = {}
    for url in dict.fromkeys(files):
        if url.startswith("data:"):
            continue
        path = Path(unquote(urlsplit(url).path))
        sizes[path.name] = len(gzip.compress(path.read_bytes(), 6))
    html = (site / language / CHAPTER / "auto-parallelism.html").read_bytes()
    until_plot = len(gzip.compress(html[:html.index(b'class="evidence"')], 6))
    rest = sum(size for name, size in sizes.items()
               if name != "auto-parallelism.html" and not name.endswith(".svg"))
    print(sizes)
    assert len(sizes) <= 16, sizes
    assert until_plot + rest <= 80_000, sizes
    assert sum(sizes.values()) <= 200_000, sizes

"""For the tests of both editions: each made once, and what of the site they must hold.

Both are made from the doctrees of `make html`, so one worker makes them, one after the other.
"""
import functools
import re
import subprocess
import sys
import unicodedata

import pytest
from bs4 import BeautifulSoup
from conftest import CHAPTER, LANGUAGES, PAGES, ROOT

one_worker = pytest.mark.xdist_group("editions")
NAMES = {"en": "automatic-parallelism.en", "vi": "song-song-hoa-tu-dong.vi"}


@functools.cache
def edition(kind, language):
    """The file that `make pdf` or `make epub` makes, made now."""
    return make(kind)[language]


@functools.cache
def make(kind):
    done = subprocess.run([sys.executable, "-m", "tools.editions", kind, *LANGUAGES], cwd=ROOT,
                          capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    files = {lang: ROOT / "_build" / kind / f"{NAMES[lang]}.{kind}" for lang in LANGUAGES}
    assert all(str(file.relative_to(ROOT)) in done.stdout for file in files.values())
    return files


def squeeze(text):
    """``text`` without spaces, marks composed; a formula's letters are letters."""
    return re.sub(r"[\s\u2061]+", "", unicodedata.normalize("NFKC", text))


@functools.cache
def site_pages(site, language):
    return SitePages(site, language)


class SitePages:
    """What the site's pages of one language show, without plots and marks for links."""

    def __init__(self, site, language):
        self.bodies = []
        for name in (*(f"{CHAPTER}/{page}" for page in PAGES), "references", "colophon",
                     "tabcells"):
            text = (site / language / f"{name}.html").read_text("utf-8")
            self.bodies.append(BeautifulSoup(text, "html.parser").find("article"))
            for unread in self.bodies[-1].select(
                    ".headerlink, svg, .site-only, .take-along, .provenance, [role=tablist], "
                    ".tabcells-only, .tabcells-switch, .cited-in, details.hide > summary"):
                unread.extract()

    def texts(self, selector):
        """The squeezed texts of what ``selector`` finds, in reading order."""
        return [squeeze(node.get_text()) for body in self.bodies for node in body.select(selector)]

    def panels(self):
        """``[(label, number of cells)]`` of every panel, in reading order."""
        return [(panel["data-label"], len(panel.select(".cell_input")))
                for body in self.bodies for panel in body.select("[role=tabpanel]")]

"""Settings of a checkout of *Dive into Deep Learning*, with this book's theme: `make d2l`."""
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # `book` and `tabcells`
from book import frameworks
from tabcells.d2l.project import read

ROOT = Path(__file__).parent.parent
source = Path(os.environ["D2L_SOURCE"]).resolve()
checkout = read(source)
language = checkout.language
project, author, release = checkout.title, checkout.author, checkout.release
locale_dirs = [str(ROOT / "locale")]
vietnamese = language == "vi"

extensions = ["tabcells", "book.shell", "book.search", "sphinxcontrib.bibtex",
              "sphinx_copybutton"]
chosen = os.environ.get("D2L_PAGES", "").split()
include_patterns = ["index.md", *chosen] if chosen else list(checkout.pages)
exclude_patterns = ["_build", ".*"]
# Of some pages alone, the contents name others.
suppress_warnings = ["toc.not_readable", "toc.excluded", "toc.not_included"] if chosen else []
nb_execution_mode = "off"
nb_output_stderr = "show"
nb_merge_streams = True
numfig, numfig_secnum_depth, math_number_all = True, 2, True
bibtex_bibfiles = [str(source / "d2l.bib")]
bibtex_reference_style = "author_year"

tabcells_tabs = frameworks.tabs(ROOT)
tabcells_kernels = str(ROOT / "kernels")
tabcells_cache = str(ROOT / "_build" / "d2l-runs")
tabcells_execution = os.environ.get("BOOK_EXECUTION", "cache")
tabcells_timeout = 1200
tabcells_d2l = {"without": [tab for tab in checkout.tabs if tab not in tabcells_tabs]}
tabcells_folder = {"links": [name for name in ("img", "d2l") if (source / name).exists()],
                   "start": "page"}
tabcells_label = "Framework"
tabcells_only = "Chỉ có với {}." if vietnamese else "With {} only."
tabcells_missing = (
    "*Mã này không được chạy ở đây và chưa có kết quả nào được lưu.*" if vietnamese else
    "*Not executed here, and no outputs are on record.*")

html_math_renderer = "mathjax"  # docutils can't write all of these formulas as MathML
html_theme = "furo"
html_title = html_short_title = project
html_use_index = False
templates_path = [str(ROOT / "_templates")]
html_static_path = [str(ROOT / "_static")]
html_css_files = ["book.css", ("print.css", {"media": "print"})]
html_js_files = ["book.js"]
html_copy_source = html_show_sourcelink = False
html_sidebars = {"**": [f"sidebar/{part}.html" for part in (
    "brand", "search", "scroll-start", "navigation", "scroll-end")]}

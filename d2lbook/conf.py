"""Settings of a checkout of *Dive into Deep Learning*, with this book's theme: `make d2l`.

The tool tools/d2l_site.py starts a build for each language and says in the environment which
checkouts there are.
"""
import os
import runpy
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # `book`, `d2lbook`, `tabcells`
from book import site
from tabcells.d2l.project import read

ROOT = Path(__file__).parent.parent
source = Path(os.environ["D2L_SOURCE"]).resolve()
checkout = read(source)
language = checkout.language
project, author, release = checkout.title, checkout.author, checkout.release
# What is said in the same words, and looks the same, as in this book.
os.environ["BOOK_LANGUAGE"] = site.spoken(language)
book = runpy.run_path(str(ROOT / "conf.py"))
globals().update((name, value) for name, value in book.items() if name in (
    "bibtex_default_style", "bibtex_reference_style", "copybutton_exclude", "copybutton_selector",
    "html_copy_source", "html_css_files", "html_js_files", "html_show_sourcelink", "html_sidebars",
    "html_theme", "html_use_index", "nb_execution_mode", "nb_merge_streams", "nb_output_stderr",
    "tabcells_cut", "tabcells_execution", "tabcells_gateway", "tabcells_label",
    "tabcells_left_out", "tabcells_missing", "tabcells_only", "tabcells_provenance",
    "tabcells_states", "tabcells_tabs", "tabcells_timeout"))
locale_dirs = [str(ROOT / "locale")]

extensions = ["tabcells", "d2lbook.api", "sphinxcontrib.bibtex", "sphinx_copybutton",
              "book.citations", "book.formulas", "book.frameworks", "book.licences", "book.rebuild",
              "book.search", "book.shell", "book.takealong.downloads", "book.twins"]
chosen = os.environ.get("D2L_PAGES", "").split()
# Some pages alone still cite: the page of the references goes with them.
include_patterns = (["index.md", "chapter_references/*.md", *chosen] if chosen
                    else list(checkout.pages))
exclude_patterns = ["_build", ".*"]
# Of some pages alone, the contents name others.
suppress_warnings = ["toc.not_readable", "toc.excluded", "toc.not_included"] if chosen else []
numfig, numfig_secnum_depth, math_number_all = True, 2, True
bibtex_bibfiles = [str(source / "d2l.bib")]

myst_enable_extensions = ["attrs_block"]  # tabcells_provenance has a class
tabcells_kernels = str(ROOT / "kernels")
tabcells_cache = str(ROOT / "_build" / "d2l-runs")
tabcells_d2l = {"without": [tab for tab in checkout.tabs if tab not in book["tabcells_tabs"]]}
tabcells_folder = {"links": [name for name in ("img", "d2l") if (source / name).exists()],
                   "start": "page"}
if run := os.environ.get("D2L_RUN", "").split():
    tabcells_pages = {"**": {"execution": "off"},
                      **{pattern: {"execution": "cache"} for pattern in run}}
tabcells_jobs = len(os.sched_getaffinity(0))  # one book of many pages; few of them measure
nb_execution_allow_errors = True  # not all of these pages run everywhere; the log names each

sources = [Path(path).resolve() for path in os.environ["D2L_SOURCES"].split(os.pathsep)]
book_languages = {read(path).language: (str(path), ".md") for path in sources}
book_root = str(ROOT)
# The Chinese book counts by itself, and is written for this version.
book_pins = {"d2l": "0.17.6" if release == "2.0.0" else release}
book_file_names = "path"
book_licences = {"text": (f"{author}, CC BY-SA 4.0", book["book_licences"]["text"][1]),
                 "code": ("MIT-0", "https://opensource.org/license/mit-0")}

html_math_renderer = "mathml"
html_title = html_short_title = project
templates_path = [str(ROOT / "_templates")]
html_static_path = [str(ROOT / "_static")]

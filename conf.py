"""Settings of the book. One build per language: BOOK_LANGUAGE is `vi` or `en`."""
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # `book` and `tabcells`, wherever Sphinx starts
from book import frameworks

language = os.environ.get("BOOK_LANGUAGE", "vi")
locale_dirs = ["locale"]
vietnamese = language == "vi"

project = "Song song hóa tự động" if vietnamese else "Automatic parallelism"
author = "Nhóm tác giả cuốn sách" if vietnamese else "The authors of this book"
version = "0.1.0"
# What is built takes its licences from here; tests/book/unit/test_licences.py compares.
book_licences = {"text": ("CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0/"),
                 "code": ("MIT", "https://opensource.org/license/mit")}
extensions = ["tabcells", "myst_nb", "sphinx_tabs.tabs", "book",
              "sphinxcontrib.bibtex", "sphinx_copybutton"]

# name.md is Vietnamese, name.en.md English: the same docname, `name`, in both builds.
suffix = ".md" if vietnamese else ".en.md"
source_suffix = {suffix: "myst-nb"}
include_patterns = [name + suffix for name in (
    "index", "references", "tabcells", "colophon", "chapter_*/*")]
exclude_patterns = [".*", "_build"] + ["**.en.md"] * vietnamese  # folders: not looked into

myst_enable_extensions = ["attrs_block", "attrs_inline", "colon_fence", "dollarmath"]
nb_execution_mode = "off"  # pages without tabs hold no code
nb_output_stderr = "show"
nb_merge_streams = True  # one block for what a cell printed, as in a notebook
nb_render_markdown_format = "gfm"  # tables in outputs
nb_code_prompt_show, nb_code_prompt_hide = (
    ("Mã dùng để đo", "Thu mã dùng để đo") if vietnamese else
    ("The code that measured this", "Hide the code that measured this"))
numfig = True
numfig_secnum_depth = 1
numfig_format = ({"figure": "Hình %s", "table": "Bảng %s", "section": "Phần %s",
                  "code-block": "Đoạn mã %s"} if vietnamese else
                 {"figure": "Figure %s", "table": "Table %s", "section": "Section %s"})
bibtex_bibfiles = ["references.bib"]
# `make linkcheck`: bounded, and a link not to try stands here with its date and reason.
linkcheck_timeout, linkcheck_retries, linkcheck_workers = 15, 2, 4
linkcheck_rate_limit_timeout = 60
linkcheck_ignore = [
    r"\.\./traces/.*",  # 2026-11-24: no page, but written beside the pages by `make html`
]
bibtex_reference_style = f"author_year_{language}"
bibtex_default_style = f"alpha_{language}"
copybutton_selector = ("div.cell_input pre, "
                       "article > section div[class*=highlight-]:not(.output) pre")
copybutton_exclude = ".linenos, .gp, .go"

tabcells_tabs = frameworks.tabs(Path(__file__).parent)  # frameworks/NAME.toml
tabcells_timeout = 1200  # seconds a cell: ends what hangs, not what runs on a busy machine
tabcells_execution = os.environ.get("BOOK_EXECUTION", "cache")
tabcells_gateway = os.environ.get("BOOK_GATEWAY", "")
tabcells_output = "book.machines.render_output"
tabcells_label = "Framework"
tabcells_only = "Chỉ có với {}." if vietnamese else "With {} only."
tabcells_left_out = (
    "Mã script và CSS của kết quả này được lược bỏ ở đây." if vietnamese else
    "Scripts and styles of this output are left out here.")
tabcells_provenance = (
    "{{.provenance}}\n**Kết quả này chạy ở đâu.** {state} Bộ xử lý: {processor}, {cores} lõi; "
    "GPU: {gpus}. {versions}. Chạy {date}, mất {seconds} giây; mã nguồn: {commit}."
    if vietnamese else
    "{{.provenance}}\n**Where this ran.** {state} Processor: {processor}; cores: {cores}; "
    "GPU: {gpus}. {versions}. Run on {date}, in {seconds} seconds; source: {commit}.")
tabcells_states = {
    "new": "Các số liệu được đo ngay trong lần dựng này.",
    "kept": "Các số liệu được giữ lại từ một lần chạy trước; từ đó đến nay mã, các gói và "
            "loại máy không đổi.",
    "other": "Các số liệu được giữ lại từ một lần chạy trước của chính mã này, với các gói "
             "khác hoặc trên máy khác; lần dựng này không chạy mã.",
} if vietnamese else {
    "new": "The numbers were measured in this build.",
    "kept": "The numbers are kept from an earlier run; the code, the packages and the class of "
            "machine are the same since.",
    "other": "The numbers are kept from an earlier run of this code, with other packages or on "
             "another machine; this build executed nothing.",
}
tabcells_none = "không có" if vietnamese else "none"
tabcells_cut = ("*Kết quả bị cắt ở đây, còn {dropped} MB nữa; mỗi ô mã được giữ {limit} MB.*"
                if vietnamese else
                "*Cut here: {dropped} MB more; of each cell {limit} MB are kept.*")
tabcells_missing = (
    "*Mã này không được chạy ở đây và chưa có kết quả nào được lưu.*" if vietnamese else
    "*Not executed here, and no outputs are on record.*")

book_url = os.environ.get("BOOK_URL", "")
book_began = os.environ.get("BOOK_BEGAN", "")
# Where the built site is kept, for links that open a notebook elsewhere (CONTRIBUTING).
book_repository = os.environ.get("BOOK_REPOSITORY", "")
book_branch = os.environ.get("BOOK_BRANCH", "gh-pages")
# The kinds of editions that pages link to: `make site` makes them and says so.
book_editions = os.environ.get("BOOK_EDITIONS", "").split()

html_math_renderer = "mathml"
html_theme = "furo"
html_title = ("Song song hóa tự động trong các framework học sâu" if vietnamese else
              "Automatic parallelism of deep learning frameworks")
html_short_title = project
html_use_index = False
templates_path = ["_templates"]
html_sidebars = {"**": [f"sidebar/{part}.html" for part in (
    "brand", "language", "search", "scroll-start", "navigation", "scroll-end")]}
html_static_path = ["_static"]
html_css_files = ["book.css", ("print.css", {"media": "print"})]
html_js_files = ["book.js"]
html_copy_source = False
html_show_sourcelink = False

epub_css_files = ["ebook.css"]
epub_description = ("Các framework học sâu dùng nhiều thiết bị cùng lúc ra sao: mỗi ô mã có MXNet "
                    "và PyTorch, kèm kết quả chạy thật." if vietnamese else
                    "How deep learning frameworks use several devices at the same time: every cell "
                    "in MXNet and PyTorch, with its real output.")
epub_uid = "book"
epub_identifier = "urn:uuid:" + ("cda6a52e-0291-4161-8f25-f4d936973646" if vietnamese else
                                 "2f3cf7b4-ef96-44b8-882f-e65de8c1dc05")
epub_contributor = author
epub_show_urls = "no"
epub_use_index = False

"""After any edits a build leaves the files of a clean build, byte for byte; and nothing else.

Edits are drawn at random from a list that has one or more of each input of a book, and a clean
build of the same sources stands beside each build. `INCREMENTAL_EDITS=60` makes that many edits,
one a build (two seconds each); `INCREMENTAL_SEED` draws others.
"""
import json
import os
import random
import re
import shutil

import pytest
from conftest import ROOT

EDITS = int(os.environ.get("INCREMENTAL_EDITS", "0"))
SEED = int(os.environ.get("INCREMENTAL_SEED", "1"))
CONF = """
import os, sys
extensions += ["book", "sphinxcontrib.bibtex"]
language = "vi"
html_title = "Title"
source_suffix = {".md": "myst-nb"}
exclude_patterns += ["**.en.md"]
myst_enable_extensions += ["attrs_block", "dollarmath"]
tabcells_execution = "off"
tabcells_tabs = {"a": {"label": "Tab A", "kernel": "stub-a"}}
book_began = "2026-01-01T00:00:00+00:00"
locale_dirs = ["locale"]
numfig = True
bibtex_bibfiles = ["books.bib"]
bibtex_default_style = "alpha_vi"
bibtex_reference_style = "author_year_vi"
html_theme = "furo"
html_math_renderer = "mathml"
html_use_index = True
html_logo = "img/figure.svg"
html_additional_pages = {}
templates_path = ["_templates"]
html_static_path = ["_static"]
html_css_files = ["book.css"]
html_sidebars = {"**": ["sidebar/language.html", "sidebar/navigation.html"]}
"""
FRAMEWORK = """order = 1
label = "Stub"
kernel = "stub-a"
module = "json"
versions = []
python = ["3.9", "3.99"]
pinned = []
gpus = "[]"
"""
BOOK = """@book{{{key}, author = {{{author}}}, title = {{{title}}}, year = {{2001}},
  publisher = {{P}}}}
"""
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="9"></svg>\n'
RECORD = {"name": "machine", "date": "2026-01-02", "runs": [], "timelines": [], "measurements": [],
          "machine": {"processor": "P", "cores": 2, "gpus": []}}
CELL = "```{code-cell} python\n:tab: a\n\nprint(%s)\n```\n"
TARGET = """(label)=
## Section {0}

(picture)=
```{{figure}} img/figure.svg
Caption {0}
```

$$a = {0}$$ (equation)

```{{glossary}}
term
  Meaning {0}
```
"""
FRONT = "---\nfile_format: mystnb\n---\n"


class Book:
    """A project, and edits of it; each leaves it without a warning."""

    def __init__(self, project, seed):
        self.project, self.folder, self.random = project, project.folder, random.Random(seed)
        self.count = 0
        self.pages, self.numbered = [], ""
        conf = self.folder / "conf.py"
        self.write("conf.py", conf.read_text() + CONF)
        shutil.copytree(ROOT / "_templates", self.folder / "_templates")
        for file in (self.folder / "_templates").rglob("*.html"):  # newer than any page
            os.utime(file, (1e9, 1e9))
        self.write("_static/book.css", "a { color: red }\n")
        self.write("locale/vi/LC_MESSAGES/sphinx.po", 'msgid ""\nmsgstr ""\n'
                   '"Content-Type: text/plain; charset=utf-8\\n"\n\n'
                   'msgid "On this page"\nmsgstr "Trong trang này"\n')
        self.write("requirements.txt", "")
        self.write("frameworks/a.toml", FRAMEWORK)
        self.write("books.bib", BOOK.format(key="one", author="Nguyen, A.", title="One"))
        self.write("img/figure.svg", SVG.format(1))
        self.write("more/figure.svg", SVG.format(2))
        self.write("code.txt", "literal\n")
        self.write("records/r.json", json.dumps(RECORD))
        self.write("target.md", FRONT + "# Target\n\n" + TARGET.format(0))
        self.write("refs.md", FRONT + (
            "# References\n\n{ref}`label`, {numref}`picture`, {eq}`equation`, {term}`term`, "
            "{doc}`target`, {cite:t}`one`, {download}`code.txt`.\n\n"
            "```{literalinclude} code.txt\n```\n\n```{include} part.txt\n```\n"))
        self.write("part.txt", "Included.\n")
        self.write("cells.md", FRONT + "# Cells\n\n" + CELL % 0 + "\n```{machines}\n```\n")
        self.write("books.md", FRONT + "# Books\n\n```{bibliography}\n```\n")
        for _ in range(3):
            self.add_a_page()

    def write(self, name, text):
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def change(self, name, pattern, new):
        text = (self.folder / name).read_text("utf-8")
        changed = re.sub(pattern, new, text, count=1, flags=re.M)
        assert changed != text, (name, pattern)
        self.write(name, changed)

    def number(self):
        self.count += 1
        return self.count

    def contents(self):
        """The first page: all others in their order."""
        self.write("index.md", FRONT + "# Contents\n\n```{toctree}\n" + self.numbered + "\n".join(
            ["", *self.pages, "target", "refs", "cells", "books"]) + "\n```\n")

    def any_page(self):
        return self.random.choice(self.pages)

    # Pages
    def edit_prose(self):
        self.change(f"{self.any_page()}.md", r"^Prose.*", f"Prose {self.number()}.")

    def retitle(self):
        self.change(f"{self.any_page()}.md", "^# .*", f"# Title {self.number()}")

    def retitle_a_section(self):
        self.change(f"{self.any_page()}.md", "^## .*", f"## Section {self.number()}")

    def add_a_section(self):
        self.change(f"{self.any_page()}.md", "^## ", f"## New {self.number()}\n\nText.\n\n## ")

    def add_a_page(self):
        number = self.number()
        name = self.random.choice(["page-{}", "part/page-{}", "a-{}"]).format(number)
        self.write(f"{name}.md", f"{FRONT}# Page {number}\n\nProse.\n\n## Section\n\n"
                   f"![picture](/{self.random.choice(['img', 'more'])}/figure.svg)\n\n"
                   + CELL % number * (number % 2))
        self.pages.insert(self.random.randrange(len(self.pages) + 1), name)
        self.contents()

    def delete_a_page(self):
        if len(self.pages) < 2:
            self.add_a_page()
        name = self.any_page()
        (self.folder / f"{name}.md").unlink()
        (self.folder / f"{name}.en.md").unlink(missing_ok=True)
        self.pages.remove(name)
        self.contents()

    def rename_a_page(self):
        name, new = self.any_page(), f"renamed-{self.number()}"
        (self.folder / f"{name}.md").rename(self.folder / f"{new}.md")
        self.pages[self.pages.index(name)] = new
        self.contents()

    def reorder(self):
        self.pages.append(self.pages.pop(0))
        self.contents()

    def number_sections(self):
        self.numbered = "" if self.numbered else ":numbered:\n"
        self.contents()

    def put_an_older_page_in_its_place(self):
        file = self.folder / f"{self.any_page()}.md"
        self.change(file.name if file.parent == self.folder else f"part/{file.name}",
                    r"^# .*", f"# Older {self.number()}")
        os.utime(file, (1.1e9 + self.number(), 1.1e9))

    def translate_a_page(self):
        """Its twin comes, or goes."""
        twin = self.folder / f"{self.any_page()}.en.md"
        if twin.exists():
            twin.unlink()
        else:
            twin.write_text("# English\n")

    # What pages take from each other and from files
    def edit_what_is_referred_to(self):
        self.write("target.md", FRONT + f"# Target {self.number()}\n\n"
                   + "$$b$$ (first)\n\n" * (self.number() % 2) + TARGET.format(self.number()))

    def edit_the_glossary(self):
        self.change("target.md", "^  Meaning.*", f"  Meaning {self.number()}")

    def edit_the_bibliography(self):
        self.write("books.bib", BOOK.format(
            key="one", author=f"Tran{'abcdefghij'[self.number() % 10]}, B.", title=self.number()))

    def cite_another(self):
        key = f"key{self.number()}"
        text = (self.folder / "books.bib").read_text()
        self.write("books.bib", text + BOOK.format(key=key, author="Nguyen, A.", title=key))
        self.change("cells.md", "^# .*", f"# Cells {{cite:t}}`{key}`")

    def cite_none(self):
        self.change("cells.md", "^# .*", f"# Cells {self.number()}")

    def edit_an_included_file(self):
        self.write(self.random.choice(["part.txt", "code.txt"]), f"Included {self.number()}.\n")

    def edit_an_image(self):
        self.write(f"{self.random.choice(['img', 'more'])}/figure.svg", SVG.format(self.number()))

    def show_another_image(self):
        """One of a name that another folder has too, on a page that is read early, or none."""
        name = self.any_page()
        new = self.random.choice(["![i](/img/figure.svg)", "![m](/more/figure.svg)", "Prose"])
        self.change(f"{name}.md", "^## ", f"{new} {self.number()}\n\n## ")

    def drop_images(self):
        for name in self.pages:
            file = self.folder / f"{name}.md"
            text = file.read_text("utf-8")
            if "/more/" in text:
                file.write_text(re.sub(r"!.*/more/.*", "", text), "utf-8")

    def edit_a_cell(self):
        self.change("cells.md", r"^print.*", f"print({self.number()})")

    def leave_cells_out(self):
        for name in self.pages:
            file = self.folder / f"{name}.md"
            text = file.read_text("utf-8")
            if ":tab:" in text:
                file.write_text(text[:text.index("```{code")], "utf-8")

    def edit_records(self):
        number = self.number()
        if number % 3 == 0 and (self.folder / "records/r.json").exists():
            (self.folder / "records/r.json").unlink()
        else:
            name = f"records/{self.random.choice('rst')}.json"
            self.write(name, json.dumps({**RECORD, "name": f"machine {number} {name}"}))

    # What stands around pages, and what they are read with
    def edit_a_template(self):
        self.change("_templates/sidebar/navigation.html", "^<div.*",
                    f'<div class="sidebar-tree n{self.number()}">')

    def replace_a_template_by_an_older_one(self):
        name = "_templates/sidebar/language.html"
        self.write(name, f"<p>{self.number()}</p>")
        os.utime(self.folder / name, (1e9, 1e9))

    def take_a_template_away_or_back(self):
        """Furo has one of this name, which then stands in."""
        name = "_templates/partials/icons.html"
        file = self.folder / name
        if file.exists():
            file.unlink()
        else:
            shutil.copy2(ROOT / name, file)
            os.utime(file, (1e9, 1e9))

    def edit_a_style_sheet(self):
        self.write("_static/book.css", f"a {{ top: {self.number()}px }}\n")

    def exchange_static_files(self):
        for file in (self.folder / "_static").glob("other*"):
            file.unlink()
        self.write(f"_static/other-{self.number()}.txt", "text\n")

    def exchange_the_logo(self):
        name = f"logo-{self.number()}.svg"
        self.write(name, SVG.format(self.number()))
        self.change("conf.py", "^html_(logo|favicon).*",
                    f'html_{self.random.choice(["logo", "favicon"])} = "{name}"')

    def have_an_index_or_none(self):
        used = "html_use_index = True" in (self.folder / "conf.py").read_text("utf-8")
        self.change("conf.py", "^html_use_index.*", f"html_use_index = {not used}")

    def have_a_page_more_or_none(self):
        self.write("_templates/more.html", "<!doctype html><title>More</title>\n")
        pages = {} if self.count % 2 else {f"more-{self.number()}": "more.html"}
        self.change("conf.py", "^html_additional_pages.*",
                    f"html_additional_pages = {pages}  # {self.number()}")

    def edit_translations(self):
        self.change("locale/vi/LC_MESSAGES/sphinx.po", 'msgstr "Trong.*',
                    f'msgstr "Trong trang {self.number()}"')

    def configure(self):
        self.change("conf.py", *self.random.choice([
            ("^html_title.*", f'html_title = "Title {self.number()}"'),
            (r'"label": "Tab [^"]*", "kernel": "stub-a"\}\}',
             f'"label": "Tab {self.number()}", "kernel": "stub-a"}}}}'),
            ("^book_began", f'book_licences = {{"text": ("T{self.number()}", "https://t"), '
             '"code": ("C", "https://c")}\nbook_began'),
            ("^numfig.*", f'numfig = True\nnumfig_format = {{"figure": "F{self.number()} %s"}}'),
            ("^bibtex_default_style.*", "bibtex_default_style = "
             f'"{["alpha", "plain", "alpha_vi"][self.number() % 3]}"  # {self.number()}'),
            ("^html_use_index", f"html_last_updated_fmt = '{self.number()}'\nhtml_use_index"),
            ("^book_began", f'tabcells_missing = "None {self.number()}"\nbook_began')]))

    def change_the_language(self):
        conf = (self.folder / "conf.py").read_text("utf-8")
        new = '"en"' if 'language = "vi"' in conf else '"vi"'
        self.change("conf.py", "^language = .*", f"language = {new}")

    def edit_old_addresses(self):
        self.write("addresses.tsv", f"target\told-{self.number()}\tlabel\n")

    def edit_synonyms(self):
        self.write("synonyms.tsv", f"number {self.number()}\tsố\n")

    def edit_a_framework(self):
        self.change("frameworks/a.toml", "^gpus.*", f'gpus = "[{self.number()}]"')

    def add_a_requirement(self):
        self.write("requirements.txt", f"package-{self.number()}==1\n")


#: After each of these lists but PAGES all pages are written or read: what they hide is in another.
EVERYWHERE = ["configure", "change_the_language", "edit_old_addresses", "configure",
              "exchange_the_logo", "have_an_index_or_none", "have_a_page_more_or_none"]
TRANSLATIONS = ["edit_translations"]
NUMBERS = ["number_sections"]
AROUND = ["edit_a_template", "replace_a_template_by_an_older_one", "take_a_template_away_or_back",
          "edit_a_style_sheet", "exchange_static_files", "edit_a_framework", "add_a_requirement",
          "leave_cells_out", "edit_an_included_file"]
PAGES = ["edit_prose", "retitle", "retitle_a_section", "add_a_section", "add_a_page",
         "delete_a_page", "rename_a_page", "reorder",
         "put_an_older_page_in_its_place", "translate_a_page", "edit_what_is_referred_to",
         "edit_the_glossary", "edit_the_bibliography", "cite_another", "cite_none",
         "edit_an_image", "show_another_image", "drop_images", "edit_a_cell", "edit_records",
         "edit_synonyms"]


def files(folder):
    """{path: content} of the site; what a build says of itself holds dates."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*")
            if file.is_file() and ".doctrees" not in file.parts
            and file.name not in ("status.json", ".buildinfo.bak")}


def build(book, out):
    done = book.project.build(out=out)
    assert done.returncode == 0, done.stdout + done.stderr
    return files(book.folder / out)


def differences(book):
    """Files that the build here and a clean one do not have alike."""
    here, clean = build(book, "out"), build(book, "out-clean")
    shutil.rmtree(book.folder / "out-clean")
    return sorted(name for name in here.keys() | clean.keys() if here.get(name) != clean.get(name))


def dates(book):
    """When each page was written; those that have no source are written by every build."""
    return {file: file.stat().st_mtime_ns for file in (book.folder / "out").rglob("*.html")
            if not file.name.startswith(("search", "genindex", "more-"))}


@pytest.fixture
def book(project):
    return Book(project, SEED)


def test_a_build_after_edits_equals_a_clean_build(book):
    """Each kind of edit once, a few a build; or one a build, as many as you like."""
    steps = [book.random.sample(kinds, len(kinds))
             for kinds in (PAGES, AROUND, TRANSLATIONS, NUMBERS, EVERYWHERE)]
    if EDITS:
        kinds = [*PAGES, *AROUND, *TRANSLATIONS, *NUMBERS, *EVERYWHERE]
        steps = [[book.random.choice(kinds)] for _ in range(EDITS)]
    build(book, "out")
    wrong = {}
    for step, edits in enumerate(steps):
        for edit in edits:
            getattr(book, edit)()
        if names := differences(book):
            wrong[f"{step}: {', '.join(edits)}"] = names
            shutil.rmtree(book.folder / "out")
            build(book, "out")
    assert wrong == {}
    written = dates(book)
    build(book, "out")
    assert dates(book) == written, "a build without edits wrote pages"


def test_an_edition_shows_the_pages_as_the_site_read_them(book):
    """A theme brings extensions of its own, an e-book has another: no page is read for that."""
    conf = book.folder / "conf.py"
    conf.write_text(conf.read_text() + 'copyright, version = "Author", "1"\n')
    build(book, "out")
    done = book.project.build("-D", "templates_path=", builder="epub", out="out-epub",
                              doctrees="out/.doctrees")
    assert "0 added, 0 changed, 0 removed" in done.stdout, done.stdout + done.stderr

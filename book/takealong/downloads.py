"""Take code along: per page and tab a notebook and a script, and the row of links to them.

They lie in ``notebooks/`` of the language's site and are written with the page, in the
page's language.  ``frameworks/`` says how a reader's computer gets them; a project
without that folder has no downloads.  `book_root` names the folder in which it lies, where that
isn't the pages' own; `book_pins` has versions that hold in the place of requirements.txt's.
Links that open them at Kaggle and Colab are there where ``book_repository`` names a GitHub
repository that holds the site at ``book_branch``.
"""

from __future__ import annotations

import mimetypes
import re
from html import escape
from pathlib import Path
from urllib.parse import quote, unquote

import nbformat
from docutils import nodes
from sphinx.config import ENUM
from sphinx.errors import ConfigError, ExtensionError
from sphinx.locale import _

from tabcells.sphinx_ext import page_of

from .. import frameworks
from ..licences import markdown, sentence
from ..site import for_site, spoken, write_if_changed
from .notebooks import notebook, script
from .prose import Form, Page, blocks
from .setup_cell import PROBE, modules

FOLDER = "notebooks"
#: What a file is called, in both languages, and how its name ends.
FORMS = {"Notebook": "ipynb", "Script": "py"}
_REPOSITORY = re.compile(r"https://github\.com/([\w.-]+)/([\w.-]+?)(?:\.git)?/?")


def tabs_of(app, docname) -> dict[str, list[nbformat.NotebookNode]]:
    """``{tab: its code cells}`` of a page's source; {} where there is nothing to take along."""
    if Path(app.env.doc2path(docname)).suffix != ".md" or not frameworks.are_told(
            frameworks.root_of(app)):
        return {}
    page = page_of(app, docname)
    return {tab: [page.notebook.cells[i] for i in positions]
            for tab, positions in page.cells_of.items()} if page else {}


def file_name(config, docname, tab, suffix) -> str:
    """Where a file lies in the site of its language.

    `book_file_names` says what it is called by: the page's own name, or its whole path.
    """
    name = (docname.replace("/", "-") if config.book_file_names == "path"
            else docname.rpartition("/")[2])
    return f"{FOLDER}/{name}.{tab}.{suffix}"


def launch(repository, branch, path) -> dict[str, str]:
    """``{place: address}`` at which ``path`` of a GitHub repository opens; {} without one."""
    match = _REPOSITORY.fullmatch(repository)
    if not match:
        return {}
    place = f"{match[1]}/{match[2]}/blob/{quote(f'{branch}/{path}')}"
    return {"Kaggle": f"https://kaggle.com/kernels/welcome?src=https://github.com/{place}",
            "Colab": f"https://colab.research.google.com/github/{place}"}


def add_row(app, doctree, docname) -> None:
    """Put the links under the page's title."""
    title = next(iter(doctree.findall(nodes.title)), None)
    if title is not None and for_site(app.builder) and (tabs := tabs_of(app, docname)):
        row = nodes.raw("", row_html(app.config, docname, tabs), format="html")
        title.parent.insert(title.parent.index(title) + 1, row)


def row_html(config, docname, tabs) -> str:
    """The row of a page: a list item per framework, each with its links."""
    row, up = _("Take the code along"), "../" * docname.count("/")
    items = []
    for tab in tabs:
        label = escape(config.tabcells_tabs[tab]["label"])
        links = [f'<a href="{up}{quote(file_name(config, docname, tab, suffix))}" download '
                 f'aria-label="{form}, {label}">{form}</a>' for form, suffix in FORMS.items()]
        path = f"{config.language}/{file_name(config, docname, tab, 'ipynb')}"
        for place, address in launch(config.book_repository, config.book_branch, path).items():
            name = _("Open in {place}").format(place=place)
            links.append(f'<a href="{escape(address)}" aria-label="{name}, {label}">{name}</a>')
        items.append(f"<li>{label}: {' · '.join(links)}</li>")
    return (f'<nav class="take-along" aria-label="{row}"><span>{row}</span>'
            f'<ul>{"".join(items)}</ul></nav>')


def write(app, docname, template, context, doctree) -> None:
    """Write a page's files while its rendered body is at hand."""
    if not doctree or not for_site(app.builder) or not (tabs := tabs_of(app, docname)):
        return
    config = app.config
    page = Page(context["body"],
                config.html_baseurl and f"{config.html_baseurl.rstrip('/')}/{quote(docname)}.html")
    pictures = {name: uri for uri, name in app.builder.images.items()}

    def picture(source) -> tuple[bytes, str | None] | None:
        uri = pictures.get(unquote(source.rpartition("/")[2]))
        return uri and (Path(app.srcdir, uri).read_bytes(), mimetypes.guess_type(uri)[0])

    written = [page.written(Form(picture)),
               page.written(Form(picture, width=88, pictures=False))]
    for tab, cells in tabs.items():
        try:
            texts = notebook_and_script(app, docname, tab, cells,
                                        *(blocks(parts, tab) for parts in written))
        except ValueError as error:
            raise ExtensionError(f"{docname}, tab {tab}: {error}") from error
        for text, suffix in zip(texts, FORMS.values(), strict=True):
            write_if_changed(Path(app.outdir, file_name(config, docname, tab, suffix)), text)


def notebook_and_script(app, docname, tab, cells, for_notebook, for_script) -> tuple[str, str]:
    """The text of a tab's notebook and of its script.

    :param cells: the code cells of the tab, from the source
    :param for_notebook: what ``prose.blocks`` yields of the page as it is written for notebooks
    :param for_script: the same as it is written for scripts
    """
    config, root, language = app.config, frameworks.root_of(app), spoken(app.config.language)
    framework = frameworks.read(root)[tab]
    written, to_run = (
        notebook(root, framework, cells, page_blocks, language, sentence(config, markdown),
                 config.book_pins) for page_blocks in (for_notebook, for_script))
    return nbformat.writes(written) + "\n", script(to_run, language, framework, docname)


def note_sources(app, doctree) -> None:
    """Note what a page's files are called, and what they are made from: it outdates the page."""
    config, docname = app.config, app.env.docname
    tabs = tabs_of(app, docname)
    if not tabs:
        return
    app.env.metadata[docname]["downloads"] = [
        file_name(config, docname, tab, suffix) for tab in tabs for suffix in FORMS.values()]
    root = frameworks.root_of(app)
    sources = [*modules(root / "evidence"), PROBE, *root.glob("kernels/**/*"),
               *root.glob("book/**/*.py"), *root.glob(f"{frameworks.FOLDER}/*"),
               *root.glob("imports.toml"), *root.glob("requirements*.txt")]
    app.env.dependencies.setdefault(docname, set()).update(p for p in sources if p.is_file())


def check(app, env) -> None:
    """Two pages whose files would have one name; a repository that is none."""
    names = {}
    for docname in sorted(env.found_docs):
        for tab in tabs_of(app, docname):
            name = file_name(app.config, docname, tab, "ipynb")
            if names.setdefault(name, docname) != docname:
                raise ExtensionError(f"{docname} and {names[name]}: both would write {name}")


def check_repository(app, config) -> None:
    """Refuse an address from which no launch link can be made."""
    if config.book_repository and not _REPOSITORY.fullmatch(config.book_repository):
        raise ConfigError("book_repository must be https://github.com/OWNER/REPOSITORY, "
                          f"got {config.book_repository!r}")


def setup(app) -> None:
    app.add_config_value("book_repository", "", "html", [str])
    app.add_config_value("book_branch", "gh-pages", "html", [str])
    app.add_config_value("book_pins", {}, "env", [dict])
    app.add_config_value("book_file_names", "name", "env", ENUM("name", "path"))
    app.connect("config-inited", check_repository)
    app.connect("doctree-read", note_sources)
    app.connect("doctree-resolved", add_row)
    app.connect("env-check-consistency", check)
    app.connect("html-page-context", write)

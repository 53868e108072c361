"""What every page needs around its text: its twins in the other languages, and few files.

`book_url` is where the site will be, all languages beside each other under it; without it
all links are relative, and the site works from a folder.  `book_languages` has of each language
the folder of its sources, from that of the pages, and the suffix of their files.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from babel import Locale, UnknownLocaleError
from docutils import nodes
from sphinx.errors import ConfigError
from sphinx.locale import _

#: What the book's file for print or an e-reader is called, without its suffix.
EDITIONS = {"en": "automatic-parallelism.en", "vi": "song-song-hoa-tu-dong.vi"}
LANGUAGES = {"vi": ("", ".md"), "en": ("", ".en.md")}
#: Files of Sphinx and Furo that only their search, or extensions not used here, need.
UNUSED = {"_static/documentation_options.js", "_static/doctools.js",
          "_static/sphinx_highlight.js", "_static/translations.js",
          "_static/styles/furo-extensions.css"}


def languages_of(app, pagename) -> list[str]:
    """The languages in which there is a page of this name, in the order of the setting."""
    return [language for language, (folder, suffix) in app.config.book_languages.items()
            if pagename == "search" or Path(app.srcdir, folder, pagename + suffix).exists()]


def name_of(language) -> str:
    """What a language calls itself: "Tiếng Việt"."""
    try:
        name = Locale.parse(language.replace("-", "_")).get_language_name() or language
    except (UnknownLocaleError, ValueError):
        return language
    return name[0].upper() + name[1:]


def address(app, language, pagename) -> str:
    """The address of a page in ``language``: absolute with ``book_url``, else from that page."""
    if app.config.book_url:
        return f"{app.config.book_url}/{language}/{quote(pagename)}.html"
    return f"{'../' * (pagename.count('/') + 1)}{language}/{quote(pagename)}.html"


def description(pagename, doctree) -> str:
    """What front matter (`myst: html_meta: description`) says of a page."""
    if pagename == "search":
        return _("Search the chapter; Vietnamese may be typed without its marks.")
    metas = doctree.findall(nodes.meta) if doctree else ()
    return next((node["content"] for node in metas if node.get("name") == "description"), "")


def foot_links(config, pagename) -> list[tuple[str, str]]:
    """What each page offers at its foot, as labels and addresses.

    The book as one file, of each kind in ``book_editions``; where the sources are and mistakes
    are reported, if ``book_repository`` says it.
    """
    up = "../" * pagename.count("/")
    repository = getattr(config, "book_repository", "").rstrip("/")  # of book.takealong
    links = [(kind.upper(), f"{up}{EDITIONS[config.language]}.{kind}")
             for kind in config.book_editions]
    if repository:
        repository = repository.removesuffix(".git")
        page = quote(f"{config.language}/{pagename}: ", safe="")
        links += [(_("Source code"), repository),
                  (_("Report a mistake"), f"{repository}/issues/new?title={page}")]
    return links


def page_context(app, pagename, templatename, context, doctree) -> None:
    language, languages = app.config.language, languages_of(app, pagename)
    up = "../" * (pagename.count("/") + 1)
    context.update(
        book_url=app.config.book_url, description=description(pagename, doctree), alternates={},
        foot_links=foot_links(app.config, pagename),
        twins=[(code, name_of(code), f"{up}{code}/{quote(pagename)}.html")
               for code in languages if code != language])
    if context["twins"]:
        context["alternates"] = {code: address(app, code, pagename) for code in languages}
        # No language of these? The first page lets the reader choose; the others speak English.
        first = app.config.book_url or up.rstrip("/")
        context["alternates"]["x-default"] = (
            f"{first}/index.html" if pagename == app.config.root_doc
            else address(app, "en" if "en" in languages else language, pagename))
    for files in ("script_files", "css_files"):
        # In place: what others add to this page later goes into the same list.
        context[files][:] = [f for f in context[files] if str(f.filename) not in UNUSED]


def unmark_metas(app, doctree, docname) -> None:
    """Drop what Sphinx notes of a translation: docutils writes it as an attribute of `<meta>`."""
    for node in doctree.findall(nodes.meta):
        node.attributes.pop("translated", None)


def check_address(app, config) -> None:
    if config.book_url and not config.book_url.startswith(("http://", "https://")):
        raise ConfigError(f"book_url {config.book_url!r} must start with http:// or https://")
    config.book_url = config.book_url.rstrip("/")
    if config.book_url:
        config.html_baseurl = f"{config.book_url}/{config.language}/"


def setup(app) -> None:
    app.add_config_value("book_url", "", "html", [str])
    app.add_config_value("book_editions", [], "html", [list])
    app.add_config_value("book_languages", LANGUAGES, "html", [dict])
    app.connect("config-inited", check_address)
    app.connect("doctree-resolved", unmark_metas)
    app.connect("html-page-context", page_context)
